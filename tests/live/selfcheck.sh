#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Every way to send or to get out is denied, and nothing was heard on the wire while they were tried.
set -eu
. tests/live/lib.sh
live_begin selfcheck
has_sandbox || live_skip "a sanitizer build has no sandbox"

ns_make sensor
ns sensor "$HAVAINTO" selfcheck >"$work/selfcheck.log" && status=0 || status=$?
check "all ways are denied (exit status $status)" [ "$status" = 0 ]
check "the sum says so" grep -qE '^([0-9]+) of \1 ways denied' "$work/selfcheck.log"
for way in write writev sendto sendmsg sendmmsg sendfile splice 'a copy by dup' 'a copy by fcntl' \
	'another packet socket' 'reading /etc/shadow' 'running a program' 'becoming root'; do
	check "$way" grep -qE "^$way.* denied \(" "$work/selfcheck.log"
done
check "nothing is allowed" [ "$(grep -c ALLOWED "$work/selfcheck.log")" = 0 ]
check "loopback sent nothing" [ "$(ns sensor cat /sys/class/net/lo/statistics/tx_packets)" = 0 ]
check "who is not root is told what to do" sh -c \
	"setpriv --reuid 65534 --clear-groups '$HAVAINTO' selfcheck 2>&1 | grep -q 'run as root'"
live_end
