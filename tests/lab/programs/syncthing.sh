# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# syncthing - a computer that looks for others to keep its files the same with.

packages syncthing openssl
host sync 113

expect <<-END
	sync	software		Syncthing
	sync	ssdp.user_agent		syncthing/1.0
	sync	http.user_agent?	Go-http-client/1.1
	sync	http.user_agent?	syncthing/1.0
END

# what is concluded of them
expect <<-END
	sync	runs?	Go-http-client 1.1
	sync	runs	Syncthing
	sync	os?	Linux
	sync	unknowable	type nothing on the wire says what kind of machine it is
	sync	unknowable	does all who take part in Syncthing are equal
END

run() {
	export HOME="$dir"
	start sync syncthing serve --no-browser --no-restart --home="$dir/home" --gui-address=127.0.0.1:8384
	sleep 12
	expect <<-END
		sync	device.id	$(openssl x509 -in "$dir/home/cert.pem" -outform DER | sha256sum | cut -d ' ' -f 1)
	END
}
