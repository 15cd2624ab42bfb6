# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# chromium - a browser, without a screen: pages in the clear and over TLS.

packages chromium
host desktop 27
with nginx

expect <<-END
	desktop	http.user_agent	Mozilla/5.0 (X11; Linux $(uname -m)) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/$(version chromium | cut -d . -f 1).0.0.0 Safari/537.36
	desktop	tls.alpn	h2
	desktop	tls.alpn	http/1.1
	desktop	tls.ja3		*
	desktop	tls.ja4		*
	web	tls.ja3s	f4febc55ea12b31ae17cfb7e614afda8
END

# what is concluded of them
expect <<-END
	desktop	type	computer
	desktop	runs	~HeadlessChrome $(version chromium | cut -d. -f1)[.0]*
	desktop	os	Linux
	desktop	unknowable	does it only asks others
END

run() {
	for url in "http://$(ip4 web)/hello" "https://$(ip4 web)/"; do
		at desktop timeout 25 chromium --headless --no-sandbox --disable-gpu --ignore-certificate-errors \
			--user-data-dir="$dir/profile" --dump-dom "$url"
	done
}
