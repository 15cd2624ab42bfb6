/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manager.c - `havainto manager`: the inventory of many sensors, kept and served.
 *
 * The order of its start is the sensor's: everything is opened, the sandbox entered, the tasks
 * started, the main thread confined. Then it waits for a signal. `run` goes the same way (serve.h).
 */
#include "manager/manager.h"

#include "base/log.h"
#include "base/sandbox.h"
#include "cli/command.h"
#include "cli/place.h"
#include "cli/serve.h"
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
	if (*manager_first_token(m))
		printf("token  %s\n", manager_first_token(m));
	if (manager_link(m, link, sizeof link))
		printf("login  %s\n", link);
	fflush(stdout);
}

int command_manager(const struct settings *s)
{
	char folder[PLACE_PATH];

	if (place_of(s, folder) == NULL)
		return command_refuse("manager", "no home folder: say --state FOLDER");
	if (s->argument_count > 0 && strcmp(s->arguments[0], "token") == 0)
		return make_token(s, folder);
	if (s->argument_count > 0)
		return command_refuse("manager", "takes \"token NAME [ROLE]\" or nothing");
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
