/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device.h - what devices say of themselves in the discovery protocols of their makers.
 *
 * Each maker has a protocol of its own, and all say the same few things: a model, a serial number,
 * a version, a name, a MAC address. They are told under the kinds device.*, of the sender; who
 * said it, the observer's name, stands beside each. An observer's table says which field is which.
 */
#pragma once

#include "observe/shared/json.h"

/* A field by its name: KEYED("model", FACT_DEVICE_MODEL). */
struct keyed {
	const char *key;
	uint32_t len;
	enum fact_kind kind;
};
#define KEYED(key, kind)                                       \
	{                                                      \
		"" key, (uint32_t)sizeof(key) - 1, FACT_##kind \
	}

/* What the table says of a name; FACT_NONE: nothing. */
static inline enum fact_kind keyed_kind(const struct keyed *table, uint32_t count, struct cur key)
{
	for (uint32_t i = 0; i < CUR_MAX && i < count; i++)
		if (cur_left(&key) == table[i].len &&
		    cur_is_caseless_bytes(&key, table[i].key, table[i].len))
			return table[i].kind;
	return FACT_NONE;
}

/* A fixed field up to its first zero, without the blanks at its end. */
static inline void device_tell_field(struct task *t, const struct packet *p, enum fact_kind kind,
                                     struct cur field)
{
	struct cur bytes = cur_token(&field, "\0");
	struct text text;

	cur_text(&bytes, cur_left(&bytes), &text);
	text_trim(&text);
	tell_string(t, p, sender(p), kind, &text);
}

enum { DEVICE_HEX_MAX = 127 };

/* Bytes in hex, without any mark between them; more than half a text's are no identifier. */
static inline void device_tell_hex(struct task *t, const struct packet *p, enum fact_kind kind,
                                   struct cur bytes)
{
	struct text text;

	text_clear(&text);
	for (uint32_t i = 0; i < DEVICE_HEX_MAX && cur_more(&bytes); i++)
		text_hex(&text, cur_u8(&bytes));
	if (cur_left(&bytes) == 0)
		tell_string(t, p, sender(p), kind, &text);
}

/* A UUID as it is written: 8-4-4-4-12 digits. */
static inline void device_tell_uuid(struct task *t, const struct packet *p, enum fact_kind kind,
                                    struct cur uuid)
{
	struct text text;

	text_clear(&text);
	for (uint32_t i = 0; i < 16 && cur_left(&uuid) > 0; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text_put(&text, '-');
		text_hex(&text, cur_u8(&uuid));
	}
	if (text.len == 36)
		tell_string(t, p, sender(p), kind, &text);
}

/* A MAC address in six bytes; one that is no device's says nothing. */
static inline void device_tell_mac(struct task *t, const struct packet *p, struct cur six)
{
	char text[MAC_TEXT];
	struct mac mac;

	cur_mac(&six, &mac);
	if (cur_ok(&six) && mac_is_device(mac))
		tell_word(t, p, sender(p), FACT_DEVICE_MAC, mac_format(mac, text));
}

/* A MAC address in twelve digits, with or without ':', '-' or '.' between them. */
static inline bool device_mac_parse(struct cur digits, struct mac *mac)
{
	uint32_t count = 0;

	while (cur_more(&digits)) {
		const uint8_t b = cur_u8(&digits);
		if (cur_among(b, ":-.", 3))
			continue;
		const uint32_t digit = cur_hex_digit(b);
		if (digit > 15 || count >= 12)
			return false;
		const uint8_t before = mac->b[count / 2];
		mac->b[count / 2] = (uint8_t)((before * 16u + digit) % 256);
		count++;
	}
	return count == 12;
}

static inline void device_tell_mac_text(struct task *t, const struct packet *p, struct cur digits)
{
	char text[MAC_TEXT];
	struct mac mac = {0};

	if (device_mac_parse(digits, &mac) && mac_is_device(mac))
		tell_word(t, p, sender(p), FACT_DEVICE_MAC, mac_format(mac, text));
}

/* A value of a text as the kind that the table gave its key. */
static inline void device_tell(struct task *t, const struct packet *p, enum fact_kind kind,
                               const struct text *value, struct cur window)
{
	if (kind == FACT_DEVICE_MAC)
		device_tell_mac_text(t, p, window);
	else if (kind != FACT_NONE)
		tell_string(t, p, sender(p), kind, value);
}

/* A JSON item by its key: a string or a number; true, false and null name nothing. */
static inline void device_tell_json(struct task *t, const struct packet *p,
                                    const struct keyed *table, uint32_t count,
                                    const struct json_item *item)
{
	const enum fact_kind kind = keyed_kind(table, count, item->key);
	struct text value;

	if (kind == FACT_NONE || item->kind > JSON_PLAIN)
		return;
	if (item->kind == JSON_PLAIN && !cur_among(cur_peek8(&item->value), "-0123456789", 11))
		return;
	json_text(item->value, &value);
	device_tell(t, p, kind, &value, item->value);
}

/* A window by its name, as it stands. */
static inline void device_tell_window(struct task *t, const struct packet *p,
                                      const struct keyed *table, uint32_t count, struct cur name,
                                      struct cur value)
{
	const enum fact_kind kind = keyed_kind(table, count, name);

	if (kind == FACT_DEVICE_MAC)
		device_tell_mac_text(t, p, value);
	else if (kind != FACT_NONE)
		tell_text(t, p, sender(p), kind, value);
}

/* All items on one level of a whole JSON text. */
static inline void device_tell_level(struct task *t, const struct packet *p,
                                     const struct keyed *table, uint32_t count, struct cur text,
                                     uint8_t depth)
{
	struct json j = {0};
	struct json_item item = {0};

	while (cur_more(&text) && json_next(&text, &j, &item))
		if (item.depth == depth)
			device_tell_json(t, p, table, count, &item);
}

/* A field by its number, in protocols of values with a type and a length. */
struct numbered {
	uint16_t type;
	enum fact_kind kind;
};

static inline void device_tell_numbered(struct task *t, const struct packet *p,
                                        const struct numbered *table, uint32_t count, uint32_t type,
                                        struct cur value)
{
	for (uint32_t i = 0; i < CUR_MAX && i < count; i++)
		if (table[i].type == type)
			device_tell_field(t, p, table[i].kind, value);
}
