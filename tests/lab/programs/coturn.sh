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
END

run() {
	start stun turnserver -n --no-cli --listening-ip="$(ip4 stun)" --pidfile="$dir/pid" --log-file=stdout --db "$dir/db" --no-tls --no-dtls
	listening stun udp 3478
	at inside timeout 20 turnutils_stunclient "$(ip4 stun)"
}
