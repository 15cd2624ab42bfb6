#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2317 # functions that until_true calls
#
# Every answer of the API has the shape that api/openapi.json tells, over two hours of an office.
set -eu
. tests/system/tap
address=$near:8710
place=$work/place
trap 'kill "$both" 2>/dev/null || true; rm -rf "$work"' EXIT
chmod 755 "$work"

tests/captures/office "$work/office.pcap" >"$work/made" 2>&1
"$HAVAINTO" run "$work/office.pcap" --interval 60 --state "$place" --listen "$address" >"$work/run.out" 2>"$work/run.err" </dev/null &
both=$!
answers_or_ended() {
	grep -q '^token' "$work/run.out" || has_ended "$both"
}
until_true answers_or_ended
claim 'every path is told, and answers as told' \
	python3 tests/system/api.py "$address" "$(sed -n 's/^token  //p' "$work/run.out")" .
status=0
kill -TERM "$both"
wait "$both" || status=$?
is 0 'SIGTERM ends it well'
done_testing
