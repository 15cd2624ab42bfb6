# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# iscsi - a target with a disk, and an initiator that lists what it has.

packages tgt libiscsi-bin
host disks 103
host mounter 104

expect <<-END
	disks	iscsi.target	iqn.2026-01.example.lab:disks.one
	disks	service		tcp/3260
	mounter	iscsi.initiator	iqn.2026-01.example.lab:mounter
END

# what is concluded of them
expect <<-END
	disks	os	Linux
	disks	does	storage-server
	disks	unknowable	type nothing on the wire says what kind of machine it is
	disks	unknowable	runs iSCSI does not name the program
	mounter	os	Linux
	mounter	unknowable	type nothing on the wire says what kind of machine it is
	mounter	unknowable	runs iSCSI does not name the program
	mounter	unknowable	does it only asks others
END

run() {
	start disks tgtd -f --iscsi portal="$(ip4 disks):3260"
	listening disks tcp 3260
	at disks tgtadm --lld iscsi --op new --mode target --tid 1 -T iqn.2026-01.example.lab:disks.one
	at disks tgtadm --lld iscsi --op bind --mode target --tid 1 -I ALL
	at mounter timeout 20 iscsi-ls -i iqn.2026-01.example.lab:mounter "iscsi://$(ip4 disks)/"
}
