#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The instruction words that are checked in are those that the program for the kernel compiles to.
set -eu
command -v clang-14 >/dev/null || { echo '1..0 # skip clang-14 is not installed'; exit 77; }

echo 1..1
if tools/shed-program --check; then
	echo 'ok 1 - src/capture/shed_program.h is what src/capture/shed.bpf.c compiles to'
else
	echo 'not ok 1 - src/capture/shed_program.h is not what src/capture/shed.bpf.c compiles to'
	exit 1
fi
