#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the program reports of a small network: lines of the schema, the same to every sink and by
# every wiring, no secret when it is hashed, and a plain end when its reader ends.
set -u
havainto=${HAVAINTO:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
number=0
python3 tests/system/report_world.py "$work/world.pcap" || exit 1

# judge WHAT CONDITION... - one line of TAP; the condition is a command
judge() {
	what=$1
	shift
	number=$((number + 1))
	if "$@" >"$work/said" 2>&1; then
		echo "ok $number - $what"
		return
	fi
	echo "not ok $number - $what"
	sed 's/^/# /' "$work/said"
	failed=1
}

listen() {
	"$havainto" listen -r "$work/world.pcap" "$@"
}

has() {
	grep -qF -- "$1" "$work/out"
}

lacks() {
	[ -s "$work/$2" ] && ! grep -qF -- "$1" "$work/$2"
}

# the lines that no wiring may change
lines_that_count() {
	grep -E '"type":"(device|change|end)"' "$1"
}

same_by() {
	listen -o - "$@" >"$work/other" || return 1
	lines_that_count "$work/out" >"$work/a"
	lines_that_count "$work/other" >"$work/b"
	cmp "$work/a" "$work/b"
}

same_as_file() {
	listen -o - -o "file:$work/file" >"$work/other" || return 1
	lines_that_count "$work/other" >"$work/a"
	lines_that_count "$work/file" >"$work/b"
	[ -s "$work/b" ] && cmp "$work/a" "$work/b"
}

appended() {
	listen -o "file:$work/file" && [ "$(grep -c '"type":"bye"' "$work/file")" = 2 ]
}

reader_ends() {
	{
		listen -o - 2>"$work/err"
		echo $? >"$work/status"
	} | true
	[ "$(cat "$work/status")" = 1 ] && [ "$(grep -c 'its reader ended' "$work/err")" = 1 ]
}

cannot_write() {
	listen -o /dev/full >"$work/said" 2>&1
	[ $? != 0 ] || return 1
	listen -o file:/dev/full 2>"$work/err"
	[ $? = 1 ] && grep -q 'No space left' "$work/err"
}

listen -o - >"$work/out"
judge 'a capture is reported and the exit is 0' test -s "$work/out"
judge 'every line is of the schema' python3 tests/system/report_schema.py doc/schema/havainto-1.json "$work/out"
judge 'two that claim one address at once are told' has '"what":"address-duplicate","mac":"02:00:00:00:00:02"'
judge 'hosts behind the router are counted of it' has '"kind":"remote.hosts","value":"39"'
judge 'one that told something is a record of its own' has '"ip":"198.51.100.99","via":"02:00:00:00:00:fe"'
judge 'so is one with a private address' has '"ip":"10.9.8.7","via":"02:00:00:00:00:fe"'
judge 'a link-local address stays with its MAC' has '"value":"169.254.3.4","by":"ipv4","grade":"local"'
judge 'a name is shown' has '"name":"Aino-secret"'
judge 'a hostile name is escaped, and whole in raw' has '"raw":"1b5b33316dff3c7363726970743e225c"'
judge 'two workers report the same' same_by --workers 2
judge 'four workers report the same' same_by --workers 4
judge 'observers on their own tasks report the same' same_by --task dhcp=2 --task dns
judge 'a file gets what standard output gets' same_as_file
judge 'a file is appended to, run by run' appended
judge 'a reader that ends is said once, and the exit is 1' reader_ends
judge 'a sink that cannot be written is said, and the exit is 1' cannot_write
listen -o - -o "file:$work/hashed" --privacy hashed >"$work/out"
judge 'hashed: no name on standard output' lacks secret out
judge 'hashed: no name in the file' lacks secret hashed
judge 'hashed: a name is a hash' has '"name":"h:'
listen -o - --interval 10 >"$work/out"
judge 'with an interval every line is of the schema' \
	python3 tests/system/report_schema.py doc/schema/havainto-1.json "$work/out"
judge 'with an interval a later address is a change' has '"what":"address-added","mac":"02:00:00:00:00:aa"'
echo "1..$number"
exit "$failed"
