# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# nats - a message server with a name, and a client that says what it is written with.

packages nats-server busybox
host bus 80
host rider 81

expect <<-END
	bus	nats.server	lab-bus
	bus	nats.version	$(version nats-server)
	bus	service		tcp/4222
	rider	nats.client	lab-rider
	rider	nats.library	sh 1.0
END

# what is concluded of them
expect <<-END
	bus	does	message-broker
	bus	runs	NATS server $(version nats-server)
	bus	os	Linux
	bus	unknowable	type nothing on the wire says what kind of machine it is
	rider	os	Linux
	rider	unknowable	type nothing on the wire says what kind of machine it is
	rider	unknowable	runs a client of the owner's does not name the program
	rider	unknowable	does it only asks others
END

run() {
	start bus nats-server -a "$(ip4 bus)" -n lab-bus
	listening bus tcp 4222
	(printf 'CONNECT {"verbose":false,"name":"lab-rider","lang":"sh","version":"1.0"}\r\nPING\r\n'; sleep 1) |
		at rider busybox nc "$(ip4 bus)" 4222
}
