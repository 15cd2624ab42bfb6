# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# cups - a print server, and a client that asks what it can print.

packages cups-daemon cups-ipp-utils
host prints 46
host writer 47

expect <<-END
	prints	http.server	CUPS/$(version cups-daemon) (Linux $(uname -r); $(uname -m)) IPP/2.1
	prints	service		tcp/631
	writer	http.user_agent	CUPS/$(version cups-daemon) (Linux $(uname -r); $(uname -m)) IPP/2.0
END

# what is concluded of them
expect <<-END
	prints	does	print-server
	prints	does	web-server
	prints	os	Linux
	prints	runs	CUPS $(version cups-daemon)
	prints	unknowable	type nothing on the wire says what kind of machine it is
	writer	os	Linux $(uname -r | sed "s/-.*//")
	writer	unknowable	type nothing on the wire says what kind of machine it is
	writer	unknowable	runs its User-Agent names CUPS, which answers for the server
	writer	unknowable	does it only asks others
END

run() {
	mkdir -p "$dir/spool" "$dir/cache" "$dir/state" "$dir/tmp" "$dir/data"
	cat >"$dir/cupsd.conf" <<-END
		Listen $(ip4 prints):631
		ServerTokens Full
		DefaultAuthType Basic
		<Location />
			Order allow,deny
			Allow all
		</Location>
	END
	cat >"$dir/files.conf" <<-END
		ServerRoot $dir
		RequestRoot $dir/spool
		CacheDir $dir/cache
		StateDir $dir/state
		TempDir $dir/tmp
		ErrorLog $dir/error
		AccessLog $dir/access
		PageLog $dir/page
		ServerKeychain $dir
	END
	start prints cupsd -f -c "$dir/cupsd.conf" -s "$dir/files.conf"
	listening prints tcp 631
	at writer ipptool -t "ipp://$(ip4 prints):631/" get-printers.test
}
