# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# ucarp - a host that shares an address by CARP.

packages ucarp
host carp 122 quiet
known carp-42 mac=00:00:5e:00:00:2a

expect <<-END
	carp	address.ipv4	10.77.0.241
	carp-42	address.ipv4	10.77.0.122
	carp-42	carp.vhid	42
END

# what is concluded of them
expect <<-END
	carp-42	vendor	ICANN, IANA Department
	carp	unknowable	os frames to groups, with none of a system's habits in them
	carp	unknowable	type nothing on the wire says what kind of machine it is
	carp	unknowable	runs CARP does not name the program
	carp	unknowable	does CARP: every host may share an address
	carp-42	unknowable	os frames to groups, with none of a system's habits in them
	carp-42	unknowable	type nothing on the wire says what kind of machine it is
	carp-42	unknowable	runs CARP does not name the program
	carp-42	unknowable	does CARP: every host may share an address
END

run() {
	start carp ucarp -i eth0 -s "$(ip4 carp)" -v 42 -p secret -a 10.77.0.241 -u /bin/true -d /bin/true
	sleep 4
}
