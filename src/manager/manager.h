/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manager.h - the whole manager: a folder that it keeps everything in, the task that takes lines,
 * the task that answers.
 *
 *	FOLDER/inventory.db     the inventory (store.h)
 *	FOLDER/tokens           who may ask (token.h)
 *	FOLDER/manager.sock     where sensors of this machine connect (intake.h)
 *	FOLDER/manager.key,crt  by which it shows itself over TLS (base/certificate.h): made when it is
 *	                        first wanted; others' may be put in their place
 *	FOLDER/sensors,waiting  which sensors of other machines may report (roster.h)
 *
 * Beyond this machine there is nothing without TLS: sensors come over it, and where the API listens at
 * an address that is not of loopback it is HTTPS.
 *
 * Opening does all that wants privileges; the tasks start after the sandbox.
 */
#pragma once

#include "base/attr.h"
#include "manager/token.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MANAGER_LISTEN "127.0.0.1:8710"
#define MANAGER_WHY 512

struct manager;

struct manager_options {
	const char *folder;
	const char *listen;  /* NULL: MANAGER_LISTEN */
	const char *socket;  /* NULL: FOLDER/manager.sock */
	const char *sensors; /* where those of other machines come: "ADDRESS:PORT"; NULL: nowhere */
	const char *data;    /* a folder of rules by others (infer.h); NULL: our own alone */
	uint64_t per_sensor; /* devices of one sensor that are kept; 0: STORE_DEVICES */
	unsigned retain_days; /* what was not seen for so long is forgotten; 0: nothing is */
	uint32_t uid, gid;    /* who it will be: given the folder, if that is made here */
};

/* NULL: why says what failed and what to do. */
struct manager *manager_open(const struct manager_options *options, char *why,
                             size_t why_len) MUST_CHECK NONNULL;
/* After its tasks ended. */
void manager_free(struct manager *m);
/* For the sandbox. */
const char *manager_folder(const struct manager *m) NONNULL;
const char *manager_socket(const struct manager *m) NONNULL;
uint16_t manager_port(const struct manager *m) NONNULL;
/* Where sensors of other machines come; 0: nowhere. */
uint16_t manager_sensors_port(const struct manager *m) NONNULL;
/* Of its certificate; "": it shows none. */
const char *manager_fingerprint(const struct manager *m) NONNULL;
/* The first token of a folder that had none; "": it had. */
const char *manager_first_token(const struct manager *m) NONNULL;
/* A token as long as this process lives. */
bool manager_passing_token(struct manager *m, char out[TOKEN_TEXT]) MUST_CHECK NONNULL;
/* A link that logs a browser in, once. False: no random numbers. */
bool manager_link(struct manager *m, char *out, size_t cap) MUST_CHECK NONNULL;

/* Starts its tasks; false: was said. */
bool manager_start(struct manager *m) MUST_CHECK NONNULL;
/* From any thread: what sensors have sent by now is still taken. */
void manager_stop(struct manager *m) NONNULL;
