/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smb.c - file servers and their clients by how they begin: SMB 1, 2 and 3 over TCP.
 *
 * Messages follow each other, each behind its length, directly (port 445) or in a NetBIOS session
 * (139; RFC 1002, 4.3), which begins with the names of both hosts. Of all that follows only the
 * negotiation and the session setup say who is there:
 *
 *	SMB 1     NativeOS and NativeLanMan, of each side; the server's GUID ([MS-SMB], [MS-CIFS])
 *	SMB 2, 3  ClientGuid and ServerGuid, the dialect, the server's start time ([MS-SMB2])
 *
 * and both carry NTLM messages in their security blobs. A client may begin with SMB 1 and be
 * answered in SMB 2. Hashes of passwords are read over. Encrypted and compressed messages say
 * nothing.
 *
 * In SMB 1 each message's form follows from its number of words. Its texts are in Unicode at even
 * offsets from the header, or in a character set of DOS; the last may lack its end. Some programs
 * leave out the byte that brings the texts there, or put it where none is due (Python's Impacket).
 */
#include "observe/shared/ntlmssp.h"

enum { SMB_PORT = 445, SMB_SESSION_PORT = 139 };
enum { SESSION_MESSAGE = 0x00, SESSION_REQUEST = 0x81, SESSION_KEEPALIVE = 0x85 };
enum { SMB1_NEGOTIATE = 0x72, SMB1_SESSION_SETUP = 0x73 };
enum { SMB1_REPLY = 0x80, SMB1_EXTENDED = 0x0800, SMB1_UNICODE = 0x8000 };
enum { SMB2_NEGOTIATE = 0, SMB2_SESSION_SETUP = 1, SMB2_REPLY = 1 };
enum { SMB2_WILDCARD = 0x02ff };
enum { FILETIME_1970 = 116444736 }; /* hundreds of seconds from 1601 to 1970 */

struct smb {
	uint8_t type;    /* of the session's message */
	struct cur body; /* one message, or the names of a session request */
	bool more;       /* it is not whole yet */
};

/* An SMB 1 negotiation's answer or session setup. */
struct smb1 {
	uint8_t command, flags;
	uint16_t flags2;
	uint8_t words;
	struct cur blob;
	struct cur texts; /* NativeOS, NativeLanMan, and what follows */
	uint32_t start;   /* offset of the header */
	struct cur guid;
};

struct smb2 {
	uint16_t command;
	uint32_t flags;
	uint16_t dialect; /* the chosen one */
	uint16_t security;
	uint64_t started; /* 100 ns since 1601; 0: not told */
	struct cur guid;
	struct cur blob;
};

struct smb_names {
	struct text called, calling;
	uint8_t called_suffix, calling_suffix;
};

/* ---- parse */

static bool smb_type_is(uint8_t type)
{
	return type == SESSION_MESSAGE || (type >= SESSION_REQUEST && type <= SESSION_KEEPALIVE);
}

/* Takes a message off the stream. False: it is not whole yet, or it is none. */
static bool smb_parse(struct cur *in, struct smb *s)
{
	s->type = cur_u8(in);
	const uint32_t len = cur_be24(in);
	s->more = !cur_ok(in) || cur_left(in) < len;
	s->body = cur_sub(in, len);
	return cur_ok(in) && smb_type_is(s->type);
}

static bool smb_names_parse(struct cur *in, struct smb_names *n)
{
	cur_netbios_name(in, &n->called, &n->called_suffix);
	cur_netbios_name(in, &n->calling, &n->calling_suffix);
	return cur_ok(in);
}

/* Do two letters of ASCII stand here? */
static bool smb1_has_letters(struct cur in)
{
	const uint16_t first = cur_le16(&in), second = cur_le16(&in);

	return cur_ok(&in) && first > 0 && first < 0x80 && second > 0 && second < 0x80;
}

/* Is the next byte there for the text's offset? Letters decide before the rule does. */
static bool smb1_is_padded(struct cur in, const struct smb1 *m)
{
	const bool is_odd = (cur_pos(&in) - m->start) % 2 != 0;

	if (cur_left(&in) == 0 || smb1_has_letters(in))
		return false;
	cur_skip(&in, 1);
	return is_odd || smb1_has_letters(in);
}

/* A text of SMB 1: up to its NUL, or to the end. */
static void smb1_text(struct cur *in, const struct smb1 *m, struct text *text)
{
	if ((m->flags2 & SMB1_UNICODE) == 0) {
		struct cur value = cur_token(in, "\0");
		cur_text(&value, cur_left(&value), text);
		if (cur_left(in) > 0)
			cur_skip(in, 1);
		return;
	}
	if (smb1_is_padded(*in, m))
		cur_skip(in, 1);
	struct cur value = *in;
	struct cur walk = *in;
	uint32_t len = 0;
	bool ended = false;
	while (cur_more(&walk) && !ended && cur_left(&walk) >= 2) {
		ended = cur_le16(&walk) == 0;
		len += ended ? 0 : 2;
	}
	cur_utf16le(&value, len, text);
	cur_skip(in, ended ? len + 2 : cur_left(in));
}

/* 13 words, NT LAN Manager's: two passwords, an account and a domain before the texts; 12, with
 * extended security: a blob before them ([MS-CIFS], 2.2.4.53; [MS-SMB], 2.2.4.6). */
static void smb1_request_parse(struct cur *words, struct cur *bytes, struct smb1 *m)
{
	struct text skipped;

	if (m->words != 12 && m->words != 13)
		return;
	cur_skip(words, 14);
	const uint16_t first = cur_le16(words);
	if (m->words == 12) {
		m->blob = cur_sub(bytes, first);
	} else {
		cur_skip(bytes, first);
		cur_skip(bytes, cur_le16(words));
		smb1_text(bytes, m, &skipped);
		smb1_text(bytes, m, &skipped);
	}
	m->texts = cur_rest(bytes);
}

static void smb1_response_parse(struct cur *words, struct cur *bytes, struct smb1 *m)
{
	if (m->words != 3 && m->words != 4)
		return;
	cur_skip(words, 6);
	if (m->words == 4)
		m->blob = cur_sub(bytes, cur_le16(words));
	m->texts = cur_rest(bytes);
}

static void smb1_body_parse(struct cur *words, struct cur *bytes, struct smb1 *m)
{
	const bool reply = (m->flags & SMB1_REPLY) != 0;

	if (m->command == SMB1_SESSION_SETUP && !reply)
		smb1_request_parse(words, bytes, m);
	if (m->command == SMB1_SESSION_SETUP && reply)
		smb1_response_parse(words, bytes, m);
	if (m->command == SMB1_NEGOTIATE && reply && m->words == 17 &&
	    (m->flags2 & SMB1_EXTENDED) != 0) {
		m->guid = cur_sub(bytes, 16);
		m->blob = cur_rest(bytes);
	}
	if (!cur_ok(words))
		cur_fail(bytes);
}

static bool smb1_parse(struct cur *in, struct smb1 *m)
{
	m->start = cur_pos(in);
	m->blob = cur_sub(in, 0);
	m->texts = cur_sub(in, 0);
	m->guid = cur_sub(in, 0);
	if (!cur_is(in, "\xffSMB"))
		return false;
	m->command = cur_u8(in);
	cur_skip(in, 4);
	m->flags = cur_u8(in);
	m->flags2 = cur_le16(in);
	cur_skip(in, 20);
	m->words = cur_u8(in);
	struct cur words = cur_sub(in, m->words * 2u);
	/*
	 * Some count a text's end that they do not send, or do not count it: what is there counts.
	 */
	cur_skip(in, 2);
	struct cur bytes = cur_rest(in);
	if (!cur_ok(in))
		return false;
	smb1_body_parse(&words, &bytes, m);
	return cur_ok(&bytes);
}

static void smb2_negotiate_parse(struct cur *in, struct smb2 *m)
{
	if ((m->flags & SMB2_REPLY) == 0) {
		cur_skip(in, 12);
		m->guid = cur_sub(in, 16);
		return;
	}
	cur_skip(in, 2);
	m->security = cur_le16(in);
	m->dialect = cur_le16(in);
	cur_skip(in, 2);
	m->guid = cur_sub(in, 16);
	cur_skip(in, 24);
	m->started = cur_le64(in);
}

static void smb2_setup_parse(struct cur *in, uint32_t start, struct smb2 *m)
{
	cur_skip(in, (m->flags & SMB2_REPLY) != 0 ? 4 : 12);
	const uint16_t offset = cur_le16(in);
	const uint16_t len = cur_le16(in);
	struct cur whole = *in;
	if (len == 0)
		return;
	cur_seek(&whole, start + offset);
	m->blob = cur_sub(&whole, len);
	if (!cur_ok(&whole))
		cur_fail(in);
}

/* An answer that only says what failed has a body of 9 bytes ([MS-SMB2], 2.2.2). */
static bool smb2_parse(struct cur *in, struct smb2 *m)
{
	const uint32_t start = cur_pos(in);

	m->guid = cur_sub(in, 0);
	m->blob = cur_sub(in, 0);
	if (!cur_is(in, "\xfeSMB"))
		return false;
	cur_skip(in, 8);
	m->command = cur_le16(in);
	cur_skip(in, 2);
	m->flags = cur_le32(in);
	cur_skip(in, 44);
	const bool reply = (m->flags & SMB2_REPLY) != 0;
	const uint8_t size = cur_peek8(in);
	if (m->command == SMB2_NEGOTIATE && size == (reply ? 65 : 36))
		smb2_negotiate_parse(in, m);
	if (m->command == SMB2_SESSION_SETUP && size == (reply ? 9 : 25))
		smb2_setup_parse(in, start, m);
	return cur_ok(in);
}

/* ---- tell */

/* As Microsoft writes them: the first three groups are little-endian ([MS-DTYP], 2.3.4.3). */
static void smb_tell_guid(struct task *t, const struct packet *p, enum fact_kind kind,
                          struct cur guid)
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	uint8_t bytes[16] = {0};
	uint32_t any = 0;
	struct text text;

	if (!cur_copy(&guid, bytes, sizeof bytes, sizeof bytes))
		return;
	text_clear(&text);
	for (uint32_t i = 0; i < sizeof bytes; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text_put(&text, '-');
		text_hex(&text, bytes[order[i]]);
		any |= bytes[i];
	}
	if (any != 0)
		tell_string(t, p, sender(p), kind, &text);
}

static void smb_tell_native(struct task *t, const struct packet *p, const struct smb1 *m)
{
	struct cur texts = m->texts;
	struct text os, lanman;

	if (cur_left(&texts) == 0)
		return;
	smb1_text(&texts, m, &os);
	smb1_text(&texts, m, &lanman);
	text_trim(&os);
	text_trim(&lanman);
	if (os.len > 0)
		tell_string(t, p, sender(p), FACT_SMB_NATIVE_OS, &os);
	if (lanman.len > 0)
		tell_string(t, p, sender(p), FACT_SMB_NATIVE_LANMAN, &lanman);
}

static enum verdict smb1_message(struct task *t, const struct packet *p, struct cur body)
{
	struct smb1 m = {0};

	if (!smb1_parse(&body, &m))
		return MALFORMED;
	if (cur_left(&m.texts) + cur_left(&m.blob) + cur_left(&m.guid) == 0)
		return NOTHING;
	smb_tell_guid(t, p, FACT_SMB_SERVER_GUID, m.guid);
	ntlmssp_tell(t, p, m.blob);
	smb_tell_native(t, p, &m);
	return LEARNED;
}

/* 0x0302 is 3.0.2. */
static void smb2_tell_dialect(struct task *t, const struct packet *p, uint16_t dialect)
{
	struct text text;

	if (dialect == SMB2_WILDCARD)
		return;
	text_clear(&text);
	text_decimal(&text, dialect >> 8);
	text_put(&text, '.');
	text_decimal(&text, dialect >> 4 & 15);
	if ((dialect & 15) != 0) {
		text_put(&text, '.');
		text_decimal(&text, dialect & 15);
	}
	tell_string(t, p, sender(p), FACT_SMB_DIALECT, &text);
}

static void smb2_tell_server(struct task *t, const struct packet *p, const struct smb2 *m)
{
	const uint64_t since = m->started / 10000000;

	smb_tell_guid(t, p, FACT_SMB_SERVER_GUID, m->guid);
	smb2_tell_dialect(t, p, m->dialect);
	if ((m->security & 2) != 0)
		tell_word(t, p, sender(p), FACT_SMB_SIGNING, "required");
	if (since > FILETIME_1970 * 100ull && since - FILETIME_1970 * 100ull < UINT32_MAX)
		tell_number(t, p, sender(p), FACT_SMB_START_TIME,
		            (uint32_t)(since - FILETIME_1970 * 100ull));
}

static enum verdict smb2_message(struct task *t, const struct packet *p, struct cur body)
{
	struct smb2 m = {0};

	if (!smb2_parse(&body, &m))
		return MALFORMED;
	if (cur_left(&m.guid) > 0 && (m.flags & SMB2_REPLY) != 0)
		smb2_tell_server(t, p, &m);
	else if (cur_left(&m.guid) > 0)
		smb_tell_guid(t, p, FACT_SMB_CLIENT_GUID, m.guid);
	else if (!ntlmssp_tell(t, p, m.blob))
		return NOTHING;
	return LEARNED;
}

static enum verdict smb_session(struct task *t, const struct packet *p, struct cur body)
{
	struct smb_names n = {0};

	if (!smb_names_parse(&body, &n))
		return MALFORMED;
	if (n.calling.len == 0 || (n.calling_suffix != 0x00 && n.calling_suffix != 0x20))
		return NOTHING;
	tell_string(t, p, sender(p), FACT_NAME_HOST, &n.calling);
	return LEARNED;
}

static enum verdict smb_message(struct task *t, const struct packet *p, const struct smb *s)
{
	struct cur magic = s->body;

	if (s->type == SESSION_REQUEST)
		return smb_session(t, p, s->body);
	if (s->type != SESSION_MESSAGE || cur_left(&s->body) == 0)
		return NOTHING;
	const uint8_t version = cur_u8(&magic);
	if (!cur_is(&magic, "SMB") || version < 0xfc)
		return NOT_MINE;
	if (version == 0xff)
		return smb1_message(t, p, s->body);
	return version == 0xfe ? smb2_message(t, p, s->body) : NOTHING;
}

static enum verdict smb_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct smb m = {0};

	(void)state;
	if (!smb_parse(in, &m)) {
		if (!smb_type_is(m.type))
			return NOT_MINE;
		return s->end ? NOTHING : NEED_MORE;
	}
	return smb_message(t, p, &m);
}

SHOW(smb, struct smb, FIELD(struct smb, type, SHOW_HEX), FIELD(struct smb, more, SHOW_BOOL))
SHOW(smb1, struct smb1, FIELD(struct smb1, command, SHOW_HEX), FIELD(struct smb1, flags, SHOW_HEX),
     FIELD(struct smb1, flags2, SHOW_HEX), FIELD(struct smb1, words, SHOW_NUMBER))
SHOW(smb2, struct smb2, FIELD(struct smb2, command, SHOW_NUMBER),
     FIELD(struct smb2, flags, SHOW_HEX), FIELD(struct smb2, dialect, SHOW_HEX),
     FIELD(struct smb2, security, SHOW_HEX))
SHOW(ntlmssp, struct ntlmssp, FIELD(struct ntlmssp, type, SHOW_NUMBER),
     FIELD(struct ntlmssp, flags, SHOW_HEX), FIELD(struct ntlmssp, pairs, SHOW_NUMBER),
     FIELD(struct ntlmssp, major, SHOW_NUMBER), FIELD(struct ntlmssp, minor, SHOW_NUMBER),
     FIELD(struct ntlmssp, build, SHOW_NUMBER))

const struct observer observer_smb = {
	.name = "smb",
	.about = "file servers and their clients by how a session begins",
	.spec = "[MS-CIFS], [MS-SMB], [MS-SMB2], [MS-NLMP], RFC 1002",
	.claims = CLAIMS({TCP_PORT, SMB_PORT, NULL}, {TCP_PORT, SMB_SESSION_PORT, NULL},
                         {TCP_SNIFF, 0, "00 ?? ?? ?? ff 'SMB'"},
                         {TCP_SNIFF, 0, "00 ?? ?? ?? fe 'SMB'"}),
	.tells =
		TELLS({FACT_NAME_HOST, SAYS, 80}, {FACT_SMB_NATIVE_OS, SAYS, 85},
                      {FACT_SMB_NATIVE_LANMAN, SAYS, 85}, {FACT_SMB_SERVER_GUID, SAYS, 95},
                      {FACT_SMB_CLIENT_GUID, SAYS, 95}, {FACT_SMB_DIALECT, SAYS, 90},
                      {FACT_SMB_SIGNING, SAYS, 90}, {FACT_SMB_START_TIME, SAYS, 80}, NTLMSSP_TELLS),
	.shows = SHOWS(&smb_show, &smb1_show, &smb2_show, &ntlmssp_show),
	.stream = smb_stream,
};

PROVE(smb_parse, struct smb)
PROVE(smb_names_parse, struct smb_names)
PROVE(smb1_parse, struct smb1)
PROVE(smb2_parse, struct smb2)
PROVE(ntlmssp_parse, struct ntlmssp)
