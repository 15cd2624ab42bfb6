# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# vblade - a disk on the link, by ATA over Ethernet.

packages vblade
host shelf 119 quiet

expect <<-END
	shelf	aoe.firmware	16409
	shelf	aoe.target	7.3
END

run() {
	head -c 1048576 /dev/zero >"$dir/disk"
	start shelf vblade 7 3 eth0 "$dir/disk"
	sleep 2
}
