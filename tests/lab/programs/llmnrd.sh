# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# llmnrd - a host that answers for its name on the link, and who asks for it.

packages llmnrd
host llmnr 135
host llask 136

expect <<-END
	llmnr	name.host	lab-llmnr
END

# what is concluded of them
expect <<-END
	llmnr	os	Linux
	llmnr	unknowable	type nothing on the wire says what kind of machine it is
	llmnr	unknowable	runs LLMNR does not name the program
	llmnr	unknowable	does LLMNR: every host answers for its own name
	llask	unknowable	os frames to groups, with none of a system's habits in them
	llask	unknowable	type nothing on the wire says what kind of machine it is
	llask	unknowable	runs LLMNR does not name the program
	llask	unknowable	does it only asks others
END

run() {
	start llmnr llmnrd -H lab-llmnr -i eth0
	sleep 1
	at llask timeout 20 llmnr-query -I eth0 -c 2 lab-llmnr
}
