# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# caddy - a server that speaks HTTP/3, and a browser that is told to.

packages caddy chromium openssl
host quick 131
host surfer 132

expect <<-END
	quick	quic.version	1
	quick	service		udp/443
	quick	tls.ja3s	f4febc55ea12b31ae17cfb7e614afda8
	quick	tls.version	TLS 1.3
	surfer	quic.version	1
	surfer	tls.alpn	h3
	surfer	tls.ja3		*
	surfer	tls.ja4		*
	surfer	tls.sni		quick.lab.example
END

# what is concluded of them
expect <<-END
	quick	unknowable	os its datagrams have no numbers, as those of many systems
	quick	unknowable	type nothing on the wire says what kind of machine it is
	quick	unknowable	runs TLS in QUIC does not name the program
	quick	unknowable	does what it serves is encrypted
	surfer	os	Linux
	surfer	unknowable	type nothing on the wire says what kind of machine it is
	surfer	unknowable	runs TLS in QUIC does not name the program
	surfer	unknowable	does it only asks others
END

run() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/key" -out "$dir/pem" -days 13 \
		-subj /CN=quick.lab.example -addext subjectAltName=DNS:quick.lab.example
	cat >"$dir/conf" <<-END
		{
			admin off
			auto_https off
		}
		https://quick.lab.example:443 {
			bind $(ip4 quick)
			tls $dir/pem $dir/key
			respond "quick"
		}
	END
	start quick env HOME="$dir" caddy run --adapter caddyfile --config "$dir/conf"
	listening quick udp 443
	spki=$(openssl x509 -in "$dir/pem" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64)
	at surfer timeout 20 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$dir/profile" \
		--host-resolver-rules="MAP quick.lab.example $(ip4 quick)" --origin-to-force-quic-on=quick.lab.example:443 \
		--ignore-certificate-errors-spki-list="$spki" --dump-dom https://quick.lab.example/
}
