# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# wsdd - a host that announces itself by WS-Discovery, as Windows does.

packages wsdd
host nas 24
host finder 19

expect <<-END
	nas	http.server	BaseHTTP/0.6 Python/$(version python3.11)
	nas	service		tcp/5357
	nas	wsd.id		urn:uuid:12345678-1111-2222-3333-444444444444
	nas	wsd.types	wsdp:Device pub:Computer
	nas	wsd.urls	http://10.77.0.24:5357/12345678-1111-2222-3333-444444444444
	finder	http.user_agent	wsdd
	nas	device.name	WSD Device LABNAS
	nas	device.vendor	wsdd
	nas	device.model	wsdd
	nas	device.firmware	1.0
	nas	device.serial	1
	nas	name.host	LABNAS
	nas	name.workgroup	LABGROUP
END

# what is concluded of them
expect <<-END
	nas	type	computer
	nas	does	web-server
	nas	runs	Python $(version python3.11-minimal)
	nas	runs	wsdd
	nas	os	Linux
	finder	os	Linux
	finder	unknowable	type nothing on the wire says what kind of machine it is
	finder	unknowable	runs WS-Discovery does not name the program
	finder	unknowable	does it only asks others
END

run() {
	start nas wsdd -i eth0 -4 -n LABNAS -w LABGROUP -U 12345678-1111-2222-3333-444444444444 -v
	sleep 2
	start finder wsdd -i eth0 -4 -D -v -o
	sleep 8
}
