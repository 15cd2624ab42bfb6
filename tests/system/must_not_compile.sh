#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Each file of tests/must_not_compile is a mistake that the types are there to catch: it does not
# compile, with the flags of this build, and does with -DRIGHT, which undoes the mistake.
set -eu
build=${HAVAINTO_BUILD:?}
strict=-Werror=incompatible-pointer-types
number=0
failed=0

say() { # say RESULT TEXT
	number=$((number + 1))
	echo "$1 $number - $2"
	[ "$1" = ok ] || failed=1
}

compiles() { # compiles FILE [FLAG]
	${HAVAINTO_CC:-cc} -std=c17 -D_GNU_SOURCE $strict -I "$build/include/cli" -fsyntax-only ${2-} "$1" 2>/dev/null
}

if grep -q -e "$strict" "$build/compile_commands.json"; then
	say ok "the build has $strict"
else
	say 'not ok' "the build has $strict"
fi
for file in tests/must_not_compile/*.c; do
	what=$(sed -n 's/.*must not compile: \([^(]*\) (.*/\1/p' "$file")
	if compiles "$file"; then
		say 'not ok' "does not compile: $what"
	elif compiles "$file" -DRIGHT; then
		say ok "does not compile: $what"
	else
		say 'not ok' "the right form compiles: $what"
	fi
done
exit $failed
