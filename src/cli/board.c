/* SPDX-License-Identifier: Apache-2.0 */
/*
 * board.c - see board.h.
 */
#include "cli/board.h"

#include "capture/linktype.h"

#include <stdio.h>
#include <string.h>

void board_init(struct board *b, unsigned readers)
{
	memset(b, 0, sizeof *b);
	pthread_mutex_init(&b->lock, NULL);
	b->reader_count = readers;
}

static void board_add_iface(struct board *b, unsigned i, const struct source_iface *iface)
{
	struct report_iface *out = &b->ifaces[i];
	const char *name = linktype_name(iface->linktype);

	snprintf(out->name, sizeof out->name, "%s", iface->name);
	if (strcmp(name, "unknown") != 0)
		snprintf(out->linktype, sizeof out->linktype, "%s", name);
	else
		snprintf(out->linktype, sizeof out->linktype, "%u", iface->linktype);
}

void board_write(struct board *b, unsigned reader, const struct source *s, uint64_t odd)
{
	const struct source_iface *ifaces = NULL;
	const unsigned count = source_ifaces(s, &ifaces);
	struct source_counts counts = {0};

	source_count(s, &counts);
	pthread_mutex_lock(&b->lock);
	b->counts[reader] = counts;
	b->odd[reader] = odd;
	for (unsigned i = b->iface_count; i < count && i < BOARD_IFACES; i++)
		board_add_iface(b, i, &ifaces[i]);
	if (count > b->iface_count)
		b->iface_count = count < BOARD_IFACES ? count : BOARD_IFACES;
	pthread_mutex_unlock(&b->lock);
}

void board_end(struct board *b, const struct source *s, enum pull how)
{
	pthread_mutex_lock(&b->lock);
	if (source_error(s)[0] != '\0')
		snprintf(b->error, sizeof b->error, "%s", source_error(s));
	b->cut = b->cut || source_cut(s);
	b->failed = b->failed || (how == FAILED && !source_cut(s));
	pthread_mutex_unlock(&b->lock);
}

struct source_counts board_sum(struct board *b, uint64_t *odd)
{
	struct source_counts sum = {0};

	*odd = 0;
	pthread_mutex_lock(&b->lock);
	for (unsigned i = 0; i < b->reader_count; i++) {
		const struct source_counts *c = &b->counts[i];

		sum.received += c->received;
		sum.bytes += c->bytes;
		sum.kernel_seen += c->kernel_seen;
		sum.kernel_dropped += c->kernel_dropped;
		sum.filtered += c->filtered;
		sum.cut += c->cut;
		sum.file_read += c->file_read;
		sum.file_size += c->file_size;
		sum.restarts += c->restarts;
		sum.shedding += c->shedding;
		sum.looked_at += c->looked_at;
		sum.shed += c->shed;
		sum.shed_bytes += c->shed_bytes;
		sum.xdp_copy += c->xdp_copy;
		sum.xdp_zero_copy += c->xdp_zero_copy;
		*odd += b->odd[i];
	}
	pthread_mutex_unlock(&b->lock);
	return sum;
}

unsigned board_ifaces(struct board *b, struct report_iface *out, unsigned cap)
{
	pthread_mutex_lock(&b->lock);
	const unsigned count = b->iface_count < cap ? b->iface_count : cap;
	memcpy(out, b->ifaces, count * sizeof *out);
	pthread_mutex_unlock(&b->lock);
	return count;
}
