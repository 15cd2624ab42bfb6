#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Of hosts that nobody can know nothing is concluded: neither system, model, type nor maker, on any wiring.
# The capture is made by unknowable.py, which says what is in it.
set -eu
. tests/system/tap

python3 tests/system/unknowable.py make "$work/unknowable.pcap"
for wiring in '' '--workers 3' '--task udp=2' '--interval 1'; do
	# shellcheck disable=SC2086 # a list of words
	run listen -r "$work/unknowable.pcap" -o "file:$work/report.ndjson" $wiring
	is 0 "it is read${wiring:+ with $wiring}"
	claim "nothing is concluded but what was said${wiring:+ with $wiring}" \
		python3 tests/system/unknowable.py judge "$work/report.ndjson"
	rm "$work/report.ndjson"
done
done_testing
