/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query.c - see query.h. The text is cut into words in place; a word into field and values.
 */
#include "manager/query.h"

#include "asset/fact.h"
#include "base/clock.h"
#include "manager/sighting.h"
#include "net/mac.h"
#include "report/incoming.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum field_kind { FIELD_TEXT, FIELD_WORD, FIELD_ADDRESS, FIELD_NUMBER, FIELD_TIME };

struct field {
	const char *name;
	enum field_kind kind;
};

/* What has a meaning of its own; all other fields are kinds of facts, whose values are texts. */
static const struct field fields[] = {
	{"name", FIELD_TEXT},       {"ip", FIELD_ADDRESS},     {"mac", FIELD_WORD},
	{"vendor", FIELD_TEXT},     {"os", FIELD_TEXT},        {"model", FIELD_TEXT},
	{"role", FIELD_WORD},       {"service", FIELD_WORD},   {"vlan", FIELD_WORD},
	{"type", FIELD_WORD},       {"subnet", FIELD_WORD},    {"via", FIELD_WORD},
	{"realm", FIELD_WORD},      {"sensor", FIELD_WORD},    {"tag", FIELD_WORD},
	{"owner", FIELD_TEXT},      {"note", FIELD_TEXT},      {"packets", FIELD_NUMBER},
	{"bytes", FIELD_NUMBER},    {"sensors", FIELD_NUMBER}, {"interfaces", FIELD_NUMBER},
	{"first_seen", FIELD_TIME}, {"last_seen", FIELD_TIME},
};

const char *query_field(unsigned i)
{
	if (i < COUNT_OF(fields))
		return fields[i].name;
	i -= (unsigned)COUNT_OF(fields);
	for (enum fact_kind kind = FACT_NONE + 1; kind < FACT_KINDS; kind++) {
		const char *const name = fact_info(kind)->wire;

		if (sighting_field(name) == name && i-- == 0)
			return name;
	}
	return NULL;
}

/* The field that begins most like the name; NULL: none begins like it. */
static const char *nearest_field(const char *name)
{
	const char *field, *nearest = NULL;
	size_t best = 1;

	for (unsigned i = 0; (field = query_field(i)) != NULL; i++) {
		size_t same = 0;

		while (name[same] != '\0' && name[same] == field[same])
			same++;
		if (same > best) {
			best = same;
			nearest = field;
		}
	}
	return nearest;
}

/* False: there is none of that name. */
static bool find_field(const char *name, const char **out, enum field_kind *kind)
{
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		if (strcmp(fields[i].name, name) == 0) {
			*out = fields[i].name;
			*kind = fields[i].kind;
			return true;
		}
	}
	const enum fact_kind fact = fact_kind_by_name(name);
	*kind = FIELD_TEXT;
	*out = fact == FACT_NONE ? NULL : sighting_field(fact_info(fact)->wire);
	return *out != NULL;
}

bool query_is_field(const char *name)
{
	const char *field;
	enum field_kind kind;

	return find_field(name, &field, &kind) && kind != FIELD_NUMBER && kind != FIELD_TIME &&
	       strcmp(name, "note") != 0;
}

/* ---- numbers and times ---- */

/* "1000", "10k", "2M"; *end: what stands behind. */
static bool read_number(const char *text, const char **end, uint64_t *out)
{
	static const char units[] = "kMG";
	char *stop;

	errno = 0;
	if (*text < '0' || *text > '9')
		return false;
	*out = strtoull(text, &stop, 10);
	for (size_t i = 0; *stop != '\0' && i < sizeof units - 1; i++) {
		if (*stop != units[i])
			continue;
		for (size_t k = 0; k <= i; k++)
			if (__builtin_mul_overflow(*out, 1000u, out))
				return false;
		stop++;
		break;
	}
	*end = stop;
	return errno == 0;
}

/* "90s", "5m", "2h", "7d", "4w": how long ago. */
static bool read_age(const char *text, const char **end, uint64_t *out)
{
	static const struct {
		char unit;
		uint32_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	char *stop;

	if (*text < '0' || *text > '9')
		return false;
	const uint64_t n = strtoull(text, &stop, 10);
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		if (*stop != units[i].unit)
			continue;
		*end = stop + 1;
		return !__builtin_mul_overflow(n, units[i].seconds * CLOCK_SECOND, out);
	}
	return false;
}

/* "2026-11-20", "2026-11-20T05:00", "2026-11-20T05:00:30"; what is left out is 0. */
static bool read_date(const char *text, const char **end, uint64_t *out)
{
	static const char rest[] = "0000-00-00T00:00:00.000000Z";
	const size_t len = strspn(text, "0123456789-T:");
	char whole[sizeof rest];

	if (len != 10 && len != 16 && len != 19)
		return false;
	memcpy(whole, rest, sizeof rest);
	memcpy(whole, text, len);
	*end = text + len;
	*out = time_parse(whole);
	return *out != 0;
}

/* One bound. An age is a time in the past: "older than" is "before". */
static bool read_bound(enum field_kind kind, const char *text, uint64_t now_ns, const char **end,
                       uint64_t *out, bool *is_age)
{
	*is_age = false;
	if (kind == FIELD_NUMBER)
		return read_number(text, end, out);
	if (read_date(text, end, out))
		return true;
	if (!read_age(text, end, out))
		return false;
	*out = *out < now_ns ? now_ns - *out : 0;
	*is_age = true;
	return true;
}

/* N..M */
static bool read_between(enum field_kind kind, const char *text, uint64_t now_ns,
                         struct query_value *v)
{
	const char *end;
	bool age;

	if (!read_bound(kind, text, now_ns, &end, &v->low, &age) || strncmp(end, "..", 2) != 0 ||
	    !read_bound(kind, end + 2, now_ns, &end, &v->high, &age) || *end != '\0')
		return false;
	if (v->low > v->high) { /* ages: 1h..2h */
		const uint64_t low = v->high;

		v->high = v->low;
		v->low = low;
	}
	return true;
}

static bool read_range(enum field_kind kind, const char *text, uint64_t now_ns,
                       struct query_value *v)
{
	const char sign = *text;
	const bool equal = sign != '\0' && text[1] == '=';
	const char *end;
	uint64_t n;
	bool age;

	v->match = MATCH_RANGE;
	v->low = 0;
	v->high = UINT64_MAX >> 1; /* the stores' numbers have a sign */
	if (sign != '<' && sign != '>') {
		if (read_between(kind, text, now_ns, v))
			return true;
		if (!read_bound(kind, text, now_ns, &end, &n, &age) || *end != '\0')
			return false;
		v->low = n;
		v->high = kind == FIELD_TIME ? (age ? v->high : n + 86400 * CLOCK_SECOND - 1) : n;
		return true;
	}
	if (!read_bound(kind, text + 1 + equal, now_ns, &end, &n, &age) || *end != '\0')
		return false;
	if ((sign == '>') != age)
		v->low = n + !equal;
	else if (n == 0 && !equal)
		v->low = v->high; /* nothing is less than 0 */
	else
		v->high = n - !equal;
	return true;
}

/* ---- networks ---- */

bool query_read_net(const char *text, struct query_value *v)
{
	const char *const slash = strchr(text, '/');
	char address[IP_TEXT], *end;

	if (slash == NULL || (size_t)(slash - text) >= sizeof address)
		return false;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	v->prefix = (unsigned)strtoul(slash + 1, &end, 10);
	v->match = MATCH_NET;
	return slash[1] >= '0' && slash[1] <= '9' && *end == '\0' && ip_parse(address, &v->net) &&
	       v->prefix <= (v->net.family == 4 ? 32 : 128);
}

bool query_in_net(const char *address, const struct ip *net, unsigned prefix)
{
	struct ip ip;

	if (!ip_parse(address, &ip) || ip.family != net->family)
		return false;
	const unsigned whole = prefix / 8, rest = prefix % 8;
	return memcmp(ip.b, net->b, whole) == 0 &&
	       (rest == 0 || (ip.b[whole] ^ net->b[whole]) >> (8 - rest) == 0);
}

/* ---- words ---- */

struct parser {
	struct query *query;
	uint64_t now_ns;
	char *why;
	bool quoted, exact; /* how the value at hand was written: "x", =x */
};

static bool refuse(const struct parser *p, const char *word, const char *wanted)
{
	snprintf(p->why, QUERY_WHY, "\"%.80s\": %s", word, wanted);
	return false;
}

static bool parse_value(const struct parser *p, enum field_kind kind, char *text,
                        struct query_value *v)
{
	v->text = text;
	if (kind == FIELD_NUMBER)
		return read_range(kind, text, p->now_ns, v) ||
		       refuse(p, text, "wants a number: 1000, >1000, 10..20");
	if (kind == FIELD_TIME)
		return read_range(kind, text, p->now_ns, v) ||
		       refuse(p, text, "wants an age or a day: <1h, >7d, >=2026-11-20");
	if (kind == FIELD_ADDRESS && strchr(text, '/') != NULL)
		return query_read_net(text, v) ||
		       refuse(p, text, "is no network: 10.0.0.0/8, fd00::/8");
	if (!p->quoted && !p->exact && strchr(text, '*') != NULL)
		v->match = MATCH_PATTERN;
	else
		v->match = kind == FIELD_TEXT && !p->exact ? MATCH_HOLDS : MATCH_EQUAL;
	return true;
}

/* Lower case, as the sensors write them. */
static void lower(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text + ('a' - 'A'));
}

/*
 * Cuts a value off *at, between quotes or up to one of `ends`; *more: a comma stands behind it, and
 * another value. NULL: the quote does not end.
 */
static char *take_value(struct parser *p, char **at, const char *ends, bool *more)
{
	p->quoted = **at == '"';
	char *const value = *at + p->quoted;

	*at = value + strcspn(value, p->quoted ? "\"" : ends);
	if (p->quoted && **at == '\0')
		return NULL;
	if (p->quoted)
		*(*at)++ = '\0';
	*more = **at == ',' && strchr(ends, ',') != NULL;
	if (*more || **at == ' ')
		*(*at)++ = '\0';
	return value;
}

static bool parse_values(struct parser *p, struct condition *c, enum field_kind kind, char **at)
{
	bool more;

	assert(c->field);
	const bool as_written = kind == FIELD_TEXT || kind == FIELD_NUMBER || kind == FIELD_TIME ||
	                        strcmp(c->field, "sensor") == 0;
	do {
		char *const value = take_value(p, at, ", ", &more);

		if (value == NULL)
			return refuse(p, *at, "a quote that does not end");
		if (c->count == 0 && *value == '\0' && !more)
			return refuse(p, c->field, "wants a value behind the colon");
		if (c->count == QUERY_VALUES)
			return refuse(p, c->field, "too many values");
		if (!as_written)
			lower(value);
		if (!parse_value(p, kind, value, &c->values[c->count++]))
			return false;
	} while (more);
	return true;
}

static bool add_field(struct parser *p, struct condition *c, const char *name, char **at)
{
	char wanted[QUERY_WHY / 2];
	enum field_kind kind;

	if (find_field(name, &c->field, &kind))
		return parse_values(p, c, kind, at);
	const char *const nearest = nearest_field(name);
	snprintf(wanted, sizeof wanted, "no such field%s%s",
	         nearest == NULL ? "" : "; the nearest is ", nearest == NULL ? "" : nearest);
	return refuse(p, name, wanted);
}

/* A text that any term may hold. */
static bool add_text(struct parser *p, struct condition *c, char **at)
{
	bool more;
	char *const value = take_value(p, at, " ", &more);

	if (value == NULL)
		return refuse(p, *at, "a quote that does not end");
	if (*value == '\0')
		return refuse(p, "\"", "a text of no letters");
	c->count = 1;
	c->values[0] = (struct query_value){.match = MATCH_TEXT, .text = value};
	return true;
}

/* A MAC and an IPv6 address have colons too. */
static bool is_address(const char *word, size_t len)
{
	char text[IP_TEXT];
	struct mac mac;
	struct ip ip;

	if (len >= sizeof text)
		return false;
	memcpy(text, word, len);
	text[len] = '\0';
	return mac_parse(text, &mac) || ip_parse(text, &ip);
}

/* Cuts "field:" off *at, if the word begins so. */
static const char *take_name(char **at)
{
	char *const name = *at, *const colon = name + strcspn(name, ": \"");

	if (*colon != ':' || colon == name || is_address(name, strcspn(name, " ")))
		return NULL;
	*colon = '\0';
	*at = colon + 1;
	return name;
}

/* [-][field:[=]]value[,value ...] off *at. */
static bool take_word(struct parser *p, char **at)
{
	const bool negated = **at == '-' && (*at)[1] != ' ' && (*at)[1] != '\0';

	*at += negated;
	const char *const name = take_name(at);
	p->exact = name != NULL && **at == '=';
	*at += p->exact;
	if (p->query->count == QUERY_CONDITIONS)
		return refuse(p, *at, "too many conditions");
	struct condition *const c = &p->query->conditions[p->query->count++];
	*c = (struct condition){.negated = negated};
	return name == NULL ? add_text(p, c, at) : add_field(p, c, name, at);
}

bool query_parse(const char *text, uint64_t now_ns, struct query *out, char why[QUERY_WHY])
{
	struct parser p = {.query = out, .now_ns = now_ns, .why = why};
	const size_t len = strlen(text);
	char *at = out->text;

	out->count = 0;
	if (len >= sizeof out->text) {
		snprintf(why, QUERY_WHY, "a query of more than %d bytes", QUERY_TEXT - 1);
		return false;
	}
	memcpy(out->text, text, len + 1);
	for (at += strspn(at, " "); *at != '\0'; at += strspn(at, " "))
		if (!take_word(&p, &at))
			return false;
	return true;
}
