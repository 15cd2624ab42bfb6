/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_parts.h - the API, to its own files alone.
 */
#pragma once

#include "manager/api.h"

#include <event2/event.h>
#include <jansson.h>
#include <stdatomic.h>

#define API_LIMIT 1000u /* rows of a page at most */
#define API_SUBSCRIBERS 64u

struct subscriber;

struct api {
	struct store *store, *writer;
	struct tokens *tokens;
	const struct intake *intake;
	struct event_base *base;
	struct event *wake, *tick;
	struct http *http;
	int wake_fd;
	atomic_bool stopping; /* said before wake_fd is written */
	struct subscriber *subscribers;
	unsigned subscriber_count;
	uint64_t told_change; /* id of the newest change that subscribers know */
	bool changed;         /* since they were told */
};

/* One answer of the table in api.c: id is the number in the path, 0 where it has none. */
typedef void api_answer(struct api *a, struct request *r, uint64_t id);

/* api_devices.c */
api_answer api_devices, api_device, api_annotate, api_export_csv, api_export_ndjson;
/* api_others.c */
api_answer api_changes, api_services, api_sensors, api_fields, api_metrics, api_healthy, api_ready;
/* api_events.c */
api_answer api_events;
/* What changed goes to all who listen; `still` where nothing did: the dead are noticed, here and there. */
void api_tell(struct api *a) NONNULL;
void api_unsubscribe_all(struct api *a) NONNULL;

/* The request's q; false: it is wrong, and was answered so. */
bool api_query(struct request *r, struct query *q) MUST_CHECK NONNULL;
/* A number of the request's; otherwise where it was not given; false: it is none within 1..most. */
bool api_number(struct request *r, const char *name, uint64_t otherwise, uint64_t most,
                uint64_t *out) MUST_CHECK NONNULL;
void api_store_failed(const struct api *a, struct request *r) NONNULL;
