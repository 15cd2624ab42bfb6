# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# xrdp - a remote desktop, and a client that would have it.

packages xrdp freerdp2-x11 xvfb openssl
host desk 99
host thin-client 100

expect <<-END
	desk		service			tcp/3389
	desk		tls.ja3s		15af977ce25de452b96affa2addb1036
	desk		tls.version		TLS 1.3
	thin-client	rdp.cookie		Cookie: mstshash=lab
	thin-client	tls.ja3			a3afc2c46ba4a7d7fbe1cfb7a3031c2f
	thin-client	tls.ja4			t13d311000_e8f1e7e78f70_1f22a2ca17c4
	thin-client	tls.sni			10.77.0.99
	thin-client	rdp.client_build	18363
	thin-client	rdp.client_name		LAB-THIN
END

# what is concluded of them
expect <<-END
	desk	os	Linux
	desk	unknowable	type nothing on the wire says what kind of machine it is
	desk	unknowable	runs TLS before RDP does not name the program
	desk	unknowable	does a desktop that is seen from afar is no role
	thin-client	os	Linux
	thin-client	unknowable	type nothing on the wire says what kind of machine it is
	thin-client	unknowable	runs RDP's client data does not name the program
	thin-client	unknowable	does it only asks others
END

run() {
	cp -r /etc/xrdp "$dir/etc"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/key" -out "$dir/pem" -days 30 -subj /CN=desk.lab.example
	sed -i "s|^port=3389|port=tcp://$(ip4 desk):3389|; s|^certificate=.*|certificate=$dir/pem|; s|^key_file=.*|key_file=$dir/key|; s|^runtime_.*||; s|^LogFile=.*|LogFile=$dir/log|" "$dir/etc/xrdp.ini"
	mkdir -p "$lab/run/desk/xrdp"
	start desk xrdp --nodaemon --config "$dir/etc/xrdp.ini"
	listening desk tcp 3389
	start thin-client Xvfb :5 -nolisten unix
	sleep 1
	at thin-client env DISPLAY=:5 HOME="$dir" timeout 10 xfreerdp /v:"$(ip4 desk)" /u:lab /p:secret /cert:ignore /client-hostname:LAB-THIN
	at thin-client env DISPLAY=:5 HOME="$dir" timeout 10 xfreerdp /v:"$(ip4 desk)" /u:lab /p:secret /cert:ignore /client-hostname:LAB-THIN /sec:rdp
}
