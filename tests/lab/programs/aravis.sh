# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# aravis - an industrial camera, and who looks for cameras.

packages aravis-tools
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
END

run() {
	start camera arv-fake-gv-camera-0.8 -i "$(ip4 camera)" -s LAB0140
	listening camera udp 3956
	at vision timeout 20 arv-tool-0.8
}
