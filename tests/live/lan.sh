#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A small network of real software, listened to at its switch: dnsmasq gives a udhcpc client its address
# and answers its question for a name; an avahi-daemon tells its own. The report has who they are.
set -eu
. tests/live/lib.sh
live_begin lan dnsmasq busybox avahi-daemon

server=02:00:00:00:00:01 client=02:00:00:00:00:02 garage=02:00:00:00:00:03

# host NAME MAC [ADDRESS] - a namespace with eth0 on the switch
host() {
	ns_make "$1"
	veth sensor "$1" "$1" eth0
	ns "$1" ip link set eth0 address "$2"
	[ -z "${3-}" ] || ns "$1" ip addr add "$3/24" dev eth0
}

ns_make sensor
host server $server 192.0.2.1
host client $client
host garage $garage 192.0.2.30
bridge sensor br0 server client garage

report=$work/report.ndjson
start sensor ip netns exec "$(ns_name sensor)" "$HAVAINTO" listen -i br0 --interval 1 -o "file:$report"
sensor=$pid
until_true 5 ask "$report" "of('hello')"

start dnsmasq ip netns exec "$(ns_name server)" dnsmasq --keep-in-foreground --conf-file=/dev/null \
	--interface=eth0 --bind-interfaces --user=root --pid-file --no-resolv --no-hosts \
	--log-facility=- --dhcp-leasefile="$work/leases" --no-ping --address=/printer.lan/192.0.2.9 \
	--dhcp-range=192.0.2.100,192.0.2.100,255.255.255.0,1h --dhcp-option=3,192.0.2.1

cat >"$work/lease" <<'SCRIPT'
#!/bin/sh
[ "$1" = bound ] && ip addr add "$ip/24" dev "$interface"
exit 0
SCRIPT
chmod +x "$work/lease"
until_true 5 grep -q started "$work/dnsmasq.log"
start udhcpc ip netns exec "$(ns_name client)" busybox udhcpc -i eth0 -f -q -n -t 5 -T 1 \
	-s "$work/lease" -x hostname:kitchen -V "udhcp toaster"
check "udhcpc has a lease" until_true 5 grep -q 'lease of 192.0.2.100 obtained' "$work/udhcpc.log"
leased=$(date +%s%N)
check "the client is a new device within 2 s" until_true 2 ask "$report" \
	"any(c['what'] == 'new' and c['mac'] == '$client' for c in of('change'))"
check "its name came within 3 s of the lease" until_true 3 ask "$report" \
	"facts('$client', 'name.host') == ['kitchen']"
echo "        ($((($(date +%s%N) - leased) / 1000000)) ms after the lease)"

cat >"$work/avahi.conf" <<'CONF'
[server]
host-name=garage
use-ipv4=yes
use-ipv6=no
enable-dbus=no
[publish]
publish-workstation=yes
publish-hinfo=no
CONF
# Its own /run: the daemon's lock is one a machine.
start avahi ip netns exec "$(ns_name garage)" sh -c "mount -t tmpfs tmpfs /run &&
	mkdir -p /run/avahi-daemon && chmod 777 /run/avahi-daemon &&
	exec avahi-daemon --no-chroot --no-drop-root --no-rlimits -f '$work/avahi.conf'"
ns client busybox nslookup printer.lan 192.0.2.1 >"$work/nslookup.log" 2>&1 || true
check "dnsmasq answered the client" grep -q 192.0.2.9 "$work/nslookup.log"

check "the client has its address" until_true 3 ask "$report" \
	"'192.0.2.100' in facts('$client', 'address.ipv4')"
check "and its vendor class" ask "$report" \
	"facts('$client', 'dhcp.vendor_class') == ['udhcp toaster']"
check "and its name" ask "$report" "device('$client')['name'] == 'kitchen'"
check "the server serves addresses" until_true 3 ask "$report" \
	"'dhcp-server' in device('$server')['roles']"
check "and names" until_true 3 ask "$report" "'dns-server' in device('$server')['roles']"
check "and routes" until_true 3 ask "$report" "'router' in device('$server')['roles']"
check "it has its address" ask "$report" "'192.0.2.1' in facts('$server', 'address.ipv4')"
check "avahi tells its name" until_true 6 ask "$report" \
	"any(n.startswith('garage') for n in facts('$garage', 'name.host'))"
check "and its address" until_true 3 ask "$report" "'192.0.2.30' in facts('$garage', 'address.ipv4')"
check "and its services" until_true 6 ask "$report" \
	"any('_workstation._tcp' in s for s in facts('$garage', 'mdns.service'))"

begin=$(date +%s%N)
stop "$sensor"
check "SIGTERM ends it with 0 (it was $status)" [ "$status" = 0 ]
check "in under 5 s" [ $((($(date +%s%N) - begin) / 1000000)) -lt 5000 ]
check "the last line is bye, the one before health" ask "$report" \
	"[l['type'] for l in lines[-2:]] == ['health', 'bye']"
check "seen = received + dropped" ask "$report" \
	"(lambda g: g['source.kernel_seen'] == g['source.received'] + g['source.kernel_dropped'])(of('health')[-1]['gauges'])"
check "facts sent = received" ask "$report" \
	"(lambda g: g['channel.fact.sent'] == g['channel.fact.received'])(of('health')[-1]['gauges'])"
check "no more devices than there are" ask "$report" \
	"{l['device'].get('mac') for l in of('device')} == {'$server', '$client', '$garage'}"
live_end
