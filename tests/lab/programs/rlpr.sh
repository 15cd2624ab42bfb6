# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154,SC2016
#
# rlpr - a client of the line printer daemon's protocol; the server says yes to all.

packages rlpr socat
host printserver 150
host clerk 151

expect <<-END
	printserver	lpd.queue	laser
	printserver	service		tcp/515
	clerk		lpd.host	clerk
	clerk		lpd.user	root
END

# what is concluded of them
expect <<-END
	printserver	os	Linux
	printserver	does	print-server
	printserver	unknowable	type nothing on the wire says what kind of machine it is
	printserver	unknowable	runs LPD does not name the program
	clerk	os	Linux
	clerk	unknowable	type nothing on the wire says what kind of machine it is
	clerk	unknowable	runs LPD does not name the program
	clerk	unknowable	does it only asks others
END

run() {
	start printserver socat "TCP-LISTEN:515,bind=$(ip4 printserver),fork,reuseaddr" 'SYSTEM:while sleep 0.3; do head -c 1 /dev/zero; done'
	listening printserver tcp 515
	echo hello >"$dir/letter"
	at clerk timeout 20 rlpr --printer="laser@$(ip4 printserver)" --job=letter "$dir/letter"
	sleep 1
}
