/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tftp.c - the files that phones, switches and hosts without a disk ask for.
 *
 * A request (RFC 1350, 5) is all that goes to port 69: what follows has ports of its own. The name
 * is the device's choice and often has its MAC or model in it: SEP0200000000BB.cnf.xml. Options
 * follow the mode, as pairs of texts (RFC 2347).
 */
#include "observe/observer.h"

enum { TFTP_PORT = 69, TFTP_READ = 1, TFTP_WRITE = 2 };

struct tftp {
	uint16_t operation;
	struct cur file;
};

static bool tftp_is_mode(struct cur mode)
{
	struct cur octet = mode, ascii = mode;

	if (cur_is_caseless(&octet, "octet"))
		return cur_left(&octet) == 0;
	return cur_is_caseless(&ascii, "netascii") && cur_left(&ascii) == 0;
}

/* Nothing but what can be printed is in a name. */
static bool tftp_is_name(struct cur name)
{
	bool printable = cur_left(&name) > 0;

	while (cur_more(&name)) {
		const uint8_t b = cur_u8(&name);
		printable = printable && b >= 0x20 && b != 0x7f;
	}
	return printable;
}

static bool tftp_parse(struct cur *in, struct tftp *f)
{
	f->operation = cur_be16(in);
	f->file = cur_until(in, 0);
	const struct cur mode = cur_until(in, 0);
	if (!cur_ok(in) || (f->operation != TFTP_READ && f->operation != TFTP_WRITE))
		return false;
	while (cur_more(in)) {
		(void)cur_until(in, 0);
		(void)cur_until(in, 0);
	}
	return cur_ok(in) && tftp_is_mode(mode) && tftp_is_name(f->file);
}

static enum verdict tftp_packet(struct task *t, struct packet *p, void *state)
{
	struct tftp f = {0};

	(void)state;
	if (p->to_port.n != TFTP_PORT || !tftp_parse(&p->rest, &f))
		return NOT_MINE;
	if (p->cut) /* options may be missing: nothing says where a request ends */
		return MALFORMED;
	tell_text(t, p, sender(p), FACT_TFTP_FILE, f.file);
	return LEARNED;
}

SHOW(tftp, struct tftp, FIELD(struct tftp, operation, SHOW_NUMBER))

const struct observer observer_tftp = {
	.name = "tftp",
	.about = "the files that devices fetch from a boot server",
	.spec = "RFC 1350, RFC 2347",
	.claims = CLAIMS({UDP_PORT, TFTP_PORT, NULL}),
	.tells = TELLS({FACT_TFTP_FILE, SAYS, 90}),
	.shows = SHOWS(&tftp_show),
	.packet = tftp_packet,
};

PROVE(tftp_parse, struct tftp)
