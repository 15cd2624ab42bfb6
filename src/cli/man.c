/* SPDX-License-Identifier: Apache-2.0 */
/*
 * man.c - `havainto man`: the man pages, in man(7), made of the tables of commands and options.
 * doc/man holds them.
 */
#include "base/log.h"
#include "cli/command.h"
#include "cli/config.h"

#include <ctype.h>
#include <string.h>

/* Text of ours as roff wants it: - is a hyphen there, and a line may not begin with . or '. */
static void roff(const char *text, bool begins)
{
	for (; *text; text++) {
		if (begins && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
		begins = *text == '\n';
	}
}

static void head(const char *page, const char *about)
{
	fputs(".\\\" SPDX-License-Identifier: Apache-2.0\n.TH ", stdout);
	for (const char *c = page; *c; c++)
		putchar(toupper((unsigned char)*c));
	fputs(" 1 \"\" \"havainto " HAVAINTO_VERSION "\" \"havainto\"\n.SH NAME\n", stdout);
	roff(page, true);
	fputs(" \\- ", stdout);
	roff(about, false);
	putchar('\n');
}

static void paragraphs(const char *text)
{
	while (*text) {
		const char *end = strstr(text, "\n\n");
		const size_t len = end ? (size_t)(end - text) : strlen(text);
		char part[4096];

		snprintf(part, sizeof part, "%.*s", (int)len, text);
		puts(".PP");
		roff(part, true);
		putchar('\n');
		text += len + (end ? 2 : 0);
	}
}

static void option(const struct option_info *o)
{
	fputs(".TP\n", stdout);
	if (o->letter)
		printf("\\fB\\-%c\\fR, ", o->letter);
	fputs("\\fB\\-\\-", stdout);
	roff(o->name, false);
	fputs("\\fR", stdout);
	if (o->argument)
		printf(" \\fI%s\\fR", o->argument);
	putchar('\n');
	roff(o->help, true);
	putchar('\n');
}

static void examples(const char *text)
{
	puts(".SH EXAMPLES");
	while (*text) {
		char line[512];
		const size_t len = strcspn(text, "\n"), command = strcspn(text, "\t");

		snprintf(line, sizeof line, "%.*s", (int)command, text);
		fputs(".TP\n\\fB", stdout);
		roff(line, false);
		fputs("\\fR\n", stdout);
		snprintf(line, sizeof line, "%.*s", (int)(len - command - 1), text + command + 1);
		roff(line, true);
		putchar('\n');
		text += len + (text[len] == '\n');
	}
}

static void see_also(const struct command *but)
{
	puts(".SH SEE ALSO");
	fputs(".BR havainto (1)", stdout);
	for (unsigned i = 0; i < command_count; i++)
		if (!commands[i].hidden && &commands[i] != but)
			printf(",\n.BR havainto\\-%s (1)", commands[i].name);
	putchar('\n');
}

static void exit_status(const struct command *c)
{
	puts(".SH EXIT STATUS");
	if (strcmp(c->name, "diff") == 0)
		puts("0: the reports say the same. 1: they differ. 2: trouble.");
	else
		puts("0: done; a capture that is cut off is done too, and said. 1: an input could not be read at all,\n"
		     "or a sink failed for good. 2: usage.");
}

static void page_command(const struct command *c)
{
	char page[64];

	snprintf(page, sizeof page, "havainto-%s", c->name);
	head(page, c->about);
	printf(".SH SYNOPSIS\n\\fBhavainto %s\\fR [\\fIOPTION\\fR]...%s%s\n.SH DESCRIPTION\n",
	       c->name, *c->arguments ? " " : "", c->arguments);
	paragraphs(*c->more ? c->more : c->about);
	puts(".SH OPTIONS");
	for (int i = 0; i < OPTIONS; i++)
		if (option_infos[i].commands & command_bit_of(c))
			option(&option_infos[i]);
	exit_status(c);
	examples(c->examples);
	see_also(c);
}

static void page_program(void)
{
	head("havainto", "says which devices are on a network, and never sends");
	puts(".SH SYNOPSIS\n\\fBhavainto\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]...\n.SH DESCRIPTION\n"
	     "havainto listens to the traffic of a network, or reads captures of it, tells the devices apart, and reports\n"
	     "what each gave away of itself, with the frame that shows it. It never sends a packet on the networks it watches.\n"
	     ".SH COMMANDS");
	for (unsigned i = 0; i < command_count; i++) {
		if (commands[i].hidden)
			continue;
		printf(".TP\n.BR havainto\\-%s (1)\n", commands[i].name);
		roff(commands[i].about, true);
		putchar('\n');
	}
	puts(".SH FILES\n.TP\n\\fI" CONFIG_DEFAULT "\\fR\n"
	     "Options of \\fBhavainto listen\\fR, a line \\fIname = value\\fR each: every long option is a name. Lists are given\n"
	     "by several lines. The file is taken whole or refused whole, with the line and the reason.\n"
	     ".TP\n\\fI/run/havainto/status.sock\\fR\nWhere \\fBhavainto status\\fR asks.");
	examples(
		"havainto listen -r office.pcapng\tthe devices in a capture\n"
		"sudo havainto listen -i eth0\tthe devices on a network, live\n"
		"havainto listen -r office.pcapng -o file:report.ndjson && havainto show --facts report.ndjson\t"
		"a report, and all that is in it");
	see_also(NULL);
}

int command_man(const struct settings *s)
{
	if (s->argument_count == 0) {
		page_program();
		return DONE;
	}
	const struct command *c = command_find(s->arguments[0]);
	if (!c) {
		log_line("man: there is no command %s", s->arguments[0]);
		return USAGE;
	}
	page_command(c);
	return DONE;
}
