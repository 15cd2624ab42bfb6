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
END

run() {
	at port-dtp timeout 5 yersinia dtp -attack 0 -interface eth0 -source "$(mac port-dtp)" -domain LABVTP
	at port-vtp timeout 5 yersinia vtp -attack 0 -interface eth0 -source "$(mac port-vtp)" -domain LABVTP -code 1
	at port-hsrp timeout 5 yersinia hsrp -attack 0 -interface eth0 -source "$(mac port-hsrp)" -ipsource "$(ip4 port-hsrp)" -group 7 -ipvirtual 10.77.0.242
	at labeller timeout 5 yersinia mpls -attack 0 -interface eth0 -source "$(mac labeller)" -ipsource "$(ip4 labeller)" -ipdest "$(ip4 port-hsrp)"
}
