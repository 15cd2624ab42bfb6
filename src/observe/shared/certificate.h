/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate.h - what an X.509 certificate says of who shows it (RFC 5280, 4).
 *
 * The walk takes the fixed order of a certificate's fields and looks into the two names, the
 * validity, the key and the list of other names; no signature is looked at, for we ask what the
 * device shows, not whether it may. A name's attributes are searched for the common name, else the
 * organisation.
 */
#pragma once

#include "observe/observer.h"

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_OCTETS = 0x04,
	DER_OID = 0x06,
	DER_UTC_TIME = 0x17,
	DER_TIME = 0x18,
	DER_BMP = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_0 = 0xa0,
	DER_3 = 0xa3,
	DER_DNS_NAME = 0x82,
	DER_ADDRESS = 0x87,
};

struct certificate {
	struct cur issuer, subject; /* common name, else organisation */
	struct cur key;             /* SubjectPublicKeyInfo, its header too */
	struct cur names;           /* GeneralNames of the extension */
	struct text expires;        /* 2036-11-20 */
};

/* Takes an element that must have this tag. */
static inline struct cur der_take(struct cur *in, uint8_t wanted)
{
	uint8_t tag = 0;
	struct cur content = cur_ber(in, &tag);

	if (tag != wanted)
		cur_fail(in);
	return content;
}

/* One attribute of a name; a BMPString's bytes are no text as they stand. */
static inline void certificate_attribute(struct cur *in, struct cur *common, struct cur *other)
{
	struct cur attribute = der_take(in, DER_SEQUENCE);
	struct cur oid = der_take(&attribute, DER_OID);
	uint8_t tag = 0;
	struct cur value = cur_ber(&attribute, &tag);

	if (!cur_ok(&attribute)) {
		cur_fail(in);
		return;
	}
	if (tag == DER_BMP)
		return;
	if (cur_is(&oid, "\x55\x04\x03"))
		*common = cur_rest(&value);
	else if (cur_is(&oid, "\x55\x04\x0a"))
		*other = cur_rest(&value);
}

static inline bool certificate_name(struct cur *in, struct cur *name)
{
	struct cur list = der_take(in, DER_SEQUENCE);
	struct cur organisation = cur_sub(&list, 0);

	while (cur_more(&list)) {
		struct cur set = der_take(&list, DER_SET);
		while (cur_more(&set))
			certificate_attribute(&set, name, &organisation);
		if (!cur_ok(&set))
			return false;
	}
	if (cur_left(name) == 0)
		*name = cur_rest(&organisation);
	return cur_ok(&list) && cur_ok(in);
}

/* YYMMDD... or YYYYMMDD... (4.1.2.5); years below 50 are of this century. */
static inline void certificate_time(struct cur *in, struct text *day)
{
	uint8_t tag = 0;
	struct cur time = cur_ber(in, &tag);

	text_clear(day);
	if (tag != DER_UTC_TIME && tag != DER_TIME)
		return;
	if (tag == DER_UTC_TIME && cur_peek8(&time) >= '5')
		text_add(day, "19");
	else if (tag == DER_UTC_TIME)
		text_add(day, "20");
	for (unsigned i = 0; i < 8 && day->len < 10 && cur_left(&time) > 0; i++) {
		const uint8_t digit = cur_u8(&time);
		if (day->len == 4 || day->len == 7)
			text_put(day, '-');
		if (digit < '0' || digit > '9')
			break;
		text_put(day, digit);
	}
	if (day->len != 10)
		text_clear(day);
}

static inline bool certificate_extensions(struct cur *in, struct cur *names)
{
	struct cur outer = der_take(in, DER_3);
	struct cur list = der_take(&outer, DER_SEQUENCE);

	while (cur_more(&list)) {
		struct cur extension = der_take(&list, DER_SEQUENCE);
		struct cur oid = der_take(&extension, DER_OID);
		if (cur_peek8(&extension) == DER_BOOLEAN)
			(void)der_take(&extension, DER_BOOLEAN);
		struct cur value = der_take(&extension, DER_OCTETS);
		if (cur_is(&oid, "\x55\x1d\x11")) {
			struct cur list_of_names = der_take(&value, DER_SEQUENCE);
			*names = cur_rest(&list_of_names);
		}
		if (!cur_ok(&extension) || !cur_ok(&value))
			return false;
	}
	return cur_ok(&list) && cur_ok(&outer);
}

static inline bool certificate_names_judge(struct cur names)
{
	while (cur_more(&names)) {
		uint8_t tag = 0;
		(void)cur_ber(&names, &tag);
	}
	return cur_ok(&names);
}

static inline void certificate_key(struct cur *in, struct cur *key)
{
	struct cur from = *in;

	(void)der_take(in, DER_SEQUENCE);
	*key = cur_sub(&from, cur_pos(in) - cur_pos(&from));
}

static inline bool certificate_parse(struct cur *in, struct certificate *c)
{
	c->issuer = cur_sub(in, 0);
	c->subject = cur_sub(in, 0);
	c->key = cur_sub(in, 0);
	c->names = cur_sub(in, 0);
	struct cur whole = der_take(in, DER_SEQUENCE);
	struct cur signed_part = der_take(&whole, DER_SEQUENCE);
	if (cur_peek8(&signed_part) == DER_0)
		(void)der_take(&signed_part, DER_0);
	(void)der_take(&signed_part, DER_INTEGER);
	(void)der_take(&signed_part, DER_SEQUENCE);
	if (!certificate_name(&signed_part, &c->issuer))
		return false;
	struct cur validity = der_take(&signed_part, DER_SEQUENCE);
	certificate_time(&validity, &c->expires);
	certificate_time(&validity, &c->expires);
	if (!certificate_name(&signed_part, &c->subject))
		return false;
	certificate_key(&signed_part, &c->key);
	while (cur_more(&signed_part)) {
		uint8_t tag = cur_peek8(&signed_part);
		if (tag == DER_3 && !certificate_extensions(&signed_part, &c->names))
			return false;
		if (tag != DER_3)
			(void)cur_ber(&signed_part, &tag);
	}
	return cur_ok(&signed_part) && cur_ok(&validity) && cur_ok(&whole) && cur_ok(in) &&
	       certificate_names_judge(c->names);
}
