/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.c - `havainto status`: how a sensor is, by its own numbers and by the kernel's word on its
 * threads.
 */
#include "cli/status.h"

#include "base/escape.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/coverage.h"
#include "cli/report_file.h"
#include "cli/status_socket.h"
#include "cli/table.h"
#include "report/accounting.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { ANSWER = 256 * 1024, PATIENCE_S = 5 };

struct answer {
	char bytes[ANSWER];
	size_t len;
	pid_t pid; /* of the sensor */
};

/* ---- accounts ---- */

/* " 12 observed + 3 refused" */
static void parts_print(const struct account *a)
{
	for (unsigned k = 0; k < ACCOUNT_PARTS && a->part[k].words != NULL; k++)
		printf("%s %" PRIu64 " %s", k > 0 ? " +" : "", a->part[k].n, a->part[k].words);
}

static bool account_print(const struct account *a, bool final)
{
	const uint64_t n = a->whole.n;
	const bool ok = n == a->sum || !final;

	printf("  %-6s  %" PRIu64 " %s =", ok ? "OK" : "BROKEN", n, a->whole.words);
	parts_print(a);
	/* The numbers are read one after the other while the program runs: a few lie between. */
	if (n != a->sum && !final)
		printf(", %" PRIu64 " on the way", n > a->sum ? n - a->sum : a->sum - n);
	putchar('\n');
	return ok;
}

/* True: all are OK. final: the run has ended. Before that some may still be on the way. */
static bool accounts_print(const json_t *health, bool final)
{
	struct account account;
	unsigned i = 0;
	bool ok = true;

	while (account_next(health, &i, &account))
		ok = account_print(&account, final) && ok;
	return ok;
}

/* ---- asking ---- */

static int ask(const char *path, struct answer *a)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct ucred peer = {0};
	socklen_t size = sizeof peer;
	const int fd = status_connect(path);
	ssize_t got = 1;

	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
		a->pid = peer.pid;
	while (got > 0 && a->len < sizeof a->bytes) {
		got = read(fd, a->bytes + a->len, sizeof a->bytes - a->len);
		a->len += got > 0 ? (size_t)got : 0;
	}
	const int error = got < 0 ? -errno : a->len == 0 ? -ENODATA : 0;
	close(fd);
	return error;
}

static json_t *answer_line(struct answer *a, size_t *at)
{
	const char *line = a->bytes + *at;
	const char *end = memchr(line, '\n', a->len - *at);
	const size_t len = end ? (size_t)(end - line) : a->len - *at;

	*at += len + (end != NULL);
	return json_loadb(line, len, 0, NULL);
}

/* ---- the threads, as the kernel knows them ---- */

/* The value behind "KEY:\t" of a status file, or "". */
static const char *status_value(const char *text, const char *key, char out[64])
{
	const char *at = strstr(text, key);

	out[0] = '\0';
	if (at)
		sscanf(at + strlen(key), "%63s", out);
	return out;
}

static bool read_small(const char *path, char *out, size_t cap)
{
	FILE *in = fopen(path, "re");
	const size_t len = in ? fread(out, 1, cap - 1, in) : 0;

	out[len] = '\0';
	if (in)
		fclose(in);
	return len > 0;
}

static bool thread_print(pid_t pid, const char *id)
{
	char path[128], text[8192], name[64], uid[64], caps[64], privs[64], seccomp[64];

	snprintf(path, sizeof path, "/proc/%d/task/%.16s/status", (int)pid, id);
	if (!read_small(path, text, sizeof text))
		return true; /* it has ended */
	status_value(text, "Name:\t", name);
	status_value(text, "\nUid:\t", uid);
	status_value(text, "\nCapPrm:\t", caps);
	status_value(text, "\nNoNewPrivs:\t", privs);
	status_value(text, "\nSeccomp:\t", seccomp);
	const bool confined = strcmp(uid, "0") != 0 && strspn(caps, "0") == strlen(caps) &&
	                      strcmp(privs, "1") == 0 && strcmp(seccomp, "2") == 0;
	fputs("  ", stdout);
	fputs(confined ? "OK      " : "BROKEN  ", stdout);
	escape_print(stdout, name, strlen(name));
	printf("%*s uid %s, capabilities %s, no new privileges %s, seccomp %s\n",
	       (int)(strlen(name) < 12 ? 12 - strlen(name) : 0), "", uid,
	       strspn(caps, "0") == strlen(caps) ? "none" : caps, privs,
	       strcmp(seccomp, "2") == 0 ? "filter" : seccomp);
	return confined;
}

static bool threads_print(pid_t pid)
{
	char path[64];
	bool ok = true;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	DIR *tasks = pid > 0 ? opendir(path) : NULL;
	if (!tasks) {
		printf("  the threads cannot be looked at (another container, perhaps)\n");
		return true;
	}
	for (const struct dirent *d; (d = readdir(tasks));)
		if (d->d_name[0] != '.')
			ok = thread_print(pid, d->d_name) && ok;
	closedir(tasks);
	return ok;
}

static bool sandbox_print(const json_t *sandbox, pid_t pid)
{
	if (json_is_true(json_object_get(sandbox, "sanitized"))) {
		puts("sandbox: none (this build is made to find faults)");
		return true;
	}
	printf("sandbox: Landlock ABI %" PRIu64 "%s\n", json_count(sandbox, "landlock"),
	       json_count(sandbox, "landlock")
	               ? ""
	               : " (this kernel has none: files are not restricted)");
	return threads_print(pid);
}

/* ---- health ---- */

static void health_print(const json_t *health)
{
	static const char *const counts[] = {"captured", "malformed", "unclaimed", "refused",
	                                     "evicted"};
	const json_t *reporter = json_object_get(health, "reporter");
	char number[32];

	fputs("sensor ", stdout);
	escape_print(stdout, json_text(health, "sensor"), strlen(json_text(health, "sensor")));
	printf(" at %s\n  devices %s", json_text(health, "time"),
	       count_format(json_count(reporter, "devices"), number));
	for (size_t i = 0; i < COUNT_OF(counts); i++)
		printf(", %s %s", counts[i], count_format(json_count(health, counts[i]), number));
	puts("");
}

static int status_of_report(const char *path)
{
	static struct report report;

	if (!report_read_all(&report, &path, 1))
		return FAILED_FOR_GOOD;
	if (!report.health) {
		log_line("%s has no health line", path);
		return FAILED_FOR_GOOD;
	}
	health_print(report.health);
	coverage_print(report.health, stdout);
	puts("accounts:");
	const bool ok = accounts_print(report.health, report.ended);
	report_free(&report);
	return ok ? DONE : FAILED_FOR_GOOD;
}

static int status_print(struct answer *a)
{
	size_t at = 0;
	json_t *health = answer_line(a, &at), *sandbox = answer_line(a, &at);

	if (health && !sandbox && strcmp(json_text(health, "type"), "sandbox") == 0) {
		sandbox = health; /* so early that there is no health yet */
		health = NULL;
	}
	if (health) {
		health_print(health);
		coverage_print(health, stdout);
		puts("accounts:");
	} else {
		puts("no health yet: ask again in a second");
	}
	bool ok = !health || accounts_print(health, false);
	ok = sandbox && sandbox_print(sandbox, a->pid) && ok;
	json_decref(health);
	json_decref(sandbox);
	return ok ? DONE : FAILED_FOR_GOOD;
}

/* False: nobody answers, which was said. */
static bool ask_sensor(const struct settings *s, struct answer *answer)
{
	char usual[STATUS_PATH];
	const char *path = s->of[OPT_STATUS].text;

	if (!path)
		path = status_default(usual);
	/* Another user's sensor answers below /run as well. */
	int error = *path ? ask(path, answer) : -ENOENT;
	if (error && !s->of[OPT_STATUS].given) {
		path = "/run/havainto/status.sock";
		answer->len = 0;
		error = ask(path, answer);
	}
	if (error)
		log_line("no sensor answers at %s: %s (see --status)", path, strerror(-error));
	return error == 0;
}

json_t *status_health(const struct settings *s)
{
	static struct answer answer;
	size_t at = 0;

	if (!ask_sensor(s, &answer))
		return NULL;
	json_t *health = answer_line(&answer, &at);
	if (health && strcmp(json_text(health, "type"), "health") == 0)
		return health;
	log_line("no health yet: ask again in a second");
	json_decref(health);
	return NULL;
}

int command_status(const struct settings *s)
{
	static struct answer answer;

	if (s->argument_count > 0)
		return status_of_report(s->arguments[0]);
	if (!ask_sensor(s, &answer))
		return FAILED_FOR_GOOD;
	if (!s->of[OPT_JSON].number)
		return status_print(&answer);
	fwrite(answer.bytes, 1, answer.len, stdout);
	return DONE;
}
