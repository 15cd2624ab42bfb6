/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity_key.c - what in a record's facts is a key of the device, by a table.
 *
 * The same key comes in several spellings: a DUID stands in DHCPv6 and inside a DHCPv4 client
 * identifier (RFC 4361), a UUID with and without "urn:uuid:", a MAC as client identifier, chassis
 * id or text. So a key is what the spelling names, in a space of its own (enum space_of_key), and
 * kept as a digest under a constant key: groups are the same in every run, and who would rather
 * forge than collide may simply copy a key.
 */
#include "asset/identity.h"

#include "asset/asset.h"
#include "asset/identity_rule.h"
#include "base/hash.h"

#include <assert.h>
#include <string.h>

enum { BARE_MAX = 64 };

/* What is left of a value: the key's own bytes. */
struct bare {
	uint8_t space; /* enum key_space */
	size_t len;
	uint8_t b[BARE_MAX];
};

typedef bool bare_read(const struct known *k, struct bare *out);

/* Placeholders of makers who forgot: at most two different bytes in it. */
static bool is_placeholder(const uint8_t *b, size_t len)
{
	const uint8_t first = len > 0 ? b[0] : 0;
	size_t at = 0;

	while (at < len && b[at] == first)
		at++;
	const uint8_t second = at < len ? b[at] : first;
	while (at < len && (b[at] == first || b[at] == second))
		at++;
	return at == len;
}

static bool bare_set(struct bare *out, enum key_space space, const uint8_t *b, size_t len)
{
	if (len < 6 || len > BARE_MAX || is_placeholder(b, len))
		return false;
	*out = (struct bare){.space = (uint8_t)space, .len = len};
	memcpy(out->b, b, len);
	return true;
}

static bool bare_mac(struct bare *out, enum key_space space, struct mac mac)
{
	if (!mac_is_device(mac) || mac_is_redundancy(mac))
		return false;
	return bare_set(out, space, mac.b, sizeof mac.b);
}

static int hex_digit(uint8_t c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : -1;
}

/* 8-4-4-4-12 digits at the beginning (RFC 9562, 4). */
static bool uuid_read(const uint8_t *text, size_t len, uint8_t out[16])
{
	unsigned digits = 0;

	for (size_t at = 0; at < len && at < 36; at++) {
		const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
		const int digit = hex_digit(text[at]);
		if (dash ? text[at] != '-' : digit < 0)
			return false;
		if (dash)
			continue;
		out[digits / 2] = (uint8_t)(out[digits / 2] << 4 | digit);
		digits++;
	}
	return digits == 32;
}

static bool read_uuid_text(const struct known *k, struct bare *out)
{
	static const char *const before[] = {"urn:uuid:", "uuid:", ""};
	uint8_t uuid[16] = {0};

	for (size_t i = 0; i < COUNT_OF(before); i++) {
		const size_t len = strlen(before[i]);
		if (k->len >= len && memcmp(k->value, before[i], len) == 0)
			return uuid_read(k->value + len, k->len - len, uuid) &&
			       bare_set(out, KEY_UUID, uuid, sizeof uuid);
	}
	return false;
}

static bool read_uuid(const struct known *k, struct bare *out)
{
	return k->len == 16 && bare_set(out, KEY_UUID, k->value, 16);
}

/* A type byte, always 0, before the UUID (RFC 4578, 2.3). */
static bool read_machine(const struct known *k, struct bare *out)
{
	return k->len == 17 && k->value[0] == 0 && bare_set(out, KEY_UUID, k->value + 1, 16);
}

static bool read_duid(const struct known *k, struct bare *out)
{
	return bare_set(out, KEY_DUID, k->value, k->len);
}

/* Type 255: four bytes of the interface, then a DUID (RFC 4361, 6.1). */
static bool read_client_duid(const struct known *k, struct bare *out)
{
	return k->len > 5 && k->value[0] == 255 &&
	       bare_set(out, KEY_DUID, k->value + 5, k->len - 5);
}

/* Type 1: a MAC (RFC 2132, 9.14), of the interface: a device has several. */
static bool read_client_id(const struct known *k, struct bare *out)
{
	struct mac mac;

	if (k->len == 0 || k->value[0] == 255)
		return false;
	if (k->len != 7 || k->value[0] != 1)
		return bare_set(out, KEY_CLIENT, k->value, k->len);
	memcpy(mac.b, k->value + 1, sizeof mac.b);
	return bare_mac(out, KEY_MAC, mac);
}

static bool mac_text_read(const struct known *k, enum key_space space, struct bare *out)
{
	char text[MAC_TEXT] = "";
	struct mac mac;

	if (k->len >= sizeof text)
		return false;
	memcpy(text, k->value, k->len);
	return mac_parse(text, &mac) && bare_mac(out, space, mac);
}

static bool read_mac_text(const struct known *k, struct bare *out)
{
	return mac_text_read(k, KEY_MAC, out);
}

static bool read_lacp(const struct known *k, struct bare *out)
{
	return mac_text_read(k, KEY_LACP, out);
}

static bool read_ssh(const struct known *k, struct bare *out)
{
	return bare_set(out, KEY_SSH, k->value, k->len);
}

static bool read_tls(const struct known *k, struct bare *out)
{
	return bare_set(out, KEY_TLS, k->value, k->len);
}

/* One that is made of an IPv4 address alone (format 1) is as unique as private addresses are. */
static bool read_engine(const struct known *k, struct bare *out)
{
	if (k->len > 4 && (k->value[0] & 0x80) != 0 && k->value[4] == 1)
		return false;
	return bare_set(out, KEY_ENGINE, k->value, k->len);
}

static bool read_device_id(const struct known *k, struct bare *out)
{
	return read_uuid_text(k, out) ||
	       (k->len >= 8 && bare_set(out, KEY_DEVICE, k->value, k->len));
}

/* Names are the same in either case. It ties nobody: two devices of a maker have one name. */
static bool read_name(const struct known *k, struct bare *out)
{
	if (strcmp(k->by, "dhcp") != 0 || k->len == 0 || k->len > BARE_MAX)
		return false;
	*out = (struct bare){.space = KEY_NAME, .len = k->len};
	for (size_t i = 0; i < k->len; i++) {
		const uint8_t c = k->value[i];
		out->b[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
	}
	return true;
}

/* Inventories keep a key with the number of its row: a new row is appended. */
static const struct {
	enum fact_kind kind;
	bare_read *read;
	struct identity_rule rule;
} key_rules[] = {
	{FACT_NONE, NULL, {80, 128, ONE_NONE, "its own MAC"}},
	{FACT_DHCP_MACHINE_ID, read_machine, {95, 16, ONE_MACHINE, "the machine's UUID (DHCP)"}},
	{FACT_DHCP6_DUID, read_duid, {95, 16, ONE_DUID, "the DHCP unique identifier"}},
	{FACT_DHCP_CLIENT_ID, read_client_duid, {95, 16, ONE_DUID, "the DHCP unique identifier"}},
	{FACT_DHCP_CLIENT_ID, read_client_id, {90, 16, ONE_NONE, "the DHCP client identifier"}},
	{FACT_SNMP_ENGINE_ID, read_engine, {90, 64, ONE_ENGINE, "the SNMP engine id"}},
	{FACT_LLDP_CHASSIS_ID, read_mac_text, {90, 128, ONE_CHASSIS, "the chassis id (LLDP)"}},
	{FACT_STP_BRIDGE, read_mac_text, {85, 128, ONE_NONE, "the bridge id (STP)"}},
	{FACT_SMB_SERVER_GUID, read_uuid_text, {85, 16, ONE_SERVER, "the SMB server's GUID"}},
	{FACT_SSH_HOST_KEY, read_ssh, {85, 8, ONE_NONE, "the SSH host key"}},
	{FACT_CAPWAP_BASE_MAC, read_mac_text, {85, 64, ONE_NONE, "the access point's base MAC"}},
	{FACT_DEVICE_MAC, read_mac_text, {80, 64, ONE_NONE, "the MAC that it announces"}},
	{FACT_NBNS_MAC, read_mac_text, {80, 64, ONE_NONE, "the MAC that it tells (NetBIOS)"}},
	{FACT_SMB_CLIENT_GUID, read_uuid_text, {80, 16, ONE_NONE, "the SMB client's GUID"}},
	{FACT_WSD_ID, read_uuid_text, {80, 16, ONE_NONE, "the WS-Discovery id"}},
	{FACT_PRINTER_ID, read_uuid_text, {80, 16, ONE_NONE, "the printer's UUID"}},
	{FACT_WPS_UUID, read_uuid, {80, 16, ONE_NONE, "the UUID for Wi-Fi Protected Setup"}},
	{FACT_SSDP_USN, read_uuid_text, {75, 16, ONE_NONE, "the UPnP UUID"}},
	{FACT_DEVICE_ID, read_device_id, {75, 16, ONE_NONE, "the id that it announces"}},
	{FACT_LACP_SYSTEM, read_lacp, {70, 64, ONE_NONE, "the LACP system"}},
	{FACT_TLS_CERT_KEY, read_tls, {60, 8, ONE_NONE, "the key of its certificate"}},
	{FACT_NAME_HOST, read_name, {0, 0, ONE_NAME, "the name it asks a lease with"}},
};

bool identity_is_rule(unsigned rule)
{
	return rule < COUNT_OF(key_rules);
}

const struct identity_rule *identity_rule_of(const struct identity_key *key)
{
	assert(key->rule < COUNT_OF(key_rules));
	return &key_rules[key->rule].rule;
}

enum fact_kind identity_key_kind(const struct identity_key *key)
{
	return key_rules[key->rule].kind;
}

const char *identity_key_text(const struct identity_key *key)
{
	return identity_rule_of(key)->text;
}

uint8_t identity_key_weight(const struct identity_key *key)
{
	return identity_rule_of(key)->weight;
}

bool identity_key_equal(const struct identity_key *a, const struct identity_key *b)
{
	return a->digest[0] == b->digest[0] && a->digest[1] == b->digest[1];
}

/* The row that reads the fact; 0: it is no key. */
static unsigned rule_for(const struct known *k, struct bare *bare)
{
	for (unsigned i = 1; i < COUNT_OF(key_rules); i++)
		if (key_rules[i].kind == k->kind && key_rules[i].read(k, bare))
			return i;
	return 0;
}

static struct identity_key key_of(const struct bare *bare, unsigned rule, uint32_t fact)
{
	static const struct hash_key keys[2] = {{0x6861766169, 1}, {0x6e746f6964, 2}};
	struct identity_key key = {.fact = fact, .rule = (uint8_t)rule};

	if (bare->space == KEY_MAC) { /* every record has one: it is its own digest */
		struct mac mac;
		memcpy(mac.b, bare->b, sizeof mac.b);
		key.digest[0] = mac_number(mac);
		return key;
	}
	for (unsigned i = 0; i < 2; i++) {
		struct hash h = hash_init(&keys[i]);
		hash_u64(&h, bare->space);
		hash_bytes(&h, bare->b, bare->len);
		key.digest[i] = hash_end(&h);
	}
	return key;
}

/* Does a certificate that was shown by this address stand for many hosts? */
static bool shows_wildcard(const struct known *facts, size_t count, const struct ip *ip)
{
	for (size_t i = 0; i < count; i++)
		if (facts[i].kind == FACT_TLS_CERT_NAME && facts[i].len > 1 &&
		    memcmp(facts[i].value, "*.", 2) == 0 && ip_equal(&facts[i].ip, ip))
			return true;
	return false;
}

/* Is the address certainly of this record: private, or claimed by its MAC? */
static bool is_near(const struct known *facts, size_t count, const struct ip *ip)
{
	if (ip->family == 0 || ip_is_private(ip))
		return true;
	for (size_t i = 0; i < count; i++)
		if (facts[i].view == VIEW_OWNER &&
		    facts[i].kind == (ip->family == 4 ? FACT_IPV4 : FACT_IPV6) &&
		    memcmp(facts[i].value, ip->b, facts[i].len) == 0)
			return true;
	return false;
}

static bool key_counts(const struct known *facts, size_t count, size_t fact)
{
	const struct known *const k = &facts[fact];

	if (k->kind == FACT_TLS_CERT_KEY && shows_wildcard(facts, count, &k->ip))
		return false;
	return !k->cut && is_near(facts, count, &k->ip);
}

/* <0: x is the stronger, or of equal strength the one with the smaller digest. */
static int key_compare(const struct identity_key *x, const struct identity_key *y)
{
	const uint8_t x_weight = identity_rule_of(x)->weight,
		      y_weight = identity_rule_of(y)->weight;

	if (x_weight != y_weight)
		return x_weight > y_weight ? -1 : 1;
	if (x->digest[0] != y->digest[0])
		return x->digest[0] < y->digest[0] ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* Each key once, under its strongest rule; when there are too many the weakest is left out. */
static size_t keys_add(struct identity_key *keys, size_t count, const struct identity_key *key)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		if (!identity_key_equal(&keys[i], key))
			continue;
		if (key_compare(&keys[i], key) <= 0)
			return count;
		memmove(&keys[i], &keys[i + 1], (count - i - 1) * sizeof keys[0]);
		count--;
		break;
	}
	while (at < count && key_compare(&keys[at], key) < 0)
		at++;
	if (at == IDENTITY_KEYS)
		return count;
	if (count == IDENTITY_KEYS)
		count--;
	memmove(&keys[at + 1], &keys[at], (count - at) * sizeof keys[0]);
	keys[at] = *key;
	return count + 1;
}

size_t identity_keys_join(struct identity_key keys[IDENTITY_KEYS], size_t count,
                          const struct identity_key *more, size_t more_count)
{
	for (size_t i = 0; i < more_count; i++)
		count = keys_add(keys, count, &more[i]);
	return count;
}

size_t identity_keys(const struct identity_id *id, const struct known *facts, size_t count,
                     struct identity_key out[IDENTITY_KEYS])
{
	struct bare bare;
	size_t n = 0;

	if (bare_mac(&bare, KEY_MAC, id->mac)) {
		const struct identity_key own = key_of(&bare, 0, IDENTITY_OWN);
		n = keys_add(out, n, &own);
	}
	for (size_t i = 0; i < count; i++) {
		const unsigned rule = rule_for(&facts[i], &bare);
		if (rule == 0 || !key_counts(facts, count, i))
			continue;
		const struct identity_key key = key_of(&bare, rule, (uint32_t)i);
		n = keys_add(out, n, &key);
	}
	return n;
}
