# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# memcached - a cache that is asked for its version.

packages memcached busybox
host memo 78
host asking 79

expect <<-END
	memo	memcached.version	$(version memcached)
	memo	service			tcp/11211
END

# what is concluded of them
expect <<-END
	memo	runs	memcached $(version memcached)
	memo	os	Linux
	memo	does	database-server
	memo	unknowable	type nothing on the wire says what kind of machine it is
	asking	os	Linux
	asking	unknowable	type nothing on the wire says what kind of machine it is
	asking	unknowable	runs memcached's protocol does not name the program
	asking	unknowable	does it only asks others
END

run() {
	start memo memcached -u root -l "$(ip4 memo)" -U 0
	listening memo tcp 11211
	printf 'version\r\nquit\r\n' | at asking busybox nc "$(ip4 memo)" 11211
}
