/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_exports.c - all devices that match, as a file, in the words of whoever reads it.
 *
 *	GET /api/v1/export.csv, .ndjson, .ocsf, .ecs ?q=
 *	GET /api/v1/export.netbox?q=&kind=devices&site=Default
 *
 * NetBox imports CSV, a kind of object at a time, in this order: devices, interfaces, ip-addresses.
 * Its sites, manufacturers, device types and roles are the user's, and must be there: a device has
 * the `site` that was asked for, its vendor as manufacturer, its model as type (its vendor, where
 * no model is known) and what it is as role. Names are unique in a site there, so a second device
 * of a name has its MAC behind it. An address has its own length as mask, for no sensor can see
 * how wide a subnet is.
 *
 * The answer is written piece by piece: a file of any length costs the memory of one page.
 */
#include "manager/api_parts.h"
#include "manager/export.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT_PIECE 65536

struct export
{
	struct request *request;
	char *piece;
	size_t len;
	FILE *out;
	struct export_to to;
};

static void export_flush(struct export *e)
{
	fflush(e->out);
	if (e->len > 0)
		answer_piece(e->request, e->piece, e->len);
	rewind(e->out);
}

static void export_one(const struct store_device *d, void *self)
{
	struct export *const e = self;

	e->to.write(e->out, d, &e->to);
	if (ftell(e->out) > EXPORT_PIECE)
		export_flush(e);
}

static void export_all(struct api *a, struct export *e, const struct query *q)
{
	struct store_page page = {.sort = SORT_MAC, .limit = API_LIMIT};

	do {
		char next[STORE_CURSOR];

		if (!store_devices(a->store, q, &page, export_one, e, next))
			break;
		memcpy(page.after, next, sizeof next);
	} while (page.after[0] != '\0');
	export_flush(e);
}

static void export_answer(struct api *a, struct request *r, const struct export_to *to,
                          const char *type, const char *name)
{
	struct export e = {.request = r, .to = *to};
	struct query q;

	if (!api_query(r, &q))
		return;
	e.out = open_memstream(&e.piece, &e.len);
	e.to.store = a->store;
	e.to.names = json_object();
	if (e.out == NULL || e.to.names == NULL) {
		if (e.out != NULL)
			fclose(e.out);
		free(e.piece);
		answer_error(r, 503, "out of memory");
		return;
	}
	answer_begin(r, type, name);
	fputs(to->head, e.out);
	export_all(a, &e, &q);
	answer_end(r);
	fclose(e.out);
	free(e.piece);
	json_decref(e.to.names);
}

#define CSV "text/csv; charset=utf-8"
#define NDJSON "application/x-ndjson"

void api_export_csv(struct api *a, struct request *r, uint64_t id)
{
	const struct export_to to = {.head = EXPORT_CSV_HEAD, .write = export_csv};

	(void)id;
	export_answer(a, r, &to, CSV, "devices.csv");
}

void api_export_ndjson(struct api *a, struct request *r, uint64_t id)
{
	const struct export_to to = {.head = "", .write = export_ndjson};

	(void)id;
	export_answer(a, r, &to, NDJSON, "devices.ndjson");
}

void api_export_ocsf(struct api *a, struct request *r, uint64_t id)
{
	const struct export_to to = {.head = "",
	                             .write = export_format,
	                             .format = FORMAT_OCSF,
	                             .now_ns = clock_now_ns()};

	(void)id;
	export_answer(a, r, &to, NDJSON, "devices.ocsf.ndjson");
}

void api_export_ecs(struct api *a, struct request *r, uint64_t id)
{
	const struct export_to to = {
		.head = "", .write = export_format, .format = FORMAT_ECS, .now_ns = clock_now_ns()};

	(void)id;
	export_answer(a, r, &to, NDJSON, "devices.ecs.ndjson");
}

void api_export_netbox(struct api *a, struct request *r, uint64_t id)
{
	const char *const kind = request_argument(r, "kind"), *const site =
								      request_argument(r, "site");
	struct export_to to = {.site = *site == '\0' ? "Default" : site};

	(void)id;
	if (export_netbox(*kind == '\0' ? "devices" : kind, &to))
		export_answer(a, r, &to, CSV, "netbox.csv");
	else
		answer_error(r, 400, "kind: one of devices, interfaces, ip-addresses");
}
