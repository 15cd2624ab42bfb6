# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# xl2tpd - a tunnel of L2TP between two hosts.

packages xl2tpd
host lns 125
host lac 126

expect <<-END
	lns	l2tp.host	lab-lns
	lns	l2tp.vendor	xelerance.com
	lac	l2tp.host	lab-lac
	lac	l2tp.vendor	xelerance.com
END

# what is concluded of them
expect <<-END
	lns	os	Linux
	lns	runs	xl2tpd
	lns	unknowable	type nothing on the wire says what kind of machine it is
	lns	unknowable	does L2TP: either end may be the concentrator
	lac	os	Linux
	lac	runs	xl2tpd
	lac	unknowable	type nothing on the wire says what kind of machine it is
	lac	unknowable	does L2TP: either end may be the concentrator
END

run() {
	printf '[global]\nlisten-addr = %s\n[lns default]\nip range = 10.99.0.2-10.99.0.9\nlocal ip = 10.99.0.1\nhostname = lab-lns\n' "$(ip4 lns)" >"$dir/lns"
	printf '[global]\nlisten-addr = %s\n[lac lab]\nlns = %s\nhostname = lab-lac\nautodial = yes\n' "$(ip4 lac)" "$(ip4 lns)" >"$dir/lac"
	for h in lns lac; do
		mkdir -p "$lab/run/$h/xl2tpd"
		start $h xl2tpd -D -c "$dir/$h" -p "$dir/$h.pid" -C "$lab/run/$h/xl2tpd/control" -s /dev/null
		sleep 1
	done
	sleep 3
}
