# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154,SC2016
#
# avahi - a printer that answers to multicast DNS, and one who looks for printers.

packages avahi-daemon
host printer 5
host browser 6

expect <<-END
	printer	mdns.cpu		X86_64
	printer	mdns.instance		Lab Printer._ipp._tcp.local
	printer	mdns.os			LINUX
	printer	mdns.service		_ipp._tcp.local
	printer	mdns.txt		note=Second floor
	printer	mdns.txt		ty=Lab Printer 3000
	printer	mdns.txt		usb_MFG=Lab Makers
	printer	name.host		lab-printer
	printer	printer.location	Second floor
	printer	printer.model		Lab Printer 3000
	printer	printer.vendor		Lab Makers
	browser	mdns.cpu		X86_64
	browser	mdns.os			LINUX
	browser	name.host		lab-browser
END

# what is concluded of them
expect <<-END
	printer	model	Lab Printer 3000
	printer	vendor	Lab Makers
	printer	type	printer
	printer	does	print-server
	printer	os	Linux
	printer	runs	Avahi
	browser	os	Linux
	browser	runs	Avahi
	browser	unknowable	type nothing on the wire says what kind of machine it is
	browser	unknowable	does mDNS: every host answers for its own name
END

run() {
	mkdir "$dir/services"
	for h in printer browser; do
		cat >"$dir/$h.conf" <<-END
			[server]
			host-name=lab-$h
			allow-interfaces=eth0
			enable-dbus=no
			[publish]
			publish-hinfo=yes
			publish-workstation=no
		END
	done
	cat >"$dir/services/ipp.service" <<-END
		<service-group><name>Lab Printer</name><service><type>_ipp._tcp</type><port>631</port>
		<txt-record>ty=Lab Printer 3000</txt-record><txt-record>note=Second floor</txt-record>
		<txt-record>usb_MFG=Lab Makers</txt-record></service></service-group>
	END
	for h in printer browser; do
		start $h unshare --mount sh -c '[ "$1" = browser ] || mount --bind "$2/services" /etc/avahi/services
			mkdir -p /run/avahi-daemon
			exec avahi-daemon --file="$2/$1.conf" --no-drop-root --no-chroot --no-rlimits' sh $h "$dir"
	done
	sleep 8
}
