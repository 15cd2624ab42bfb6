# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# bird - a router that speaks RIP and OSPF, and advertises itself to hosts.

packages bird2
host bird 68

expect <<-END
	bird	ndp.prefix	fd77::/64
	bird	ospf.area	0.0.0.9
	bird	ospf.router_id	198.51.100.9
	bird	rip.route	10.77.0.0/24
	bird	rip.route	198.51.100.64/26
	bird	rip.version	2
	bird	role		router
	bird	heard		ipv6
	bird	heard		mld
END

# what is concluded of them
expect <<-END
	bird	type	router
	bird	does	router
	bird	unknowable	os frames to groups, with none of a system's habits in them
	bird	unknowable	runs OSPF and RIP does not name the program
END

run() {
	cat >"$dir/conf" <<-END
		router id 198.51.100.9;
		protocol device { }
		protocol static { ipv4; route 198.51.100.64/26 blackhole; }
		protocol rip {
			ipv4 { export all; };
			interface "eth0" { version 2; update time 3; };
		}
		protocol ospf v2 {
			area 0.0.0.9 { interface "eth0" { hello 2; dead 8; }; };
		}
		protocol radv {
			interface "eth0" {
				min ra interval 3; max ra interval 4;
				default lifetime 0;
				prefix fd77::/64 { autonomous off; };
				rdnss fd77::1;
			};
		}
	END
	start bird bird -f -c "$dir/conf" -s "$dir/socket"
	sleep 10
}
