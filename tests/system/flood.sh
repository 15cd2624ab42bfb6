#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A flood of frames, each from another random MAC, is counted and not kept, and those who were there
# before it are reported as if there were none: the same lines, to the byte, whatever the wiring.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
failed=0

claim() { # claim WHAT COMMAND...
	number=$((number + 1))
	what=$1
	shift
	if "$@"; then
		echo "ok $number - $what"
	else
		echo "not ok $number - $what"
		failed=1
	fi
}

# report NAME CAPTURE OPTIONS... - its device lines without what numbers them, and its last health line
report() {
	name=$1
	capture=$2
	shift 2
	"${HAVAINTO:?}" listen -r "$capture" -o - "$@" >"$work/all"
	sed -n '/"type":"device"/s/"seq":[0-9]*,"time":"[^"]*",//p' "$work/all" | sort >"$work/$name.lines"
	grep '"type":"health"' "$work/all" | tail -n 1 >"$work/$name.health"
}

# number_of KEY NAME - of the health line
number_of() {
	sed "s/.*\"$1\":\([0-9]*\).*/\1/" "$work/$2.health"
}

# kept NAME - the lines of the quiet run are all among its lines
kept() {
	[ -s "$work/quiet.lines" ] && [ -z "$(comm -23 "$work/quiet.lines" "$work/$1.lines")" ]
}

"${HAVAINTO_GENERATE:?}" mix "$work/mix.pcap" 8000 150
"$HAVAINTO_GENERATE" flood "$work/flood.pcap" 200000
{ cat "$work/mix.pcap"; tail -c +25 "$work/flood.pcap"; } >"$work/both.pcap"

report quiet "$work/mix.pcap"
claim 'no stranger is refused where there is no flood' [ "$(number_of strangers.refused quiet)" -eq 0 ]
for workers in 1 2; do
	report "$workers" "$work/both.pcap" --workers "$workers"
	devices=$(wc -l <"$work/$workers.lines")
	refused=$(number_of strangers.refused "$workers")
	claim "$workers workers: those who were there are reported as without the flood" kept "$workers"
	claim "$workers workers: of the flood no more is kept than there is room for" [ "$devices" -lt $((workers * 66500)) ]
	claim "$workers workers: what was refused is said" [ "$refused" -gt 60000 ]
	claim "$workers workers: each frame of a stranger is kept or refused" \
		[ $((devices - $(wc -l <"$work/quiet.lines") + refused)) -eq 200000 ]
done
echo "1..$number"
exit $failed
