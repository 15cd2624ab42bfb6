/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink.c - where reports go: what is the same for all kinds. The life of a remote one is in
 * delivery.c.
 */
#include "report/sink.h"

#include "base/hash.h"
#include "base/version.h"
#include "report/sink_kind.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct sink_kind *const kinds[] = {&sink_stdout, &sink_file, &sink_unix, &sink_tcp,
                                                &sink_tls};

static const struct sink_kind *kind_of(const char *spec)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strncmp(spec, kinds[i]->prefix, strlen(kinds[i]->prefix)) == 0)
			return kinds[i];
	return NULL;
}

/* A manager takes nothing but our own lines. */
static bool is_possible(const struct sink_kind *kind, enum format format, const char *spec,
                        char *why, size_t why_len)
{
	if (kind == NULL || strlen(spec) >= SINK_SPEC)
		snprintf(why, why_len,
		         "cannot report to %s: use " SINK_KINDS
		         ", each with ocsf: or ecs: before it for another format",
		         spec);
	else if (kind == &sink_tls && format != FORMAT_NATIVE)
		snprintf(why, why_len,
		         "cannot report to %s: who answers there is a manager, which takes reports "
		         "as they are",
		         spec);
	else
		return true;
	return false;
}

struct sink *sink_open(const char *spec, char *why, size_t why_len)
{
	const enum format named = format_by_prefix(spec),
			  format = named == FORMATS ? FORMAT_NATIVE : named;

	spec = format_behind(spec);
	const struct sink_kind *const kind = kind_of(spec);
	if (!is_possible(kind, format, spec, why, why_len))
		return NULL;
	struct sink *const s = calloc(1, sizeof *s);
	if (s == NULL) {
		snprintf(why, why_len, "cannot report to %s: out of memory", spec);
		return NULL;
	}
	s->kind = kind;
	s->fd = -1;
	s->format = format;
	if (format != FORMAT_NATIVE)
		json_object_seed(0); /* asks the system for a number: later it may not */
	memcpy(s->spec, spec, strlen(spec) + 1);
	if (kind->remote && arena_init(&s->memory, SINK_MEMORY) < 0)
		snprintf(why, why_len, "cannot report to %s: out of memory", spec);
	else if (kind->open(s, spec + strlen(kind->prefix), why, why_len) == 0)
		return s;
	sink_free(s);
	return NULL;
}

void sink_free(struct sink *s)
{
	if (s == NULL)
		return;
	s->kind->close(s);
	if (s->kind->free != NULL)
		s->kind->free(s);
	spool_close(s->spool);
	arena_free(&s->memory);
	free(s);
}

bool sink_keys(struct sink *s, const char *folder, char *why, size_t why_len)
{
	if (s->kind->keys == NULL)
		return true;
	if (folder != NULL)
		return s->kind->keys(s, folder, why, why_len) == 0;
	snprintf(why, why_len,
	         "cannot report to %s: no home folder to look for keys: say --state FOLDER",
	         s->spec);
	return false;
}

void sink_trouble(struct sink *s, const char *words)
{
	if (s->trouble[0] == '\0')
		snprintf(s->trouble, sizeof s->trouble, "%s", words);
}

/* One file a peer, and a format: its name is made of theirs. */
bool sink_spool(struct sink *s, const char *folder, uint64_t bytes, uint64_t boot, char *why,
                size_t why_len)
{
	const struct hash_key key = hash_key_fixed();
	char path[SINK_SPEC + 64];

	if (strlen(folder) >= SINK_SPEC) {
		snprintf(why, why_len, "the path of the spool is too long: %s", folder);
		return false;
	}
	memcpy(s->folder, folder, strlen(folder) + 1);
	snprintf(path, sizeof path, "%s/spool-%08x.db", folder,
	         (unsigned)hash64(&key, s->spec, strlen(s->spec)) + (unsigned)s->format);
	s->boot = boot;
	s->spool = spool_open(path, bytes, why, why_len);
	return s->spool != NULL;
}

const char *sink_spec(const struct sink *s)
{
	return s->kind == &sink_stdout ? "standard output" : s->spec;
}

bool sink_is_remote(const struct sink *s)
{
	return s->kind->remote;
}

const char *sink_path(const struct sink *s)
{
	return s->folder[0] == 0 ? NULL : s->folder;
}

uint16_t sink_port(const struct sink *s)
{
	return s->port;
}

void sink_reopen(struct sink *s)
{
	atomic_store(&s->reopen, true);
}

uint64_t sink_acked(const struct sink *s)
{
	return atomic_load(&s->acked);
}

struct sink_counts sink_count(const struct sink *s)
{
	return (struct sink_counts){
		.lines = atomic_load(&s->lines),
		.bytes = atomic_load(&s->bytes),
		.expired = atomic_load(&s->expired),
		.refused = atomic_load(&s->refused),
		.connects = atomic_load(&s->connects),
		.errors = atomic_load(&s->errors),
		.connected = atomic_load(&s->connected),
		.spooled = atomic_load(&s->spooled),
		.coalesced = atomic_load(&s->coalesced),
	};
}

static uint64_t count_lines(const char *text)
{
	uint64_t lines = 0;

	while ((text = strchr(text, '\n')) != NULL) {
		lines++;
		text++;
	}
	return lines;
}

char *sink_translate(struct sink *s, const char *line, size_t len)
{
	char *text;

	if (!format_line(s->format, HAVAINTO_VERSION, line, len, &text))
		atomic_fetch_add(&s->expired, 1);
	return text;
}

/* ---- local sinks ---- */

static int write_whole(struct sink *s, const char *bytes, size_t len, uint64_t lines)
{
	for (size_t done = 0; done < len;) {
		const ssize_t n = s->kind->submit(s, bytes + done, len - done);
		if (n < 0) {
			atomic_fetch_add(&s->errors, 1);
			return (int)n;
		}
		done += (size_t)n;
		if (n == 0 && s->kind->poll(s, true, -1) < 0)
			return -EIO;
	}
	atomic_fetch_add(&s->lines, lines);
	atomic_fetch_add(&s->bytes, len);
	return 0;
}

/* Line by line, those that the format has words for. */
static int write_translated(struct sink *s, const char *lines, size_t len)
{
	const char *end;
	int err = 0;

	for (const char *at = lines; err == 0 && at < lines + len; at = end + 1) {
		end = memchr(at, '\n', (size_t)(lines + len - at));
		assert(end != NULL);
		char *const text = sink_translate(s, at, (size_t)(end - at));
		if (text != NULL)
			err = write_whole(s, text, strlen(text), count_lines(text));
		free(text);
	}
	return err;
}

int sink_submit(struct sink *s, const char *lines, size_t len, uint64_t count, uint64_t seq)
{
	const int err = s->format == FORMAT_NATIVE ? write_whole(s, lines, len, count)
	                                           : write_translated(s, lines, len);

	if (err == 0)
		atomic_store(&s->acked, seq);
	return err;
}
