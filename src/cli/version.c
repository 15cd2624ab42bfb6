/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version.c - `havainto version`.
 */
#include "cli/command.h"

int command_version(const struct settings *settings)
{
	(void)settings;
	puts("havainto " HAVAINTO_VERSION);
	return DONE;
}
