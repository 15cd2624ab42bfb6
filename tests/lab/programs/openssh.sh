# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# openssh - a server with a key of its own, and a client.

packages openssh-server openssh-client
host shell 15
host admin 16

expect <<-END
	shell	service			tcp/22
	shell	ssh.banner		SSH-2.0-OpenSSH_$(version openssh-server) Debian-$(revision openssh-server)
	shell	ssh.hassh_server	425d29fe50d8e4f5e37efb6e24bcf660
	shell	ssh.host_key		*
	admin	ssh.banner		SSH-2.0-OpenSSH_$(version openssh-server) Debian-$(revision openssh-server)
	admin	ssh.hassh		472b5de333ad665af5cbf10ff892c4df
END

# what is concluded of them
expect <<-END
	admin	runs	OpenSSH $(version openssh-server)
	shell	os	Debian 12
	shell	runs	OpenSSH $(version openssh-server)
	admin	os	Debian 12
	shell	unknowable	type nothing on the wire says what kind of machine it is
	shell	unknowable	does a shell is no role: many machines have one
	admin	unknowable	type nothing on the wire says what kind of machine it is
	admin	unknowable	does it only asks others
END

run() {
	ssh-keygen -q -t ed25519 -N '' -f "$dir/key"
	mkdir -p "$lab/run/shell/sshd"
	start shell "$(command -v sshd)" -D -e -f /dev/null -h "$dir/key" -p 22
	listening shell tcp 22
	at admin ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "nobody@$(ip4 shell)" true
	expect <<-END
	END
}
