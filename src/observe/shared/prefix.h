/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prefix.h - a network as it is written: 192.0.2.0/24, 2001:db8::/32.
 */
#pragma once

#include "observe/observer.h"

static inline void tell_prefix(struct task *t, const struct packet *p, struct subject who,
                               enum fact_kind kind, const struct ip *net, uint8_t bits)
{
	char written[IP_TEXT] = "";
	struct text text = {0};

	ip_format(net, written);
	for (unsigned i = 0; i < IP_TEXT && written[i] != 0; i++)
		text_put(&text, text_byte(written[i]));
	text_put(&text, '/');
	text_decimal(&text, bits);
	tell_string(t, p, who, kind, &text);
}
