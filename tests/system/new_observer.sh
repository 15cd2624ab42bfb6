#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A new observer touches one new source file, its cases and one line of facts.def: `./dev observer`
# starts one in a copy of the tree, which then builds and passes the case that came with it.
set -eu
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/before/web"
cp -r api data src tests bench tools dev meson.build meson_options.txt "$copy/before"
cp -r web/dist "$copy/before/web"
cp -r "$copy/before" "$copy/after"

cd "$copy/after"
./dev observer toy discovery >/dev/null
diff -rq "$copy/before" "$copy/after" | sort >"$copy/touched" || true
cat >"$copy/wanted" <<END
Files $copy/before/src/asset/facts.def and $copy/after/src/asset/facts.def differ
Only in $copy/after/src/observe/discovery: toy.c
Only in $copy/after/tests/cases: toy
END
if diff "$copy/wanted" "$copy/touched" &&
	[ "$(diff "$copy/before/src/asset/facts.def" "$copy/after/src/asset/facts.def" | grep -c '^[<>]')" -eq 1 ]; then
	echo 'ok 1 - one source file, its cases, and one line of facts.def'
else
	echo 'not ok 1 - one source file, its cases, and one line of facts.def'
	exit 1
fi

# -O0 and no sanitizer: it is the joining that is tried, and that is quick.
CC=$HAVAINTO_CC meson setup --optimization=0 "$copy/build" >"$copy/log" 2>&1 || { cat "$copy/log"; exit 1; }
ninja -C "$copy/build" tests/case_runner >"$copy/log" 2>&1 || { cat "$copy/log"; exit 1; }
echo 'ok 2 - it builds, and nobody edited a list'
"$copy/build/tests/case_runner" tests/cases/toy >"$copy/log" 2>&1 || { cat "$copy/log"; exit 1; }
grep -q 'warning' "$copy/log" && exit 1
echo "ok 3 - its case passes: $(tail -n 1 "$copy/log" | tr -d '#')"
