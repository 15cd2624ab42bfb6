/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h - the commands: what each is called, what it says of itself, and its function.
 *
 * A command is a file of its own, a line here and a row in command.c. Its function returns the exit
 * status: 0 done; 1 an input could not be read at all or a sink failed for good; 2 usage.
 */
#pragma once

#include "base/attr.h"
#include "base/version.h"
#include "cli/options.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum exit_status { DONE = 0, FAILED_FOR_GOOD = 1, USAGE = 2 };

struct command {
	const char *name;
	const char *arguments; /* behind the options: "REPORT..." */
	unsigned least, most;  /* how many of these */
	const char *about;     /* one line */
	const char *more;      /* paragraphs, parted by an empty line */
	const char *examples;  /* lines "COMMAND	what it does", parted by '\n' */
	int (*run)(const struct settings *settings);
	bool hidden; /* made for the build: not listed */
};

extern const struct command commands[];
extern const unsigned command_count;

/* NULL: there is none. */
const struct command *command_find(const char *name) PURE NONNULL;
uint32_t command_bit_of(const struct command *c) PURE NONNULL;
/* "listen" for "lisen"; NULL: nothing is near. */
const char *command_nearest(const char *name) PURE NONNULL;
/* Runs the program: argv as main has it. */
int command_main(int argc, char **argv);
/* Says what is wrong with the usage; returns USAGE. */
int command_refuse(const char *name, const char *why) NONNULL;

/* help.c */
void help_commands(FILE *out) NONNULL;
void help_command(const struct command *c, FILE *out) NONNULL;

int command_listen(const struct settings *settings);
int command_show(const struct settings *settings);
int command_why(const struct settings *settings);
int command_trace(const struct settings *settings);
int command_diff(const struct settings *settings);
int command_graph(const struct settings *settings);
int command_observers(const struct settings *settings);
int command_facts(const struct settings *settings);
int command_counters(const struct settings *settings);
int command_channels(const struct settings *settings);
int command_coverage(const struct settings *settings);
int command_status(const struct settings *settings);
int command_selfcheck(const struct settings *settings);
int command_version(const struct settings *settings);
int command_help(const struct settings *settings);
int command_completion(const struct settings *settings);
int command_man(const struct settings *settings);
int command_manager(const struct settings *settings);
int command_ask(const struct settings *settings);
int command_run(const struct settings *settings);
int command_update_data(const struct settings *settings);
int command_enroll(const struct settings *settings);
