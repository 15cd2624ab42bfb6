#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A real DHCP client, a DHCP and DNS server and an mDNS responder, watched as they come: each is
# reported with what it said, its change within two seconds of its frames; and the sensor ends at
# once when it is asked to, with its last report written and its sums right.
set -eu
[ "$(id -u)" -eq 0 ] || { echo '1..0 # skip needs root, for network namespaces'; exit 77; }

export HAVAINTO_LAB="hvt$$"
work=$(mktemp -d)
chmod 755 "$work"
number=0
failed=0
sensor=

finish() {
	[ -z "$sensor" ] || kill -9 "$sensor" 2>/dev/null || true
	tools/lab down
	rm -rf "$work"
}
trap finish EXIT

check() { # check CLAIM COMMAND...
	number=$((number + 1))
	claim=$1
	shift
	if "$@"; then
		echo "ok $number - $claim"
	else
		echo "not ok $number - $claim"
		failed=1
	fi
}

# told TYPE PYTHON-CONDITION: a line of that type for which the condition on d holds
told() {
	python3 - "$work/report" "$1" "$2" <<-'END'
		import json, sys
		lines = [json.loads(line) for line in open(sys.argv[1]) if line.endswith("\n")]
		def fact(d, kind, value, ip=None, grade=None):
		    return any(f["kind"] == kind and f["value"] == value and (ip is None or f.get("ip") == ip)
		               and (grade is None or f.get("grade") == grade) for f in d["device"]["facts"])
		def mac(d):
		    return d.get("device", {}).get("mac", "")
		sys.exit(not any(eval(sys.argv[3]) for d in lines if d["type"] == sys.argv[2]))
	END
}

# within SECONDS COMMAND...: it comes true in time
within() {
	tries=$(($1 * 10))
	shift
	while [ $tries -gt 0 ]; do
		"$@" 2>/dev/null && return 0
		sleep 0.1
		tries=$((tries - 1))
	done
	return 1
}

tools/lab up
# The sensor's command itself, so that the number is its own and not a wrapper's.
ip netns exec "$HAVAINTO_LAB" "${HAVAINTO:?}" listen -i br0 --interval 1 -o - >"$work/report" 2>"$work/said" &
sensor=$!
check 'the sensor says hello' within 5 grep -q '"type":"hello"' "$work/report"
tools/lab client
check 'a new device is told within two seconds' within 2 \
	told change 'd["what"] == "new" and "02:00:00:00:00:aa" in json.dumps(d)'
check 'the client has the address of its lease' within 3 \
	told device 'mac(d) == "02:00:00:00:00:aa" and any(f["kind"] == "address.ipv4" and f["value"].startswith("192.0.2.") and f["grade"] == "owner" for f in d["device"]["facts"])'
check 'the client has its host name' within 3 \
	told device 'mac(d) == "02:00:00:00:00:aa" and fact(d, "name.host", "lab-client")'
check 'the client has its vendor class' within 3 \
	told device 'mac(d) == "02:00:00:00:00:aa" and fact(d, "dhcp.vendor_class", "lab-vendor")'
check 'the server serves DHCP' within 3 \
	told device 'mac(d) == "02:00:00:00:00:01" and fact(d, "role", "dhcp-server")'
check 'the server serves DNS' within 3 \
	told device 'mac(d) == "02:00:00:00:00:01" and fact(d, "role", "dns-server")'
check 'the server owns its address' within 3 \
	told device 'mac(d) == "02:00:00:00:00:01" and fact(d, "address.ipv4", "192.0.2.1", grade="owner")'
check 'the printer has its name' within 5 \
	told device 'mac(d) == "02:00:00:00:00:09" and (fact(d, "name.host", "lab-printer") or fact(d, "name.host", "lab-printer.local"))'
check 'the printer offers printing' within 5 \
	told device 'mac(d) == "02:00:00:00:00:09" and any(f["kind"] == "mdns.service" and f["value"].startswith("_ipp._tcp") for f in d["device"]["facts"])'
check 'the printer has its model' within 5 \
	told device 'mac(d) == "02:00:00:00:00:09" and fact(d, "printer.model", "Lab Printer 3000")'

ended() {
	! kill -0 "$sensor" 2>/dev/null
}
kill -TERM "$sensor" || true
check 'it ends within five seconds of SIGTERM' within 5 ended
status=0
wait "$sensor" || status=$?
sensor=
check 'its exit status is 0' [ $status -eq 0 ]
check 'its last report is whole' told end 'd["devices"] >= 3'
check 'its last line is bye' sh -c 'tail -n 1 "$1" | grep -q "\"type\":\"bye\""' sh "$work/report"
[ $failed -eq 0 ] || { sed 's/^/# /' "$work/said"; cut -c 1-400 "$work/report" | tail -n 12 | sed 's/^/# /'; }
echo "1..$number"
exit $failed
