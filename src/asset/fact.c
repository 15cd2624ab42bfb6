/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fact.c - the kinds of facts as a table, and how their values are written.
 */
#include "asset/fact.h"

#include "base/digits.h"

#include <assert.h>
#include <string.h>

static const struct fact_info fact_infos[FACT_KINDS] = {
	[FACT_NONE] = {"", VALUE_NOTHING, 0, PUBLIC, ""},
#define FACT(symbol, wire, value, keep, privacy, about) \
	[FACT_##symbol] = {wire, VALUE_##value, keep, privacy, about},
#include "asset/facts.def"
#undef FACT
};

const struct fact_info *fact_info(enum fact_kind kind)
{
	assert(kind < FACT_KINDS);
	return &fact_infos[kind];
}

/* The table is sorted by wire name (a test holds it to that); FACT_NONE's "" is before all. */
enum fact_kind fact_kind_by_name(const char *wire)
{
	unsigned low = FACT_NONE + 1, high = FACT_KINDS;

	while (low < high) {
		const unsigned middle = low + (high - low) / 2;
		const int order = strcmp(wire, fact_infos[middle].wire);
		if (order == 0)
			return (enum fact_kind)middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return FACT_NONE;
}

const char *grade_name(enum grade grade)
{
	static const char *const names[] = {[SAYS] = "says", [OWNER] = "owner", [USES] = "uses"};

	assert(grade < COUNT_OF(names));
	return names[grade];
}

bool endpoint_has_ip(struct mac mac, const struct ip *ip)
{
	return ip_is_host(ip) || (mac_is_zero(mac) && ip_is_loopback(ip));
}

/*
 * The frame is that of the first packet: of two that are first at the same time the lower number,
 * so that the merge does not depend on the order. 0 frames are known of nothing at all (count 0).
 */
void support_merge(struct support *into, const struct support *more)
{
	if (more->count == 0)
		return;
	if (into->count == 0 || more->first_ns < into->first_ns) {
		into->first_ns = more->first_ns;
		into->frame = more->frame;
	} else if (more->first_ns == into->first_ns && more->frame < into->frame) {
		into->frame = more->frame;
	}
	if (more->last_ns > into->last_ns)
		into->last_ns = more->last_ns;
	into->count += more->count;
	into->bytes += more->bytes;
}

static size_t put_decimal(char *out, uint32_t n)
{
	return (size_t)(digits_put(out, n) - out);
}

static size_t format_hex(const uint8_t *value, size_t len, char *out)
{
	return (size_t)(digits_put_bytes(out, value, len) - out);
}

static size_t format_codes(const uint8_t *value, size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > 0)
			out[n++] = ',';
		n = (size_t)(digits_put_octet(out + n, value[i]) - out);
	}
	return n;
}

static size_t format_number(const uint8_t *value, size_t len, char *out)
{
	assert(len == 4);
	return put_decimal(out, (uint32_t)value[0] << 24 | (uint32_t)value[1] << 16 |
	                                (uint32_t)value[2] << 8 | value[3]);
}

static size_t format_mac(const uint8_t *value, size_t len, char *out)
{
	struct mac mac;

	assert(len == sizeof mac.b);
	memcpy(mac.b, value, sizeof mac.b);
	return (size_t)(mac_put(out, mac) - out);
}

/* The transports that services have, by their number (IANA, "Protocol Numbers"). */
static const struct {
	uint8_t protocol;
	char prefix[6];
} transports[] = {{6, "tcp/"}, {17, "udp/"}, {132, "sctp/"}};

/* Where it stands in the table; its size: services do not have it. */
static size_t transport_find(uint8_t protocol)
{
	size_t i = 0;

	while (i < COUNT_OF(transports) && transports[i].protocol != protocol)
		i++;
	return i;
}

static size_t format_service(const uint8_t *value, size_t len, char *out)
{
	assert(len == 3);
	const size_t i = transport_find(value[0]);
	assert(i < COUNT_OF(transports));
	const size_t prefix = strlen(transports[i].prefix);
	memcpy(out, transports[i].prefix, prefix);
	return prefix + put_decimal(out + prefix, (uint32_t)value[1] << 8 | value[2]);
}

/* Is the length one that the encoding can have? */
static bool value_fits(enum value value, size_t len)
{
	static const uint16_t lens[] = {[VALUE_NUMBER] = 4,
	                                [VALUE_IPV4] = 4,
	                                [VALUE_IPV6] = 16,
	                                [VALUE_MAC] = 6,
	                                [VALUE_SERVICE] = 3};

	if (value == VALUE_NOTHING)
		return len == 0;
	return len <= FACT_VALUE_MAX &&
	       (value >= COUNT_OF(lens) || lens[value] == 0 || lens[value] == len);
}

bool fact_fits(enum fact_kind kind, size_t len)
{
	return kind > FACT_NONE && kind < FACT_KINDS && value_fits(fact_infos[kind].value, len);
}

size_t fact_format(enum fact_kind kind, const uint8_t *value, size_t len, char out[FACT_TEXT_MAX])
{
	assert(len <= FACT_VALUE_MAX);
	switch (fact_info(kind)->value) {
	case VALUE_NOTHING:
		return 0;
	case VALUE_TEXT:
		memcpy(out, value, len);
		return len;
	case VALUE_HEX:
		return format_hex(value, len, out);
	case VALUE_CODES:
		return format_codes(value, len, out);
	case VALUE_NUMBER:
		return format_number(value, len, out);
	case VALUE_IPV4:
		assert(len == 4);
		return (size_t)(ip4_put(out, value) - out);
	case VALUE_IPV6:
		assert(len == 16);
		return (size_t)(ip6_put(out, value) - out);
	case VALUE_MAC:
		return format_mac(value, len, out);
	case VALUE_SERVICE:
		return format_service(value, len, out);
	}
	return 0;
}

/* ---- the other way round ---- */

/* A number in decimal up to `most`, without leading zeros; moves *at behind it. */
static bool take_decimal(const char **at, const char *end, uint32_t most, uint32_t *n)
{
	const char *const from = *at;
	uint64_t sum = 0;

	while (*at < end && **at >= '0' && **at <= '9' && sum <= most)
		sum = sum * 10 + (uint64_t)(*(*at)++ - '0');
	*n = (uint32_t)sum;
	return *at > from && sum <= most && (*from != '0' || *at == from + 1);
}

static bool parse_number(const char *text, const char *end, uint8_t *out)
{
	uint32_t n;

	if (!take_decimal(&text, end, UINT32_MAX, &n) || text != end)
		return false;
	for (unsigned i = 0; i < 4; i++)
		out[i] = (uint8_t)(n >> (24 - 8 * i) & 0xff);
	return true;
}

static bool parse_codes(const char *text, const char *end, uint8_t *out, size_t *len)
{
	uint32_t n;

	*len = 0;
	if (text == end)
		return true;
	for (;;) {
		if (*len == FACT_VALUE_MAX || !take_decimal(&text, end, 255, &n))
			return false;
		out[(*len)++] = (uint8_t)n;
		if (text == end)
			return true;
		if (*text++ != ',')
			return false;
	}
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_hex(const char *text, size_t len, uint8_t *out, size_t *out_len)
{
	if (len % 2 != 0 || len / 2 > FACT_VALUE_MAX)
		return false;
	*out_len = len / 2;
	for (size_t i = 0; i < len / 2; i++) {
		const int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool parse_service(const char *text, const char *end, uint8_t *out)
{
	const size_t len = (size_t)(end - text);
	size_t i = 0;
	uint32_t port;

	while (i < COUNT_OF(transports) &&
	       (len <= strlen(transports[i].prefix) ||
	        memcmp(text, transports[i].prefix, strlen(transports[i].prefix)) != 0))
		i++;
	if (i == COUNT_OF(transports))
		return false;
	text += strlen(transports[i].prefix);
	if (!take_decimal(&text, end, 65535, &port) || text != end)
		return false;
	out[0] = transports[i].protocol;
	out[1] = (uint8_t)(port >> 8);
	out[2] = (uint8_t)(port & 0xff);
	return true;
}

static bool parse_address(enum value value, const char *text, size_t len, uint8_t *out)
{
	char copy[IP_TEXT] = "";
	struct mac mac;
	struct ip ip;

	if (len >= sizeof copy)
		return false;
	memcpy(copy, text, len);
	if (value == VALUE_MAC) {
		const bool is_mac = mac_parse(copy, &mac);
		memcpy(out, mac.b, is_mac ? sizeof mac.b : 0);
		return is_mac;
	}
	const uint8_t family = value == VALUE_IPV4 ? 4 : 6;
	const bool is_ip = ip_parse(copy, &ip) && ip.family == family;
	memcpy(out, ip.b, !is_ip ? 0 : family == 4 ? 4 : 16);
	return is_ip;
}

bool fact_parse(enum fact_kind kind, const char *text, size_t len, uint8_t out[FACT_VALUE_MAX],
                size_t *out_len)
{
	static const uint16_t lens[] = {[VALUE_NUMBER] = 4,
	                                [VALUE_IPV4] = 4,
	                                [VALUE_IPV6] = 16,
	                                [VALUE_MAC] = 6,
	                                [VALUE_SERVICE] = 3};
	const enum value value = fact_info(kind)->value;
	const char *const end = text + len;

	*out_len = value < COUNT_OF(lens) ? lens[value] : 0;
	switch (value) {
	case VALUE_NOTHING:
		return len == 0;
	case VALUE_TEXT:
		*out_len = len;
		memcpy(out, text, len <= FACT_VALUE_MAX ? len : 0);
		return len <= FACT_VALUE_MAX;
	case VALUE_HEX:
		return parse_hex(text, len, out, out_len);
	case VALUE_CODES:
		return parse_codes(text, end, out, out_len);
	case VALUE_NUMBER:
		return parse_number(text, end, out);
	case VALUE_IPV4:
	case VALUE_IPV6:
	case VALUE_MAC:
		return parse_address(value, text, len, out);
	case VALUE_SERVICE:
		return parse_service(text, end, out);
	}
	return false;
}

bool fact_parse_raw(enum fact_kind kind, const char *hex, size_t len, uint8_t out[FACT_VALUE_MAX],
                    size_t *out_len)
{
	if (!parse_hex(hex, len, out, out_len) || !fact_fits(kind, *out_len))
		return false;
	return fact_infos[kind].value != VALUE_SERVICE ||
	       transport_find(out[0]) < COUNT_OF(transports);
}
