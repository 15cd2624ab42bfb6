/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen.c - `havainto listen`: a run from its start to its end.
 *
 * The order of the start is fixed: the configuration, everything that is opened (captures,
 * interfaces, sinks, state, the status socket), the sandbox, the threads, and last the main
 * thread's own class. From there the main thread only waits: for signals, for the end, for who asks
 * how the sensor is.
 *
 * A table at the end of a capture is made of the very report: standard output is put aside, the
 * lines go to a file in memory in its place, and are shown from there as `havainto show` would.
 */
#include "cli/listen.h"
#include "base/certificate.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/place.h"
#include "cli/progress.h"
#include "cli/sensor.h"
#include "cli/show.h"
#include "cli/state.h"
#include "cli/status_socket.h"
#include "cli/tui.h"
#include "cli/wiring.h"
#include "report/format.h"
#include "task/thread.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { TICK_MS = 100, IDLE_MS = 1000, AT_ONCE = 130 };
static const uint64_t SPOOL_BYTES = 256u << 20;
static const uint64_t LATE_NS = 4800000000; /* after the first signal */

struct run {
	const struct settings *given; /* of the command line alone */
	struct settings settings;     /* with the configuration */
	const char *config_path;      /* NULL: none */
	struct wiring_options options;
	char data[PLACE_PATH];       /* where others' fingerprints are */
	char place[PLACE_PATH];      /* where keys are, if --state does not say */
	char name[CERTIFICATE_NAME]; /* that it was enrolled under */
	struct wiring *wiring;
	struct tui *tui; /* NULL: no table that moves */
	struct progress progress;
	bool live;
	bool moves;                                           /* a table that moves is wanted */
	void (*show)(const struct report *report, FILE *out); /* what is shown at the end */
	bool only_shown;    /* and nothing but that: not what lies in configurations either */
	const char *beside; /* a sink beside whatever else there is; NULL: none */
	int leash;          /* ends the run when its other end is closed; -1: none */
	int signals, status, table; /* descriptors, -1: none; table: where the shown table goes */
	uint64_t stopped_ns;        /* 0: nobody asked for the end */
};

/* ---- the configuration ---- */

static int run_configure(struct run *r)
{
	static struct config file; /* the run's settings have its texts */
	const struct setting *path = &r->given->of[OPT_CONFIG];
	char why[OPTIONS_WHY];

	r->settings = *r->given;
	if (r->only_shown)
		return DONE;
	if (path->given)
		r->config_path = path->text;
	else if (access(CONFIG_DEFAULT, F_OK) == 0)
		r->config_path = CONFIG_DEFAULT;
	if (!r->config_path)
		return DONE;
	if (!config_read(r->config_path, &file, why)) {
		log_line("%s", why);
		return USAGE;
	}
	config_merge(&r->settings, &file.settings);
	return DONE;
}

/*
 * SIGHUP: what has changed is checked and named; what a run consists of is only made at its start.
 */
static void run_configure_again(struct run *r)
{
	static struct config file;
	static struct settings merged;
	static struct wiring_options options;
	char why[OPTIONS_WHY];
	unsigned changed = 0;

	if (!r->config_path)
		return;
	merged = *r->given;
	if (!config_read(r->config_path, &file, why)) {
		log_line("%s; the old configuration stays", why);
		return;
	}
	config_merge(&merged, &file.settings);
	if (!sensor_options(&merged, &options, why)) {
		log_line("%s: %s; the old configuration stays", r->config_path, why);
		return;
	}
	for (int i = 0; i < OPTIONS; i++) {
		if (config_same(&merged, &r->settings, (enum opt)i))
			continue;
		log_line("%s: %s is another now: it takes effect at the next start", r->config_path,
		         option_infos[i].name);
		changed++;
	}
	if (changed == 0)
		log_line("%s: nothing changed", r->config_path);
}

/* ---- what is shown ---- */

/* Puts standard output aside for a file in memory. */
static bool run_set_output_aside(struct run *r)
{
	const int memory = memfd_create("report", MFD_CLOEXEC);

	json_object_seed(0); /* asks the system for a number: later it may not */
	r->table = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	const bool ok = memory >= 0 && r->table >= 0 && dup2(memory, STDOUT_FILENO) >= 0;
	if (memory >= 0)
		close(memory);
	if (!ok)
		log_line("cannot make room for the report: %s", strerror(errno));
	return ok;
}

/* What goes where, when -o does not say. */
static int run_choose_output(struct run *r)
{
	const bool terminal = isatty(STDOUT_FILENO) != 0;
	const bool named = r->options.sink_count > 0;
	const bool moves = r->settings.of[OPT_LIVE].number || (r->live && terminal && !named);

	if (moves && (!terminal || !isatty(STDIN_FILENO)))
		return command_refuse("listen", "--live wants a terminal");
	for (unsigned i = 0; moves && i < r->options.sink_count; i++)
		if (strcmp(r->options.sinks[i], "-") == 0)
			return command_refuse("listen", "either --live or -o - on the terminal");
	r->moves = moves;
	r->options.snapshots = moves || r->live || r->settings.of[OPT_STATUS].given;
	if (r->beside && r->options.sink_count < COUNT_OF(r->options.sinks))
		r->options.sinks[r->options.sink_count++] = r->beside;
	if (moves || named || (r->beside && r->live))
		return DONE;
	r->options.sinks[r->options.sink_count++] = "-";
	return !(terminal || r->only_shown) || run_set_output_aside(r) ? DONE : FAILED_FOR_GOOD;
}

static void run_show_table(struct run *r)
{
	static struct report report;
	char why[REPORT_WHY];
	FILE *out = r->table >= 0 ? fdopen(r->table, "w") : NULL;
	FILE *in =
		out && lseek(STDOUT_FILENO, 0, SEEK_SET) == 0 ? fdopen(STDOUT_FILENO, "r") : NULL;

	if (in && report_read_stream(&report, in, "report", why)) {
		report_finish(&report);
		r->show(&report, out);
	} else if (out)
		log_line("cannot show the report: %s", in ? why : strerror(errno));
	if (out)
		fclose(out);
}

/* ---- opening ---- */

static bool is_enrolled_somewhere(const struct run *r)
{
	for (unsigned i = 0; i < r->options.sink_count; i++)
		if (strncmp(format_behind(r->options.sinks[i]), "tls:", 4) == 0)
			return true;
	return false;
}

/*
 * Who reports to a manager elsewhere has a folder, that of `havainto enroll`, and the name that it was
 * enrolled under. What is missing there the sink says. NULL: no folder is wanted.
 */
static const char *run_state_folder(struct run *r)
{
	const struct setting *const state = &r->settings.of[OPT_STATE];
	const char *folder = state->given ? state->text : NULL;
	char why[OPTIONS_WHY];

	if (!is_enrolled_somewhere(r))
		return folder;
	folder = folder == NULL ? place_of(&r->settings, r->place) : folder;
	if (folder == NULL || r->settings.of[OPT_SENSOR].given)
		return folder;
	const struct certificate_place place = {.folder = folder, .what = "sensor"};
	struct certificate *const mine = certificate_open(&place, why, sizeof why);
	if (mine != NULL) {
		certificate_name(mine->shown, r->name);
		r->options.sensor = r->name;
	}
	certificate_free(mine);
	return folder;
}

static int run_read_state(struct run *r)
{
	const char *folder = run_state_folder(r);
	char why[OPTIONS_WHY] = "";
	int error = 0;

	r->options.key_folder = folder;
	r->options.boot = clock_now_ns();
	r->options.privacy_key = hash_key_fixed();
	if (folder && r->live)
		error = state_boot(folder, &r->options.boot, why, sizeof why);
	if (folder && r->live) {
		const struct setting *const spool = &r->settings.of[OPT_SPOOL];

		r->options.spool_folder = folder;
		r->options.spool_bytes = spool->given ? spool->number : SPOOL_BYTES;
	}
	if (error == 0 && r->options.hashed && folder)
		error = state_privacy_key(folder, &r->options.privacy_key, why, sizeof why);
	else if (error == 0 && r->options.hashed && !r->options.fixed_key)
		error = hash_key_random(&r->options.privacy_key);
	if (error == 0)
		return DONE;
	log_line("%s", why[0] ? why : strerror(-error));
	return FAILED_FOR_GOOD;
}

/* A socket that was asked for must be there; the usual one of a live run is said to be missing. */
static int run_open_status(struct run *r)
{
	const struct setting *asked = &r->settings.of[OPT_STATUS];
	char path[STATUS_PATH], why[OPTIONS_WHY];

	if (!asked->given && (!r->live || !*status_default(path)))
		return DONE;
	r->status = status_open(asked->given ? asked->text : path, why, sizeof why);
	if (r->status >= 0)
		return DONE;
	log_line("%s", why);
	return asked->given ? FAILED_FOR_GOOD : DONE;
}

/* From here on signals wait until they are read. */
static int run_open_signals(struct run *r)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r->signals >= 0)
		return DONE;
	log_line("cannot wait for signals: %s", strerror(errno));
	return FAILED_FOR_GOOD;
}

static int run_open(struct run *r)
{
	char why[OPTIONS_WHY] = "";

	if (run_read_state(r) != DONE)
		return FAILED_FOR_GOOD;
	r->options.data = place_of_data(&r->settings, r->data);
	r->wiring = wiring_new(&r->options, why, sizeof why);
	if (!r->wiring) {
		log_line("%s", why);
		return FAILED_FOR_GOOD;
	}
	const int status = run_open_status(r);
	if (status != DONE || !r->moves)
		return status;
	r->tui = tui_new(wiring_reporter(r->wiring),
	                 r->live ? r->options.ifaces[0] : r->options.files[0]);
	return r->tui ? DONE : FAILED_FOR_GOOD;
}

static int run_confine(struct run *r)
{
	const char *const read_paths[] = {r->config_path, NULL};
	struct sandbox_plan plan = {.user = r->settings.of[OPT_USER].text,
	                            .read_paths = read_paths};
	char why[SANDBOX_WHY];

	wiring_sandbox(r->wiring, &plan);
	if (sandbox_enter(&plan, why) == 0)
		return DONE;
	log_line("%s", why);
	return FAILED_FOR_GOOD;
}

static int run_start(struct run *r)
{
	thread_sandbox = sandbox_thread;
	if (wiring_start(r->wiring) < 0)
		return FAILED_FOR_GOOD; /* who could not start was said */
	if (r->tui && tui_start(r->tui) < 0)
		return FAILED_FOR_GOOD;
	const int error = sandbox_thread(SANDBOX_MAIN);
	if (error == 0)
		return DONE;
	log_line("cannot confine the main thread: %s", strerror(-error));
	return FAILED_FOR_GOOD;
}

/* ---- waiting ---- */

static void run_stop(struct run *r)
{
	if (r->tui)
		tui_stop(r->tui);
	if (r->stopped_ns == 0)
		r->stopped_ns = clock_now_ns();
	wiring_stop(r->wiring);
}

static void run_leave(const struct run *r, int status)
{
	if (r->tui)
		tui_restore();
	(void)wiring_wait(r->wiring, 0); /* joins who has ended */
	_exit(status);
}

static void run_signal(struct run *r)
{
	struct signalfd_siginfo got;

	while (read(r->signals, &got, sizeof got) == (ssize_t)sizeof got) {
		if (got.ssi_signo == SIGHUP) {
			wiring_reopen(r->wiring);
			run_configure_again(r);
			continue;
		}
		if (r->stopped_ns != 0)
			run_leave(r, AT_ONCE);
		run_stop(r);
	}
}

static void run_draw(struct run *r)
{
	uint64_t read = 0, size = 0;

	if (!r->progress.on)
		return;
	wiring_progress(r->wiring, &read, &size);
	progress_draw(&r->progress, read, size);
}

/* Who does not end is named, and left behind. */
static void run_check_late(struct run *r)
{
	if (r->stopped_ns == 0 || clock_now_ns() - r->stopped_ns < LATE_NS)
		return;
	if (r->tui)
		tui_restore();
	if (wiring_say_late(r->wiring) > 0)
		_exit(FAILED_FOR_GOOD);
}

static void run_wait(struct run *r)
{
	struct pollfd fds[] = {
		{.fd = r->signals, .events = POLLIN},
		{.fd = wiring_ended_fd(r->wiring), .events = POLLIN},
		{.fd = r->status, .events = POLLIN},
		{.fd = r->tui ? tui_quit_fd(r->tui) : -1, .events = POLLIN},
		{.fd = r->leash, .events = POLLIN},
	};
	uint64_t ended = 0;
	bool ending = false;

	while (!wiring_wait(r->wiring, ending ? 1 : 0)) {
		const bool soon = r->progress.on || ending || r->stopped_ns != 0;

		if (poll(fds, COUNT_OF(fds),
		         ending ? 1
		         : soon ? TICK_MS
		                : IDLE_MS) < 0 &&
		    errno != EINTR)
			break;
		if (fds[0].revents)
			run_signal(r);
		if (fds[1].revents && read(fds[1].fd, &ended, sizeof ended) > 0) {
			ending = r->tui == NULL;
			if (r->tui)
				tui_ended(r->tui);
		}
		if (fds[2].revents)
			status_answer(r->status, wiring_reporter(r->wiring));
		for (unsigned i = 3; i < COUNT_OF(fds); i++) {
			if (fds[i].revents == 0)
				continue;
			fds[i].fd = -1;
			run_stop(r);
		}
		run_draw(r);
		run_check_late(r);
	}
}

/* ---- the whole ---- */

static int run_prepare(struct run *r)
{
	char why[OPTIONS_WHY];
	int status = run_configure(r);

	if (status != DONE)
		return status;
	if (!sensor_options(&r->settings, &r->options, why))
		return command_refuse("listen", why);
	r->live = r->options.iface_count > 0;
	if (!r->live && r->options.file_count == 0)
		return command_refuse("listen",
		                      "wants a capture (-r FILE) or an interface (-i IFACE)");
	status = run_choose_output(r);
	if (status == DONE)
		status = run_open_signals(r);
	return status == DONE ? run_open(r) : status;
}

static int run_confined(struct run *r)
{
	assert(r->wiring);
	int status = run_confine(r);

	if (status == DONE && !r->live && !r->tui)
		progress_begin(&r->progress);
	if (status == DONE)
		status = run_start(r);
	if (status != DONE)
		run_leave(r, status); /* threads may run already: there is nothing to wait for */
	run_wait(r);
	progress_end(&r->progress);
	return wiring_status(r->wiring);
}

static int run_whole(struct run *r)
{
	int status = run_prepare(r);

	if (status == DONE) {
		status = run_confined(r);
		if (r->table >= 0)
			run_show_table(r);
	}
	tui_free(r->tui);
	wiring_free(r->wiring);
	return status;
}

int command_listen(const struct settings *settings)
{
	static struct run r = {
		.signals = -1, .status = -1, .table = -1, .leash = -1, .show = show_table};

	r.given = settings;
	return run_whole(&r);
}

int listen_and_show(const struct settings *settings,
                    void (*show)(const struct report *report, FILE *out))
{
	static struct run r = {
		.signals = -1, .status = -1, .table = -1, .leash = -1, .only_shown = true};

	r.given = settings;
	r.show = show;
	return run_whole(&r);
}

int listen_beside(const struct settings *settings, const char *sink, int leash)
{
	static struct run r = {
		.signals = -1, .status = -1, .table = -1, .show = show_table, .only_shown = true};

	r.given = settings;
	r.beside = sink;
	r.leash = leash;
	return run_whole(&r);
}
