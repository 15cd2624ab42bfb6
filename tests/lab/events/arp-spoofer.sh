# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# arp-spoofer - a host says that it is the name server, to all who hear it.

packages dsniff busybox
with dnsmasq
host spoofer 184

expect <<-END
	spoofer	address.ipv4	10.77.0.1
	spoofer	change		arp-spoofing
	spoofer	role.told?	dns-server
END

# what is concluded of them
expect <<-END
	spoofer	does?	dns-server
	spoofer	os	Linux
	spoofer	unknowable	type nothing on the wire says what kind of machine it is
	spoofer	unknowable	runs ARP does not name the program
END

run() {
	at spoofer busybox ping -c 2 "$(ip4 asker)"
	start spoofer timeout 15 arpspoof -i eth0 "$(ip4 server)"
	at asker busybox arping -c 14 -I eth0 "$(ip4 server)" # the server says whose it is
}
