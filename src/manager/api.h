/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.h - the inventory over HTTP: one task that answers, with stores of its own.
 *
 *	GET   /api/v1/devices?q=&sort=&limit=&after=&offset=&facets=   a page, the sum, counts by value
 *	GET   /api/v1/devices/ID                               one: records, why, interfaces
 *	GET   /api/v1/devices/ID/timeline, /activity           what changed, when it was busy
 *	PATCH /api/v1/devices/ID                               note, tags, owner
 *	GET   /api/v1/facets?q=&facets=                        counts by value alone
 *	GET   /api/v1/fields, /values?field=&prefix=           what can be searched by
 *	GET   /api/v1/links?q=&kinds=&nodes=&edges=            the map
 *	GET   /api/v1/changes?...                              the timeline (api_changes.c)
 *	POST  /api/v1/changes/ID/ack, /api/v1/changes/ack      seen
 *	GET, POST, DELETE /api/v1/mutes                        what nobody wants to see of it
 *	GET   /api/v1/services?q=                              services, and how many devices offer each
 *	GET   /api/v1/sensors, /coverage                       who reports, how it is, what it sees
 *	GET   /api/v1/export.csv, .ndjson, .ocsf, .ecs, .netbox ?q=    all that match
 *	GET   /api/v1/events                                   live, server-sent
 *	GET   /metrics, /healthz, /readyz
 *	GET   /, /app.js ...                                   the page (page.h)
 *
 * Who asks shows a bearer token, or the cookie that a login link gave to a browser. healthz, readyz
 * and the page say nothing that would need one.
 */
#pragma once

#include "base/attr.h"
#include "manager/http.h"
#include "manager/intake.h"
#include "manager/store.h"
#include "manager/token.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct api;
struct infer;

/*
 * store: to read from; writer: for what people say; tokens; intake: for its counts; infer: to say
 * why. All outlive it.
 * NULL: memory is out.
 */
struct api *api_new(struct store *store, struct store *writer, struct tokens *tokens,
                    const struct intake *intake, struct infer *infer) MUST_CHECK NONNULL;
void api_free(struct api *a);
/* context: HTTPS by it, which outlives it; NULL: plain HTTP. */
bool api_listen(struct api *a, const char *address, SSL_CTX *context, uint16_t *port, char *why,
                size_t why_len) MUST_CHECK __attribute__((nonnull(1, 2, 4, 5)));
/* The life of the task, until api_stop. */
void api_run(struct api *a) NONNULL;
/* From any thread. */
void api_stop(struct api *a) NONNULL;
/*
 * From any thread: the inventory is another now: these devices, or, with count above STORE_TOUCHED,
 * more than can be named; none: no device.
 */
void api_changed(void *api, const uint64_t *ids, size_t count) __attribute__((nonnull(1)));
