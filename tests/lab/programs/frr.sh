# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# frr - two routers that speak OSPF, OSPFv3, IS-IS, RIP, RIPng, BGP, PIM, LDP, BFD, EIGRP and IRDP.

packages frr
host north 60
host south 61

# zebra sends its IRDP from an address whose bytes stand in this machine's order: on a little-endian one
# that is another address, and what it claims for itself.
expect <<-END
	north	address.ipv4	60.0.77.10
	north	bfd.peer	10.77.0.61
	north	bgp.as		64512
	north	bgp.hostname	lab-north
	north	bgp.peer	10.77.0.61
	north	bgp.router_id	198.51.100.1
	north	eigrp.as	77
	north	eigrp.software	8.4, EIGRP 1.2
	north	isis.system	1980.5110.0001
	north	ldp.lsr_id	198.51.100.1
	north	ldp.transport	198.51.100.1
	north	ospf.area	0.0.0.7
	north	ospf.area	0.0.0.8
	north	ospf.router_id	198.51.100.1
	north	rip.route	198.51.100.1/32
	north	rip.route	fd77::/64
	north	rip.version	2
	north	role		bgp-speaker
	north	role		igmp-querier
	north	role		router
	north	service?	tcp/179
	south	address.ipv4	61.0.77.10
	south	bfd.peer	10.77.0.60
	south	bgp.as		4200000001
	south	bgp.hostname	lab-south
	south	bgp.peer	10.77.0.60
	south	bgp.router_id	198.51.100.2
	south	eigrp.as	77
	south	eigrp.software	8.4, EIGRP 1.2
	south	isis.system	1980.5110.0002
	south	ldp.lsr_id	198.51.100.2
	south	ldp.transport	198.51.100.2
	south	ospf.area	0.0.0.7
	south	ospf.area	0.0.0.8
	south	ospf.router_id	198.51.100.2
	south	rip.route	198.51.100.2/32
	south	rip.route	fd77::/64
	south	rip.version	2
	south	role		bgp-speaker
	south	role?		igmp-querier
	south	role		router
	south	service?	tcp/179
END

# what is concluded of them
expect <<-END
	north	type	router
	north	does	bgp-speaker
	north	does	igmp-querier
	north	does	router
	south	type	router
	south	does	bgp-speaker
	south	does?	igmp-querier
	south	does	router
	north	os	Linux
	north	runs	FRRouting $(version frr | cut -d. -f1,2)
	south	os	Linux
	south	runs	FRRouting $(version frr | cut -d. -f1,2)
END

run() {
	for h in north south; do
		if [ $h = north ]; then me=1 as=64512 peer=south peer_as=4200000001; else me=2 as=4200000001 peer=north peer_as=64512; fi
		ip -n $h address add 198.51.100.$me/32 dev lo
		ip netns exec $h sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
		mkdir "$dir/$h"
		cat >"$dir/$h/conf" <<-END
			hostname lab-$h
			interface eth0
			 ip ospf hello-interval 2
			 ip ospf dead-interval 8
			 ip ospf area 0.0.0.7
			 ipv6 ospf6 area 0.0.0.8
			 ip router isis lab
			 isis hello-interval 2
			 ip pim
			 ip igmp
			 ip irdp multicast
			 ip irdp minadvertinterval 3
			 ip irdp maxadvertinterval 4
			 no ip rip authentication mode
			router ospf
			 ospf router-id 198.51.100.$me
			router ospf6
			 ospf6 router-id 198.51.100.$me
			router isis lab
			 net 49.0001.1980.5110.000$me.00
			router rip
			 network eth0
			 redistribute connected
			 timers basic 5 180 120
			router ripng
			 network eth0
			 redistribute connected
			 timers basic 5 180 120
			router bgp $as
			 bgp router-id 198.51.100.$me
			 no bgp ebgp-requires-policy
			 neighbor $(ip4 $peer) remote-as $peer_as
			 neighbor $(ip4 $peer) bfd
			 neighbor $(ip4 $peer) timers connect 2
			mpls ldp
			 router-id 198.51.100.$me
			 address-family ipv4
			  discovery transport-address 198.51.100.$me
			  interface eth0
			router eigrp 77
			 network 10.77.0.0/24
		END
		chown -R frr:frr "$dir/$h"
		for daemon in zebra ospfd ospf6d isisd pimd ripd ripngd bfdd bgpd ldpd eigrpd; do
			extra=
			[ $daemon != ldpd ] || extra="--ctl_socket $dir/$h"
			[ $daemon != bfdd ] || extra="--bfdctl $dir/$h/bfdd.sock"
			[ $daemon != zebra ] || extra='-M zebra_irdp'
			# shellcheck disable=SC2086 # words
			start $h /usr/lib/frr/$daemon -i "$dir/$h/$daemon.pid" -u frr -g frr --vty_socket "$dir/$h" -z "$dir/$h/zserv.api" \
				-f "$dir/$h/conf" --log stdout -A 127.0.0.1 -P 0 $extra
			[ $daemon != zebra ] || until_true 5 test -S "$dir/$h/zserv.api"
		done
	done
	sleep 25
}

