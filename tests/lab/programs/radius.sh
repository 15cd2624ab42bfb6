# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# radius - a wired port behind 802.1X: a supplicant, the port's authenticator and its RADIUS server.

packages freeradius hostapd wpasupplicant
host aaa 43
host port 44
host notebook 45 quiet

expect <<-END
	aaa		role			radius-server
	aaa		service			udp/1812
	port		eap.role		authenticator
	port		radius.called_station	02-00-00-00-00-2C:
	port		radius.nas_id		lab-port
	notebook	eap.identity		lab-notebook
	notebook	eap.role		supplicant
END

# what is concluded of them
expect <<-END
	aaa	does	radius-server
	aaa	unknowable	os its datagrams may be cut, as those of most systems
	aaa	unknowable	type nothing on the wire says what kind of machine it is
	aaa	unknowable	runs RADIUS does not name the program
	port	unknowable	os its datagrams may be cut, as those of most systems
	port	unknowable	type nothing on the wire says what kind of machine it is
	port	unknowable	runs RADIUS does not name the program
	port	unknowable	does 802.1X: authenticator is told of it, and no role of ours
	notebook	unknowable	os frames to groups, with none of a system's habits in them
	notebook	unknowable	type nothing on the wire says what kind of machine it is
	notebook	unknowable	runs EAP does not name the program
	notebook	unknowable	does it only asks to be let in
END

run() {
	cp -a /etc/freeradius/3.0 "$dir/raddb"
	cat >>"$dir/raddb/clients.conf" <<-END
		client lab {
			ipaddr = 10.77.0.0/24
			secret = labsecret
		}
	END
	echo 'lab-notebook Cleartext-Password := "secret"' >"$dir/raddb/mods-config/files/authorize"
	mkdir -p "$lab/run/aaa/freeradius"
	start aaa freeradius -f -X -d "$dir/raddb"
	listening aaa udp 1812
	cat >"$dir/hostapd" <<-END
		interface=eth0
		driver=wired
		ieee8021x=1
		eapol_version=2
		use_pae_group_addr=1
		own_ip_addr=$(ip4 port)
		nas_identifier=lab-port
		auth_server_addr=$(ip4 aaa)
		auth_server_port=1812
		auth_server_shared_secret=labsecret
	END
	start port hostapd "$dir/hostapd"
	cat >"$dir/supplicant" <<-END
		ap_scan=0
		eapol_version=2
		network={
			key_mgmt=IEEE8021X
			eap=MD5
			identity="lab-notebook"
			password="secret"
			eapol_flags=0
		}
	END
	sleep 1
	start notebook wpa_supplicant -D wired -i eth0 -c "$dir/supplicant"
	sleep 6
}
