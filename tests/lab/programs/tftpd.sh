# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# tftpd - a boot server, and a telephone that fetches its configuration.

packages tftpd-hpa tftp-hpa
host boot 35
host phone 36

expect <<-END
	phone	tftp.file	phone-0200.cfg
END

# what is concluded of them
expect <<-END
	boot	unknowable	os its datagrams may be cut, as those of most systems
	boot	unknowable	type nothing on the wire says what kind of machine it is
	boot	unknowable	runs TFTP does not name the program
	boot	unknowable	does TFTP: what it gave away is not told
	phone	os	Linux
	phone	unknowable	type nothing on the wire says what kind of machine it is
	phone	unknowable	runs TFTP does not name the program
	phone	unknowable	does it only asks others
END

run() {
	mkdir "$dir/files"
	echo hello >"$dir/files/phone-0200.cfg"
	start boot in.tftpd --foreground --secure --user root --address "$(ip4 boot):69" "$dir/files"
	listening boot udp 69
	at phone sh -c "cd '$dir' && tftp -m binary $(ip4 boot) -c get phone-0200.cfg"
}
