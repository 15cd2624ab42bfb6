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

run() {
	for h in leaves arrives; do
		ip -n $h address add 10.77.0.190/24 dev eth0
		at $h busybox arping -A -c 4 -I eth0 10.77.0.190
		ip -n $h address del 10.77.0.190/24 dev eth0
		sleep 4
	done
}
