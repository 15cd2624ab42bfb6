# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# mactelnet - a host that announces itself as MikroTik's routers do.

packages mactelnet-server mactelnet-client
host mactel 120
host macseek 121

expect <<-END
	mactel	device.firmware	$(uname -r)
	mactel	device.mac	02:00:00:00:00:78
	mactel	device.model	$(uname -m)
	mactel	device.name	mactel
	mactel	device.serial	MAC-Telnet
	mactel	device.vendor	Linux
	mactel	mndp.interface	eth0
END

# what is concluded of them
expect <<-END
	mactel	os	Linux
	mactel	runs	MAC-Telnet
	mactel	unknowable	type nothing on the wire says what kind of machine it is
	mactel	unknowable	does it announces itself, and serves nobody here
	macseek	unknowable	os frames to groups, with none of a system's habits in them
	macseek	unknowable	type nothing on the wire says what kind of machine it is
	macseek	unknowable	runs MNDP does not name the program
	macseek	unknowable	does it only asks others
END

run() {
	ip -n macseek route add default dev eth0
	start mactel mactelnetd -f -n
	at macseek timeout 4 mndp -t 3
}
