# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# duplicate-address - two hosts have the same address, and both say so.

packages busybox
host twin-a 182 bare
host twin-b 183 bare

expect <<-END
	twin-a	address.ipv4	10.77.0.191
	twin-b	address.ipv4	10.77.0.191
	twin-b	change		address-duplicate
END

# what is concluded of them
expect <<-END
	twin-a	unknowable	os ARP is the same from every system
	twin-a	unknowable	type nothing on the wire says what kind of machine it is
	twin-a	unknowable	runs ARP does not name the program
	twin-a	unknowable	does ARP alone
	twin-b	unknowable	os ARP is the same from every system
	twin-b	unknowable	type nothing on the wire says what kind of machine it is
	twin-b	unknowable	runs ARP does not name the program
	twin-b	unknowable	does ARP alone
END

run() {
	for h in twin-a twin-b; do
		ip -n $h address add 10.77.0.191/24 dev eth0
	done
	for _ in 1 2 3 4; do
		for h in twin-a twin-b; do
			at $h busybox arping -A -c 1 -I eth0 10.77.0.191
			sleep 0.5
		done
	done
}
