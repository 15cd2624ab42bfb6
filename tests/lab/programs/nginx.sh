# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# nginx - a web server, in the clear and with TLS, that forwards to the safe one; curl asks both.

packages nginx curl openssl
host web 25
host curler 26

expect <<-END
	web	http.powered_by		Lab/7.4
	web	http.realm		Lab staff
	web	http.redirect		www.lab.example
	web	http.server		nginx/$(version nginx)
	web	http.title		The lab
	web	service			tcp/80
	web	service			tcp/443
	web	tls.cert_issuer		www.lab.example
	web	tls.cert_name		10.77.0.25
	web	tls.cert_name		lab.example
	web	tls.cert_name		www.lab.example
	web	tls.cert_subject	www.lab.example
	web	tls.ja3s		15af977ce25de452b96affa2addb1036
	web	tls.ja3s		fe0146829eef1917ba6c2dd4f5c08905
	web	tls.version		TLS 1.2
	web	tls.version		TLS 1.3
	curler	cleartext		http
	curler	http.user_agent		Lab curl/1
	curler	http.user_agent		curl/$(version curl)
	curler	tls.alpn		h2
	curler	tls.alpn		http/1.1
	curler	tls.ja3			87b9bfc7da97115ed2276737b09f8d74
	curler	tls.ja3			89dfc51e72bdcb94e4ba4622588002b1
	curler	tls.ja4			t12d2807h2_d943125447b4_a44c6288192a
	curler	tls.ja4			t13d0412h2_16476d049b0b_85302d7e289e
	curler	tls.sni			www.lab.example
END

# what is concluded of them
expect <<-END
	web	os	Linux
	web	runs	nginx $(version nginx)
	web	does	web-server
	curler	os	Linux
	curler	runs	curl $(version curl)
	web	unknowable	type nothing on the wire says what kind of machine it is
	curler	unknowable	type nothing on the wire says what kind of machine it is
	curler	unknowable	does it only asks others
END

run() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/key" -out "$dir/pem" -days 30 \
		-subj '/O=Lab/CN=www.lab.example' -addext 'subjectAltName=DNS:www.lab.example,DNS:lab.example,IP:10.77.0.25'
	cat >"$dir/conf" <<-END
		user root;
		daemon off;
		pid $dir/pid;
		error_log $dir/error;
		events { }
		http {
			access_log off;
			client_body_temp_path $dir/body; proxy_temp_path $dir/proxy; fastcgi_temp_path $dir/fast;
			uwsgi_temp_path $dir/uwsgi; scgi_temp_path $dir/scgi;
			server {
				listen 80;
				location / { return 301 https://www.lab.example/; }
				location /hello {
					add_header X-Powered-By 'Lab/7.4';
					default_type text/html;
					return 200 '<html><head><title>The lab</title></head></html>';
				}
				location /staff { auth_basic 'Lab staff'; auth_basic_user_file $dir/users; }
			}
			server {
				listen 443 ssl http2;
				ssl_certificate $dir/pem;
				ssl_certificate_key $dir/key;
				ssl_protocols TLSv1.2 TLSv1.3;
				location / { default_type text/html; return 200 hello; }
			}
		}
	END
	echo 'lab:{PLAIN}secret' >"$dir/users"
	start web nginx -c "$dir/conf"
	listening web tcp 443
	at curler curl -s -A 'Lab curl/1' "http://$(ip4 web)/"
	at curler curl -s "http://$(ip4 web)/hello"
	at curler curl -s -u lab:secret "http://$(ip4 web)/staff"
	at curler curl -s -u wrong: "http://$(ip4 web)/staff"
	for version in 1.2 1.3; do
		at curler curl -s -k --tls-max "$version" --tlsv"$version" --resolve "www.lab.example:443:$(ip4 web)" https://www.lab.example/
	done
	expect <<-END
		web	tls.cert_expires	$(date -u -d "$(openssl x509 -in "$dir/pem" -noout -enddate | cut -d = -f 2)" +%F)
		web	tls.cert_key		$(openssl x509 -in "$dir/pem" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d ' ' -f 1)
	END
}
