/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.c - see trace.h. One task, watched; its facts go nowhere but to the page.
 */
#include "cli/trace.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "capture/filter.h"
#include "capture/linktype.h"
#include "observe/engine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 17, INDENT = 2 };

struct trace {
	FILE *out;
	bool on;
	unsigned depth;
	const struct plan *plan;
	uint8_t room[ROOM]; /* facts are built here and forgotten */
};

/* ---- one field of a parsed struct ---- */

static uint64_t field_number(const uint8_t *at, size_t size)
{
	uint8_t n8 = 0;
	uint16_t n16 = 0;
	uint32_t n32 = 0;
	uint64_t n64 = 0;

	switch (size) {
	case 1:
		memcpy(&n8, at, size);
		return n8;
	case 2:
		memcpy(&n16, at, size);
		return n16;
	case 4:
		memcpy(&n32, at, size);
		return n32;
	default:
		memcpy(&n64, at, size < sizeof n64 ? size : sizeof n64);
		return n64;
	}
}

static void print_bytes(FILE *out, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fprintf(out, "%02x", bytes[i]);
}

static void print_field(FILE *out, const struct field *f, const uint8_t *at)
{
	char text[IP_TEXT];
	struct mac mac;
	struct ip4 ip4;
	struct ip6 ip6;
	struct ip ip;
	struct text t;

	switch (f->show) {
	case SHOW_NUMBER:
		fprintf(out, "%" PRIu64, field_number(at, f->size));
		break;
	case SHOW_HEX:
		fprintf(out, "0x%0*" PRIx64, (int)f->size * 2, field_number(at, f->size));
		break;
	case SHOW_BOOL:
		fputs(*at ? "yes" : "no", out);
		break;
	case SHOW_MAC:
		memcpy(&mac, at, sizeof mac);
		fputs(mac_format(mac, text), out);
		break;
	case SHOW_IP4:
		memcpy(&ip4, at, sizeof ip4);
		ip = ip_from4(ip4);
		fputs(ip_format(&ip, text), out);
		break;
	case SHOW_IP6:
		memcpy(&ip6, at, sizeof ip6);
		ip = ip_from6(ip6);
		fputs(ip_format(&ip, text), out);
		break;
	case SHOW_TEXT:
		memcpy(&t, at, sizeof t);
		escape_print(out, t.s, t.len);
		break;
	case SHOW_BYTES:
		print_bytes(out, at, f->size);
		break;
	}
}

static void print_fields(struct trace *t, const struct shown *shown, struct cur in)
{
	_Alignas(max_align_t) uint8_t parsed[PARSED_MAX] = {0};
	const bool ok = shown->parse(&in, parsed);

	fprintf(t->out, "%*s  %s:", (int)t->depth * INDENT, "", shown->name);
	for (unsigned i = 0; i < shown->field_count; i++) {
		fprintf(t->out, " %s=", shown->fields[i].name);
		print_field(t->out, &shown->fields[i], parsed + shown->fields[i].offset);
	}
	fputs(ok ? "\n" : "  (refused)\n", t->out);
}

/* ---- what the task shows ---- */

static void trace_enter(void *to, const struct packet *p, const struct observer *o,
                        enum space space, uint64_t key, const struct cur *in)
{
	struct trace *t = to;

	if (!t->on)
		return;
	fprintf(t->out, "%*s%s  (%s 0x%" PRIx64 ", %" PRIu32 " bytes left)\n",
	        (int)t->depth * INDENT, "", o->name, space_name(space), key, cur_left(in));
	for (unsigned i = 0; o->shows && o->shows[i] && o->packet; i++)
		print_fields(t, o->shows[i], p->rest);
	t->depth++;
}

static void trace_leave(void *to, const struct observer *o, enum verdict v)
{
	struct trace *t = to;

	if (!t->on)
		return;
	t->depth--;
	fprintf(t->out, "%*s= %s: %s\n", (int)t->depth * INDENT, "", o->name, verdict_name(v));
}

static void trace_told(void *to, const struct packet *p, const struct fact_item *fact,
                       const uint8_t *value, bool known)
{
	struct trace *t = to;
	char text[FACT_TEXT_MAX], mac[MAC_TEXT], ip[IP_TEXT];

	(void)p;
	if (!t->on)
		return;
	const size_t n = fact_format((enum fact_kind)fact->kind, value, fact->value_len, text);
	fprintf(t->out, "%*s* %s %s ", (int)t->depth * INDENT, "", known ? "known" : "fact ",
	        fact_info((enum fact_kind)fact->kind)->wire);
	escape_print(t->out, text, n);
	fprintf(t->out, "  of %s", mac_format(fact->endpoint.mac, mac));
	if (fact->endpoint.ip.family != 0)
		fprintf(t->out, " %s", ip_format(&fact->endpoint.ip, ip));
	fputc('\n', t->out);
}

static void trace_unclaimed(void *to, enum space space, uint64_t key)
{
	struct trace *t = to;

	if (t->on)
		fprintf(t->out, "%*s? nobody claims %s 0x%" PRIx64 "\n", (int)t->depth * INDENT, "",
		        space_name(space), key);
}

static enum sent trace_reserve(void *to, uint32_t len, struct fact_item **room)
{
	struct trace *t = to;

	*room = len <= ROOM ? (struct fact_item *)(void *)t->room : NULL;
	return *room ? SENT : FULL;
}

static void trace_commit(void *to)
{
	(void)to;
}

/* ---- the run ---- */

static void trace_frame(struct trace *t, struct task *task, const struct frame *f, bool on)
{
	char time[TIME_TEXT];

	t->on = on;
	t->depth = 1;
	if (on)
		fprintf(t->out,
		        "frame %" PRIu64 "  %s  %" PRIu32 " bytes (%" PRIu32 " on the wire)  %s\n",
		        f->number, time_format(f->time_ns, time), f->captured, f->wire,
		        linktype_name(f->linktype));
	task_frame(task, f);
}

static bool trace_frames(struct trace *t, struct task *task, struct source *source, uint64_t number)
{
	struct frame frames[SOURCE_BATCH];
	bool found = false;
	unsigned count = 0;

	for (enum pull got = FRAMES; got != FINISHED;) {
		got = source_next(source, frames, &count, -1);
		for (unsigned i = 0; got == FRAMES && i < count; i++) {
			const bool on = number == 0 || frames[i].number == number;

			trace_frame(t, task, &frames[i], on);
			found = found || on;
			if (on && number != 0)
				return true;
		}
	}
	return found;
}

static int trace_task(struct trace *t, struct source *source, uint64_t number)
{
	const struct watch watch = {.to = t,
	                            .enter = trace_enter,
	                            .leave = trace_leave,
	                            .told = trace_told,
	                            .unclaimed = trace_unclaimed};
	const struct task_options options = {
		.name = "trace",
		.key = hash_key_fixed(),
		.facts = {t, trace_reserve, trace_commit},
		.edge = -1,
	};
	struct task *task = task_new(t->plan, &options);

	if (!task) {
		log_line("no memory");
		return 1;
	}
	task_watch(task, &watch);
	const bool found = trace_frames(t, task, source, number);
	if (source_error(source)[0] != '\0')
		log_line("%s", source_error(source));
	if (!found)
		log_line("there is no frame %" PRIu64, number);
	task_free(task);
	return found ? 0 : 1;
}

int trace_file(const char *path, const char *filter_text, uint64_t number, FILE *out)
{
	char why[512] = "";
	struct filter *filter = filter_text ? filter_compile(filter_text, why, sizeof why) : NULL;
	struct source *source = NULL;
	struct trace *t = calloc(1, sizeof *t);
	struct plan *plan = plan_new(NULL, 0, NULL, 0, why, sizeof why);
	int status = 1;

	if (t && plan && (filter || !filter_text))
		source = source_open_file(path, filter, why, sizeof why);
	if (source) {
		t->out = out;
		t->plan = plan;
		status = trace_task(t, source, number);
	} else {
		log_line("%s", why);
	}
	source_free(source);
	plan_free(plan);
	filter_free(filter);
	free(t);
	return status;
}
