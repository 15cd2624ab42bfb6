# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# cyclonedds - two programs that exchange data by DDS.

packages cyclonedds-tools
host robot 137
host operator 138

expect <<-END
	robot		name.host	robot
	robot		software	Cyclone DDS
	operator	name.host	operator
	operator	software	Cyclone DDS
END

# what is concluded of them
expect <<-END
	robot	runs	Cyclone DDS
	operator	runs	Cyclone DDS
	robot	os	Linux
	robot	unknowable	type nothing on the wire says what kind of machine it is
	robot	unknowable	does all who take part in DDS are equal
	operator	os	Linux
	operator	unknowable	type nothing on the wire says what kind of machine it is
	operator	unknowable	does all who take part in DDS are equal
END

run() {
	for h in robot operator; do
		start $h ddsperf -D 8 "$([ $h = robot ] && echo pub || echo sub)"
	done
	sleep 10
}
