# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# mariadb - a database that says its version to who connects.

packages mariadb-server mariadb-client
host sql 41
host query 42

expect <<-END
	sql	mysql.version	5.5.5-$(version mariadb-server)-MariaDB-$(revision mariadb-server)
	sql	service		tcp/3306
END

# what is concluded of them
expect <<-END
	sql	os	Debian 12
	sql	runs	MariaDB $(version mariadb-server)
	sql	does	database-server
	sql	unknowable	type nothing on the wire says what kind of machine it is
	query	os	Linux
	query	unknowable	type nothing on the wire says what kind of machine it is
	query	unknowable	runs a client's half of MySQL does not name the program
	query	unknowable	does it only asks others
END

run() {
	mariadb-install-db --no-defaults --user=root --datadir="$dir/data" --skip-test-db --auth-root-authentication-method=normal >/dev/null
	start sql mariadbd --no-defaults --user=root --datadir="$dir/data" --socket="$dir/socket" --skip-grant-tables --bind-address="$(ip4 sql)"
	listening sql tcp 3306
	at query mariadb --no-defaults -h "$(ip4 sql)" -u lab -psecret -e 'select 1'
}
