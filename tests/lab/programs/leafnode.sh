# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# leafnode - a news server for a small site, and a reader who says goodbye.

packages leafnode busybox
host news 164
host newsreader 165

expect <<-END
	news	service		tcp/119
	news	nntp.banner	~Leafnode NNTP Daemon, version $(version leafnode) .*
	news	runs		leafnode $(version leafnode)
END

# what is concluded of them
expect <<-END
	news	os	Linux
	news	unknowable	type nothing on the wire says what kind of machine it is
	news	unknowable	does what it serves has no role of ours
	newsreader	os	Linux
	newsreader	unknowable	type nothing on the wire says what kind of machine it is
	newsreader	unknowable	runs NNTP does not name the program
	newsreader	unknowable	does it only asks others
END

run() {
	mkdir -p /etc/netns/news/news/leafnode
	printf 'server = localhost\nexpire = 20\nhostname = news.havainto.org\n' | etc news news/leafnode/config
	start news busybox nc -ll -p 119 -e /usr/sbin/leafnode
	listening news tcp 119
	(sleep 1 && printf 'QUIT\r\n' && sleep 1) | at newsreader busybox nc "$(ip4 news)" 119 >"$dir/heard"
}
