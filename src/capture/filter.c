/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.c - libpcap compiles, libpcap's interpreter runs; here is only which program for which
 * link type. libpcap wants its own numbers (DLT_), which differ from those of files for raw IP.
 */
#include "capture/filter.h"

#include "capture/linktype.h"

#include <pcap/pcap.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SNAPLEN 65535
#define PROGRAMS_MAX 32

struct program {
	uint16_t linktype;
	bool compiled;
	struct bpf_program code;
};

struct filter {
	char *text;
	unsigned count;
	struct program programs[PROGRAMS_MAX];
};

static int dlt_of(uint16_t linktype)
{
	const bool raw = linktype == LINKTYPE_RAW || linktype == LINKTYPE_RAW_12 ||
	                 linktype == LINKTYPE_RAW_14;

	return raw ? DLT_RAW : linktype;
}

/* `why` is written where it does not compile. */
static bool program_compile(struct program *p, const char *expression, char *why, size_t why_len)
{
	pcap_t *const dead = pcap_open_dead(dlt_of(p->linktype), SNAPLEN);

	if (!dead) {
		snprintf(why, why_len, "cannot compile the filter \"%s\": out of memory",
		         expression);
		return false;
	}
	p->compiled = pcap_compile(dead, &p->code, expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!p->compiled)
		snprintf(why, why_len, "cannot compile the filter \"%s\": %s (see pcap-filter(7))",
		         expression, pcap_geterr(dead));
	pcap_close(dead);
	return p->compiled;
}

/* Ethernet comes first, and its complaint is the one that is shown: most frames are of it. */
struct filter *filter_compile(const char *expression, char *why, size_t why_len)
{
	struct filter *const f = calloc(1, sizeof(*f));
	char other[256] = "";
	bool any = false;

	if (f)
		f->text = strdup(expression);
	if (!f || !f->text) {
		snprintf(why, why_len, "cannot compile the filter \"%s\": out of memory",
		         expression);
		filter_free(f);
		return NULL;
	}
	for (unsigned i = 0; i < linktypes_supported_count && i < PROGRAMS_MAX; i++) {
		struct program *const p = &f->programs[f->count++];
		p->linktype = linktypes_supported[i];
		if (program_compile(p, expression, i == 0 ? why : other,
		                    i == 0 ? why_len : sizeof(other)))
			any = true;
	}
	if (any)
		return f;
	filter_free(f);
	return NULL;
}

static const struct program *program_find(const struct filter *f, uint16_t linktype)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->programs[i].linktype == linktype)
			return &f->programs[i];
	return NULL;
}

bool filter_pass(const struct filter *f, uint16_t linktype, const uint8_t *bytes, uint32_t captured,
                 uint32_t wire)
{
	const struct program *const p = program_find(f, linktype);

	if (!p)
		return true;
	return p->compiled && bpf_filter(p->code.bf_insns, bytes, wire, captured) != 0;
}

const struct bpf_program *filter_program(const struct filter *f, uint16_t linktype)
{
	const struct program *const p = program_find(f, linktype);

	return p && p->compiled ? &p->code : NULL;
}

const char *filter_text(const struct filter *f)
{
	return f->text;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (unsigned i = 0; i < f->count; i++)
		if (f->programs[i].compiled)
			pcap_freecode(&f->programs[i].code);
	free(f->text);
	free(f);
}
