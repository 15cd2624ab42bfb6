# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# ola - stage lights: a desk that sends one universe by Art-Net to a node that it finds by a poll, and
# another by streaming ACN to a group.

packages ola
host stage-desk 160
host stage-node 161

expect <<-END
	stage-desk	artnet.oem	1073
	stage-desk	device.name	stage-desk
	stage-desk	device.name	lab's stage-desk
	stage-desk	device.mac	$(mac stage-desk)
	stage-desk	device.id	6c616220-0000-0000-0000-0000000000a0
	stage-desk	device.name	stage-desk-OLA Server
	stage-node	artnet.oem	1073
	stage-node	device.name	stage-node
	stage-node	device.name	lab's stage-node
	stage-node	device.mac	$(mac stage-node)
END

# what is concluded of them
expect <<-END
	stage-desk	os	Linux
	stage-desk	unknowable	type nothing on the wire says what kind of machine it is
	stage-desk	unknowable	runs Art-Net does not name the program
	stage-desk	unknowable	does lights have no role of ours
	stage-node	unknowable	os frames to groups, with none of a system's habits in them
	stage-node	unknowable	type nothing on the wire says what kind of machine it is
	stage-node	unknowable	runs Art-Net does not name the program
	stage-node	unknowable	does lights have no role of ours
END

run() {
	for h in stage-desk stage-node; do
		ip -n $h route add 224.0.0.0/4 dev eth0
		lights_configure $h
		start $h setpriv --reuid olad --clear-groups olad --no-http --config-dir "$dir/$h" --log-level 3
	done
	for h in stage-desk stage-node; do
		until_true 20 at $h sh -c 'ola_dev_info | grep E1.31'
	done
	at stage-node ola_patch -i -d "$(lights_device stage-node ArtNet)" -p 0 -u 2
	at stage-desk ola_patch -d "$(lights_device stage-desk ArtNet)" -p 0 -u 2
	at stage-desk ola_patch -d "$(lights_device stage-desk E1.31)" -p 0 -u 1
	for level in 10 20 30; do
		at stage-desk ola_set_dmx -u 1 -d $level
		at stage-desk ola_set_dmx -u 2 -d $level
		sleep 1
	done
}

lights_configure() {
	mkdir -p "$dir/$1"
	printf 'enabled = true\nip = %s\nshort_name = %s\nlong_name = lab'"'"'s %s\n' \
		"$(ip4 "$1")" "$1" "$1" >"$dir/$1/ola-artnet.conf"
	printf 'enabled = true\nip = %s\ncid = 6c616220-0000-0000-0000-0000000000%02x\n' \
		"$(ip4 "$1")" "$(lab_number "$1")" >"$dir/$1/ola-e131.conf"
	chmod 0755 "$dir"
	chown -R olad "$dir/$1"
}

lights_device() {
	at "$1" ola_dev_info | sed -n "s/^Device \([0-9]*\): $2.*/\1/p"
}
