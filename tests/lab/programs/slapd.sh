# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# slapd - a directory, and a client that looks at its root and logs in without TLS.

packages slapd ldap-utils
host directory 54
host lookup 55

expect <<-END
	directory	role		ldap-server
	directory	service		tcp/389
	lookup		cleartext	ldap
	directory	ldap.context	dc=lab,dc=example
END

# what is concluded of them
expect <<-END
	directory	does	ldap-server
	directory	os	Linux
	directory	unknowable	type nothing on the wire says what kind of machine it is
	directory	unknowable	runs LDAP does not name the program
	lookup	os	Linux
	lookup	unknowable	type nothing on the wire says what kind of machine it is
	lookup	unknowable	runs LDAP does not name the program
	lookup	unknowable	does it only asks others
END

run() {
	mkdir "$dir/db"
	cat >"$dir/conf" <<-END
		include /etc/ldap/schema/core.schema
		modulepath /usr/lib/ldap
		moduleload back_mdb
		pidfile $dir/pid
		database mdb
		suffix "dc=lab,dc=example"
		rootdn "cn=admin,dc=lab,dc=example"
		rootpw secret
		directory $dir/db
	END
	start directory slapd -d 0 -f "$dir/conf" -h "ldap://$(ip4 directory):389/"
	listening directory tcp 389
	at lookup ldapsearch -x -H "ldap://$(ip4 directory)" -s base -b '' '*' +
	at lookup ldapsearch -x -H "ldap://$(ip4 directory)" -D cn=admin,dc=lab,dc=example -w secret -b dc=lab,dc=example
}
