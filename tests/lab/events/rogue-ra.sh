# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# rogue-ra - a host advertises itself as a router, with a prefix of its own.

packages radvd
with radvd
host rogue-six 187 quiet

expect <<-END
	rogue-six	role		router
	rogue-six	ndp.prefix	fd66::/64
	rogue-six	change		rogue-ra
END

# what is concluded of them
expect <<-END
	rogue-six	type	router
	rogue-six	does	router
	rogue-six	unknowable	os frames to groups, with none of a system's habits in them
	rogue-six	unknowable	runs a router advertisement does not name the program
END

run() {
	sleep 6
	ip netns exec rogue-six sysctl -q -w net.ipv6.conf.all.forwarding=1
	printf 'interface eth0 { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; prefix fd66::/64 { AdvAutonomous off; }; };\n' >"$dir/conf"
	chmod 644 "$dir/conf"
	start rogue-six radvd -n -m stderr -C "$dir/conf" -p "$dir/pid" -u root
	sleep 8
}
