/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake.c - see intake.h.
 */
#include "manager/intake.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/tls.h"
#include "manager/listening.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define REFUSED_MOST 1000u /* lines that are none, of one peer: then it is no sensor */
#define PAUSE_MS 1000      /* after the store failed */
#define UNSENT_MOST (1u << 20)

/* A connection of a sensor. */
struct peer {
	struct intake *intake;
	struct peer *next;
	struct bufferevent *stream;
	bool remote;                    /* over TLS */
	bool stranger;                  /* it has not shown who it is */
	char address[INET6_ADDRSTRLEN]; /* of a remote one */
	uint64_t since_ns;
	struct fingerprint who;
	char sensor[CERTIFICATE_NAME]; /* that it may speak for; "": any */
	uint64_t boot, seq;            /* of the last line that was read */
	bool unacked;                  /* and no commit has followed */
	unsigned none;                 /* lines that were none */
};

struct intake {
	struct store *store;
	struct event_base *base;
	struct event *stop, *commit, *pause, *second, *hour;
	struct evconnlistener *listeners[2]; /* of the unix socket, of TLS; NULL: there is none */
	SSL_CTX *context;
	struct roster *roster; /* NULL: without TLS */
	uint64_t forget_ns;    /* what is older is forgotten; 0: nothing */
	struct peer *peers;
	unsigned strangers;
	int stop_fd;
	bool began;     /* a transaction is open */
	unsigned lines; /* of the transaction */
	bool changed;   /* by the transaction */
	intake_changed *on_commit;
	void *on_commit_self;
	struct log_limit said, said_unknown;
	_Atomic(uint64_t) counts[sizeof(struct intake_counts) / sizeof(uint64_t)];
};

/* A count by its place in struct intake_counts. */
#define COUNT(in, member) (&(in)->counts[offsetof(struct intake_counts, member) / sizeof(uint64_t)])

static void count_add(_Atomic(uint64_t) *count, uint64_t n)
{
	atomic_fetch_add_explicit(count, n, memory_order_relaxed);
}

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

static void peer_free(struct peer *p)
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

static void peer_say(struct peer *p, const char *line, size_t len)
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

static void listen_again(struct intake *in, bool on)
{
	for (size_t i = 0; i < COUNT_OF(in->listeners); i++) {
		if (in->listeners[i] == NULL)
			continue;
		if (on)
			evconnlistener_enable(in->listeners[i]);
		else
			evconnlistener_disable(in->listeners[i]);
	}
}

/*
 * Nothing since begin is kept. Whoever waits for an acknowledgement is sent away: it has all that
 * it said, and says it again.
 */
static void intake_fail(struct intake *in)
{
	const struct timeval pause = {.tv_sec = PAUSE_MS / 1000};

	log_once_a_minute(&in->said, "cannot write the inventory: %s; trying again",
	                  store_error(in->store));
	count_add(COUNT(in, failures), 1);
	if (in->began)
		store_rollback(in->store);
	in->began = false;
	evtimer_del(in->commit);
	peers_free(in);
	listen_again(in, false);
	evtimer_add(in->pause, &pause);
}

static void intake_resume(evutil_socket_t fd, short what, void *self)
{
	struct intake *const in = self;

	(void)fd;
	(void)what;
	listen_again(in, true);
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

static void peer_read(struct bufferevent *stream, void *self)
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

static void peer_event(struct bufferevent *stream, short what, void *self);

/* ---- connections ---- */

static struct peer *peer_new(struct intake *in, struct bufferevent *stream)
{
	struct peer *const p = stream == NULL ? NULL : calloc(1, sizeof *p);

	if (p == NULL) {
		if (stream != NULL)
			bufferevent_free(stream);
		return NULL;
	}
	*p = (struct peer){
		.intake = in, .next = in->peers, .stream = stream, .since_ns = clock_now_ns()};
	in->peers = p;
	count_add(COUNT(in, peers), 1);
	count_add(COUNT(in, connected), 1);
	bufferevent_setcb(stream, peer_read, NULL, peer_event, p);
	bufferevent_setwatermark(stream, EV_READ, 0, 2 * INCOMING_MAX);
	bufferevent_set_max_single_read(stream, 256 * 1024);
	return p;
}

/* From here on its lines are read. */
static void peer_greet(struct peer *p)
{
	static const char greeting[] = "{\"manager\":\"havainto/1\"}\n";

	peer_say(p, greeting, sizeof greeting - 1);
	bufferevent_enable(p->stream, EV_READ | EV_WRITE);
}

static bool is_full(const struct intake *in)
{
	return atomic_load_explicit(COUNT(in, peers), memory_order_relaxed) >= INTAKE_PEERS;
}

static void turn_away(struct intake *in, evutil_socket_t fd)
{
	count_add(COUNT(in, turned_away), 1);
	close(fd);
}

static void intake_accept(struct evconnlistener *listener, evutil_socket_t fd,
                          struct sockaddr *from, int len, void *self)
{
	struct intake *const in = self;

	(void)listener;
	(void)from;
	(void)len;
	if (is_full(in)) {
		turn_away(in, fd);
		return;
	}
	struct peer *const p =
		peer_new(in, bufferevent_socket_new(in->base, fd, BEV_OPT_CLOSE_ON_FREE));
	if (p != NULL)
		peer_greet(p);
}

/* ---- connections over TLS ---- */

static unsigned peers_at(const struct intake *in, const char *address)
{
	unsigned count = 0;

	for (const struct peer *p = in->peers; p != NULL; p = p->next)
		count += p->remote && strcmp(p->address, address) == 0;
	return count;
}

static void intake_accept_tls(struct evconnlistener *listener, evutil_socket_t fd,
                              struct sockaddr *from, int len, void *self)
{
	struct intake *const in = self;
	char address[INET6_ADDRSTRLEN];

	(void)listener;
	(void)from;
	(void)len;
	listening_peer(fd, address);
	SSL *const ssl = is_full(in) || in->strangers >= INTAKE_STRANGERS ||
	                                 peers_at(in, address) >= INTAKE_PER_ADDRESS
	                         ? NULL
	                         : SSL_new(in->context);
	if (ssl == NULL) {
		turn_away(in, fd);
		return;
	}
	struct peer *const p = peer_new(
		in, bufferevent_openssl_socket_new(in->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
	                                           BEV_OPT_CLOSE_ON_FREE));
	if (p == NULL)
		return;
	bufferevent_openssl_set_allow_dirty_shutdown(p->stream, 1);
	memcpy(p->address, address, sizeof address);
	p->remote = p->stranger = true;
	in->strangers++;
}

/* What it was told is out. */
static void peer_told(struct bufferevent *stream, void *self)
{
	(void)stream;
	peer_free(self);
}

/* It stays a stranger, until it has read who it is to us. */
static void peer_unknown(struct peer *p, const char *asks_for)
{
	struct sensor_entry e = {.who = p->who, .seen_ns = clock_now_ns()};
	char text[FINGERPRINT_TEXT], line[FINGERPRINT_TEXT + 32];
	const int len = snprintf(line, sizeof line, "{\"unknown\":\"%s\"}\n",
	                         fingerprint_format(&p->who, text));

	snprintf(e.name, sizeof e.name, "%s", asks_for);
	memcpy(e.address, p->address, sizeof e.address);
	roster_wait(p->intake->roster, &e);
	log_once_a_minute(
		&p->intake->said_unknown,
		"a sensor at %s, which calls itself \"%s\", is not known: havainto manager "
		"accept %s",
		p->address, asks_for, text);
	count_add(COUNT(p->intake, turned_away), 1);
	bufferevent_disable(p->stream, EV_READ);
	bufferevent_setcb(p->stream, NULL, peer_told, peer_event, p);
	peer_say(p, line, (size_t)len);
}

/* Of too many connections of one sensor the oldest goes; they stand the newest first. */
static void drop_oldest(const struct peer *newest)
{
	struct peer *oldest = NULL;
	unsigned count = 0;

	for (struct peer *p = newest->intake->peers; p != NULL; p = p->next) {
		if (!p->remote || p->stranger || !fingerprint_equal(&p->who, &newest->who))
			continue;
		count++;
		oldest = p;
	}
	if (count > INTAKE_PER_SENSOR)
		peer_free(oldest);
}

/* The handshake is over: it has the key of what it showed. */
static void peer_proved(struct peer *p)
{
	struct intake *const in = p->intake;
	char asks_for[CERTIFICATE_NAME];

	if (!tls_peer(bufferevent_openssl_get_ssl(p->stream), &p->who, asks_for)) {
		peer_free(p);
		return;
	}
	const char *const name = roster_name(in->roster, &p->who);
	if (name == NULL) {
		peer_unknown(p, asks_for);
		return;
	}
	memcpy(p->sensor, name, sizeof p->sensor);
	p->stranger = false;
	in->strangers--;
	peer_greet(p);
	drop_oldest(p);
}

static void peer_event(struct bufferevent *stream, short what, void *self)
{
	(void)stream;
	if (what & BEV_EVENT_CONNECTED)
		peer_proved(self);
	else if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		peer_free(self);
}

static bool is_revoked(const struct peer *p)
{
	const char *const name =
		p->remote && !p->stranger ? roster_name(p->intake->roster, &p->who) : p->sensor;

	return name == NULL || strcmp(name, p->sensor) != 0;
}

/* Every second: who does not say who it is, and whom the roster has no more, goes. */
static void intake_look_after(evutil_socket_t fd, short what, void *self)
{
	struct intake *const in = self;
	const bool changed = roster_refresh(in->roster);
	const uint64_t now = clock_now_ns();
	struct peer *next;

	(void)fd;
	(void)what;
	for (struct peer *p = in->peers; p != NULL; p = next) {
		next = p->next;
		if (changed && is_revoked(p)) {
			log_line("sensor %s is no longer accepted: its connection is cut",
			         p->sensor);
			peer_free(p);
		} else if (p->stranger && now - p->since_ns > INTAKE_PROVE_S * CLOCK_SECOND) {
			count_add(COUNT(in, turned_away), 1);
			peer_free(p);
		}
	}
}

/* ---- listening ---- */

/* Out of descriptors: the listener rests for a moment instead of asking again at once. */
static void intake_accept_failed(struct evconnlistener *listener, void *self)
{
	struct intake *const in = self;
	const struct timeval pause = {.tv_sec = PAUSE_MS / 1000};

	(void)listener;
	log_once_a_minute(&in->said, "cannot let a sensor in: %s", strerror(errno));
	listen_again(in, false);
	evtimer_add(in->pause, &pause);
}

/* A socket that nobody answers at is what a manager left that was killed. */
static bool is_left_over(const struct sockaddr_un *at)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const bool refused = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof *at) < 0 &&
	                     errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return refused;
}

static int unix_socket(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof at.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(at.sun_path, path, strlen(path));
	if (is_left_over(&at))
		unlink(path);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const mode_t mask = umask(0117);
	const bool bound = fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0;
	umask(mask);
	if (bound)
		return fd;
	if (fd >= 0) {
		const int error = errno;

		close(fd);
		errno = error;
	}
	return -1;
}

static bool listener_new(struct intake *in, struct evconnlistener **out, evconnlistener_cb call,
                         int fd)
{
	if (fd >= 0)
		*out = evconnlistener_new(in->base, call, in,
		                          LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 64, fd);
	if (*out == NULL)
		return false;
	evconnlistener_set_error_cb(*out, intake_accept_failed);
	return true;
}

bool intake_listen(struct intake *in, const char *path, char *why, size_t why_len)
{
	const int fd = unix_socket(path);

	if (listener_new(in, &in->listeners[0], intake_accept, fd))
		return true;
	snprintf(why, why_len, "cannot listen for sensors at %s: %s%s", path, strerror(errno),
	         errno == EADDRINUSE ? " (is another manager running?)" : "");
	if (fd >= 0)
		close(fd);
	return false;
}

bool intake_listen_tls(struct intake *in, const char *address, SSL_CTX *context,
                       struct roster *roster, uint16_t *port, char *why, size_t why_len)
{
	static const struct timeval second = {.tv_sec = 1};
	const int fd = listening_open(address, "sensors", port, why, why_len);

	if (fd < 0)
		return false;
	in->context = context;
	in->roster = roster;
	if (listener_new(in, &in->listeners[1], intake_accept_tls, fd) &&
	    event_add(in->second, &second) == 0)
		return true;
	snprintf(why, why_len, "cannot listen for sensors at %s: %s", address, strerror(errno));
	if (in->listeners[1] == NULL)
		close(fd);
	return false;
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
	listen_again(in, false);
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
		in->second = event_new(in->base, -1, EV_PERSIST, intake_look_after, in);
		in->hour = event_new(in->base, -1, EV_PERSIST, intake_forget, in);
	}
	if (in->stop != NULL && in->commit != NULL && in->pause != NULL && in->second != NULL &&
	    in->hour != NULL && event_add(in->stop, NULL) == 0 && event_add(in->hour, &hour) == 0)
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
