# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154,SC2016
#
# udhcpc - a DHCP client that says its name and its vendor class.

packages udhcpc
host kettle 3 bare
with dnsmasq

expect <<-END
	kettle	address.ipv4		10.77.0.203
	kettle	dhcp.client_id		01020000000003
	kettle	dhcp.lease		3600
	kettle	dhcp.max_message	576
	kettle	dhcp.params		1,3,6,12,15,28,42
	kettle	dhcp.requested		10.77.0.203
	kettle	dhcp.server		10.77.0.1
	kettle	dhcp.vendor_class	lab-vendor
	kettle	name.host		lab-kettle
END

# what is concluded of them
expect <<-END
	kettle	os	Linux
	kettle	unknowable	type nothing on the wire says what kind of machine it is
	kettle	unknowable	runs DHCP, with a class of the owner's, does not name the program
	kettle	unknowable	does it only asks others
END

run() {
	listening server udp 67
	printf '#!/bin/sh\n[ "$1" != bound ] || ip address replace "$ip/24" dev "$interface"\n' >"$dir/script"
	chmod +x "$dir/script"
	at kettle udhcpc -i eth0 -n -q -t 8 -T 1 -x hostname:lab-kettle -V lab-vendor -s "$dir/script"
}
