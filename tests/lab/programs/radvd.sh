# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# radvd - a router of IPv6: its prefix, its name server, its MTU. Where it begins long after bird's, it
# is a rogue to whoever does not know better.

packages radvd
host six 69 quiet

expect <<-END
	six	name.domain	lab.example
	six	ndp.mtu		1420
	six	ndp.prefix	fd77::/64
	six	ndp.route	fd78::/48
	six	role		router
	six	change?		rogue-ra
END

# what is concluded of them
expect <<-END
	six	type	router
	six	does	router
	six	unknowable	os frames to groups, with none of a system's habits in them
	six	unknowable	runs a router advertisement does not name the program
END

run() {
	ip netns exec six sysctl -q -w net.ipv6.conf.all.forwarding=1
	cat >"$dir/conf" <<-END
		interface eth0 {
			AdvSendAdvert on;
			MinRtrAdvInterval 3;
			MaxRtrAdvInterval 4;
			AdvDefaultLifetime 60;
			AdvLinkMTU 1420;
			prefix fd77::/64 { AdvOnLink on; AdvAutonomous off; };
			route fd78::/48 { };
			RDNSS fd77::1 { };
			DNSSL lab.example { };
		};
	END
	chmod 644 "$dir/conf"
	start six radvd -n -m stderr -C "$dir/conf" -p "$dir/pid" -u root
	sleep 8
}
