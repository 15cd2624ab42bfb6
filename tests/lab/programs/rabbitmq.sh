# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# rabbitmq - a message broker, and a client.

packages rabbitmq-server amqp-tools
host rabbit 133
host carrot 134

expect <<-END
	rabbit	amqp.cluster	rabbit@rabbit
	rabbit	amqp.platform	Erlang/OTP $(version erlang-base)
	rabbit	amqp.product	RabbitMQ
	rabbit	amqp.version	$(version rabbitmq-server)
	rabbit	service		tcp/5672
	carrot	amqp.platform	Linux
	carrot	amqp.product	rabbitmq-c
	carrot	amqp.version	$(version amqp-tools)
	carrot	cleartext	amqp
END

# what is concluded of them
expect <<-END
	rabbit	does	message-broker
	rabbit	os	Linux
	rabbit	runs	Erlang/OTP 25.2.3
	rabbit	runs	RabbitMQ $(version rabbitmq-server)
	rabbit	unknowable	type nothing on the wire says what kind of machine it is
	carrot	os	Linux
	carrot	runs	rabbitmq-c $(version librabbitmq4)
	carrot	unknowable	type nothing on the wire says what kind of machine it is
	carrot	unknowable	does it only asks others
END

run() {
	mkdir -p "$dir/db" "$dir/log"
	printf 'listeners.tcp.1 = %s:5672\nloopback_users = none\n' "$(ip4 rabbit)" >"$dir/rabbitmq.conf"
	start rabbit env HOME="$dir" RABBITMQ_MNESIA_BASE="$dir/db" RABBITMQ_LOG_BASE="$dir/log" RABBITMQ_NODENAME=rabbit@localhost \
		RABBITMQ_CONFIG_FILE="$dir/rabbitmq" RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_ENABLED_PLUGINS_FILE=/dev/null \
		/usr/lib/rabbitmq/bin/rabbitmq-server
	until_true 60 lab_is_open rabbit tcp 5672
	sleep 1
	at carrot timeout 20 amqp-declare-queue -u "amqp://guest:guest@$(ip4 rabbit)" -q lab
}
