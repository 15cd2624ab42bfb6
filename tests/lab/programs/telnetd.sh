# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# telnetd - a login in the clear, and who uses it.

packages inetutils-telnetd inetutils-telnet socat
host console 94
host terminal 95

expect <<-END
	console		service		tcp/23
	console		telnet.banner	Linux $(uname -r) (console) (pts/0)
	console		telnet.options	*
	console		telnet.prompt	console login:
	terminal	cleartext	telnet
	terminal	telnet.options	*
	terminal	telnet.terminal	VT220
END

# what is concluded of them
expect <<-END
	console	os	Linux $(uname -r)
	console	unknowable	type nothing on the wire says what kind of machine it is
	console	unknowable	runs a prompt of Telnet does not name the program
	console	unknowable	does a shell is no role: many machines have one
	terminal	os	Linux
	terminal	unknowable	type nothing on the wire says what kind of machine it is
	terminal	unknowable	runs Telnet does not name the program
	terminal	unknowable	does it only asks others
END

run() {
	printf 'Lab console 7\n' >"$dir/issue"
	start console socat "TCP-LISTEN:23,bind=$(ip4 console),fork,reuseaddr" EXEC:/usr/sbin/telnetd
	listening console tcp 23
	(sleep 6; echo lab; sleep 4; echo secret; sleep 4) | at terminal env TERM=vt220 timeout 20 inetutils-telnet "$(ip4 console)"
}
