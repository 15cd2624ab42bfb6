# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# krb5 - a key server of a realm, and a host that logs in to it.

packages krb5-kdc krb5-user krb5-admin-server
host kdc 52
host member 53

expect <<-END
	kdc	kerberos.realm	LAB.EXAMPLE
	kdc	role		kerberos-server
	kdc	service		udp/88
	member	kerberos.realm	LAB.EXAMPLE
END

# what is concluded of them
expect <<-END
	kdc	does	kerberos-server
	kdc	os	Linux
	kdc	unknowable	type nothing on the wire says what kind of machine it is
	kdc	unknowable	runs Kerberos does not name the program
	member	os	Linux
	member	unknowable	type nothing on the wire says what kind of machine it is
	member	unknowable	runs Kerberos does not name the program
	member	unknowable	does it only asks others
END

run() {
	cat >"$dir/kdc.conf" <<-END
		[kdcdefaults]
		kdc_ports = 88
		kdc_tcp_ports = 88
		[realms]
		LAB.EXAMPLE = {
			database_name = $dir/principal
			key_stash_file = $dir/stash
			acl_file = $dir/acl
		}
	END
	cat >"$dir/krb5.conf" <<-END
		[libdefaults]
		default_realm = LAB.EXAMPLE
		dns_lookup_kdc = false
		rdns = false
		noaddresses = false
		extra_addresses = $(ip4 member)
		[realms]
		LAB.EXAMPLE = {
			kdc = $(ip4 kdc)
		}
	END
	export KRB5_CONFIG="$dir/krb5.conf" KRB5_KDC_PROFILE="$dir/kdc.conf" KRB5CCNAME="FILE:$dir/tickets"
	kdb5_util -P master create -s -W
	kadmin.local -q 'addprinc -pw secret +requires_preauth lab'
	kadmin.local -q 'addprinc -pw secret host/member.lab.example'
	start kdc krb5kdc -n
	listening kdc udp 88
	echo secret | at member kinit lab
	echo secret | at member kinit host/member.lab.example
	at member kvno host/member.lab.example
}
