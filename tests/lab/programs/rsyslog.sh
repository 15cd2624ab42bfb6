# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# rsyslog - a log server, and a host whose programs write to it in the old and the new format.

packages rsyslog bsdutils
host logs 82
host chatty 83

expect <<-END
	chatty	syslog.host	chatty
	chatty	syslog.program	lab-door
	chatty	syslog.program	lab-window
END

# what is concluded of them
expect <<-END
	logs	unknowable	os,type,runs it says nothing
	logs	unknowable	does it says nothing: whom syslog goes to is not told
	chatty	os	Linux
	chatty	unknowable	type nothing on the wire says what kind of machine it is
	chatty	unknowable	runs syslog, with programs of the owner's, does not name the program
	chatty	unknowable	does it only asks others
END

run() {
	printf 'module(load="imudp")\ninput(type="imudp" port="514")\naction(type="omfile" file="%s/all")\n' "$dir" >"$dir/conf"
	start logs rsyslogd -n -f "$dir/conf" -i "$dir/pid"
	listening logs udp 514
	at chatty logger -n "$(ip4 logs)" -P 514 -d --rfc5424 -t lab-door 'opened'
	at chatty logger -n "$(ip4 logs)" -P 514 -d --rfc3164 -t lab-window 'closed'
}
