# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# bittorrent - one who has a file (aria2), and one who fetches it (libtorrent).

packages aria2 python3-libtorrent
host seeder 114
host leecher 115

expect <<-END
	seeder	bittorrent.port		6881
	seeder	service?		tcp/6881
	leecher	service?		tcp/6884
	leecher	bittorrent.port		6884
	seeder	bittorrent.dht		A2 0003
	seeder	bittorrent.client	aria2/1.36.0
	leecher	bittorrent.client	Lab leecher/1
	leecher	bittorrent.dht		LT 0208
	leecher	bittorrent.id		-LB0100-
	seeder	bittorrent.id		~A2-.*
END

# what is concluded of them
expect <<-END
	seeder	runs	aria2 $(version aria2)
	seeder	os	Linux
	seeder	unknowable	type nothing on the wire says what kind of machine it is
	seeder	unknowable	does all peers of BitTorrent are equal
	leecher	os	Linux
	leecher	runs	libtorrent
	leecher	unknowable	type nothing on the wire says what kind of machine it is
	leecher	unknowable	does all peers of BitTorrent are equal
END

run() {
	mkdir "$dir/seed" "$dir/leech"
	head -c 200000 /dev/urandom >"$dir/seed/lab.bin"
	/usr/bin/python3 - "$dir" <<-'END'
		import libtorrent, sys
		files = libtorrent.file_storage()
		libtorrent.add_files(files, sys.argv[1] + "/seed/lab.bin")
		torrent = libtorrent.create_torrent(files, flags=64)  # version 1 alone
		libtorrent.set_piece_hashes(torrent, sys.argv[1] + "/seed")
		open(sys.argv[1] + "/torrent", "wb").write(libtorrent.bencode(torrent.generate()))
	END
	start seeder aria2c --dir "$dir/seed" --check-integrity=true --listen-port=6881 --dht-listen-port=6882 --bt-enable-lpd=true \
		--enable-dht=true --dht-file-path="$dir/seed/dht" --dht-entry-point="$(ip4 leecher):6884" --interface=eth0 \
		--bt-lpd-interface=eth0 --seed-time=1 --file-allocation=none --no-conf "$dir/torrent"
	listening seeder tcp 6881
	cat >"$dir/leech.py" <<-'END'
		import libtorrent, sys, time
		folder, address, seeder = sys.argv[1:]
		session = libtorrent.session({"listen_interfaces": address + ":6884", "user_agent": "Lab leecher/1", "enable_lsd": True,
		    "peer_fingerprint": "-LB0100-", "in_enc_policy": 2, "out_enc_policy": 2, "dht_bootstrap_nodes": seeder + ":6882"})
		torrent = session.add_torrent({"ti": libtorrent.torrent_info(folder + "/torrent"), "save_path": folder + "/leech"})
		torrent.connect_peer((seeder, 6881))
		while True:
		    time.sleep(1)
	END
	start leecher /usr/bin/python3 "$dir/leech.py" "$dir" "$(ip4 leecher)" "$(ip4 seeder)"
	until_true 30 cmp "$dir/seed/lab.bin" "$dir/leech/lab.bin"
}
