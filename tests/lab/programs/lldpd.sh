# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# lldpd - a switch that speaks LLDP, CDP, EDP, FDP and SONMP.

packages lldpd
host switch 7 quiet

expect <<-END
	switch	address.management	10.77.0.7
	switch	cdp.capabilities	host
	switch	cdp.device_id		lab-switch
	switch	cdp.platform		Lab Box 42
	switch	cdp.port_id		uplink to the lab
	switch	cdp.software		Lab OS 1.0
	switch	edp.name		lab-switch
	switch	edp.port		1/1
	switch	edp.version		7.6.4.99
	switch	fdp.capabilities	Host
	switch	fdp.device_id		lab-switch
	switch	fdp.platform		Lab Box 42
	switch	fdp.port_id		uplink to the lab
	switch	fdp.software		Lab OS 1.0
	switch	lldp.asset_id		asset-7
	switch	lldp.capabilities	station
	switch	lldp.chassis_id		02:00:00:00:00:07
	switch	lldp.firmware		4.2
	switch	lldp.hardware		3.1
	switch	lldp.location		021d0246490002656e030848656c73696e6b69060a4c616220737472656574
	switch	lldp.manufacturer	Lab Makers
	switch	lldp.mau		54
	switch	lldp.med_class		4
	switch	lldp.model		Lab Box
	switch	lldp.port_description	uplink to the lab
	switch	lldp.port_id		port-7
	switch	lldp.serial		LAB0007
	switch	lldp.software		Unknown
	switch	lldp.system_description	Lab OS 1.0
	switch	lldp.system_name	lab-switch
	switch	sonmp.chassis		1
	switch	sonmp.segment		2
	switch	heard			llc
	switch	heard			ethernet
END

# what is concluded of them
expect <<-END
	switch	model	Lab Box 42
	switch	vendor	Lab Makers
	switch	runs	lldpd
	switch	unknowable	os the owner made up the name of its system
	switch	unknowable	type announces that it is a station, which any machine may be
	switch	unknowable	does announces that it is a station
END

run() {
	mkdir -p "$lab/run/switch/lldpd"
	cat >"$dir/conf" <<-END
		configure lldp tx-interval 5
		configure system hostname lab-switch
		configure ports eth0 lldp portidsubtype local port-7 description "uplink to the lab"
		configure ports eth0 med location address country FI language en city Helsinki street "Lab street"
		configure inventory hardware-revision 3.1
		configure inventory firmware-revision 4.2
		configure inventory software-revision 5.3
		configure inventory serial-number LAB0007
		configure inventory manufacturer "Lab Makers"
		configure inventory model "Lab Box"
		configure inventory asset asset-7
	END
	start switch lldpd -d -l -cc -ee -ff -ss -k -S 'Lab OS 1.0' -P 'Lab Box 42' -M 4 -m 10.77.0.7 -I eth0 -O "$dir/conf"
	sleep 7
}
