# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# ntpsec - a time server, a clock that asks it, and one who asks it what it is.

packages ntpsec ntpsec-ntpdate
host clock 20
host watch 21

expect <<-END
	clock	ntp.processor	$(uname -m)
	clock	ntp.stratum	5
	clock	ntp.system	Linux/$(uname -r)
	clock	ntp.version	ntpd ntpsec-$(version ntpsec)
	clock	role		ntp-server
	clock	service		udp/123
END

# what is concluded of them
expect <<-END
	clock	does	ntp-server
	clock	os	Linux $(uname -r)
	clock	runs	NTPsec $(version ntpsec)
	clock	unknowable	type nothing on the wire says what kind of machine it is
	watch	os	Linux
	watch	unknowable	type nothing on the wire says what kind of machine it is
	watch	unknowable	runs a question of NTP does not name the program
	watch	unknowable	does it only asks others
END

run() {
	cat >"$dir/conf" <<-END
		tos orphan 5 orphanwait 1
		restrict default
		restrict 10.77.0.0 mask 255.255.255.0
	END
	start clock ntpd -n -g -c "$dir/conf" -p "$dir/pid"
	listening clock udp 123
	until_true 20 at watch ntpdate -q "$(ip4 clock)"
	at watch ntpq -c rv "$(ip4 clock)"
}
