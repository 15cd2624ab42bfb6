/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llmnr.c - hosts that answer for their own name on the link (RFC 4795).
 *
 * The message is DNS's. Only a name's owner answers a query for it (4795, 2.3), from port 5355; so
 * an answer whose address is the packet's own source names the sender. Other addresses
 * of it come in the same answer and name nothing new. What is asked for tells nothing of the asker.
 */
#include "observe/shared/dns_message.h"

enum { LLMNR_PORT = 5355 };

/* What an answer calls its sender; empty: nothing. */
static void llmnr_name(const struct packet *p, const struct dns_message *m,
                       const struct dns_record *r, struct text *name)
{
	const struct ip address = dns_record_address(m, r);

	text_clear(name);
	if (r->class != DNS_CLASS_IN || !ip_equal(&address, &p->from))
		return;
	dns_record_host(m, r, name);
}

static enum verdict llmnr_packet(struct task *t, struct packet *p, void *state)
{
	struct dns_message m = {0};
	enum verdict verdict = NOTHING;

	(void)state;
	if (!dns_message_parse(&p->rest, &m))
		return dns_is_plausible(&m) ? MALFORMED : NOT_MINE;
	if (!dns_is_response(&m) || dns_opcode(&m) != DNS_QUERY || p->from_port.n != LLMNR_PORT)
		return NOTHING;
	struct cur rest = m.records;
	struct dns_record r = {0};
	while (cur_more(&rest) && dns_record_next(&m, &rest, &r)) {
		struct text name;
		llmnr_name(p, &m, &r, &name);
		if (dns_record_section(&m, &r) != DNS_ANSWER || name.len == 0)
			continue;
		tell_string(t, p, sender(p), FACT_NAME_HOST, &name);
		verdict = LEARNED;
	}
	return verdict;
}

const struct observer observer_llmnr = {
	.name = "llmnr",
	.about = "hosts that own the names asked by all on the link",
	.spec = "RFC 4795",
	.claims = CLAIMS({UDP_PORT, LLMNR_PORT, NULL}),
	.tells = TELLS({FACT_NAME_HOST, SAYS, 85}),
	.packet = llmnr_packet,
};

PROVE(dns_message_parse, struct dns_message)
