# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154,SC2086
#
# postgres - a database, and a client with a name.

packages postgresql postgresql-client
host db 39
host report 40

expect <<-END
	db	postgresql.version	$(version postgresql-15) (Debian $(version postgresql-15)-$(revision postgresql-15))
	db	service			tcp/5432
	report	cleartext		postgresql
	report	postgresql.application	lab-report
	report	postgresql.database	postgres
	report	postgresql.user		postgres
END

# what is concluded of them
expect <<-END
	db	runs	PostgreSQL $(version postgresql-15)
	db	os	Debian 12
	db	does	database-server
	db	unknowable	type nothing on the wire says what kind of machine it is
	report	os	Linux
	report	unknowable	type nothing on the wire says what kind of machine it is
	report	unknowable	runs PostgreSQL's start does not name the program
	report	unknowable	does it only asks others
END

run() {
	bin=$(find /usr/lib/postgresql -name initdb -printf '%h\n' | sort -V | tail -n 1)
	chown postgres "$dir"
	as="setpriv --reuid=postgres --regid=postgres --clear-groups"
	$as "$bin/initdb" -D "$dir/data" -A password --pwfile=/etc/hostname >/dev/null
	echo 'host all all 10.77.0.0/24 password' >>"$dir/data/pg_hba.conf"
	start db $as "$bin/postgres" -D "$dir/data" -h "$(ip4 db)" -k "$dir"
	listening db tcp 5432
	PGPASSWORD=$(cat /etc/hostname) PGAPPNAME=lab-report at report psql -h "$(ip4 db)" -U postgres -d postgres -c 'select 1'
}
