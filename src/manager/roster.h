/* SPDX-License-Identifier: Apache-2.0 */
/*
 * roster.h - which sensors may report over a network, and what each of them is called.
 *
 *	FOLDER/sensors    FINGERPRINT NAME                 accepted by a person
 *	FOLDER/waiting    FINGERPRINT NAME ADDRESS TIME    came, and is not among those
 *
 * The fingerprint of its certificate says who a sensor is; the name in `sensors` says as whom it may
 * speak. The name in the certificate is only what it asks for: anybody can write any there, so it
 * counts once a person has accepted it, and never for two.
 *
 * `sensors` is written by `havainto manager accept` and `revoke`, or by hand, and read by the running
 * manager as soon as it has changed. `waiting` is written by the running manager: it is a convenience
 * with few places, which strangers can fill; to accept a fingerprint it need not stand there.
 */
#pragma once

#include "base/attr.h"
#include "base/certificate.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROSTER_MOST 4096u /* sensors that are accepted */
#define ROSTER_WAITING 64u

struct roster;

struct sensor_entry {
	struct fingerprint who;
	char name[CERTIFICATE_NAME];    /* "": it asks for none that could be one */
	char address[INET6_ADDRSTRLEN]; /* of those who wait: where it came from */
	uint64_t seen_ns;               /* and when last */
};

/* Reads both files; missing ones are empty. NULL: why names the line that is wrong. */
struct roster *roster_open(const char *folder, char *why, size_t why_len) MUST_CHECK NONNULL;
void roster_free(struct roster *r);

/*
 * Reads `sensors` again if it has changed; true: it has. One that is broken is said, and the old list
 * stays.
 */
bool roster_refresh(struct roster *r) NONNULL;
/* The name that it was accepted under; NULL: it was not. */
const char *roster_name(const struct roster *r, const struct fingerprint *who) PURE NONNULL;
/* It came, and is not accepted. */
void roster_wait(struct roster *r, const struct sensor_entry *who) NONNULL;

/* name NULL: the one that it asks for. On success it is in *given. False: why. */
bool roster_accept(struct roster *r, const struct fingerprint *who, const char *name,
                   char given[CERTIFICATE_NAME], char *why, size_t why_len) MUST_CHECK
	__attribute__((nonnull(1, 2, 4, 5)));
/* By name or fingerprint. False: why. */
bool roster_revoke(struct roster *r, const char *which, char *why,
                   size_t why_len) MUST_CHECK NONNULL;
/* Those accepted, or those who wait and are not. */
void roster_each(const struct roster *r, bool waiting,
                 void (*each)(const struct sensor_entry *e, void *self), void *self)
	__attribute__((nonnull(1, 3)));
