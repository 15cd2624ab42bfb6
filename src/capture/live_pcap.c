/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live_pcap.c - frames of an interface through libpcap: where our own ring cannot be had.
 *
 * It is slower (a copy and a call a frame), and libpcap gives an interface up when it is deleted:
 * that is the end of this source, told plainly. VLAN tags, link types and the kind of ring are
 * libpcap's. Its own pcap_stats() is not used: it opens files, which the sandbox forbids by then.
 */
#include "capture/live.h"

#include "base/clock.h"
#include "base/cursor.h"
#include "capture/filter.h"

#include <errno.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct live_pcap {
	struct source source;
	struct source_iface iface;
	pcap_t *pcap;
	int fd;
	bool ending, ended;
	uint64_t give_up_ns;
	struct source_counts counts;
};

static struct live_pcap *live_pcap_of(struct source *s)
{
	return (struct live_pcap *)s;
}

static const struct live_pcap *live_pcap_read(const struct source *s)
{
	return (const struct live_pcap *)s;
}

/* libpcap's own numbers differ from the LINKTYPE_ ones of files in a few values: raw IP here. */
static uint16_t linktype_of(int dlt)
{
	return dlt == DLT_RAW ? LINKTYPE_RAW : (uint16_t)dlt;
}

static void frame_give(struct live_pcap *l, const struct pcap_pkthdr *h, const uint8_t *bytes,
                       struct frame *f)
{
	*f = (struct frame){
		.bytes = bytes,
		.captured = h->caplen <= CUR_MAX ? h->caplen : CUR_MAX,
		.wire = h->len,
		/* asked for in ns: then the field of microseconds holds them */
		.time_ns = (uint64_t)h->ts.tv_sec * CLOCK_SECOND + (uint64_t)h->ts.tv_usec,
		.number = ++l->counts.received,
		.linktype = l->iface.linktype,
	};
	l->counts.bytes += f->captured;
	l->counts.cut += h->caplen > CUR_MAX;
}

/* One frame: its bytes are libpcap's until the next call. IDLE: none now. */
static enum pull live_pcap_pull(struct live_pcap *l, struct frame *frames, unsigned *count)
{
	struct pcap_pkthdr *h;
	const uint8_t *bytes;
	const int got = pcap_next_ex(l->pcap, &h, &bytes);

	if (got == 0)
		return IDLE;
	if (got < 0)
		return source_fail(&l->source, "%s: %s", l->iface.name, pcap_geterr(l->pcap));
	frame_give(l, h, bytes, &frames[(*count)++]);
	return FRAMES;
}

static void ending_begin(struct live_pcap *l)
{
	l->ending = true;
	l->give_up_ns = live_close_ears(l->fd) ? 0 : clock_now_ns() + LIVE_DRAIN_NS;
}

static bool ending_done(struct live_pcap *l)
{
	live_count(l->fd, &l->counts);
	return l->counts.kernel_seen <= l->counts.received + l->counts.kernel_dropped ||
	       clock_now_ns() >= l->give_up_ns;
}

static void wait_slice(const struct live_pcap *l, uint64_t ns)
{
	struct pollfd p = {.fd = l->fd, .events = POLLIN};
	const uint64_t most = (l->ending ? 1 : LIVE_SLICE_MS) * UINT64_C(1000000);

	poll(&p, 1, (int)(((ns < most ? ns : most) + 999999) / 1000000));
}

static enum pull live_pcap_wait(struct live_pcap *l, struct frame *frames, unsigned *count,
                                int timeout_ms)
{
	uint64_t now = clock_now_ns();
	const uint64_t until = timeout_ms < 0 ? UINT64_MAX : now + (uint64_t)timeout_ms * 1000000;

	for (;;) {
		if (atomic_load(&l->source.stop) && !l->ending)
			ending_begin(l);
		wait_slice(l, until - now);
		const enum pull pull = live_pcap_pull(l, frames, count);

		if (pull != IDLE)
			return pull;
		if (l->ending && ending_done(l))
			return FINISHED;
		now = clock_now_ns();
		if (now >= until)
			return IDLE;
	}
}

static enum pull live_pcap_next(struct source *s, struct frame *frames, unsigned *count,
                                int timeout_ms)
{
	struct live_pcap *l = live_pcap_of(s);

	if (l->ended)
		return FINISHED;
	enum pull pull = live_pcap_pull(l, frames, count);

	if (pull == IDLE)
		pull = live_pcap_wait(l, frames, count, timeout_ms);
	l->ended = pull == FINISHED || pull == FAILED;
	if (pull == IDLE || l->ended)
		live_count(l->fd, &l->counts);
	return pull;
}

static unsigned live_pcap_ifaces(const struct source *s, const struct source_iface **ifaces)
{
	*ifaces = &live_pcap_read(s)->iface;
	return 1;
}

static void live_pcap_count(const struct source *s, struct source_counts *out)
{
	*out = live_pcap_read(s)->counts;
}

static unsigned live_pcap_sockets(const struct source *s, int *fds, unsigned cap)
{
	if (cap > 0)
		fds[0] = live_pcap_read(s)->fd;
	return 1;
}

static void live_pcap_free(struct source *s)
{
	struct live_pcap *l = live_pcap_of(s);

	if (l->pcap)
		pcap_close(l->pcap);
	free(l);
}

static void live_pcap_freep(struct live_pcap **l)
{
	if (*l)
		live_pcap_free(&(*l)->source);
}

static const struct source_ops live_pcap_ops = {
	.next = live_pcap_next,
	.ifaces = live_pcap_ifaces,
	.count = live_pcap_count,
	.sockets = live_pcap_sockets,
	.free = live_pcap_free,
};

/* Each step gives 0 or a positive errno; EIO: the reason is in libpcap's words. */
static int activate(pcap_t *p, const struct live_options *options)
{
	pcap_set_snaplen(p, CUR_MAX);
	pcap_set_promisc(p, options->promiscuous);
	pcap_set_timeout(p, options->block_ms ? (int)options->block_ms : 20);
	pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
	if (options->ring_bytes)
		pcap_set_buffer_size(p, options->ring_bytes < INT_MAX ? (int)options->ring_bytes
		                                                      : INT_MAX);
	switch (pcap_activate(p)) {
	case PCAP_ERROR_PERM_DENIED:
		return EPERM;
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return ENODEV;
	case PCAP_ERROR:
	case PCAP_ERROR_IFACE_NOT_UP:
	case PCAP_ERROR_RFMON_NOTSUP:
		return EIO;
	default:
		return 0; /* or a warning */
	}
}

/* libpcap attaches it, and throws away what came in before. The layout is that of the kernel's. */
static int attach(struct live_pcap *l, const struct filter *filter, const struct live_options *o)
{
	const struct link_kind kind = {l->iface.linktype, false};
	struct bpf_insn code[PROGRAM_MAX];
	struct kernel_program program;

	const int error = live_program(&program, filter, kind, l->iface.name, o);

	if (error)
		return error;
	for (unsigned i = 0; i < program.len; i++) {
		const struct sock_filter *in = &program.code[i];

		code[i] = (struct bpf_insn){in->code, in->jt, in->jf, in->k};
	}
	struct bpf_program attached = {program.len, code};

	return pcap_setfilter(l->pcap, &attached) ? EIO : 0;
}

static int open_pcap(struct live_pcap *l, const char *iface, const struct live_options *options,
                     const struct filter *filter)
{
	char why[PCAP_ERRBUF_SIZE];

	l->pcap = pcap_create(iface, why);
	if (!l->pcap)
		return ENOMEM;
	int error = activate(l->pcap, options);

	if (error)
		return error;
	l->fd = pcap_get_selectable_fd(l->pcap);
	l->iface.linktype = linktype_of(pcap_datalink(l->pcap));
	if (l->fd < 0 || (options->fanout > 1 && l->iface.linktype == LINKTYPE_LINUX_SLL))
		return EOPNOTSUPP;
	error = attach(l, filter, options);
	return error ? error : pcap_setnonblock(l->pcap, 1, why) ? EIO : 0;
}

struct source *live_pcap_open(const char *iface, const struct live_options *options,
                              const struct filter *filter, char *why, size_t why_len)
{
	SCOPED(live_pcap_freep) struct live_pcap *l = calloc(1, sizeof *l);

	if (!l)
		return live_refuse(iface, ENOMEM, 0, why, why_len);
	source_init(&l->source, &live_pcap_ops, true);
	l->iface.live = true;
	snprintf(l->iface.name, sizeof l->iface.name, "%s", iface);
	const int error = open_pcap(l, iface, options, filter);

	if (error == EIO) {
		snprintf(why, why_len, "cannot listen on %s: %s", iface, pcap_geterr(l->pcap));
		return NULL;
	}
	if (error)
		return live_refuse(iface, error, options->ring_bytes, why, why_len);
	struct source *opened = &l->source;

	l = NULL;
	return opened;
}
