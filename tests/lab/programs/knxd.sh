# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# knxd - a KNXnet/IP server of a bus without devices, which describes itself to who asks, and another
# that tunnels to it. No program of Debian asks, so the question is written here (KNX 03.08.02, 7.6.3).

packages knxd
host building 162
host tunneller 163

expect <<-END
	building	device.name	lab's building
	building	device.mac	$(mac building)
	building	knx.address	1.1.5
END

# what is concluded of them
expect <<-END
	building	os	Linux
	building	unknowable	type nothing on the wire says what kind of machine it is
	building	unknowable	runs KNXnet/IP does not name the program
	building	unknowable	does what it serves has no role of ours
	tunneller	os	Linux
	tunneller	unknowable	type nothing on the wire says what kind of machine it is
	tunneller	unknowable	runs KNXnet/IP does not name the program
	tunneller	unknowable	does it only asks others
END

run() {
	ip -n building route add 224.0.0.0/4 dev eth0
	start building knxd --eibaddr=1.1.5 --client-addrs=1.1.6:4 --Name="lab's building" -D -T -R -S -b dummy:
	listening building udp 3671
	# shellcheck disable=SC2016 # the inner shell expands it
	at tunneller bash -c 'exec 3<>"/dev/udp/$0/3671" && printf "\6\20\2\3\0\16\10\1\0\0\0\0\0\0" >&3 && head -c 1 <&3' \
		"$(ip4 building)" >"$dir/answer"
	start tunneller knxd --eibaddr=1.1.20 --client-addrs=1.1.21:2 --listen-local="$dir/bus" -b "ipt:$(ip4 building)"
	sleep 2
}
