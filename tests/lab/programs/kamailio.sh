# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# kamailio - a telephone exchange, and a telephone that says what it is.

packages kamailio sipsak
host exchange 127
host handset 128

expect <<-END
	exchange	service		udp/5060
	exchange	sip.server	Lab exchange 9
	handset		sip.user_agent	sipsak $(version sipsak)
END

# what is concluded of them
expect <<-END
	exchange	unknowable	os its datagrams may be cut, as those of most systems
	exchange	unknowable	type nothing on the wire says what kind of machine it is
	exchange	unknowable	runs SIP, with a name of the owner's, does not name the program
	exchange	unknowable	does telephones answer to SIP too
	handset	os	Linux
	handset	runs	sipsak $(version sipsak)
	handset	unknowable	type nothing on the wire says what kind of machine it is
	handset	unknowable	does it only asks others
END

run() {
	cat >"$dir/conf" <<-END
		children=1
		listen=udp:$(ip4 exchange):5060
		server_header="Server: Lab exchange 9"
		mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
		loadmodule "sl.so"
		request_route { sl_send_reply("200", "OK"); }
	END
	sed -i "s|^\\s*mpath=.*|mpath=\"$(find /usr/lib -type d -path '*kamailio/modules' | head -n 1)/\"|" "$dir/conf"
	mkdir -p "$lab/run/exchange/kamailio"
	start exchange kamailio -DD -E -f "$dir/conf" -Y "$dir" -P "$dir/pid"
	listening exchange udp 5060
	at handset sipsak -s "sip:lab@$(ip4 exchange)" -l 5060
}
