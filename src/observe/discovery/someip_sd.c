/* SPDX-License-Identifier: Apache-2.0 */
/*
 * someip_sd.c - services that control units in a vehicle offer (SOME/IP Service Discovery).
 *
 * A message to or from port 30490 has SOME/IP's head of 16 bytes (AUTOSAR PRS_SOMEIP: message id
 * ffff8100, length, request id, versions 1 and 1, type 2, return code 0), then flags, entries of 16
 * bytes and options, each list behind its length (PRS_SOMEIPSD, 4.1.2). An entry of type 1 offers
 * a service; with a time to live of 0 it takes it back. An IPv4 endpoint option says where it is:
 * what is at another address than the sender's is not told, for it is another's.
 */
#include "observe/shared/device.h"

enum { SOMEIP_SD_PORT = 30490, SOMEIP_SD_OFFER = 1, SOMEIP_SD_ENTRY = 16, SOMEIP_SD_TYPE_MAX = 7 };
enum { SOMEIP_SD_OPTIONS_MAX = 64, SOMEIP_SD_IPV4 = 4, SOMEIP_SD_IPV6 = 6 };

struct someip_sd {
	bool is_head;
	uint32_t offers, count, options_count;
	struct cur entries, options;
};

struct someip_entry {
	uint8_t type, option, options, major;
	uint16_t service, instance;
	uint32_t ttl_s;
};

struct someip_option {
	uint8_t type;
	struct ip ip; /* of an endpoint */
};

static struct someip_entry someip_sd_entry(struct cur *in)
{
	struct someip_entry e;

	e.type = cur_u8(in);
	e.option = cur_u8(in);
	cur_skip(in, 1);
	e.options = (uint8_t)(cur_u8(in) >> 4);
	e.service = cur_be16(in);
	e.instance = cur_be16(in);
	e.major = cur_u8(in);
	e.ttl_s = cur_be24(in);
	cur_skip(in, 4);
	if (e.type > SOMEIP_SD_TYPE_MAX)
		cur_fail(in);
	return e;
}

/* The length counts what follows the type. */
static struct someip_option someip_sd_option(struct cur *in)
{
	struct someip_option o = {0};
	const uint16_t len = cur_be16(in);

	o.type = cur_u8(in);
	struct cur body = cur_sub(in, len);
	cur_skip(&body, 1);
	if (o.type == SOMEIP_SD_IPV4 || o.type == SOMEIP_SD_IPV6)
		cur_ip(&body, o.type == SOMEIP_SD_IPV6 ? 6 : 4, &o.ip);
	if (!cur_ok(&body))
		cur_fail(in);
	return o;
}

static bool someip_sd_head(struct cur *in)
{
	const uint32_t id = cur_be32(in);
	const uint32_t length = cur_be32(in);
	const bool whole = cur_left(in) == length;

	cur_skip(in, 4);
	const uint32_t versions = cur_be32(in);
	return cur_ok(in) && id == 0xffff8100 && whole && versions == 0x01010200;
}

static bool someip_sd_parse(struct cur *in, struct someip_sd *s)
{
	s->is_head = someip_sd_head(in);
	cur_skip(in, 4);
	s->entries = cur_sub(in, cur_be32(in));
	s->options = cur_sub(in, cur_be32(in));
	if (!s->is_head || !cur_ok(in))
		return false;
	struct cur entries = s->entries, options = s->options;
	while (cur_more(&entries)) {
		const struct someip_entry e = someip_sd_entry(&entries);
		s->count += 1;
		s->offers += e.type == SOMEIP_SD_OFFER && e.ttl_s > 0 ? 1 : 0;
	}
	while (cur_more(&options)) {
		const struct someip_option o = someip_sd_option(&options);
		s->options_count += o.type > 0 ? 1 : 0;
	}
	return cur_ok(&entries) && cur_ok(&options);
}

/* Does one of the entry's options say that the service is at another address? */
static bool someip_sd_is_elsewhere(const struct packet *p, struct cur options,
                                   const struct someip_entry *e)
{
	for (uint32_t i = 0; i < SOMEIP_SD_OPTIONS_MAX && cur_more(&options); i++) {
		const struct someip_option o = someip_sd_option(&options);
		if (i >= e->option && i < (uint32_t)e->option + e->options && o.ip.family != 0 &&
		    o.ip.family == p->from.family && !ip_equal(&o.ip, &p->from))
			return true;
	}
	return false;
}

/* "1234.0001": service and instance in hex. */
static void someip_sd_tell(struct task *t, const struct packet *p, const struct someip_entry *e)
{
	struct text text;

	text_clear(&text);
	text_hex(&text, (uint8_t)(e->service >> 8));
	text_hex(&text, (uint8_t)(e->service & 0xff));
	text_put(&text, '.');
	text_hex(&text, (uint8_t)(e->instance >> 8));
	text_hex(&text, (uint8_t)(e->instance & 0xff));
	tell_string(t, p, sender(p), FACT_SOMEIP_SERVICE, &text);
}

static enum verdict someip_sd_packet(struct task *t, struct packet *p, void *state)
{
	struct someip_sd s = {0};
	bool learned = false;

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!someip_sd_parse(&p->rest, &s))
		return s.is_head ? MALFORMED : NOT_MINE;
	while (cur_more(&s.entries)) {
		const struct someip_entry e = someip_sd_entry(&s.entries);
		if (e.type != SOMEIP_SD_OFFER || e.ttl_s == 0 ||
		    someip_sd_is_elsewhere(p, s.options, &e))
			continue;
		someip_sd_tell(t, p, &e);
		learned = true;
	}
	return learned ? LEARNED : NOTHING;
}

SHOW(someip_sd, struct someip_sd, FIELD(struct someip_sd, count, SHOW_NUMBER),
     FIELD(struct someip_sd, offers, SHOW_NUMBER),
     FIELD(struct someip_sd, options_count, SHOW_NUMBER))

const struct observer observer_someip_sd = {
	.name = "someip_sd",
	.about = "services that control units in a vehicle offer",
	.spec = "AUTOSAR PRS_SOMEIPServiceDiscoveryProtocol",
	.claims = CLAIMS({UDP_PORT, SOMEIP_SD_PORT, NULL}),
	.tells = TELLS({FACT_SOMEIP_SERVICE, SAYS, 90}),
	.shows = SHOWS(&someip_sd_show),
	.packet = someip_sd_packet,
};

PROVE(someip_sd_parse, struct someip_sd)
