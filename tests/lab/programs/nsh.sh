# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# nsh - a service chain: a classifier of Open vSwitch puts a network service header around the frames
# of a host, on their way to a service function that takes it off again.

packages openvswitch-switch curl nginx
host classifier 168 quiet
host function 169 quiet
known chained mac=02:00:00:00:06:01 realm=nsh ips=172.23.0.1
known served mac=02:00:00:00:06:02 realm=nsh ips=172.23.0.2

expect <<-END
	classifier	heard		nsh
	chained		http.user_agent	Lab chained/1
	served		http.server	nginx/$(version nginx)
	served		service		tcp/80
	served		does		web-server
	served		runs		nginx $(version nginx)
END

# what is concluded of them
expect <<-END
	classifier	unknowable	os it only passes on what others send
	classifier	unknowable	type nothing on the wire says what kind of machine it is
	classifier	unknowable	runs the kernel's service header does not name the program
	classifier	unknowable	does it passes on what others send
	function	unknowable	os it only passes on what others send
	function	unknowable	type nothing on the wire says what kind of machine it is
	function	unknowable	runs the kernel's service header does not name the program
	function	unknowable	does it passes on what others send
	chained	os	Linux
	chained	unknowable	type nothing on the wire says what kind of machine it is
	chained	unknowable	runs HTTP with a User-Agent of the owner's does not name the program
	chained	unknowable	does it only asks others
	served	os	Linux
	served	unknowable	type nothing on the wire says what kind of machine it is
END

run() {
	cable classifier to-chained chained 02:00:00:00:06:01 172.23.0.1/24
	cable function to-served served 02:00:00:00:06:02 172.23.0.2/24
	chain classifier to-chained function 1
	chain function to-served classifier 2
	web_server served 80 chained
	until_true 30 at chained curl -s -m 1 -A 'Lab chained/1' http://172.23.0.2/
}

# HOST PORT NEXT PATH: frames of the port go to the next host on a path of their own, and its to the port
chain() {
	vswitch "$1"
	at "$1" ovs-vsctl --timeout=10 add-br ovs0 -- set bridge ovs0 datapath_type=netdev fail_mode=secure \
		protocols=OpenFlow13,OpenFlow15 -- add-port ovs0 eth0 -- add-port ovs0 "$2"
	at "$1" ovs-ofctl -O OpenFlow15 del-flows ovs0
	at "$1" ovs-ofctl -O OpenFlow13 add-flow ovs0 "in_port=$2,actions=encap(nsh(md_type=1)),set_field:$4->nsh_spi,\
set_field:255->nsh_si,encap(ethernet),set_field:$(mac "$1")->eth_src,set_field:$(mac "$3")->eth_dst,eth0"
	at "$1" ovs-ofctl -O OpenFlow13 add-flow ovs0 "in_port=eth0,dl_type=0x894f,dl_dst=$(mac "$1"),actions=decap(),decap(),$2"
}
