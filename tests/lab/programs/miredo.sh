# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# miredo - a Teredo server, and a client that asks it by which address the world sees it: a router's
# solicitation and advertisement inside of datagrams. The server wants two addresses, and neither private.

packages miredo miredo-server
host relay 166 bare
host nomad 167 bare

expect <<-END
	relay	address.ipv4	203.0.113.65
	nomad	address.ipv4	203.0.113.73
	relay	heard		teredo
	nomad	heard		teredo
END

# what is concluded of them
expect <<-END
	relay	unknowable	os its datagrams may be cut, as those of most systems
	relay	unknowable	type nothing on the wire says what kind of machine it is
	relay	unknowable	runs Teredo does not name the program
	relay	unknowable	does Teredo's servers and relays look alike
	nomad	unknowable	os its datagrams may be cut, as those of most systems
	nomad	unknowable	type nothing on the wire says what kind of machine it is
	nomad	unknowable	runs Teredo does not name the program
	nomad	unknowable	does it only asks others
END

run() {
	ip -n relay address add 203.0.113.65/24 dev eth0
	ip -n relay address add 203.0.113.66/24 dev eth0
	ip -n nomad address add 203.0.113.73/24 dev eth0
	printf 'ServerBindAddress 203.0.113.65\nServerBindAddress2 203.0.113.66\n' >"$dir/server"
	printf 'InterfaceName teredo\nServerAddress 203.0.113.65\nServerAddress2 203.0.113.66\n' >"$dir/client"
	start relay miredo-server -f -c "$dir/server" -u nobody -p /run/miredo-server.pid
	listening relay udp 3544
	start nomad miredo -f -c "$dir/client" -u nobody -p /run/miredo.pid
	until_true 20 ip -n nomad -6 address show dev teredo to 2001::/32 scope global
}
