# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# prosody - a chat server of a domain, and one who logs in.

packages prosody go-sendxmpp
host jabber 92
host talker 93

expect <<-END
	jabber	service		tcp/5222
	jabber	xmpp.domain	lab.example
END

# what is concluded of them
expect <<-END
	jabber	os	Linux
	jabber	does	chat-server
	jabber	unknowable	type nothing on the wire says what kind of machine it is
	jabber	unknowable	runs XMPP does not name the program
	talker	os	Linux
	talker	unknowable	type nothing on the wire says what kind of machine it is
	talker	unknowable	runs XMPP does not name the program
	talker	unknowable	does it only asks others
END

run() {
	mkdir "$dir/data"
	cat >"$dir/conf.lua" <<-END
		daemonize = false
		run_as_root = true
		data_path = "$dir/data"
		interfaces = { "$(ip4 jabber)" }
		c2s_require_encryption = false
		allow_unencrypted_plain_auth = true
		authentication = "internal_plain"
		modules_enabled = { "saslauth", "roster", "disco", "version" }
		modules_disabled = { "s2s" }
		log = { info = "*console" }
		VirtualHost "lab.example"
	END
	prosodyctl --config "$dir/conf.lua" register talker lab.example secret
	start jabber prosody --config "$dir/conf.lua"
	listening jabber tcp 5222
	echo hello | at talker timeout 20 go-sendxmpp -d -n -u talker@lab.example -p secret -j "$(ip4 jabber):5222" talker@lab.example
}
