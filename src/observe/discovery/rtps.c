/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtps.c - programs that exchange data by DDS, robots with ROS 2 among them (OMG DDSI-RTPS 2.5).
 *
 * A message begins with "RTPS", its version, the number of the maker of the implementation and the
 * sender's prefix; then come submessages, a kind, flags (bit 0: little endian) and a length each
 * (8.3, 9.4). The simple discovery of participants (8.5.3) writes DATA from the entity 000100c2: a
 * list of parameters, which has the participant's name and, in its properties, what implementations
 * add of their own: Cyclone DDS the host's name. Only these are told, and the implementation.
 * A length of 0 in the last submessage means all that is left; that of the parameter which ends a list
 * means nothing. Connext sends a ping in the place of a prefix, and no submessage.
 */
#include "observe/shared/device.h"

enum { RTPS_DATA = 0x15, RTPS_PARTICIPANT_WRITER = 0x000100c2, RTPS_SUBMESSAGES_MAX = 64 };
enum { RTPS_LITTLE = 1, RTPS_INLINE_QOS = 2, RTPS_PAYLOAD = 4, RTPS_PAD = 1, RTPS_INFO_TS = 9 };
enum { RTPS_SENTINEL = 1, RTPS_PROPERTIES = 0x59, RTPS_ENTITY_NAME = 0x62 };
enum { RTPS_LIST_BIG = 2, RTPS_LIST_LITTLE = 3 }; /* encapsulations */
enum { RTPS_PARAMETERS_MAX = 128, RTPS_PROPERTIES_MAX = 64 };

/* Numbers that the OMG gave to implementations (9.3.1.3). */
static const struct rtps_vendor {
	uint16_t number;
	const char *software;
} rtps_vendors[] = {
	{0x0101, "RTI Connext DDS"}, {0x0102, "OpenSplice DDS"}, {0x0103, "OpenDDS"},
	{0x0106, "CoreDX DDS"},      {0x010f, "Fast DDS"},       {0x0110, "Cyclone DDS"},
	{0x0111, "GurumDDS"},        {0x0112, "RustDDS"},
};

struct rtps {
	bool is_rtps, is_ping;
	uint16_t version, vendor;
	uint32_t submessages, parameters;
	bool is_participant;
	struct cur host, name;
};

struct rtps_parameter {
	uint16_t id;
	struct cur value;
};

static uint16_t rtps_u16(struct cur *in, bool little)
{
	return little ? cur_le16(in) : cur_be16(in);
}

static uint32_t rtps_u32(struct cur *in, bool little)
{
	return little ? cur_le32(in) : cur_be32(in);
}

static struct rtps_parameter rtps_parameter(struct cur *in, bool little)
{
	struct rtps_parameter v;

	v.id = rtps_u16(in, little);
	const uint16_t len = rtps_u16(in, little);
	v.value = cur_sub(in, v.id == RTPS_SENTINEL ? 0 : len);
	return v;
}

/* A string of CDR: its length counts the zero at its end; what fills up to four follows. */
static struct cur rtps_string(struct cur *in, bool little)
{
	const uint32_t len = rtps_u32(in, little);
	struct cur bytes = cur_sub(in, len);

	if (len % 4 != 0 && cur_left(in) > 0)
		cur_skip(in, 4 - len % 4);
	return cur_token(&bytes, "\0");
}

static void rtps_properties_parse(struct cur value, bool little, struct rtps *r)
{
	const uint32_t count = rtps_u32(&value, little);

	for (uint32_t i = 0; i < RTPS_PROPERTIES_MAX && i < count && cur_more(&value); i++) {
		const struct cur name = rtps_string(&value, little);
		struct cur is = rtps_string(&value, little);
		if (cur_ok(&value) &&
		    (WINDOW_IS(name, "__Hostname") || WINDOW_IS(name, "dds.sys_info.hostname")))
			r->host = cur_rest(&is);
	}
}

/* A list of parameters up to its end; false: it has none. */
static bool rtps_list_parse(struct cur *in, bool little, struct rtps *r)
{
	for (unsigned i = 0; i < RTPS_PARAMETERS_MAX && cur_left(in) > 0; i++) {
		struct rtps_parameter v = rtps_parameter(in, little);
		if (v.id == RTPS_SENTINEL)
			return cur_ok(in);
		r->parameters += 1;
		if (v.id == RTPS_PROPERTIES)
			rtps_properties_parse(v.value, little, r);
		if (v.id == RTPS_ENTITY_NAME) {
			struct cur name = rtps_string(&v.value, little);
			r->name = cur_rest(&name);
		}
	}
	return false;
}

/* DATA (9.4.5.3) of the participants' writer. Parameters inline are none of a participant's. */
static bool rtps_data_parse(struct cur body, uint8_t flags, struct rtps *r)
{
	const bool little = (flags & RTPS_LITTLE) != 0;

	cur_skip(&body, 2);
	const uint16_t to_qos = rtps_u16(&body, little);
	struct cur qos = body;
	cur_skip(&body, 4);
	if (cur_be32(&body) != RTPS_PARTICIPANT_WRITER || (flags & RTPS_PAYLOAD) == 0)
		return cur_ok(&body);
	cur_skip(&qos, to_qos);
	if ((flags & RTPS_INLINE_QOS) != 0 && !rtps_list_parse(&qos, little, r))
		return false;
	const uint16_t encoding = cur_be16(&qos);
	cur_skip(&qos, 2);
	if (encoding != RTPS_LIST_BIG && encoding != RTPS_LIST_LITTLE)
		return cur_ok(&qos);
	r->is_participant = rtps_list_parse(&qos, encoding == RTPS_LIST_LITTLE, r);
	return r->is_participant;
}

static bool rtps_submessage_parse(struct cur *in, struct rtps *r)
{
	const uint8_t kind = cur_u8(in);
	const uint8_t flags = cur_u8(in);
	const uint16_t len = rtps_u16(in, (flags & RTPS_LITTLE) != 0);
	const bool empty = kind == RTPS_PAD || kind == RTPS_INFO_TS;
	const struct cur body = cur_sub(in, len == 0 && !empty ? cur_left(in) : len);

	r->submessages += 1;
	return cur_ok(in) && (kind != RTPS_DATA || rtps_data_parse(body, flags, r));
}

static bool rtps_parse(struct cur *in, struct rtps *r)
{
	r->is_rtps = cur_is(in, "RTPS");
	r->version = cur_be16(in);
	r->vendor = cur_be16(in);
	r->is_ping = cur_is(in, "NDDSPING") && cur_left(in) == 0;
	if (!r->is_ping)
		cur_skip(in, 12);
	r->host = cur_sub(in, 0);
	r->name = cur_sub(in, 0);
	if (!r->is_rtps || r->version >> 8 != 2)
		return false;
	for (unsigned i = 0; i < RTPS_SUBMESSAGES_MAX && cur_left(in) > 0; i++)
		if (!rtps_submessage_parse(in, r))
			return false;
	return cur_ok(in);
}

static enum verdict rtps_packet(struct task *t, struct packet *p, void *state)
{
	struct rtps r = {0};

	(void)state;
	if (!rtps_parse(&p->rest, &r))
		return r.is_rtps ? MALFORMED : NOT_MINE;
	if (!r.is_participant)
		return NOTHING;
	for (unsigned i = 0; i < COUNT_OF(rtps_vendors); i++)
		if (rtps_vendors[i].number == r.vendor)
			tell_word(t, p, sender(p), FACT_SOFTWARE, rtps_vendors[i].software);
	tell_text(t, p, sender(p), FACT_NAME_HOST, r.host);
	tell_text(t, p, sender(p), FACT_RTPS_PARTICIPANT, r.name);
	return LEARNED;
}

SHOW(rtps, struct rtps, FIELD(struct rtps, version, SHOW_HEX), FIELD(struct rtps, vendor, SHOW_HEX),
     FIELD(struct rtps, submessages, SHOW_NUMBER), FIELD(struct rtps, parameters, SHOW_NUMBER))

const struct observer observer_rtps = {
	.name = "rtps",
	.about = "programs and robots that exchange data by DDS",
	.spec = "OMG DDSI-RTPS 2.5",
	.claims = CLAIMS({UDP_SNIFF, 0, "'RTPS' 02"}),
	.tells = TELLS({FACT_SOFTWARE, SAYS, 90}, {FACT_NAME_HOST, SAYS, 85},
                       {FACT_RTPS_PARTICIPANT, SAYS, 90}),
	.shows = SHOWS(&rtps_show),
	.packet = rtps_packet,
};

PROVE(rtps_parse, struct rtps)
