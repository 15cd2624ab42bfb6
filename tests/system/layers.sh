#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# An include of a folder below does not compile, one of a folder above does: for each pair of
# layers, with the include path that the layer's library is built with.
set -eu
trees=${HAVAINTO_BUILD:?}/include
layers='base net task asset capture observe report manager cli'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# compiles LAYER HEADER - whether a file of LAYER can include HEADER
compiles() {
	echo "#include \"$2\"" | ${HAVAINTO_CC:-cc} -std=c17 -D_GNU_SOURCE -I "$trees/$1" -M -x c - >"$work/out" 2>&1
}

check() {
	number=$((${number-0} + 1))
	if compiles "$1" "$2"; then got=compiles; else got='does not compile'; fi
	if [ "$got" = "$3" ]; then
		echo "ok $number - in $1 an include of $2 $3"
		return
	fi
	echo "not ok $number - in $1 an include of $2 $got"
	failed=1
}

seen=
for layer in $layers; do
	seen="$seen $layer "
	for other in $layers; do
		header=$(find "src/$other" -maxdepth 1 -name '*.h' 2>/dev/null | sort | head -n 1)
		[ -n "$header" ] || continue
		case $seen in
		*" $other "*) check "$layer" "${header#src/}" compiles ;;
		*) check "$layer" "${header#src/}" 'does not compile' ;;
		esac
	done
done

number=$((number + 1))
if grep -rn '#include "\.\./' src; then
	echo "not ok $number - no file climbs out of its folder with ../"
	failed=1
else
	echo "ok $number - no file climbs out of its folder with ../"
fi
exit $failed
