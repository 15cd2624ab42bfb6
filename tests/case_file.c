/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_file.c - the language of case files.
 *
 * A line that begins with a blank goes on with the statement above; # begins a comment. Bytes are
 * hex digits in any grouping, and "text" with \n \r \t \0 \" \\ \xHH. A case's frames, in order:
 *
 *	about    what is shown, one sentence
 *	linktype 113                      of the frames below; Ethernet (1) unless told
 *	frame    BYTES                    one frame, whole
 *	cut      BYTES of N               one frame whose first bytes were captured, N on the wire
 *	tcp      A:PORT > B:PORT          a connection, with its handshake ...
 *	tcp      A:PORT > B:PORT midstream   ... or without
 *	udp      A:PORT > B:PORT          datagrams
 *	send     BYTES                    from A to B, in the conversation begun last
 *	answer   BYTES                    from B to A
 *	finish                            FIN of both sides
 *	file     x.pcap                   the frames of a capture beside the case
 * Hosts of conversations have the MAC 02:00 and the last four bytes of their address; TTL 64.
 *
 * What must come of them:
 *	expect   MAC KIND VALUE [by OBSERVER] [grade G] [ip A] [vlan N] [realm R]
 *	count    NAME N ...               OBSERVER.VERDICT, or a counter of counters.def
 *	forward  SPACE KEY [rest N] [src A] [dst A] [sport N] [dport N] [ttl N] [vlan N] [smac M]
 *	         [cut 0|1]                some layer passes this on, claimed or not (then no context)
 *	parse    NAME BYTES               a parser alone, of the SHOW table NAME; then
 *	field    NAME VALUE               what it found, or
 *	refused  "why"                    that it refuses
 * Every fact must be expected, except `seen`, `ip.ttl`, the fingerprints of SYNs and addresses of
 * grade `uses`, which may be. MAC is - for a link without. A case without `expect` therefore says: nothing is told.
 */
#include "case.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {"about",   "linktype", "frame",  "cut",    "tcp",    "udp",
                                    "send",    "answer",   "finish", "file",   "expect", "count",
                                    "forward", "parse",    "field",  "refused"};

static char *read_all(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	struct bytes b = {0};
	char block[4096];
	size_t n;

	if (!f)
		return NULL;
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		bytes_add(&b, block, n);
	fclose(f);
	*len = b.len;
	bytes_u8(&b, 0);
	return (char *)b.at;
}

static struct statement *statement_add(struct case_file *c, unsigned line)
{
	if (c->count == c->room) {
		c->room = c->room * 2 + 16;
		c->statements = realloc(c->statements, c->room * sizeof *c->statements);
	}
	struct statement *s = &c->statements[c->count++];
	*s = (struct statement){.line = line};
	return s;
}

static void token_add(struct statement *s, const struct bytes *b, bool quoted, unsigned line)
{
	if (s->count == s->room) {
		s->room = s->room * 2 + 8;
		s->tokens = realloc(s->tokens, s->room * sizeof *s->tokens);
	}
	char *copy = malloc(b->len + 1);
	if (b->len > 0)
		memcpy(copy, b->at, b->len);
	copy[b->len] = 0;
	s->tokens[s->count++] = (struct token){copy, b->len, quoted, line};
}

static unsigned digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 32) - 'a' + 10);
}

/* Reads what follows a backslash, returns how many characters it took. */
static size_t read_escape(const char *at, struct bytes *out)
{
	static const char names[] = "nrt0\"\\", means[] = "\n\r\t\0\"\\";
	const char *name = *at ? strchr(names, *at) : NULL;

	if (*at == 'x' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2])) {
		bytes_u8(out, digit(at[1]) * 16 + digit(at[2]));
		return 3;
	}
	if (!name)
		return 0;
	bytes_u8(out, (unsigned char)means[name - names]);
	return 1;
}

/* A token in quotes that begins at `at`; 0: it does not end on its line. */
static size_t read_quoted(const char *at, struct bytes *out)
{
	size_t i = 1;

	for (; at[i] != '"'; i++) {
		if (at[i] == 0 || at[i] == '\n')
			return 0;
		if (at[i] != '\\') {
			bytes_u8(out, (unsigned char)at[i]);
			continue;
		}
		const size_t taken = read_escape(at + i + 1, out);
		if (taken == 0)
			return 0;
		i += taken;
	}
	return i + 1;
}

static size_t read_token(const char *at, struct bytes *out)
{
	if (*at == '"')
		return read_quoted(at, out);
	const size_t len = strcspn(at, " \t\r\n");
	bytes_add(out, at, len);
	return len;
}

/* One line's tokens into the statement; false: a quote does not end. */
static bool read_line(struct statement *s, const char *at, unsigned line)
{
	for (;;) {
		struct bytes b = {0};
		at += strspn(at, " \t\r");
		if (*at == 0 || *at == '\n' || *at == '#')
			return true;
		const size_t taken = read_token(at, &b);
		if (taken > 0)
			token_add(s, &b, *at == '"', line);
		bytes_free(&b);
		if (taken == 0)
			return false;
		at += taken;
		if (statement_is(s, "about"))
			return true; /* prose may hold quotes */
	}
}

static bool known_word(const struct statement *s)
{
	for (unsigned i = 0; i < COUNT_OF(words); i++)
		if (statement_is(s, words[i]))
			return true;
	return false;
}

static bool is_blank_line(const char *at)
{
	at += strspn(at, " \t\r");
	return *at == 0 || *at == '\n' || *at == '#';
}

static bool read_statements(struct case_file *c, const char *text)
{
	unsigned line = 1;

	for (const char *at = text; *at; line++) {
		const bool more = *at == ' ' || *at == '\t';
		struct statement *s = more && c->count > 0 ? &c->statements[c->count - 1] : NULL;
		if (!is_blank_line(at)) {
			if (!more)
				s = statement_add(c, line);
			if (!s ||
			    (!(more && statement_is(s, "about")) && !read_line(s, at, line)) ||
			    !known_word(s)) {
				case_fails(c, line, "not a statement");
				return false;
			}
		}
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	return true;
}

bool case_read(const char *path, struct case_file *c)
{
	size_t len = 0;
	char *text = read_all(path, &len);

	*c = (struct case_file){.path = strdup(path)};
	if (!text) {
		case_fails(c, 0, "cannot be read: %s", strerror(errno));
		return false;
	}
	bool good = read_statements(c, text);
	free(text);
	if (good && !case_has(c, "about")) {
		case_fails(c, 1, "a case begins with what it is about");
		good = false;
	}
	return good;
}

void case_free(struct case_file *c)
{
	for (unsigned i = 0; i < c->count; i++) {
		for (unsigned k = 0; k < c->statements[i].count; k++)
			free(c->statements[i].tokens[k].s);
		free(c->statements[i].tokens);
	}
	free(c->statements);
	free(c->path);
}

bool statement_is(const struct statement *s, const char *word)
{
	return s->count > 0 && !s->tokens[0].quoted && strcmp(s->tokens[0].s, word) == 0;
}

bool case_has(const struct case_file *c, const char *word)
{
	for (unsigned i = 0; i < c->count; i++)
		if (statement_is(&c->statements[i], word))
			return true;
	return false;
}

/* Digits may be grouped in any way; only together they must be even. */
static bool hex_add(struct bytes *out, const char *s, int *half)
{
	for (; *s; s++) {
		if (!isxdigit((unsigned char)*s))
			return false;
		if (*half < 0) {
			*half = (int)digit(*s);
			continue;
		}
		bytes_u8(out, (unsigned)*half * 16 + digit(*s));
		*half = -1;
	}
	return true;
}

bool statement_bytes(const struct case_file *c, const struct statement *s, unsigned first,
                     struct bytes *out)
{
	int half = -1;

	for (unsigned i = first; i < s->count; i++) {
		const struct token *t = &s->tokens[i];
		if (t->quoted && half < 0)
			bytes_add(out, t->s, t->len);
		else if (t->quoted || !hex_add(out, t->s, &half)) {
			case_fails(c, t->line, "neither hex digits nor text: %s", t->s);
			return false;
		}
	}
	if (half >= 0)
		case_fails(c, s->line, "an odd number of hex digits");
	return half < 0;
}
