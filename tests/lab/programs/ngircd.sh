# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# ngircd - a chat server, and one who chats.

packages ngircd ii
host chat 90
host chatter 91

expect <<-END
	chat	irc.server	irc.lab.example
	chat	irc.version	ngircd-$(version ngircd)
	chat	service		tcp/6667
	chatter	irc.nick	labnick
END

# what is concluded of them
expect <<-END
	chat	os	Linux
	chat	runs	ngIRCd $(version ngircd)
	chat	does	chat-server
	chat	unknowable	type nothing on the wire says what kind of machine it is
	chatter	os	Linux
	chatter	unknowable	type nothing on the wire says what kind of machine it is
	chatter	unknowable	runs IRC does not name the program
	chatter	unknowable	does it only asks others
END

run() {
	cat >"$dir/conf" <<-END
		[Global]
		Name = irc.lab.example
		Info = The lab
		Listen = $(ip4 chat)
		[Options]
		PAM = no
		DNS = no
		Ident = no
	END
	start chat ngircd -n -f "$dir/conf"
	listening chat tcp 6667
	at chatter timeout 8 ii -i "$dir/ii" -s "$(ip4 chat)" -n labnick -f 'Lab Chatter'
}
