#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Each of the small captures of tests/captures/make, read by the program: the frames it counts, its
# exit status, what it says of a file that is cut off or no capture; by name and through stdin; and
# several at once.
set -u
havainto=${HAVAINTO:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
number=0
tests/captures/make "$work" || exit 1

# judge WHAT CONDITION... - one line of TAP; the condition is a command
judge() {
	what=$1
	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $what"
		return
	fi
	echo "not ok $number - $what"
	sed 's/^/# /' "$work/err"
	failed=1
}

# frames - what the last health line counted as captured
frames() {
	sed -n 's/.*"captured":\([0-9]*\).*/\1/p' "$work/out" | tail -n 1
}

# was STATUS FRAMES SAID - did the last run end with this status, count and message?
was() {
	[ "$status" = "$1" ] || return 1
	[ "$2" = - ] || [ "$(frames)" = "$2" ] || return 1
	if [ -n "$3" ]; then grep -qF -- "$3" "$work/err"; else [ ! -s "$work/err" ]; fi
}

while IFS="$(printf '\t')" read -r name count wanted said; do
	"$havainto" listen -r "$work/$name" -o - >"$work/out" 2>"$work/err"
	status=$?
	[ "$wanted" = 0 ] || count=-
	judge "$name" was "$wanted" "$count" "$said"
	"$havainto" listen -r - -o - <"$work/$name" >"$work/out" 2>"$work/err"
	status=$?
	judge "$name on stdin" was "$wanted" "$count" "$said"
done <"$work/expected.tsv"

"$havainto" listen -r "$work/micro.pcap" -r "$work/cut.pcap" -r "$work/sections.pcapng" -o - >"$work/out" 2>"$work/err"
status=$?
judge "three captures merged, one of them cut off" was 0 8 'cut.pcap: cut off at offset'

"$havainto" listen -r "$work/micro.pcap" -f 'ether src 02:00:00:00:00:02' -o - >"$work/out" 2>"$work/err"
status=$?
judge "a filter lets one of three frames pass" was 0 1 ''

"$havainto" listen -r "$work/missing.pcap" -o - >"$work/out" 2>"$work/err"
status=$?
judge "a file that is not there is said" was 1 - "cannot read $work/missing.pcap: No such file or directory"

"$havainto" listen -r "$work/micro.pcap" -f 'tcp and and' -o - >"$work/out" 2>"$work/err"
status=$?
judge "a filter that cannot be compiled is refused" [ "$status" != 0 ]
judge "and said" was "$status" - 'cannot compile the filter "tcp and and"'

# A pipe that stays open and silent after three frames: they are read at once, and SIGTERM ends it.
mkfifo "$work/pipe"
"$havainto" listen -r - -o - <"$work/pipe" >"$work/out" 2>"$work/err" &
pid=$!
exec 9>"$work/pipe"
cat "$work/micro.pcap" >&9
is_read() {
	grep -q '^SigBlk:.*[4-7c-f]...$' "/proc/$pid/status" && python3 - "$work/pipe" <<-'PYTHON'
		import fcntl, os, sys, termios
		sys.exit(any(fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK), termios.FIONREAD, bytes(4))))
	PYTHON
}
for _ in $(seq 1200); do
	! is_read 2>/dev/null || break
	sleep 0.1
done
kill -TERM "$pid"
wait "$pid"
status=$?
exec 9>&-
judge "SIGTERM ends the reading of a silent pipe" was 0 3 ''

echo "1..$number"
exit $failed
