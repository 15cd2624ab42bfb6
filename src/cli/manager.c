/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manager.c - `havainto manager`: the inventory of many sensors, kept and served.
 *
 * The order of its start is the sensor's: everything is opened, the sandbox entered, the tasks
 * started, the main thread confined. Then it waits for a signal. `run` goes the same way (serve.h).
 */
#include "manager/manager.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "cli/command.h"
#include "cli/place.h"
#include "cli/serve.h"
#include "manager/roster.h"
#include "task/thread.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { END_MS = 4800 };

static void say_late(const struct thread_late *who, void *self)
{
	(void)self;
	log_line("%s has not ended: left behind", who->name);
}

/* ---- tokens ---- */

/* havainto manager token NAME [ROLE] */
static int make_token(const struct settings *s, const char *folder)
{
	const char *const role = s->argument_count > 2 ? s->arguments[2] : "viewer";
	char why[MANAGER_WHY], token[TOKEN_TEXT];

	if (s->argument_count < 2 || role_by_name(role) == ROLES)
		return command_refuse("manager", "token NAME [viewer|operator|admin]");
	struct tokens *const tokens = tokens_open(folder, why, sizeof why);
	const bool made = tokens != NULL && tokens_make(tokens, s->arguments[1], role_by_name(role),
	                                                token, why, sizeof why);
	tokens_free(tokens);
	if (!made) {
		log_line("%s", why);
		return FAILED_FOR_GOOD;
	}
	puts(token);
	log_line("keep it: it is not shown again. A running manager knows it after its next start");
	return DONE;
}

/* ---- sensors of other machines ---- */

static int say_failed(const char *why)
{
	log_line("%s", why);
	return FAILED_FOR_GOOD;
}

/* havainto manager accept FINGERPRINT [--name NAME] */
static int accept_sensor(const struct settings *s, struct roster *r)
{
	char why[MANAGER_WHY], given[CERTIFICATE_NAME];
	struct fingerprint who;

	if (s->argument_count != 2 || !fingerprint_parse(s->arguments[1], &who))
		return command_refuse("manager", "accept FINGERPRINT, 64 hex digits: `havainto "
		                                 "enroll` prints it at the sensor");
	if (!roster_accept(r, &who, s->of[OPT_NAME].text, given, why, sizeof why))
		return say_failed(why);
	printf("%s may report\n", given);
	return DONE;
}

/* havainto manager revoke NAME|FINGERPRINT */
static int revoke_sensor(const struct settings *s, struct roster *r)
{
	char why[MANAGER_WHY];

	if (s->argument_count != 2)
		return command_refuse("manager", "revoke NAME or FINGERPRINT");
	if (!roster_revoke(r, s->arguments[1], why, sizeof why))
		return say_failed(why);
	printf("%s may report no more; what it reported stays\n", s->arguments[1]);
	return DONE;
}

static void print_accepted(const struct sensor_entry *e, void *out)
{
	char text[FINGERPRINT_TEXT];

	fprintf(out, "accepted  %-20s  %s\n", e->name, fingerprint_format(&e->who, text));
}

static void print_waiting(const struct sensor_entry *e, void *out)
{
	char text[FINGERPRINT_TEXT], seen[TIME_TEXT];

	fprintf(out, "waiting   %-20s  %s  from %s at %s\n", e->name[0] == '\0' ? "-" : e->name,
	        fingerprint_format(&e->who, text), e->address, time_format(e->seen_ns, seen));
}

static int list_sensors(const struct settings *s, struct roster *r)
{
	(void)s;
	roster_each(r, false, print_accepted, stdout);
	roster_each(r, true, print_waiting, stdout);
	return DONE;
}

static int with_roster(const struct settings *s, const char *folder,
                       int (*call)(const struct settings *s, struct roster *r))
{
	char why[MANAGER_WHY];
	struct roster *const r = roster_open(folder, why, sizeof why);
	const int status = r == NULL ? say_failed(why) : call(s, r);

	roster_free(r);
	return status;
}

/* ---- serving ---- */

struct manager *serve_open(const struct settings *s, const char *folder)
{
	struct sandbox_user user;
	char why[MANAGER_WHY], data[PLACE_PATH];

	if (sandbox_find_user(s->of[OPT_USER].text, &user, why) < 0) {
		log_line("%s", why);
		return NULL;
	}
	const struct manager_options options = {.folder = folder,
	                                        .listen = s->of[OPT_LISTEN].text,
	                                        .socket = s->of[OPT_SOCKET].text,
	                                        .data = place_of_data(s, data),
	                                        .sensors = s->of[OPT_SENSORS].text,
	                                        .per_sensor = s->of[OPT_PER_SENSOR].number,
	                                        .retain_days = (unsigned)s->of[OPT_RETAIN].number,
	                                        .uid = user.uid,
	                                        .gid = user.gid};
	struct manager *const m = manager_open(&options, why, sizeof why);
	if (m == NULL)
		log_line("%s", why);
	return m;
}

int serve_signals(void)
{
	static const int which[] = {SIGINT, SIGTERM, SIGCHLD};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < COUNT_OF(which); i++)
		sigaddset(&set, which[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

bool serve_start(struct manager *m, const struct settings *s)
{
	const char *const paths[] = {manager_folder(m), NULL};
	const struct sandbox_plan plan = {.user = s->of[OPT_USER].text, .write_paths = paths};
	char why[SANDBOX_WHY];

	if (sandbox_enter(&plan, why) != 0) {
		log_line("%s", why);
		return false;
	}
	thread_sandbox = sandbox_thread;
	return manager_start(m) && sandbox_thread(SANDBOX_MAIN) == 0;
}

int serve_wait(int signals)
{
	struct signalfd_siginfo got;

	while (read(signals, &got, sizeof got) < 0 && errno == EINTR)
		continue;
	return (int)got.ssi_signo;
}

int serve_end(struct manager *m)
{
	manager_stop(m);
	return thread_join_all(END_MS, say_late, NULL) == 0 ? DONE : FAILED_FOR_GOOD;
}

static void say_where(struct manager *m)
{
	char link[256];

	log_line("sensors report to unix:%s", manager_socket(m));
	if (manager_sensors_port(m) != 0)
		log_line("those of other machines by TLS to port %u, once they are accepted",
		         manager_sensors_port(m));
	if (*manager_fingerprint(m))
		printf("manager  %s\n", manager_fingerprint(m));
	if (*manager_first_token(m))
		printf("token  %s\n", manager_first_token(m));
	if (manager_link(m, link, sizeof link))
		printf("login  %s\n", link);
	fflush(stdout);
}

/* What is done to a manager's folder, be it running or not. */
static int manage(const struct settings *s, const char *folder)
{
	static const struct {
		const char *word;
		int (*call)(const struct settings *s, struct roster *r);
	} words[] = {
		{"accept", accept_sensor}, {"revoke", revoke_sensor}, {"sensors", list_sensors}};

	if (strcmp(s->arguments[0], "token") == 0)
		return make_token(s, folder);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(s->arguments[0], words[i].word) == 0)
			return with_roster(s, folder, words[i].call);
	return command_refuse("manager", "takes token, accept, revoke, sensors, or nothing");
}

int command_manager(const struct settings *s)
{
	char folder[PLACE_PATH];

	if (place_of(s, folder) == NULL)
		return command_refuse("manager", "no home folder: say --state FOLDER");
	if (s->argument_count > 0)
		return manage(s, folder);
	const int signals = serve_signals();
	struct manager *const m = signals < 0 ? NULL : serve_open(s, folder);
	int status = FAILED_FOR_GOOD;
	if (m != NULL && serve_start(m, s)) {
		say_where(m);
		serve_wait(signals);
		status = serve_end(m);
	}
	manager_free(m);
	return status;
}
