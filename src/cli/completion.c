/* SPDX-License-Identifier: Apache-2.0 */
/*
 * completion.c - `havainto completion`: what a shell offers behind `havainto `, made of the tables
 * of commands and options.
 */
#include "base/log.h"
#include "cli/command.h"

#include <string.h>

static void put_options(const struct command *c)
{
	for (int i = 0; i < OPTIONS; i++)
		if (option_infos[i].commands & command_bit_of(c))
			printf("--%s ", option_infos[i].name);
}

/* What stands behind an option that takes a value of its own kind. */
static void put_values(void)
{
	puts("\tcase $before in");
	puts("\t-i | --interface) COMPREPLY=($(compgen -W \"$(ls /sys/class/net 2>/dev/null)\" -- \"$word\")); return ;;");
	puts("\t--task) COMPREPLY=($(compgen -W \"$(havainto observers 2>/dev/null | sed '1d;s/ .*//')\" "
	     "-- \"$word\")); return ;;");
	for (int i = 0; i < OPTIONS; i++)
		if (option_infos[i].kind == KIND_WORD)
			printf("\t--%s) COMPREPLY=($(compgen -W '%s' -- \"$word\")); return ;;\n",
			       option_infos[i].name, option_infos[i].words);
	puts("\tesac");
}

static void bash(void)
{
	puts("# bash completion for havainto, made by `havainto completion bash`\n"
	     "_havainto() {\n"
	     "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options=\n"
	     "\tif [ \"$COMP_CWORD\" = 1 ]; then");
	fputs("\t\tCOMPREPLY=($(compgen -W '", stdout);
	for (unsigned i = 0; i < command_count; i++)
		if (!commands[i].hidden)
			printf("%s ", commands[i].name);
	puts("' -- \"$word\"))\n\t\treturn\n\tfi");
	put_values();
	puts("\tcase ${COMP_WORDS[1]} in");
	for (unsigned i = 0; i < command_count; i++) {
		printf("\t%s) options='", commands[i].name);
		put_options(&commands[i]);
		puts("' ;;");
	}
	puts("\tesac\n"
	     "\tcase $word in\n"
	     "\t-*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
	     "\t*) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
	     "\tesac\n"
	     "}\n"
	     "complete -o filenames -F _havainto havainto");
}

int command_completion(const struct settings *s)
{
	if (strcmp(s->arguments[0], "bash") != 0) {
		log_line("completion: there is none for %s, only for bash", s->arguments[0]);
		return USAGE;
	}
	bash();
	return DONE;
}
