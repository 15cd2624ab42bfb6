/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.c - see token.h.
 */
#include "manager/token.h"

#include "base/clock.h"
#include "base/digits.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOKEN_BYTES 32
#define HASH_TEXT (2 * SHA256_DIGEST_LENGTH + 1)
#define LINK_NS (600 * CLOCK_SECOND)
#define SESSION_NS (12 * 3600 * CLOCK_SECOND)
#define TOKENS_MOST 1024u
#define SESSION_LINE \
	112 /* of FOLDER/sessions: each place has its line, wherever it was written last */

struct token {
	unsigned char hash[SHA256_DIGEST_LENGTH];
	enum role role;
	uint64_t until_ns; /* of links and sessions; 0: free */
};

struct tokens {
	char path[4096];
	struct token tokens[TOKENS_MOST];
	unsigned count;
	pthread_mutex_t linking; /* of links, which the main thread makes and the API's task uses */
	struct token links[16];
	struct token sessions[TOKEN_SESSIONS];
	int sessions_fd; /* -1: they are not kept */
};

static const char *const role_names[ROLES] = {
	[ROLE_NONE] = "none",
	[ROLE_VIEWER] = "viewer",
	[ROLE_OPERATOR] = "operator",
	[ROLE_ADMIN] = "admin",
};

const char *role_name(enum role role)
{
	return role_names[role];
}

enum role role_by_name(const char *name)
{
	enum role role = ROLE_VIEWER;

	while (role < ROLES && strcmp(role_names[role], name) != 0)
		role++;
	return role;
}

/* ---- secrets ---- */

static void hash_of(const char *text, unsigned char hash[SHA256_DIGEST_LENGTH])
{
	SHA256((const unsigned char *)text, strlen(text), hash);
}

/* base64url without its padding (RFC 4648, section 5). */
static bool secret_make(char out[TOKEN_TEXT])
{
	unsigned char bytes[TOKEN_BYTES], text[48];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return false;
	EVP_EncodeBlock(text, bytes, sizeof bytes);
	for (unsigned i = 0; i < TOKEN_TEXT - 1; i++)
		out[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : (char)text[i];
	out[TOKEN_TEXT - 1] = '\0';
	return true;
}

/* All are compared, whichever it is. */
static const struct token *find(const struct token *list, unsigned count, const char *text,
                                uint64_t now_ns)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	const struct token *found = NULL;

	hash_of(text, hash);
	for (unsigned i = 0; i < count; i++)
		if (CRYPTO_memcmp(list[i].hash, hash, sizeof hash) == 0 &&
		    list[i].until_ns > now_ns)
			found = &list[i];
	return found;
}

/* ---- the file ---- */

static bool read_hex(const char *text, unsigned char hash[SHA256_DIGEST_LENGTH])
{
	for (unsigned i = 0; i < SHA256_DIGEST_LENGTH; i++) {
		unsigned byte;
		char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};

		if (strspn(pair, "0123456789abcdef") != 2 || sscanf(pair, "%2x", &byte) != 1)
			return false;
		hash[i] = (unsigned char)byte;
	}
	return true;
}

static void hex_format(const unsigned char hash[SHA256_DIGEST_LENGTH], char out[HASH_TEXT])
{
	*digits_put_bytes(out, hash, SHA256_DIGEST_LENGTH) = '\0';
}

static bool read_line(struct tokens *t, const char *line)
{
	char hash[HASH_TEXT], role[16], name[TOKEN_NAME];
	struct token *const token = &t->tokens[t->count];

	if (sscanf(line, "%64s %15s %63s", hash, role, name) != 3 ||
	    strlen(hash) != HASH_TEXT - 1 || !read_hex(hash, token->hash) ||
	    role_by_name(role) == ROLES || t->count == TOKENS_MOST)
		return false;
	token->role = role_by_name(role);
	token->until_ns = UINT64_MAX;
	t->count++;
	return true;
}

struct tokens *tokens_open(const char *folder, char *why, size_t why_len)
{
	struct tokens *const t = calloc(1, sizeof *t);
	char line[256];
	unsigned number = 0;

	if (t == NULL)
		return NULL;
	t->sessions_fd = -1;
	pthread_mutex_init(&t->linking, NULL);
	snprintf(t->path, sizeof t->path, "%.4000s/tokens", folder);
	FILE *const in = fopen(t->path, "re");
	if (in == NULL && errno == ENOENT)
		return t;
	bool good = in != NULL;
	if (!good)
		snprintf(why, why_len, "cannot read %s: %s", t->path, strerror(errno));
	while (good && fgets(line, sizeof line, in) != NULL) {
		number++;
		good = read_line(t, line);
		if (!good)
			snprintf(why, why_len, "%s:%u: is no \"HASH ROLE NAME\"", t->path, number);
	}
	if (in != NULL)
		fclose(in);
	if (good)
		return t;
	tokens_free(t);
	return NULL;
}

void tokens_free(struct tokens *t)
{
	if (t == NULL)
		return;
	if (t->sessions_fd >= 0)
		close(t->sessions_fd);
	OPENSSL_cleanse(t, sizeof *t);
	free(t);
}

unsigned tokens_count(const struct tokens *t)
{
	return t->count;
}

static bool append(const struct tokens *t, const struct token *token, const char *name)
{
	const int fd = open(t->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	FILE *const out = fd < 0 ? NULL : fdopen(fd, "a");
	char hash[HASH_TEXT];

	if (out == NULL)
		return false;
	hex_format(token->hash, hash);
	fprintf(out, "%s %s %s\n", hash, role_name(token->role), name);
	const bool written = fflush(out) == 0 && fsync(fd) == 0;
	return fclose(out) == 0 && written;
}

bool tokens_make_passing(struct tokens *t, enum role role, char out[TOKEN_TEXT])
{
	struct token *const token = &t->tokens[t->count];

	if (t->count == TOKENS_MOST || !secret_make(out))
		return false;
	hash_of(out, token->hash);
	token->role = role;
	token->until_ns = UINT64_MAX;
	t->count++;
	return true;
}

bool tokens_make(struct tokens *t, const char *name, enum role role, char out[TOKEN_TEXT],
                 char *why, size_t why_len)
{
	struct token *const token = &t->tokens[t->count];

	if (*name == '\0' || strlen(name) >= TOKEN_NAME || strpbrk(name, " \t\n") != NULL) {
		snprintf(why, why_len, "\"%s\" is no name: a word of up to %d letters", name,
		         TOKEN_NAME - 1);
		return false;
	}
	if (!tokens_make_passing(t, role, out)) {
		snprintf(why, why_len, "cannot make a token");
		return false;
	}
	if (append(t, token, name))
		return true;
	snprintf(why, why_len, "cannot write %s: %s", t->path, strerror(errno));
	t->count--;
	return false;
}

enum role tokens_role(const struct tokens *t, const char *token)
{
	const struct token *const found = find(t->tokens, t->count, token, 0);

	return found == NULL ? ROLE_NONE : found->role;
}

/* ---- links and sessions ---- */

/* A free place, or that which ends first. */
static struct token *oldest(struct token *list, unsigned count)
{
	struct token *first = list;

	for (unsigned i = 1; i < count; i++)
		if (list[i].until_ns < first->until_ns)
			first = &list[i];
	return first;
}

/* NULL: no secret could be made. */
static struct token *secret_into(struct token *list, unsigned count, enum role role,
                                 uint64_t until_ns, char out[TOKEN_TEXT])
{
	struct token *const token = oldest(list, count);

	if (!secret_make(out))
		return NULL;
	hash_of(out, token->hash);
	token->role = role;
	token->until_ns = until_ns;
	return token;
}

bool tokens_make_link(struct tokens *t, enum role role, uint64_t now_ns, char out[TOKEN_TEXT])
{
	pthread_mutex_lock(&t->linking);
	const bool made =
		secret_into(t->links, COUNT_OF(t->links), role, now_ns + LINK_NS, out) != NULL;
	pthread_mutex_unlock(&t->linking);
	return made;
}

/* It is used by that; ROLE_NONE: it is none. */
static enum role take_link(struct tokens *t, const char *link, uint64_t now_ns)
{
	pthread_mutex_lock(&t->linking);
	const struct token *const found = find(t->links, COUNT_OF(t->links), link, now_ns);
	const enum role role = found == NULL ? ROLE_NONE : found->role;
	if (found != NULL)
		t->links[found - t->links].until_ns = 0;
	pthread_mutex_unlock(&t->linking);
	return role;
}

/* A line that was cut by the end of a process is nobody's session. */
static void read_session(struct token *session, const char *line)
{
	char hash[HASH_TEXT], role[16];
	unsigned long long until_ns;

	if (sscanf(line, "%64s %15s %llu", hash, role, &until_ns) == 3 &&
	    strlen(hash) == HASH_TEXT - 1 && read_hex(hash, session->hash) &&
	    role_by_name(role) != ROLES) {
		session->role = role_by_name(role);
		session->until_ns = until_ns;
	}
}

bool tokens_keep_sessions(struct tokens *t, const char *folder, char *why, size_t why_len)
{
	char path[4096], line[SESSION_LINE + 1] = "";

	snprintf(path, sizeof path, "%.4000s/sessions", folder);
	t->sessions_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (t->sessions_fd < 0) {
		snprintf(why, why_len, "cannot keep sessions in %s: %s", path, strerror(errno));
		return false;
	}
	for (unsigned i = 0; i < TOKEN_SESSIONS; i++)
		if (pread(t->sessions_fd, line, SESSION_LINE, (off_t)i * SESSION_LINE) ==
		    SESSION_LINE)
			read_session(&t->sessions[i], line);
	return true;
}

static void keep_session(const struct tokens *t, const struct token *session)
{
	char hash[HASH_TEXT], line[SESSION_LINE + 1];

	if (t->sessions_fd < 0)
		return;
	hex_format(session->hash, hash);
	const int len = snprintf(line, sizeof line, "%s %s %llu", hash, role_name(session->role),
	                         (unsigned long long)session->until_ns);
	memset(line + len, ' ', SESSION_LINE - (size_t)len);
	line[SESSION_LINE - 1] = '\n';
	if (pwrite(t->sessions_fd, line, SESSION_LINE,
	           (off_t)(session - t->sessions) * SESSION_LINE) != SESSION_LINE)
		log_line("cannot keep a session: %s", strerror(errno));
}

bool tokens_use_link(struct tokens *t, const char *link, uint64_t now_ns, char session[TOKEN_TEXT])
{
	const enum role role = take_link(t, link, now_ns);

	if (role == ROLE_NONE)
		return false;
	const struct token *const made =
		secret_into(t->sessions, TOKEN_SESSIONS, role, now_ns + SESSION_NS, session);
	if (made != NULL)
		keep_session(t, made);
	return made != NULL;
}

enum role tokens_session(const struct tokens *t, const char *session, uint64_t now_ns)
{
	const struct token *const found = find(t->sessions, TOKEN_SESSIONS, session, now_ns);

	return found == NULL ? ROLE_NONE : found->role;
}

void tokens_end_session(struct tokens *t, const char *session)
{
	const struct token *const found = find(t->sessions, TOKEN_SESSIONS, session, 0);

	if (found == NULL)
		return;
	t->sessions[found - t->sessions].until_ns = 0;
	keep_session(t, found);
}
