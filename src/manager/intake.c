/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake.c - see intake.h: lines, transactions and the life of the task. Who comes in, and as whom, is
 * intake_door.c's business.
 */
#include "manager/intake.h"

#include "base/clock.h"
#include "manager/intake_parts.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define REFUSED_MOST 1000u /* lines that are none, of one peer: then it is no sensor */
#define UNSENT_MOST (1u << 20)

struct intake_counts intake_count(const struct intake *in)
{
	uint64_t numbers[COUNT_OF(in->counts)] = {0};
	struct intake_counts counts;

	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		numbers[i] = atomic_load_explicit(&in->counts[i], memory_order_relaxed);
	memcpy(&counts, numbers, sizeof counts);
	return counts;
}

/* ---- peers ---- */

void peer_free(struct peer *p)
{
	struct intake *const in = p->intake;
	struct peer **link = &in->peers;

	while (*link != p)
		link = &(*link)->next;
	*link = p->next;
	in->strangers -= p->stranger;
	atomic_fetch_sub_explicit(COUNT(in, peers), 1, memory_order_relaxed);
	bufferevent_free(p->stream);
	free(p);
}

static void peers_free(struct intake *in)
{
	struct peer *next;

	for (struct peer *p = in->peers; p != NULL; p = next) {
		next = p->next;
		peer_free(p);
	}
}

void peer_say(struct peer *p, const char *line, size_t len)
{
	bufferevent_write(p->stream, line, len);
}

static void peer_acknowledge(struct peer *p)
{
	char line[96];

	if (!p->unacked)
		return;
	p->unacked = false;
	const int len = snprintf(line, sizeof line, "{\"ack\":{\"boot\":%llu,\"seq\":%llu}}\n",
	                         (unsigned long long)p->boot, (unsigned long long)p->seq);
	peer_say(p, line, (size_t)len);
}

static void peer_refuse(struct peer *p, const struct incoming *line, const char *why)
{
	json_t *const answer =
		line->sensor == NULL
			? json_pack("{s:{s:s}}", "refused", "why", why)
			: json_pack("{s:{s:I,s:I,s:s}}", "refused", "boot", (json_int_t)line->boot,
	                            "seq", (json_int_t)line->seq, "why", why);
	char *const text = json_dumps(answer, JSON_COMPACT | JSON_ENSURE_ASCII);

	count_add(COUNT(p->intake, refused), 1);
	if (text != NULL) {
		peer_say(p, text, strlen(text));
		peer_say(p, "\n", 1);
	}
	free(text);
	json_decref(answer);
}

/* ---- transactions ---- */

/*
 * Nothing since begin is kept. Whoever waits for an acknowledgement is sent away: it has all that
 * it said, and says it again.
 */
static void intake_fail(struct intake *in)
{
	log_once_a_minute(&in->said, "cannot write the inventory: %s; trying again",
	                  store_error(in->store));
	count_add(COUNT(in, failures), 1);
	if (in->began)
		store_rollback(in->store);
	in->began = false;
	evtimer_del(in->commit);
	peers_free(in);
	intake_rest(in);
}

static void intake_resume(evutil_socket_t fd, short what, void *self)
{
	struct intake *const in = self;

	(void)fd;
	(void)what;
	intake_let_in(in, true);
}

/* False: the store failed, and no peer is there any more. */
static bool intake_commit(struct intake *in)
{
	if (!in->began)
		return true;
	if (!store_commit(in->store)) {
		in->began = false;
		intake_fail(in);
		return false;
	}
	in->began = false;
	evtimer_del(in->commit);
	count_add(COUNT(in, commits), 1);
	for (struct peer *p = in->peers; p != NULL; p = p->next)
		peer_acknowledge(p);
	if (in->changed && in->on_commit != NULL) {
		const uint64_t *devices;
		const size_t count = store_touched(in->store, &devices);

		in->on_commit(in->on_commit_self, devices, count);
	}
	return true;
}

static bool intake_begin(struct intake *in)
{
	const struct timeval most = {.tv_usec = INTAKE_MS * 1000};

	if (in->began)
		return true;
	in->lines = 0;
	in->changed = false;
	in->began = store_begin(in->store);
	if (in->began)
		evtimer_add(in->commit, &most);
	return in->began;
}

static void intake_timer(evutil_socket_t fd, short what, void *self)
{
	(void)fd;
	(void)what;
	(void)!intake_commit(self);
}

/* ---- lines ---- */

static bool keep_aside(struct peer *p, const struct incoming *line, const char *text, size_t len,
                       const char *why, uint64_t now_ns)
{
	peer_refuse(p, line, why);
	return store_refuse(p->intake->store, text, len, why, now_ns);
}

/* Whoever speaks for another is refused, whatever it says. */
static enum taken take_own(struct peer *p, const struct incoming *line, const char *text,
                           size_t len, uint64_t now_ns, char why[STORE_WHY])
{
	if (p->sensor[0] == '\0' || strcmp(p->sensor, line->sensor) == 0)
		return store_take(p->intake->store, line, text, len, now_ns, why);
	p->none++;
	snprintf(why, STORE_WHY,
	         "its certificate is that of sensor %s, which cannot speak for \"%.80s\"",
	         p->sensor, line->sensor);
	return TAKE_REFUSED;
}

static bool take(struct peer *p, const struct incoming *line, const char *text, size_t len,
                 uint64_t now_ns)
{
	struct intake *const in = p->intake;
	char why[STORE_WHY];

	switch (take_own(p, line, text, len, now_ns, why)) {
	case TAKE_DONE:
		in->changed = true;
		count_add(COUNT(in, taken), 1);
		if (line->type == LINE_DEVICE)
			count_add(COUNT(in, devices), 1);
		if (line->type == LINE_CHANGE)
			count_add(COUNT(in, changes), 1);
		break;
	case TAKE_KNOWN:
		count_add(COUNT(in, known), 1);
		break;
	case TAKE_REFUSED:
		if (!keep_aside(p, line, text, len, why, now_ns))
			return false;
		break;
	case TAKE_FAILED:
		return false;
	}
	p->boot = line->boot;
	p->seq = line->seq;
	p->unacked = true;
	return true;
}

/* False: the store failed. */
static bool peer_line(struct peer *p, const char *text, size_t len)
{
	const uint64_t now_ns = clock_now_ns();
	struct incoming line;
	char why[INCOMING_WHY];

	if (len == 0)
		return true;
	if (!intake_begin(p->intake))
		return false;
	p->intake->lines++;
	if (!incoming_parse(text, len, &line, why)) {
		p->none++;
		return keep_aside(p, &line, text, len, why, now_ns);
	}
	const bool done = take(p, &line, text, len, now_ns);
	incoming_free(&line);
	return done;
}

/* A peer that says nothing that we know, or takes no answers, is no sensor. */
static bool is_hopeless(struct peer *p, struct evbuffer *input)
{
	const bool endless = evbuffer_get_length(input) > INCOMING_MAX;

	if (!endless && p->none <= REFUSED_MOST &&
	    evbuffer_get_length(bufferevent_get_output(p->stream)) <= UNSENT_MOST)
		return false;
	log_once_a_minute(&p->intake->said, "a peer that is no sensor was sent away: %s",
	                  endless       ? "a line without an end"
	                  : p->none > 0 ? "its lines are none of havainto/1, or another's"
	                                : "it does not read its answers");
	return true;
}

void peer_read(struct bufferevent *stream, void *self)
{
	struct peer *const p = self;
	struct intake *const in = p->intake;
	struct evbuffer *const input = bufferevent_get_input(stream);
	size_t len;
	char *line;

	while ((line = evbuffer_readln(input, &len, EVBUFFER_EOL_LF)) != NULL) {
		count_add(COUNT(in, bytes), len + 1);
		const bool done = peer_line(p, line, len);
		free(line);
		if (!done) {
			intake_fail(in);
			return;
		}
		if (in->lines >= INTAKE_LINES && !intake_commit(in))
			return;
	}
	if (is_hopeless(p, input))
		peer_free(p);
}

/* ---- the task ---- */

void intake_forget_after(struct intake *in, uint64_t age_ns)
{
	in->forget_ns = age_ns;
}

/* What is too old goes, in a transaction of its own. */
static void intake_forget(evutil_socket_t fd, short what, void *self)
{
	struct intake *const in = self;
	const uint64_t now = clock_now_ns();

	(void)fd;
	(void)what;
	if (in->forget_ns == 0 || now < in->forget_ns || !intake_commit(in))
		return;
	if (!intake_begin(in) || !store_forget(in->store, now - in->forget_ns)) {
		intake_fail(in);
		return;
	}
	in->changed = true;
	(void)!intake_commit(in);
}

static void intake_stopped(evutil_socket_t fd, short what, void *self)
{
	struct intake *const in = self;
	uint64_t times;

	(void)what;
	(void)!read(fd, &times, sizeof times);
	intake_let_in(in, false);
	event_base_loopbreak(in->base);
}

struct intake *intake_new(struct store *store)
{
	static const struct timeval hour = {.tv_sec = 3600};
	struct intake *const in = calloc(1, sizeof *in);

	if (in == NULL)
		return NULL;
	in->store = store;
	in->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	in->base = event_base_new();
	if (in->base != NULL && in->stop_fd >= 0) {
		in->stop =
			event_new(in->base, in->stop_fd, EV_READ | EV_PERSIST, intake_stopped, in);
		in->commit = evtimer_new(in->base, intake_timer, in);
		in->pause = evtimer_new(in->base, intake_resume, in);
		in->hour = event_new(in->base, -1, EV_PERSIST, intake_forget, in);
	}
	if (in->stop != NULL && in->commit != NULL && in->pause != NULL && in->hour != NULL &&
	    event_add(in->stop, NULL) == 0 && event_add(in->hour, &hour) == 0)
		return in;
	intake_free(in);
	return NULL;
}

void intake_free(struct intake *in)
{
	if (in == NULL)
		return;
	peers_free(in);
	for (size_t i = 0; i < COUNT_OF(in->listeners); i++)
		if (in->listeners[i] != NULL)
			evconnlistener_free(in->listeners[i]);
	struct event *const events[] = {in->stop, in->commit, in->pause, in->second, in->hour};
	for (size_t i = 0; i < COUNT_OF(events); i++)
		if (events[i] != NULL)
			event_free(events[i]);
	if (in->base != NULL)
		event_base_free(in->base);
	if (in->stop_fd >= 0)
		close(in->stop_fd);
	free(in);
}

void intake_on_commit(struct intake *in, intake_changed *call, void *self)
{
	in->on_commit = call;
	in->on_commit_self = self;
}

/* What peers have sent already is taken too; then the last acknowledgements go out. */
static void intake_finish(struct intake *in)
{
	for (unsigned i = 0; i < 100; i++) {
		const uint64_t before = atomic_load(COUNT(in, bytes));

		event_base_loop(in->base, EVLOOP_NONBLOCK);
		if (before == atomic_load(COUNT(in, bytes)))
			break;
	}
	if (intake_commit(in))
		event_base_loop(in->base, EVLOOP_NONBLOCK);
}

/*
 * A turn of the loop reads what there is of every peer; a turn that brought no line ends the
 * transaction, so that a lone line is acknowledged at once and a flood in batches.
 */
void intake_run(struct intake *in)
{
	intake_forget(-1, 0, in);
	while (!event_base_got_break(in->base)) {
		const uint64_t before = atomic_load(COUNT(in, bytes));

		event_base_loop(in->base, in->began ? EVLOOP_NONBLOCK : EVLOOP_ONCE);
		if (before == atomic_load(COUNT(in, bytes)))
			(void)!intake_commit(in);
	}
	intake_finish(in);
}

void intake_stop(struct intake *in)
{
	const uint64_t one = 1;

	(void)!write(in->stop_fd, &one, sizeof one);
}
