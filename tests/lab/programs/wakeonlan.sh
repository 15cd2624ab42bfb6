# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# wakeonlan - who wakes a host that sleeps.

packages etherwake
host waker 118 quiet

expect <<-END
	waker	wol.target	02:00:00:00:00:05
END

run() {
	at waker etherwake -i eth0 02:00:00:00:00:05
}
