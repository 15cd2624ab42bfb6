/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - the front door of the program: all that it does is a command (command.c).
 */
#include "cli/command.h"

int main(int argc, char **argv)
{
	return command_main(argc, argv);
}
