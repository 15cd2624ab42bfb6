/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.c - the JSON Schema of a report's lines.
 *
 * A line is a table of keys, here in their order; what a key holds is another table or a type. A
 * key that is not always there is marked. Kinds of facts come from facts.def, counters from
 * counters.def. What does not change with a new kind stands in doc/schema; a test holds that to
 * this, and every line to both.
 */
#include "report/schema.h"

#include "asset/fact.h"
#include "observe/counters.h"

#include <stdbool.h>
#include <string.h>

enum type {
	TEXT,
	NUMBER,
	BOOL,
	TIME,
	MAC,
	IP,
	HEX,
	WORD,
	LIST,
	OBJECT,
	NUMBERS,
	KIND,
	COUNTERS_OF
};

struct key {
	const char *name;
	enum type type;
	bool sometimes;
	const char
		*detail; /* WORD: the words, parted by spaces; LIST, OBJECT: the shape; "": texts */
	const char *about;
};

struct shape {
	const char *name;
	bool line; /* begins with the keys that all lines have */
	const struct key *keys;
	unsigned count;
};

static const struct key fact_keys[] = {
	{"kind", KIND, false, NULL, "what it is about: see x-kinds"},
	{"value", TEXT, false, NULL, "an invalid byte or a control stands as \\u00XX"},
	{"ip", IP, true, NULL, "the address that carried it"},
	{"by", TEXT, false, NULL, "the observer that told it; reporter: concluded"},
	{"grade", WORD, true, "owner local via",
         "of an address: claimed by the MAC, used by it, or of a host behind it"},
	{"confidence", NUMBER, false, NULL, "0 to 100"},
	{"first_seen", TIME, false, NULL, "time of the first packet that showed it"},
	{"frame", NUMBER, false, NULL, "number of that frame"},
	{"last_seen", TIME, false, NULL, "time of the last packet that showed it"},
	{"count", NUMBER, false, NULL, "packets that showed it"},
	{"raw", HEX, true, NULL, "the bytes, where some stand as \\u00XX"},
	{"cut", BOOL, true, NULL, "the text was longer than 1,024 bytes"},
};

static const struct key conclusion_keys[] = {
	{"about", WORD, false, "vendor model os type role software", "what it is"},
	{"value", TEXT, false, NULL, "the conclusion"},
	{"version", TEXT, true, NULL, "of an os or software"},
	{"confidence", NUMBER, false, NULL,
         "1 to 99: of a hundred such conclusions so many are right"},
	{"rule", TEXT, false, NULL, "that counted most; oui: the MAC's prefix"},
	{"cpe", TEXT, true, NULL, "its name in the Common Platform Enumeration"},
};

static const struct key device_keys[] = {
	{"mac", MAC, true, NULL, "absent for a host known by its address alone"},
	{"ip", IP, true, NULL, "in place of mac"},
	{"via", MAC, true, NULL, "the router that carried most of its packets"},
	{"realm", TEXT, false, NULL, "the tunnel it is in; empty: none"},
	{"vendor", TEXT, false, NULL, "concluded from the facts; without any, by the MAC's prefix"},
	{"mac_kind", WORD, false, "universal random virtual ", "empty without a MAC"},
	{"name", TEXT, false, NULL, "concluded from the facts"},
	{"os", TEXT, false, NULL, "concluded from the facts"},
	{"model", TEXT, false, NULL, "concluded from the facts"},
	{"type", TEXT, false, NULL, "what kind of device it is: printer, switch ..."},
	{"roles", LIST, false, "", "concluded from the facts, sorted"},
	{"concluded", LIST, false, "conclusion", "all of these conclusions, with confidence"},
	{"first_seen", TIME, false, NULL, "time of its first packet"},
	{"last_seen", TIME, false, NULL, "time of its last packet"},
	{"packets", NUMBER, false, NULL, "that it sent; 0: others named it"},
	{"bytes", NUMBER, false, NULL, "of these on the wire; 0: not known"},
	{"facts", LIST, false, "fact", "sorted by kind, value, by, ip"},
	{"facts_omitted", NUMBER, true, NULL, "facts for which a record of 256 KiB had no room"},
};

static const struct key evidence_keys[] = {
	{"mac", MAC, false, NULL, "who claimed the address"},
	{"first_seen", TIME, false, NULL, "time of its first claim"},
	{"frame", NUMBER, false, NULL, "number of that frame"},
	{"last_seen", TIME, false, NULL, "time of its last claim"},
	{"count", NUMBER, false, NULL, "packets that claimed it"},
};

static const struct key identity_keys_keys[] = {
	{"kind", TEXT, false, NULL, "of the fact that shows it; mac: the address itself"},
	{"value", TEXT, false, NULL, "as the fact has it"},
	{"about", TEXT, false, NULL, "what it is"},
};

static const struct key interface_keys[] = {
	{"name", TEXT, false, NULL, "empty: the capture does not say"},
	{"linktype", TEXT, false, NULL, "by its tcpdump.org name"},
};

static const struct key unclaimed_keys[] = {
	{"space", TEXT, false, NULL, "ethertype, udp_port ..."},
	{"key", NUMBER, false, NULL, "the number nobody claims"},
	{"packets", NUMBER, false, NULL, "that had it"},
};

static const struct key hello_keys[] = {
	{"version", TEXT, false, NULL, "of the program"},
	{"live", BOOL, false, NULL, "false: capture files"},
	{"interfaces", LIST, false, "interface", "what is listened to"},
};

static const struct key line_device_keys[] = {
	{"full", BOOL, false, NULL, "this report lists all devices"},
	{"device", OBJECT, false, "device", "the whole record: it replaces the last"},
};

static const struct key change_keys[] = {
	{"what", WORD, false,
         "new gone back joined split address-added address-moved address-duplicate arp-spoofing "
         "gateway-changed rogue-dhcp rogue-ra name-changed",
         "the change"},
	{"mac", MAC, true, NULL, "of which record"},
	{"ip", IP, true, NULL, "in place of mac"},
	{"via", MAC, true, NULL, "its router"},
	{"realm", TEXT, false, NULL, "the tunnel it is in"},
	{"address", IP, true, NULL, "the address it is about"},
	{"vlan", NUMBER, true, NULL, "in which VLAN, of changes of who holds an address"},
	{"before", TEXT, false, NULL,
         "a name, the MAC that had the address or serves, the group's id"},
	{"after", TEXT, false, NULL, "a name, the MAC that has it now, the group's id"},
	{"flip_flop", BOOL, true, NULL, "two claimed it at least three times each"},
	{"evidence", LIST, false, "evidence", "who claimed the address, or serves"},
	{"keys", LIST, true, "identity_key",
         "of joined and split: what ties the records, or parts them"},
};

static const struct key end_keys[] = {
	{"devices", NUMBER, false, NULL, "device lines of this full report"}};

static const struct key health_keys[] = {
	{"captured", NUMBER, false, NULL, "frames read"},
	{"malformed", NUMBER, false, NULL, "packets that an observer found broken"},
	{"unclaimed", NUMBER, false, NULL, "packets whose key no observer claims"},
	{"refused", NUMBER, false, NULL, "facts that a limit refused, and frames of strangers"},
	{"evicted", NUMBER, false, NULL, "devices that a limit threw out"},
	{"counters", COUNTERS_OF, false, NULL, "of all tasks"},
	{"observers", NUMBERS, false, "observer", "verdicts, by observer"},
	{"unclaimed_keys", LIST, false, "unclaimed", "most packets first"},
	{"coverage", LIST, false, "coverage", "how much is seen, by VLAN"},
	{"reporter", NUMBERS, false, NULL, "what the reporter holds and did"},
	{"gauges", NUMBERS, false, NULL, "of sources, channels and sinks"},
};

static const struct key observer_keys[] = {
	{"learned", NUMBER, false, NULL, "packets that told something"},
	{"nothing", NUMBER, false, NULL, "well-formed packets that did not"},
	{"malformed", NUMBER, false, NULL, "broken packets"},
	{"not_mine", NUMBER, false, NULL, "packets of another protocol"},
	{"need_more", NUMBER, false, NULL, "calls that waited for more of a stream"},
	{"truncated", NUMBER, false, NULL, "packets cut by the capture"},
};

static const struct key coverage_keys[] = {
	{"vlan", NUMBER, false, NULL, "0: untagged; 4096: those for which there was no room"},
	{"tcp", NUMBER, false, NULL, "TCP conversations"},
	{"tcp_one_way", NUMBER, false, NULL, "of these, one side was never seen"},
	{"udp", NUMBER, false, NULL, "conversations of datagrams between two"},
	{"udp_one_way", NUMBER, false, NULL, "of these, one side was never seen"},
	{"to_groups", NUMBER, false, NULL, "conversations of datagrams to a group or to all"},
	{"tcp_bytes", NUMBER, false, NULL, "bytes of TCP that were seen"},
	{"tcp_bytes_lost", NUMBER, false, NULL, "that were acknowledged but never seen"},
	{"asked", NUMBER, false, NULL, "addresses that somebody asked for (ARP, NDP)"},
	{"asked_silent", NUMBER, false, NULL, "of these, nothing ever came from"},
	{"says", LIST, false, "", "what these numbers say, in sentences"},
};

static const struct key bye_keys[] = {
	{"lines", NUMBER, false, NULL, "lines of this run, this one included"}};

#define SHAPE(name, line, keys)                  \
	{                                        \
		name, line, keys, COUNT_OF(keys) \
	}
static const struct shape shapes[] = {
	SHAPE("hello", true, hello_keys),
	SHAPE("device", true, line_device_keys),
	SHAPE("change", true, change_keys),
	SHAPE("end", true, end_keys),
	SHAPE("health", true, health_keys),
	SHAPE("bye", true, bye_keys),
	SHAPE("fact", false, fact_keys),
	SHAPE("record", false, device_keys),
	SHAPE("conclusion", false, conclusion_keys),
	SHAPE("evidence", false, evidence_keys),
	SHAPE("identity_key", false, identity_keys_keys),
	SHAPE("interface", false, interface_keys),
	SHAPE("unclaimed", false, unclaimed_keys),
	SHAPE("coverage", false, coverage_keys),
	SHAPE("observer", false, observer_keys),
};

/* ---- writing ---- */

static void put(struct emit *j, const char *key, const char *text)
{
	emit_key(j, key);
	emit_string(j, text);
}

static void put_pattern(struct emit *j, const char *pattern)
{
	put(j, "type", "string");
	put(j, "pattern", pattern);
}

static void put_reference(struct emit *j, const char *shape)
{
	char text[64] = "#/$defs/";

	strncat(text, shape, sizeof text - sizeof "#/$defs/");
	put(j, "$ref", text);
}

/* Words parted by spaces; one at the end stands for the empty word. */
static void put_words(struct emit *j, const char *words)
{
	emit_key(j, "enum");
	emit_open(j, '[');
	for (const char *at = words;; at++) {
		const size_t len = strcspn(at, " ");
		emit_text(j, (const uint8_t *)at, len);
		at += len;
		if (*at == 0)
			break;
	}
	emit_close(j, ']');
}

/* A name of a kind or a counter in general. */
#define NAME_PATTERN "^[a-z0-9_]+([.][a-z0-9_]+)*$"

static void put_kinds(struct emit *j, bool all)
{
	if (!all) {
		put_pattern(j, NAME_PATTERN);
		return;
	}
	emit_key(j, "enum");
	emit_open(j, '[');
	for (unsigned k = FACT_NONE + 1; k < FACT_KINDS; k++)
		if (k != FACT_SEEN)
			emit_string(j, fact_info((enum fact_kind)k)->wire);
	emit_close(j, ']');
}

static void put_number(struct emit *j)
{
	put(j, "type", "integer");
	emit_key(j, "minimum");
	emit_number(j, 0);
}

static void put_counters(struct emit *j)
{
	put(j, "type", "object");
	emit_key(j, "properties");
	emit_open(j, '{');
	for (unsigned i = 0; i < COUNTERS_COUNT; i++) {
		emit_key(j, counter_info((enum counter)i)->wire);
		emit_open(j, '{');
		put_number(j);
		put(j, "description", counter_info((enum counter)i)->about);
		emit_close(j, '}');
	}
	emit_close(j, '}');
	emit_key(j, "additionalProperties");
	emit_bool(j, false);
}

static void put_numbers(struct emit *j, const char *shape)
{
	put(j, "type", "object");
	emit_key(j, "additionalProperties");
	emit_open(j, '{');
	if (shape != NULL)
		put_reference(j, shape);
	else
		put_number(j);
	emit_close(j, '}');
}

static void put_list(struct emit *j, const char *shape)
{
	put(j, "type", "array");
	emit_key(j, "items");
	emit_open(j, '{');
	if (shape[0] == 0)
		put(j, "type", "string");
	else
		put_reference(j, shape);
	emit_close(j, '}');
}

static void put_type(struct emit *j, const struct key *k, bool all)
{
	switch (k->type) {
	case TEXT:
		put(j, "type", "string");
		break;
	case NUMBER:
		put_number(j);
		break;
	case BOOL:
		put(j, "type", "boolean");
		break;
	case TIME:
		put_pattern(j,
		            "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z$");
		break;
	case MAC:
		put_pattern(j, "^([0-9a-f]{2}:){5}[0-9a-f]{2}$");
		break;
	case IP:
		put_pattern(j, "^[0-9a-f:.]+$");
		break;
	case HEX:
		put_pattern(j, "^([0-9a-f]{2})+$");
		break;
	case WORD:
		put_words(j, k->detail);
		break;
	case LIST:
		put_list(j, k->detail);
		break;
	case OBJECT:
		put_reference(j, "record");
		break;
	case NUMBERS:
		put_numbers(j, k->detail);
		break;
	case KIND:
		put_kinds(j, all);
		break;
	case COUNTERS_OF:
		if (all)
			put_counters(j);
		else
			put_numbers(j, NULL);
		break;
	}
}

static void put_key(struct emit *j, const struct key *k, bool all)
{
	emit_key(j, k->name);
	emit_open(j, '{');
	put_type(j, k, all);
	put(j, "description", k->about);
	emit_close(j, '}');
}

static const struct key head_keys[] = {
	{"schema", WORD, false, "havainto/1", "this schema"},
	{"type", WORD, false, NULL, "of the line"},
	{"sensor", TEXT, false, NULL, "who reports"},
	{"boot", NUMBER, false, NULL, "a counter of its starts; 0 for capture files"},
	{"seq", NUMBER, false, NULL, "number of the line in this boot, from 1"},
	{"time", TIME, false, NULL, "of the report, in the time of packets"},
};

static void put_required(struct emit *j, const struct shape *s)
{
	emit_key(j, "required");
	emit_open(j, '[');
	for (size_t i = 0; s->line && i < COUNT_OF(head_keys); i++)
		emit_string(j, head_keys[i].name);
	for (unsigned i = 0; i < s->count; i++)
		if (!s->keys[i].sometimes)
			emit_string(j, s->keys[i].name);
	emit_close(j, ']');
}

static void put_shape(struct emit *j, const struct shape *s, bool all)
{
	emit_key(j, s->name);
	emit_open(j, '{');
	put(j, "type", "object");
	emit_key(j, "properties");
	emit_open(j, '{');
	for (size_t i = 0; s->line && i < COUNT_OF(head_keys); i++) {
		struct key k = head_keys[i];
		if (k.detail == NULL)
			k.detail = s->name; /* "type" */
		put_key(j, &k, all);
	}
	for (unsigned i = 0; i < s->count; i++)
		put_key(j, &s->keys[i], all);
	emit_close(j, '}');
	put_required(j, s);
	emit_key(j, "additionalProperties");
	emit_bool(j, false);
	emit_close(j, '}');
}

static void put_kind_table(struct emit *j)
{
	static const char *const encodings[] = {[VALUE_NOTHING] = "nothing",
	                                        [VALUE_TEXT] = "text",
	                                        [VALUE_HEX] = "hex digits",
	                                        [VALUE_CODES] = "decimal codes joined by commas",
	                                        [VALUE_NUMBER] = "decimal number",
	                                        [VALUE_IPV4] = "IPv4 address",
	                                        [VALUE_IPV6] = "IPv6 address",
	                                        [VALUE_MAC] = "MAC address",
	                                        [VALUE_SERVICE] = "tcp/PORT or udp/PORT"};

	emit_key(j, "x-kinds");
	emit_open(j, '{');
	for (unsigned k = FACT_NONE + 1; k < FACT_KINDS; k++) {
		const struct fact_info *const info = fact_info((enum fact_kind)k);
		if (k == FACT_SEEN)
			continue;
		emit_key(j, info->wire);
		emit_open(j, '{');
		put(j, "value", encodings[info->value]);
		emit_key(j, "keep");
		emit_number(j, info->keep);
		put(j, "privacy", info->privacy == PERSONAL ? "personal" : "public");
		put(j, "description", info->about);
		emit_close(j, '}');
	}
	emit_close(j, '}');
}

void write_schema(struct emit *j, bool all)
{
	emit_open(j, '{');
	put(j, "$schema", "https://json-schema.org/draft/2020-12/schema");
	put(j, "title", "havainto/1");
	put(j, "description",
	    "A line of a report: one JSON object, its keys in the order of properties here");
	emit_key(j, "oneOf");
	emit_open(j, '[');
	for (size_t i = 0; i < COUNT_OF(shapes) && shapes[i].line; i++) {
		emit_open(j, '{');
		put_reference(j, shapes[i].name);
		emit_close(j, '}');
	}
	emit_close(j, ']');
	emit_key(j, "$defs");
	emit_open(j, '{');
	for (size_t i = 0; i < COUNT_OF(shapes); i++)
		put_shape(j, &shapes[i], all);
	emit_close(j, '}');
	if (all)
		put_kind_table(j);
	emit_close(j, '}');
}
