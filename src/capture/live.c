/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live.c - listening to an interface: what kinds of links there are, what a socket's filter is made
 * of, what is said when it cannot be, and the choice between our own ring, XDP and libpcap.
 */
#include "capture/live.h"

#include "capture/filter.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Known, but read by nobody here yet. */
#define XDP_PREFIX "xdp:" /* before an interface's name */

enum { LINK_WIFI = 105, LINK_WIFI_PRISM = 119, LINK_WIFI_RADIOTAP = 127 };

#ifndef ARPHRD_RAWIP
#define ARPHRD_RAWIP 519
#endif

/*
 * Only links whose header, as a raw socket gives it, is known to be right in both directions. Of
 * all others (PPP, IP-in-IP, InfiniBand, ...) the kernel's word on protocol and sender is taken.
 */
static const struct {
	unsigned short hardware;
	uint16_t linktype;
} link_kinds[] = {
	{ARPHRD_ETHER, LINKTYPE_ETHERNET},
	{ARPHRD_LOOPBACK, LINKTYPE_ETHERNET},
	{ARPHRD_NONE, LINKTYPE_RAW},
	{ARPHRD_RAWIP, LINKTYPE_RAW},
	{ARPHRD_IEEE80211, LINK_WIFI},
	{ARPHRD_IEEE80211_PRISM, LINK_WIFI_PRISM},
	{ARPHRD_IEEE80211_RADIOTAP, LINK_WIFI_RADIOTAP},
};

struct link_kind live_link_kind(unsigned short hardware)
{
	for (unsigned i = 0; i < COUNT_OF(link_kinds); i++) {
		if (link_kinds[i].hardware == hardware)
			return (struct link_kind){link_kinds[i].linktype, false};
	}
	return (struct link_kind){LINKTYPE_LINUX_SLL, true};
}

/* Does it load from the packet, with k as the offset? */
static bool loads_packet(const struct bpf_insn *in)
{
	const unsigned mode = BPF_MODE(in->code);

	if (BPF_CLASS(in->code) == BPF_LDX)
		return mode == BPF_MSH;
	return BPF_CLASS(in->code) == BPF_LD && (mode == BPF_ABS || mode == BPF_IND);
}

/*
 * The filter was compiled for frames with a Linux SLL header, but on a cooked socket the kernel
 * filters before it is made: what follows the header moves to 0, and of the header itself the
 * packet's type and its protocol are known by other names. False: the filter looks at the rest of
 * it.
 */
static bool move_load(struct sock_filter *in)
{
	enum { SLL_SIZE = 16, SLL_TYPE = 0, SLL_PROTOCOL = 14 };

	if (in->k >= SLL_SIZE) {
		in->k -= SLL_SIZE;
		return true;
	}
	if (BPF_MODE(in->code) != BPF_ABS || (in->k != SLL_TYPE && in->k != SLL_PROTOCOL))
		return false;
	in->k = (uint32_t)SKF_AD_OFF + (in->k == SLL_TYPE ? SKF_AD_PKTTYPE : SKF_AD_PROTOCOL);
	return true;
}

static bool program_append(struct kernel_program *p, const struct bpf_program *more, bool cooked)
{
	if (more->bf_len > (unsigned)PROGRAM_MAX - p->len)
		return false;
	for (unsigned i = 0; i < more->bf_len; i++) {
		const struct bpf_insn *in = &more->bf_insns[i];
		struct sock_filter *out = &p->code[p->len++];

		*out = (struct sock_filter){in->code, in->jt, in->jf, in->k};
		if (cooked && loads_packet(in) && !move_load(out))
			return false;
	}
	return true;
}

static int activate(pcap_t *p)
{
	switch (pcap_activate(p)) {
	case PCAP_ERROR_IFACE_NOT_UP:
		return ENETDOWN;
	case PCAP_ERROR_PERM_DENIED:
		return EPERM;
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return ENODEV;
	case PCAP_ERROR:
	case PCAP_ERROR_RFMON_NOTSUP:
		return EIO;
	default:
		return 0; /* or a warning */
	}
}

/*
 * The kernel takes the outer VLAN tag out of a frame before the filter sees it, so a program made
 * for files would never find one. libpcap knows how to ask the kernel for it, but only in a program
 * made for an open interface. As with tcpdump, "arp" then finds tagged ARP as well: live, the tag
 * is not in its way.
 */
static int append_for_iface(struct kernel_program *p, const struct filter *filter,
                            const char *iface)
{
	char why[PCAP_ERRBUF_SIZE];
	struct bpf_program wanted;
	pcap_t *open = pcap_create(iface, why);
	int error = open ? 0 : ENOMEM;

	error = error ? error : activate(open);
	if (error == 0 && pcap_compile(open, &wanted, filter_text(filter), 1, PCAP_NETMASK_UNKNOWN))
		error = EDOM;
	if (error == 0) {
		error = program_append(p, &wanted, false) ? 0 : EFBIG;
		pcap_freecode(&wanted);
	}
	if (open)
		pcap_close(open);
	return error;
}

int live_program(struct kernel_program *p, const struct filter *filter, struct link_kind kind,
                 const char *iface, const struct live_options *options)
{
	p->len = 0;
	if (options->fanout > 1)
		share_program(p, kind.linktype, options->share, options->fanout);
	if (!filter) {
		p->code[p->len++] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, UINT32_MAX};
		return 0;
	}
	if (kind.linktype == LINKTYPE_ETHERNET)
		return append_for_iface(p, filter, iface);
	const struct bpf_program *wanted = filter_program(filter, kind.linktype);

	return wanted && program_append(p, wanted, kind.cooked) ? 0 : EDOM;
}

/* The kernel's counts start again when they are read. */
void live_count(int fd, struct source_counts *counts)
{
	struct tpacket_stats since = {0};
	socklen_t len = sizeof since;

	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &since, &len))
		return;
	counts->kernel_seen += since.tp_packets;
	counts->kernel_dropped += since.tp_drops;
}

int live_close_ears(int fd)
{
	struct sock_filter nothing = {BPF_RET | BPF_K, 0, 0, 0};
	const struct sock_fprog program = {1, &nothing};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) ? -errno : 0;
}

static void say_reason(int error, size_t ring_bytes, char *out, size_t len)
{
	switch (error) {
	case ENODEV:
	case ENXIO:
		snprintf(out, len, "no such interface (see \"ip link\")");
		return;
	case EPERM:
	case EACCES:
		snprintf(out, len, "not permitted (run as root, or give the program cap_net_raw)");
		return;
	case ENOMEM:
		snprintf(out, len,
		         "no memory for a ring of %zu MiB (--ring, a quarter of the "
		         "memory at most)",
		         ring_bytes >> 20);
		return;
	case EDOM:
		snprintf(out, len,
		         "the filter has no meaning on this kind of link, or is too long");
		return;
	default:
		snprintf(out, len, "%s", strerror(error));
	}
}

void *live_refuse(const char *iface, int error, size_t ring_bytes, char *why, size_t why_len)
{
	char reason[160];

	say_reason(error, ring_bytes, reason, sizeof reason);
	snprintf(why, why_len, "cannot listen on %s: %s", iface, reason);
	return NULL;
}

/*
 * The kernel takes a ring's memory without asking whether there is any: it would end other programs
 * for it.
 */
static bool ring_is_sane(size_t bytes)
{
	const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

	return pages > 0 && page > 0 && bytes / (size_t)page <= (size_t)pages / 4 &&
	       bytes <= UINT32_MAX;
}

struct source *source_open_live(const char *iface, const struct live_options *options,
                                const struct filter *filter, char *why, size_t why_len)
{
	const bool xdp = strncmp(iface, XDP_PREFIX, strlen(XDP_PREFIX)) == 0;

	if (xdp)
		iface += strlen(XDP_PREFIX);
	if (strlen(iface) >= IF_NAMESIZE || if_nametoindex(iface) == 0)
		return live_refuse(iface, ENODEV, 0, why, why_len);
	if (!ring_is_sane(options->ring_bytes))
		return live_refuse(iface, ENOMEM, options->ring_bytes, why, why_len);
	if (xdp)
		return xdp_open(iface, options, filter, why, why_len);
	if (options->fallback_pcap)
		return live_pcap_open(iface, options, filter, why, why_len);
	return tpacket_open(iface, options, filter, why, why_len);
}
