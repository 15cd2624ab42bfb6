# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# moved-host - an address goes from one host to another: the first gives it up before.

packages busybox
host leaves 180 bare
host arrives 181 bare

expect <<-END
	leaves	address.ipv4	10.77.0.190
	arrives	address.ipv4	10.77.0.190
	arrives	change		address-moved
END

# what is concluded of them
expect <<-END
	leaves	unknowable	os ARP is the same from every system
	leaves	unknowable	type nothing on the wire says what kind of machine it is
	leaves	unknowable	runs ARP does not name the program
	leaves	unknowable	does ARP alone
	arrives	unknowable	os ARP is the same from every system
	arrives	unknowable	type nothing on the wire says what kind of machine it is
	arrives	unknowable	runs ARP does not name the program
	arrives	unknowable	does ARP alone
END

run() {
	for h in leaves arrives; do
		ip -n $h address add 10.77.0.190/24 dev eth0
		at $h busybox arping -A -c 4 -I eth0 10.77.0.190
		ip -n $h address del 10.77.0.190/24 dev eth0
		sleep 4
	done
}
