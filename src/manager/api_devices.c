/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_devices.c - devices: a page of them, and what people say of one.
 */
#include "manager/api_parts.h"
#include "manager/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 100u
#define SAID_MOST 4096u

/* ---- a page ---- */

static void add_device(const struct store_device *d, void *devices)
{
	json_array_append_new(devices, export_device(d));
}

/* sort=-last_seen: descending. */
static bool read_page(struct request *r, struct store_page *page)
{
	const char *sort = request_argument(r, "sort");
	const char *const after = request_argument(r, "after");
	uint64_t limit;

	*page = (struct store_page){.sort = SORT_LAST_SEEN, .descending = true};
	if (*sort != '\0') {
		page->descending = *sort == '-';
		page->sort = store_sort_by_name(sort + page->descending);
	}
	if (page->sort == SORTS || (*after != '\0' && !store_is_cursor(after))) {
		answer_error(r, 400,
		             page->sort == SORTS ? "sort: no such column" : "after: is no cursor");
		return false;
	}
	memcpy(page->after, after, strlen(after) + 1);
	if (!api_number(r, "limit", PAGE, API_LIMIT, &limit) ||
	    !api_number(r, "offset", 0, INT64_MAX, &page->skip))
		return false;
	page->limit = (unsigned)limit;
	return true;
}

void api_devices(struct api *a, struct request *r, uint64_t id)
{
	char next[STORE_CURSOR];
	struct store_page page;
	struct query q;
	uint64_t count;
	json_t *facets;

	(void)id;
	if (!api_query(r, &q) || !read_page(r, &page))
		return;
	json_t *const devices = json_array();
	if (!api_facets_of(a, r, &q, &facets, &count)) {
		json_decref(devices);
		return;
	}
	if (!store_devices(a->store, &q, &page, add_device, devices, next)) {
		json_decref(devices);
		json_decref(facets);
		api_store_failed(a, r);
		return;
	}
	answer_json(r, 200,
	            json_pack("{s:I,s:o,s:s,s:o}", "count", (json_int_t)count, "devices", devices,
	                      "next", next, "facets", facets));
}

/* ---- what people say ---- */

/* A text of the body; false: it is there, but no text of a length that is kept. */
static bool take_said(const json_t *body, const char *key, const char **out)
{
	const json_t *const value = json_object_get(body, key);

	*out = json_string_value(value);
	return value == NULL || (*out != NULL && strlen(*out) == json_string_length(value) &&
	                         json_string_length(value) <= SAID_MOST);
}

/* ["a","b"] as "a,b"; false: it is there, but no list of words. */
static bool take_tags(const json_t *body, char out[SAID_MOST + 1], const char **tags)
{
	const json_t *const list = json_object_get(body, "tags"), *tag;
	size_t i, len = 0;

	*tags = list == NULL ? NULL : out;
	out[0] = '\0';
	if (list != NULL && !json_is_array(list))
		return false;
	json_array_foreach(list, i, tag)
	{
		const char *const text = json_string_value(tag);

		if (text == NULL || *text == '\0' || strpbrk(text, ",\n") != NULL ||
		    len + strlen(text) + 2 > SAID_MOST)
			return false;
		len += (size_t)snprintf(out + len, SAID_MOST + 1 - len, "%s%s", len > 0 ? "," : "",
		                        text);
	}
	return true;
}

void api_annotate(struct api *a, struct request *r, uint64_t id)
{
	char tags_text[SAID_MOST + 1];
	const char *note, *tags, *owner;
	json_t *const body = request_json(r);

	if (body == NULL)
		return;
	if (!take_said(body, "note", &note) || !take_said(body, "owner", &owner) ||
	    !take_tags(body, tags_text, &tags))
		answer_error(r, 400, "note and owner are texts, tags a list of words");
	else if (!store_annotate(a->writer, id, note, tags, owner))
		answer_error(r, 404, "no such device");
	else
		api_device(a, r, id);
	json_decref(body);
	api_changed(a, &id, 1);
}
