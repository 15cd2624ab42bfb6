# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# rogue-dhcp - a second server gives out leases, with itself as the way out.

packages dnsmasq-base udhcpc
with dnsmasq udhcpc
host rogue 185
host victim 186 bare

expect <<-END
	rogue	role			dhcp-server
	rogue	change			rogue-dhcp
	rogue	dhcp.dns		10.77.0.185
	rogue	dhcp.router		10.77.0.185
	rogue	role.told		dns-server
	rogue	role.told		router
	victim	address.ipv4?		*
	victim	dhcp.client_id		010200000000ba
	victim	dhcp.lease?		3600
	victim	dhcp.max_message	576
	victim	dhcp.params		1,3,6,12,15,28,42
	victim	dhcp.requested?		*
	victim	dhcp.server?		*
	victim	dhcp.vendor_class	udhcp $(version busybox)
END

# what is concluded of them
expect <<-END
	rogue	type?	router
	rogue	does	dhcp-server
	rogue	does	dns-server
	rogue	does	router
	victim	runs?	BusyBox $(version busybox)
	rogue	unknowable	os its datagrams may be cut, as those of most systems
	rogue	unknowable	runs DHCP does not name the program
	victim	os	Linux
	victim	unknowable	type nothing on the wire says what kind of machine it is
	victim	unknowable	does it only asks others
END

run() {
	sleep 6
	start rogue dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --pid-file="$dir/pid" --port=0 \
		--interface=eth0 --bind-interfaces --dhcp-range=10.77.0.222,10.77.0.229,1h --dhcp-leasefile="$dir/leases" \
		--no-ping --dhcp-authoritative --dhcp-option=option:router,10.77.0.185 --dhcp-option=option:dns-server,10.77.0.185
	listening rogue udp 67
	at victim timeout 20 udhcpc -f -i eth0 -n -q -t 4 -T 1 -s /bin/true
	sleep 3
}
