/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.c - what a device is called.
 *
 * of all facts that name the device the source with the greatest weight decides, then the
 * name that was seen last, then the greater bytes; so it is the same in any order. A host's own
 * lease request is the best source, since people see that name in their router; what it tells its
 * neighbours on the wire comes next, then what it announces or logs in with; service announcements
 * may be shared by several devices.
 */
#include "asset/infer/reasons.h"

#include <assert.h>
#include <string.h>

struct name_rule {
	enum fact_kind kind;
	const char *by; /* NULL: any observer */
	uint8_t weight;
	struct words (*bare)(
		struct words); /* the name without what stands for all; NULL: it has none */
	const char *rule;
};

static struct words name_without_local(struct words name);
static struct words name_without_service(struct words name);

static const struct name_rule name_rules[] = {
	{FACT_NAME_HOST, "dhcp", 90, NULL, "the host name a device asks its lease with"},
	{FACT_LLDP_SYSTEM_NAME, NULL, 85, NULL, "the system name it announces to its neighbours"},
	{FACT_CDP_SYSTEM_NAME, NULL, 84, NULL, "the system name it announces to its neighbours"},
	{FACT_CDP_DEVICE_ID, NULL, 83, NULL, "the device id it announces to its neighbours"},
	{FACT_FDP_DEVICE_ID, NULL, 83, NULL, "the device id it announces to its neighbours"},
	{FACT_EDP_NAME, NULL, 83, NULL, "the name it announces to its neighbours"},
	{FACT_UDLD_DEVICE_NAME, NULL, 82, NULL, "the name it gives at the other end of the wire"},
	{FACT_PAGP_NAME, NULL, 82, NULL, "the name it gives at the other end of the wire"},
	{FACT_NAME_HOST, "mdns", 80, name_without_local, "the host name it announces on the link"},
	{FACT_CAPWAP_NAME, NULL, 79, NULL, "the name it gives to its controller"},
	{FACT_CAPWAP_AC_NAME, NULL, 79, NULL, "the name it gives to its access points"},
	{FACT_NAME_HOST, NULL, 70, NULL, "a host name the device gives itself"},
	{FACT_NTLM_NB_COMPUTER, NULL, 68, NULL, "its name, as it lets clients log in"},
	{FACT_NTLM_DNS_COMPUTER, NULL, 67, NULL, "its DNS name, as it lets clients log in"},
	{FACT_DEVICE_NAME, NULL, 65, NULL, "the name that somebody gave to it"},
	{FACT_BGP_HOSTNAME, NULL, 65, NULL,
         "the host name it gives to those it exchanges routes with"},
	{FACT_LDAP_HOST, NULL, 62, NULL, "the DNS name it serves a directory under"},
	{FACT_SNMP_SYSNAME, NULL, 60, NULL, "the system name it tells its manager"},
	{FACT_CHECKMK_HOST, NULL, 58, NULL, "the name it tells its monitoring"},
	{FACT_ZABBIX_HOST, NULL, 58, NULL, "the name it tells its monitoring"},
	{FACT_MSSQL_SERVER, NULL, 58, NULL, "the name it serves a database under"},
	{FACT_NTLM_HOST, NULL, 56, NULL, "the host name it logs in with"},
	{FACT_RDP_CLIENT_NAME, NULL, 56, NULL, "the host name it logs in with"},
	{FACT_RPC_HOST, NULL, 56, NULL, "the host name it mounts with"},
	{FACT_TDS_HOST, NULL, 55, NULL, "the host name it tells a database"},
	{FACT_ORACLE_HOST, NULL, 55, NULL, "the host name it tells a database"},
	{FACT_L2TP_HOST, NULL, 54, NULL, "the host name it gives at a tunnel's end"},
	{FACT_WPS_DEVICE_NAME, NULL, 50, NULL, "the name it asks for a wireless network with"},
	{FACT_MDNS_INSTANCE, NULL, 20, name_without_service,
         "the name of a service that it offers"},
};

/* ---- names ---- */

/* A name is PERSONAL, whatever tells it: most facts need no look at the rules. */
static const struct name_rule *name_rule_of(const struct known *k)
{
	if (fact_info(k->kind)->privacy != PERSONAL)
		return NULL;
	for (size_t i = 0; i < COUNT_OF(name_rules); i++) {
		const struct name_rule *const rule = &name_rules[i];
		if (rule->kind == k->kind && (rule->by == NULL || strcmp(rule->by, k->by) == 0))
			return k->len > 0 ? rule : NULL;
	}
	return NULL;
}

/* 0: it does not name the device. */
static uint8_t name_weight(const struct known *k)
{
	const struct name_rule *const rule = name_rule_of(k);

	return rule == NULL ? 0 : rule->weight;
}

static int bytes_compare(const uint8_t *x, size_t x_len, const uint8_t *y, size_t y_len)
{
	const int order = memcmp(x, y, x_len < y_len ? x_len : y_len);

	return order != 0 ? order : (x_len > y_len) - (x_len < y_len);
}

/* Of two facts with the same weight, does x name the device rather than y? */
static bool name_later(const struct known *x, const struct known *y)
{
	if (x->support.last_ns != y->support.last_ns)
		return x->support.last_ns > y->support.last_ns;
	return bytes_compare(x->value, x->len, y->value, y->len) > 0;
}

static bool words_end(const struct words *w, const char *end)
{
	const size_t len = strlen(end);

	return w->len > len && memcmp(w->s + w->len - len, end, len) == 0;
}

static struct words name_without_local(struct words name)
{
	return words_end(&name, ".local") ? (struct words){name.s, name.len - strlen(".local")}
	                                  : name;
}

/* "Office" of "Office._ipp._tcp.local" (RFC 6763, 4.1): its own part may hold dots. */
static struct words name_without_service(struct words name)
{
	struct words rest = name_without_local(name);

	if (!words_end(&rest, "._tcp") && !words_end(&rest, "._udp"))
		return name;
	rest.len -= strlen("._tcp");
	while (rest.len > 0 && !words_end(&rest, "._"))
		rest.len--;
	return rest.len > 0 ? (struct words){rest.s, rest.len - strlen("._")} : name;
}

static struct words name_of(const struct known *k)
{
	const struct name_rule *const rule = name_rule_of(k);
	struct words name = {(const char *)k->value, k->len};

	while (name.len > 1 && name.s[name.len - 1] == '.')
		name.len--;
	return rule == NULL || rule->bare == NULL ? name : rule->bare(name);
}

int infer_name(const struct known *known, size_t count, struct words *name)
{
	uint8_t most = 0;
	int best = -1;

	for (size_t i = 0; i < count; i++) {
		const uint8_t weight = name_weight(&known[i]);
		if (weight == 0 || weight < most ||
		    (weight == most && !name_later(&known[i], &known[best])))
			continue;
		most = weight;
		best = (int)i;
	}
	*name = best < 0 ? (struct words){"", 0} : name_of(&known[best]);
	return best;
}

/* ---- why ---- */

static bool same_words(const struct words *x, const struct words *y)
{
	return x->len == y->len && memcmp(x->s, y->s, x->len) == 0;
}

void why_name(const struct known *known, size_t count, struct reasons *r)
{
	struct words name;

	if (infer_name(known, count, &name) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct name_rule *const rule = name_rule_of(&known[i]);
		if (rule == NULL)
			continue;
		const struct words other = name_of(&known[i]);
		because(r, !same_words(&other, &name), rule->weight, rule->rule, (int)i);
	}
}
