/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listening.c - see listening.h.
 */
#include "manager/listening.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/util.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A connection that is silent is asked after a minute, and given up after three answers that failed. */
enum { IDLE_S = 60, ASK_S = 20, ASK_TIMES = 3 };

static bool parse(const char *address, struct sockaddr_storage *at, socklen_t *len)
{
	int bytes = sizeof *at;

	*at = (struct sockaddr_storage){0};
	if (evutil_parse_sockaddr_port(address, (struct sockaddr *)at, &bytes) != 0)
		return false;
	*len = (socklen_t)bytes;
	return true;
}

static const struct sockaddr_in *ip4_of(const struct sockaddr_storage *at)
{
	return (const struct sockaddr_in *)(const void *)at;
}

static const struct sockaddr_in6 *ip6_of(const struct sockaddr_storage *at)
{
	return (const struct sockaddr_in6 *)(const void *)at;
}

/* What is set here holds for all who are let in. */
static void set_options(int fd)
{
	static const struct {
		int level, option, value;
	} options[] = {{SOL_SOCKET, SO_REUSEADDR, 1},       {IPPROTO_TCP, TCP_NODELAY, 1},
	               {SOL_SOCKET, SO_KEEPALIVE, 1},       {IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S},
	               {IPPROTO_TCP, TCP_KEEPINTVL, ASK_S}, {IPPROTO_TCP, TCP_KEEPCNT, ASK_TIMES}};

	for (size_t i = 0; i < COUNT_OF(options); i++)
		setsockopt(fd, options[i].level, options[i].option, &options[i].value,
		           sizeof options[i].value);
}

static int listening_socket(const struct sockaddr_storage *at, socklen_t len)
{
	const int fd = socket(at->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	set_options(fd);
	if (bind(fd, (const struct sockaddr *)at, len) == 0 && listen(fd, 128) == 0)
		return fd;
	const int error = errno;
	close(fd);
	errno = error;
	return -1;
}

int listening_open(const char *address, const char *what, uint16_t *port, char *why, size_t why_len)
{
	struct sockaddr_storage at;
	socklen_t len;

	if (!parse(address, &at, &len)) {
		snprintf(why, why_len,
		         "cannot listen for %s at %s: use ADDRESS:PORT, [ADDRESS]:PORT for IPv6",
		         what, address);
		return -1;
	}
	const int fd = listening_socket(&at, len);
	len = sizeof at;
	if (fd < 0 || getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
		snprintf(why, why_len, "cannot listen for %s at %s: %s", what, address,
		         strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*port = ntohs(at.ss_family == AF_INET ? ip4_of(&at)->sin_port : ip6_of(&at)->sin6_port);
	return fd;
}

bool listening_is_near(const char *address)
{
	struct sockaddr_storage at;
	socklen_t len;

	if (!parse(address, &at, &len))
		return false;
	if (at.ss_family == AF_INET)
		return ntohl(ip4_of(&at)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return at.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&ip6_of(&at)->sin6_addr);
}

void listening_peer(int fd, char out[INET6_ADDRSTRLEN])
{
	struct sockaddr_storage from = {0};
	socklen_t len = sizeof from;

	memcpy(out, "?", 2);
	if (getpeername(fd, (struct sockaddr *)&from, &len) < 0)
		return;
	if (from.ss_family == AF_INET)
		inet_ntop(AF_INET, &ip4_of(&from)->sin_addr, out, INET6_ADDRSTRLEN);
	else if (from.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &ip6_of(&from)->sin6_addr, out, INET6_ADDRSTRLEN);
}
