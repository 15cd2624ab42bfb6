# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# vsftpd - a file server, and a client that logs in without TLS.

packages vsftpd curl
host files 37
host fetcher 38

expect <<-END
	files	ftp.banner	Lab files, version 7
	files	service		tcp/21
	fetcher	cleartext	ftp
END

# what is concluded of them
expect <<-END
	files	os	Linux
	files	does	file-server
	files	unknowable	type nothing on the wire says what kind of machine it is
	files	unknowable	runs a greeting of the owner's does not name the program
	fetcher	os	Linux
	fetcher	unknowable	type nothing on the wire says what kind of machine it is
	fetcher	unknowable	runs FTP does not name the program
	fetcher	unknowable	does it only asks others
END

run() {
	mkdir "$dir/empty"
	cat >"$dir/conf" <<-END
		listen=YES
		listen_address=$(ip4 files)
		background=NO
		ftpd_banner=Lab files, version 7
		local_enable=YES
		anonymous_enable=NO
		secure_chroot_dir=$dir/empty
	END
	start files vsftpd "$dir/conf"
	listening files tcp 21
	at fetcher curl -s -u lab:secret "ftp://$(ip4 files)/"
}
