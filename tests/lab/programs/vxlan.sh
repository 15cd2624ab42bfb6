# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154,SC2015,SC2086
#
# vxlan - the kernel's tunnel between two hosts: what is inside is in a realm of its own.

packages iproute2 curl nginx
host vtep-a 70
host vtep-b 71
known inner-a mac=02:00:00:00:01:46 realm=vxlan:5001 ips=172.21.0.1
known inner-b mac=02:00:00:00:01:47 realm=vxlan:5001 ips=172.21.0.2

expect <<-END
	inner-a	http.user_agent	Lab inner/1
	inner-b	http.server	nginx/$(version nginx)
	inner-b	service		tcp/80
	vtep-a	heard		vxlan
END

# what is concluded of them
expect <<-END
	inner-b	does	web-server
	inner-b	runs	nginx $(version nginx)
	vtep-a	unknowable	os its datagrams may be cut, as those of most systems
	vtep-a	unknowable	type nothing on the wire says what kind of machine it is
	vtep-a	unknowable	runs VXLAN does not name the program
	vtep-a	unknowable	does the ends of a tunnel are equal
	vtep-b	unknowable	os its datagrams may be cut, as those of most systems
	vtep-b	unknowable	type nothing on the wire says what kind of machine it is
	vtep-b	unknowable	runs VXLAN does not name the program
	vtep-b	unknowable	does the ends of a tunnel are equal
	inner-a	os	Linux
	inner-a	unknowable	type nothing on the wire says what kind of machine it is
	inner-a	unknowable	runs HTTP with a User-Agent of the owner's does not name the program
	inner-a	unknowable	does it only asks others
	inner-b	os	Linux
	inner-b	unknowable	type nothing on the wire says what kind of machine it is
END

run() {
	for h in vtep-a vtep-b; do
		[ $h = vtep-a ] && n=1 other=vtep-b || { n=2; other=vtep-a; }
		ip -n $h link add vx0 address "02:00:00:00:01:4$((5 + n))" type vxlan id 5001 remote "$(ip4 $other)" dstport 4789 dev eth0
		ip -n $h address add 172.21.0.$n/24 dev vx0
		ip netns exec $h sysctl -q -w net.ipv6.conf.vx0.disable_ipv6=1
		ip -n $h link set vx0 up
	done
	web_server vtep-b 80 inner
	at vtep-a curl -s -A 'Lab inner/1' http://172.21.0.2/
}
