# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# openvpn - a tunnel with certificates.

packages openvpn openssl
host ovpn-server 66
host ovpn-client 67

expect <<-END
	ovpn-server	service		udp/1194
	ovpn-server	vpn.peer	10.77.0.67
	ovpn-server	vpn.role	server
	ovpn-client	vpn.peer	10.77.0.66
	ovpn-client	vpn.role	client
END

# what is concluded of them
expect <<-END
	ovpn-server	os	Linux
	ovpn-server	does	vpn-server
	ovpn-server	unknowable	type nothing on the wire says what kind of machine it is
	ovpn-server	unknowable	runs OpenVPN's handshake does not name the program
	ovpn-client	os	Linux
	ovpn-client	unknowable	type nothing on the wire says what kind of machine it is
	ovpn-client	unknowable	runs OpenVPN's handshake does not name the program
	ovpn-client	unknowable	does it only asks others
END

run() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/ca.key" -out "$dir/ca.pem" -subj /CN=lab-ca -days 30
	for n in server client; do
		openssl req -newkey rsa:2048 -nodes -keyout "$dir/$n.key" -out "$dir/$n.csr" -subj "/CN=lab-$n"
		openssl x509 -req -in "$dir/$n.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -out "$dir/$n.pem" -days 30
	done
	common="--dev null --ifconfig-noexec --route-noexec --proto udp --ca $dir/ca.pem"
	# shellcheck disable=SC2086 # words
	start ovpn-server openvpn $common --tls-server --cert "$dir/server.pem" --key "$dir/server.key" --dh none --port 1194
	listening ovpn-server udp 1194
	# shellcheck disable=SC2086 # words
	start ovpn-client openvpn $common --tls-client --cert "$dir/client.pem" --key "$dir/client.key" \
		--remote "$(ip4 ovpn-server)" 1194 --nobind
	sleep 4
}
