/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph.c - the wiring as a person or Graphviz reads it, with what went over each edge.
 */
#include "cli/wiring_parts.h"

#include "capture/linktype.h"
#include "observe/plan.h"

#include <inttypes.h>
#include <string.h>

/* Writes one edge after the other in either form. */
struct drawing {
	FILE *out;
	bool dot;
};

static void draw_edge(const struct drawing *d, const char *from, const char *to,
                      const char *channel, const struct channel *c)
{
	struct channel_counts n = {0};

	if (c)
		n = channel_count(c);
	if (d->dot)
		fprintf(d->out,
		        "\t\"%s\" -> \"%s\" [label=\"%s\\n%" PRIu64 " sent, %" PRIu64
		        " dropped\"];\n",
		        from, to, channel, n.sent, n.dropped);
	else
		fprintf(d->out,
		        "%-14s %9s--> %-14s %12" PRIu64 " sent %12" PRIu64 " received %9" PRIu64
		        " dropped\n",
		        from, channel, to, n.sent, n.received, n.dropped);
}

static void draw_borrowed(const struct drawing *d, const char *from, const char *to,
                          const char *what)
{
	if (d->dot)
		fprintf(d->out, "\t\"%s\" -> \"%s\" [label=\"%s\", style=dashed];\n", from, to,
		        what);
	else
		fprintf(d->out, "%-14s %9s--> %-14s (borrowed: a call, no channel)\n", from, what,
		        to);
}

static void draw_lent(const struct drawing *d, const char *to, const struct lending_counts *n)
{
	if (d->dot)
		fprintf(d->out, "\t\"files\" -> \"%s\" [label=\"blocks\\n%" PRIu64 " lent\"];\n",
		        to, n->filled);
	else
		fprintf(d->out, "%-14s %9s--> %-14s %12" PRIu64 " lent, of %u in memory\n", "files",
		        "blocks", to, n->filled, n->blocks);
}

static void draw_inputs(const struct wiring *w, const struct drawing *d)
{
	char worker[32];

	for (unsigned i = 0; i < w->worker_count; i++) {
		snprintf(worker, sizeof worker, "worker %u", i);
		if (w->workers[i].source) {
			draw_borrowed(d, w->live ? "interfaces" : "files", worker, "frames");
			continue;
		}
		const struct lending_counts n = lending_count(w->reader.lending);
		draw_lent(d, worker, &n);
	}
}

static void draw_edges(const struct wiring *w, const struct drawing *d)
{
	char task[48];

	for (unsigned i = 0; i < w->edge_task_count; i++) {
		const struct edge_task *e = &w->edge_tasks[i];

		snprintf(task, sizeof task, "%s %u", w->plan->edges[e->edge].observer, e->number);
		draw_edge(d, "workers", task, "packets", e->inbox.untyped);
	}
	draw_edge(d, w->edge_task_count > 0 ? "all of these" : "workers", "reporter", "facts",
	          w->facts.untyped);
	if (w->notes)
		draw_edge(d, w->edge_task_count > 0 ? "all of these" : "workers", "notes", "notes",
		          notes_channel(w->notes)->untyped);
	for (unsigned i = 0; i < w->local_count; i++)
		draw_borrowed(d, "reporter", sink_spec(w->local[i]), "reports");
	for (unsigned i = 0; i < w->remote_count; i++)
		draw_edge(d, "reporter", sink_spec(w->remote[i].sink), "reports",
		          w->remote[i].channel.untyped);
}

void wiring_graph(const struct wiring *w, FILE *out, bool dot)
{
	const struct drawing d = {out, dot};

	if (dot)
		fputs("digraph havainto {\n\trankdir=LR;\n\tnode [shape=box];\n", out);
	draw_inputs(w, &d);
	draw_edges(w, &d);
	if (dot)
		fputs("}\n", out);
}
