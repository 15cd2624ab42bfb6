#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The probes are in the program, each once or more, with the arguments that doc/probes.md tells of; each is
# a single nop.
set -eu
. tests/system/tap

case $(uname -m) in
x86_64 | aarch64) ;;
*) exit 77 ;;
esac
readelf -n "$HAVAINTO" >"$work/out"

# probe NAME ARGUMENTS - it is there, with so many arguments of 64 bits
probe() {
	grep -A 3 "^    Provider: havainto$" "$work/out" | grep -A 2 "^    Name: $1$" >"$work/probe" || true
	claim "$1 is there" [ -s "$work/probe" ]
	claim "$1 has $2 arguments" [ "$(sed -n 's/^ *Arguments: //p' "$work/probe" | tr ' ' '\n' | grep -c '^8@')" = "$2" ]
	claim "$1 is told of" grep -q "^| \`$1\` " doc/probes.md
	claim "$1 has a line for bpftrace" grep -q "usdt:./build/havainto:havainto:$1 " doc/probes.md
	at=$(sed -n 's/^ *Location: 0x0*\([0-9a-f]*\),.*/\1/p' "$work/probe" | head -n 1)
	objdump -d --start-address="0x$at" --stop-address="$(printf '0x%x' $((0x$at + 4)))" "$HAVAINTO" >"$work/code"
	claim "$1 is a nop" grep -qE "^ *$at:.*	nop" "$work/code"
}

probe told 5
probe dropped 2
probe malformed 2
probe mark 2
claim 'there are no others' [ "$(sed -n 's/^    Name: //p' "$work/out" | sort -u | tr '\n' ' ')" = 'dropped malformed mark told ' ]
done_testing
