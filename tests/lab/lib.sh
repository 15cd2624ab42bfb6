# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC1090,SC2034,SC2209 # files are many; $dir and $pid are for the programs' files
#
# lib.sh - the language of the files in programs/ and events/, and what makes their world.
#
# A file is a piece of software: what it needs, the hosts it runs on, what is expected of them, and
# a function `run` that starts and uses it. To add one, add a file. All programs run at once, each in a
# shell of its own; the events, when all programs are done.
#
#   packages NAME...          Debian packages that it needs; they stand in tools/packages too
#   with NAME...              other files whose hosts it talks to
#   host NAME N [bare|quiet]  a host: namespace NAME, MAC 02:00:00:00:00:N (in hex), on its eth0 10.77.0.N
#                             and fd77::N (as written in decimal). bare: no addresses; quiet: it has
#                             them, but does not use IPv4
#   behind ROUTER NAME ADDRESS PREFIX GATEWAY   a host in a network behind the router, which has the gateway's
#                             address there; the report has it by its address
#   known NAME KEY=VALUE...   a record of the report without a host of its own here: mac=, ip=, realm=
#   expect                    lines on standard input: HOST FIELD VALUE. FIELD is a kind of fact, or
#                             name, os, model, vendor, type (what is concluded), runs (a program, with
#                             its version), does (a role), change (what is told of a change), or heard
#                             (an observer that only passes on understood it). VALUE is exact; * is any,
#                             ~REGEX is matched whole.
#                             FIELD? may be told, and need not be: it depends on who was first.
#                             Each host has lines for os, type, runs and does, or HOST unknowable
#                             FIELD,... WHY: nothing in what it sends can tell, and nothing is told.
#                             Also inside run, for what is known only then.
#                             `version PACKAGE` and `revision PACKAGE` are what Debian has of it.
#   run()                     starts it; returns when it has said what it has to say
#
# In `run`, which may use:
#   $dir                      a folder of its own
#   at HOST COMMAND...        runs a command on the host: its network, its name, its own /run
#   start HOST COMMAND...     the same in the background, until the lab ends; its number in $pid
#   mac HOST, ip4 HOST, ip6 HOST
#   etc HOST FILE             standard input becomes the host's /etc/FILE
#   listening HOST tcp|udp PORT   waits until something does
#   ready_for_ipv6 HOST       its addresses are its own: nobody else has them
#   until_true SECONDS COMMAND...
#   cable HOST PORT NAME MAC ADDRESS/PREFIX   one more namespace, on a port of the host's own
#   web_server HOST PORT WORD  starts an nginx that says the word; package nginx
#   vswitch HOST              starts an Open vSwitch on the host, outside of the kernel
#   skip REASON               it cannot run here: its expectations are left out, and that is said

lab=/mnt # memory, inside the box

# --- declarations

packages() {
	[ "$lab_phase" = declare ] || return 0
	for lab_package in "$@"; do
		grep -q "^lab	$lab_package	" tools/packages ||
			lab_fail "$program: package $lab_package is missing in tools/packages, set lab"
	done
}

# Read before the files are: see lab_chosen.
with() { :; }

host() {
	[ "$lab_phase" = declare ] || return 0
	[ "${#1}" -le 12 ] || lab_fail "$program: the name $1 has more than 12 letters"
	printf '%s\t%s\t%s\t%s\n' "$1" "$2" "${3-}" "$program" >>"$lab/hosts"
	printf '%s\tmac=02:00:00:00:00:%02x\t%s\t%s\n' "$1" "$2" \
		"$([ "${3-}" = bare ] || echo "ips=10.77.0.$2,fd77::$2")" "how=${3-}" >>"$lab/records"
}

behind() {
	[ "$lab_phase" = declare ] || return 0
	printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>"$lab/behind"
	printf '%s\tip=%s\tvia=%s\n' "$2" "$3" "$1" >>"$lab/records"
}

known() {
	[ "$lab_phase" = declare ] || return 0
	printf '%s\n' "$*" | tr ' ' '\t' >>"$lab/records"
}

expect() {
	if [ "$lab_phase" = read ]; then
		cat >/dev/null
		return
	fi
	sed -n "s/^[	 ]*//; /^[^#]/s/^/$program /p" >>"$lab/expected/$program"
}

# --- for expectations and for `run`

# Of a Debian package: the version of its maker, and Debian's.
version() {
	dpkg-query -W -f '${source:Upstream-Version}' "$1" | sed 's/[+.~]dfsg.*//'
}

revision() {
	dpkg-query -W -f '${Version}' "$1" | sed 's/.*-//'
}

ip4() { echo "10.77.0.$(lab_number "$1")"; }
ip6() { echo "fd77::$(lab_number "$1")"; }
mac() { printf '02:00:00:00:00:%02x\n' "$(lab_number "$1")"; }

lab_number() {
	awk -v host="$1" '$1 == host { print $2; found = 1 } END { exit !found }' "$lab/hosts"
}

# shellcheck disable=SC2016 # the inner shell expands it
at() {
	lab_at=$1
	shift
	ip netns exec "$lab_at" unshare --uts sh -c '
		mount --bind "$0" /run && hostname "${0##*/}" && exec "$@"' "$lab/run/$lab_at" "$@"
}

start() {
	lab_started=$((${lab_started-0} + 1))
	at "$@" >"$lab/log/$program.$lab_started.$1" 2>&1 </dev/null &
	pid=$!
}

etc() {
	mkdir -p "/etc/netns/$1"
	[ -e "/etc/$2" ] || : >"/etc/$2"
	cat >"/etc/netns/$1/$2"
}

listening() {
	until_true 20 lab_is_open "$@"
}

ready_for_ipv6() {
	! ip -n "$1" -6 address show dev eth0 tentative | grep -q .
}

lab_is_open() {
	ip netns exec "$1" ss -Hln "--$2" "sport = :$3" | grep -q .
}

until_true() {
	lab_left=$(($1 * 10))
	shift
	while ! "$@" >/dev/null 2>&1; do
		lab_left=$((lab_left - 1))
		[ "$lab_left" -gt 0 ] || { echo "never came true: $*"; return 1; }
		sleep 0.1
	done
}

web_server() {
	printf 'user root; daemon off; pid %s/pid; error_log %s/error; events { }
		http { access_log off; server { listen %s; location / { return 200 %s; } } }' "$dir" "$dir" "$2" "$3" >"$dir/conf"
	start "$1" nginx -c "$dir/conf"
	listening "$1" tcp "$2"
}

vswitch() {
	mkdir -p "$lab/run/$1/openvswitch"
	ovsdb-tool create "$dir/$1.db" /usr/share/openvswitch/vswitch.ovsschema
	start "$1" ovsdb-server "$dir/$1.db" --remote=punix:/run/openvswitch/db.sock --pidfile
	until_true 5 test -S "$lab/run/$1/openvswitch/db.sock"
	at "$1" ovs-vsctl --no-wait init
	start "$1" ovs-vswitchd unix:/run/openvswitch/db.sock --pidfile
}

cable() {
	mkdir -p "$lab/run/$3/lock"
	ip netns add "$3"
	ip -n "$3" link set lo up
	ip -n "$1" link add "$2" type veth peer name eth0 address "$4" netns "$3"
	ip netns exec "$3" ethtool -K eth0 tx off >/dev/null
	ip -n "$3" address add "$5" dev eth0
	ip -n "$3" link set eth0 up
	ip -n "$1" link set "$2" up
}

skip() {
	echo "$*" >"$lab/skipped/$program"
	exit 0
}

# --- the world

lab_fail() {
	echo "lab: $*" >&2
	exit 1
}

# All folders that software writes to are its own here: memory, over what is there.
lab_world() {
	mount -t tmpfs -o mode=755 lab "$lab"
	mkdir -p "$lab/expected" "$lab/skipped" "$lab/log" "$lab/run" "$lab/own" "$lab/done" "$lab/report" "$lab/root"
	: >"$lab/hosts"
	: >"$lab/records"
	: >"$lab/behind"
	mount --rbind "$LAB_ROOT" "$lab/root"
	[ -z "$LAB_SAVE" ] || { mkdir "$lab/save" && mount --bind "$LAB_SAVE" "$lab/save"; }
	for lab_folder in etc var root tmp; do
		mkdir -p "$lab/over/$lab_folder/up" "$lab/over/$lab_folder/work"
		mount -t overlay lab -o "lowerdir=/$lab_folder,upperdir=$lab/over/$lab_folder/up,workdir=$lab/over/$lab_folder/work" \
			"/$lab_folder" || lab_fail 'this kernel has no overlay file system'
	done
	mount -t tmpfs lab /run
	mount -t tmpfs lab /dev/shm
	mkdir -p /run/netns /run/lock /etc/netns "$LAB_ROOT"
	mount --rbind "$lab/root" "$LAB_ROOT"
	mount -o remount,bind,ro "$LAB_ROOT"
	cd "$LAB_ROOT" || exit
	chmod 1777 /tmp
	sed -i '/^127.0.1.1/d' /etc/hosts
	PATH=/usr/sbin:/usr/bin:/sbin:/bin # Debian's, and nothing that this machine has beside it
	umask 022
	: >/etc/resolv.conf
	ip link set lo up
}

# The names of a folder that were asked for, and those they work with: all, unless some were named.
lab_chosen() {
	lab_wanted=
	for lab_name in $LAB_NAMES; do
		lab_wanted="$lab_wanted $lab_name $(sed -n 's/^with //p' tests/lab/*/"$lab_name".sh)"
	done
	for lab_file in tests/lab/"$1"/*.sh; do
		[ -f "$lab_file" ] || continue
		lab_file=${lab_file##*/}
		case " ${lab_wanted:-${lab_file%.sh}} " in
		*" ${lab_file%.sh} "*) echo "${lab_file%.sh}" ;;
		esac
	done
}

lab_declare() {
	(
		program=$2
		lab_phase=declare
		. "tests/lab/$1/$2.sh"
	)
	echo "$1/$2" >>"$lab/order"
}

lab_build() {
	for lab_column in 1 2; do
		cut -f "$lab_column" "$lab/hosts" | sort | uniq -d | sed 's/^/lab: two hosts are /' | grep . >&2 && exit 1
	done
	ip netns add wire
	ip -n wire link set lo up
	ip -n wire link add br0 address 02:00:00:00:00:ff type bridge mcast_snooping 0 forward_delay 0 group_fwd_mask 65528
	# Whatever is sent to a link-local group goes on, as through a hub.
	awk -F '\t' '{ printf "netns add %s\n", $1
		printf "link add to-%s netns wire type veth peer name eth0 address 02:00:00:00:00:%02x netns %s\n", $1, $2, $1
	}' "$lab/hosts" | ip -batch -
	ip netns exec wire sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	awk -F '\t' '{ print "link set to-" $1 " master br0 up"
		print "link set to-" $1 " type bridge_slave group_fwd_mask 65533" } END { print "link set br0 up" }' "$lab/hosts" |
		ip -n wire -batch -
	awk -F '\t' '{ print "10.77.0." $2 " " $1 }' "$lab/hosts" >>/etc/hosts
	while read -r lab_host lab_n lab_how _; do
		mkdir -p "$lab/run/$lab_host/lock"
		{
			echo 'link set lo up'
			if [ "$lab_how" != bare ]; then
				echo "address add 10.77.0.$lab_n/24 broadcast 10.77.0.255 dev eth0"
				echo "address add fd77::$lab_n/64 dev eth0 nodad"
			fi
			echo 'link set eth0 up'
		} | ip -n "$lab_host" -batch -
	done <"$lab/hosts"
	while read -r lab_router lab_host lab_address lab_prefix lab_gateway; do
		if ip -n "$lab_router" link add lan type bridge 2>/dev/null; then
			ip -n "$lab_router" address add "$lab_gateway/$lab_prefix" dev lan
			ip -n "$lab_router" link set lan up
		fi
		lab_behind=$((${lab_behind-0} + 1))
		cable "$lab_router" "to-$lab_host" "$lab_host" "02:00:00:00:fe:0$lab_behind" "$lab_address/$lab_prefix"
		ip -n "$lab_router" link set "to-$lab_host" master lan
		ip -n "$lab_host" route add default via "$lab_gateway"
	done <"$lab/behind"
}

# shellcheck disable=SC2317 # until_true calls it
lab_hears() {
	grep -q '"type":"hello"' "$lab/report/report.ndjson"
}

lab_listen() {
	: >"$lab/report/report.ndjson"
	chmod 666 "$lab/report/report.ndjson"
	if [ -n "$LAB_SAVE" ]; then
		ip netns exec wire tcpdump -q -U -i br0 -s 0 -Z root -w "$lab/save/wire.pcap" 2>"$lab/log/tcpdump" &
		lab_dump=$!
		until_true 5 test -s "$lab/save/wire.pcap"
	fi
	ip netns exec wire "$HAVAINTO" listen -i br0 --interval 10 -o "file:$lab/report/report.ndjson" \
		>"$lab/log/sensor" 2>&1 &
	lab_sensor=$!
	until_true 10 lab_hears || { cat "$lab/log/sensor"; lab_fail 'the sensor does not start'; }
}

# The last report, whole.
lab_hear_out() {
	kill -TERM "$lab_sensor"
	wait "$lab_sensor" || lab_fail "the sensor ended with $?: $(cat "$lab/log/sensor")"
	[ -z "${lab_dump-}" ] || kill -TERM "$lab_dump"
}

lab_start_all() {
	for lab_name in "$@"; do
		mkdir -p "$lab/own/$lab_name"
		chmod 755 "$lab/own/$lab_name"
		(
			program=$lab_name
			dir=$lab/own/$program
			lab_phase=read
			for lab_file in tests/lab/programs tests/lab/events; do
				[ ! -f "$lab_file/$program.sh" ] || . "$lab_file/$program.sh"
			done
			cd "$dir" || exit
			lab_phase=run
			trap ': >"$lab/done/$program"' EXIT
			set +e
			run
		) >"$lab/log/$lab_name" 2>&1 &
	done
}

# lab_wait SECONDS NAME... - what is not done then is compared as it is. A busy machine has ten times as long (tests/calm).
lab_wait() {
	lab_calm=$(($(tests/calm) + $1 * 1000))
	lab_end=$(($(date +%s) + $1 * 10))
	shift
	for lab_name in "$@"; do
		while [ ! -e "$lab/done/$lab_name" ] && [ "$(tests/calm)" -lt "$lab_calm" ] && [ "$(date +%s)" -lt "$lab_end" ]; do
			sleep 0.2
		done
		[ -e "$lab/done/$lab_name" ] || echo "lab: $lab_name is not done in time"
	done
}

lab_save() {
	[ -n "$LAB_SAVE" ] || return 0
	cp -r "$lab/report/report.ndjson" "$lab/log" "$lab/expected" "$lab/records" "$lab/save/"
}

lab_look_around() {
	cat <<-END

		The lab goes on until this ends. Its hosts are namespaces, its wire is br0 in the namespace "wire":
		  ip netns exec wire tcpdump -n -i br0
		  ip netns exec HOST ...      $(cut -f 1 "$lab/hosts" | tr '\n' ' ')
		  $lab/log $lab/report $lab/own
	END
	if [ -t 0 ]; then
		bash -i || true
	else
		sleep infinity
	fi
}
