# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# http2 - HTTP/2 without TLS.

packages nghttp2-server nghttp2-client
host h2-server 129
host h2-client 130

expect <<-END
	h2-server	http.server	nghttpd nghttp2/$(version nghttp2-client)
	h2-server	service		tcp/8000
	h2-client	http.user_agent	nghttp2/$(version nghttp2-client)
END

# what is concluded of them
expect <<-END
	h2-server	does	web-server
	h2-server	os	Linux
	h2-server	runs	nghttp2 $(version nghttp2-server)
	h2-server	unknowable	type nothing on the wire says what kind of machine it is
	h2-client	os	Linux
	h2-client	unknowable	type nothing on the wire says what kind of machine it is
	h2-client	unknowable	runs HTTP/2 does not name the program
	h2-client	unknowable	does it only asks others
END

run() {
	mkdir "$dir/root"
	echo hello >"$dir/root/index.html"
	start h2-server nghttpd --no-tls -a "$(ip4 h2-server)" -d "$dir/root" 8000
	listening h2-server tcp 8000
	at h2-client nghttp "http://$(ip4 h2-server):8000/"
}
