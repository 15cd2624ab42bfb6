# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# coturn - a STUN server, and a host that asks as whom it is seen.

packages coturn
host stun 88
host inside 89

expect <<-END
	stun	stun.software	Coturn-$(version coturn) 'Gorst'
END

# what is concluded of them
expect <<-END
	stun	runs	Coturn $(version coturn)
	stun	os	Linux
	stun	does	relay-server
	stun	unknowable	type nothing on the wire says what kind of machine it is
	inside	os	Linux
	inside	unknowable	type nothing on the wire says what kind of machine it is
	inside	unknowable	runs STUN does not name the program
	inside	unknowable	does it only asks others
END

run() {
	start stun turnserver -n --no-cli --listening-ip="$(ip4 stun)" --pidfile="$dir/pid" --log-file=stdout --db "$dir/db" --no-tls --no-dtls
	listening stun udp 3478
	at inside timeout 20 turnutils_stunclient "$(ip4 stun)"
}
