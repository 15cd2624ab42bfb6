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

run() {
	mkdir "$dir/files"
	echo hello >"$dir/files/phone-0200.cfg"
	start boot in.tftpd --foreground --secure --user root --address "$(ip4 boot):69" "$dir/files"
	listening boot udp 69
	at phone sh -c "cd '$dir' && tftp -m binary $(ip4 boot) -c get phone-0200.cfg"
}
