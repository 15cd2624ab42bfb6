# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# wireguard - a tunnel between two hosts, by the implementation outside of the kernel.

packages wireguard-go wireguard-tools busybox
host wg-home 64
host wg-phone 65

expect <<-END
	wg-home		service		udp/51820
	wg-home		vpn.peer	10.77.0.65
	wg-home		vpn.role	responder
	wg-phone	vpn.peer	10.77.0.64
	wg-phone	vpn.role	initiator
END

# what is concluded of them
expect <<-END
	wg-home	os	Linux
	wg-home	unknowable	type nothing on the wire says what kind of machine it is
	wg-home	unknowable	runs WireGuard does not name the program
	wg-home	unknowable	does the two ends of WireGuard are equal
	wg-phone	os	Linux
	wg-phone	unknowable	type nothing on the wire says what kind of machine it is
	wg-phone	unknowable	runs WireGuard does not name the program
	wg-phone	unknowable	does the two ends of WireGuard are equal
END

run() {
	for h in wg-home wg-phone; do
		wg genkey >"$dir/$h.key"
		wg pubkey <"$dir/$h.key" >"$dir/$h.pub"
		mkdir -p "$lab/run/$h/wireguard"
		start $h env WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1 wireguard-go -f wg0
		until_true 5 test -S "$lab/run/$h/wireguard/wg0.sock"
	done
	at wg-home wg set wg0 private-key "$dir/wg-home.key" listen-port 51820 \
		peer "$(cat "$dir/wg-phone.pub")" allowed-ips 10.9.0.2/32
	at wg-phone wg set wg0 private-key "$dir/wg-phone.key" listen-port 40123 \
		peer "$(cat "$dir/wg-home.pub")" allowed-ips 10.9.0.1/32 endpoint "$(ip4 wg-home):51820"
	ip -n wg-home address add 10.9.0.1/24 dev wg0
	ip -n wg-phone address add 10.9.0.2/24 dev wg0
	ip -n wg-home link set wg0 up
	ip -n wg-phone link set wg0 up
	ip netns exec wg-phone busybox ping -c 2 -W 1 10.9.0.1
}
