#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The case runner finds what is wrong: each of these cases fails, with the line and the words, and
# the same case put right passes.
set -eu
runner=${HAVAINTO_BUILD:?}/tests/case_runner
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

arp='frame ffffffffffff 0200000000aa 0806 0001 0800 06 04 0001 0200000000aa c0000207 000000000000 c0000207'
told='expect 02:00:00:00:00:aa address.ipv4 192.0.2.7'
talk='tcp 192.0.2.7:40000 > 192.0.2.1:9
send "x"'

# says WHAT WORDS - the case on stdin must fail with these words, or, without words, pass
says() {
	number=$((${number-0} + 1))
	cat >"$work/one.case"
	status=0
	"$runner" "$work/one.case" >"$work/out" 2>&1 || status=$?
	if { [ -z "$2" ] && [ "$status" -eq 0 ]; } ||
		{ [ -n "$2" ] && [ "$status" -eq 1 ] && grep -qF "$2" "$work/out"; }; then
		echo "ok $number - $1"
		return
	fi
	echo "not ok $number - $1"
	sed 's/^/# /' "$work/out"
	failed=1
}

printf 'about x\n%s\n%s by arp grade owner ip 192.0.2.7 vlan 0 realm ""\n' "$arp" "$told" | says 'a good case passes' ''
printf 'about x\n%s\n' "$arp" | says 'a fact nobody expects' 'told, not expected: expect  02:00:00:00:00:aa  address.ipv4'
printf 'about x\n%s\n%s\nexpect 02:00:00:00:00:bb address.ipv4 192.0.2.7\n' "$arp" "$told" |
	says 'an expected fact not told' 'one.case:4: not told: 02:00:00:00:00:bb'
for wrong in 'by ipv4' 'grade uses' 'ip -' 'vlan 7' 'realm gre'; do
	printf 'about x\n%s\n%s %s\n' "$arp" "$told" "$wrong" | says "the wrong $wrong" 'one.case:3: not told'
done
printf 'about x\n%s\nexpect 02:00:00:00:00:aa address.ipv5 192.0.2.7\n' "$arp" | says 'no such kind' 'one.case:3: wanted: expect'
printf 'about x\n%s\n%s\ncount arp.learned 2\n' "$arp" "$told" | says 'a wrong count' 'one.case:4: arp.learned is 1, not 2'
printf 'about x\n%s\n%s\ncount arp.pleased 1\n' "$arp" "$told" | says 'no such count' 'no such count: arp.pleased'
printf 'about x\n%s\n%s\nforward ethertype 0x806 rest 27\n' "$arp" "$told" | says 'a wrong rest' 'one.case:4: not forwarded so'
printf 'about x\n%s\n%s\nforward ethertype 0x800\n' "$arp" "$told" | says 'a wrong key' 'not forwarded so: ethertype 0x800'
printf 'about x\nparse udp 0001 0002 0008 0000\nrefused "why"\n' | says 'a parser that accepts' 'one.case:3: accepted, though why'
printf 'about x\nparse udp 0001 0002 0007 0000\nfield from 1\n' | says 'a parser that refuses' 'one.case:3: refused'
printf 'about x\nparse udp 0001 0002 0008 0000\nfield from 2\n' | says 'a wrong field' 'one.case:3: from is not 2'
printf 'about x\nparse udp 0001 0002 0008 0000\nfield form 1\n' | says 'no such field' 'udp has no field form'
printf 'about x\nparse upd 0001 0002 0008 0000\n' | says 'no such parser' 'wanted: parse NAME BYTES'
printf 'about x\nfrome 00\n' | says 'no such statement' 'one.case:2: not a statement'
printf 'about x\nframe 000\n' | says 'half a byte' 'an odd number of hex digits'
printf 'about x\nframe 0g\n' | says 'no hex digit' 'neither hex digits nor text: 0g'
printf 'about x\nframe "text\n' | says 'a quote that does not end' 'one.case:2: not a statement'
printf '%s\n%s\n' "$arp" "$told" | says 'a case about nothing' 'a case begins with what it is about'
printf 'about x\nsend "x"\n' | says 'a message in no conversation' 'in which conversation?'
printf 'about x\ntcp 192.0.2.7 > 192.0.2.1:9\n' | says 'a host without a port' 'wanted: A:PORT > B:PORT'
printf 'about x\nfile none.pcap\n' | says 'no such capture' 'none.pcap'
printf 'about x\n%s\nexpect 02:00:c0:00:02:01 service tcp/9\n' "$talk" | says 'a conversation' ''
exit $failed
