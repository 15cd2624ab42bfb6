/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wiring.c - see wiring.h. First everything is made, from the reporter outwards, then the threads.
 *
 * Who sends to whom is counted once, in wiring_count_senders: lane i of a channel belongs to the
 * i-th task that sends there, workers first, then the tasks of edges in the order of --task.
 */
#include "cli/wiring_parts.h"

#include "base/log.h"
#include "task/thread.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const unsigned NO_LANE = ~0u;

/* ---- sources ---- */

static struct source *wiring_open_files(const struct wiring *w, char *why, size_t why_len)
{
	struct source *sources[INPUTS_MAX] = {0};
	const unsigned count = w->options.file_count;

	for (unsigned i = 0; i < count; i++) {
		sources[i] = source_open_file(w->options.files[i], w->filter, why, why_len);
		if (sources[i])
			continue;
		while (i-- > 0)
			source_free(sources[i]);
		return NULL;
	}
	return count == 1 ? sources[0] : source_merge(sources, count);
}

static struct source *wiring_open_share(const struct wiring *w, unsigned share, char *why,
                                        size_t why_len)
{
	struct source *sources[INPUTS_MAX] = {0};
	struct live_options live = {
		.ring_bytes = w->options.ring_bytes ? w->options.ring_bytes : 64u << 20,
		.promiscuous = !w->options.no_promiscuous,
		.fallback_pcap = w->options.use_libpcap,
		.fanout = w->worker_count,
		.share = share,
		/* who taps an observer wants all that it is given */
		.shed = !w->options.no_shed && !w->filter && w->options.notes.tap_count == 0,
	};

	plan_udp_begins(w->plan, live.begins);

	for (unsigned i = 0; i < w->options.iface_count; i++) {
		sources[i] = source_open_live(w->options.ifaces[i], &live, w->filter, why, why_len);
		if (sources[i])
			continue;
		while (i-- > 0)
			source_free(sources[i]);
		return NULL;
	}
	return w->options.iface_count == 1 ? sources[0]
	                                   : source_join_live(sources, w->options.iface_count);
}

static bool wiring_open_sources(struct wiring *w, char *why, size_t why_len)
{
	if (w->options.filter) {
		w->filter = filter_compile(w->options.filter, why, why_len);
		if (!w->filter)
			return false;
	}
	if (!w->live) {
		w->sources[0] = wiring_open_files(w, why, why_len);
		w->source_count = w->sources[0] ? 1 : 0;
		return w->sources[0] != NULL;
	}
	for (unsigned i = 0; i < w->worker_count; i++) {
		w->sources[i] = wiring_open_share(w, i, why, why_len);
		if (!w->sources[i])
			return false;
		board_write(&w->board, i, w->sources[i], 0); /* `hello` names the interfaces */
		w->source_count++;
	}
	return true;
}

/* ---- sinks and the reporter ---- */

static bool wiring_open_sinks(struct wiring *w, char *why, size_t why_len)
{
	for (unsigned i = 0; i < w->options.sink_count; i++) {
		struct sink *s = sink_open(w->options.sinks[i], why, why_len);

		if (!s)
			return false;
		w->sinks[w->sink_count++] = s;
		if (!sink_keys(s, w->options.key_folder, why, why_len))
			return false;
		w->quiet_count += sink_peers(s, &w->quiet[w->quiet_count],
		                             (unsigned)COUNT_OF(w->quiet) - w->quiet_count);
		if (!sink_is_remote(s)) {
			w->local[w->local_count++] = s;
			continue;
		}
		if (w->options.spool_folder != NULL &&
		    !sink_spool(s, w->options.spool_folder, w->options.spool_bytes, w->options.boot,
		                why, why_len))
			return false;
		struct remote *r = &w->remote[w->remote_count];
		r->sink = s;
		r->ended_fd = w->ended_fd;
		r->end_ms = 1000 * (w->options.end_s ? w->options.end_s : 5);
		r->waits = !w->live;
		r->channel = report_channel_new(w->live ? RUN_LIVE : RUN_FILE, 1);
		if (!r->channel.untyped)
			return false;
		const struct report_sender lane = report_channel_sender(&r->channel, 0);
		w->lanes[w->remote_count++] = r->lane = lane.untyped;
	}
	return true;
}

static unsigned wiring_ifaces(void *to, struct report_iface *out, unsigned cap)
{
	struct wiring *w = to;

	return board_ifaces(&w->board, out, cap);
}

struct gauges {
	struct gauge *out;
	unsigned count, cap;
};

static void gauge_add(struct gauges *g, const char *group, const char *name, uint64_t n)
{
	if (g->count == g->cap)
		return;
	struct gauge *out = &g->out[g->count++];
	snprintf(out->name, sizeof out->name, "%s.%s", group, name);
	out->n = n;
}

static void gauge_add_channel(struct gauges *g, const char *group, struct channel_counts n)
{
	gauge_add(g, group, "sent", n.sent);
	gauge_add(g, group, "received", n.received);
	gauge_add(g, group, "dropped", n.dropped);
}

static struct channel_counts counts_sum(struct channel_counts a, struct channel_counts b)
{
	return (struct channel_counts){
		.sent = a.sent + b.sent,
		.received = a.received + b.received,
		.dropped = a.dropped + b.dropped,
		.fill = a.fill + b.fill,
		.size = a.size + b.size,
		.wakes = a.wakes + b.wakes,
	};
}

static void gauge_add_sinks(struct gauges *g, const struct wiring *w)
{
	struct sink_counts sum = {0};

	for (unsigned i = 0; i < w->sink_count; i++) {
		const struct sink_counts n = sink_count(w->sinks[i]);

		sum.lines += n.lines;
		sum.bytes += n.bytes;
		sum.expired += n.expired;
		sum.connects += n.connects;
		sum.errors += n.errors;
		sum.refused += n.refused;
		sum.spooled += n.spooled;
		sum.coalesced += n.coalesced;
	}
	gauge_add(g, "sink", "lines", sum.lines);
	gauge_add(g, "sink", "bytes", sum.bytes);
	gauge_add(g, "sink", "expired", sum.expired);
	gauge_add(g, "sink", "connects", sum.connects);
	gauge_add(g, "sink", "errors", sum.errors);
	gauge_add(g, "sink", "refused", sum.refused);
	gauge_add(g, "sink", "spooled", sum.spooled);
	gauge_add(g, "sink", "coalesced", sum.coalesced);
}

static unsigned wiring_gauges(void *to, struct gauge *out, unsigned cap)
{
	struct wiring *w = to;
	struct gauges g = {out, 0, cap};
	uint64_t odd = 0;
	const struct source_counts s = board_sum(&w->board, &odd);
	struct channel_counts packets = {0};

	gauge_add(&g, "source", "received", s.received);
	gauge_add(&g, "source", "bytes", s.bytes);
	gauge_add(&g, "source", "kernel_seen", s.kernel_seen);
	gauge_add(&g, "source", "kernel_dropped", s.kernel_dropped);
	gauge_add(&g, "source", "filtered", s.filtered);
	gauge_add(&g, "source", "cut", s.cut);
	gauge_add(&g, "source", "restarts", s.restarts);
	gauge_add(&g, "source", "shedding", s.shedding);
	gauge_add(&g, "source", "looked_at", s.looked_at);
	gauge_add(&g, "source", "shed", s.shed);
	gauge_add(&g, "source", "shed_bytes", s.shed_bytes);
	gauge_add(&g, "source", "xdp_copy", s.xdp_copy);
	gauge_add(&g, "source", "xdp_zero_copy", s.xdp_zero_copy);
	gauge_add(&g, "time", "odd", odd);
	for (unsigned i = 0; i < w->edge_task_count; i++)
		packets = counts_sum(packets, channel_count(w->edge_tasks[i].inbox.untyped));
	gauge_add_channel(&g, "channel.packet", packets);
	gauge_add_channel(&g, "channel.fact", channel_count(w->facts.untyped));
	if (w->notes)
		gauge_add_channel(&g, "channel.note",
		                  channel_count(notes_channel(w->notes)->untyped));
	gauge_add_sinks(&g, w);
	return g.count;
}

static uint64_t wiring_interval_ns(const struct wiring *w)
{
	const double seconds = w->options.interval_s > 0 ? w->options.interval_s : w->live ? 60 : 0;

	return (uint64_t)(seconds * 1e9);
}

static bool wiring_make_reporter(struct wiring *w, char *why, size_t why_len)
{
	const struct wiring_options *o = &w->options;
	struct reporter_options options = {
		.facts = w->facts.untyped,
		.senders = w->fact_senders,
		.plan = w->plan,
		.sinks = w->local,
		.sink_count = w->local_count,
		.lanes = w->lanes,
		.lane_count = w->remote_count,
		.sensor = o->sensor,
		.version = o->version,
		.boot = w->live ? o->boot : 0,
		.key = w->key,
		.live = w->live,
		.hashed = o->hashed,
		.privacy_key = o->privacy_key,
		.interval_ns = wiring_interval_ns(w),
		.full_every = o->full_every,
		.quiet = w->quiet,
		.quiet_count = w->quiet_count,
		.data = o->data,
		.limits = o->limits,
		.snapshots = o->snapshots,
		.asks = {w, wiring_ifaces, wiring_gauges},
	};

	w->reporter = reporter_new(&options, why, why_len);
	return w->reporter != NULL;
}

/* ---- tasks and their channels ---- */

/*
 * Which lane of edge's channels a sender has: -1 worker i, else the i-th edge task; NO_LANE: it
 * never sends there.
 */
static unsigned wiring_lane(const struct wiring *w, int from_edge, unsigned i, unsigned edge)
{
	const unsigned observer = w->plan->edge_observer[edge];
	unsigned lane = w->worker_count;

	if (from_edge < 0)
		return i;
	if (plan_hands_over(w->plan, from_edge, observer) < 0)
		return NO_LANE;
	for (int e = 0; e < from_edge; e++)
		if (plan_hands_over(w->plan, e, observer) >= 0)
			lane += w->plan->edges[e].tasks;
	return lane + i;
}

static unsigned wiring_senders(const struct wiring *w, unsigned edge)
{
	unsigned senders = w->worker_count;

	for (unsigned e = 0; e < w->plan->edge_count; e++)
		if (plan_hands_over(w->plan, (int)e, w->plan->edge_observer[edge]) >= 0)
			senders += w->plan->edges[e].tasks;
	return senders;
}

static void wiring_fill_outbox(struct wiring *w, struct outbox *o, int from_edge, unsigned i,
                               unsigned fact_lane)
{
	o->facts = fact_channel_sender(&w->facts, fact_lane);
	if (w->notes)
		o->notes = note_channel_sender(notes_channel(w->notes), fact_lane);
	o->edge_count = w->plan->edge_count;
	for (unsigned e = 0; e < w->plan->edge_count; e++) {
		const unsigned lane = wiring_lane(w, from_edge, i, e);

		o->targets[e] = lane == NO_LANE ? 0 : w->plan->edges[e].tasks;
		for (unsigned k = 0; k < o->targets[e]; k++)
			o->packets[e][k] = packet_channel_sender(
				&w->edge_tasks[w->edge_first[e] + k].inbox, lane);
	}
}

static struct task *wiring_make_task(const struct wiring *w, struct outbox *o, int edge)
{
	struct task_options options = w->options.memory;

	options.name = edge < 0 ? "worker" : w->plan->edges[edge].observer;
	options.key = w->key;
	options.facts = outbox_facts(o);
	options.packets = outbox_packets(o);
	options.edge = edge;
	return task_new(w->plan, &options);
}

/* True: none is wanted, or it watches the task. */
static bool wiring_make_scribe(const struct wiring *w, struct outbox *o, struct task *t,
                               struct scribe **scribe)
{
	if (!w->notes || !t)
		return t != NULL;
	const struct scribe_options options =
		notes_scribe(&w->options.notes, outbox_notes(o), w->key);
	*scribe = scribe_new(&options);
	if (*scribe)
		scribe_watch(*scribe, t);
	return *scribe != NULL;
}

static bool wiring_make_inboxes(struct wiring *w)
{
	const enum run run = w->live ? RUN_LIVE : RUN_FILE;

	for (unsigned e = 0; e < w->plan->edge_count; e++) {
		w->edge_first[e] = w->edge_task_count;
		w->edge_task_count += w->plan->edges[e].tasks;
	}
	w->edge_tasks = calloc(w->edge_task_count + 1, sizeof *w->edge_tasks);
	w->fact_senders = w->worker_count + w->edge_task_count;
	w->facts = fact_channel_new(run, w->fact_senders);
	if (!w->edge_tasks || !w->facts.untyped)
		return false;
	if (!w->live)
		channel_align(w->facts.untyped);
	for (unsigned e = 0; e < w->plan->edge_count; e++) {
		for (unsigned k = 0; k < w->plan->edges[e].tasks; k++) {
			struct edge_task *task = &w->edge_tasks[w->edge_first[e] + k];

			task->edge = e;
			task->number = k;
			task->inbox = packet_channel_new(run, wiring_senders(w, e));
			if (!task->inbox.untyped)
				return false;
			if (!w->live)
				channel_align(task->inbox.untyped);
		}
	}
	return true;
}

static bool wiring_make_edge_tasks(struct wiring *w)
{
	for (unsigned i = 0; i < w->edge_task_count; i++) {
		struct edge_task *e = &w->edge_tasks[i];

		wiring_fill_outbox(w, &e->out, (int)e->edge, e->number, w->worker_count + i);
		e->task = wiring_make_task(w, &e->out, (int)e->edge);
		if (!wiring_make_scribe(w, &e->out, e->task, &e->scribe))
			return false;
	}
	return true;
}

/* Files and several workers: these read it in turns, and lend one another what they read. */
static bool wiring_make_reader(struct wiring *w)
{
	const unsigned blocks = w->worker_count + BLOCKS_AHEAD;
	struct reader *r = &w->reader;

	r->source = w->sources[0];
	r->key = w->key;
	r->workers = w->worker_count;
	r->pace.interval_ns = wiring_interval_ns(w);
	r->board = &w->board;
	r->blocks = w->blocks;
	for (unsigned i = 0; i < w->worker_count; i++)
		w->workers[i].reader = r;
	for (; w->block_count < blocks; w->block_count++)
		if (!block_init(&w->blocks[w->block_count], w->worker_count))
			return false;
	r->lending = lending_new(blocks, w->worker_count);
	return r->lending != NULL;
}

static bool wiring_make_workers(struct wiring *w)
{
	const bool direct = w->live || w->worker_count == 1;

	for (unsigned i = 0; i < w->worker_count; i++) {
		struct worker *worker = &w->workers[i];

		worker->number = i;
		worker->board = &w->board;
		worker->source = direct ? w->sources[i] : NULL;
		worker->pace.interval_ns = w->live || !direct ? 0 : wiring_interval_ns(w);
		wiring_fill_outbox(w, &worker->out, -1, i, i);
		worker->task = wiring_make_task(w, &worker->out, -1);
		if (!wiring_make_scribe(w, &worker->out, worker->task, &worker->scribe))
			return false;
	}
	return direct || wiring_make_reader(w);
}

static bool wiring_make_plan(struct wiring *w, char *why, size_t why_len)
{
	w->plan = plan_new(NULL, 0, w->options.edges, w->options.edge_count, why, why_len);
	return w->plan != NULL;
}

static bool wiring_make_notes(struct wiring *w, char *why, size_t why_len)
{
	if (!notes_wanted(&w->options.notes))
		return true;
	w->notes = notes_open(&w->options.notes, w->live, w->fact_senders, &w->board, why, why_len);
	return w->notes != NULL;
}

static bool wiring_make_tasks(struct wiring *w, char *why, size_t why_len)
{
	*why = '\0';
	if (wiring_make_inboxes(w) && wiring_make_notes(w, why, why_len) &&
	    wiring_make_edge_tasks(w) && wiring_make_workers(w))
		return true;
	if (*why)
		return false;
	snprintf(
		why, why_len,
		"no memory for %u workers and %u observer tasks (--workers, --task and the --...-memory options decide)",
		w->worker_count, w->edge_task_count);
	return false;
}

struct wiring *wiring_new(const struct wiring_options *options, char *why, size_t why_len)
{
	struct wiring *w = calloc(1, sizeof *w);

	if (!w) {
		snprintf(why, why_len, "no memory");
		return NULL;
	}
	w->options = *options;
	w->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->live = options->iface_count > 0;
	w->worker_count = options->workers ? options->workers : 1;
	board_init(&w->board, w->live ? w->worker_count : 1);
	const int err = options->fixed_key ? 0 : hash_key_random(&w->key);
	if (options->fixed_key)
		w->key = hash_key_fixed();
	if (w->ended_fd < 0)
		snprintf(why, why_len, "cannot make an eventfd: %s", strerror(errno));
	else if (err != 0)
		snprintf(why, why_len, "the kernel gives no random key: %s", strerror(-err));
	else if (wiring_make_plan(w, why, why_len) && wiring_open_sources(w, why, why_len) &&
	         wiring_open_sinks(w, why, why_len) && wiring_make_tasks(w, why, why_len) &&
	         wiring_make_reporter(w, why, why_len))
		return w;
	wiring_free(w);
	return NULL;
}

/* ---- the run ---- */

void wiring_sandbox(const struct wiring *w, struct sandbox_plan *plan)
{
	struct wiring *own = (struct wiring *)(uintptr_t)w;
	unsigned sockets = 0, paths = 0, ports = 0;

	for (unsigned i = 0; i < w->source_count; i++) {
		/* More than fit are counted all the same: sandbox_enter refuses them. */
		const unsigned used = sockets < SANDBOX_SOCKETS ? sockets : SANDBOX_SOCKETS;

		sockets +=
			source_sockets(w->sources[i], own->sockets + used, SANDBOX_SOCKETS - used);
	}
	for (unsigned i = 0; i < w->sink_count; i++) {
		if (sink_path(w->sinks[i]))
			own->write_paths[paths++] = sink_path(w->sinks[i]);
		if (sink_port(w->sinks[i]))
			own->ports[ports++] = sink_port(w->sinks[i]);
	}
	plan->sockets = w->sockets;
	plan->socket_count = sockets;
	plan->write_paths = w->write_paths;
	plan->connect_ports = w->ports;
}

/* One of those after whom nobody comes. */
static void wiring_end_one(int ended_fd)
{
	const uint64_t one = 1;

	(void)!write(ended_fd, &one, sizeof one);
}

static void reporter_task(void *wiring)
{
	struct wiring *w = wiring;

	thread_inbox(w->facts.untyped);
	w->reporter_status = reporter_run(w->reporter);
	wiring_end_one(w->ended_fd);
}

static void remote_task(void *remote)
{
	struct remote *r = remote;

	thread_inbox(r->channel.untyped);
	r->status = sink_task(r->sink, r->channel.untyped, r->waits, r->end_ms);
	wiring_end_one(r->ended_fd);
}

static void notes_task(void *wiring)
{
	struct wiring *w = wiring;

	thread_inbox(notes_channel(w->notes)->untyped);
	w->notes_status = notes_run(w->notes);
	wiring_end_one(w->ended_fd);
}

static bool wiring_spawn(const char *name, unsigned number, enum sandbox_class class,
                         void (*run)(void *), void *self)
{
	char full[16];

	snprintf(full, sizeof full, "%.11s %u", name, number % 100);
	return thread_start(full, class, run, self) != NULL;
}

int wiring_start(struct wiring *w)
{
	bool ok = wiring_spawn("reporter", 0, SANDBOX_REPORTER, reporter_task, w);

	if (ok && w->notes)
		ok = wiring_spawn("notes", 0, SANDBOX_REPORTER, notes_task, w);
	for (unsigned i = 0; ok && i < w->remote_count; i++)
		ok = wiring_spawn("sink", i, SANDBOX_SINK_NET, remote_task, &w->remote[i]);
	for (unsigned i = 0; ok && i < w->edge_task_count; i++)
		ok = wiring_spawn(w->plan->edges[w->edge_tasks[i].edge].observer,
		                  w->edge_tasks[i].number, SANDBOX_OBSERVER, edge_task_run,
		                  &w->edge_tasks[i]);
	for (unsigned i = 0; ok && i < w->worker_count; i++)
		ok = wiring_spawn("worker", i, SANDBOX_WORKER, worker_run, &w->workers[i]);
	return ok ? 0 : -EAGAIN;
}

void wiring_stop(struct wiring *w)
{
	for (unsigned i = 0; i < w->source_count; i++)
		source_stop(w->sources[i]);
}

void wiring_reopen(struct wiring *w)
{
	for (unsigned i = 0; i < w->sink_count; i++)
		sink_reopen(w->sinks[i]);
}

bool wiring_wait(struct wiring *w, int timeout_ms)
{
	(void)w;
	return thread_join_all(timeout_ms, NULL, NULL) == 0;
}

int wiring_ended_fd(const struct wiring *w)
{
	return w->ended_fd;
}

static void say_late(const struct thread_late *who, void *self)
{
	struct channel_counts n = {0};

	(void)self;
	if (who->inbox)
		n = channel_count(who->inbox);
	log_line("task %s has not ended; its inbox holds %" PRIu64 " bytes", who->name,
	         (uint64_t)n.fill);
}

unsigned wiring_say_late(struct wiring *w)
{
	(void)w;
	return thread_join_all(0, say_late, NULL);
}

/* Evidence that could not be written is no evidence: it is said. */
static void wiring_say_lost(const struct wiring *w)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < w->worker_count; i++)
		lost += w->workers[i].scribe ? scribe_lost(w->workers[i].scribe) : 0;
	for (unsigned i = 0; i < w->edge_task_count; i++)
		lost += w->edge_tasks[i].scribe ? scribe_lost(w->edge_tasks[i].scribe) : 0;
	if (lost > 0)
		log_line("%" PRIu64
		         " frames that belong into the evidence were not at hand any more "
		         "(--evidence-memory), or found the writer too slow",
		         lost);
}

int wiring_status(const struct wiring *w)
{
	int status = w->board.failed || w->reporter_status != 0 || w->notes_status != 0;

	wiring_say_lost(w);

	for (const char *line = w->board.error; *line;) {
		const size_t len = strcspn(line, "\n");

		log_line("%.*s", (int)len, line);
		line += len + (line[len] == '\n');
	}
	for (unsigned i = 0; i < w->remote_count; i++)
		status = status || w->remote[i].status != 0;
	return status;
}

void wiring_free(struct wiring *w)
{
	if (!w)
		return;
	reporter_free(w->reporter);
	for (unsigned i = 0; i < w->worker_count; i++) {
		task_free(w->workers[i].task);
		scribe_free(w->workers[i].scribe);
	}
	for (unsigned i = 0; i < w->block_count; i++)
		block_fini(&w->blocks[i]);
	lending_free(w->reader.lending);
	for (unsigned i = 0; w->edge_tasks && i < w->edge_task_count; i++) {
		task_free(w->edge_tasks[i].task);
		scribe_free(w->edge_tasks[i].scribe);
		channel_free(w->edge_tasks[i].inbox.untyped);
	}
	free(w->edge_tasks);
	channel_free(w->facts.untyped);
	notes_free(w->notes);
	for (unsigned i = 0; i < w->remote_count; i++)
		channel_free(w->remote[i].channel.untyped);
	for (unsigned i = 0; i < w->sink_count; i++)
		sink_free(w->sinks[i]);
	for (unsigned i = 0; i < w->source_count; i++)
		source_free(w->sources[i]);
	filter_free(w->filter);
	plan_free(w->plan);
	if (w->ended_fd >= 0)
		close(w->ended_fd);
	free(w);
}

void wiring_progress(struct wiring *w, uint64_t *read, uint64_t *size)
{
	uint64_t odd = 0;
	const struct source_counts n = board_sum(&w->board, &odd);

	*read = n.file_read;
	*size = n.file_size;
}

struct reporter *wiring_reporter(struct wiring *w)
{
	return w->reporter;
}
