# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# samba - a file server with NetBIOS names, a browser of the network, and a client that logs in.

packages samba smbclient
host filesrv 8
host pc 9

expect <<-END
	filesrv	browser.comment		Files of the lab
	filesrv	browser.server_type	workstation,server,print,unix,nt,nt-server,dfs
	filesrv	browser.version		6.1
	filesrv	name.host		FILESRV
	filesrv	name.workgroup		LABGROUP
	filesrv	nbns.name		FILESRV<00>
	filesrv	nbns.name		FILESRV<03>
	filesrv	nbns.name		FILESRV<20>
	filesrv	nbns.name		LABGROUP<00>
	filesrv	nbns.name		LABGROUP<1d>
	filesrv	nbns.name		LABGROUP<1e>
	filesrv	ntlm.nb_computer	FILESRV
	filesrv	ntlm.nb_domain		FILESRV
	filesrv	ntlm.version		6.1.0
	filesrv	service			tcp/445
	filesrv	service			udp/137
	filesrv	smb.dialect		3.1.1
	filesrv	smb.native_lanman	Samba $(version samba)-Debian
	filesrv	smb.native_os		Windows 6.1
	filesrv	smb.server_guid		656c6966-7273-0076-0000-000000000000
	pc	ntlm.domain		LABGROUP
	pc	ntlm.host		PC
	pc	ntlm.version		6.1.0
	pc	smb.client_guid		*
	pc	smb.native_lanman	Samba
	pc	smb.native_os		Unix
	filesrv	ntlm.dns_computer	filesrv
	filesrv	service			tcp/135
	filesrv	service?		~tcp/49[0-9]{3}
END

# what is concluded of them
expect <<-END
	pc	runs	Samba
	filesrv	os	Debian
	filesrv	runs	Samba $(version samba)
	filesrv	does	file-server
	filesrv	unknowable	type nothing on the wire says what kind of machine it is
	pc	os	Linux
	pc	unknowable	type nothing on the wire says what kind of machine it is
	pc	unknowable	does it only asks others
END

run() {
	for h in filesrv pc; do
		mkdir -p "$dir/$h/private" "$dir/$h/share"
		cat >"$dir/$h.conf" <<-END
			[global]
			netbios name = $h
			workgroup = LABGROUP
			server string = Files of the lab
			server min protocol = NT1
			client min protocol = NT1
			ntlm auth = yes
			map to guest = Bad User
			interfaces = $(ip4 $h)/24
			bind interfaces only = yes
			local master = yes
			preferred master = yes
			os level = 65
			wins support = yes
			private dir = $dir/$h/private
			lock directory = $dir/$h
			state directory = $dir/$h
			cache directory = $dir/$h
			pid directory = $dir/$h
			ncalrpc dir = $dir/$h/ncalrpc
			log file = $dir/$h/log
			rpc start on demand helpers = no
			load printers = no
			disable spoolss = yes
			[share]
			path = $dir/$h/share
			guest ok = yes
		END
	done
	mkdir -p "$lab/run/filesrv/samba"
	printf 'secret\nsecret\n' | smbpasswd -c "$dir/filesrv.conf" -a -s nobody
	start filesrv nmbd -F -s "$dir/filesrv.conf" --no-process-group
	start filesrv smbd -F -s "$dir/filesrv.conf" --no-process-group
	start filesrv /usr/libexec/samba/samba-dcerpcd -F --libexec-rpcds -s "$dir/filesrv.conf" --no-process-group
	listening filesrv tcp 445
	listening filesrv tcp 135
	until_true 15 at pc nmblookup -s "$dir/pc.conf" -B 10.77.0.255 filesrv
	at pc nmblookup -s "$dir/pc.conf" -A "$(ip4 filesrv)"
	at pc smbclient -s "$dir/pc.conf" -U nobody%secret -m SMB3 -c ls "//$(ip4 filesrv)/share"
	at pc smbclient -s "$dir/pc.conf" -U nobody%secret -m NT1 -c ls "//$(ip4 filesrv)/share"
	at pc rpcclient -s "$dir/pc.conf" -U nobody%secret -c srvinfo "ncacn_ip_tcp:$(ip4 filesrv)[sign]"
	sleep 25
}
