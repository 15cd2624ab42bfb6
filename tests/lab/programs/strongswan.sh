# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154,SC2086
#
# strongswan - two gateways that agree on keys by IKE, version 2.

packages strongswan-charon strongswan-starter
host vpn-east 62
host vpn-west 63

expect <<-END
	vpn-east	ike.product	strongSwan
	vpn-east	ike.vendor_id	882fe56d6fd20dbc2251613b2ebe5beb
	vpn-east	ike.version	2
	vpn-east	vpn.peer	10.77.0.63
	vpn-east	vpn.role	initiator
	vpn-west	ike.product	strongSwan
	vpn-west	ike.vendor_id	882fe56d6fd20dbc2251613b2ebe5beb
	vpn-west	ike.version	2
	vpn-west	service		udp/500
	vpn-west	service		udp/4500
	vpn-west	vpn.peer	10.77.0.62
	vpn-west	vpn.role	responder
END

# what is concluded of them
expect <<-END
	vpn-east	runs	strongSwan
	vpn-west	runs	strongSwan
	vpn-east	os	Linux
	vpn-east	unknowable	type nothing on the wire says what kind of machine it is
	vpn-east	unknowable	does the two ends of IKE are equal
	vpn-west	os	Linux
	vpn-west	unknowable	type nothing on the wire says what kind of machine it is
	vpn-west	unknowable	does the two ends of IKE are equal
END

run() {
	for h in vpn-east vpn-west; do
		[ $h = vpn-east ] && other=vpn-west || other=vpn-east
		mkdir "$dir/$h" "$lab/run/$h/ipsec.d"
		etc $h ipsec.conf <<-END
			config setup
			conn lab
			 left=$(ip4 $h)
			 right=$(ip4 $other)
			 authby=secret
			 leftid=@$h.lab.example
			 rightid=%any
			 keyexchange=ikev2
			 auto=$([ $h = vpn-east ] && echo start || echo add)
		END
		echo ': PSK "lab-secret"' | etc $h ipsec.secrets
		printf 'charon {\n send_vendor_id = yes\n plugins {\n include /etc/strongswan.d/charon/*.conf\n }\n}\n' | etc $h strongswan.conf
	done
	start vpn-west /usr/lib/ipsec/starter --nofork
	listening vpn-west udp 500
	start vpn-east /usr/lib/ipsec/starter --nofork
	sleep 6
}
