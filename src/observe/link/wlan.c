/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wlan.c - 802.11: who transmits, what its access points announce, and the frames inside.
 *
 * Up to four addresses: who receives and who transmits on the air, and, where a distribution
 * system carries the frame on, who it is for and from at last (IEEE 802.11, 9.2.4.3). Both who
 * transmits and who sent the frame first are devices that were seen. CTS and ACK name nobody but
 * their receiver; the group bit of a transmitter says something else (9.3.1.2): it names nobody
 * either.
 *
 * Management frames carry elements: an access point's name for its network, a station's for the
 * one it looks for, and Wi-Fi Protected Setup's description of the device itself (WSC 2.0, 12).
 * A frame check sequence may stand behind the elements and is not known from any other bytes:
 * what is too short for an element in the last four bytes ends the list, and is no fault.
 *
 * Of data, only what is in the clear is read: LLC, alone or in an aggregate of several (9.3.2.2).
 * A protected frame still says who sent it. Fragments are not put together. The header of a mesh
 * is not read: a frame that has one is not LLC.
 */
#include "observe/observer.h"

enum { WLAN_MANAGEMENT, WLAN_CONTROL, WLAN_DATA };
enum {
	WLAN_TO_DS = 0x01,
	WLAN_FROM_DS = 0x02,
	WLAN_MORE = 0x04,
	WLAN_PROTECTED = 0x40,
	WLAN_ORDER = 0x80
};
enum { WLAN_ASSOCIATE = 0, WLAN_REASSOCIATE = 2, WLAN_PROBE = 4, WLAN_PROBED = 5, WLAN_BEACON = 8 };
enum { WLAN_FIRST_WITH_SENDER = 8, WLAN_CTS = 12, WLAN_ACK = 13 }; /* subtypes of control */
enum { WLAN_NULL = 4, WLAN_QOS = 8 };                              /* bits of data's subtype */
enum { WLAN_QOS_AGGREGATE = 0x80 };
enum { WLAN_FCS = 4, WLAN_SSID_MAX = 32 };

enum wlan_element { WLAN_SSID = 0, WLAN_CHANNEL = 3, WLAN_CISCO = 133, WLAN_VENDOR = 221 };
enum { WLAN_WPS = 0x0050f204 }; /* the OUI and type of a vendor's element */

struct wlan {
	uint8_t version, type, subtype, flags;
	bool has_sender;
	struct mac receiver, transmitter;
	struct mac destination, source; /* first and last: equal to the above without a system */
	struct mac bss;                 /* management only */
	bool aggregate;
};

struct wlan_element_head {
	uint8_t id;
	struct cur value;
};

struct wlan_list {
	bool ended_early; /* by what may be a frame check sequence */
	uint32_t count;
};

/* Elements follow the fixed fields, of which there are so many bytes. */
static const struct wlan_kind {
	uint8_t subtype, fixed;
	bool announces; /* the network is the sender's own */
} wlan_kinds[] = {
	{WLAN_ASSOCIATE, 4, false}, {WLAN_REASSOCIATE, 10, false}, {WLAN_PROBE, 0, false},
	{WLAN_PROBED, 12, true},    {WLAN_BEACON, 12, true},
};

/* ---- parse */

static bool wlan_control_parse(struct cur *in, struct wlan *w)
{
	w->has_sender = w->subtype >= WLAN_FIRST_WITH_SENDER && w->subtype != WLAN_CTS &&
	                w->subtype != WLAN_ACK;
	if (w->has_sender)
		cur_mac(in, &w->transmitter);
	w->source = w->transmitter;
	w->destination = w->receiver;
	return cur_ok(in);
}

static void wlan_addresses_parse(struct cur *in, struct wlan *w)
{
	struct mac third;

	cur_mac(in, &w->transmitter);
	cur_mac(in, &third);
	cur_skip(in, 2); /* sequence control */
	w->has_sender = true;
	w->destination = (w->flags & WLAN_TO_DS) != 0 ? third : w->receiver;
	w->source = w->transmitter;
	w->bss = third;
	if ((w->flags & (WLAN_TO_DS | WLAN_FROM_DS)) == WLAN_FROM_DS)
		w->source = third;
	if ((w->flags & (WLAN_TO_DS | WLAN_FROM_DS)) == (WLAN_TO_DS | WLAN_FROM_DS))
		cur_mac(in, &w->source);
}

static bool wlan_data_parse(struct cur *in, struct wlan *w)
{
	wlan_addresses_parse(in, w);
	if ((w->subtype & WLAN_QOS) == 0)
		return cur_ok(in);
	const uint16_t qos = cur_le16(in);
	w->aggregate = (qos & WLAN_QOS_AGGREGATE) != 0;
	if ((w->flags & WLAN_ORDER) != 0)
		cur_skip(in, 4); /* HT control */
	return cur_ok(in);
}

static bool wlan_management_parse(struct cur *in, struct wlan *w)
{
	if ((w->flags & (WLAN_TO_DS | WLAN_FROM_DS)) != 0)
		return false;
	wlan_addresses_parse(in, w);
	if ((w->flags & WLAN_ORDER) != 0)
		cur_skip(in, 4);
	return cur_ok(in);
}

static bool wlan_parse(struct cur *in, struct wlan *w)
{
	const uint8_t head = cur_u8(in);

	w->version = head & 3;
	w->type = head >> 2 & 3;
	w->subtype = head >> 4;
	w->flags = cur_u8(in);
	cur_skip(in, 2); /* duration */
	cur_mac(in, &w->receiver);
	if (!cur_ok(in) || w->version != 0)
		return false;
	if (w->type == WLAN_MANAGEMENT)
		return wlan_management_parse(in, w);
	if (w->type == WLAN_CONTROL)
		return wlan_control_parse(in, w);
	return w->type == WLAN_DATA && wlan_data_parse(in, w);
}

static struct wlan_element_head wlan_element_next(struct cur *in)
{
	struct wlan_element_head e;

	e.id = cur_u8(in);
	e.value = cur_sub(in, cur_u8(in));
	return e;
}

/* All elements whole, but for what may be a frame check sequence. */
static bool wlan_list_parse(struct cur *in, struct wlan_list *list)
{
	while (cur_more(in)) {
		const uint32_t left = cur_left(in);
		const struct wlan_element_head e = wlan_element_next(in);
		if (!cur_ok(in)) {
			list->ended_early = true;
			return left <= WLAN_FCS;
		}
		if (e.id == WLAN_SSID && cur_left(&e.value) > WLAN_SSID_MAX)
			return false;
		list->count += 1;
	}
	return cur_ok(in);
}

/* ---- tell */

static bool wlan_is_blank(struct cur text)
{
	while (cur_more(&text))
		if (cur_u8(&text) != 0)
			return false;
	return true;
}

static void wlan_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                           struct cur value)
{
	struct text text;

	text_clear(&text);
	cur_text(&value, cur_left(&value), &text);
	text_trim(&text);
	tell_string(t, p, sender_link(p), kind, &text);
}

static const struct {
	uint16_t type;
	enum fact_kind kind;
} wps_rules[] = {
	{0x1011, FACT_WPS_DEVICE_NAME},   {0x1021, FACT_WPS_MANUFACTURER},
	{0x1023, FACT_WPS_MODEL_NAME},    {0x1024, FACT_WPS_MODEL_NUMBER},
	{0x1042, FACT_WPS_SERIAL_NUMBER},
};

enum { WPS_UUID = 0x1047, WPS_UUID_LEN = 16 };

static void wps_tell(struct task *t, const struct packet *p, uint16_t type, struct cur value)
{
	uint8_t uuid[WPS_UUID_LEN];

	for (unsigned i = 0; i < COUNT_OF(wps_rules); i++)
		if (wps_rules[i].type == type)
			wlan_tell_text(t, p, wps_rules[i].kind, value);
	if (type == WPS_UUID && cur_left(&value) == WPS_UUID_LEN &&
	    cur_copy(&value, uuid, sizeof uuid, WPS_UUID_LEN))
		tell_bytes(t, p, sender_link(p), FACT_WPS_UUID, uuid, sizeof uuid);
}

/* Attributes of two-byte types and lengths; a broken list tells what stood before. */
static void wlan_tell_vendor(struct task *t, const struct packet *p, struct cur value)
{
	if (cur_be32(&value) != WLAN_WPS)
		return;
	while (cur_more(&value)) {
		const uint16_t type = cur_be16(&value);
		const struct cur attribute = cur_sub(&value, cur_be16(&value));
		if (cur_ok(&value))
			wps_tell(t, p, type, attribute);
	}
}

/* Cisco's element names the access point, behind ten bytes of figures. */
static void wlan_tell_cisco(struct task *t, const struct packet *p, struct cur value)
{
	cur_skip(&value, 10);
	struct cur name = cur_sub(&value, 16);
	if (cur_ok(&value))
		wlan_tell_text(t, p, FACT_WLAN_AP_NAME, cur_token(&name, "\0"));
}

static void wlan_tell_element(struct task *t, const struct packet *p, const struct wlan_kind *kind,
                              const struct wlan_element_head *e)
{
	struct cur value = e->value;

	if (e->id == WLAN_SSID && !wlan_is_blank(value))
		tell_text(t, p, sender_link(p), kind->announces ? FACT_WLAN_SSID : FACT_WLAN_WANTED,
		          value);
	if (e->id == WLAN_CHANNEL && kind->announces && cur_left(&value) == 1)
		tell_number(t, p, sender_link(p), FACT_WLAN_CHANNEL, cur_u8(&value));
	if (e->id == WLAN_CISCO && kind->announces)
		wlan_tell_cisco(t, p, value);
	if (e->id == WLAN_VENDOR)
		wlan_tell_vendor(t, p, value);
}

static enum verdict wlan_elements(struct task *t, struct packet *p, const struct wlan_kind *kind)
{
	struct wlan_list list = {0};

	cur_skip(&p->rest, kind->fixed);
	struct cur all = p->rest;
	if (p->cut || !cur_ok(&all) || !wlan_list_parse(&all, &list))
		return MALFORMED;
	for (uint32_t i = 0; i < CUR_MAX && i < list.count && cur_more(&p->rest); i++) {
		const struct wlan_element_head e = wlan_element_next(&p->rest);
		wlan_tell_element(t, p, kind, &e);
	}
	return LEARNED;
}

static void wlan_tell_bss(struct task *t, const struct packet *p, const struct wlan *w)
{
	char text[MAC_TEXT];

	if (mac_is_device(w->bss))
		tell_word(t, p, sender_link(p), FACT_WLAN_BSS, mac_format(w->bss, text));
}

static enum verdict wlan_manage(struct task *t, struct packet *p, const struct wlan *w)
{
	if ((w->flags & (WLAN_PROTECTED | WLAN_MORE)) != 0)
		return LEARNED;
	if (w->subtype == WLAN_ASSOCIATE || w->subtype == WLAN_REASSOCIATE)
		wlan_tell_bss(t, p, w);
	for (unsigned i = 0; i < COUNT_OF(wlan_kinds); i++)
		if (wlan_kinds[i].subtype == w->subtype)
			return wlan_elements(t, p, &wlan_kinds[i]);
	return LEARNED;
}

/* One frame of an aggregate: addresses, length, LLC; filled up to four bytes, the last not. */
static void wlan_part(struct task *t, struct packet *p)
{
	struct packet part = *p;

	cur_mac(&p->rest, &part.destination);
	cur_mac(&p->rest, &part.source);
	const uint16_t len = cur_be16(&p->rest);
	part.rest = cur_sub(&p->rest, len);
	if (!cur_ok(&p->rest))
		return;
	part.cut = false;
	forward(t, &part, ETHERTYPE, ETHERTYPE_LLC);
	if (cur_left(&p->rest) > 3 && (len + 14u) % 4 != 0)
		cur_skip(&p->rest, 4 - (len + 14u) % 4);
}

static enum verdict wlan_data(struct task *t, struct packet *p, const struct wlan *w)
{
	if ((w->subtype & WLAN_NULL) != 0 || (w->flags & (WLAN_PROTECTED | WLAN_MORE)) != 0)
		return LEARNED;
	if (!w->aggregate) {
		forward(t, p, ETHERTYPE, ETHERTYPE_LLC);
		return LEARNED;
	}
	while (cur_more(&p->rest))
		wlan_part(t, p);
	return LEARNED;
}

static enum verdict wlan_packet(struct task *t, struct packet *p, void *state)
{
	struct wlan w = {0};

	(void)state;
	if (!wlan_parse(&p->rest, &w))
		return MALFORMED;
	if (!w.has_sender)
		return NOTHING;
	p->has_mac = true;
	p->source = w.source;
	p->destination = w.destination;
	tell_seen(t, p, sender_link(p));
	if (!mac_equal(w.source, w.transmitter))
		tell_seen(t, p, subject_of(w.transmitter, (struct ip){0}));
	if (w.type == WLAN_MANAGEMENT)
		return wlan_manage(t, p, &w);
	return w.type == WLAN_DATA ? wlan_data(t, p, &w) : LEARNED;
}

SHOW(wlan, struct wlan, FIELD(struct wlan, type, SHOW_NUMBER),
     FIELD(struct wlan, subtype, SHOW_NUMBER), FIELD(struct wlan, flags, SHOW_HEX),
     FIELD(struct wlan, transmitter, SHOW_MAC), FIELD(struct wlan, source, SHOW_MAC),
     FIELD(struct wlan, destination, SHOW_MAC), FIELD(struct wlan, aggregate, SHOW_BOOL))

const struct observer observer_wlan = {
	.name = "wlan",
	.about = "802.11 stations, access points and their networks",
	.spec = "IEEE 802.11, Wi-Fi Simple Configuration 2.0",
	.claims = CLAIMS({LINKTYPE, 105, NULL}),
	.tells = TELLS({FACT_SEEN, SAYS, 100}, {FACT_WLAN_SSID, SAYS, 90},
                       {FACT_WLAN_WANTED, SAYS, 80}, {FACT_WLAN_CHANNEL, SAYS, 90},
                       {FACT_WLAN_AP_NAME, SAYS, 90}, {FACT_WLAN_BSS, SAYS, 90},
                       {FACT_WPS_DEVICE_NAME, SAYS, 90}, {FACT_WPS_MANUFACTURER, SAYS, 90},
                       {FACT_WPS_MODEL_NAME, SAYS, 90}, {FACT_WPS_MODEL_NUMBER, SAYS, 90},
                       {FACT_WPS_SERIAL_NUMBER, SAYS, 90}, {FACT_WPS_UUID, SAYS, 90}),
	.shows = SHOWS(&wlan_show),
	.packet = wlan_packet,
};

PROVE(wlan_parse, struct wlan)
PROVE(wlan_list_parse, struct wlan_list)
