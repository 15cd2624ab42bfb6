/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.c - see page.h. What is sent was compressed when the program was built (tools/page-text).
 */
#include "manager/page.h"

#include "manager/page_files.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct page_file *page_find(const char *path)
{
	const struct page_file *f = page_files;

	while (f->path != NULL && strcmp(f->path, path) != 0)
		f++;
	return f->path == NULL ? NULL : f;
}

/* RFC 9110, 12.5.3: "gzip", or "*", unless with the weight 0. */
static bool accepts_gzip(const char *accepted)
{
	for (size_t len; *accepted != '\0'; accepted += len, accepted += strspn(accepted, ", ")) {
		len = strcspn(accepted, ",");
		const size_t coding = strcspn(accepted, ",; ");
		const char *const weight = strstr(accepted, "q=");

		if ((coding == 4 && strncmp(accepted, "gzip", 4) == 0) ||
		    (coding == 1 && *accepted == '*'))
			return weight == NULL || weight >= accepted + len ||
			       strtod(weight + 2, NULL) > 0;
	}
	return false;
}

/* RFC 9110, 13.1.2: one of the tags that the browser has, or any. */
static bool is_kept(const struct request *r, const struct page_file *f)
{
	const char *const kept = request_header(r, "If-None-Match");

	return strcmp(kept, "*") == 0 || strstr(kept, f->etag) != NULL;
}

static void send_file(struct request *r, const struct page_file *f, int status)
{
	const bool gzip = accepts_gzip(request_header(r, "Accept-Encoding"));
	char etag[32];

	snprintf(etag, sizeof etag, "W/%s", f->etag); /* weak: plain and gzip are the same page */
	answer_header(r, "ETag", etag);
	answer_header(r, "Cache-Control", "no-cache"); /* kept, but asked about */
	answer_header(r, "Vary", "Accept-Encoding");
	if (status == 200 && is_kept(r, f)) {
		answer_bytes(r, 304, f->type, "", 0);
		return;
	}
	if (gzip)
		answer_header(r, "Content-Encoding", "gzip");
	answer_bytes(r, status, f->type, (const char *)(gzip ? f->gzip : f->plain),
	             gzip ? f->gzip_len : f->plain_len);
}

bool page_answer(struct request *r)
{
	const struct page_file *const f = page_find(r->path);

	if (f == NULL || (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0))
		return false;
	send_file(r, f, 200);
	return true;
}

bool page_is_wanted(const struct request *r)
{
	return strstr(request_header(r, "Accept"), "text/html") != NULL;
}

void page_show(struct request *r, int status)
{
	const struct page_file *const f = page_find("/");

	assert(f);
	send_file(r, f, status);
}
