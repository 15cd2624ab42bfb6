/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.c - see config.h. inih takes the lines apart; what a line means is the table of options'
 * business.
 *
 * inih cuts long lines into several without saying so: the text is looked through before.
 */
#include "cli/config.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_SIZE = 190, IN_FILE = IN_LISTEN };

struct reading {
	struct config *out;
	char reason[OPTIONS_WHY]; /* of the first line that is wrong */
};

static bool refuse_key(struct reading *r, const char *name)
{
	const char *nearest = option_nearest(name, IN_FILE);

	snprintf(r->reason, sizeof r->reason, "there is no option \"%.60s\"%s%s%s", name,
	         nearest ? "; is it \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
	return false;
}

static bool take_line(struct reading *r, const char *section, const char *name, const char *value)
{
	const int option = option_find(name, IN_FILE);

	if (*section) {
		snprintf(r->reason, sizeof r->reason, "there are no sections (\"[%.60s]\")",
		         section);
		return false;
	}
	if (option < 0)
		return refuse_key(r, name);
	if (option == OPT_CONFIG || option == OPT_HELP) {
		snprintf(r->reason, sizeof r->reason, "%s is for the command line", name);
		return false;
	}
	if (r->out->settings.of[option].given && option_infos[option].kind != KIND_LIST) {
		snprintf(r->reason, sizeof r->reason, "%s was given before", name);
		return false;
	}
	char *text = r->out->texts + r->out->used;
	const size_t len = strlen(value) + 1;
	if (len > sizeof r->out->texts - r->out->used) {
		snprintf(r->reason, sizeof r->reason, "the file is too long");
		return false;
	}
	memcpy(text, value, len);
	r->out->used += len;
	return option_set(&r->out->settings, (enum opt)option, text, r->reason);
}

/* Of inih: 0 makes the line the first wrong one. */
static int take(void *to, const char *section, const char *name, const char *value)
{
	struct reading *r = to;

	if (r->reason[0])
		return 1; /* only the first is told */
	return take_line(r, section, name, value ? value : "");
}

/* 0: all lines are such that inih reads each as one; else the number of one that is not. */
static unsigned first_odd_line(const char *text, size_t len, char reason[OPTIONS_WHY])
{
	unsigned line = 1;

	for (size_t i = 0, begin = 0; i <= len; i++) {
		if (i < len && text[i] == '\0') {
			snprintf(reason, OPTIONS_WHY, "a byte 0: this is no text");
			return line;
		}
		if (i < len && text[i] != '\n')
			continue;
		if (i - begin > LINE_SIZE) {
			snprintf(reason, OPTIONS_WHY, "the line is longer than %d bytes",
			         LINE_SIZE);
			return line;
		}
		if (i > begin && (text[begin] == ' ' || text[begin] == '\t') &&
		    strspn(text + begin, " \t\r") < i - begin) {
			snprintf(reason, OPTIONS_WHY, "begins with a space");
			return line;
		}
		begin = i + 1;
		line++;
	}
	return 0;
}

/* The whole file, with a 0 behind it; -errno. */
static ssize_t read_text(const char *path, char text[CONFIG_SIZE])
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got = fd < 0 ? -1 : 1;

	while (got > 0 && len < CONFIG_SIZE - 1) {
		got = read(fd, text + len, CONFIG_SIZE - 1 - len);
		len += got > 0 ? (size_t)got : 0;
	}
	const int error = got < 0 ? -errno : len == CONFIG_SIZE - 1 ? -EFBIG : 0;
	if (fd >= 0)
		close(fd);
	text[len] = '\0';
	return error ? error : (ssize_t)len;
}

bool config_read(const char *path, struct config *out, char why[OPTIONS_WHY])
{
	static char text[CONFIG_SIZE];
	struct reading r = {.out = out};
	const ssize_t len = read_text(path, text);

	out->settings = (struct settings){0};
	out->used = 0;
	if (len < 0) {
		snprintf(why, OPTIONS_WHY, "cannot read %.200s: %s", path, strerror((int)-len));
		return false;
	}
	unsigned line = first_odd_line(text, (size_t)len, r.reason);
	if (line == 0)
		line = (unsigned)ini_parse_string(text, take, &r);
	if (line == 0)
		return true;
	snprintf(why, OPTIONS_WHY, "%.200s:%u: %.250s", path, line,
	         r.reason[0] ? r.reason : "not a line \"name = value\"");
	return false;
}

void config_merge(struct settings *settings, const struct settings *file)
{
	const bool named = settings->of[OPT_READ].given || settings->of[OPT_INTERFACE].given;

	for (int i = 0; i < OPTIONS; i++) {
		if (settings->of[i].given || !file->of[i].given)
			continue;
		if (named && (i == OPT_READ || i == OPT_INTERFACE))
			continue;
		settings->of[i] = file->of[i];
		settings->of[i].from_file = true;
	}
}

static bool texts_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool config_same(const struct settings *a, const struct settings *b, enum opt option)
{
	const struct setting *x = &a->of[option], *y = &b->of[option];

	if (x->given != y->given || x->number != y->number || x->count != y->count ||
	    x->seconds < y->seconds || x->seconds > y->seconds || !texts_same(x->text, y->text))
		return false;
	for (unsigned i = 0; i < x->count; i++)
		if (!texts_same(x->list[i], y->list[i]))
			return false;
	return true;
}
