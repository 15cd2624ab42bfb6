/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tpacket.c - frames of an interface through a ring shared with the kernel (TPACKET_V3).
 *
 * The ring is made of blocks. The kernel fills one with frames until it is full or block_ms old,
 * then it is ours; it goes back when the frames given last, of its end, are no longer borrowed: at
 * the next call. When no block is free the kernel drops, and counts what it dropped.
 *
 * The kernel takes the outer VLAN tag out of a frame; it is put back from the frame's metadata,
 * into the gap that PACKET_RESERVE leaves before each frame. In the same gap a Linux SLL header is
 * made for links whose own header says nothing.
 *
 * An interface may go down, vanish, come back under its name. The socket stays: after "down" the
 * kernel itself feeds it again; after "gone" it is bound anew, which needs no privilege. A renamed
 * interface is still the same one and is kept. All this is seen without being told: the kernel
 * reports ENETDOWN once, and from then on the interface is looked at every LIVE_SLICE_MS.
 *
 * At the end, a filter that takes nothing is attached, then what the ring holds is given until the
 * kernel's count agrees: seen = received + dropped, exactly.
 *
 * This file reads memory that the kernel writes (headers of blocks and frames); it believes it.
 */
#include "capture/live.h"

#include "base/clock.h"
#include "base/cursor.h"
#include "base/log.h"
#include "capture/shed.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	GAP = 32,  /* bytes before each frame for what is put back: SLL (16) and a tag (4) */
	MACS = 12, /* the tag stands behind the two addresses */
	TAG = 4,
	SLL = 16,
	FRAME_SIZE = 2048, /* the kernel wants one, V3 does not use it */
	BLOCK_MS = 20,
	COUNT_EVERY = 16, /* blocks */
	HEAD_LINES = 3,   /* of the cache: a frame's header in the ring, and those of the frame */
};

#define RING_BYTES ((size_t)64 << 20)
#define BLOCK_BYTES ((size_t)1 << 20) /* of a ring of 8 MiB and more */
#define BLOCK_SMALL ((size_t)1 << 18) /* still holds the longest frame */

struct tpacket {
	struct source source;
	struct source_iface iface;
	int fd;
	bool cooked, promiscuous;

	uint8_t *ring;
	size_t ring_bytes, block_bytes;
	unsigned blocks, block;          /* how many, and which is the next to be read */
	struct tpacket_block_desc *held; /* being read: ours until it is given back */
	uint8_t *next;                   /* the header of the next frame in it */
	uint32_t left;                   /* frames left in it */
	uint8_t *ahead;                  /* a header that is on its way to the cache ... */
	uint32_t ahead_left;             /* ... with so many from it on in the block */

	bool away;           /* the interface is down or gone */
	uint64_t look_ns;    /* when to look at it again */
	bool ending, ended;  /* takes no more; all was given */
	uint64_t give_up_ns; /* when ending: what the kernel then still owes is lost */
	struct source_counts counts;
	struct shed *shed; /* NULL: the kernel delivers all that the filter passes */
};

static struct tpacket *tpacket_of(struct source *s)
{
	return (struct tpacket *)s;
}

/* ---- frames ---- */

/* Puts a 16-bit number in network order before p. */
static uint8_t *prepend(uint8_t *p, unsigned n)
{
	*--p = (uint8_t)(n & 0xff);
	*--p = (uint8_t)(n >> 8 & 0xff);
	return p;
}

static unsigned tag_protocol(const struct tpacket3_hdr *h)
{
	const bool said = (h->tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;

	return said ? h->hv1.tp_vlan_tpid : ETHERTYPE_VLAN;
}

/* Ethernet: moves the two addresses to make room for the tag. */
static uint8_t *put_tag(const struct tpacket3_hdr *h, uint8_t *frame)
{
	uint8_t *start = frame - TAG;

	memmove(start, frame, MACS);
	prepend(prepend(frame + MACS, h->hv1.tp_vlan_tci), tag_protocol(h));
	return start;
}

/* The header of LINKTYPE_LINUX_SLL, with a tag behind it where there was one. */
static uint8_t *put_sll(const struct tpacket3_hdr *h, const struct sockaddr_ll *from, bool tagged,
                        uint8_t *frame)
{
	uint8_t *p = prepend(frame, ntohs(from->sll_protocol));

	if (tagged)
		p = prepend(prepend(p, h->hv1.tp_vlan_tci), tag_protocol(h));
	p -= sizeof from->sll_addr;
	memcpy(p, from->sll_addr, sizeof from->sll_addr);
	p = prepend(p, from->sll_halen);
	p = prepend(p, from->sll_hatype);
	return prepend(p, from->sll_pkttype);
}

static const struct sockaddr_ll *frame_sender(const struct tpacket3_hdr *h)
{
	return (const void *)((const uint8_t *)h + (size_t)TPACKET_ALIGN((int)sizeof *h));
}

/* Puts back before the frame what the kernel keeps beside it. */
static uint8_t *frame_restore(const struct tpacket *t, const struct tpacket3_hdr *h, uint8_t *bytes)
{
	const bool tagged = (h->tp_status & TP_STATUS_VLAN_VALID) != 0;

	if (t->cooked)
		return put_sll(h, frame_sender(h), tagged, bytes);
	if (tagged && t->iface.linktype == LINKTYPE_ETHERNET && h->tp_snaplen >= MACS)
		return put_tag(h, bytes);
	return bytes;
}

static void frame_give(struct tpacket *t, struct tpacket3_hdr *h, struct frame *f)
{
	uint8_t *bytes = (uint8_t *)h + h->tp_mac;
	const uint8_t *start = frame_restore(t, h, bytes);
	const uint32_t more = (uint32_t)(bytes - start);
	const uint32_t captured = h->tp_snaplen + more;

	*f = (struct frame){
		.bytes = start,
		.captured = captured <= CUR_MAX ? captured : CUR_MAX,
		.wire = h->tp_len + more,
		.time_ns = h->tp_sec * CLOCK_SECOND + h->tp_nsec,
		.number = ++t->counts.received,
		.linktype = t->iface.linktype,
	};
	t->counts.bytes += f->captured;
	t->counts.cut += captured > CUR_MAX;
}

/* ---- blocks ---- */

/* The kernel's side of a block is another thread: the status is what hands it over. */
static void block_return(struct tpacket *t)
{
	if (!t->held || t->left > 0)
		return;
	__atomic_store_n(&t->held->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	t->held = NULL;
	t->block = (t->block + 1) % t->blocks;
	if (t->block % COUNT_EVERY == 0)
		live_count(t->fd, &t->counts);
}

static bool block_take(struct tpacket *t)
{
	struct tpacket_block_desc *b = (void *)(t->ring + t->block * t->block_bytes);

	if (t->held)
		return true;
	if (!(__atomic_load_n(&b->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
		return false;
	t->held = b;
	t->left = b->hdr.bh1.num_pkts;
	t->next = (uint8_t *)b + b->hdr.bh1.offset_to_first_pkt;
	t->ahead_left = 0;
	block_return(t); /* one without frames: the kernel's time-out was over */
	return t->held != NULL;
}

static void head_ask(const uint8_t *head)
{
	for (unsigned i = 0; i < HEAD_LINES; i++)
		PREFETCH(head + (size_t)i * 64);
}

static void block_give(struct tpacket *t, struct frame *frames, unsigned *count)
{
	while (t->left > 0 && *count < SOURCE_BATCH) {
		struct tpacket3_hdr *h = (void *)t->next;

		frame_give(t, h, &frames[(*count)++]);
		t->next += h->tp_next_offset;
		t->left--;
	}
	head_ask(t->next);
	t->ahead = t->next;
	t->ahead_left = t->left;
}

/*
 * A header says where the next one is, and was written by another processor: one behind the other
 * they would be waited for. So with each frame that is observed one of the next batch is asked for.
 */
static void tpacket_ahead(struct source *s)
{
	struct tpacket *t = tpacket_of(s);

	if (t->ahead_left == 0)
		return;
	t->ahead += ((const struct tpacket3_hdr *)(void *)t->ahead)->tp_next_offset;
	t->ahead_left--;
	head_ask(t->ahead);
}

/* ---- the interface ---- */

static int set_option(int fd, int name, const void *value, size_t len)
{
	return setsockopt(fd, SOL_PACKET, name, value, (socklen_t)len) ? -errno : 0;
}

static int listen_to(struct tpacket *t, int index)
{
	const struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
	const struct packet_mreq all = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};

	if (bind(t->fd, (const void *)&to, sizeof to))
		return -errno;
	return t->promiscuous ? set_option(t->fd, PACKET_ADD_MEMBERSHIP, &all, sizeof all) : 0;
}

/* The index the socket is bound to; -1 after that interface was deleted. */
static int bound_index(const struct tpacket *t)
{
	struct sockaddr_ll at = {0};
	socklen_t len = sizeof at;

	return getsockname(t->fd, (void *)&at, &len) || at.sll_ifindex <= 0 ? -1 : at.sll_ifindex;
}

/* What the kernel had to tell of the socket, which is told once. */
static int socket_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof error;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) ? errno : error;
}

static void request_for(const struct tpacket *t, struct ifreq *r)
{
	*r = (struct ifreq){0};
	memcpy(r->ifr_name, t->iface.name, IFNAMSIZ - 1);
}

/* Binds to what now has the name. False: not there (yet). */
static bool iface_found_again(struct tpacket *t)
{
	struct ifreq r;

	request_for(t, &r);
	if (ioctl(t->fd, SIOCGIFINDEX, &r) || listen_to(t, r.ifr_ifindex))
		return false;
	socket_error(t->fd); /* bound while down, it says so once more */
	return true;
}

/* The interface of this index, whatever its name by now, is up. */
static bool iface_is_up(const struct tpacket *t, int index)
{
	struct ifreq r = {.ifr_ifindex = index};

	return ioctl(t->fd, SIOCGIFNAME, &r) == 0 && ioctl(t->fd, SIOCGIFFLAGS, &r) == 0 &&
	       (r.ifr_flags & IFF_UP) != 0;
}

/* Frames of another kind than were promised cannot be given: the interface is another one. */
static bool iface_is_same_kind(const struct tpacket *t)
{
	struct sockaddr_ll at = {0};
	socklen_t len = sizeof at;

	if (getsockname(t->fd, (void *)&at, &len))
		return false;
	const struct link_kind kind = live_link_kind(at.sll_hatype);

	return kind.linktype == t->iface.linktype && kind.cooked == t->cooked;
}

/* Any error of the socket (ENETDOWN) means that the interface went away. */
static void iface_ask(struct tpacket *t)
{
	if (socket_error(t->fd) == 0)
		return;
	t->away = true;
	t->look_ns = 0;
}

/* Is it back? Looked at in slices. False: it is, but as something else. */
static bool iface_look(struct tpacket *t)
{
	const uint64_t now = clock_now_ns();

	if (!t->away || now < t->look_ns)
		return true;
	t->look_ns = now + LIVE_SLICE_MS * UINT64_C(1000000);
	if (bound_index(t) < 0) {
		if (!iface_found_again(t))
			return true;
		if (!iface_is_same_kind(t))
			return false;
	}
	if (iface_is_up(t, bound_index(t))) {
		t->away = false;
		t->counts.restarts++;
	}
	return true;
}

/* ---- source ---- */

static void ending_begin(struct tpacket *t)
{
	t->ending = true;
	t->give_up_ns = clock_now_ns() + LIVE_DRAIN_NS;
	if (live_close_ears(t->fd))
		t->give_up_ns = 0;
}

static bool ending_done(struct tpacket *t)
{
	live_count(t->fd, &t->counts);
	t->ended = t->counts.kernel_seen == t->counts.received + t->counts.kernel_dropped ||
	           clock_now_ns() >= t->give_up_ns;
	return t->ended;
}

/* Waits for a block, at most one slice. */
static void wait_slice(struct tpacket *t, uint64_t ns)
{
	struct pollfd p = {.fd = t->fd, .events = POLLIN};
	const uint64_t ms = (ns + 999999) / 1000000;
	const int slice = ms < LIVE_SLICE_MS ? (int)ms : LIVE_SLICE_MS;

	live_count(t->fd, &t->counts);
	if (poll(&p, 1, t->ending && slice > 1 ? 1 : slice) > 0 &&
	    (p.revents & (POLLERR | POLLHUP)))
		iface_ask(t);
}

static enum pull tpacket_wait(struct tpacket *t, int timeout_ms)
{
	uint64_t now = clock_now_ns();
	const uint64_t until = timeout_ms < 0 ? UINT64_MAX : now + (uint64_t)timeout_ms * 1000000;

	for (;;) {
		if (atomic_load(&t->source.stop) && !t->ending)
			ending_begin(t);
		if (!iface_look(t))
			return source_fail(&t->source, "%s: came back as another kind of interface",
			                   t->iface.name);
		wait_slice(t, until - now);
		if (block_take(t))
			return FRAMES;
		if (t->ending && ending_done(t))
			return FINISHED;
		now = clock_now_ns();
		if (now >= until)
			return IDLE;
	}
}

static enum pull tpacket_next(struct source *s, struct frame *frames, unsigned *count,
                              int timeout_ms)
{
	struct tpacket *t = tpacket_of(s);

	if (t->ended)
		return FINISHED;
	block_return(t);
	if (!block_take(t)) {
		const enum pull pull = tpacket_wait(t, timeout_ms);

		t->ended = pull == FINISHED || pull == FAILED;
		if (pull != FRAMES)
			return pull;
	}
	block_give(t, frames, count);
	return FRAMES;
}

static const struct tpacket *tpacket_read(const struct source *s)
{
	return (const struct tpacket *)s;
}

static unsigned tpacket_ifaces(const struct source *s, const struct source_iface **ifaces)
{
	*ifaces = &tpacket_read(s)->iface;
	return 1;
}

static void tpacket_count(const struct source *s, struct source_counts *out)
{
	*out = tpacket_read(s)->counts;
	if (tpacket_read(s)->shed)
		shed_count(tpacket_read(s)->shed, out);
	else
		out->looked_at = out->kernel_seen;
}

static void tpacket_want(struct source *s, const struct frame *frame, enum want wanted)
{
	if (tpacket_of(s)->shed)
		shed_want(tpacket_of(s)->shed, frame, wanted);
}

static void tpacket_fold(struct source *s, const struct fold *fold)
{
	struct fold own = *fold;

	own.number = tpacket_of(s)->counts.received;
	if (tpacket_of(s)->shed)
		shed_fold(tpacket_of(s)->shed, &own);
}

static unsigned tpacket_sockets(const struct source *s, int *fds, unsigned cap)
{
	if (cap > 0)
		fds[0] = tpacket_read(s)->fd;
	return 1;
}

static void tpacket_free(struct source *s)
{
	struct tpacket *t = tpacket_of(s);

	if (t->ring)
		munmap(t->ring, t->ring_bytes);
	if (t->fd >= 0)
		close(t->fd);
	shed_free(t->shed);
	free(t);
}

static void tpacket_freep(struct tpacket **t)
{
	if (*t)
		tpacket_free(&(*t)->source);
}

static const struct source_ops tpacket_ops = {
	.next = tpacket_next,
	.ifaces = tpacket_ifaces,
	.count = tpacket_count,
	.sockets = tpacket_sockets,
	.want = tpacket_want,
	.ahead = tpacket_ahead,
	.fold = tpacket_fold,
	.free = tpacket_free,
};

/* ---- opening; each step gives 0 or a negative errno ---- */

/* No protocol yet: nothing is received before the ring and the filter are there. */
static int open_socket(struct tpacket *t, unsigned short *hardware)
{
	struct ifreq r;

	t->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd < 0)
		return -errno;
	request_for(t, &r);
	if (ioctl(t->fd, SIOCGIFHWADDR, &r))
		return -errno;
	*hardware = r.ifr_hwaddr.sa_family;
	const struct link_kind kind = live_link_kind(*hardware);

	t->iface.linktype = kind.linktype;
	t->cooked = kind.cooked;
	if (!t->cooked)
		return 0;
	close(t->fd);
	t->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return t->fd < 0 ? -errno : 0;
}

static int open_ring(struct tpacket *t, const struct live_options *options)
{
	const size_t wanted = options->ring_bytes ? options->ring_bytes : RING_BYTES;
	const int version = TPACKET_V3;
	const unsigned gap = GAP;

	t->ring_bytes = wanted;
	t->block_bytes = wanted >= 8 * BLOCK_BYTES ? BLOCK_BYTES : BLOCK_SMALL;
	t->blocks = (unsigned)(wanted / t->block_bytes < 2 ? 2 : wanted / t->block_bytes);
	t->ring_bytes = t->blocks * t->block_bytes;
	const struct tpacket_req3 ring = {
		.tp_block_size = (unsigned)t->block_bytes,
		.tp_block_nr = t->blocks,
		.tp_frame_size = FRAME_SIZE,
		.tp_frame_nr = (unsigned)(t->ring_bytes / FRAME_SIZE),
		.tp_retire_blk_tov = options->block_ms ? options->block_ms : BLOCK_MS,
	};
	int error = set_option(t->fd, PACKET_VERSION, &version, sizeof version);

	error = error ? error : set_option(t->fd, PACKET_RESERVE, &gap, sizeof gap);
	error = error ? error : set_option(t->fd, PACKET_RX_RING, &ring, sizeof ring);
	if (error)
		return error;
	void *mapped = mmap(NULL, t->ring_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, t->fd, 0);

	if (mapped == MAP_FAILED)
		return -errno;
	t->ring = mapped;
	return 0;
}

/* The program that keeps frames back takes the socket's share as well. False: refused, and said. */
static bool open_shed(struct tpacket *t, const struct live_options *options)
{
	int error = 0;

	if (t->cooked || t->iface.linktype != LINKTYPE_ETHERNET)
		return false;
	t->shed = shed_open(t->fd, options, &error);
	if (!t->shed)
		log_line("%s: the kernel keeps no frames back (%s): all are read", t->iface.name,
		         strerror(-error));
	return t->shed != NULL;
}

static int open_filter(struct tpacket *t, const struct live_options *options,
                       const struct filter *filter)
{
	if (options->shed && !filter && open_shed(t, options))
		return 0;
	const struct link_kind kind = {t->iface.linktype, t->cooked};
	struct kernel_program program;

	const int error = live_program(&program, filter, kind, t->iface.name, options);

	if (error)
		return -error;
	const struct sock_fprog attach = {program.len, program.code};

	return setsockopt(t->fd, SOL_SOCKET, SO_ATTACH_FILTER, &attach, sizeof attach) ? -errno : 0;
}

/* What loopback sends it also receives: one of the two copies is enough. */
static int open_bind(struct tpacket *t, unsigned short hardware)
{
	struct ifreq r;
	const int ignore = hardware == ARPHRD_LOOPBACK;
	const int error = set_option(t->fd, PACKET_IGNORE_OUTGOING, &ignore, sizeof ignore);

	if (error)
		return error;
	request_for(t, &r);
	return ioctl(t->fd, SIOCGIFINDEX, &r) ? -errno : listen_to(t, r.ifr_ifindex);
}

struct source *tpacket_open(const char *iface, const struct live_options *options,
                            const struct filter *filter, char *why, size_t why_len)
{
	SCOPED(tpacket_freep) struct tpacket *t = calloc(1, sizeof *t);
	unsigned short hardware = 0;

	if (!t)
		return live_refuse(iface, ENOMEM, 0, why, why_len);
	t->fd = -1;
	t->promiscuous = options->promiscuous;
	t->iface.live = true;
	assert(strlen(iface) < IFNAMSIZ);
	memcpy(t->iface.name, iface, strlen(iface) + 1);
	source_init(&t->source, &tpacket_ops, true);

	int error = open_socket(t, &hardware);

	error = error ? error : open_ring(t, options);
	error = error ? error : open_filter(t, options, filter);
	error = error ? error : open_bind(t, hardware);
	if (error)
		return live_refuse(iface, -error, t->ring_bytes, why, why_len);
	struct source *opened = &t->source;

	t = NULL;
	return opened;
}
