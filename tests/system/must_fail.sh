#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Each tests/unit/fail_*.c is a mistake that the types must refuse; with -DRIGHT the same file does
# it right and compiles, so that nothing but the mistake can be what is refused.
set -u
number=0
failed=0

compiles() {
	${HAVAINTO_CC:-cc} -std=c17 -D_GNU_SOURCE -Isrc -Wall -Werror -fsyntax-only "$@" 2>/dev/null
}

for file in tests/unit/fail_*.c; do
	number=$((number + 1))
	claim=$(sed -n 's|^/\* \(must not compile: .*\) \*/$|\1|p' "$file")
	if ! compiles "$file" && compiles -DRIGHT "$file"; then
		echo "ok $number - $claim"
	else
		echo "not ok $number - $claim"
		failed=1
	fi
done
exit $failed
