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

# what is concluded of them
expect <<-END
	shelf	runs	vblade
	shelf	does	storage-server
	shelf	unknowable	os no IP, and no name of a system
	shelf	unknowable	type nothing on the wire says what kind of machine it is
END

run() {
	head -c 1048576 /dev/zero >"$dir/disk"
	start shelf vblade 7 3 eth0 "$dir/disk"
	sleep 2
}
