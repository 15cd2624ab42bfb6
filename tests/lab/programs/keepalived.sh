# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# keepalived - two routers that share an address by VRRP, version 2 and 3.

packages keepalived
host first 31
host second 32

expect <<-END
	first	address.ipv4	10.77.0.240
	first	role		router
	first	vrrp.ip		10.77.0.240
	first	vrrp.vrid	51
END

# what is concluded of them
expect <<-END
	first	type	router
	first	does	router
	first	unknowable	os frames to groups, with none of a system's habits in them
	first	unknowable	runs VRRP does not name the program
	second	unknowable	os,type,runs,does it waits, and says nothing
END

run() {
	for h in first second; do
		cat >"$dir/$h.conf" <<-END
			vrrp_instance lab {
				state BACKUP
				interface eth0
				virtual_router_id 51
				priority $([ $h = first ] && echo 150 || echo 100)
				advert_int 1
				virtual_ipaddress { 10.77.0.240/24 }
			}
		END
		[ $h = first ] || until_true 15 leads first
		start $h keepalived --dont-fork --log-console --vrrp -f "$dir/$h.conf" -p "$dir/$h.pid" -r "$dir/$h.vrrp"
	done
	sleep 5
}

leads() {
	ip -n "$1" address show dev eth0 | grep -q 10.77.0.240
}
