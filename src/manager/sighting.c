/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sighting.c - see sighting.h.
 */
#include "manager/sighting.h"

#include "base/hash.h"
#include "net/ip.h"
#include "net/mac.h"
#include "report/incoming.h"

#include <stdio.h>
#include <string.h>

static const struct term words[] = {
	{"address.ipv4", "ip"},
	{"address.ipv6", "ip"},
	{"name.host", "name"},
};

const char *sighting_field(const char *kind)
{
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(words[i].field, kind) == 0)
			return words[i].value;
	return kind;
}

static void add_term(struct sighting *s, const char *field, const char *value)
{
	if (*value != '\0' && s->term_count < SIGHTING_TERMS)
		s->terms[s->term_count++] = (struct term){field, value};
}

static void add_texts(struct sighting *s)
{
	add_term(s, "realm", s->realm);
	add_term(s, "mac", s->mac);
	add_term(s, "ip", s->ip);
	add_term(s, "via", s->via);
	add_term(s, "vendor", s->vendor);
	add_term(s, "name", s->name);
	add_term(s, "os", s->os);
	add_term(s, "model", s->model);
	add_term(s, "type", s->type);
	add_term(s, "subnet", s->subnet);
}

static void add_roles(struct sighting *s, const json_t *roles)
{
	const json_t *role;
	size_t i, len = 0;

	json_array_foreach(roles, i, role)
	{
		const char *const text = json_string_value(role);

		if (!text)
			continue;
		add_term(s, "role", text);
		if (len + strlen(text) + 2 < sizeof s->roles)
			len += (size_t)snprintf(s->roles + len, sizeof s->roles - len, "%s%s",
			                        len > 0 ? "," : "", text);
	}
}

static void add_facts(struct sighting *s, const json_t *facts)
{
	const char *last_field = "", *last_value = "";
	const json_t *fact;
	size_t i;

	json_array_foreach(facts, i, fact)
	{
		const char *const field = sighting_field(json_text(fact, "kind"));
		const char *const value = json_text(fact, "value");

		/* told by several observers: sorted, so they stand together */
		if (strcmp(field, last_field) != 0 || strcmp(value, last_value) != 0)
			add_term(s, field, value);
		last_field = field;
		last_value = value;
	}
}

enum { RANK_VIA = 2, RANKS = 3 };

/* Best first: claimed, its own by all signs, seen behind it. */
static unsigned grade_rank(const char *grade)
{
	return strcmp(grade, "owner") == 0 ? 0 : strcmp(grade, "local") == 0 ? 1 : RANK_VIA;
}

/* The address to show: IPv4 before IPv6, of these the best grade. Facts are sorted by kind. */
static const char *best_address(const json_t *facts, bool *is_own)
{
	const char *best = "";
	unsigned least = 2 * RANKS;
	const json_t *fact;
	size_t i;

	json_array_foreach(facts, i, fact)
	{
		const char *const kind = json_text(fact, "kind");

		if (strncmp(kind, "address.ipv", 11) != 0)
			continue;
		const unsigned rank =
			grade_rank(json_text(fact, "grade")) + (kind[11] == '6' ? RANKS : 0);
		if (rank < least) {
			least = rank;
			best = json_text(fact, "value");
		}
	}
	*is_own = least % RANKS != RANK_VIA;
	return best;
}

static void make_subnet(struct sighting *s)
{
	char text[IP_TEXT];
	struct ip ip;

	if (!ip_parse(s->ip, &ip) || !ip_is_private(&ip))
		return;
	const unsigned prefix = ip.family == 4 ? 24 : 64;
	memset(ip.b + prefix / 8, 0, (ip.family == 4 ? 4 : sizeof ip.b) - prefix / 8);
	snprintf(s->subnet, sizeof s->subnet, "%s/%u", ip_format(&ip, text), prefix);
}

static uint64_t digest_terms(const struct sighting *s)
{
	const struct hash_key key = hash_key_fixed(); /* kept in the store: no key of one run */
	struct hash h = hash_init(&key);

	for (unsigned i = 0; i < s->term_count; i++) {
		hash_bytes(&h, s->terms[i].field, strlen(s->terms[i].field) + 1);
		hash_bytes(&h, s->terms[i].value, strlen(s->terms[i].value) + 1);
	}
	hash_bytes(&h, s->ip, strlen(s->ip) + 1); /* which of its addresses it goes by */
	return hash_end(&h);
}

/* A device without a MAC is known by its address. */
static bool make_key(struct sighting *s, char *why, size_t why_len)
{
	struct mac mac;
	struct ip ip;

	if (*s->mac != '\0' ? !mac_parse(s->mac, &mac) : !ip_parse(s->ip, &ip)) {
		snprintf(why, why_len, "a device with neither a MAC nor an IP address");
		return false;
	}
	const int len = snprintf(s->key, sizeof s->key, "%s\n%s\n%s", s->realm, s->mac,
	                         *s->mac != '\0' ? "" : s->ip);
	if (len < (int)sizeof s->key)
		return true;
	snprintf(why, why_len, "a realm longer than a key may be");
	return false;
}

bool sighting_read(const json_t *device, struct sighting *out, char *why, size_t why_len)
{
	out->realm = json_text(device, "realm");
	out->mac = json_text(device, "mac");
	out->ip = json_text(device, "ip");
	out->via = json_text(device, "via");
	out->mac_kind = json_text(device, "mac_kind");
	out->vendor = json_text(device, "vendor");
	out->name = json_text(device, "name");
	out->os = json_text(device, "os");
	out->model = json_text(device, "model");
	out->type = json_text(device, "type");
	out->first_ns = time_parse(json_text(device, "first_seen"));
	out->last_ns = time_parse(json_text(device, "last_seen"));
	out->packets = json_count(device, "packets");
	out->bytes = json_count(device, "bytes");
	out->term_count = 0;
	out->roles[0] = out->subnet[0] = '\0';
	bool is_own = true;
	if (!make_key(out, why, why_len))
		return false;
	if (*out->mac != '\0')
		out->ip = best_address(json_object_get(device, "facts"), &is_own);
	if (is_own)
		make_subnet(out);
	add_texts(out);
	add_roles(out, json_object_get(device, "roles"));
	add_facts(out, json_object_get(device, "facts"));
	out->digest = digest_terms(out);
	return true;
}
