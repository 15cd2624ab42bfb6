/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink_stream.c - remote sinks that are one stream of bytes: a unix socket, a TCP connection, which is
 * also what is below TLS (sink_tls.c).
 *
 * The name is resolved when the sink is opened; attempts to connect go round its addresses. What
 * the peer sends is read at every turn, so that its answers and its end are noticed.
 */
#include "report/sink_kind.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- opening: addresses only ---- */

static int unix_open(struct sink *s, const char *rest, char *why, size_t why_len)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	if (rest[0] == 0 || strlen(rest) >= sizeof at.sun_path) {
		snprintf(why, why_len, "cannot report to %s: the path is %s", s->spec,
		         rest[0] == 0 ? "missing" : "longer than 107 bytes");
		return -EINVAL;
	}
	memcpy(at.sun_path, rest, strlen(rest));
	memcpy(&s->addresses[0].at, &at, sizeof at);
	s->addresses[0].len = sizeof at;
	s->address_count = 1;
	return 0;
}

/* Splits HOST:PORT or [HOST]:PORT; false: it is neither. */
static bool split_host(const char *rest, char host[SINK_SPEC], const char **port)
{
	const char *const colon = strrchr(rest, ':');
	const char *from = rest;
	size_t len = colon == NULL ? 0 : (size_t)(colon - rest);

	if (len >= 2 && rest[0] == '[' && rest[len - 1] == ']') {
		from++;
		len -= 2;
	} else if (memchr(rest, ':', len) != NULL) {
		return false; /* an IPv6 address without brackets */
	}
	if (len == 0 || len >= SINK_SPEC)
		return false;
	memcpy(host, from, len);
	host[len] = 0;
	*port = colon + 1;
	return true;
}

static bool port_number(const char *text, uint16_t *port)
{
	char *end;
	const unsigned long n = strtoul(text, &end, 10);

	*port = (uint16_t)n;
	return text[0] >= '0' && text[0] <= '9' && *end == 0 && n > 0 && n < 65536;
}

static int tcp_resolve(struct sink *s, const char *host, const char *port, char *why,
                       size_t why_len)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	const int err = getaddrinfo(host, port, &hints, &found);

	if (err != 0) {
		snprintf(why, why_len, "cannot report to %s: %s: %s", s->spec, host,
		         gai_strerror(err));
		return -EHOSTUNREACH;
	}
	for (const struct addrinfo *a = found; a != NULL && s->address_count < SINK_ADDRESSES;
	     a = a->ai_next) {
		struct sink_address *const address = &s->addresses[s->address_count++];
		memcpy(&address->at, a->ai_addr, a->ai_addrlen);
		address->len = a->ai_addrlen;
	}
	freeaddrinfo(found);
	return 0;
}

int sink_resolve(struct sink *s, const char *rest, char *why, size_t why_len)
{
	char host[SINK_SPEC];
	const char *port;

	if (!split_host(rest, host, &port) || !port_number(port, &s->port)) {
		snprintf(why, why_len,
		         "cannot report to %s: use %sHOST:PORT, or %s[ADDRESS]:PORT for IPv6",
		         s->spec, s->kind->prefix, s->kind->prefix);
		return -EINVAL;
	}
	return tcp_resolve(s, host, port, why, why_len);
}

unsigned sink_peers(const struct sink *s, struct ip *out, unsigned cap)
{
	unsigned count = 0;

	for (unsigned i = 0; i < s->address_count && count < cap; i++) {
		const struct sockaddr_storage *const at = &s->addresses[i].at;
		struct ip ip = {0};
		if (at->ss_family == AF_INET) {
			ip.family = 4;
			memcpy(ip.b, &((const struct sockaddr_in *)(const void *)at)->sin_addr, 4);
		} else if (at->ss_family == AF_INET6) {
			ip.family = 6;
			memcpy(ip.b, &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr,
			       16);
		}
		if (ip.family != 0)
			out[count++] = ip;
	}
	return count;
}

/* ---- the connection ---- */

void stream_close(struct sink *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->connecting = false;
	s->greeted = false;
	s->acked_boot = 0;
	s->acked_seq = 0;
	s->answer_len = 0;
	atomic_store(&s->connected, false);
}

void stream_connected(struct sink *s)
{
	s->connecting = false;
	atomic_store(&s->connected, true);
	atomic_fetch_add(&s->connects, 1);
}

int stream_begin(struct sink *s)
{
	const struct sink_address *const to = &s->addresses[s->next_address++ % s->address_count];
	const int on = 1;

	s->fd = socket(to->at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -errno;
	if (to->at.ss_family != AF_UNIX)
		setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(s->fd, (const struct sockaddr *)&to->at, to->len) == 0)
		return 1;
	if (errno != EINPROGRESS)
		return -errno;
	s->connecting = true;
	return 0;
}

int stream_check(struct sink *s)
{
	struct pollfd p = {.fd = s->fd, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int err = 0;

	if (poll(&p, 1, 0) <= 0)
		return 0;
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	return err == 0 ? 1 : -err;
}

static ssize_t stream_submit(struct sink *s, const char *bytes, size_t len)
{
	if (s->fd < 0 || s->connecting) {
		const int up = s->fd < 0 ? stream_begin(s) : stream_check(s);

		if (up <= 0)
			return up;
		stream_connected(s);
	}
	const ssize_t n = send(s->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

static int stream_poll(struct sink *s, bool room, int timeout_ms)
{
	struct pollfd p = {.fd = s->fd, .events = POLLIN | (room ? POLLOUT : 0)};
	char answer[SINK_ANSWER];

	if (s->fd < 0 || poll(&p, 1, timeout_ms) <= 0 || s->connecting)
		return 0;
	if ((p.revents & POLLIN) == 0)
		return 0;
	const ssize_t n = recv(s->fd, answer, sizeof answer, MSG_DONTWAIT);
	if (n > 0)
		sink_answer(s, answer, (size_t)n);
	return n == 0 ? -ECONNRESET : 0;
}

const struct sink_kind sink_unix = {.prefix = "unix:",
                                    .remote = true,
                                    .asks = true,
                                    .open = unix_open,
                                    .submit = stream_submit,
                                    .poll = stream_poll,
                                    .close = stream_close};
const struct sink_kind sink_tcp = {.prefix = "tcp:",
                                   .remote = true,
                                   .open = sink_resolve,
                                   .submit = stream_submit,
                                   .poll = stream_poll,
                                   .close = stream_close};
