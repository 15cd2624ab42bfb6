#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# `havainto coverage` says how much of a network was seen: of one office, captured whole and badly.
# The captures are made by coverage.py, so what is missing in each is known.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 tests/system/coverage.py "$work"
number=0
failed=0

# is CLAIM CAPTURE CONDITION - Python, of the VLANs' rows: rows[vlan]["tcp"], share(row, "tcp_one_way", "tcp")
is() {
	number=$((number + 1))
	# shellcheck disable=SC2086 # a list of words
	"${HAVAINTO:?}" coverage --json ${options-} "$work/$2" >"$work/now.json" 2>"$work/said" || echo '[]' >"$work/now.json"
	if python3 - "$work/now.json" "$3" <<-'END'
		import json, sys
		rows = {row["vlan"]: row for row in json.load(open(sys.argv[1]))}
		def share(row, part, whole):
		    return 100 * row[part] / row[whole]
		def lost(row):
		    return 100 * row["tcp_bytes_lost"] / (row["tcp_bytes"] + row["tcp_bytes_lost"])
		sys.exit(not eval(sys.argv[2]))
	END
	then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		sed 's/^/# /' "$work/said" "$work/now.json"
		failed=1
	fi
}

# says CLAIM CAPTURE WORDS
says() {
	number=$((number + 1))
	if "$HAVAINTO" coverage "$work/$2" | grep -qF "$3"; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		"$HAVAINTO" coverage "$work/$2" | sed 's/^/# /'
		failed=1
	fi
}

is 'a whole capture has both sides of all, and every byte' whole.pcap \
	'rows[0]["tcp"] == rows[0]["udp"] == 60 and rows[0]["tcp_one_way"] == rows[0]["udp_one_way"] == rows[0]["tcp_bytes_lost"] == 0 and rows[0]["tcp_bytes"] > 7000000'
is 'addresses that nobody has are asked for in vain' whole.pcap 'rows[0]["asked"] == 5 and rows[0]["asked_silent"] == 4'
is 'one direction: all conversations are one way' one_way.pcap 'share(rows[0], "tcp_one_way", "tcp") == share(rows[0], "udp_one_way", "udp") == 100'
is 'one direction: what the other side sent was acknowledged, and never seen' one_way.pcap 'lost(rows[0]) > 90'
is 'every tenth frame gone: a tenth of the bytes' tenth.pcap '9 <= lost(rows[0]) <= 11 and rows[0]["tcp_one_way"] == 0'
is 'broadcasts alone: no conversation between two' broadcasts.pcap 'rows[0]["tcp"] == rows[0]["udp"] == 0 and rows[0]["to_groups"] == 20'
is 'a short capture saw what it cut off' short.pcap 'rows[0]["tcp_bytes_lost"] == 0 and rows[0]["tcp_bytes"] > 7000000'
is 'segments that come late, or twice, are not lost' late.pcap 'lost(rows[0]) < 0.01 and rows[0]["tcp_bytes"] > 7000000'
is 'each VLAN for itself' tagged.pcap 'rows[10]["tcp_one_way"] == 0 and rows[10]["tcp_bytes_lost"] == 0 and share(rows[20], "tcp_one_way", "tcp") == 100'
says 'one direction, in words' one_way.pcap '60 of 60 TCP conversations seen one way only (100 %)'
says 'a tenth, in words' tenth.pcap 'of TCP were acknowledged but never seen ('
says 'broadcasts, in words' broadcasts.pcap '0 unicast conversations'
says 'VLANs, in words' tagged.pcap 'VLAN 20'

# A report says what its capture does, and so does every wiring.
for capture in tenth tagged; do
	"$HAVAINTO" coverage --json "$work/$capture.pcap" >"$work/expected"
	for wiring in '' '--workers 3' '--task tls --task udp=2' '--task tcp=2' '--interval 1'; do
		number=$((number + 1))
		# shellcheck disable=SC2086 # a list of words
		"$HAVAINTO" listen -r "$work/$capture.pcap" -o - $wiring >"$work/report"
		if "$HAVAINTO" coverage --json "$work/report" | cmp -s - "$work/expected"; then
			echo "ok $number - $capture: the same from a report, listen $wiring"
		else
			echo "not ok $number - $capture: the same from a report, listen $wiring"
			failed=1
		fi
	done
done
exit $failed
