# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# redis - a server, and a client that gives itself a name.

packages redis-server redis-tools
host cache 33
host worker 34

expect <<-END
	cache	redis.system		Linux $(uname -r) $(uname -m)
	cache	redis.version		$(version redis-server)
	cache	service			tcp/6379
	worker	cleartext		redis
	worker	redis.client_name	lab-worker
END

# what is concluded of them
expect <<-END
	cache	os	~Linux .*
	cache	runs	Redis $(version redis-server)
	cache	does	database-server
	cache	unknowable	type nothing on the wire says what kind of machine it is
	worker	os	Linux
	worker	unknowable	type nothing on the wire says what kind of machine it is
	worker	unknowable	runs Redis' protocol does not name the program
	worker	unknowable	does it only asks others
END

run() {
	start cache redis-server --bind "$(ip4 cache)" --port 6379 --dir "$dir" --save '' --protected-mode no
	listening cache tcp 6379
	at worker redis-cli -h "$(ip4 cache)" INFO server
	at worker redis-cli -h "$(ip4 cache)" CLIENT SETNAME lab-worker
	at worker redis-cli -h "$(ip4 cache)" AUTH lab secret
}
