# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# mosquitto - an MQTT broker, a thermometer that publishes and a panel that reads.

packages mosquitto mosquitto-clients
host broker 10
host thermometer 11
host panel 12

expect <<-END
	broker		role		message-broker
	broker		service		tcp/1883
	thermometer	mqtt.client_id	lab-thermometer
	panel		mqtt.client_id	lab-panel
	thermometer	cleartext	mqtt
END

# what is concluded of them
expect <<-END
	broker	os	Linux
	broker	does	message-broker
	broker	unknowable	type nothing on the wire says what kind of machine it is
	broker	unknowable	runs MQTT does not name the program
	thermometer	os	Linux
	thermometer	unknowable	type nothing on the wire says what kind of machine it is
	thermometer	unknowable	runs MQTT does not name the program
	thermometer	unknowable	does it only asks others
	panel	os	Linux
	panel	unknowable	type nothing on the wire says what kind of machine it is
	panel	unknowable	runs MQTT does not name the program
	panel	unknowable	does it only asks others
END

run() {
	printf 'listener 1883\nallow_anonymous true\n' >"$dir/conf"
	start broker mosquitto -c "$dir/conf"
	listening broker tcp 1883
	start panel mosquitto_sub -h "$(ip4 broker)" -i lab-panel -t lab/#
	at thermometer mosquitto_pub -h "$(ip4 broker)" -i lab-thermometer -u lab -P secret -t lab/kitchen -m 21.5
}
