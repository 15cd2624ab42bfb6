# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# dovecot - a server for IMAP and POP3, and one who reads mail without TLS.

packages dovecot-imapd dovecot-pop3d curl
host mailbox 50
host reader 51

expect <<-END
	mailbox	imap.banner	[CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN] Lab mail 7
	mailbox	pop.banner	Lab mail 7
	mailbox	service		tcp/110
	mailbox	service		tcp/143
	reader	cleartext	imap
	reader	cleartext	pop
END

# what is concluded of them
expect <<-END
	mailbox	does	mail-server
	mailbox	os	Linux
	mailbox	unknowable	type nothing on the wire says what kind of machine it is
	mailbox	unknowable	runs a greeting of the owner's does not name the program
	reader	os	Linux
	reader	unknowable	type nothing on the wire says what kind of machine it is
	reader	unknowable	runs IMAP and POP does not name the program
	reader	unknowable	does it only asks others
END

run() {
	echo 'lab:{PLAIN}secret:65534:65534::/tmp' >"$dir/users"
	cat >"$dir/conf" <<-END
		base_dir = $dir/base
		state_dir = $dir/state
		log_path = $dir/log
		listen = $(ip4 mailbox)
		protocols = imap pop3
		ssl = no
		disable_plaintext_auth = no
		login_greeting = Lab mail 7
		default_internal_user = nobody
		default_login_user = nobody
		default_internal_group = nogroup
		mail_location = maildir:$dir/mail
		passdb {
			driver = passwd-file
			args = $dir/users
		}
		userdb {
			driver = passwd-file
			args = $dir/users
		}
	END
	start mailbox dovecot -F -c "$dir/conf"
	listening mailbox tcp 143
	listening mailbox tcp 110
	at reader curl -s -u lab:secret "imap://$(ip4 mailbox)/"
	at reader curl -s -u lab:secret "pop3://$(ip4 mailbox)/"
}
