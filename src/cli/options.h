/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h - every option of every command, declared once.
 *
 * The table in options.c is what getopt_long, --help, the man pages, completion and havainto.conf
 * are made of: to add an option is to add a row. What was given ends up in struct settings, by the
 * option's number; an option that was not given is not `given` and has zeros.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opt {
	OPT_READ,
	OPT_INTERFACE,
	OPT_FILTER,
	OPT_OUTPUT,
	OPT_TAP,
	OPT_KEEP,
	OPT_LIVE,
	OPT_INTERVAL,
	OPT_FULL_EVERY,
	OPT_SENSOR,
	OPT_WORKERS,
	OPT_TASK,
	OPT_PRIVACY,
	OPT_USER,
	OPT_STATE,
	OPT_SPOOL,
	OPT_DATA,
	OPT_STATUS,
	OPT_CONFIG,
	OPT_RING,
	OPT_NO_PROMISCUOUS,
	OPT_LIBPCAP,
	OPT_NO_SHED,
	OPT_FIXED_KEY,
	OPT_FLOW_MEMORY,
	OPT_STREAM_MEMORY,
	OPT_FRAGMENT_MEMORY,
	OPT_NOVELTY_MEMORY,
	OPT_EVIDENCE_MEMORY,
	OPT_VALUE_MEMORY,
	OPT_DEVICES,
	OPT_ADDRESSES,
	OPT_PLACES,
	OPT_FACT_LIMIT,
	OPT_FAR,
	OPT_FRAME,
	OPT_JSON,
	OPT_CSV,
	OPT_COUNT,
	OPT_AS,
	OPT_FACTS,
	OPT_LISTEN,
	OPT_SOCKET,
	OPT_SENSORS,
	OPT_PER_SENSOR,
	OPT_RETAIN,
	OPT_NAME,
	OPT_MANAGER,
	OPT_DOT,
	OPT_MARKDOWN,
	OPT_HELP,
	OPTIONS
};

/* Commands as bits, in the order of the table in command.c. */
enum command_bit {
	IN_LISTEN = 1 << 0,
	IN_SHOW = 1 << 1,
	IN_WHY = 1 << 2,
	IN_TRACE = 1 << 3,
	IN_DIFF = 1 << 4,
	IN_GRAPH = 1 << 5,
	IN_OBSERVERS = 1 << 6,
	IN_FACTS = 1 << 7,
	IN_COUNTERS = 1 << 8,
	IN_CHANNELS = 1 << 9,
	IN_STATUS = 1 << 10,
	IN_COVERAGE = 1 << 11,
	IN_SELFCHECK = 1 << 12,
	IN_VERSION = 1 << 13,
	IN_HELP = 1 << 14,
	IN_COMPLETION = 1 << 15,
	IN_MAN = 1 << 16,
	IN_MANAGER = 1 << 17,
	IN_ASK = 1 << 18,
	IN_RUN = 1 << 19,
	IN_UPDATE_DATA = 1 << 20,
	IN_ENROLL = 1 << 21,
	IN_ALL = (1 << 22) - 1,
	IN_SENSOR = IN_LISTEN | IN_RUN | IN_GRAPH,
};

enum option_kind {
	KIND_FLAG,
	KIND_NUMBER,  /* of least..most */
	KIND_BYTES,   /* in MiB, or with K, M or G behind it; least..most MiB */
	KIND_SECONDS, /* least..most, with fractions */
	KIND_TEXT,
	KIND_WORD, /* one of `words` */
	KIND_LIST, /* texts: may be given again, `most` times */
};

struct option_info {
	const char *name;
	char letter; /* 0: none */
	enum option_kind kind;
	uint32_t commands;    /* bits of enum command_bit */
	const char *argument; /* "FILE"; NULL for flags */
	const char *words;    /* "plain hashed" */
	double least, most;
	const char *help;
};

extern const struct option_info option_infos[OPTIONS];

enum { LIST_MAX = 64, ARGUMENTS_MAX = 256 };

struct setting {
	bool given;
	bool from_file;  /* of havainto.conf */
	unsigned count;  /* of list */
	uint64_t number; /* also of bytes, and 1 of a flag */
	double seconds;
	const char *text;
	const char *list[LIST_MAX + 1]; /* NULL ends */
};

struct settings {
	struct setting of[OPTIONS];
	unsigned argument_count; /* what is no option */
	const char *arguments[ARGUMENTS_MAX];
};

#define OPTIONS_WHY 512

/* Reads the command line behind the command's name (argv[0]). False: why says what is wrong. */
bool options_parse(struct settings *s, uint32_t command, int argc, char **argv,
                   char why[OPTIONS_WHY]) MUST_CHECK NONNULL;
/* One value, as the command line and havainto.conf give it; the text must stay. */
bool option_set(struct settings *s, enum opt option, const char *text,
                char why[OPTIONS_WHY]) MUST_CHECK NONNULL;
/* By its long name, for the command; -1: there is none. */
int option_find(const char *name, uint32_t command) PURE NONNULL;
/* The option's name nearest to what was written, or NULL. */
const char *option_nearest(const char *name, uint32_t command) PURE NONNULL;

/*
 * Letters to change, add or leave out to make b of a; swapped neighbours are one. For "did you
 * mean".
 */
unsigned words_distance(const char *a, const char *b) PURE NONNULL;
