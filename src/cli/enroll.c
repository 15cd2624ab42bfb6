/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enroll.c - `havainto enroll HOST`: a sensor and a manager of two machines get to know each other.
 *
 * It runs before there is anything to report, in the hands of a person, and so it may wait and speak
 * plainly. It makes this sensor's key, shows its certificate to the manager, takes down the manager's
 * (pins.h) and hears whether the sensor is accepted. Who answers the first time is believed as ssh
 * believes a host's key: a person is to compare the fingerprints, or gives the right one by --manager.
 */
#include "base/log.h"
#include "base/tls.h"
#include "cli/command.h"
#include "cli/place.h"
#include "report/pins.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PORT "8711"
enum { WHY = PLACE_PATH + 512, HOST = 300, PATIENCE_S = 10 };

struct meeting {
	char folder[PLACE_PATH];
	char at[HOST + 8]; /* HOST:PORT, as the sink will be told it */
	bool said_folder;  /* by --state */
	struct certificate *mine;
	struct fingerprint manager;
	char answer[256]; /* the manager's first line */
};

/* ---- who is met ---- */

/* HOST, HOST:PORT, [ADDRESS]:PORT; an IPv6 address alone has no port. */
static bool read_host(const char *text, char host[HOST], char port[8], char at[HOST + 8])
{
	const bool bracket = text[0] == '[';
	const char *const colon = strchr(text, ':');
	const bool bare = !bracket && colon != strrchr(text, ':');
	const char *const end = bracket                 ? strchr(text, ']')
	                        : bare || colon == NULL ? text + strlen(text)
	                                                : colon;
	const size_t len = end == NULL ? 0 : (size_t)(end - text) - bracket;
	const char *const rest = end == NULL ? "" : end + bracket;

	if (len == 0 || len >= HOST || (rest[0] != '\0' && rest[0] != ':') || strlen(rest) > 6)
		return false;
	snprintf(host, HOST, "%.*s", (int)len, text + bracket);
	snprintf(port, 8, "%s", rest[0] == ':' ? rest + 1 : PORT);
	snprintf(at, HOST + 8, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
	return strspn(port, "0123456789") == strlen(port) && port[0] != '\0';
}

/* A connection that waits for nothing for longer than a person would. -1: why. */
static int connect_to(const char *host, const char *port, char why[WHY])
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct addrinfo *found;
	const int err = getaddrinfo(host, port, &hints, &found);
	int fd = -1;

	if (err != 0) {
		snprintf(why, WHY, "cannot reach %s: %s", host, gai_strerror(err));
		return -1;
	}
	for (const struct addrinfo *a = found; fd < 0 && a != NULL; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
			break;
		snprintf(why, WHY,
		         "cannot reach %s port %s: %s (does `havainto manager --sensors "
		         "0.0.0.0:%s` run there?)",
		         host, port, strerror(errno), port);
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

/* The first line that it says, which is a greeting or a refusal. */
static bool read_answer(SSL *ssl, char *out, size_t cap)
{
	for (size_t len = 0; len + 1 < cap;) {
		const int n = SSL_read(ssl, out + len, (int)(cap - len - 1));

		if (n <= 0)
			return false;
		len += (size_t)n;
		out[len] = '\0';
		if (strchr(out, '\n') != NULL)
			return true;
	}
	return false;
}

static bool talk(struct meeting *m, SSL *ssl, int fd, char why[WHY])
{
	char name[CERTIFICATE_NAME];

	if (SSL_set_fd(ssl, fd) == 1 && SSL_connect(ssl) == 1 && tls_peer(ssl, &m->manager, name) &&
	    read_answer(ssl, m->answer, sizeof m->answer))
		return true;
	const char *const reason = ERR_reason_error_string(ERR_peek_error());
	snprintf(why, WHY, "%s is no manager that takes sensors: %s", m->at,
	         reason == NULL ? "it gave no answer" : reason);
	return false;
}

/* Fills in what the manager showed and said. */
static bool meet(struct meeting *m, const char *host, const char *port, char why[WHY])
{
	SSL_CTX *const context = tls_context(TLS_SENSOR, m->mine, NULL);
	SSL *const ssl = context == NULL ? NULL : SSL_new(context);
	const int fd = ssl == NULL ? -1 : connect_to(host, port, why);
	const bool met = fd >= 0 && talk(m, ssl, fd, why);

	if (ssl == NULL)
		snprintf(why, WHY, "TLS does not take %s/sensor.key", m->folder);
	if (met)
		SSL_shutdown(ssl);
	SSL_free(ssl);
	SSL_CTX_free(context);
	if (fd >= 0)
		close(fd);
	return met;
}

/* ---- what is kept ---- */

/* A certificate that is there already is for the name that was wanted. */
static bool is_own_name(const struct meeting *m, const struct settings *s, char why[WHY])
{
	char name[CERTIFICATE_NAME];

	certificate_name(m->mine->shown, name);
	if (!s->of[OPT_SENSOR].given || strcmp(name, s->of[OPT_SENSOR].text) == 0)
		return true;
	snprintf(why, WHY,
	         "%s/sensor.crt is that of sensor \"%s\": use another --state, or remove it and be "
	         "accepted anew",
	         m->folder, name);
	return false;
}

/* Its folder, and its key and certificate in it. */
static bool open_own(struct meeting *m, const struct settings *s, char why[WHY])
{
	static char host[256];
	const struct setting *const said = &s->of[OPT_SENSOR];
	const struct certificate_place place = {.folder = m->folder,
	                                        .what = "sensor",
	                                        .name = said->given ? said->text : host,
	                                        .uid = geteuid(),
	                                        .gid = getegid()};

	if (gethostname(host, sizeof host - 1) != 0)
		host[0] = '\0';
	if (mkdir(m->folder, 0700) != 0 && errno != EEXIST) {
		snprintf(why, WHY, "cannot make the folder %s: %s (see --state)", m->folder,
		         strerror(errno));
		return false;
	}
	m->mine = certificate_open(&place, why, WHY);
	return m->mine != NULL && is_own_name(m, s, why);
}

static bool refuse_other(const struct meeting *m, const char *what_to_do, char why[WHY])
{
	char text[FINGERPRINT_TEXT];

	snprintf(why, WHY,
	         "%s shows another certificate, %s: somebody may stand in between. If it is right, "
	         "%s",
	         m->at, fingerprint_format(&m->manager, text), what_to_do);
	return false;
}

/* The manager is who --manager says, and who it was, or is met for the first time. */
static bool pin(const struct meeting *m, const char *expected, char why[WHY])
{
	struct fingerprint known;
	char what_to_do[PLACE_PATH + 64];

	if (expected != NULL && !fingerprint_parse(expected, &known)) {
		snprintf(why, WHY, "--manager: \"%.80s\" is no fingerprint: 64 hex digits",
		         expected);
		return false;
	}
	if (expected != NULL && !fingerprint_equal(&known, &m->manager))
		return refuse_other(m, "give that to --manager", why);
	switch (pins_find(m->folder, m->at, &known, why, WHY)) {
	case PIN_BROKEN:
		return false;
	case PIN_NONE:
		return pins_add(m->folder, m->at, &m->manager, why, WHY);
	case PIN_KNOWN:
		break;
	}
	snprintf(what_to_do, sizeof what_to_do, "take the old one out of %s/managers", m->folder);
	return fingerprint_equal(&known, &m->manager) || refuse_other(m, what_to_do, why);
}

/* ---- what is said ---- */

static void say_listen(const struct meeting *m)
{
	printf("    havainto listen -i INTERFACE -o tls:%s%s%s\n", m->at,
	       m->said_folder ? " --state " : "", m->said_folder ? m->folder : "");
}

static void say_result(const struct meeting *m)
{
	const bool accepted = strncmp(m->answer, "{\"manager\":", 11) == 0;
	char name[CERTIFICATE_NAME], mine[FINGERPRINT_TEXT], manager[FINGERPRINT_TEXT];

	certificate_name(m->mine->shown, name);
	fingerprint_format(&m->mine->fingerprint, mine);
	printf("manager  %s  %s\n", fingerprint_format(&m->manager, manager), m->at);
	printf("sensor   %s  %s\n\n", mine, name);
	if (accepted)
		printf("The manager takes this sensor's reports:\n\n");
	else
		printf("Compare the first line with what the manager printed when it was started. "
		       "Then, on its machine:\n\n"
		       "    havainto manager accept %s --name %s\n\n"
		       "and here:\n\n",
		       mine, name);
	say_listen(m);
}

int command_enroll(const struct settings *s)
{
	struct meeting m = {0};
	char host[HOST], port[8], why[WHY] = "";

	if (!read_host(s->arguments[0], host, port, m.at))
		return command_refuse("enroll", "wants HOST, HOST:PORT or [ADDRESS]:PORT");
	if (place_of(s, m.folder) == NULL)
		return command_refuse("enroll", "no home folder: say --state FOLDER");
	m.said_folder = s->of[OPT_STATE].given;
	signal(SIGPIPE, SIG_IGN);
	const bool done = open_own(&m, s, why) && meet(&m, host, port, why) &&
	                  pin(&m, s->of[OPT_MANAGER].text, why);
	if (done)
		say_result(&m);
	else
		log_line("%s", why);
	certificate_free(m.mine);
	return done ? DONE : FAILED_FOR_GOOD;
}
