# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# dhclient - leases of DHCP and DHCPv6, with the name, the class and the identifier of the client.

packages isc-dhcp-client
host laptop 4 bare
with dnsmasq

expect <<-END
	laptop	address.ipv4		10.77.0.204
	laptop	address.ipv6		fd77::204
	laptop	dhcp.lease		3600
	laptop	dhcp.params		1,28,3,15,6,12,42
	laptop	dhcp.requested		10.77.0.204
	laptop	dhcp.server		10.77.0.1
	laptop	dhcp.user_class		lab-user-class
	laptop	dhcp.vendor_class	lab-class
	laptop	dhcp6.duid		00030001020000000004
	laptop	dhcp6.enterprise	32473
	laptop	dhcp6.params		23
	laptop	dhcp6.vendor_class	lab-class6
	laptop	name.host		lab-laptop
	laptop	name.host		lab-laptop.lab.example
END

# what is concluded of them
expect <<-END
	laptop	unknowable	os what it asks DHCP for was set by its owner
	laptop	unknowable	type nothing on the wire says what kind of machine it is
	laptop	unknowable	runs DHCP, with a class of the owner's, does not name the program
	laptop	unknowable	does it only asks others
END

run() {
	cat >"$dir/conf" <<-END
		option dhcp6.vendor-class code 16 = string;
		send dhcp6.vendor-class 00:00:7e:d9:00:0a:6c:61:62:2d:63:6c:61:73:73:36;
		send host-name "lab-laptop";
		send vendor-class-identifier "lab-class";
		send user-class "lab-user-class";
		request subnet-mask, broadcast-address, routers, domain-name, domain-name-servers, host-name, ntp-servers;
		send fqdn.fqdn "lab-laptop.lab.example";
		send fqdn.encoded on;
		also request dhcp6.name-servers;
	END
	listening server udp 67
	listening server udp 547
	at laptop dhclient -4 -1 -d -cf "$dir/conf" -lf "$dir/leases" -pf "$dir/pid" -sf /bin/true eth0 &
	until_true 8 ready_for_ipv6 laptop
	at laptop dhclient -6 -1 -D LL -cf "$dir/conf" -lf "$dir/leases6" -pf "$dir/pid6" -v -sf /bin/true eth0
	sleep 2
}
