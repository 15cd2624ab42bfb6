# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# yersinia - a port that would be a trunk (DTP), one that shares VLANs (VTP), a router of HSRP, and
# who sends packets with MPLS labels.

packages yersinia
host port-dtp 145 quiet
host port-vtp 146 quiet
host port-hsrp 147 quiet
host labeller 148 quiet

expect <<-END
	port-dtp	dtp.domain	LABVTP
	port-dtp	role		switch
	port-vtp	vtp.domain	LABVTP
	port-vtp	vtp.updater	10.13.58.1
	port-hsrp	hsrp.group	7
	port-hsrp	hsrp.ip		10.77.0.242
	port-hsrp	role		router
	labeller	heard		mpls
END

# what is concluded of them
expect <<-END
	port-dtp	does	switch
	port-hsrp	type	router
	port-hsrp	does	router
	port-dtp	unknowable	os frames to groups, with none of a system's habits in them
	port-dtp	unknowable	type nothing on the wire says what kind of machine it is
	port-dtp	unknowable	runs DTP does not name the program
	port-vtp	unknowable	os frames to groups, with none of a system's habits in them
	port-vtp	unknowable	type nothing on the wire says what kind of machine it is
	port-vtp	unknowable	runs VTP does not name the program
	port-vtp	unknowable	does VTP: servers of VLANs, and transparent ones, speak it
	port-hsrp	unknowable	os frames to groups, with none of a system's habits in them
	port-hsrp	unknowable	runs HSRP does not name the program
	labeller	unknowable	os a SYN made by hand, without options
	labeller	unknowable	type nothing on the wire says what kind of machine it is
	labeller	unknowable	runs a SYN without options does not name the program
	labeller	unknowable	does it only sends
END

run() {
	at port-dtp timeout 5 yersinia dtp -attack 0 -interface eth0 -source "$(mac port-dtp)" -domain LABVTP
	at port-vtp timeout 5 yersinia vtp -attack 0 -interface eth0 -source "$(mac port-vtp)" -domain LABVTP -code 1
	at port-hsrp timeout 5 yersinia hsrp -attack 0 -interface eth0 -source "$(mac port-hsrp)" -ipsource "$(ip4 port-hsrp)" -group 7 -ipvirtual 10.77.0.242
	at labeller timeout 5 yersinia mpls -attack 0 -interface eth0 -source "$(mac labeller)" -ipsource "$(ip4 labeller)" -ipdest "$(ip4 port-hsrp)"
}
