# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154,SC2015,SC2086
#
# tunnels - GRE, GENEVE and ERSPAN between two hosts, by Open vSwitch outside of the kernel.

packages openvswitch-switch busybox ethtool
host tun-a 76 bare
host tun-b 77 bare
known gre-a mac=02:00:00:00:11:01 realm=gre:1001 ips=172.23.1.1
known gre-b mac=02:00:00:00:11:02 realm=gre:1001 ips=172.23.1.2
known geneve-a mac=02:00:00:00:12:01 realm=geneve:1002 ips=172.23.2.1
known geneve-b mac=02:00:00:00:12:02 realm=geneve:1002 ips=172.23.2.2
known erspan-a mac=02:00:00:00:13:01 realm=erspan:1003 ips=172.23.3.1
known erspan-b mac=02:00:00:00:13:02 realm=erspan:1003 how=quiet

expect <<-END
	tun-a	address.ipv4	10.77.0.76
	tun-b	address.ipv4	10.77.0.77
	tun-a	heard		gre
	tun-a	heard		geneve
	tun-a	heard		erspan
END

# what is concluded of them
for h in tun-a tun-b gre-a gre-b geneve-a geneve-b erspan-a erspan-b; do
	expect <<-END
		$h	unknowable	os pings alone, as any system may send them
		$h	unknowable	type nothing on the wire says what kind of machine it is
		$h	unknowable	runs the kernel's tunnel does not name the program
		$h	unknowable	does the ends of a tunnel are equal
	END
done

run() {
	for h in tun-a tun-b; do
		[ $h = tun-a ] && me=1 other=tun-b || { me=2; other=tun-a; }
		vswitch $h
		at $h ovs-vsctl --timeout=10 add-br phy -- set bridge phy datapath_type=netdev other_config:hwaddr="$(mac $h)" -- add-port phy eth0
		ip -n $h address add "10.77.0.$(lab_number $h)/24" dev phy
		ip -n $h link set phy up
		net=0
		for type in gre geneve erspan; do
			net=$((net + 1))
			more=
			[ $type != erspan ] || more='options:erspan_ver=1 options:erspan_idx=7'
			# shellcheck disable=SC2086 # words
			at $h ovs-vsctl --timeout=10 add-br in-$type -- set bridge in-$type datapath_type=netdev other_config:hwaddr=02:00:00:00:1$net:0$me \
				-- add-port in-$type t-$type -- set interface t-$type type=$type options:remote_ip="$(ip4 $other)" options:key=100$net $more
			ip -n $h address add 172.23.$net.$me/24 dev in-$type
			ip -n $h link set in-$type up
		done
	done
	for net in 1 2; do
		until_true 6 ip netns exec tun-a busybox ping -c 1 -W 1 172.23.$net.2
	done
	ip netns exec tun-a busybox ping -c 1 -W 1 172.23.3.2
}
