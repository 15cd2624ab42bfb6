# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# ptp - two clocks, one of which leads the other.

packages linuxptp
host grand 116
host follower 117

expect <<-END
	grand		ptp.clock		020000fffe000074
	grand		ptp.grandmaster		020000fffe000074
	grand		role			ptp-master
	follower	ptp.clock?		020000fffe000075
	follower	ptp.grandmaster?	020000fffe000075
	follower	role?			ptp-master
END

# what is concluded of them
expect <<-END
	grand	does	ptp-master
	follower	does?	ptp-master
	grand	unknowable	os frames to groups, with none of a system's habits in them
	grand	unknowable	type nothing on the wire says what kind of machine it is
	grand	unknowable	runs PTP does not name the program
	follower	unknowable	os frames to groups, with none of a system's habits in them
	follower	unknowable	type nothing on the wire says what kind of machine it is
	follower	unknowable	runs PTP does not name the program
END

run() {
	for h in grand follower; do
		printf '[global]\ntime_stamping software\nuds_address /run/ptp4l\npriority1 %s\n[eth0]\n' \
			"$([ $h = grand ] && echo 100 || echo 200)" >"$dir/$h"
		start $h ptp4l -f "$dir/$h" -m
	done
	sleep 12
}
