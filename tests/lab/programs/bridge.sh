# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# bridge - the kernel's bridge, as the root of a spanning tree and as who asks for multicast groups.

packages iproute2
host stp-bridge 72 bare

expect <<-END
	stp-bridge	address.ipv4	10.77.0.72
	stp-bridge	role		igmp-querier
	stp-bridge	role		switch
	stp-bridge	stp.bridge	02:00:00:00:00:48
	stp-bridge	stp.root	02:00:00:00:00:48
END

# what is concluded of them
expect <<-END
	stp-bridge	does	igmp-querier
	stp-bridge	does	switch
	stp-bridge	unknowable	os frames to groups, with none of a system's habits in them
	stp-bridge	unknowable	type nothing on the wire says what kind of machine it is
	stp-bridge	unknowable	runs spanning tree does not name the program
END

run() {
	ip -n stp-bridge link add br0 address "$(mac stp-bridge)" type bridge stp_state 1 hello_time 100 priority 0 \
		mcast_snooping 1 mcast_querier 1 mcast_query_use_ifaddr 1 mcast_startup_query_interval 200 mcast_startup_query_count 5
	ip -n stp-bridge address add 10.77.0.72/24 dev br0
	ip -n stp-bridge link set eth0 master br0
	ip -n stp-bridge link set br0 up
	sleep 10
}
