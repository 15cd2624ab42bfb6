#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016 # awk's own words
#
# Every command says what it does; what is wrong with a command line is said with what would be right, and ends
# with 2; the pages of doc/ are those that the program makes.
set -eu
. tests/system/tap

run
is 0 'without a command it says what it can'
says 'havainto listen -r CAPTURE'
run --version
says "$(sed -n "s/.*version: '\([0-9.]*\)'.*/havainto \1/p" meson.build | head -n 1)"
for command in $("$HAVAINTO" help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
	run "$command" --help
	is 0 "$command --help"
	says "usage: havainto $command"
	claim "$command --help fits 80 columns" awk 'length($0) > 80 { exit 1 }' "$work/out"
	run help "$command"
	is 0 "help $command"
done
for table in observers facts counters channels; do
	run "$table"
	is 0 "$table"
	claim "$table has rows" [ "$(wc -l <"$work/out")" -gt 3 ]
done
run observers dhcp
is 0 'one observer in full'
says '  layer          naming'
says 'udp_port 67'
says 'address.ipv4            owner  95'
run observers --json
is 0 'observers as JSON'
claim 'a line for each observer, a hundred at least' python3 -c '
import json, sys
found = [json.loads(line) for line in open(sys.argv[1])]
assert len(found) >= 100 and found == sorted(found, key=lambda o: o["name"])
assert all(o["layer"] and o["about"] and o["specification"] and o["claims"] for o in found)
' "$work/out"

# wrong LINE WORDS - a command line that ends with 2 and these words
wrong() {
	# shellcheck disable=SC2086 # a list of words
	run $1
	is 2 "wrong: $1"
	tells "$2"
	claim 'and nothing else' [ ! -s "$work/out" ]
}
wrong 'lisen' 'there is no command lisen; is it listen?'
wrong 'zzzz' 'there is no command zzzz (see havainto help)'
wrong 'help zzzz' 'there is no command zzzz'
wrong 'listen --intervall 3' 'is it --interval?'
wrong 'listen' 'wants a capture (-r FILE) or an interface (-i IFACE)'
wrong 'listen -r a -i b' 'not both'
wrong 'listen -r - -r -' 'only once'
wrong 'listen -r a -o nowhere' '"nowhere" is none of: -, file:PATH, unix:PATH, tcp:HOST:PORT or tls:HOST:PORT'
wrong 'listen -r a --workers 99' 'a number from 1 to 32'
wrong 'listen -r a --task zzz' 'zzz'
wrong 'listen -r a --task tls=0' 'N from 1 to 32'
wrong 'listen -r a -o evidence:x -o evidence:y' 'only one evidence:FILE'
wrong 'listen -r a -o evidence:x --task tls' 'leave --task out'
wrong 'listen -r a --tap dhcp' 'is not NAME=FILE'
wrong 'listen -r a --tap zzz=x' 'there is no observer "zzz"'
wrong 'listen -r a --keep all' 'is not malformed:N or malformed:N=FILE'
wrong 'listen -r a --keep malformed:0' 'with N from 1 to 4096'
wrong 'listen -r a --live' '--live wants a terminal'
wrong 'listen -r a stray' 'does not know what to do with "stray"'
wrong 'listen -r a -f host' 'filter'
wrong 'listen -r a -f example.com' 'names of hosts are not looked up'
wrong 'show --json --csv' 'one of --json, --csv and --facts'
wrong 'why kitchen' 'wants DEVICE FACT REPORT'
wrong 'why kitchen nothing report' '"nothing" is none of'
wrong 'trace' 'wants one capture'
wrong 'observers dhcpp' 'is it dhcp?'
wrong 'observers --json --markdown' 'one of --json and --markdown'
wrong 'diff one' 'wants OLD NEW'
wrong 'completion fish' 'only for bash'

run listen -r "$work/missing.pcap" -o -
is 1 'a capture that is not there ends with 1'
tells 'missing.pcap'
run listen -i no-such-iface
is 1 'an interface that is not there ends with 1'
run status --status "$work/none"
is 1 'nobody to ask ends with 1'
tells 'no sensor answers'
run graph --workers 2 --task tls=2 --dot
is 0 'graph without a capture'
says 'digraph havainto'

tools/docs "$HAVAINTO" "$work/doc"
claim 'the pages of doc/ are current (./dev docs makes them)' \
	sh -c "cd '$work/doc' && for f in man/* *.*; do cmp \"\$f\" '$PWD/doc/'\"\$f\" || exit 1; done"
if command -v groff >/dev/null; then
	claim 'the man pages are clean' \
		sh -c "[ -z \"\$(groff -man -ww -Tutf8 -z '$work'/doc/man/* 2>&1)\" ]"
fi
if command -v bash >/dev/null; then
	cat >"$work/complete" <<-'END'
		. "$1"
		COMP_WORDS=(havainto li) COMP_CWORD=1
		_havainto
		[ "${COMPREPLY[*]}" = listen ] || exit 1
		COMP_WORDS=(havainto listen --privacy '') COMP_CWORD=3
		_havainto
		[ "${COMPREPLY[*]}" = 'plain hashed' ] || exit 1
		COMP_WORDS=(havainto listen --inter) COMP_CWORD=2
		_havainto
		[ "${COMPREPLY[*]}" = '--interface --interval' ]
	END
	claim 'a shell completes commands, options and values' bash "$work/complete" "$work/doc/havainto.bash"
fi
done_testing
