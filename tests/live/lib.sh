# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034 # $status is for the scripts
#
# lib.sh - worlds to listen in, for the scripts beside it (". tests/live/lib.sh" at their top).
#
#   live_begin NAME TOOL...      skips (77) unless root and the tools are there; a folder $work; cleans up at the end
#   ns_make NAME [ipv6]          a network namespace; loopback is up; IPv6 off unless asked for
#   ns NAME COMMAND...           runs a command in it
#   veth NAME IFACE NAME IFACE   a cable between two of them (MTU 1600), both ends up
#   bridge NAME BR IFACE...      a switch that floods to a listener on BR
#   start LABEL COMMAND...       in the background: its output in $work/LABEL.log, its id in $pid
#   stop PID [SIGNAL]            ends it and waits; the exit status in $status
#   sensor_start NAME LABEL OPTION...   `havainto listen` in it, behind the words of $within: its report is
#                                $report, its id $sensor; waits until it says hello. Its status is at $work/LABEL.sock
#   counts LABEL EXPRESSION      is it true of g, what a running sensor counts? (its gauges, told anew each second)
#   heard LABEL COUNT            has it been given so many frames, or the kernel kept them back?
#   until_true COMMAND           tries ten times a second, for two minutes; fails, saying which, when they are over
#   within SECONDS COMMAND       the same; comes it true in so much calm time (tests/calm)?
#   send_frames NAME IFACE COUNT HEX [GAP_MS]   raw frames, gap_ms between two
#   ask REPORT EXPRESSION        is it true of the report? Python, with: lines, of(type), device(mac), facts(mac, kind)
#   same REPORT REPORT           are the records equal, but for when and in which frame something was seen?
#   check WHAT COMMAND...        counts and prints "ok" or "not ok"
#   live_end                     the sum; exit status of the test
#
# Everything that is made has this process's number in its name, and is deleted at the end, also
# after a failure. Traffic is bounded and never leaves these namespaces.

live_begin() {
	live_name=$1
	shift
	umask 022
	[ "$(id -u)" = 0 ] || live_skip "not root: no interfaces can be made"
	for tool in ip python3 "$@"; do
		command -v "$tool" >/dev/null || live_skip "$tool is not installed"
	done
	[ -x "${HAVAINTO-}" ] || live_skip "HAVAINTO names no program"
	work=$(mktemp -d "/tmp/havainto-live.XXXXXX")
	chmod 755 "$work"
	live_spaces='' live_pids='' live_passed=0 live_failed=0
	trap live_clean EXIT
	trap 'exit 1' INT TERM
}

live_skip() {
	echo "skipped: $1"
	exit 77
}

# Sanitizer builds have no sandbox: what a script finds out about it is left out there.
has_sandbox() {
	! "$HAVAINTO" selfcheck 2>&1 | grep -q 'sanitizer build'
}

live_clean() {
	live_status=$?
	set +e
	for live_pid in $live_pids; do
		kill -KILL "$live_pid" 2>/dev/null && wait "$live_pid" 2>/dev/null
	done
	for live_space in $live_spaces; do
		ip netns del "$live_space" 2>/dev/null
	done
	[ "$live_status" = 0 ] || for live_log in "$work"/*.log; do
		echo "--- $live_log" && tail -n 20 "$live_log"
	done
	rm -rf "$work"
}

# The full name of a namespace.
ns_name() {
	echo "havainto-$$-$1"
}

ns_make() {
	ip netns add "$(ns_name "$1")"
	live_spaces="$live_spaces $(ns_name "$1")"
	if [ "${2-}" != ipv6 ]; then
		ns "$1" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
			echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
	fi
	ns "$1" ip link set lo up
}

ns() {
	live_in=$(ns_name "$1")
	shift
	ip netns exec "$live_in" "$@"
}

veth() {
	ip link add "$2" netns "$(ns_name "$1")" mtu 1600 type veth \
		peer name "$4" netns "$(ns_name "$3")" mtu 1600
	ns "$1" ip link set "$2" up
	ns "$3" ip link set "$4" up
}

bridge() {
	live_at=$1 live_bridge=$2
	shift 2
	ns "$live_at" ip link add "$live_bridge" type bridge forward_delay 0 mcast_snooping 0
	for live_port in "$@"; do
		ns "$live_at" ip link set "$live_port" master "$live_bridge"
	done
	ns "$live_at" ip link set "$live_bridge" up
}

start() {
	live_label=$1
	shift
	"$@" >"$work/$live_label.log" 2>&1 &
	pid=$!
	live_pids="$live_pids $pid"
}

sensor_start() {
	live_space=$1 label=$2 report=$work/$2.ndjson
	shift 2
	: >"$report"
	chmod 666 "$report"
	# shellcheck disable=SC2086 # a list of words
	start "$label" ip netns exec "$(ns_name "$live_space")" ${within-} "$HAVAINTO" listen "$@" \
		-o "file:$report" --status "$work/$label.sock"
	sensor=$pid
	until_true ask "$report" "of('hello')"
}

stop() {
	status=0
	kill "-${2-TERM}" "$1" 2>/dev/null || true
	wait "$1" || status=$?
}

until_true() {
	live_left=1200
	while ! "$@" >/dev/null 2>&1; do
		live_left=$((live_left - 1))
		[ "$live_left" -gt 0 ] || {
			echo "never came true: $*"
			return 1
		}
		sleep 0.1
	done
}

within() {
	live_limit=$(($1 * 1000))
	live_from=$(tests/calm)
	shift
	until_true "$@" && [ $(($(tests/calm) - live_from)) -le "$live_limit" ]
}

counts() {
	"$HAVAINTO" status --status "$work/$1.sock" --json >"$work/$1.counts" || return 1
	ask "$work/$1.counts" "(lambda g: $2)(of('health')[-1]['gauges'])"
}

heard() {
	counts "$1" "g['source.received'] + g.get('source.shed', 0) + g['source.kernel_dropped'] >= $2"
}

send_frames() {
	ns "$1" python3 - "$2" "$3" "$4" "${5-0}" <<-'PYTHON'
		import socket, sys, time
		iface, count, text, gap = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
		frame = bytes.fromhex(text).ljust(60, b"\0")
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind((iface, 0))
		for _ in range(count):
		    s.send(frame)
		    if gap:
		        time.sleep(gap / 1000)
	PYTHON
}

# A line that is being written is left out; a record replaces the one before it.
ask() {
	python3 - "$1" "$2" <<-'PYTHON'
		import json, sys
		text = open(sys.argv[1], "rb").read()
		lines = [json.loads(line) for line in text[: text.rfind(b"\n") + 1].splitlines()]
		def of(kind):
		    return [line for line in lines if line["type"] == kind]
		def device(mac):
		    found = [line["device"] for line in of("device") if line["device"].get("mac") == mac]
		    return found[-1] if found else None
		def facts(mac, kind):
		    return [f["value"] for f in (device(mac) or {"facts": []})["facts"] if f["kind"] == kind]
		sys.exit(0 if eval(sys.argv[2]) else 1)
	PYTHON
}

same() {
	python3 - "$1" "$2" <<-'PYTHON'
		import json, sys
		TIMES = {"first_seen", "last_seen", "frame"}
		def timeless(of):
		    if isinstance(of, dict):
		        return {key: timeless(value) for key, value in of.items() if key not in TIMES}
		    return [timeless(one) for one in of] if isinstance(of, list) else of
		def records(path):
		    lines = (json.loads(line) for line in open(path))
		    devices = (line["device"] for line in lines if line["type"] == "device" and line["full"])
		    return {(d["realm"], d.get("mac"), d.get("ip")): timeless(d) for d in devices}
		one, other = (records(path) for path in sys.argv[1:])
		for key in sorted(one.keys() | other.keys(), key=str):
		    if one.get(key) != other.get(key):
		        print(key, one.get(key), other.get(key), sep="\n")
		sys.exit(0 if one and one == other else 1)
	PYTHON
}

check() {
	live_what=$1
	shift
	if "$@" >/dev/null 2>&1; then
		echo "ok      $live_what"
		live_passed=$((live_passed + 1))
	else
		echo "not ok  $live_what: $*"
		live_failed=$((live_failed + 1))
	fi
}

live_end() {
	echo "$live_name: $live_passed passed, $live_failed failed"
	[ "$live_failed" = 0 ]
	exit
}
