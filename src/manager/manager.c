/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manager.c - see manager.h.
 */
#include "manager/manager.h"

#include "asset/infer/infer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/tls.h"
#include "manager/api.h"
#include "manager/intake.h"
#include "manager/listening.h"
#include "manager/roster.h"
#include "manager/store.h"
#include "task/thread.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_ROOM 4096

struct manager {
	char folder[PATH_ROOM], inventory[PATH_ROOM + 16], socket[PATH_ROOM + 16];
	char listen[128], host[128], first_token[TOKEN_TEXT], fingerprint[FINGERPRINT_TEXT];
	uint16_t port, sensors_port;
	struct certificate *certificate; /* NULL: nobody is shown one */
	SSL_CTX *for_sensors, *for_pages;
	struct roster *roster;
	struct store *taking, *reading, *saying; /* of the intake, of the API, of what people say */
	struct tokens *tokens;
	struct intake *intake;
	struct infer infer;
	struct api *api;
};

/* Made for who will keep it; one that is there must be a folder. */
static bool make_folder(const struct manager_options *o, char *why, size_t why_len)
{
	if (mkdir(o->folder, 0750) == 0) {
		if (geteuid() != 0 || chown(o->folder, o->uid, o->gid) == 0)
			return true;
	} else if (errno == EEXIST) {
		return true;
	}
	snprintf(why, why_len, "cannot make the folder %s: %s", o->folder, strerror(errno));
	return false;
}

/* What was opened as root belongs to whom the program becomes. */
static bool give_files(const struct manager *m, const struct manager_options *o, char *why,
                       size_t why_len)
{
	static const char *const names[] = {"inventory.db", "inventory.db-wal", "inventory.db-shm",
	                                    "tokens",       "sessions",         "waiting"};
	char path[PATH_ROOM + 32];

	if (geteuid() != 0)
		return true;
	for (size_t i = 0; i <= COUNT_OF(names); i++) {
		snprintf(path, sizeof path, "%s/%s", m->folder,
		         i < COUNT_OF(names) ? names[i] : "");
		if (i == COUNT_OF(names))
			memcpy(path, m->socket, strlen(m->socket) + 1);
		if (chown(path, o->uid, o->gid) == 0 || errno == ENOENT)
			continue;
		snprintf(why, why_len, "cannot give %s to the user %u: %s", path, o->uid,
		         strerror(errno));
		return false;
	}
	return true;
}

static bool open_stores(struct manager *m, char *why, size_t why_len)
{
	struct store **const stores[] = {&m->taking, &m->saying, &m->reading};

	for (size_t i = 0; i < COUNT_OF(stores); i++) {
		*stores[i] = store_open(m->inventory, true, why, why_len);
		if (*stores[i] == NULL)
			return false;
	}
	return true;
}

static bool open_tokens(struct manager *m, char *why, size_t why_len)
{
	m->tokens = tokens_open(m->folder, why, why_len);
	return m->tokens != NULL && tokens_keep_sessions(m->tokens, m->folder, why, why_len) &&
	       (tokens_count(m->tokens) > 0 ||
	        tokens_make(m->tokens, "first", ROLE_ADMIN, m->first_token, why, why_len));
}

/* ---- TLS ---- */

/* The host's name, where it can be one. */
static const char *own_name(char out[CERTIFICATE_NAME])
{
	if (gethostname(out, CERTIFICATE_NAME - 1) != 0)
		out[0] = '\0';
	out[CERTIFICATE_NAME - 1] = '\0';
	return certificate_name_good(out) ? out : "manager";
}

static bool open_certificate(struct manager *m, const struct manager_options *o, char *why,
                             size_t why_len)
{
	char name[CERTIFICATE_NAME];
	const struct certificate_place place = {.folder = o->folder,
	                                        .what = "manager",
	                                        .name = own_name(name),
	                                        .uid = o->uid,
	                                        .gid = o->gid};

	m->certificate = certificate_open(&place, why, why_len);
	if (m->certificate == NULL)
		return false;
	fingerprint_format(&m->certificate->fingerprint, m->fingerprint);
	return true;
}

static bool open_context(struct manager *m, enum tls_side side, SSL_CTX **out, char *why,
                         size_t why_len)
{
	*out = tls_context(side, m->certificate, NULL);
	if (*out == NULL)
		snprintf(why, why_len, "TLS does not take %s/manager.key", m->folder);
	return *out != NULL;
}

/* What is wanted beyond this machine. */
static bool open_tls(struct manager *m, const struct manager_options *o, char *why, size_t why_len)
{
	const bool far = !listening_is_near(m->listen);

	if (o->sensors == NULL && !far)
		return true;
	if (!open_certificate(m, o, why, why_len) ||
	    (far && !open_context(m, TLS_PAGES, &m->for_pages, why, why_len)))
		return false;
	if (o->sensors == NULL)
		return true;
	m->roster = roster_open(m->folder, why, why_len);
	return m->roster != NULL && open_context(m, TLS_INTAKE, &m->for_sensors, why, why_len) &&
	       intake_listen_tls(m->intake, o->sensors, m->for_sensors, m->roster, &m->sensors_port,
	                         why, why_len);
}

static bool open_tasks(struct manager *m, const struct manager_options *o, char *why,
                       size_t why_len)
{
	char rules_why[RULES_WHY];

	m->intake = intake_new(m->taking);
	if (m->intake == NULL)
		return false;
	if (infer_init(&m->infer, o->data, rules_why) < 0) {
		snprintf(why, why_len, "%s", rules_why);
		return false;
	}
	m->api = api_new(m->reading, m->saying, m->tokens, m->intake, &m->infer);
	if (m->api == NULL)
		return false;
	if (o->per_sensor > 0)
		store_limit(m->taking, o->per_sensor);
	intake_on_commit(m->intake, api_changed, m->api);
	intake_forget_after(m->intake, o->retain_days * 86400 * CLOCK_SECOND);
	return intake_listen(m->intake, m->socket, why, why_len) && open_tls(m, o, why, why_len) &&
	       api_listen(m->api, m->listen, m->for_pages, &m->port, why, why_len);
}

/*
 * Where a browser finds it: of an address that means all of them, the host's name. Before the
 * sandbox, in which nobody may ask for it.
 */
static void find_host(struct manager *m)
{
	const char *const port = strrchr(m->listen, ':');
	char name[CERTIFICATE_NAME];

	snprintf(m->host, sizeof m->host, "%.*s", (int)(port == NULL ? 0 : port - m->listen),
	         m->listen);
	if (strcmp(m->host, "0.0.0.0") == 0 || strcmp(m->host, "[::]") == 0)
		snprintf(m->host, sizeof m->host, "%s", own_name(name));
}

struct manager *manager_open(const struct manager_options *o, char *why, size_t why_len)
{
	struct manager *const m = calloc(1, sizeof *m);

	json_object_seed(0); /* asks the system for a number: later it may not */
	snprintf(why, why_len, "cannot start the manager: out of memory");
	if (m == NULL)
		return NULL;
	snprintf(m->folder, sizeof m->folder, "%s", o->folder);
	snprintf(m->inventory, sizeof m->inventory, "%s/inventory.db", m->folder);
	snprintf(m->listen, sizeof m->listen, "%s", o->listen == NULL ? MANAGER_LISTEN : o->listen);
	find_host(m);
	if (o->socket != NULL)
		snprintf(m->socket, sizeof m->socket, "%s", o->socket);
	else
		snprintf(m->socket, sizeof m->socket, "%s/manager.sock", m->folder);
	if (make_folder(o, why, why_len) && open_stores(m, why, why_len) &&
	    open_tokens(m, why, why_len) && open_tasks(m, o, why, why_len) &&
	    give_files(m, o, why, why_len))
		return m;
	manager_free(m);
	return NULL;
}

void manager_free(struct manager *m)
{
	if (m == NULL)
		return;
	api_free(m->api);
	infer_fini(&m->infer);
	intake_free(m->intake);
	tokens_free(m->tokens);
	SSL_CTX_free(m->for_sensors);
	SSL_CTX_free(m->for_pages);
	certificate_free(m->certificate);
	roster_free(m->roster);
	store_close(m->reading);
	store_close(m->saying);
	store_close(m->taking);
	free(m);
}

const char *manager_folder(const struct manager *m)
{
	return m->folder;
}

const char *manager_socket(const struct manager *m)
{
	return m->socket;
}

uint16_t manager_port(const struct manager *m)
{
	return m->port;
}

uint16_t manager_sensors_port(const struct manager *m)
{
	return m->sensors_port;
}

const char *manager_fingerprint(const struct manager *m)
{
	return m->fingerprint;
}

const char *manager_first_token(const struct manager *m)
{
	return m->first_token;
}

bool manager_passing_token(struct manager *m, char out[TOKEN_TEXT])
{
	return tokens_make_passing(m->tokens, ROLE_ADMIN, out);
}

bool manager_link(struct manager *m, char *out, size_t cap)
{
	char token[TOKEN_TEXT];

	if (!tokens_make_link(m->tokens, ROLE_ADMIN, clock_now_ns(), token))
		return false;
	snprintf(out, cap, "%s://%s:%u/login?token=%s", m->for_pages == NULL ? "http" : "https",
	         m->host, m->port, token);
	return true;
}

/* ---- tasks ---- */

/* A store is closed where it was used: its last words to the disk are not for the main thread. */
static void intake_task(void *self)
{
	struct manager *const m = self;

	intake_run(m->intake);
	store_close(m->taking);
	m->taking = NULL;
	unlink(m->socket);
}

static void api_task(void *self)
{
	struct manager *const m = self;

	api_run(m->api);
	store_close(m->reading);
	store_close(m->saying);
	m->reading = m->saying = NULL;
}

bool manager_start(struct manager *m)
{
	if (thread_start("intake", SANDBOX_SERVER, intake_task, m) != NULL &&
	    thread_start("api", SANDBOX_SERVER, api_task, m) != NULL)
		return true;
	log_line("cannot start the manager's tasks: %s", strerror(errno));
	return false;
}

void manager_stop(struct manager *m)
{
	intake_stop(m->intake);
	api_stop(m->api);
}
