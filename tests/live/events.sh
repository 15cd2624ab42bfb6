#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What an operator wants to be woken by, on a wire: a rogue DHCP server, a rogue router advertisement,
# spoofed ARP, a duplicate address, a moved one, another gateway; who leaves and comes back; interfaces of one
# device. Each is told once, within five seconds, with no other alarm. events.py speaks for all the
# hosts and reads the report as it grows.
set -eu
. tests/live/lib.sh
live_begin events

ns_make sensor
ns_make lan
veth sensor hv0 lan hv1
sensor_start sensor events -i hv0
status=0
ns lan timeout 1500 python3 tests/live/events.py hv1 "$report" || status=$?
check "every event, and nothing else" [ "$status" = 0 ]
stop "$sensor"
check "the sensor ends in order" [ "$status" = 0 ]
live_end
