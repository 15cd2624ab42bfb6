/* SPDX-License-Identifier: Apache-2.0 */
/*
 * browser.c - what Windows and Samba hosts announce to the network neighbourhood.
 *
 * A NetBIOS datagram (RFC 1002, 4.4) carries an SMB transaction to the mailslot \MAILSLOT\BROWSE,
 * and that a browser frame ([MS-BRWS], 2.2). Of its sender tell:
 *
 *	1, 15  a host, or the master browser of a segment: name, version, services, comment
 *	8      an election: the candidate's name
 *	12     a workgroup, by its master browser: the group's name is in the host's place, the
 *	       browser's own in the comment's
 *
 * Hosts announce themselves to a name of their workgroup, so the datagram's destination names it.
 * The datagram has its origin's address: where that is not the packet's, somebody passes it on.
 * Data of several fragments, and other mailslots, are no announcements.
 */
#include "observe/observer.h"

enum { BROWSER_PORT = 138 };
enum { DATAGRAM_UNIQUE = 0x10, DATAGRAM_GROUP = 0x11, DATAGRAM_BROADCAST = 0x12 };
enum { DATAGRAM_LAST = 0x16, DATAGRAM_MORE = 0x01, DATAGRAM_FIRST = 0x02 };
enum { SMB_TRANSACTION = 0x25, SMB_WORDS = 17 };
enum { SUFFIX_MASTER = 0x1d, SUFFIX_BROWSERS = 0x1e };
enum browser_command {
	BROWSER_HOST = 1,
	BROWSER_ELECTION = 8,
	BROWSER_WORKGROUP = 12,
	BROWSER_MASTER = 15
};

struct browser {
	uint8_t type, flags; /* the datagram's */
	struct ip4 source;
	uint8_t to_suffix; /* of the name it is for */
	uint8_t command;
	uint8_t major, minor;
	uint32_t services; /* bits */
	struct text to;
	struct cur frame;   /* of the browser; empty: another mailslot's */
	struct cur name;    /* up to its NUL */
	struct cur comment; /* likewise */
};

/* ---- parse */

/* The frame: a code, then what the code says ([MS-BRWS], 2.2.1 to 2.2.10). */
static void browser_frame_parse(struct cur *in, struct browser *b)
{
	b->command = cur_u8(in);
	switch (b->command) {
	case BROWSER_HOST:
	case BROWSER_WORKGROUP:
	case BROWSER_MASTER: {
		cur_skip(in, 5);
		struct cur name = cur_sub(in, 16);
		b->name = cur_token(&name, "\0");
		b->major = cur_u8(in);
		b->minor = cur_u8(in);
		b->services = cur_le32(in);
		cur_skip(in, 4);
		b->comment = cur_token(in, "\0");
		break;
	}
	case BROWSER_ELECTION:
		cur_skip(in, 13);
		b->name = cur_token(in, "\0");
		break;
	default:
		break;
	}
}

/* The transaction's words: its data's length and place stand in the twelfth and thirteenth. */
static void browser_transaction_parse(struct cur *in, struct browser *b)
{
	struct cur smb = cur_rest(in);
	const uint32_t start = cur_pos(&smb);

	if (!cur_is(&smb, "\xffSMB") || cur_u8(&smb) != SMB_TRANSACTION)
		return;
	cur_skip(&smb, 27);
	if (cur_u8(&smb) != SMB_WORDS)
		return;
	cur_skip(&smb, 22);
	const uint16_t len = cur_le16(&smb);
	const uint16_t offset = cur_le16(&smb);
	cur_skip(&smb, 10);
	if (!cur_is_caseless(&smb, "\\MAILSLOT\\BROWSE"))
		return;
	cur_seek(&smb, start + offset);
	struct cur frame = cur_sub(&smb, len);
	b->frame = cur_sub(&frame, cur_left(&frame));
	struct cur rest = b->frame;
	browser_frame_parse(&rest, b);
	if (!cur_ok(&smb) || !cur_ok(&rest))
		cur_fail(in);
}

static bool browser_parse(struct cur *in, struct browser *b)
{
	struct text from;
	uint8_t suffix;

	b->frame = cur_sub(in, 0);
	b->name = cur_sub(in, 0);
	b->comment = cur_sub(in, 0);
	b->type = cur_u8(in);
	b->flags = cur_u8(in);
	cur_skip(in, 2);
	cur_ip4(in, &b->source);
	cur_skip(in, 6);
	if (b->type < DATAGRAM_UNIQUE || b->type > DATAGRAM_BROADCAST)
		return cur_ok(in) && b->type > DATAGRAM_BROADCAST && b->type <= DATAGRAM_LAST;
	cur_netbios_name(in, &from, &suffix);
	cur_netbios_name(in, &b->to, &b->to_suffix);
	if (cur_ok(in) && (b->flags & (DATAGRAM_FIRST | DATAGRAM_MORE)) == DATAGRAM_FIRST)
		browser_transaction_parse(in, b);
	return cur_ok(in);
}

/* ---- tell */

static void browser_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                              struct cur value)
{
	struct text text;

	cur_text(&value, cur_left(&value), &text);
	text_trim(&text);
	if (text.len > 0)
		tell_string(t, p, sender(p), kind, &text);
}

static void browser_tell_version(struct task *t, const struct packet *p, const struct browser *b)
{
	struct text text;

	text_clear(&text);
	text_decimal(&text, b->major);
	text_put(&text, '.');
	text_decimal(&text, b->minor);
	tell_string(t, p, sender(p), FACT_BROWSER_VERSION, &text);
}

/* [MS-BRWS], 2.2.6: ServerType. Bits that say how browsing goes on, or nothing, have no word. */
static void browser_tell_services(struct task *t, const struct packet *p, uint32_t services)
{
	static const char *const names[32] = {
		[0] = "workstation", [1] = "server",   [2] = "sql",      [3] = "dc",
		[4] = "bdc",         [5] = "time",     [6] = "apple",    [7] = "novell",
		[8] = "member",      [9] = "print",    [10] = "dial-in", [11] = "unix",
		[12] = "nt",         [13] = "wfw",     [14] = "ncp",     [15] = "nt-server",
		[20] = "osf",        [21] = "vms",     [22] = "windows", [23] = "dfs",
		[24] = "cluster",    [25] = "terminal"};
	struct text words;

	text_clear(&words);
	for (uint32_t i = 0; i < COUNT_OF(names); i++) {
		if (names[i] == NULL || (services >> i & 1) == 0)
			continue;
		if (words.len > 0)
			text_put(&words, ',');
		for (uint32_t k = 0; k < TEXT_MAX && names[i][k] != 0; k++)
			text_put(&words, (uint8_t)names[i][k]);
	}
	if (words.len > 0)
		tell_string(t, p, sender(p), FACT_BROWSER_SERVER_TYPE, &words);
	if ((services & 0x18) != 0)
		tell_word(t, p, sender(p), FACT_ROLE, "domain-controller");
}

static void browser_tell_host(struct task *t, const struct packet *p, const struct browser *b)
{
	browser_tell_text(t, p, FACT_NAME_HOST, b->name);
	browser_tell_text(t, p, FACT_BROWSER_COMMENT, b->comment);
	browser_tell_version(t, p, b);
	browser_tell_services(t, p, b->services);
	if (b->to_suffix == SUFFIX_MASTER || b->to_suffix == SUFFIX_BROWSERS)
		tell_string(t, p, sender(p), FACT_NAME_WORKGROUP, &b->to);
}

static enum verdict browser_packet(struct task *t, struct packet *p, void *state)
{
	struct browser b = {0};

	(void)state;
	if (!browser_parse(&p->rest, &b))
		return b.type >= DATAGRAM_UNIQUE && b.type <= DATAGRAM_LAST ? MALFORMED : NOT_MINE;
	const struct ip source = ip_from4(b.source);
	if (cur_left(&b.frame) == 0 || !ip_equal(&source, &p->from))
		return NOTHING;
	switch ((enum browser_command)b.command) {
	case BROWSER_HOST:
	case BROWSER_MASTER:
		browser_tell_host(t, p, &b);
		return LEARNED;
	case BROWSER_WORKGROUP:
		browser_tell_text(t, p, FACT_NAME_WORKGROUP, b.name);
		browser_tell_text(t, p, FACT_NAME_HOST, b.comment);
		return LEARNED;
	case BROWSER_ELECTION:
		browser_tell_text(t, p, FACT_NAME_HOST, b.name);
		return LEARNED;
	default:
		return NOTHING;
	}
}

SHOW(browser, struct browser, FIELD(struct browser, type, SHOW_HEX),
     FIELD(struct browser, source, SHOW_IP4), FIELD(struct browser, to, SHOW_TEXT),
     FIELD(struct browser, to_suffix, SHOW_HEX), FIELD(struct browser, command, SHOW_NUMBER),
     FIELD(struct browser, major, SHOW_NUMBER), FIELD(struct browser, minor, SHOW_NUMBER),
     FIELD(struct browser, services, SHOW_HEX))

const struct observer observer_browser = {
	.name = "browser",
	.about = "hosts of the Windows network neighbourhood",
	.spec = "[MS-BRWS], RFC 1002",
	.claims = CLAIMS({UDP_PORT, BROWSER_PORT, NULL}),
	.tells = TELLS({FACT_NAME_HOST, SAYS, 85}, {FACT_NAME_WORKGROUP, SAYS, 80},
                       {FACT_BROWSER_COMMENT, SAYS, 90}, {FACT_BROWSER_VERSION, SAYS, 80},
                       {FACT_BROWSER_SERVER_TYPE, SAYS, 80}, {FACT_ROLE, SAYS, 80}),
	.shows = SHOWS(&browser_show),
	.packet = browser_packet,
};

PROVE(browser_parse, struct browser)
