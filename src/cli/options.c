/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.c - the table of options, and how a command line is read by it.
 */
#include "cli/options.h"

#include "observe/scribe.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const struct option_info option_infos[OPTIONS] = {
	[OPT_READ] = {"read", 'r', KIND_LIST, IN_SENSOR | IN_TRACE, "FILE", NULL, 0, LIST_MAX,
		"Read a capture: pcap or pcapng, plain, .gz or .zst; - is standard input. Several are merged by time."},
	[OPT_INTERFACE] = {"interface", 'i', KIND_LIST, IN_SENSOR | IN_SELFCHECK, "IFACE", NULL, 0, LIST_MAX,
		"Listen on a network interface; may be given several times. xdp:IFACE takes its frames by XDP, before this host's "
		"network stack and instead of it: for a port that only listens. Needs one worker."},
	[OPT_FILTER] = {"filter", 'f', KIND_TEXT, IN_SENSOR | IN_TRACE | IN_COVERAGE, "BPF", NULL, 0, 0,
		"Look only at frames that this filter passes, written as for tcpdump, hosts as addresses."},
	[OPT_OUTPUT] = {"output", 'o', KIND_LIST, IN_LISTEN | IN_SELFCHECK, "[FORMAT:]SINK", NULL, 0, 16,
		"Where reports go: - (standard output), file:PATH, unix:PATH, tcp:HOST:PORT, or tls:HOST:PORT (a manager, after `havainto enroll`); may be given "
		"several times. With ocsf: or ecs: before it devices go as OCSF Device Inventory Info or in the Elastic Common Schema, and nothing else goes. Without it: a table on a terminal, else standard output. Beside them evidence:FILE writes a pcapng of just the frames that "
		"taught something: reading it gives the same facts."},
	[OPT_TAP] = {"tap", 0, KIND_LIST, IN_LISTEN, "NAME=FILE", NULL, 0, TAPS_MAX,
		"Write what an observer is given into FILE, a pcapng that Wireshark reads by that protocol; may be given several times. "
		"An interface's kernel then keeps nothing back."},
	[OPT_KEEP] = {"keep", 0, KIND_TEXT, IN_LISTEN, "WHAT", NULL, 0, 0,
		"malformed:N[=FILE]: keep the last N frames in which an observer found its own protocol broken, in FILE (malformed.pcapng), each "
		"with the observer's name as its comment."},
	[OPT_LIVE] = {"live", 0, KIND_FLAG, IN_LISTEN | IN_RUN, NULL, NULL, 0, 0,
		"Show a table that moves, on the terminal."},
	[OPT_INTERVAL] = {"interval", 0, KIND_SECONDS, IN_LISTEN | IN_RUN, "S", NULL, 0.01, 86400,
		"Report changed devices every S seconds (live: 60; a capture: once, at its end), in the packets' time."},
	[OPT_FULL_EVERY] = {"full-every", 0, KIND_NUMBER, IN_LISTEN | IN_RUN, "N", NULL, 1, 1000000,
		"Report all devices every N intervals (60)."},
	[OPT_SENSOR] = {"sensor", 0, KIND_TEXT, IN_LISTEN | IN_RUN | IN_ENROLL, "ID", NULL, 0, 0,
		"Name of this sensor in its reports (the host's name)."},
	[OPT_WORKERS] = {"workers", 'w', KIND_NUMBER, IN_SENSOR, "N", NULL, 1, 32,
		"Observe in N tasks at once (1). The report is the same."},
	[OPT_TASK] = {"task", 0, KIND_LIST, IN_SENSOR, "NAME[=N]", NULL, 0, 16,
		"Give an observer, with all above it, N tasks of its own (1). The report is the same."},
	[OPT_PRIVACY] = {"privacy", 0, KIND_WORD, IN_LISTEN | IN_RUN, "HOW", "plain hashed", 0, 0,
		"hashed: names and other personal values leave only as keyed hashes. The key is kept in --state; without it, it is another in each run."},
	[OPT_USER] = {"user", 0, KIND_TEXT, IN_LISTEN | IN_COVERAGE | IN_SELFCHECK | IN_MANAGER | IN_RUN, "NAME", NULL, 0, 0,
		"Started as root, become this user (havainto where it exists, else who called sudo, else nobody)."},
	[OPT_STATE] = {"state", 0, KIND_TEXT, IN_LISTEN | IN_MANAGER | IN_ASK | IN_RUN | IN_ENROLL, "FOLDER", NULL, 0, 0,
		"Sensor: keep the count of starts here, which orders reports, the key of --privacy and those of `havainto enroll`; without it reports are ordered by the time of the start. "
		"Manager: keep the inventory here (/var/lib/havainto, or ~/.local/state/havainto)."},
	[OPT_DATA] = {"data", 0, KIND_TEXT, IN_LISTEN | IN_WHY | IN_UPDATE_DATA, "FOLDER", NULL, 0, 0,
		"Fingerprints of others, put there by `havainto update-data` (data in /var/lib/havainto, or in ~/.local/state/havainto)."},
	[OPT_SPOOL] = {"spool", 0, KIND_BYTES, IN_LISTEN, "MIB", NULL, 1, 65536,
		"With --state, live: room on disk for reports that who takes them has not acknowledged (256). What is there at the end is sent by the next start."},
	[OPT_STATUS] = {"status", 0, KIND_TEXT, IN_LISTEN | IN_STATUS | IN_COVERAGE, "SOCKET", NULL, 0, 0,
		"Socket at which `havainto status` asks (live: /run/havainto/status.sock, or havainto/status.sock in $XDG_RUNTIME_DIR)."},
	[OPT_CONFIG] = {"config", 0, KIND_TEXT, IN_LISTEN, "FILE", NULL, 0, 0,
		"Read options from a file, a line `name = value` each (/etc/havainto.conf where it exists); the command line wins. SIGHUP reads it again."},
	[OPT_RING] = {"ring", 0, KIND_BYTES, IN_LISTEN | IN_RUN, "MIB", NULL, 1, 4096,
		"Memory in which the kernel keeps frames of an interface for a worker (64)."},
	[OPT_NO_PROMISCUOUS] = {"no-promiscuous", 0, KIND_FLAG, IN_LISTEN | IN_RUN, NULL, NULL, 0, 0,
		"Hear only what the interface hears anyway."},
	[OPT_LIBPCAP] = {"libpcap", 0, KIND_FLAG, IN_LISTEN | IN_RUN, NULL, NULL, 0, 0,
		"Listen through libpcap, not through a ring of our own."},
	[OPT_NO_SHED] = {"no-shed", 0, KIND_FLAG, IN_LISTEN | IN_RUN, NULL, NULL, 0, 0,
		"Read every packet. Else the kernel counts and keeps back those of conversations that have no more to teach; with --filter it never does."},
	[OPT_FIXED_KEY] = {"fixed-key", 0, KIND_FLAG, IN_SENSOR, NULL, NULL, 0, 0,
		"The same hashes in every run, for tests: a sender could choose addresses that collide."},
	[OPT_FLOW_MEMORY] = {"flow-memory", 0, KIND_BYTES, IN_SENSOR, "MIB", NULL, 0.01, 65536,
		"Memory of each task for conversations."},
	[OPT_STREAM_MEMORY] = {"stream-memory", 0, KIND_BYTES, IN_SENSOR, "MIB", NULL, 0.01, 65536,
		"Memory of each task for TCP segments out of order."},
	[OPT_FRAGMENT_MEMORY] = {"fragment-memory", 0, KIND_BYTES, IN_SENSOR, "MIB", NULL, 0.01, 65536,
		"Memory of each task for IP fragments."},
	[OPT_NOVELTY_MEMORY] = {"novelty-memory", 0, KIND_BYTES, IN_SENSOR, "MIB", NULL, 0.01, 65536,
		"Memory of each task for facts told lately."},
	[OPT_EVIDENCE_MEMORY] = {"evidence-memory", 0, KIND_BYTES, IN_LISTEN, "MIB", NULL, 1, 65536,
		"Memory of each task for frames on which evidence may yet rest (128); taken with -o evidence:FILE alone."},
	[OPT_VALUE_MEMORY] = {"value-memory", 0, KIND_BYTES, IN_SENSOR, "MIB", NULL, 0.01, 65536,
		"Memory of the reporter for values: names, banners (1024)."},
	[OPT_DEVICES] = {"max-devices", 0, KIND_NUMBER, IN_SENSOR, "N", NULL, 16, 67108864,
		"MAC addresses that are kept (1048576)."},
	[OPT_ADDRESSES] = {"max-addresses", 0, KIND_NUMBER, IN_SENSOR, "N", NULL, 16, 67108864,
		"IP addresses that are kept (2097152)."},
	[OPT_PLACES] = {"max-places", 0, KIND_NUMBER, IN_SENSOR, "N", NULL, 16, 268435456,
		"Pairs of MAC and IP address, by VLAN, that are kept (4194304)."},
	[OPT_FACT_LIMIT] = {"max-facts", 0, KIND_NUMBER, IN_SENSOR, "N", NULL, 16, 1073741824,
		"Facts that are kept (16777216)."},
	[OPT_FAR] = {"max-far", 0, KIND_NUMBER, IN_SENSOR, "N", NULL, 1, 16777216,
		"Addresses behind one router that are kept (65536)."},
	[OPT_FRAME] = {"frame", 'n', KIND_NUMBER, IN_TRACE, "FRAME", NULL, 1, 9007199254740992.0,
		"Show only the frame of this number. With a filter those that pass are counted."},
	[OPT_JSON] = {"json", 0, KIND_FLAG, IN_SHOW | IN_ASK | IN_STATUS | IN_COVERAGE | IN_OBSERVERS, NULL, NULL, 0, 0,
		"Write JSON."},
	[OPT_CSV] = {"csv", 0, KIND_FLAG, IN_ASK | IN_SHOW, NULL, NULL, 0, 0,
		"Write comma-separated values; cells that a spreadsheet would take for a formula begin with '."},
	[OPT_COUNT] = {"count", 0, KIND_TEXT, IN_ASK, "FIELD", NULL, 0, 0,
		"Instead of devices, each value of the field and how many of them have it, the most frequent first."},
	[OPT_AS] = {"as", 0, KIND_WORD, IN_ASK, "FORMAT", "ocsf ecs netbox-devices netbox-interfaces netbox-addresses", 0, 0,
		"Write a line of OCSF 5001 or ECS for each, or CSV as NetBox imports it, a kind of object at a time (its site: Default)."},
	[OPT_FACTS] = {"facts", 0, KIND_FLAG, IN_SHOW, NULL, NULL, 0, 0,
		"Show the facts of each device."},
	[OPT_LISTEN] = {"listen", 0, KIND_TEXT, IN_MANAGER | IN_RUN, "ADDRESS:PORT", NULL, 0, 0,
		"Where the API and the page answer (127.0.0.1:8710). At an address beyond this machine they do so by HTTPS alone."},
	[OPT_SOCKET] = {"socket", 0, KIND_TEXT, IN_MANAGER, "PATH", NULL, 0, 0,
		"Socket where sensors of this machine report (manager.sock in --state)."},
	[OPT_SENSORS] = {"sensors", 0, KIND_TEXT, IN_MANAGER, "ADDRESS:PORT", NULL, 0, 0,
		"Where sensors of other machines report, by TLS: 0.0.0.0:8711, [::]:8711 (nowhere). Each must be accepted first: see `havainto enroll`."},
	[OPT_PER_SENSOR] = {"max-per-sensor", 0, KIND_NUMBER, IN_MANAGER, "N", NULL, 1, 67108864,
		"Devices of one sensor that are kept (2097152); what it reports beyond them is refused."},
	[OPT_RETAIN] = {"retain", 0, KIND_NUMBER, IN_MANAGER | IN_RUN, "DAYS", NULL, 1, 36500,
		"Forget devices and changes that were not seen for so many days (never)."},
	[OPT_NAME] = {"name", 0, KIND_TEXT, IN_MANAGER, "NAME", NULL, 0, 0,
		"accept: what the sensor is called, and as whom it may report (what it asks for)."},
	[OPT_MANAGER] = {"manager", 0, KIND_TEXT, IN_ENROLL, "FINGERPRINT", NULL, 0, 0,
		"Take this certificate for the manager's and no other; it prints its fingerprint when it starts (the one that answers, for you to compare)."},
	[OPT_DOT] = {"dot", 0, KIND_FLAG, IN_GRAPH, NULL, NULL, 0, 0,
		"Write DOT for Graphviz."},
	[OPT_MARKDOWN] = {"markdown", 0, KIND_FLAG, IN_OBSERVERS | IN_FACTS | IN_COUNTERS | IN_CHANNELS, NULL, NULL, 0, 0,
		"Write the page of the documentation."},
	[OPT_HELP] = {"help", 'h', KIND_FLAG, IN_ALL, NULL, NULL, 0, 0,
		"Say what the command does, and its options."},
};
/* clang-format on */

int option_find(const char *name, uint32_t command)
{
	for (int i = 0; i < OPTIONS; i++)
		if ((option_infos[i].commands & command) && strcmp(option_infos[i].name, name) == 0)
			return i;
	return -1;
}

/* ---- the nearest word ---- */

enum { WORD_MAX = 32 };

unsigned words_distance(const char *a, const char *b)
{
	const size_t a_len = strlen(a), b_len = strlen(b);
	unsigned cost[WORD_MAX + 1][WORD_MAX + 1];

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return WORD_MAX;
	for (size_t i = 0; i <= a_len; i++) {
		for (size_t k = 0; k <= b_len; k++) {
			if (i == 0 || k == 0) {
				cost[i][k] = (unsigned)(i + k);
				continue;
			}
			unsigned least = cost[i - 1][k - 1] + (a[i - 1] != b[k - 1]);
			if (cost[i - 1][k] + 1 < least)
				least = cost[i - 1][k] + 1;
			if (cost[i][k - 1] + 1 < least)
				least = cost[i][k - 1] + 1;
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
			    cost[i - 2][k - 2] + 1 < least)
				least = cost[i - 2][k - 2] + 1;
			cost[i][k] = least;
		}
	}
	return cost[a_len][b_len];
}

const char *option_nearest(const char *name, uint32_t command)
{
	const size_t len = strlen(name);
	unsigned best = (unsigned)len / 3 + 2; /* further away it is another word */
	const char *nearest = NULL;

	for (int i = 0; i < OPTIONS; i++) {
		if (!(option_infos[i].commands & command))
			continue;
		const unsigned distance = words_distance(name, option_infos[i].name);
		if (distance < best) {
			best = distance;
			nearest = option_infos[i].name;
		}
	}
	return nearest;
}

/* ---- values ---- */

static bool refuse(char why[OPTIONS_WHY], const struct option_info *o, const char *text,
                   const char *wanted)
{
	snprintf(why, OPTIONS_WHY, "%s: \"%.100s\" is not %s", o->name, text, wanted);
	return false;
}

static bool set_flag(struct setting *s, const struct option_info *o, const char *text, char *why)
{
	static const char *const yes[] = {"yes", "true", "on", "1"};
	static const char *const no[] = {"no", "false", "off", "0"};

	for (size_t i = 0; i < COUNT_OF(yes); i++) {
		if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
			s->number = strcmp(text, yes[i]) == 0;
			return true;
		}
	}
	return refuse(why, o, text, "yes or no");
}

/* A decimal number, wholly: "12", "0.5". */
static bool parse_number(const char *text, double *out, const char **end)
{
	char *stop = NULL;

	if (*text < '0' || *text > '9' || (*text == '0' && (text[1] == 'x' || text[1] == 'X')))
		return false;
	errno = 0;
	*out = strtod(text, &stop);
	*end = stop;
	return errno == 0 && isfinite(*out);
}

static bool set_number(struct setting *s, const struct option_info *o, const char *text, char *why)
{
	char wanted[96];
	const char *end = "";
	double n = 0;

	snprintf(wanted, sizeof wanted, "a number from %.0f to %.0f", o->least, o->most);
	if (!parse_number(text, &n, &end) || *end || n < o->least || n > o->most || n != floor(n))
		return refuse(why, o, text, wanted);
	s->number = (uint64_t)n;
	return true;
}

static bool set_seconds(struct setting *s, const struct option_info *o, const char *text, char *why)
{
	char wanted[96];
	const char *end = "";
	double n = 0;

	snprintf(wanted, sizeof wanted, "a number of seconds from %g to %g", o->least, o->most);
	if (!parse_number(text, &n, &end) || (*end && strcmp(end, "s") != 0) || n < o->least ||
	    n > o->most)
		return refuse(why, o, text, wanted);
	s->seconds = n;
	return true;
}

static bool set_bytes(struct setting *s, const struct option_info *o, const char *text, char *why)
{
	static const char units[] = "KMG";
	char wanted[128];
	const char *end = "";
	double n = 0;

	snprintf(wanted, sizeof wanted,
	         "a size in MiB from %g to %g (or with K, M or G behind it: 512K)", o->least,
	         o->most);
	if (!parse_number(text, &n, &end))
		return refuse(why, o, text, wanted);
	const char *unit = *end ? strchr(units, *end) : strchr(units, 'M');
	if (!unit || (*end && end[1]))
		return refuse(why, o, text, wanted);
	const double mib = n * (*unit == 'K' ? 1.0 / 1024 : *unit == 'G' ? 1024 : 1);
	if (mib < o->least || mib > o->most)
		return refuse(why, o, text, wanted);
	s->number = (uint64_t)(mib * 1048576);
	return true;
}

static bool set_word(struct setting *s, const struct option_info *o, const char *text, char *why)
{
	const size_t len = strlen(text);
	char wanted[128];

	for (const char *at = o->words; len > 0 && (at = strstr(at, text)); at += len) {
		const bool begins = at == o->words || at[-1] == ' ';

		if (begins && (at[len] == ' ' || at[len] == '\0')) {
			s->text = text;
			return true;
		}
	}
	snprintf(wanted, sizeof wanted, "one of: %s", o->words);
	return refuse(why, o, text, wanted);
}

static bool set_list(struct setting *s, const struct option_info *o, const char *text, char *why)
{
	if (s->count >= LIST_MAX || s->count >= (unsigned)o->most) {
		snprintf(why, OPTIONS_WHY, "%s: may be given %.0f times at most", o->name, o->most);
		return false;
	}
	s->list[s->count++] = text;
	return true;
}

bool option_set(struct settings *settings, enum opt option, const char *text, char why[OPTIONS_WHY])
{
	const struct option_info *o = &option_infos[option];
	struct setting *s = &settings->of[option];

	s->given = true;
	if (*text == '\0' && o->kind != KIND_FLAG)
		return refuse(why, o, text, "a value");
	switch (o->kind) {
	case KIND_FLAG:
		return set_flag(s, o, text, why);
	case KIND_NUMBER:
		return set_number(s, o, text, why);
	case KIND_BYTES:
		return set_bytes(s, o, text, why);
	case KIND_SECONDS:
		return set_seconds(s, o, text, why);
	case KIND_TEXT:
		s->text = text;
		return true;
	case KIND_WORD:
		return set_word(s, o, text, why);
	case KIND_LIST:
		return set_list(s, o, text, why);
	}
	return false;
}

/* ---- the command line ---- */

enum { FIRST_LONG = 256 };

static void getopt_fill(struct option longs[OPTIONS + 1], char shorts[2 * OPTIONS + 2],
                        uint32_t command)
{
	size_t at = 0;

	*shorts++ = ':'; /* a missing value is told apart */
	for (int i = 0; i < OPTIONS; i++) {
		const struct option_info *o = &option_infos[i];

		if (!(o->commands & command))
			continue;
		longs[at++] = (struct option){
			.name = o->name,
			.has_arg = o->kind == KIND_FLAG ? no_argument : required_argument,
			.val = FIRST_LONG + i,
		};
		if (o->letter)
			*shorts++ = o->letter;
		if (o->letter && o->kind != KIND_FLAG)
			*shorts++ = ':';
	}
	longs[at] = (struct option){0};
	*shorts = '\0';
}

static int option_by_letter(int letter, uint32_t command)
{
	for (int i = 0; i < OPTIONS; i++)
		if ((option_infos[i].commands & command) && option_infos[i].letter == letter)
			return i;
	return -1;
}

static bool refuse_unknown(uint32_t command, const char *word, int letter, char *why)
{
	char name[64];

	if (letter > 0 && letter < FIRST_LONG && word[0] == '-' && word[1] != '-') {
		snprintf(why, OPTIONS_WHY, "there is no option -%c", letter);
		return false;
	}
	snprintf(name, sizeof name, "%s", word + strspn(word, "-"));
	name[strcspn(name, "=")] = '\0';
	if (option_find(name, command) >= 0) {
		snprintf(why, OPTIONS_WHY, "--%s takes no value", name);
		return false;
	}
	const char *nearest = option_nearest(name, command);
	if (nearest)
		snprintf(why, OPTIONS_WHY, "there is no option --%s; is it --%s?", name, nearest);
	else
		snprintf(why, OPTIONS_WHY, "there is no option --%s", name);
	return false;
}

static bool take_arguments(struct settings *s, int argc, char **argv, char *why)
{
	for (int i = optind; i < argc; i++) {
		if (s->argument_count == ARGUMENTS_MAX) {
			snprintf(why, OPTIONS_WHY, "more than %d arguments", ARGUMENTS_MAX);
			return false;
		}
		s->arguments[s->argument_count++] = argv[i];
	}
	return true;
}

/*
 * "-role:router" is a word of a query and no option: such words are put last, behind "--". Returns
 * how many of argv stand before them.
 */
static int put_words_last(int argc, char **argv)
{
	int options = argc;

	for (int i = 1; i < options;) {
		char *const word = argv[i];

		if (word[0] != '-' || word[1] == '-' || strchr(word, ':') == NULL) {
			i++;
			continue;
		}
		memmove(&argv[i], &argv[i + 1], (size_t)(argc - i - 1) * sizeof *argv);
		argv[argc - 1] = word;
		options--;
	}
	return options;
}

bool options_parse(struct settings *s, uint32_t command, int argc, char **argv,
                   char why[OPTIONS_WHY])
{
	struct option longs[OPTIONS + 1];
	char shorts[2 * OPTIONS + 2];
	const int all = argc;
	int c;

	if (command == IN_ASK)
		argc = put_words_last(argc, argv);
	getopt_fill(longs, shorts, command);
	optind = 0; /* glibc: begin anew */
	opterr = 0;
	for (;;) {
		c = getopt_long(argc, argv, shorts, longs, NULL);
		if (c == -1)
			return take_arguments(s, all, argv, why);
		if (c == ':') {
			snprintf(why, OPTIONS_WHY, "%s wants a value", argv[optind - 1]);
			return false;
		}
		if (c == '?')
			return refuse_unknown(command, argv[optind > 0 ? optind - 1 : 0], optopt,
			                      why);
		const int i = c >= FIRST_LONG ? c - FIRST_LONG : option_by_letter(c, command);
		if (!option_set(s, (enum opt)i, optarg ? optarg : "yes", why))
			return false;
	}
}
