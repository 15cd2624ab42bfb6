# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# router - a router, with two hosts behind it: what they say is theirs, and not the router's.

packages nginx curl openssh-server
host router 30
behind router branch 172.20.0.5 24 172.20.0.1
behind router kiosk 172.20.0.6 24 172.20.0.1
host visitor 57
with nginx

expect <<-END
	router	role.told		router
	branch	http.server		nginx/$(version nginx)
	branch	service			tcp/22
	branch	service			tcp/8080
	branch	ssh.banner		SSH-2.0-OpenSSH_$(version openssh-server) Debian-$(revision openssh-server)
	branch	ssh.hassh_server	425d29fe50d8e4f5e37efb6e24bcf660
	branch	ssh.host_key		*
	kiosk	http.user_agent		Lab kiosk/1
	visitor	http.user_agent		Lab visitor/1
	visitor	ssh.banner		SSH-2.0-OpenSSH_$(version openssh-server) Debian-$(revision openssh-server)
	visitor	ssh.hassh		472b5de333ad665af5cbf10ff892c4df
END

# what is concluded of them
expect <<-END
	router	type	router
	router	does	router
	branch	os	Debian 12
	branch	does	web-server
	branch	runs	nginx $(version nginx)
	branch	runs	OpenSSH $(version openssh-server)
	visitor	os	Debian 12
	visitor	runs	OpenSSH $(version openssh-server)
	router	unknowable	os,runs it only passes on what others send
	branch	unknowable	type nothing on the wire says what kind of machine it is
	kiosk	os	Linux
	kiosk	unknowable	type nothing on the wire says what kind of machine it is
	kiosk	unknowable	runs HTTP with a User-Agent of the owner's does not name the program
	kiosk	unknowable	does it only asks others
	visitor	unknowable	type nothing on the wire says what kind of machine it is
	visitor	unknowable	does it only asks others
END

run() {
	ip netns exec router sysctl -q -w net.ipv4.ip_forward=1
	ip -n visitor route add 172.20.0.0/24 via "$(ip4 router)"
	web_server branch 8080 branch
	at visitor curl -s -A 'Lab visitor/1' http://172.20.0.5:8080/
	ssh-keygen -q -t ed25519 -N '' -f "$dir/key"
	mkdir -p "$lab/run/branch/sshd"
	start branch "$(command -v sshd)" -D -e -f /dev/null -h "$dir/key" -p 22
	listening branch tcp 22
	at visitor ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null nobody@172.20.0.5 true
	listening web tcp 80
	ip -n web route add 172.20.0.0/24 via "$(ip4 router)"
	at kiosk curl -s -A 'Lab kiosk/1' "http://$(ip4 web)/hello"
}
