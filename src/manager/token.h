/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.h - who may ask the manager, and for what: bearer tokens, kept as SHA-256 of themselves.
 *
 * FOLDER/tokens holds a line each: the hash in hex, a role, a name. Whoever reads the file can log
 * in nowhere by it. A token is 32 random bytes, so its hash needs no salt; it is compared with
 * every line in constant time, so that an answer's delay says nothing.
 *
 * A session is a token of its own kind: made when a browser logs in by a link that holds good once,
 * and good for half a day. FOLDER/sessions has a line for each of the places for one, as hashes too,
 * so that a page goes on where it was when the manager is started again.
 *
 * All of it is the API's task's once that runs, but links: any thread may make one.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each may do what those before it may. */
enum role { ROLE_NONE, ROLE_VIEWER, ROLE_OPERATOR, ROLE_ADMIN, ROLES };

#define TOKEN_TEXT 44 /* 43 letters of base64url, and a 0 */
#define TOKEN_NAME 64
#define TOKEN_SESSIONS 256u

struct tokens;

/* Reads FOLDER/tokens; a missing file has none. NULL: why names the line that is wrong. */
struct tokens *tokens_open(const char *folder, char *why, size_t why_len) MUST_CHECK NONNULL;
void tokens_free(struct tokens *t);
/* Takes up FOLDER/sessions, made where it is missing; without it sessions end with the process. */
bool tokens_keep_sessions(struct tokens *t, const char *folder, char *why,
                          size_t why_len) MUST_CHECK NONNULL;
unsigned tokens_count(const struct tokens *t) NONNULL;
/* Makes one, adds it to the file, and writes it into out: the only time it is seen. */
bool tokens_make(struct tokens *t, const char *name, enum role role, char out[TOKEN_TEXT],
                 char *why, size_t why_len) MUST_CHECK NONNULL;
/* One that is good as long as this process lives. */
bool tokens_make_passing(struct tokens *t, enum role role, char out[TOKEN_TEXT]) MUST_CHECK NONNULL;
/* What the bearer may do; ROLE_NONE: nobody's. */
enum role tokens_role(const struct tokens *t, const char *token) NONNULL;

/* A link's token: good for one login, for ten minutes. */
bool tokens_make_link(struct tokens *t, enum role role, uint64_t now_ns,
                      char out[TOKEN_TEXT]) MUST_CHECK NONNULL;
/* A session for it. False: it is none, was used, or is too old. */
bool tokens_use_link(struct tokens *t, const char *link, uint64_t now_ns,
                     char session[TOKEN_TEXT]) MUST_CHECK NONNULL;
enum role tokens_session(const struct tokens *t, const char *session, uint64_t now_ns) NONNULL;
void tokens_end_session(struct tokens *t, const char *session) NONNULL;

const char *role_name(enum role role) PURE;
/* ROLES: there is none of that name. */
enum role role_by_name(const char *name) PURE NONNULL;
