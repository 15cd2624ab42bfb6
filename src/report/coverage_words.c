/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coverage_words.c - how much of the network the sensor sees, in sentences.
 *
 * Each sentence is a row: when it is said, and the function that writes it. Numbers always stand in
 * it, so that nobody has to believe a judgement.
 */
#include "report/coverage_words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* Of TCP conversations seen of one side this share is no accident; of its bytes this share is lost. */
enum { ONE_WAY_PERCENT = 10, LOST_PERMILLE = 10 };

static double percent(uint64_t part, uint64_t whole)
{
	return whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static uint64_t conversations(const struct covered *c)
{
	return c->row.tcp + c->row.udp;
}

static uint64_t one_way(const struct covered *c)
{
	return c->row.tcp - c->row.tcp_both;
}

/* ---- when ---- */

static bool is_silent(const struct covered *c)
{
	return conversations(c) == 0;
}

static bool has_tcp(const struct covered *c)
{
	return c->row.tcp > 0;
}

static bool has_udp(const struct covered *c)
{
	return c->row.udp > 0;
}

static bool has_bytes(const struct covered *c)
{
	return c->row.bytes + c->row.lost > 0;
}

static bool has_asked(const struct covered *c)
{
	return c->asked > 0;
}

/* ---- what ---- */

static void say(char out[COVERAGE_SENTENCE], const char *format, ...) PRINTF(2, 3);
static void say(char out[COVERAGE_SENTENCE], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(out, COVERAGE_SENTENCE, format, arguments);
	va_end(arguments);
}

static void say_broadcasts(const struct covered *c, char out[COVERAGE_SENTENCE])
{
	say(out,
	    "0 unicast conversations, %" PRIu64 " to groups or to all: only broadcasts and "
	    "multicasts reach the sensor, as on a switch port that is not mirrored",
	    c->row.groups);
}

static void say_one_way(const struct covered *c, char out[COVERAGE_SENTENCE])
{
	const double share = percent(one_way(c), c->row.tcp);

	say(out, "%" PRIu64 " of %" PRIu64 " TCP conversation%s seen one way only (%.0f %%)%s",
	    one_way(c), c->row.tcp, plural(c->row.tcp), share,
	    one_way(c) * 100 >= c->row.tcp * ONE_WAY_PERCENT
	            ? ": one direction does not reach the sensor"
	            : "");
}

static void say_datagrams(const struct covered *c, char out[COVERAGE_SENTENCE])
{
	const uint64_t unanswered = c->row.udp - c->row.udp_both;

	say(out,
	    "%" PRIu64 " of %" PRIu64 " conversation%s of datagrams seen one way only (%.0f %%); "
	    "some are never answered",
	    unanswered, c->row.udp, plural(c->row.udp), percent(unanswered, c->row.udp));
}

static void say_lost(const struct covered *c, char out[COVERAGE_SENTENCE])
{
	const uint64_t all = c->row.bytes + c->row.lost;

	say(out,
	    "%" PRIu64 " of %" PRIu64 " bytes of TCP were acknowledged but never seen (%.1f %%)%s",
	    c->row.lost, all, percent(c->row.lost, all),
	    c->row.lost * 1000 >= all * LOST_PERMILLE ? ": frames are lost before the sensor" : "");
}

static void say_asked(const struct covered *c, char out[COVERAGE_SENTENCE])
{
	say(out,
	    "%" PRIu64 " of %" PRIu64 " address%s that were asked for never answered (%.0f %%)",
	    c->silent, c->asked, c->asked == 1 ? "" : "es", percent(c->silent, c->asked));
}

static const struct {
	bool (*when)(const struct covered *c);
	void (*what)(const struct covered *c, char out[COVERAGE_SENTENCE]);
} sentences[] = {
	{is_silent, say_broadcasts}, {has_tcp, say_one_way}, {has_bytes, say_lost},
	{has_udp, say_datagrams},    {has_asked, say_asked},
};

bool coverage_sentence(const struct covered *c, unsigned number, char out[COVERAGE_SENTENCE])
{
	for (unsigned i = 0; i < COUNT_OF(sentences); i++) {
		if (!sentences[i].when(c))
			continue;
		if (number-- > 0)
			continue;
		sentences[i].what(c, out);
		return true;
	}
	return false;
}
