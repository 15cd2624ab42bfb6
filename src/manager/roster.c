/* SPDX-License-Identifier: Apache-2.0 */
/*
 * roster.c - see roster.h. A file is replaced whole, by another that is renamed; what was accepted is
 * added at its end.
 */
#include "manager/roster.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_ROOM (4096 + 32)
#define LINE_ROOM 512
#define WAITING_EVERY (10 * CLOCK_SECOND) /* times in `waiting` are as old as that */

struct list {
	struct sensor_entry *entries;
	unsigned count, most;
};

struct roster {
	char folder[4096];
	struct list sensors, waiting;
	struct stat read; /* of `sensors`, when it was read */
	uint64_t written_ns;
	struct log_limit said;
};

/* ---- lists ---- */

static struct sensor_entry *find(const struct list *l, const struct fingerprint *who)
{
	for (unsigned i = 0; i < l->count; i++)
		if (fingerprint_equal(&l->entries[i].who, who))
			return &l->entries[i];
	return NULL;
}

/* A free place, or that of who came longest ago. */
static struct sensor_entry *place_for(struct list *l)
{
	struct sensor_entry *oldest = l->entries;

	if (l->count < l->most)
		return &l->entries[l->count++];
	for (unsigned i = 1; i < l->count; i++)
		if (l->entries[i].seen_ns < oldest->seen_ns)
			oldest = &l->entries[i];
	return oldest;
}

/* ---- files ---- */

static void path_of(const struct roster *r, const char *name, char out[PATH_ROOM])
{
	snprintf(out, PATH_ROOM, "%s/%s", r->folder, name);
}

/* "FINGERPRINT NAME [ADDRESS TIME]"; a name that is - is none. */
static bool read_entry(const char *line, struct sensor_entry *out)
{
	char who[96], name[CERTIFICATE_NAME];

	*out = (struct sensor_entry){0};
	if (sscanf(line, "%95s %63s %45s %" SCNu64, who, name, out->address, &out->seen_ns) < 2 ||
	    !fingerprint_parse(who, &out->who))
		return false;
	if (strcmp(name, "-") != 0)
		memcpy(out->name, name, sizeof name);
	return strcmp(name, "-") == 0 || certificate_name_good(name);
}

static bool is_comment(const char *line)
{
	return line[0] == '#' || line[0] == '\n';
}

/* Adds what the file has; NULL `in`: it has nothing. False: why. */
static bool read_list(FILE *in, const char *path, struct list *l, char *why, size_t why_len)
{
	char line[LINE_ROOM];
	struct sensor_entry e;

	for (unsigned number = 1; in != NULL && fgets(line, sizeof line, in) != NULL; number++) {
		if (is_comment(line))
			continue;
		if (!read_entry(line, &e)) {
			snprintf(why, why_len, "%s:%u: is no \"FINGERPRINT NAME\"", path, number);
			return false;
		}
		if (l->count == l->most) {
			snprintf(why, why_len, "%s: has more than %u lines", path, l->most);
			return false;
		}
		l->entries[l->count++] = e;
	}
	return true;
}

/* The list is replaced, or stays as it was. *about: of the file, zeros when it is not there. */
static bool load(const struct roster *r, const char *name, struct list *l, struct stat *about,
                 char *why, size_t why_len)
{
	struct list fresh = {.entries = calloc(l->most, sizeof *fresh.entries), .most = l->most};
	char path[PATH_ROOM];

	path_of(r, name, path);
	FILE *const in = fopen(path, "re");
	bool good = fresh.entries != NULL && (in != NULL || errno == ENOENT);
	*about = (struct stat){0};
	if (!good)
		snprintf(why, why_len, "cannot read %s: %s", path, strerror(errno));
	else
		good = (in == NULL || fstat(fileno(in), about) == 0) &&
		       read_list(in, path, &fresh, why, why_len);
	if (in != NULL)
		fclose(in);
	free(good ? l->entries : fresh.entries);
	if (good)
		*l = fresh;
	return good;
}

/* Whom the manager becomes: the one whose inventory it is. */
static void give_to_manager(const struct roster *r, int fd)
{
	char inventory[PATH_ROOM];
	struct stat owned;

	path_of(r, "inventory.db", inventory);
	if (geteuid() == 0 && (stat(inventory, &owned) == 0 || stat(r->folder, &owned) == 0))
		(void)!fchown(fd, owned.st_uid, owned.st_gid);
}

/* A file that the manager may read, in the place of the one there was. */
static FILE *begin_file(const struct roster *r, const char *name, char part[PATH_ROOM + 8])
{
	char path[PATH_ROOM];

	path_of(r, name, path);
	snprintf(part, PATH_ROOM + 8, "%s.new", path);
	const int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd >= 0)
		give_to_manager(r, fd);
	FILE *const out = fd < 0 ? NULL : fdopen(fd, "w");
	if (out == NULL && fd >= 0)
		close(fd);
	return out;
}

static bool end_file(const struct roster *r, const char *name, FILE *out, const char *part)
{
	char path[PATH_ROOM];
	bool written = out != NULL && fflush(out) == 0 && fsync(fileno(out)) == 0;

	path_of(r, name, path);
	if (out != NULL)
		written = fclose(out) == 0 && written;
	return written && rename(part, path) == 0;
}

/* ---- reading ---- */

struct roster *roster_open(const char *folder, char *why, size_t why_len)
{
	struct roster *const r = calloc(1, sizeof *r);
	struct stat about;

	snprintf(why, why_len, "cannot read the sensors: out of memory");
	if (r == NULL)
		return NULL;
	snprintf(r->folder, sizeof r->folder, "%s", folder);
	r->sensors.most = ROSTER_MOST;
	r->waiting.most = ROSTER_WAITING;
	if (load(r, "sensors", &r->sensors, &r->read, why, why_len) &&
	    load(r, "waiting", &r->waiting, &about, why, why_len))
		return r;
	roster_free(r);
	return NULL;
}

void roster_free(struct roster *r)
{
	if (r == NULL)
		return;
	free(r->sensors.entries);
	free(r->waiting.entries);
	free(r);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool roster_refresh(struct roster *r)
{
	char path[PATH_ROOM], why[PATH_ROOM + 128];
	struct stat now = {0};

	path_of(r, "sensors", path);
	if (stat(path, &now) != 0 && errno != ENOENT)
		return false;
	if (is_same_file(&now, &r->read))
		return false;
	if (load(r, "sensors", &r->sensors, &now, why, sizeof why)) {
		r->read = now;
		return true;
	}
	log_once_a_minute(&r->said, "%s; the old list stays", why);
	return false;
}

const char *roster_name(const struct roster *r, const struct fingerprint *who)
{
	const struct sensor_entry *const e = find(&r->sensors, who);

	return e == NULL ? NULL : e->name;
}

void roster_each(const struct roster *r, bool waiting,
                 void (*each)(const struct sensor_entry *e, void *self), void *self)
{
	const struct list *const l = waiting ? &r->waiting : &r->sensors;

	for (unsigned i = 0; i < l->count; i++)
		if (!waiting || find(&r->sensors, &l->entries[i].who) == NULL)
			each(&l->entries[i], self);
}

/* ---- who waits ---- */

static void put_entry(const struct sensor_entry *e, void *out)
{
	char who[FINGERPRINT_TEXT];

	fprintf(out, "%s %s %s %" PRIu64 "\n", fingerprint_format(&e->who, who),
	        e->name[0] == '\0' ? "-" : e->name, e->address, e->seen_ns);
}

static void write_waiting(struct roster *r)
{
	char part[PATH_ROOM + 8];
	FILE *const out = begin_file(r, "waiting", part);

	if (out != NULL)
		roster_each(r, true, put_entry, out);
	if (!end_file(r, "waiting", out, part))
		log_once_a_minute(&r->said, "cannot write %s: %s", part, strerror(errno));
}

void roster_wait(struct roster *r, const struct sensor_entry *who)
{
	struct sensor_entry *e = find(&r->waiting, &who->who);
	const bool late = who->seen_ns - r->written_ns > WAITING_EVERY;

	if (e != NULL && !late)
		return;
	if (e == NULL)
		e = place_for(&r->waiting);
	*e = *who;
	write_waiting(r);
	r->written_ns = who->seen_ns;
}

/* ---- accepting and revoking ---- */

static const struct sensor_entry *find_name(const struct list *l, const char *name)
{
	for (unsigned i = 0; i < l->count; i++)
		if (strcmp(l->entries[i].name, name) == 0)
			return &l->entries[i];
	return NULL;
}

static bool is_acceptable(const struct roster *r, const struct fingerprint *who, const char *name,
                          char *why, size_t why_len)
{
	const struct sensor_entry *const other = find_name(&r->sensors, name);
	char text[FINGERPRINT_TEXT];

	if (roster_name(r, who) != NULL)
		snprintf(why, why_len, "it is accepted already, as %s", roster_name(r, who));
	else if (!certificate_name_good(name))
		snprintf(why, why_len,
		         "\"%.80s\" is no name: up to %d letters, digits and -._: (see --name)",
		         name, CERTIFICATE_NAME - 1);
	else if (other != NULL)
		snprintf(
			why, why_len,
			"%s is the name of another, %s: revoke that, or give --name NAME and start "
			"the sensor with --sensor NAME",
			name, fingerprint_format(&other->who, text));
	else if (r->sensors.count == ROSTER_MOST)
		snprintf(why, why_len, "%u sensors are accepted, which is as many as may be",
		         ROSTER_MOST);
	else
		return true;
	return false;
}

/* All lines of `sensors` but those of `without`, and one more if `more`. */
static bool rewrite(struct roster *r, const struct fingerprint *without,
                    const struct sensor_entry *more)
{
	char path[PATH_ROOM], part[PATH_ROOM + 8], line[LINE_ROOM], text[FINGERPRINT_TEXT];
	struct sensor_entry e;

	path_of(r, "sensors", path);
	FILE *const in = fopen(path, "re");
	FILE *const out = begin_file(r, "sensors", part);
	while (in != NULL && out != NULL && fgets(line, sizeof line, in) != NULL)
		if (without == NULL || !read_entry(line, &e) || !fingerprint_equal(&e.who, without))
			fputs(line, out);
	if (out != NULL && more != NULL)
		fprintf(out, "%s %s\n", fingerprint_format(&more->who, text), more->name);
	if (in != NULL)
		fclose(in);
	return end_file(r, "sensors", out, part);
}

bool roster_accept(struct roster *r, const struct fingerprint *who, const char *name,
                   char given[CERTIFICATE_NAME], char *why, size_t why_len)
{
	const struct sensor_entry *const waits = find(&r->waiting, who);
	struct sensor_entry e = {.who = *who};

	if (name == NULL && (waits == NULL || waits->name[0] == '\0')) {
		snprintf(why, why_len, "%s: say --name NAME",
		         waits == NULL ? "no sensor with that certificate has come yet"
		                       : "the sensor asks for no name that could be one");
		return false;
	}
	if (name == NULL)
		name = waits->name;
	if (!is_acceptable(r, who, name, why, why_len))
		return false;
	snprintf(e.name, sizeof e.name, "%s", name);
	snprintf(given, CERTIFICATE_NAME, "%s", name);
	if (rewrite(r, NULL, &e))
		return roster_refresh(r);
	snprintf(why, why_len, "cannot write %s/sensors: %s", r->folder, strerror(errno));
	return false;
}

bool roster_revoke(struct roster *r, const char *which, char *why, size_t why_len)
{
	struct fingerprint who;
	const struct sensor_entry *const e = fingerprint_parse(which, &who)
	                                             ? find(&r->sensors, &who)
	                                             : find_name(&r->sensors, which);

	if (e == NULL) {
		snprintf(why, why_len, "no sensor %.80s is accepted (see havainto manager sensors)",
		         which);
		return false;
	}
	who = e->who;
	if (rewrite(r, &who, NULL))
		return roster_refresh(r);
	snprintf(why, why_len, "cannot write %s/sensors: %s", r->folder, strerror(errno));
	return false;
}
