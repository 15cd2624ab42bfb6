# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# snmpd - an agent that says what it is, asked with SNMP versions 1, 2c and 3.

packages snmpd snmp
host ups 13
host poller 14

expect <<-END
	ups	cleartext		snmp
	ups	service			udp/161
	ups	snmp.engine_id		80001f88046c6162656e67696e65
	ups	snmp.syscontact		Lab <lab@lab.example>
	ups	snmp.sysdescr		Lab UPS 9, firmware 1.2.3
	ups	snmp.syslocation	Cellar
	ups	snmp.sysname		lab-ups.lab.example
	ups	snmp.sysobjectid	1.3.6.1.4.1.32473.9
END

# what is concluded of them
expect <<-END
	ups	os	Linux
	ups	runs	Net-SNMP
	ups	unknowable	type nothing on the wire says what kind of machine it is
	ups	unknowable	does SNMP: machines of every role answer to it
	poller	os	Linux
	poller	unknowable	type nothing on the wire says what kind of machine it is
	poller	unknowable	runs SNMP's question does not name the program
	poller	unknowable	does it only asks others
END

run() {
	mkdir "$dir/var"
	cat >"$dir/conf" <<-END
		agentaddress udp:$(ip4 ups):161
		rocommunity public
		sysDescr Lab UPS 9, firmware 1.2.3
		sysObjectID .1.3.6.1.4.1.32473.9
		sysName lab-ups.lab.example
		sysLocation Cellar
		sysContact Lab <lab@lab.example>
		engineID labengine
		rouser lab
		createUser lab SHA "password12" AES "password12"
	END
	start ups env SNMP_PERSISTENT_DIR="$dir/var" snmpd -f -Lo -C -c "$dir/conf"
	listening ups udp 161
	for version in 1 2c; do
		at poller snmpwalk -v "$version" -c public "$(ip4 ups)" .1.3.6.1.2.1.1
	done
	at poller snmpget -v 3 -u lab -l authPriv -a SHA -A password12 -x AES -X password12 "$(ip4 ups)" .1.3.6.1.2.1.1.5.0
}
