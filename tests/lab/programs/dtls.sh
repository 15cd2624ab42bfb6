# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# dtls - a DTLS server with a certificate, and a client.

packages openssl
host dtls-server 86
host dtls-client 87

expect <<-END
	dtls-server	tls.cert_issuer		dtls.lab.example
	dtls-server	tls.cert_subject	dtls.lab.example
	dtls-server	tls.ja3s		51e03b04c8c77175b5562a0e94e39f1c
	dtls-server	tls.version		DTLS 1.2
	dtls-client	tls.ja3			248a2544f4221c0f02f877e42fe67853
	dtls-client	tls.ja4			dd2d280700_d943125447b4_e7e480e5a997
	dtls-client	tls.sni			dtls.lab.example
END

# what is concluded of them
expect <<-END
	dtls-server	unknowable	os its datagrams have no numbers, as those of many systems
	dtls-server	unknowable	type nothing on the wire says what kind of machine it is
	dtls-server	unknowable	runs DTLS does not name the program
	dtls-server	unknowable	does what it serves is encrypted
	dtls-client	os	Linux
	dtls-client	unknowable	type nothing on the wire says what kind of machine it is
	dtls-client	unknowable	runs DTLS does not name the program
	dtls-client	unknowable	does it only asks others
END

run() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/key" -out "$dir/pem" -days 30 \
		-subj /CN=dtls.lab.example
	start dtls-server sh -c "sleep 30 | openssl s_server -dtls -accept $(ip4 dtls-server):4433 -cert $dir/pem -key $dir/key"
	listening dtls-server udp 4433
	echo hello | at dtls-client timeout 20 openssl s_client -dtls -connect "$(ip4 dtls-server):4433" -servername dtls.lab.example
	expect <<-END
		dtls-server	tls.cert_expires	$(date -u -d "$(openssl x509 -in "$dir/pem" -noout -enddate | cut -d = -f 2)" +%F)
		dtls-server	tls.cert_key		$(openssl x509 -in "$dir/pem" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d ' ' -f 1)
	END
}
