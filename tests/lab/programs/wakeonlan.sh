# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# wakeonlan - who wakes a host that sleeps.

packages etherwake
host waker 118 quiet

expect <<-END
	waker	wol.target	02:00:00:00:00:05
END

# what is concluded of them
expect <<-END
	waker	unknowable	os frames to groups, with none of a system's habits in them
	waker	unknowable	type nothing on the wire says what kind of machine it is
	waker	unknowable	runs a magic packet does not name the program
	waker	unknowable	does it only wakes another
END

run() {
	at waker etherwake -i eth0 02:00:00:00:00:05
}
