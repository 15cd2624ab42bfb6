/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mdns_txt.h - what the TXT strings of well-known services say of the device that offers them.
 *
 * Each service has keys of its own (RFC 6763, 6.4): the table says which of them is which fact.
 * Only what names the device, or a printer that it offers, stands here: a print server announces
 * the models of others' printers, so that these are facts of their own. What changes with each
 * start, belongs to an account, or is drawn anew for privacy (Apple's rpBA, rpHN) is left to
 * mdns.txt, which has all strings as they stand.
 *
 * Sources: AirPlay and Bonjour printing as Apple documents them (Bonjour Printing Specification
 * 1.2.1, 9), HomeKit Accessory Protocol R2 (6.4), Matter 1.0 (4.3), Thread 1.3 border agents, and
 * what Google Cast, Hue, Shelly, ESPHome, WLED, Home Assistant, KDE Connect, Bose, Axis and D-Link
 * publish or were seen to send.
 */
#pragma once

#include "observe/shared/device.h"
#include "observe/shared/dns_message.h"

enum { MDNS_TXT_MAC = 17 }; /* characters of a MAC address */

struct mdns_txt_rule {
	const char *service;
	uint32_t service_len;
	struct keyed key;
};
#define TXT(service, key, kind)                                             \
	{                                                                   \
		"" service, (uint32_t)sizeof(service) - 1, KEYED(key, kind) \
	}

/* clang-format off */
static const struct mdns_txt_rule mdns_txt_rules[] = {
	TXT("_adisk._tcp",          "sys",             DEVICE_MAC),
	TXT("_airplay._tcp",        "deviceid",        DEVICE_MAC),
	TXT("_airplay._tcp",        "model",           DEVICE_MODEL),
	TXT("_airplay._tcp",        "manufacturer",    DEVICE_VENDOR),
	TXT("_airplay._tcp",        "serialNumber",    DEVICE_SERIAL),
	TXT("_airplay._tcp",        "fv",              DEVICE_FIRMWARE),
	TXT("_axis-video._tcp",     "macaddress",      DEVICE_MAC),
	TXT("_companion-link._tcp", "rpMd",            DEVICE_MODEL),
	TXT("_device-info._tcp",    "model",           DEVICE_MODEL),
	TXT("_dhnap._tcp",          "model_number",    DEVICE_MODEL),
	TXT("_dhnap._tcp",          "mac",             DEVICE_MAC),
	TXT("_dhnap._tcp",          "hardware_ver",    DEVICE_HARDWARE),
	TXT("_esphomelib._tcp",     "mac",             DEVICE_MAC),
	TXT("_esphomelib._tcp",     "version",         DEVICE_FIRMWARE),
	TXT("_esphomelib._tcp",     "board",           DEVICE_HARDWARE),
	TXT("_esphomelib._tcp",     "friendly_name",   DEVICE_NAME),
	TXT("_googlecast._tcp",     "id",              DEVICE_ID),
	TXT("_googlecast._tcp",     "md",              DEVICE_MODEL),
	TXT("_googlecast._tcp",     "fn",              DEVICE_NAME),
	TXT("_hap._tcp",            "id",              DEVICE_ID),
	TXT("_hap._tcp",            "md",              DEVICE_MODEL),
	TXT("_hap._tcp",            "ci",              HAP_CATEGORY),
	TXT("_hap._udp",            "id",              DEVICE_ID),
	TXT("_hap._udp",            "md",              DEVICE_MODEL),
	TXT("_hap._udp",            "ci",              HAP_CATEGORY),
	TXT("_home-assistant._tcp", "uuid",            DEVICE_ID),
	TXT("_home-assistant._tcp", "version",         DEVICE_FIRMWARE),
	TXT("_home-assistant._tcp", "location_name",   DEVICE_NAME),
	TXT("_hue._tcp",            "bridgeid",        DEVICE_ID),
	TXT("_hue._tcp",            "modelid",         DEVICE_MODEL),
	TXT("_ipp._tcp",            "ty",              PRINTER_MODEL),
	TXT("_ipp._tcp",            "usb_MFG",         PRINTER_VENDOR),
	TXT("_ipp._tcp",            "note",            PRINTER_LOCATION),
	TXT("_ipp._tcp",            "UUID",            PRINTER_ID),
	TXT("_ipps._tcp",           "ty",              PRINTER_MODEL),
	TXT("_ipps._tcp",           "usb_MFG",         PRINTER_VENDOR),
	TXT("_ipps._tcp",           "note",            PRINTER_LOCATION),
	TXT("_ipps._tcp",           "UUID",            PRINTER_ID),
	TXT("_kdeconnect._udp",     "id",              DEVICE_ID),
	TXT("_kdeconnect._udp",     "name",            DEVICE_NAME),
	TXT("_matterc._udp",        "VP",              MATTER_PRODUCT),
	TXT("_matterc._udp",        "DN",              DEVICE_NAME),
	TXT("_meshcop._udp",        "vn",              DEVICE_VENDOR),
	TXT("_meshcop._udp",        "mn",              DEVICE_MODEL),
	TXT("_meshcop._udp",        "nn",              THREAD_NETWORK),
	TXT("_pdl-datastream._tcp", "ty",              PRINTER_MODEL),
	TXT("_pdl-datastream._tcp", "usb_MFG",         PRINTER_VENDOR),
	TXT("_pdl-datastream._tcp", "note",            PRINTER_LOCATION),
	TXT("_pdl-datastream._tcp", "UUID",            PRINTER_ID),
	TXT("_printer._tcp",        "ty",              PRINTER_MODEL),
	TXT("_printer._tcp",        "usb_MFG",         PRINTER_VENDOR),
	TXT("_printer._tcp",        "note",            PRINTER_LOCATION),
	TXT("_printer._tcp",        "UUID",            PRINTER_ID),
	TXT("_privet._tcp",         "ty",              PRINTER_MODEL),
	TXT("_privet._tcp",         "note",            PRINTER_LOCATION),
	TXT("_raop._tcp",           "am",              DEVICE_MODEL),
	TXT("_raop._tcp",           "fv",              DEVICE_FIRMWARE),
	TXT("_scanner._tcp",        "ty",              PRINTER_MODEL),
	TXT("_scanner._tcp",        "mfg",             PRINTER_VENDOR),
	TXT("_scanner._tcp",        "note",            PRINTER_LOCATION),
	TXT("_scanner._tcp",        "UUID",            PRINTER_ID),
	TXT("_shelly._tcp",         "app",             DEVICE_MODEL),
	TXT("_shelly._tcp",         "ver",             DEVICE_FIRMWARE),
	TXT("_soundtouch._tcp",     "MAC",             DEVICE_MAC),
	TXT("_soundtouch._tcp",     "MANUFACTURER",    DEVICE_VENDOR),
	TXT("_soundtouch._tcp",     "MODEL",           DEVICE_MODEL),
	TXT("_uscan._tcp",          "ty",              PRINTER_MODEL),
	TXT("_uscan._tcp",          "note",            PRINTER_LOCATION),
	TXT("_uscan._tcp",          "UUID",            PRINTER_ID),
	TXT("_uscans._tcp",         "ty",              PRINTER_MODEL),
	TXT("_uscans._tcp",         "note",            PRINTER_LOCATION),
	TXT("_uscans._tcp",         "UUID",            PRINTER_ID),
	TXT("_wled._tcp",           "mac",             DEVICE_MAC),
};
/* clang-format on */

/* Is it an instance of this service? Its type begins at the offset, before ".local". */
static inline bool mdns_txt_is(const struct text *name, uint32_t type,
                               const struct mdns_txt_rule *rule)
{
	return name->len == type + rule->service_len + 6 &&
	       dns_name_has_bytes(name, type, rule->service, rule->service_len);
}

/* A MAC address, alone or as Time Machine's "waMA=xx:xx:...,adVF=...". */
static inline void mdns_txt_tell_mac(struct task *t, const struct packet *p, struct cur value)
{
	(void)cur_is(&value, "waMA=");
	device_tell_mac_text(t, p, cur_token(&value, ","));
}

/* One string of the instance `name`, whose service type begins at the offset `type`. */
static inline void mdns_txt_tell(struct task *t, const struct packet *p, const struct text *name,
                                 uint32_t type, struct cur string)
{
	const struct cur key = cur_token(&string, "=");

	if (!cur_is(&string, "=") || cur_left(&string) == 0)
		return;
	for (unsigned i = 0; i < COUNT_OF(mdns_txt_rules); i++) {
		const struct mdns_txt_rule *rule = &mdns_txt_rules[i];
		if (keyed_kind(&rule->key, 1, key) == FACT_NONE || !mdns_txt_is(name, type, rule))
			continue;
		if (rule->key.kind == FACT_DEVICE_MAC)
			mdns_txt_tell_mac(t, p, string);
		else
			tell_text(t, p, sender(p), rule->key.kind, string);
	}
}

/* "kitchen [02:00:00:00:00:aa]._workstation._tcp.local", as avahi names a host's instance. */
static inline void mdns_txt_tell_workstation(struct task *t, const struct packet *p,
                                             const struct text *name, uint32_t type)
{
	char digits[MAC_TEXT] = {0}, text[MAC_TEXT];
	struct mac mac;

	if (type < 20 || !dns_name_has(name, type, "_workstation._tcp") ||
	    name->s[type - 20] != '[' || name->s[type - 2] != ']')
		return;
	for (uint32_t i = 0; i < MDNS_TXT_MAC; i++)
		digits[i] = name->s[type - 19 + i];
	if (mac_parse(digits, &mac) && mac_is_device(mac))
		tell_word(t, p, sender(p), FACT_DEVICE_MAC, mac_format(mac, text));
}
