# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# rpc - a port mapper, a file server of NFS, and who asks what they have.

packages rpcbind nfs-ganesha nfs-ganesha-mem nfs-common
host exporter 105
host importer 106

expect <<-END
	exporter	nfs.export	/lab
	exporter	rpc.program	portmapper 2 tcp/111
	exporter	rpc.program	portmapper 2 udp/111
	exporter	rpc.program	portmapper 3 tcp/111
	exporter	rpc.program	portmapper 3 udp/111
	exporter	rpc.program	portmapper 4 tcp/111
	exporter	rpc.program	portmapper 4 udp/111
	exporter	service		tcp/111
	exporter	service?	udp/111
	importer	rpc.host	importer
	exporter	service		tcp/20048
	exporter	rpc.program	mountd 1 tcp/20048
	exporter	rpc.program	mountd 1 udp/20048
	exporter	rpc.program	mountd 3 tcp/20048
	exporter	rpc.program	mountd 3 udp/20048
	exporter	rpc.program	nfs 3 tcp/2049
	exporter	rpc.program	nfs 3 udp/2049
	exporter	rpc.program	nfs 4 tcp/2049
	exporter	rpc.program	nfs 4 udp/2049
	exporter	rpc.program	nlockmgr 4 tcp/32803
	exporter	rpc.program	nlockmgr 4 udp/32803
	exporter	rpc.program	rquotad 1 tcp/875
	exporter	rpc.program	rquotad 1 udp/875
	exporter	rpc.program	rquotad 2 tcp/875
	exporter	rpc.program	rquotad 2 udp/875
END

# what is concluded of them
expect <<-END
	exporter	os	Linux
	exporter	does	file-server
	exporter	unknowable	type nothing on the wire says what kind of machine it is
	exporter	unknowable	runs ONC RPC does not name the program
	importer	os	Linux
	importer	unknowable	type nothing on the wire says what kind of machine it is
	importer	unknowable	runs ONC RPC does not name the program
	importer	unknowable	does it only asks others
END

run() {
	start exporter rpcbind -f -w -h "$(ip4 exporter)"
	until_true 10 lab_is_open exporter tcp 111
	printf 'NFS_CORE_PARAM { Bind_addr = %s; MNT_Port = 20048; NLM_Port = 32803; Rquota_Port = 875; }\nEXPORT { Export_Id = 1; Path = /lab; Pseudo = /lab; Access_Type = RW; Squash = none; SecType = sys; FSAL { Name = MEM; } }\n' \
		"$(ip4 exporter)" >"$dir/conf"
	mkdir -p "$lab/run/exporter/ganesha"
	start exporter ganesha.nfsd -F -f "$dir/conf" -L "$dir/log" -p "$dir/pid"
	listening exporter tcp 20048
	sleep 1
	at importer timeout 20 showmount -e "$(ip4 exporter)"
	at importer timeout 20 rpcinfo -p "$(ip4 exporter)"
}
