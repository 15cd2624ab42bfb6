#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The front door: what it lists is there, and what is not there is refused with the list.
set -u
number=0
failed=0

check() { # check CLAIM COMMAND...
	number=$((number + 1))
	claim=$1
	shift
	if "$@" >/dev/null 2>&1; then
		echo "ok $number - $claim"
	else
		echo "not ok $number - $claim"
		failed=1
	fi
}

refused() { # refused STATUS COMMAND...
	wanted=$1
	shift
	"$@"
	[ $? -eq "$wanted" ]
}

for command in $(./dev | sed -n 's/^  \([a-z-]*\) .*/\1/p'); do
	check "./dev $command exists" grep -q "^dev_$(echo "$command" | tr - _)() {" dev
done
check 'a dozen commands are listed' [ $number -ge 12 ]
check 'an unknown command is refused' refused 2 ./dev nonsense
check 'an observer without a layer is refused' refused 1 ./dev observer toy
check 'an observer in no layer is refused' refused 1 ./dev observer toy nowhere
check 'an observer that is there is refused' refused 1 ./dev observer arp network
check 'each set of packages that dev needs is listed' sh -c '
	for set in $(sed -n "s/^	*needs \([a-z ]*\)$/\1/p; s/.*|| needs \([a-z ]*\)$/\1/p" dev); do
		grep -q "^$set	" tools/packages || { echo "$set"; exit 1; }
	done'
exit $failed
