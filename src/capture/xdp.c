/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xdp.c - frames of an interface by AF_XDP: `-i xdp:eth0`.
 *
 * A program on the interface hands each frame, before the host's network stack knows of it, to a socket
 * of the hardware queue it came by. The frame lies in memory of ours, in a chunk that we gave the
 * kernel by the fill ring; the receive ring says which, and when the frame is no longer borrowed the
 * chunk goes into the fill ring again. Where the driver can, the card writes there itself (zero-copy);
 * else the kernel copies. `health` and the log say which.
 *
 * What is taken so does not reach the host: this is for an interface that only listens (a mirror port, a
 * tap), at rates where the packet socket's ring is too slow. XDP cannot pass a copy on. And it knows less:
 * a VLAN tag that the card took out is lost, time is that of the batch, nothing is kept back
 * (shed.h), and the queues part the directions of a dialogue, so that one worker reads them all.
 *
 * The program is five instructions, written here: redirect to the map's socket of this queue, and
 * where there is none, to the host. It is attached by a link, a descriptor: the kernel takes it off when
 * the descriptor is closed, also if we are killed. All of bpf() is over before privileges are dropped.
 */
#include "capture/live.h"

#include "base/clock.h"
#include "base/cursor.h"
#include "base/log.h"
#include "capture/filter.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { QUEUES_MAX = 32, CHUNK = 4096, CHUNKS_LEAST = 64, MOMENT_NS = 1000000 };

/* One ring of those shared with the kernel: positions that only rise, and entries. */
struct xdp_ring {
	void *map;
	size_t map_bytes;
	uint32_t *producer, *consumer;
	void *entries;
};

/* A hardware queue: its socket, and the memory that its frames come to. */
struct xdp_queue {
	int fd;
	uint8_t *memory;
	uint32_t chunks; /* a power of two: of the rings, too */
	struct xdp_ring fill, receive;
};

struct xdp {
	struct source source;
	struct source_iface iface;
	const struct filter *filter;
	struct xdp_queue queue[QUEUES_MAX];
	unsigned queues, turn;
	int looker; /* a packet socket without a protocol: makes it promiscuous, and asks if it is there */
	int map, program, link;
	unsigned held_queue, held; /* chunks of the frames given last */
	uint64_t chunk[SOURCE_BATCH];
	uint64_t look_ns; /* when to look after the interface again */
	bool busy, ended;
	struct source_counts counts;
};

static struct xdp *xdp_of(struct source *s)
{
	return (struct xdp *)s;
}

static const struct xdp *xdp_read(const struct source *s)
{
	return (const struct xdp *)s;
}

/* ---- frames ---- */

/* The frames given last are read: their chunks are the kernel's again. */
static void xdp_give_back(struct xdp *x)
{
	struct xdp_queue *const q = &x->queue[x->held_queue];
	uint64_t *const entries = q->fill.entries;
	uint32_t at = *q->fill.producer;

	for (unsigned i = 0; i < x->held; i++)
		entries[at++ & (q->chunks - 1)] = x->chunk[i];
	__atomic_store_n(q->fill.producer, at, __ATOMIC_RELEASE);
	x->held = 0;
}

static void xdp_give(struct xdp *x, const struct xdp_queue *q, const struct xdp_desc *d,
                     uint64_t now_ns, struct frame *frames, unsigned *count)
{
	const uint32_t captured = d->len <= CUR_MAX ? d->len : CUR_MAX;
	const struct frame f = {
		.bytes = q->memory + d->addr,
		.captured = captured,
		.wire = d->len,
		.time_ns = now_ns,
		.number = x->counts.received + 1,
		.linktype = x->iface.linktype,
	};

	x->chunk[x->held++] = d->addr / CHUNK * CHUNK;
	if (x->filter && !filter_pass(x->filter, f.linktype, f.bytes, f.captured, f.wire)) {
		x->counts.filtered++;
		return;
	}
	x->counts.received++;
	x->counts.bytes += captured;
	frames[(*count)++] = f;
}

/* Frames of one queue, if it has any. */
static bool xdp_take(struct xdp *x, unsigned number, struct frame *frames, unsigned *count)
{
	struct xdp_queue *const q = &x->queue[number];
	const struct xdp_desc *const entries = q->receive.entries;
	const uint32_t end = __atomic_load_n(q->receive.producer, __ATOMIC_ACQUIRE);
	uint32_t at = *q->receive.consumer;

	if (at == end)
		return false;
	const uint64_t now = clock_now_ns();
	x->held_queue = number;
	for (; at != end && x->held < SOURCE_BATCH; at++)
		xdp_give(x, q, &entries[at & (q->chunks - 1)], now, frames, count);
	__atomic_store_n(q->receive.consumer, at, __ATOMIC_RELEASE);
	return true;
}

/* The next queue that has some. What the filter refuses is given back here. */
static bool xdp_pull(struct xdp *x, struct frame *frames, unsigned *count)
{
	for (unsigned i = 0; i < x->queues; i++) {
		x->turn = (x->turn + 1) % x->queues;
		while (xdp_take(x, x->turn, frames, count)) {
			if (*count > 0)
				return true;
			xdp_give_back(x);
		}
	}
	return false;
}

/* ---- the source ---- */

static uint64_t xdp_dropped(const struct xdp *x)
{
	uint64_t dropped = 0;

	for (unsigned i = 0; i < x->queues; i++) {
		struct xdp_statistics s = {0};
		socklen_t len = sizeof s;

		if (getsockopt(x->queue[i].fd, SOL_XDP, XDP_STATISTICS, &s, &len) == 0)
			dropped += s.rx_dropped + s.rx_ring_full;
	}
	return dropped;
}

static bool xdp_is_gone(struct xdp *x)
{
	const uint64_t now = clock_now_ns();
	struct ifreq r = {0};

	if (now < x->look_ns)
		return false;
	x->look_ns = now + CLOCK_SECOND;
	memcpy(r.ifr_name, x->iface.name, IFNAMSIZ - 1);
	return ioctl(x->looker, SIOCGIFINDEX, &r) != 0;
}

/*
 * One slice at most. Right behind frames it sleeps a moment without being woken: the socket would
 * wake us for each frame, and a ring holds more than come in that time.
 */
static void xdp_wait(struct xdp *x, uint64_t ns)
{
	struct pollfd waits[QUEUES_MAX];
	const struct timespec moment = {.tv_nsec = MOMENT_NS};

	if (x->busy && ns > MOMENT_NS) {
		x->busy = false;
		nanosleep(&moment, NULL);
		return;
	}
	const uint64_t ms = (ns + 999999) / 1000000;

	for (unsigned i = 0; i < x->queues; i++)
		waits[i] = (struct pollfd){.fd = x->queue[i].fd, .events = POLLIN};
	poll(waits, x->queues, ms < LIVE_SLICE_MS ? (int)ms : LIVE_SLICE_MS);
}

/* From now on the host has its frames again; what the rings hold is still given. */
static void xdp_detach(struct xdp *x)
{
	if (x->link >= 0)
		close(x->link);
	x->link = -1;
}

static enum pull xdp_next(struct source *s, struct frame *frames, unsigned *count, int timeout_ms)
{
	struct xdp *const x = xdp_of(s);
	uint64_t now = clock_now_ns();
	const uint64_t until = timeout_ms < 0 ? UINT64_MAX : now + (uint64_t)timeout_ms * 1000000;

	xdp_give_back(x);
	for (;;) {
		const bool stop = x->ended || atomic_load(&s->stop);

		if (stop)
			xdp_detach(x);
		if (xdp_pull(x, frames, count)) {
			x->busy = true;
			return FRAMES;
		}
		if (stop) {
			x->ended = true;
			return FINISHED;
		}
		if (xdp_is_gone(x)) {
			x->ended = true;
			return source_fail(s, "%s: the interface is gone", x->iface.name);
		}
		if (now >= until)
			return IDLE;
		xdp_wait(x, until - now);
		now = clock_now_ns();
	}
}

static unsigned xdp_ifaces(const struct source *s, const struct source_iface **ifaces)
{
	*ifaces = &xdp_read(s)->iface;
	return 1;
}

/* The kernel counts what it could not give; that and what was given are all that it saw. */
static void xdp_count(const struct source *s, struct source_counts *out)
{
	const struct xdp *const x = xdp_read(s);

	*out = x->counts;
	out->kernel_dropped = xdp_dropped(x);
	out->kernel_seen = out->looked_at = out->received + out->kernel_dropped;
}

static unsigned xdp_sockets(const struct source *s, int *fds, unsigned cap)
{
	const struct xdp *const x = xdp_read(s);

	for (unsigned i = 0; i < x->queues && i < cap; i++)
		fds[i] = x->queue[i].fd;
	if (x->queues < cap)
		fds[x->queues] = x->looker;
	return x->queues + 1;
}

static void ring_free(struct xdp_ring *r)
{
	if (r->map)
		munmap(r->map, r->map_bytes);
}

static void xdp_free(struct source *s)
{
	struct xdp *const x = xdp_of(s);
	const int others[] = {x->looker, x->map, x->program};

	xdp_detach(x);
	for (unsigned i = 0; i < x->queues; i++) {
		struct xdp_queue *const q = &x->queue[i];

		ring_free(&q->fill);
		ring_free(&q->receive);
		if (q->fd >= 0)
			close(q->fd);
		if (q->memory)
			munmap(q->memory, (size_t)q->chunks * CHUNK);
	}
	for (unsigned i = 0; i < COUNT_OF(others); i++)
		if (others[i] >= 0)
			close(others[i]);
	free(x);
}

static void xdp_freep(struct xdp **x)
{
	if (*x)
		xdp_free(&(*x)->source);
}

static const struct source_ops xdp_ops = {
	.next = xdp_next,
	.ifaces = xdp_ifaces,
	.count = xdp_count,
	.sockets = xdp_sockets,
	.free = xdp_free,
};

/* ---- opening; each step gives 0 or a negative errno ---- */

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	const long result = syscall(SYS_bpf, command, attr, sizeof *attr);

	return result < 0 ? -errno : (int)result;
}

static void request_for(const struct xdp *x, struct ifreq *r, void *data)
{
	*r = (struct ifreq){0};
	memcpy(r->ifr_name, x->iface.name, IFNAMSIZ - 1);
	if (data)
		r->ifr_data = data;
}

/* How many queues the card shares frames out to; one where it does not say. */
static unsigned queue_count(const struct xdp *x)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
	struct ifreq r;

	request_for(x, &r, &channels);
	if (ioctl(x->looker, SIOCETHTOOL, &r))
		return 1;
	const unsigned count = channels.combined_count + channels.rx_count;
	return count > 0 ? count : 1;
}

static int open_looker(struct xdp *x, bool promiscuous, int *index)
{
	struct ifreq r;

	x->looker = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	request_for(x, &r, NULL);
	if (x->looker < 0 || ioctl(x->looker, SIOCGIFHWADDR, &r))
		return -errno;
	if (r.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return -EMEDIUMTYPE;
	if (ioctl(x->looker, SIOCGIFINDEX, &r))
		return -errno;
	*index = r.ifr_ifindex;
	const struct packet_mreq all = {.mr_ifindex = *index, .mr_type = PACKET_MR_PROMISC};
	const socklen_t len = sizeof all;
	if (promiscuous && setsockopt(x->looker, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, len))
		return -errno;
	return 0;
}

static int ring_map(struct xdp_ring *r, int fd, off_t page, const struct xdp_ring_offset *at,
                    size_t entry_bytes, uint32_t entries)
{
	r->map_bytes = at->desc + entry_bytes * entries;
	void *const map = mmap(NULL, r->map_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, page);

	if (map == MAP_FAILED)
		return -errno;
	r->map = map;
	r->producer = (uint32_t *)(void *)((uint8_t *)map + at->producer);
	r->consumer = (uint32_t *)(void *)((uint8_t *)map + at->consumer);
	r->entries = (uint8_t *)map + at->desc;
	return 0;
}

static int set_ring(int fd, int name, uint32_t entries)
{
	return setsockopt(fd, SOL_XDP, name, &entries, sizeof entries) ? -errno : 0;
}

/* The completion ring is of sending, which nobody does here; the kernel wants it all the same. */
static int open_rings(struct xdp_queue *q)
{
	struct xdp_mmap_offsets at = {0};
	socklen_t len = sizeof at;
	int error = set_ring(q->fd, XDP_UMEM_FILL_RING, q->chunks);

	error = error ? error : set_ring(q->fd, XDP_UMEM_COMPLETION_RING, CHUNKS_LEAST);
	error = error ? error : set_ring(q->fd, XDP_RX_RING, q->chunks);
	if (error == 0 && getsockopt(q->fd, SOL_XDP, XDP_MMAP_OFFSETS, &at, &len))
		error = -errno;
	error = error ? error
	              : ring_map(&q->fill, q->fd, (off_t)XDP_UMEM_PGOFF_FILL_RING, &at.fr,
	                         sizeof(uint64_t), q->chunks);
	error = error ? error
	              : ring_map(&q->receive, q->fd, XDP_PGOFF_RX_RING, &at.rx,
	                         sizeof(struct xdp_desc), q->chunks);
	if (error)
		return error;
	uint64_t *const fill = q->fill.entries;
	for (uint32_t i = 0; i < q->chunks; i++)
		fill[i] = (uint64_t)i * CHUNK;
	__atomic_store_n(q->fill.producer, q->chunks, __ATOMIC_RELEASE);
	return 0;
}

static int open_queue(struct xdp_queue *q, int index, unsigned number, size_t bytes)
{
	q->chunks = CHUNKS_LEAST;
	while ((size_t)q->chunks * 2 * CHUNK <= bytes)
		q->chunks *= 2;
	void *const memory = mmap(NULL, (size_t)q->chunks * CHUNK, PROT_READ | PROT_WRITE,
	                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -errno;
	q->memory = memory;
	q->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (q->fd < 0)
		return -errno;
	const struct xdp_umem_reg reg = {
		.addr = (uintptr_t)memory,
		.len = (uint64_t)q->chunks * CHUNK,
		.chunk_size = CHUNK,
	};
	if (setsockopt(q->fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof reg))
		return -errno;
	const int error = open_rings(q);
	if (error)
		return error;
	const struct sockaddr_xdp to = {
		.sxdp_family = AF_XDP, .sxdp_ifindex = (uint32_t)index, .sxdp_queue_id = number};
	return bind(q->fd, (const void *)&to, sizeof to) ? -errno : 0;
}

static int open_queues(struct xdp *x, int index, size_t ring_bytes)
{
	const unsigned count = queue_count(x);
	int error = count > QUEUES_MAX ? -E2BIG : 0;

	for (unsigned i = 0; i < count && error == 0; i++) {
		x->queue[i].fd = -1;
		x->queues++;
		error = open_queue(&x->queue[i], index, i, ring_bytes / count);
	}
	return error;
}

/* The sockets by their queues' numbers. */
static int open_map(struct xdp *x)
{
	union bpf_attr make = {.map_type = BPF_MAP_TYPE_XSKMAP,
	                       .key_size = sizeof(uint32_t),
	                       .value_size = sizeof(uint32_t),
	                       .max_entries = x->queues};
	int error = 0;

	x->map = bpf(BPF_MAP_CREATE, &make);
	if (x->map < 0)
		return x->map;
	for (uint32_t i = 0; i < x->queues && error == 0; i++) {
		const uint32_t fd = (uint32_t)x->queue[i].fd;
		union bpf_attr put = {
			.map_fd = (uint32_t)x->map, .key = (uintptr_t)&i, .value = (uintptr_t)&fd};

		error = bpf(BPF_MAP_UPDATE_ELEM, &put);
	}
	return error;
}

/* return bpf_redirect_map(&map, ctx->rx_queue_index, XDP_PASS); */
static int open_program(struct xdp *x)
{
	const struct bpf_insn words[] = {
		{BPF_LDX | BPF_W | BPF_MEM, BPF_REG_2, BPF_REG_1,
	         offsetof(struct xdp_md, rx_queue_index), 0},
		{BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, x->map},
		{0, 0, 0, 0, 0}, /* the upper half of the map's place */
		{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, XDP_PASS},
		{BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect_map},
		{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (uintptr_t)words,
		.insn_cnt = COUNT_OF(words),
		.license = (uintptr_t) "Apache-2.0",
	};

	x->program = bpf(BPF_PROG_LOAD, &load);
	return x->program < 0 ? x->program : 0;
}

static int attach(const struct xdp *x, int index, uint32_t mode)
{
	union bpf_attr link = {
		.link_create = {.prog_fd = (uint32_t)x->program,
	                        .target_ifindex = (uint32_t)index,
	                        .attach_type = BPF_XDP,
	                        .flags = mode},
	};

	return bpf(BPF_LINK_CREATE, &link);
}

/* In the driver where it can, else where the kernel has made its own packet of the frame. */
static int open_link(struct xdp *x, int index, bool *driver)
{
	x->link = attach(x, index, XDP_FLAGS_DRV_MODE);
	*driver = x->link >= 0;
	if (x->link == -EOPNOTSUPP)
		x->link = attach(x, index, XDP_FLAGS_SKB_MODE);
	return x->link < 0 ? x->link : 0;
}

static void say_mode(struct xdp *x, bool driver)
{
	for (unsigned i = 0; i < x->queues; i++) {
		struct xdp_options o = {0};
		socklen_t len = sizeof o;

		(void)getsockopt(x->queue[i].fd, SOL_XDP, XDP_OPTIONS, &o, &len);
		if ((o.flags & XDP_OPTIONS_ZEROCOPY) != 0)
			x->counts.xdp_zero_copy++;
		else
			x->counts.xdp_copy++;
	}
	log_line("%s: XDP by %s takes its frames from this host: %u queue%s, %s", x->iface.name,
	         driver ? "the driver" : "the kernel, for the driver cannot", x->queues,
	         x->queues == 1 ? "" : "s",
	         x->counts.xdp_copy == 0 ? "zero-copy" : "each frame is copied");
}

static void say_tags(const struct xdp *x)
{
	struct ethtool_value flags = {.cmd = ETHTOOL_GFLAGS};
	struct ifreq r;

	request_for(x, &r, &flags);
	if (ioctl(x->looker, SIOCETHTOOL, &r) == 0 && (flags.data & ETH_FLAG_RXVLAN) != 0)
		log_line("%s: the card may take VLAN tags out, which XDP does not see then "
		         "(ethtool -K %s rxvlan off)",
		         x->iface.name, x->iface.name);
}

static const char *xdp_reason(int error)
{
	switch (error) {
	case EBUSY:
		return "another XDP program or socket is on it (see \"ip link\", xdp:...)";
	case EMEDIUMTYPE:
		return "XDP is read from Ethernet alone; without xdp: it can be listened to";
	case E2BIG:
		return "it has more queues than 32 (ethtool -L ... combined 32)";
	case EOPNOTSUPP:
	case EINVAL:
		return "this kernel or driver has no XDP sockets (an MTU above 3,500?); try it without xdp:";
	default:
		return NULL;
	}
}

static void *xdp_refuse(const char *iface, int error, size_t ring_bytes, char *why, size_t why_len)
{
	const char *const reason = xdp_reason(error);

	if (!reason)
		return live_refuse(iface, error, ring_bytes, why, why_len);
	snprintf(why, why_len, "cannot listen on xdp:%s: %s", iface, reason);
	return NULL;
}

struct source *xdp_open(const char *iface, const struct live_options *options,
                        const struct filter *filter, char *why, size_t why_len)
{
	SCOPED(xdp_freep) struct xdp *x = NULL;
	bool driver = false;
	int index = 0;

	if (options->fanout > 1) {
		snprintf(why, why_len,
		         "cannot listen on xdp:%s with %u workers: the card's queues part the two "
		         "directions of a dialogue; use --workers 1",
		         iface, options->fanout);
		return NULL;
	}
	x = calloc(1, sizeof *x);
	if (!x)
		return live_refuse(iface, ENOMEM, 0, why, why_len);
	x->looker = x->map = x->program = x->link = -1;
	x->filter = filter;
	x->iface = (struct source_iface){.linktype = LINKTYPE_ETHERNET, .live = true};
	memcpy(x->iface.name, iface, strlen(iface) + 1);
	source_init(&x->source, &xdp_ops, true);

	int error = open_looker(x, options->promiscuous, &index);

	error = error ? error : open_queues(x, index, options->ring_bytes);
	error = error ? error : open_map(x);
	error = error ? error : open_program(x);
	error = error ? error : open_link(x, index, &driver);
	if (error)
		return xdp_refuse(iface, -error, options->ring_bytes, why, why_len);
	say_mode(x, driver);
	say_tags(x);
	struct source *const opened = &x->source;

	x = NULL;
	return opened;
}
