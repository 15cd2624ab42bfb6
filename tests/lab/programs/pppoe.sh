# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# pppoe - an access concentrator and who looks for one.

packages pppoe
host concentrator 123 quiet
host subscriber 124 quiet

expect <<-END
	concentrator	pppoe.concentrator	lab-concentrator
	concentrator	pppoe.service		lab-internet
	concentrator	role			access-concentrator
	subscriber	pppoe.wanted		lab-internet
END

# what is concluded of them
expect <<-END
	concentrator	does	access-concentrator
	concentrator	unknowable	os no IP, and no name of a system
	concentrator	unknowable	type nothing on the wire says what kind of machine it is
	concentrator	unknowable	runs PPPoE does not name the program
	subscriber	unknowable	os no IP, and no name of a system
	subscriber	unknowable	type nothing on the wire says what kind of machine it is
	subscriber	unknowable	runs PPPoE does not name the program
	subscriber	unknowable	does it only asks others
END

run() {
	start concentrator pppoe-server -F -I eth0 -C lab-concentrator -S lab-internet
	sleep 1
	at subscriber timeout 20 pppoe-discovery -I eth0 -S lab-internet
}
