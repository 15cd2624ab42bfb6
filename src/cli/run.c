/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.c - `havainto run`: a sensor and a manager on one machine, by one command.
 *
 * They are two processes, each caged for what it does: the sensor reads foreign packets and can
 * open nothing but the manager's socket; the manager answers browsers and has never seen a packet.
 * What breaks into one of them has not got the other. They speak over the manager's socket as any
 * sensor does, so that nothing is special about being one machine.
 *
 * The sensor is forked before anything is opened, and waits at a pipe for a word from the manager
 * that its socket is there. When the manager ends, however it does, the pipe is closed, and the
 * sensor ends too.
 */
#include "base/log.h"
#include "cli/command.h"
#include "cli/listen.h"
#include "cli/place.h"
#include "cli/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUTES "/proc/net/route"

/* The interface of the default route; "": there is none. */
static const char *default_interface(char out[32])
{
	FILE *const in = fopen(ROUTES, "re");
	char line[256], name[32], to[16];

	out[0] = '\0';
	while (in != NULL && *out == '\0' && fgets(line, sizeof line, in) != NULL)
		if (sscanf(line, "%31s %15s", name, to) == 2 && strcmp(to, "00000000") == 0)
			memcpy(out, name, sizeof name);
	if (in != NULL)
		fclose(in);
	return out;
}

/* What is watched: a capture or an interface, as the one argument names it. */
static bool choose_source(struct settings *s, char interface[32], char why[OPTIONS_WHY])
{
	const char *const what =
		s->argument_count > 0 ? s->arguments[0] : default_interface(interface);
	char path[128];
	struct stat file;

	if (*what == '\0') {
		snprintf(why, OPTIONS_WHY,
		         "no default route: name an interface (see \"ip link\") or a capture");
		return false;
	}
	snprintf(path, sizeof path, "/sys/class/net/%.64s", what);
	if (strcmp(what, "-") == 0 || (stat(what, &file) == 0 && !S_ISDIR(file.st_mode)))
		return option_set(s, OPT_READ, what, why);
	if (strchr(what, '/') == NULL && access(path, F_OK) == 0)
		return option_set(s, OPT_INTERFACE, what, why);
	snprintf(why, OPTIONS_WHY, "%.200s is neither a capture nor an interface (see \"ip link\")",
	         what);
	return false;
}

/* ---- the sensor ---- */

/* Never returns. */
static void be_sensor(const struct settings *s, const char *sink, int ready)
{
	sigset_t none;
	char word;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (read(ready, &word, 1) != 1)
		exit(FAILED_FOR_GOOD); /* the manager said why */
	exit(listen_beside(s, sink, ready));
}

/* The sensor's number, and where to say that the manager is ready. -1: it cannot be made. */
static pid_t fork_sensor(const struct settings *s, const char *sink, int *ready)
{
	int ends[2];

	if (pipe(ends) < 0)
		return -1;
	const pid_t sensor = fork();
	if (sensor == 0) {
		close(ends[1]);
		be_sensor(s, sink, ends[0]);
	}
	close(ends[0]);
	*ready = ends[1];
	return sensor;
}

/* ---- the manager ---- */

/* Both processes, as the manager's sees them. */
struct both {
	struct manager *manager;
	int signals, leash;
	pid_t sensor; /* 0: it has ended */
	bool live;
	char token[TOKEN_TEXT];
};

static void say_how_to_ask(struct both *b)
{
	char link[256];

	printf("\n");
	if (manager_link(b->manager, link, sizeof link))
		printf("login  %s\n", link);
	printf("token  %s\n", b->token);
	printf("ask    havainto ask --state %s role:router\n", manager_folder(b->manager));
	fflush(stdout);
	log_line("Ctrl-C ends it");
}

static int status_of(int how)
{
	return WIFEXITED(how) ? WEXITSTATUS(how) : FAILED_FOR_GOOD;
}

/*
 * Serves until a signal. A sensor that has read its capture leaves the manager to be asked; one
 * that listens, or fails, ends both.
 */
static int watch(struct both *b)
{
	int how = 0, status = DONE;

	while (serve_wait(b->signals) == SIGCHLD) {
		if (b->sensor == 0 || waitpid(b->sensor, &how, WNOHANG) != b->sensor)
			continue;
		b->sensor = 0;
		status = status_of(how);
		if (status != DONE || b->live)
			break;
		say_how_to_ask(b);
	}
	close(b->leash);
	if (b->sensor != 0 && waitpid(b->sensor, &how, 0) == b->sensor)
		status = status_of(how);
	const int ended = serve_end(b->manager);
	return status != DONE ? status : ended;
}

static int run_both(struct both *b, const struct settings *s)
{
	if (!manager_passing_token(b->manager, b->token) || !serve_start(b->manager, s))
		return FAILED_FOR_GOOD;
	if (b->live)
		say_how_to_ask(b);
	return write(b->leash, "r", 1) == 1 ? watch(b) : FAILED_FOR_GOOD;
}

int command_run(const struct settings *given)
{
	static struct settings s;
	char folder[PLACE_PATH], sink[PLACE_PATH + 32], interface[32], why[OPTIONS_WHY];
	struct both b = {.leash = -1};

	s = *given;
	if (!choose_source(&s, interface, why))
		return command_refuse("run", why);
	if (place_of(&s, folder) == NULL)
		return command_refuse("run", "no home folder: say --state FOLDER");
	s.of[OPT_STATE].given = false; /* the manager's: a sensor beside it counts by time */
	snprintf(sink, sizeof sink, "unix:%s/manager.sock", folder);
	b.live = s.of[OPT_INTERFACE].given;
	b.signals = serve_signals();
	b.sensor = b.signals < 0 ? -1 : fork_sensor(&s, sink, &b.leash);
	if (b.sensor < 0) {
		log_line("cannot start the sensor: %s", strerror(errno));
		return FAILED_FOR_GOOD;
	}
	b.manager = serve_open(&s, folder);
	const int status = b.manager == NULL ? FAILED_FOR_GOOD : run_both(&b, &s);
	manager_free(b.manager);
	return status;
}
