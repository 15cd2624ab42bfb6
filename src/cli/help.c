/* SPDX-License-Identifier: Apache-2.0 */
/*
 * help.c - what the commands say of themselves: `--help`, `havainto help`.
 */
#include "base/log.h"
#include "cli/command.h"

#include <string.h>

enum { PAGE = 80, OPTION_COLUMN = 26, EXAMPLE_INDENT = 2 };

/*
 * Text in lines of at most PAGE columns; the first begins at column `at`, the others at `indent`.
 */
static void print_wrapped(FILE *out, const char *text, unsigned at, unsigned indent)
{
	while (*text) {
		const size_t word = strcspn(text, " \n");

		if (at + word > PAGE && at > indent) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
		}
		fwrite(text, 1, word, out);
		at += (unsigned)word;
		text += word;
		for (; *text == '\n'; text++, at = indent)
			fprintf(out, "\n%*s", text[1] == '\n' ? 0 : (int)indent, "");
		if (*text != ' ')
			continue;
		text++;
		if (at + 1 + strcspn(text, " \n") <= PAGE) {
			fputc(' ', out);
			at++;
		} else {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
		}
	}
	fputc('\n', out);
}

static void help_option(FILE *out, const struct option_info *o)
{
	char head[64];
	int len = snprintf(head, sizeof head, o->letter ? "  -%c, " : "      ", o->letter);

	len += snprintf(head + len, sizeof head - (size_t)len, "--%s%s%s", o->name,
	                o->argument ? " " : "", o->argument ? o->argument : "");
	fprintf(out, "%-*s", OPTION_COLUMN - 1, head);
	if (len >= OPTION_COLUMN)
		fprintf(out, "\n%*s", OPTION_COLUMN - 1, "");
	fputc(' ', out);
	print_wrapped(out, o->help, OPTION_COLUMN, OPTION_COLUMN);
}

static void help_examples(FILE *out, const char *examples)
{
	while (*examples) {
		const size_t line = strcspn(examples, "\n"), command = strcspn(examples, "\t");

		fprintf(out, "%*s%.*s\n", EXAMPLE_INDENT, "", (int)command, examples);
		fprintf(out, "%*s    %.*s\n", EXAMPLE_INDENT, "", (int)(line - command - 1),
		        examples + command + 1);
		examples += line + (examples[line] == '\n');
	}
}

void help_command(const struct command *c, FILE *out)
{
	fprintf(out, "usage: havainto %s [OPTION]...%s%s\n\n", c->name, *c->arguments ? " " : "",
	        c->arguments);
	fprintf(out, "havainto %s - %s\n", c->name, c->about);
	if (*c->more) {
		fputc('\n', out);
		print_wrapped(out, c->more, 0, 0);
	}
	fputs("\nOptions\n", out);
	for (int i = 0; i < OPTIONS; i++)
		if (option_infos[i].commands & command_bit_of(c))
			help_option(out, &option_infos[i]);
	fputs("\nExamples\n", out);
	help_examples(out, c->examples);
}

void help_commands(FILE *out)
{
	fputs("havainto - listens to a network and says which devices are on it; it never sends\n\n"
	      "usage: havainto COMMAND [OPTION]...\n\n",
	      out);
	for (unsigned i = 0; i < command_count; i++)
		if (!commands[i].hidden)
			fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].about);
	fputs("\nhavainto COMMAND --help says more. To begin:\n"
	      "  havainto listen -r CAPTURE\n"
	      "  sudo havainto listen -i INTERFACE\n",
	      out);
}

int command_help(const struct settings *settings)
{
	if (settings->argument_count == 0) {
		help_commands(stdout);
		return DONE;
	}
	const struct command *c = command_find(settings->arguments[0]);
	if (!c) {
		const char *nearest = command_nearest(settings->arguments[0]);
		log_line("there is no command %s%s%s", settings->arguments[0],
		         nearest ? "; is it " : "", nearest ? nearest : "");
		return USAGE;
	}
	help_command(c, stdout);
	return DONE;
}
