# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# openvswitch - switches outside of the kernel: a trunk between two of them with a host of VLAN 5 at
# each end and a rapid spanning tree, and one that aggregates its links.

packages openvswitch-switch ethtool curl nginx
host trunk-a 73 quiet
host trunk-b 74 quiet
host aggregator 75 quiet
known vlan-a mac=02:00:00:00:05:01 ips=172.22.0.1
known vlan-b mac=02:00:00:00:05:02 ips=172.22.0.2

expect <<-END
	trunk-a		role		switch
	trunk-a		stp.bridge	02:00:00:00:00:49
	trunk-a		stp.root?	02:00:00:00:00:48
	trunk-a		stp.root?	02:00:00:00:00:49
	trunk-b		role		switch
	trunk-b		stp.bridge	02:00:00:00:00:4a
	trunk-b		stp.root?	02:00:00:00:00:48
	trunk-b		stp.root?	02:00:00:00:00:4a
	aggregator	lacp.system	02:00:00:00:05:aa
	vlan-a		http.user_agent	Lab tagged/1
	vlan-a		vlan		5
	vlan-b		http.server	nginx/$(version nginx)
	vlan-b		service		tcp/80
	vlan-b		vlan		5
	trunk-a		stp.root?	02:00:00:00:00:49
	trunk-b		stp.root?	02:00:00:00:00:49
END

# what is concluded of them
expect <<-END
	trunk-a	does	switch
	trunk-b	does	switch
	vlan-b	does	web-server
	vlan-b	runs	nginx $(version nginx)
	trunk-a	unknowable	os frames to groups, with none of a system's habits in them
	trunk-a	unknowable	type nothing on the wire says what kind of machine it is
	trunk-a	unknowable	runs spanning tree does not name the program
	trunk-b	unknowable	os frames to groups, with none of a system's habits in them
	trunk-b	unknowable	type nothing on the wire says what kind of machine it is
	trunk-b	unknowable	runs spanning tree does not name the program
	aggregator	unknowable	os frames to groups, with none of a system's habits in them
	aggregator	unknowable	type nothing on the wire says what kind of machine it is
	aggregator	unknowable	runs LACP does not name the program
	aggregator	unknowable	does LACP: servers and switches bundle alike
	vlan-a	os	Linux
	vlan-a	unknowable	type nothing on the wire says what kind of machine it is
	vlan-a	unknowable	runs HTTP with a User-Agent of the owner's does not name the program
	vlan-a	unknowable	does it only asks others
	vlan-b	os	Linux
	vlan-b	unknowable	type nothing on the wire says what kind of machine it is
END

run() {
	for h in trunk-a trunk-b aggregator; do
		vswitch $h
	done
	n=0
	for h in trunk-a trunk-b; do
		n=$((n + 1))
		space=vlan-${h#trunk-}
		cable $h "to-$space" "$space" "02:00:00:00:05:0$n" 172.22.0.$n/24
		at $h ovs-vsctl --timeout=10 add-br ovs0 -- set bridge ovs0 datapath_type=netdev rstp_enable=true \
			other_config:rstp-priority=$((n * 4096)) other_config:hwaddr="$(mac $h)" -- add-port ovs0 eth0 -- add-port ovs0 "to-$space" tag=5
	done
	ip -n aggregator link add spare type veth peer name other
	ip -n aggregator link set spare up
	ip -n aggregator link set other up
	at aggregator ovs-vsctl --timeout=10 add-br ovs0 -- set bridge ovs0 datapath_type=netdev \
		-- add-bond ovs0 bond0 eth0 spare lacp=active other_config:lacp-system-id=02:00:00:00:05:aa other_config:lacp-time=fast
	web_server vlan-b 80 tagged
	until_true 30 at vlan-a curl -s -m 1 -A 'Lab tagged/1' http://172.22.0.2/
}
