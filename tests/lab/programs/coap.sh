# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# coap - a small server with resources, and who asks which it has.

packages libcoap3-bin
host lamp 84
host remote 85

expect <<-END
	lamp	coap.resource		/
	lamp	coap.resource		/async
	lamp	coap.resource		/example_data
	lamp	coap.resource		/time
	lamp	coap.resource_type	ticks
	lamp	service			udp/5683
END

# what is concluded of them
expect <<-END
	lamp	os	Linux
	lamp	unknowable	type nothing on the wire says what kind of machine it is
	lamp	unknowable	runs CoAP does not name the program
	lamp	unknowable	does CoAP's resources are its own, and no role
	remote	os	Linux
	remote	unknowable	type nothing on the wire says what kind of machine it is
	remote	unknowable	runs CoAP does not name the program
	remote	unknowable	does it only asks others
END

run() {
	start lamp coap-server-notls -A "$(ip4 lamp)"
	listening lamp udp 5683
	at remote timeout 20 coap-client-notls -m get "coap://$(ip4 lamp)/.well-known/core"
}
