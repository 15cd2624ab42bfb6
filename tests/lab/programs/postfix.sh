# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# postfix - a mail server, and who hands in a letter.

packages postfix swaks
host mx 48
host sender 49

expect <<-END
	mx	service		tcp/25
	mx	smtp.banner	mx.lab.example ESMTP Postfix (lab)
	sender	smtp.helo	sender.lab.example
END

# what is concluded of them
expect <<-END
	mx	runs	Postfix
	mx	does	mail-server
	mx	os	Linux
	mx	unknowable	type nothing on the wire says what kind of machine it is
	sender	os	Linux
	sender	unknowable	type nothing on the wire says what kind of machine it is
	sender	unknowable	runs SMTP does not name the program
	sender	unknowable	does it only asks others
END

run() {
	cp -r /etc/postfix "$dir/conf"
	mkdir -p "$dir/queue" "$dir/lib"
	chown postfix "$dir/lib"
	cp -a /var/spool/postfix/. "$dir/queue"
	cat >"$dir/conf/main.cf" <<-END
		compatibility_level = 3.6
		queue_directory = $dir/queue
		data_directory = $dir/lib
		myhostname = mx.lab.example
		mydestination = lab.example
		smtpd_banner = mx.lab.example ESMTP Postfix (lab)
		inet_interfaces = $(ip4 mx)
		inet_protocols = ipv4
		maillog_file = /dev/stdout
		smtpd_recipient_restrictions = permit_mynetworks, reject
		mynetworks = 10.77.0.0/24
		alias_maps =
	END
	start mx postfix -c "$dir/conf" start-fg
	listening mx tcp 25
	at sender swaks --server "$(ip4 mx)" --helo sender.lab.example --from lab@lab.example --to root@lab.example --body hello
}
