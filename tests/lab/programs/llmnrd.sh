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

run() {
	start llmnr llmnrd -H lab-llmnr -i eth0
	sleep 1
	at llask timeout 20 llmnr-query -I eth0 -c 2 lab-llmnr
}
