#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The same answer whatever the wiring: device, change and end lines are byte for byte those of one
# task, for more workers, for observers on tasks of their own, and for all of it together; with and
# without an interval. What was captured, malformed and unclaimed agrees in sum, and no cap was hit.
# Over captures of bench/generate and over every frame of the case files.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
failed=0

say() { # say RESULT CLAIM
	number=$((number + 1))
	echo "$1 $number - $2"
	[ "$1" = ok ] || failed=1
}

# report NAME CAPTURE OPTIONS... - its lines that must not differ in $work/NAME.lines, its sums in NAME.sums
report() {
	name=$1
	capture=$2
	shift 2
	"${HAVAINTO:?}" listen -r "$capture" -o - "$@" >"$work/$name" 2>"$work/$name.said" || {
		sed 's/^/# /' "$work/$name.said"
		return 1
	}
	grep -E '"type":"(device|change|end)"' "$work/$name" >"$work/$name.lines"
	grep '"type":"health"' "$work/$name" | tail -n 1 |
		sed 's/.*\("captured":[0-9]*,"malformed":[0-9]*,"unclaimed":[0-9]*,"refused":[0-9]*,"evicted":[0-9]*\).*/\1/' >"$work/$name.sums"
}

# refused NAME - how often a fact beyond a cap was refused
refused() {
	sed 's/.*"refused":\([0-9]*\).*/\1/' "$work/$1.sums"
}

# sums_agree TELLERS - with the first report. A fact that is refused is refused to each task that tells it.
sums_agree() {
	sed 's/"refused":[0-9]*//' "$work/first.sums" >"$work/first.others"
	sed 's/"refused":[0-9]*//' "$work/now.sums" | cmp -s "$work/first.others" - &&
		[ "$(refused now)" -ge "$(refused first)" ] && [ "$(refused now)" -le $(($1 * $(refused first))) ]
}

# same TELLERS CLAIM CAPTURE OPTIONS... - as the first report of this capture, where TELLERS tasks may tell the same
same() {
	tellers=$1
	claim=$2
	capture=$3
	shift 3
	if ! report now "$capture" "$@"; then
		say 'not ok' "$claim: ended badly"
	elif ! cmp -s "$work/first.lines" "$work/now.lines"; then
		say 'not ok' "$claim: lines differ"
		diff "$work/first.lines" "$work/now.lines" | head -n 4 | cut -c 1-600 | sed 's/^/# /'
	elif ! sums_agree "$tellers"; then
		say 'not ok' "$claim: sums differ"
		cat "$work/first.sums" "$work/now.sums" | sed 's/^/# /'
	else
		say ok "$claim"
	fi
}

# wirings NAME CAPTURE OPTIONS... - one task, and then all the others
wirings() {
	about=$1
	capture=$2
	shift 2
	if ! report first "$capture" --workers 1 "$@" || [ ! -s "$work/first.lines" ]; then
		say 'not ok' "$about: one task reports devices"
		return
	fi
	say ok "$about: one task reports $(wc -l <"$work/first.lines") lines"
	case $about:$(cat "$work/first.sums") in
	crowd:*'"refused":0,'*) say 'not ok' "$about: a cap was hit" ;;
	crowd:* | *'"refused":0,"evicted":0') say ok "$about: caps are hit where they should be" ;;
	*) say 'not ok' "$about: no cap was hit: $(cat "$work/first.sums")" ;;
	esac
	same 1 "$about: again" "$capture" --workers 1 "$@"
	same 2 "$about: 2 workers" "$capture" --workers 2 "$@"
	same 4 "$about: 4 workers" "$capture" --workers 4 "$@"
	same 2 "$about: tls and dns on their own" "$capture" --workers 1 --task tls=2 --task dns "$@"
	same 2 "$about: tcp and all above it on 2 tasks" "$capture" --workers 1 --task tcp=2 "$@"
	same 3 "$about: everything apart" "$capture" --workers 3 --task tls=2 --task dns --task udp=2 --task ipv6 "$@"
}

# The last full report, without what says when and as what number it left.
whole() {
	sed -n '/"type":"device"/{/"full":true/p;}' "$1" | sed 's/"seq":[0-9]*,"time":"[^"]*",//' | tail -n "$2"
}

# In the crowd some host talks with more than are kept of those (talks.ipv4): the same stay, whatever the order.
"${HAVAINTO_GENERATE:?}" mix "$work/mix.pcap" 6000 24
"$HAVAINTO_GENERATE" mix "$work/crowd.pcap" 6000 150
"$HAVAINTO_GENERATE" devices "$work/devices.pcap" 1500 500
"$HAVAINTO_GENERATE" flood "$work/flood.pcap" 1000
tools/fuzz-seeds "$work/seeds"
python3 - "$work" <<'END'
import glob, struct, sys
captures = [open(path, "rb").read() for path in sorted(glob.glob(sys.argv[1] + "/seeds/fuzz_capture/*"))]
classic = [data for data in captures if data[:4] == b"\xd4\xc3\xb2\xa1"]
with open(sys.argv[1] + "/cases.pcap", "wb") as out:
    out.write(classic[0][:24] + b"".join(data[24:] for data in classic))
# The mix at 200 packets a second, so that there are intervals in it.
data, at, number = open(sys.argv[1] + "/mix.pcap", "rb").read(), 24, 0
with open(sys.argv[1] + "/slow.pcap", "wb") as out:
    out.write(data[:24])
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        out.write(struct.pack("<II", 1700000000 + number // 200, number % 200 * 5000) + data[at + 8:at + 16 + size])
        at, number = at + 16 + size, number + 1
END

wirings mix "$work/mix.pcap"
wirings crowd "$work/crowd.pcap"
wirings 'slow mix' "$work/slow.pcap"
whole "$work/first" "$(wc -l <"$work/first.lines")" >"$work/without"
wirings 'slow mix, an interval of a second' "$work/slow.pcap" --interval 1 --full-every 7
whole "$work/first" "$(wc -l <"$work/without")" >"$work/with"
if cmp -s "$work/without" "$work/with"; then
	say ok 'the last full report is the same with an interval'
else
	say 'not ok' 'the last full report is the same with an interval'
	diff "$work/without" "$work/with" | head -n 4 | cut -c 1-600 | sed 's/^/# /'
fi
wirings devices "$work/devices.pcap"
wirings flood "$work/flood.pcap"
wirings 'every frame of the cases' "$work/cases.pcap"
exit $failed
