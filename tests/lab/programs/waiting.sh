# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154,SC2016
#
# waiting - clients of servers that Debian does not have: what they say first, to a port that listens.

packages kcat python3-pymongo freetds-bin libauthen-tacacsplus-perl zabbix-agent python3-hl7 busybox
host silent 107
host kafka-client 108
host mongo-client 109
host tds-client 110
host tac-client 111
host zabbix-host 112
host hl7-client 149

expect <<-END
	silent		service			tcp/49
	silent		service			tcp/1433
	silent		service			tcp/9092
	kafka-client	kafka.client_id		lab-kafka
	kafka-client	kafka.software		librdkafka $(version librdkafka1)
	tds-client	cleartext		tds
	tds-client	tds.application		TSQL
	tds-client	tds.host		tds-client
	tds-client	tds.library		TDS-Library
	tds-client	tds.user		lab
	tac-client	role			tacacs-client
	silent		service			tcp/10051
	silent		service			tcp/27017
	mongo-client	mongodb.application	lab-mongo
	mongo-client	mongodb.driver		PyMongo $(version python3-pymongo)
	mongo-client	mongodb.os		Linux $(uname -r)
	mongo-client	mongodb.platform	CPython $(version python3.11).final.0
	zabbix-host	zabbix.host		lab-zabbix
	zabbix-host	zabbix.metadata		lab host
	silent		service			tcp/2575
	hl7-client	hl7.application		LABAPP
	hl7-client	hl7.facility		LABWARD
	hl7-client	hl7.version		2.5
END

# what is concluded of them
expect <<-END
	tac-client	does	tacacs-client
	silent	os	Linux
	silent	unknowable	type nothing on the wire says what kind of machine it is
	silent	unknowable	runs an open port that says nothing does not name the program
	silent	unknowable	does open ports that say nothing: what a port is for is no proof
	kafka-client	os	Linux
	kafka-client	runs	librdkafka $(version librdkafka1)
	kafka-client	unknowable	type nothing on the wire says what kind of machine it is
	kafka-client	unknowable	does it only asks others
	mongo-client	os	Linux
	mongo-client	runs	PyMongo $(version python3-pymongo)
	mongo-client	runs	Python $(version python3.11)
	mongo-client	unknowable	type nothing on the wire says what kind of machine it is
	mongo-client	unknowable	does it only asks others
	tds-client	os	Linux
	tds-client	unknowable	type nothing on the wire says what kind of machine it is
	tds-client	unknowable	runs TDS, with the library's general name, does not name the program
	tds-client	unknowable	does it only asks others
	tac-client	os	Linux
	tac-client	unknowable	type nothing on the wire says what kind of machine it is
	tac-client	unknowable	runs TACACS+ does not name the program
	zabbix-host	os	Linux
	zabbix-host	runs	Zabbix agent
	zabbix-host	unknowable	type nothing on the wire says what kind of machine it is
	zabbix-host	unknowable	does it only asks others
	hl7-client	os	Linux
	hl7-client	unknowable	type nothing on the wire says what kind of machine it is
	hl7-client	unknowable	runs HL7 does not name the program
	hl7-client	unknowable	does it only asks others
END

run() {
	for port in 9092 27017 1433 49 10051 2575; do
		start silent busybox nc -ll -p "$port" -e cat /dev/null
		listening silent tcp "$port"
	done
	at kafka-client timeout 20 kcat -b "$(ip4 silent):9092" -L -X client.id=lab-kafka &
	clients=$!
	at mongo-client timeout 20 /usr/bin/python3 -c "
import pymongo
pymongo.MongoClient('$(ip4 silent)', appname='lab-mongo', serverSelectionTimeoutMS=5000).admin.command('ping')" &
	clients="$clients $!"
	at tds-client env TDSVER=7.0 timeout 20 tsql -H "$(ip4 silent)" -p 1433 -U lab -P secret &
	clients="$clients $!"
	at tac-client timeout 20 perl -MAuthen::TacacsPlus -e '
		$t = new Authen::TacacsPlus(Host => $ARGV[0], Key => "", Timeout => 2) and
		$t->authen("lab", "secret", &Authen::TacacsPlus::TAC_PLUS_AUTHEN_TYPE_PAP)' "$(ip4 silent)" &
	clients="$clients $!"
	printf 'ServerActive=%s\nServer=%s\nHostname=lab-zabbix\nHostMetadata=lab host\nAllowRoot=1\nLogType=console\nPidFile=%s/pid\n' \
		"$(ip4 silent)" "$(ip4 silent)" "$dir" >"$dir/zabbix"
	start zabbix-host zabbix_agentd -f -c "$dir/zabbix"
	printf 'MSH|^~\\&|LABAPP|LABWARD|OTHER|ELSE|20260101||ADT^A01|1|P|2.5\rPID|1\r' >"$dir/hl7"
	at hl7-client timeout 20 mllp_send --loose --file "$dir/hl7" --port 2575 "$(ip4 silent)" &
	# shellcheck disable=SC2086 # words
	wait $clients $!
	sleep 2
}
