/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_body.h - what the bodies of HTTP responses tell of the device that sends them.
 *
 * Four kinds are read: the title of a page, which on devices is mostly their model; the
 * description of a UPnP device (UPnP Device Architecture 2.0, 2.3), of which the outermost device
 * counts; the metadata of a device that was found by WS-Discovery (DPWS 1.1, 5.1), with the names of a
 * computer ([MS-PBSD], 2.2.1); the attributes of printers in an answer of IPP (RFC 8010, 3.1; RFC 8011,
 * 5.4). A print server answers for printers of others, so these are told as printers that the
 * device offers.
 *
 * Only the first kilobytes of a body are looked at, and in these only what is whole.
 */
#pragma once

#include "observe/shared/http_head.h"
#include "observe/shared/xml.h"

enum http_document { HTTP_NO_DOCUMENT, HTTP_PAGE, HTTP_DESCRIPTION, HTTP_METADATA, HTTP_IPP };
enum { HTTP_PAGE_MAX = 4096, HTTP_DESCRIPTION_MAX = 8192, HTTP_IPP_MAX = 16384 };

/* What kind of body follows this head, by its media type. */
static inline enum http_document http_document_of(const struct http_head *h)
{
	struct cur type = h->content_type;

	if (!h->response || h->status != 200 || h->is_coded || cur_left(&h->via) > 0)
		return HTTP_NO_DOCUMENT;
	if (cur_is_caseless(&type, "text/html"))
		return HTTP_PAGE;
	if (cur_is_caseless(&type, "text/xml") || cur_is_caseless(&type, "application/xml"))
		return HTTP_DESCRIPTION;
	if (cur_is_caseless(&type, "application/soap+xml"))
		return HTTP_METADATA;
	return cur_is_caseless(&type, "application/ipp") ? HTTP_IPP : HTTP_NO_DOCUMENT;
}

/* How much of it is looked at, in bytes. */
static inline uint32_t http_document_max(enum http_document document)
{
	if (document == HTTP_IPP)
		return HTTP_IPP_MAX;
	return document == HTTP_PAGE ? HTTP_PAGE_MAX : HTTP_DESCRIPTION_MAX;
}

/* ---- the title of a page ---- */

struct http_page {
	struct text title;
};

/* Blanks in a row are one, and none at its ends. */
static inline void http_title_parse(struct cur in, struct text *title)
{
	bool gap = false;

	while (cur_more(&in)) {
		const uint8_t b = cur_u8(&in);
		if (xml_is_blank(b)) {
			gap = title->len > 0;
			continue;
		}
		if (gap)
			text_put(title, ' ');
		gap = false;
		text_put(title, b);
	}
	if (title->len == TEXT_MAX)
		text_clear(title);
}

static inline bool http_page_parse(struct cur *in, struct http_page *page)
{
	text_clear(&page->title);
	while (cur_more(in) && cur_past_caseless(in, "<title")) {
		struct cur attributes = cur_token(in, ">");
		if (!cur_is(in, ">") || (cur_left(&attributes) > 0 && cur_u8(&attributes) > ' '))
			continue;
		const struct cur title = cur_token(in, "<");
		if (!cur_is_caseless(in, "</title"))
			return false;
		http_title_parse(title, &page->title);
		return page->title.len > 0;
	}
	return false;
}

/* ---- the description of a UPnP device ---- */

struct http_upnp {
	bool is_root, is_device, ended;
	struct cur vendor, model, number, serial, name, id;
};

static inline void http_upnp_keep(struct cur *field, const struct xml_tag *tag)
{
	struct cur text = tag->text;

	if (cur_left(field) == 0)
		*field = cur_rest(&text);
}

/* A tag within the outermost device; those of its list of devices are of others. */
static inline void http_upnp_tag(const struct xml_tag *tag, struct http_upnp *u)
{
	if (WINDOW_IS(tag->name, "deviceList") || WINDOW_IS(tag->name, "serviceList"))
		u->ended = true;
	else if (WINDOW_IS(tag->name, "manufacturer"))
		http_upnp_keep(&u->vendor, tag);
	else if (WINDOW_IS(tag->name, "modelName"))
		http_upnp_keep(&u->model, tag);
	else if (WINDOW_IS(tag->name, "modelNumber"))
		http_upnp_keep(&u->number, tag);
	else if (WINDOW_IS(tag->name, "serialNumber"))
		http_upnp_keep(&u->serial, tag);
	else if (WINDOW_IS(tag->name, "friendlyName"))
		http_upnp_keep(&u->name, tag);
	else if (WINDOW_IS(tag->name, "UDN"))
		http_upnp_keep(&u->id, tag);
}

/* A text counts when another tag stands behind it. */
static inline bool http_upnp_parse(struct cur *in, struct http_upnp *u)
{
	struct xml_tag tag = {0};

	u->vendor = cur_sub(in, 0);
	u->model = cur_sub(in, 0);
	u->number = cur_sub(in, 0);
	u->serial = cur_sub(in, 0);
	u->name = cur_sub(in, 0);
	u->id = cur_sub(in, 0);
	while (cur_more(in) && xml_next(in, &tag)) {
		if (cur_left(in) == 0 || u->ended)
			break;
		if (!tag.ended || tag.closes)
			continue;
		if (WINDOW_IS(tag.name, "root"))
			u->is_root = true;
		else if (WINDOW_IS(tag.name, "device"))
			u->is_device = u->is_root;
		else if (u->is_device)
			http_upnp_tag(&tag, u);
	}
	return u->is_device && cur_left(&u->id) > 0;
}

/* ---- the metadata of a device ---- */

struct http_metadata {
	bool is_metadata, is_own; /* within ThisDevice or ThisModel: what is hosted is not meant */
	struct cur name, firmware, serial, vendor, model, number, computer;
};

static inline void http_metadata_tag(const struct xml_tag *tag, struct http_metadata *m)
{
	if (WINDOW_IS(tag->name, "FriendlyName"))
		http_upnp_keep(&m->name, tag);
	else if (WINDOW_IS(tag->name, "FirmwareVersion"))
		http_upnp_keep(&m->firmware, tag);
	else if (WINDOW_IS(tag->name, "SerialNumber"))
		http_upnp_keep(&m->serial, tag);
	else if (WINDOW_IS(tag->name, "Manufacturer"))
		http_upnp_keep(&m->vendor, tag);
	else if (WINDOW_IS(tag->name, "ModelName"))
		http_upnp_keep(&m->model, tag);
	else if (WINDOW_IS(tag->name, "ModelNumber"))
		http_upnp_keep(&m->number, tag);
}

static inline void http_metadata_begin(const struct cur *at, struct http_metadata *m)
{
	struct cur in = *at;

	m->name = cur_sub(&in, 0);
	m->firmware = cur_sub(&in, 0);
	m->serial = cur_sub(&in, 0);
	m->vendor = cur_sub(&in, 0);
	m->model = cur_sub(&in, 0);
	m->number = cur_sub(&in, 0);
	m->computer = cur_sub(&in, 0);
}

/* A text counts when another tag stands behind it. */
static inline bool http_metadata_parse(struct cur *in, struct http_metadata *m)
{
	struct xml_tag tag = {0};

	http_metadata_begin(in, m);
	while (cur_more(in) && xml_next(in, &tag)) {
		if (cur_left(in) == 0)
			break;
		if (!tag.ended)
			continue;
		if (WINDOW_IS(tag.name, "ThisDevice") || WINDOW_IS(tag.name, "ThisModel"))
			m->is_own = m->is_metadata && !tag.closes;
		else if (WINDOW_IS(tag.name, "Metadata"))
			m->is_metadata = true;
		else if (m->is_own && !tag.closes)
			http_metadata_tag(&tag, m);
		else if (m->is_metadata && !tag.closes && WINDOW_IS(tag.name, "Computer"))
			http_upnp_keep(&m->computer, &tag);
	}
	return m->is_metadata;
}

/* A computer's name, and of what it is a part: NAME/Workgroup:W or NAME\Domain:D. */
struct http_computer {
	bool is_domain;
	struct cur name, group;
};

static inline bool http_computer_parse(struct cur *in, struct http_computer *c)
{
	c->name = cur_token(in, "/\\");
	cur_skip(in, 1);
	c->is_domain = cur_is(in, "Domain:");
	const bool is_group = c->is_domain || cur_is(in, "Workgroup:");
	c->group = cur_rest(in);
	return cur_ok(in) && is_group && cur_left(&c->name) > 0;
}

/* ---- the attributes of printers ---- */

enum { IPP_END = 3, IPP_PRINTER = 4, IPP_DELIMITERS = 16 };
enum { IPP_TEXT_LANGUAGE = 0x35, IPP_NAME_LANGUAGE = 0x36 };
enum { IPP_TEXT = 0x41, IPP_NAME = 0x42, IPP_URI = 0x45 };

struct http_ipp {
	bool is_answer;
};

/* Version, status, number of the request: the rest is a row of attributes in groups. */
static inline bool http_ipp_parse(struct cur *in, struct http_ipp *i)
{
	const uint8_t major = cur_u8(in);

	cur_skip(in, 1);
	i->is_answer = cur_be16(in) < 0x0100; /* it went well */
	cur_skip(in, 4);
	return cur_ok(in) && (major == 1 || major == 2) && cur_peek8(in) < IPP_DELIMITERS;
}

struct http_ipp_attribute {
	uint8_t tag;
	struct cur name, value; /* the name of a further value is empty */
};

/* The next value, or the tag that begins a group. False: no more, or not whole. */
static inline bool http_ipp_attribute_next(struct cur *in, struct http_ipp_attribute *a)
{
	if (!cur_more(in))
		return false;
	a->tag = cur_u8(in);
	a->name = cur_sub(in, 0);
	a->value = cur_sub(in, 0);
	if (a->tag < IPP_DELIMITERS)
		return a->tag != IPP_END;
	a->name = cur_sub(in, cur_be16(in));
	a->value = cur_sub(in, cur_be16(in));
	return cur_ok(in);
}

/* The text without the language before it (RFC 8010, 3.9). */
static inline struct cur http_ipp_text(const struct http_ipp_attribute *a)
{
	struct cur value = a->value;

	if (a->tag == IPP_TEXT_LANGUAGE || a->tag == IPP_NAME_LANGUAGE) {
		cur_skip(&value, cur_be16(&value));
		return cur_sub(&value, cur_be16(&value));
	}
	if (a->tag == IPP_TEXT || a->tag == IPP_NAME || a->tag == IPP_URI)
		return cur_rest(&value);
	return cur_sub(&value, 0);
}

/* ---- tell ---- */

#define HTTP_BODY_TELLS                                                              \
	{FACT_HTTP_TITLE, SAYS, 80}, {FACT_DEVICE_VENDOR, SAYS, 90},                 \
		{FACT_DEVICE_MODEL, SAYS, 90}, {FACT_UPNP_MODEL_NUMBER, SAYS, 90},   \
		{FACT_DEVICE_SERIAL, SAYS, 90}, {FACT_DEVICE_NAME, SAYS, 90},        \
		{FACT_DEVICE_ID, SAYS, 90}, {FACT_PRINTER_MODEL, SAYS, 90},          \
		{FACT_PRINTER_ID, SAYS, 90}, {FACT_PRINTER_LOCATION, SAYS, 90},      \
		{FACT_PRINTER_FIRMWARE, SAYS, 90}, {FACT_DEVICE_FIRMWARE, SAYS, 90}, \
		{FACT_NAME_HOST, SAYS, 90}, {FACT_NAME_WORKGROUP, SAYS, 90},         \
		{FACT_NAME_DOMAIN, SAYS, 90},                                        \
	{                                                                            \
		FACT_PRINTER_IEEE1284, SAYS, 90                                      \
	}

static inline void http_tell_xml(struct task *t, const struct packet *p, enum fact_kind kind,
                                 struct cur window)
{
	struct text text;

	if (xml_text(window, &text))
		tell_string(t, p, sender(p), kind, &text);
}

static inline void http_tell_upnp(struct task *t, const struct packet *p, const struct http_upnp *u)
{
	http_tell_xml(t, p, FACT_DEVICE_VENDOR, u->vendor);
	http_tell_xml(t, p, FACT_DEVICE_MODEL, u->model);
	http_tell_xml(t, p, FACT_UPNP_MODEL_NUMBER, u->number);
	http_tell_xml(t, p, FACT_DEVICE_SERIAL, u->serial);
	http_tell_xml(t, p, FACT_DEVICE_NAME, u->name);
	http_tell_xml(t, p, FACT_DEVICE_ID, u->id);
}

static inline void http_tell_metadata(struct task *t, const struct packet *p,
                                      const struct http_metadata *m)
{
	struct cur computer = m->computer;
	struct http_computer c = {0};

	http_tell_xml(t, p, FACT_DEVICE_VENDOR, m->vendor);
	http_tell_xml(t, p, FACT_DEVICE_MODEL, m->model);
	http_tell_xml(t, p, FACT_UPNP_MODEL_NUMBER, m->number);
	http_tell_xml(t, p, FACT_DEVICE_SERIAL, m->serial);
	http_tell_xml(t, p, FACT_DEVICE_FIRMWARE, m->firmware);
	http_tell_xml(t, p, FACT_DEVICE_NAME, m->name);
	if (!http_computer_parse(&computer, &c))
		return;
	http_tell_xml(t, p, FACT_NAME_HOST, c.name);
	http_tell_xml(t, p, c.is_domain ? FACT_NAME_DOMAIN : FACT_NAME_WORKGROUP, c.group);
}

static inline enum fact_kind http_ipp_kind(struct cur name)
{
	if (WINDOW_IS(name, "printer-make-and-model"))
		return FACT_PRINTER_MODEL;
	if (WINDOW_IS(name, "printer-uuid"))
		return FACT_PRINTER_ID;
	if (WINDOW_IS(name, "printer-location"))
		return FACT_PRINTER_LOCATION;
	if (WINDOW_IS(name, "printer-firmware-string-version"))
		return FACT_PRINTER_FIRMWARE;
	return WINDOW_IS(name, "printer-device-id") ? FACT_PRINTER_IEEE1284 : FACT_NONE;
}

static inline void http_tell_ipp(struct task *t, const struct packet *p, struct cur in)
{
	struct http_ipp_attribute a = {0};
	bool printer = false;

	while (http_ipp_attribute_next(&in, &a)) {
		if (a.tag < IPP_DELIMITERS)
			printer = a.tag == IPP_PRINTER;
		const enum fact_kind kind = printer ? http_ipp_kind(a.name) : FACT_NONE;
		const struct cur text = http_ipp_text(&a);
		if (kind != FACT_NONE && cur_left(&text) > 0)
			tell_text(t, p, sender(p), kind, text);
	}
}

/* body: what of it is looked at. */
static inline void http_tell_document(struct task *t, const struct packet *p,
                                      enum http_document document, struct cur body)
{
	struct http_page page = {0};
	struct http_upnp upnp = {0};
	struct http_metadata metadata = {0};
	struct http_ipp ipp = {0};

	if (document == HTTP_PAGE && http_page_parse(&body, &page))
		tell_string(t, p, sender(p), FACT_HTTP_TITLE, &page.title);
	if (document == HTTP_DESCRIPTION && http_upnp_parse(&body, &upnp))
		http_tell_upnp(t, p, &upnp);
	if (document == HTTP_METADATA && http_metadata_parse(&body, &metadata))
		http_tell_metadata(t, p, &metadata);
	if (document == HTTP_IPP && http_ipp_parse(&body, &ipp) && ipp.is_answer)
		http_tell_ipp(t, p, body);
}
