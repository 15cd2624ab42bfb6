#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A real DHCP client and server, watched as they come: a device's change is told within two seconds of
# its first frame, what it said soon after; and the sensor ends at once when it is asked to, with its
# last report written and its sums right. What many programs say, field by field, is `./dev lab`.
set -eu
. tests/live/lib.sh
live_begin lab dnsmasq udhcpc

client=02:00:00:00:00:aa
ns_make sensor
ns_make server
ns_make client
veth server eth0 sensor to-server
veth client eth0 sensor to-client
ns client ip link set eth0 address "$client"
ns server ip link set eth0 address 02:00:00:00:00:01
ns server ip address add 192.0.2.1/24 dev eth0
bridge sensor br0 to-server to-client
start dnsmasq ip netns exec "$(ns_name server)" dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root \
	--pid-file="$work/dnsmasq.pid" --interface=eth0 --bind-interfaces --no-resolv --no-hosts --no-ping \
	--domain=lab.example --dhcp-authoritative --dhcp-range=192.0.2.100,192.0.2.150,1h --dhcp-leasefile="$work/leases"
until_true ns server grep -q "$(printf ':%04X ' 67)" /proc/net/udp # it is there
sensor_start sensor report -i br0 --interval 1

# shellcheck disable=SC2016 # the script expands it
printf '#!/bin/sh\n[ "$1" != bound ] || ip address replace "$ip/24" dev "$interface"\n' >"$work/bound"
chmod +x "$work/bound"
start udhcpc ip netns exec "$(ns_name client)" udhcpc -i eth0 -n -q -t 60 -T 1 -x hostname:lab-client \
	-V lab-vendor -s "$work/bound"
check "a new device is told within two seconds" within 2 ask "$report" \
	"any(c['what'] == 'new' and c['mac'] == '$client' for c in of('change'))"
check "the client has the address of its lease" until_true ask "$report" \
	"any(a.startswith('192.0.2.') for a in facts('$client', 'address.ipv4'))"
check "the client has its host name" until_true ask "$report" "facts('$client', 'name.host') == ['lab-client']"
check "the client has its vendor class" until_true ask "$report" \
	"facts('$client', 'dhcp.vendor_class') == ['lab-vendor']"
check "the server serves DHCP" until_true ask "$report" "'dhcp-server' in facts('02:00:00:00:00:01', 'role')"
begin=$(tests/calm)
stop "$sensor"
took=$(($(tests/calm) - begin))
check "SIGTERM ends it with 0 (it was $status)" [ "$status" = 0 ]
check "in under 5 s ($took ms)" [ "$took" -lt 5000 ]
check "its last report is whole" ask "$report" "of('end')[-1]['devices'] >= 2"
check "its last line is bye" ask "$report" "lines[-1]['type'] == 'bye'"
live_end
