/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_files.h - the files of the web page, as tools/page-text writes them into the program.
 */
#pragma once

#include <stddef.h>

struct page_file {
	const char *path, *type;
	const char *etag; /* in its quotes */
	const unsigned char *plain;
	size_t plain_len;
	const unsigned char *gzip;
	size_t gzip_len;
};

/* The last one's path is NULL. */
extern const struct page_file page_files[];
