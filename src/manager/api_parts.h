/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_parts.h - the API, to its own files alone.
 */
#pragma once

#include "asset/infer/infer.h"
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
	struct infer *infer;
	int wake_fds[2];      /* ids of devices that are others now */
	atomic_bool stopping; /* said before wake_fds is written */
	struct subscriber *subscribers;
	unsigned subscriber_count;
	uint64_t told_change; /* id of the newest change that subscribers know */
	json_t *changed;      /* ids of the devices that changed since they were told */
	bool changed_more;    /* and others */
	bool telling;         /* the tick comes early */
	uint64_t told_ns;     /* when news were told last */
};

/* One answer of the table in api.c: id is the number in the path, 0 where it has none. */
typedef void api_answer(struct api *a, struct request *r, uint64_t id);

/* api_devices.c */
api_answer api_devices, api_annotate;
/* api_exports.c */
api_answer api_export_csv, api_export_ndjson, api_export_ocsf, api_export_ecs, api_export_netbox;
/* api_device.c */
api_answer api_device, api_timeline, api_activity;
/* api_facets.c */
api_answer api_facets, api_fields, api_values;
/*
 * The counts that the request's `facets` asks for, and how many devices match in all. False: it was
 * answered why not.
 */
bool api_facets_of(struct api *a, struct request *r, const struct query *q, json_t **facets,
                   uint64_t *count) MUST_CHECK NONNULL;
/* api_links.c */
api_answer api_links;
/* api_changes.c */
api_answer api_changes, api_change_seen, api_changes_seen, api_mutes, api_mute, api_unmute;
/* The change as the API and its events say it. */
json_t *api_change_json(const struct store_change *c) MUST_CHECK NONNULL;
/* api_sensors.c */
api_answer api_sensors, api_coverage;
/* api_others.c */
api_answer api_services, api_metrics, api_healthy, api_ready;
/* api_events.c */
api_answer api_events;
/* What changed goes to all who listen; `still` where nothing did: the dead are noticed, here and there. */
void api_tell(struct api *a) NONNULL;
bool api_has_news(const struct api *a) PURE NONNULL;
void api_unsubscribe_all(struct api *a) NONNULL;

/* The request's q; false: it is wrong, and was answered so. */
bool api_query(struct request *r, struct query *q) MUST_CHECK NONNULL;
/* A number of the request's; otherwise where it was not given; false: it is none within 1..most. */
bool api_number(struct request *r, const char *name, uint64_t otherwise, uint64_t most,
                uint64_t *out) MUST_CHECK NONNULL;
void api_store_failed(const struct api *a, struct request *r) NONNULL;
