/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tui.c - see tui.h. The terminal and the thread; what is shown is tui_view.c's.
 *
 * Size changes are seen by asking at each round: all signals are blocked here. Ctrl-C is a key
 * while the table is there. Messages of the program go over the table; the next whole picture, a
 * second later at most, takes them away.
 */
#include "cli/tui.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/look.h"
#include "cli/terminal.h"
#include "cli/tui_view.h"
#include "task/thread.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

enum { ROUND_MS = 100, SMALLEST = 5, LARGEST = 1024 };

static const char enter[] = "\x1b[?1049h\x1b[?25l\x1b[2J";
static const char leave[] = "\x1b[0m\x1b[?25h\x1b[?1049l";

struct tui {
	struct reporter *reporter;
	int quit_fd, stop_fd;
	atomic_bool ended;
	struct screen view;
	struct snapshot snapshot;
	char *drawn; /* the last picture */
	size_t drawn_len;
	uint64_t drawn_ns, news_ns; /* when it was; when the snapshot came */
};

/* ---- the terminal ---- */

static struct termios terminal_was;
static atomic_bool taken;
static _Thread_local bool may_set; /* this thread's class may set a terminal */

void tui_restore(void)
{
	if (!atomic_exchange(&taken, false))
		return;
	(void)!write(STDERR_FILENO, leave, sizeof leave - 1); /* any class may write here */
	(void)!write(STDOUT_FILENO, leave, sizeof leave - 1);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal_was);
}

/* A fault of ours: the screen is given back before the program dies of it. */
static void on_fault(int signal)
{
	(void)signal; /* the handler is gone now: what was wrong happens again */
	if (may_set)
		tui_restore();
	else if (atomic_exchange(&taken, false))
		(void)!write(STDERR_FILENO, leave, sizeof leave - 1);
}

static void catch_faults(void)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	const struct sigaction action = {.sa_handler = on_fault, .sa_flags = (int)SA_RESETHAND};

	for (size_t i = 0; i < COUNT_OF(faults); i++)
		sigaction(faults[i], &action, NULL);
}

static bool terminal_take(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &terminal_was) != 0)
		return false;
	raw = terminal_was;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_iflag &= (tcflag_t) ~(IXON | ICRNL);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	may_set = true;
	catch_faults();
	atomic_store(&taken, true);
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) != 0)
		return false;
	(void)!write(STDOUT_FILENO, enter, sizeof enter - 1);
	return true;
}

struct tui *tui_new(struct reporter *reporter, const char *what)
{
	struct tui *t = calloc(1, sizeof *t);

	if (!t || (t->quit_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0 ||
	    (t->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0 || !terminal_take()) {
		log_line("cannot use the terminal: %s", strerror(errno));
		tui_free(t);
		return NULL;
	}
	json_object_seed(0); /* asks the system for a number: later it may not */
	t->reporter = reporter;
	t->view.what = what;
	t->view.sort = COL_DEVICE;
	t->view.colours = terminal_colours(STDOUT_FILENO);
	return t;
}

void tui_free(struct tui *t)
{
	tui_restore();
	if (!t)
		return;
	close(t->quit_fd);
	close(t->stop_fd);
	free(t->drawn);
	free(t);
}

/* ---- the thread ---- */

static void tell(int fd)
{
	const uint64_t one = 1;

	(void)!write(fd, &one, sizeof one);
}

static void tui_keys(struct tui *t)
{
	char bytes[256];
	const ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
	size_t took = 0;

	for (size_t at = 0; got > 0 && at < (size_t)got && !t->view.quit; at += took)
		view_key(&t->view, &t->snapshot, key_read(bytes + at, (size_t)got - at, &took));
	if (!t->view.wants_changed)
		return;
	t->view.wants_changed = false;
	reporter_want(t->reporter, t->view.wants ? &t->view.wanted : NULL);
}

static unsigned within(unsigned n)
{
	return n < SMALLEST ? SMALLEST : n > LARGEST ? LARGEST : n;
}

static void tui_look(struct tui *t)
{
	t->view.ended = atomic_load(&t->ended);
	t->view.width = within(terminal_width(STDOUT_FILENO));
	t->view.height = within(terminal_height(STDOUT_FILENO));
	if (!t->view.paused && look(t->reporter, &t->snapshot))
		t->news_ns = clock_now_ns();
	view_update(&t->view, &t->snapshot);
}

/* As much as the terminal takes; a slow one is waited for, as long as nobody ends the thread. */
static void tui_write(const struct tui *t, const char *bytes, size_t len)
{
	struct pollfd fds[] = {{.fd = STDOUT_FILENO, .events = POLLOUT},
	                       {.fd = t->stop_fd, .events = POLLIN}};

	while (len > 0) {
		if (poll(fds, 2, -1) < 0 || fds[1].revents)
			return;
		const ssize_t n = write(STDOUT_FILENO, bytes, len < 512 ? len : 512);
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

/* The same picture is drawn again once a second, over what others wrote. */
static void tui_draw(struct tui *t)
{
	const uint64_t now = clock_now_ns();
	const uint64_t shown_at =
		t->snapshot.time_ns + (t->view.ended || t->view.paused ? 0 : now - t->news_ns);
	size_t len = 0;
	char *picture = view_draw(&t->view, &t->snapshot, shown_at ? shown_at : 1, &len);

	if (!picture)
		return;
	const bool same = t->drawn && len == t->drawn_len && memcmp(picture, t->drawn, len) == 0;
	if (!same || now - t->drawn_ns > CLOCK_SECOND) {
		tui_write(t, picture, len);
		t->drawn_ns = now;
	}
	free(t->drawn);
	t->drawn = picture;
	t->drawn_len = len;
}

static void tui_run(void *self)
{
	struct tui *t = self;
	struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
	                       {.fd = t->stop_fd, .events = POLLIN}};

	may_set = true;
	while (!t->view.quit) {
		tui_look(t);
		tui_draw(t);
		if (poll(fds, 2, ROUND_MS) < 0 || fds[1].revents ||
		    (fds[0].revents & (POLLHUP | POLLERR)))
			break;
		if (fds[0].revents)
			tui_keys(t);
	}
	tui_restore();
	tell(t->quit_fd);
}

int tui_start(struct tui *t)
{
	return thread_start("table", SANDBOX_UI, tui_run, t) ? 0 : -EAGAIN;
}

int tui_quit_fd(const struct tui *t)
{
	return t->quit_fd;
}

void tui_ended(struct tui *t)
{
	atomic_store(&t->ended, true);
}

void tui_stop(struct tui *t)
{
	tell(t->stop_fd);
}
