# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# aravis - an industrial camera, and who looks for cameras.

packages aravis-tools aravis-tools-cli
host camera 140
host vision 141

expect <<-END
	camera	device.firmware	$(version aravis-tools)
	camera	device.model	Fake
	camera	device.serial	LAB0140
	camera	device.vendor	Aravis
END

# what is concluded of them
expect <<-END
	camera	model	Fake
	camera	vendor	Aravis
	camera	os	Linux
	camera	unknowable	type nothing on the wire says what kind of machine it is
	camera	unknowable	runs GigE Vision does not name the program
	camera	unknowable	does a GigE Vision device is found; its role has no name of ours
	vision	unknowable	os frames to groups, with none of a system's habits in them
	vision	unknowable	type nothing on the wire says what kind of machine it is
	vision	unknowable	runs GigE Vision does not name the program
	vision	unknowable	does it only asks others
END

run() {
	start camera arv-fake-gv-camera-0.8 -i "$(ip4 camera)" -s LAB0140
	listening camera udp 3956
	at vision timeout 20 arv-tool-0.8
}
