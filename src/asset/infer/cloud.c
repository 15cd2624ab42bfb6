/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cloud.c - looks a name's endings up, the longest first.
 */
#include "asset/infer/cloud.h"

#include "asset/infer/rules_text.h"

#include <string.h>

#define LABELS_MAX 8u

static int domain_compare(const char *name, size_t len, const char *domain)
{
	const int order = strncasecmp(name, domain, len);

	return order != 0 ? order : domain[len] == 0 ? 0 : -1;
}

static const char *domain_find(const char *name, size_t len)
{
	unsigned low = 0, high = cloud_domain_count;

	while (low < high) {
		const unsigned middle = low + (high - low) / 2;
		const int order = domain_compare(name, len, cloud_domains[middle]);
		if (order == 0)
			return cloud_domains[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *cloud_of(const char *name, size_t len)
{
	for (unsigned labels = 0; labels < LABELS_MAX && len > 0; labels++) {
		const char *const domain = domain_find(name, len);
		const char *const dot = memchr(name, '.', len);
		if (domain != NULL || dot == NULL)
			return domain;
		len -= (size_t)(dot - name) + 1;
		name = dot + 1;
	}
	return NULL;
}
