# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154,SC2102
#
# dnsmasq - a server for DHCP, DHCPv6, DNS and TFTP, which the clients of other files ask too.

packages dnsmasq-base busybox
host server 1
host asker 2
with udhcpc dhclient

expect <<-END
	server	name.domain	lab.example
	server	role		dhcp-server
	server	role		dns-server
	server	role.told	dns-server
	server	service		udp/53
	web	dns.name	www.lab.example
	router	role.told	router
	server	dhcp.dns	10.77.0.1
	server	dhcp.router	10.77.0.30
END

# what is concluded of them
expect <<-END
	server	does	dhcp-server
	server	does	dns-server
	server	os	Linux
	server	unknowable	type nothing on the wire says what kind of machine it is
	server	unknowable	runs DHCP, with options of the owner's, does not name the program
	asker	os	Linux
	asker	unknowable	type nothing on the wire says what kind of machine it is
	asker	unknowable	runs DNS does not name the program
	asker	unknowable	does it only asks others
END

run() {
	mkdir "$dir/tftp"
	start server dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --pid-file="$dir/pid" \
		--interface=eth0 --bind-interfaces --no-resolv --no-hosts --domain=lab.example --log-dhcp \
		--dhcp-range=10.77.0.200,10.77.0.220,1h --dhcp-range=fd77::200,fd77::220,64,1h \
		--dhcp-leasefile="$dir/leases" --no-ping --dhcp-authoritative \
		--dhcp-host=02:00:00:00:00:03,10.77.0.203 --dhcp-host=02:00:00:00:00:04,10.77.0.204 \
		--dhcp-host=id:00:03:00:01:02:00:00:00:00:04,[fd77::204] \
		--dhcp-option=option:router,10.77.0.30 --dhcp-option=option:ntp-server,10.77.0.20 \
		--host-record=www.lab.example,10.77.0.25 --ptr-record=25.0.77.10.in-addr.arpa,www.lab.example
	listening server udp 53
	listening server udp 67
	at asker busybox nslookup -type=a www.lab.example "$(ip4 server)"
	at asker busybox nslookup 10.77.0.25 "$(ip4 server)"
}
