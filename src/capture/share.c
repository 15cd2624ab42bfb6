/* SPDX-License-Identifier: Apache-2.0 */
/*
 * share.c - which of several sockets on one interface takes a frame.
 *
 * Each socket has this program in front of its filter, with another number. The kernel has
 * fan-out groups for the same purpose, but a socket in one cannot be bound again (EINVAL), so it
 * would be deaf for good after its interface was deleted and made anew; and their hash looks at
 * ports, which would part the fragments and the dialogues of two hosts. Here all frames of two
 * addresses have one share: src ^ dst is the same in both directions.
 *
 * The classic filter machine has one accumulator (A) and one index (X), jumps only forward, and
 * refuses a packet (takes nothing) on a load past its end; so every load stands behind a test
 * of the length, lest a short frame be refused by all sockets.
 */
#include "capture/live.h"

#include <assert.h>
#include <net/ethernet.h>

enum { ETHERTYPE_QINQ = 0x88a8 };

static uint16_t emit(struct kernel_program *p, unsigned code, uint32_t k, uint8_t yes, uint8_t no)
{
	assert(p->len < PROGRAM_MAX);
	p->code[p->len] = (struct sock_filter){(uint16_t)code, yes, no, k};
	return p->len++;
}

/* Makes the jump at `from` come here. */
static void land(struct kernel_program *p, uint16_t from)
{
	p->code[from].k = (uint32_t)(p->len - from - 1);
}

/* A = the exclusive or of so many words from the offset `at`; fold_size() instructions. */
static void emit_fold(struct kernel_program *p, uint32_t at, unsigned words)
{
	emit(p, BPF_LD | BPF_W | BPF_ABS, at, 0, 0);
	for (unsigned i = 1; i < words; i++) {
		emit(p, BPF_MISC | BPF_TAX, 0, 0, 0);
		emit(p, BPF_LD | BPF_W | BPF_ABS, at + 4 * i, 0, 0);
		emit(p, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
	}
}

/*
 * If A is `protocol` and the frame is at least `least` long: A = both addresses folded, and a
 * jump, given back to be landed. Else falls through.
 */
static uint16_t emit_addresses(struct kernel_program *p, uint32_t protocol, uint32_t least,
                               uint32_t at, unsigned words)
{
	const uint8_t fold_size = (uint8_t)(3 * words - 2);

	emit(p, BPF_JMP | BPF_JEQ | BPF_K, protocol, 0, (uint8_t)(fold_size + 3));
	emit(p, BPF_LD | BPF_W | BPF_LEN, 0, 0, 0);
	emit(p, BPF_JMP | BPF_JGE | BPF_K, least, 0, (uint8_t)(fold_size + 1));
	emit_fold(p, at, words);
	return emit(p, BPF_JMP | BPF_JA, 0, 0, 0);
}

/* A = this share or not: 1 goes on, 0 is refused. Multiplied, so that all bits of A take part. */
static void emit_choice(struct kernel_program *p, unsigned share, unsigned shares)
{
	emit(p, BPF_ALU | BPF_MUL | BPF_K, 0x9e3779b1u, 0, 0);
	emit(p, BPF_ALU | BPF_RSH | BPF_K, 16, 0, 0);
	emit(p, BPF_ALU | BPF_MOD | BPF_K, shares, 0, 0);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, share, 1, 0);
	emit(p, BPF_RET | BPF_K, 0, 0, 0);
}

/*
 * The IP header stands at `base`, and A says whether it is one, as `four` or `six`. Without IP,
 * A = the word at 8, which in Ethernet are the last four bytes of the source; else 0.
 */
static void emit_share(struct kernel_program *p, uint32_t base, uint32_t four, uint32_t six,
                       bool ethernet, unsigned share, unsigned shares)
{
	const uint16_t v4 = emit_addresses(p, four, base + 20, base + 12, 2);
	const uint16_t v6 = emit_addresses(p, six, base + 40, base + 8, 8);

	if (ethernet)
		emit(p, BPF_LD | BPF_W | BPF_ABS, 8, 0, 0);
	else
		emit(p, BPF_LD | BPF_IMM, 0, 0, 0);
	land(p, v4);
	land(p, v6);
	emit_choice(p, share, shares);
}

/*
 * The rest of an Ethernet frame, and of one behind a VLAN tag. Both end here, with a frame that is
 * ours.
 */
static void emit_ethernet(struct kernel_program *p, unsigned share, unsigned shares)
{
	emit(p, BPF_LD | BPF_H | BPF_ABS, 12, 0, 0);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_VLAN, 2, 0);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_QINQ, 1, 0);
	const uint16_t untagged = emit(p, BPF_JMP | BPF_JA, 0, 0, 0);
	emit(p, BPF_LD | BPF_H | BPF_ABS, 16, 0, 0);
	emit_share(p, 18, ETHERTYPE_IP, ETHERTYPE_IPV6, true, share, shares);
	const uint16_t mine = emit(p, BPF_JMP | BPF_JA, 0, 0, 0);
	land(p, untagged);
	emit_share(p, 14, ETHERTYPE_IP, ETHERTYPE_IPV6, true, share, shares);
	land(p, mine);
}

/* Raw IP, and what the kernel gives of other links, begins with the version. */
static void emit_raw(struct kernel_program *p, unsigned share, unsigned shares)
{
	emit(p, BPF_LD | BPF_B | BPF_ABS, 0, 0, 0);
	emit(p, BPF_ALU | BPF_RSH | BPF_K, 4, 0, 0);
	emit_share(p, 0, 4, 6, false, share, shares);
}

void share_program(struct kernel_program *p, uint16_t linktype, unsigned share, unsigned shares)
{
	const bool ethernet = linktype == LINKTYPE_ETHERNET;

	emit(p, BPF_LD | BPF_W | BPF_LEN, 0, 0, 0);
	emit(p, BPF_JMP | BPF_JGE | BPF_K, ethernet ? 18 : 1, 1, 0);
	const uint16_t too_short = emit(p, BPF_JMP | BPF_JA, 0, 0, 0);
	if (ethernet)
		emit_ethernet(p, share, shares);
	else
		emit_raw(p, share, shares);
	const uint16_t mine = emit(p, BPF_JMP | BPF_JA, 0, 0, 0);
	land(p, too_short);
	emit(p, BPF_LD | BPF_IMM, 0, 0, 0);
	emit_choice(p, share, shares);
	land(p, mine);
}
