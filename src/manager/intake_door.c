/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_door.c - how sensors come to the intake: its sockets, what they show, and how many there may be.
 *
 * A connection over TLS is a stranger's until its handshake is over and the roster has a name for its
 * certificate. Strangers are bounded by address and in all, and by time; to whom the roster knows only the
 * bound of all connections applies, and that of its own few. A connection of this machine comes by a
 * socket that the folder's rights guard.
 */
#include "base/clock.h"
#include "base/tls.h"
#include "manager/intake_parts.h"
#include "manager/listening.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PAUSE_MS 1000 /* after the store failed, or descriptors are out */

void intake_let_in(struct intake *in, bool on)
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

void intake_rest(struct intake *in)
{
	const struct timeval pause = {.tv_sec = PAUSE_MS / 1000};

	intake_let_in(in, false);
	evtimer_add(in->pause, &pause);
}

/* ---- connections ---- */

static void peer_event(struct bufferevent *stream, short what, void *peer);

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

static unsigned strangers_at(const struct intake *in, const char *address)
{
	unsigned count = 0;

	for (const struct peer *p = in->peers; p != NULL; p = p->next)
		count += p->stranger && strcmp(p->address, address) == 0;
	return count;
}

static bool is_room_for(const struct intake *in, const char *address)
{
	return !is_full(in) && in->strangers < INTAKE_STRANGERS &&
	       strangers_at(in, address) < INTAKE_PER_ADDRESS;
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
	SSL *const ssl = is_room_for(in, address) ? SSL_new(in->context) : NULL;
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

	(void)listener;
	log_once_a_minute(&in->said, "cannot let a sensor in: %s", strerror(errno));
	intake_rest(in);
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
	in->second = event_new(in->base, -1, EV_PERSIST, intake_look_after, in);
	if (in->second != NULL && listener_new(in, &in->listeners[1], intake_accept_tls, fd) &&
	    event_add(in->second, &second) == 0)
		return true;
	snprintf(why, why_len, "cannot listen for sensors at %s: %s", address, strerror(errno));
	if (in->listeners[1] == NULL)
		close(fd);
	return false;
}
