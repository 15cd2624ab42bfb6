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
