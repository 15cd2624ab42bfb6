# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# miniupnpd - a router that announces itself by UPnP and opens ports; clients look for it and ask.

packages miniupnpd natpmpc gupnp-tools
host gateway 22
host player 23

expect <<-END
	gateway	device.id		uuid:00000000-1111-2222-3333-444444444444
	gateway	device.model		Lab Gateway 9
	gateway	device.name		Lab gateway
	gateway	device.serial		12345678
	gateway	device.vendor		Lab Makers
	gateway	http.server		Debian/$(uname -r) UPnP/1.1 MiniUPnPd/$(version miniupnpd)
	gateway	nat.external		9.9.9.1
	gateway	service			tcp/5000
	gateway	ssdp.location		http://10.77.0.22:5000/rootDesc.xml
	gateway	ssdp.location		http://[fd77::22]:5000/rootDesc.xml
	gateway	ssdp.server		Debian/$(uname -r) UPnP/1.1 MiniUPnPd/$(version miniupnpd)
	gateway	ssdp.st			upnp:rootdevice
	gateway	ssdp.st			urn:schemas-upnp-org:device:InternetGatewayDevice:2
	gateway	ssdp.st			urn:schemas-upnp-org:device:WANConnectionDevice:2
	gateway	ssdp.st			urn:schemas-upnp-org:device:WANDevice:2
	gateway	ssdp.st			urn:schemas-upnp-org:service:DeviceProtection:1
	gateway	ssdp.st			urn:schemas-upnp-org:service:Layer3Forwarding:1
	gateway	ssdp.st			urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1
	gateway	ssdp.st			urn:schemas-upnp-org:service:WANIPConnection:2
	gateway	ssdp.st			urn:schemas-upnp-org:service:WANIPv6FirewallControl:1
	gateway	ssdp.st			urn:schemas-upnp-org:service:WANPPPConnection:1
	gateway	ssdp.st			uuid:00000000-1111-2222-3333-444444444444
	gateway	ssdp.st			uuid:00000000-1111-2222-3333-444444444445
	gateway	ssdp.st			uuid:00000000-1111-2222-3333-444444444446
	gateway	ssdp.usn		uuid:00000000-1111-2222-3333-444444444444
	gateway	ssdp.usn		uuid:00000000-1111-2222-3333-444444444444::upnp:rootdevice
	gateway	ssdp.usn		uuid:00000000-1111-2222-3333-444444444444::urn:schemas-upnp-org:device:InternetGatewayDevice:2
	gateway	ssdp.usn		uuid:00000000-1111-2222-3333-444444444444::urn:schemas-upnp-org:service:DeviceProtection:1
	gateway	ssdp.usn		uuid:00000000-1111-2222-3333-444444444444::urn:schemas-upnp-org:service:Layer3Forwarding:1
	gateway	ssdp.usn		uuid:00000000-1111-2222-3333-444444444445
	gateway	ssdp.usn		uuid:00000000-1111-2222-3333-444444444445::urn:schemas-upnp-org:device:WANDevice:2
	gateway	ssdp.usn		uuid:00000000-1111-2222-3333-444444444445::urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1
	gateway	ssdp.usn		uuid:00000000-1111-2222-3333-444444444446
	gateway	ssdp.usn		uuid:00000000-1111-2222-3333-444444444446::urn:schemas-upnp-org:device:WANConnectionDevice:2
	gateway	ssdp.usn		uuid:00000000-1111-2222-3333-444444444446::urn:schemas-upnp-org:service:WANIPConnection:2
	gateway	ssdp.usn		uuid:00000000-1111-2222-3333-444444444446::urn:schemas-upnp-org:service:WANIPv6FirewallControl:1
	gateway	ssdp.usn		uuid:00000000-1111-2222-3333-444444444446::urn:schemas-upnp-org:service:WANPPPConnection:1
	gateway	upnp.model_number	9.1
	player	http.user_agent		curl/$(version curl)
	player	ssdp.user_agent		Linux/$(uname -r) UPnP/1.0 GSSDP/1.6.2
	gateway	ssdp.st?		urn:schemas-upnp-org:device:InternetGatewayDevice:1
	gateway	ssdp.usn?		uuid:00000000-1111-2222-3333-444444444444::urn:schemas-upnp-org:device:InternetGatewayDevice:1
END

# what is concluded of them
expect <<-END
	gateway	model	Lab Gateway 9
	gateway	vendor	Lab Makers
	gateway	does	web-server
	player	runs	curl $(version curl)
	gateway	type	router
	gateway	does	router
	gateway	os	Linux
	gateway	runs	MiniUPnPd $(version miniupnpd)
	player	os	Linux
	player	runs	GSSDP $(version libgssdp-1.6-0)
	player	unknowable	type nothing on the wire says what kind of machine it is
	player	unknowable	does it only asks others
END

run() {
	cat >"$dir/conf" <<-END
		ext_ifname=eth0
		ext_ip=9.9.9.1
		listening_ip=eth0
		http_port=5000
		enable_upnp=yes
		enable_natpmp=yes
		uuid=00000000-1111-2222-3333-444444444444
		friendly_name=Lab gateway
		manufacturer_name=Lab Makers
		model_name=Lab Gateway 9
		model_description=A gateway
		model_number=9.1
		serial=12345678
		notify_interval=30
		secure_mode=no
		presentation_url=http://10.77.0.22:5000/
	END
	start gateway miniupnpd -d -f "$dir/conf"
	listening gateway tcp 5000
	at player natpmpc -g "$(ip4 gateway)"
	at player timeout 20 gssdp-discover -i eth0 -n 4
	at player curl -s "http://$(ip4 gateway):5000/rootDesc.xml"
}
