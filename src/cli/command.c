/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.c - the table of commands, and the way from argv to one of them.
 */
#include "cli/command.h"

#include "base/log.h"

#include <assert.h>
#include <string.h>

/* clang-format off */
const struct command commands[] = {
	{"listen", "", 0, 0, "listen to interfaces or read captures, and report the devices",
		"Reads frames, never sends any, and reports each device with what it gave away of itself and which frame shows it.\n\n"
		"On a terminal a capture ends in a table of its devices, and an interface is shown as a table that moves; "
		"into a pipe or file the report goes as lines of JSON. With -o it goes there and nowhere else.\n\n"
		"SIGINT and SIGTERM end it in order: the last report is written. A second one ends it at once. SIGHUP opens "
		"files of reports anew and reads the configuration again.\n\n"
		"Started as root it becomes another user, gives up all capabilities and confines each of its threads before it reads the first frame.",
		"havainto listen -r office.pcapng\tthe devices in a capture\n"
		"havainto listen -i eth0\tthe devices on a network, live\n"
		"havainto listen -i eth0 -o file:/var/log/havainto.ndjson --interval 60\ta report each minute into a file\n"
		"tcpdump -w - | havainto listen -r - -o - | jq .device\tfrom a pipe into a pipe",
		command_listen, false},
	{"show", "[REPORT...]", 0, ARGUMENTS_MAX, "show reports as a table",
		"Reads the lines of reports and shows each device as it was reported last. Without a name, and for -, it reads standard input.",
		"havainto show report.ndjson\ta table\n"
		"havainto show --facts report.ndjson\twith all that is known of each device\n"
		"havainto show --csv report.ndjson >devices.csv\tfor a spreadsheet",
		command_show, false},
	{"why", "DEVICE FACT REPORT...", 3, ARGUMENTS_MAX, "say why a report concludes what it does",
		"DEVICE is a MAC address, an IP address or a name. FACT is name, vendor, model, os, type, software, roles, role:router, identity, an address, or a kind of fact (see `havainto facts`).\n\n"
		"Prints the conclusion, the rules for and against it, and the evidence: each with the number and time of the first frame that "
		"shows it, and the command that shows that frame. Frames are counted as the run counted them: with a filter, give trace the same one.",
		"havainto why kitchen name report.ndjson\twhy it is called so\n"
		"havainto why 02:00:00:00:00:aa 192.0.2.7 report.ndjson\twhy the address is its own",
		command_why, false},
	{"trace", "", 0, 0, "show the walk of packets through the observers",
		"For each frame: who looked at it, by which key, with how many bytes left, what was read, what was said of it, and the facts "
		"that were told or known already. Frames before the one that is shown are walked as well, so that conversations are as they were.",
		"havainto trace -r office.pcapng -n 17\tthe walk of frame 17\n"
		"havainto trace -r office.pcapng -f arp\tof all frames that pass a filter",
		command_trace, false},
	{"diff", "OLD NEW", 2, 2, "say what is different between two reports",
		"Prints devices and facts that came (+), went (-) or changed (~). Times, counts and traffic do not matter. Ends as diff(1): "
		"0 no difference, 1 some, 2 trouble.",
		"havainto diff monday.ndjson tuesday.ndjson\twhat changed overnight",
		command_diff, false},
	{"graph", "", 0, 0, "draw the tasks and channels of a run",
		"Without -r it draws what would run; with -r it reads the capture and counts what went over each channel.",
		"havainto graph --workers 2 --task tls=2\tas text\n"
		"havainto graph -r office.pcapng --dot | dot -Tsvg >wiring.svg\tas a picture",
		command_graph, false},
	{"observers", "[NAME]", 0, 1, "list the observers: protocols, keys and facts",
		"Without a name: each observer's name, layer, what it reads and by which specification, the keys that bring it packets, and the "
		"kinds of facts it tells. With one: all that this observer declares, each kind with its grade and confidence.",
		"havainto observers | less -S\ta line for each protocol\n"
		"havainto observers dhcp\tone of them in full\n"
		"havainto observers --json | jq -r 'select(.layer == \"naming\").name'\tfor scripts",
		command_observers, false},
	{"facts", "", 0, 0, "list the kinds of facts", "",
		"havainto facts\ta line for each kind",
		command_facts, false},
	{"counters", "", 0, 0, "list what is counted, and what a rise means", "",
		"havainto counters\ta line for each counter",
		command_counters, false},
	{"channels", "", 0, 0, "list the channels between tasks", "",
		"havainto channels\ta line for each channel",
		command_channels, false},
	{"status", "[REPORT]", 0, 1, "ask a running sensor how it is",
		"Prints its health, whether every thread is confined, and whether the numbers add up: what was received is what was given, "
		"dropped or refused. With a report, its last health line is judged instead. Ends with 1 if something is broken, or nobody answers.",
		"havainto status\tthe sensor of this machine\n"
		"havainto status report.ndjson\tdo the numbers of a report add up?",
		command_status, false},
	{"coverage", "[CAPTURE|REPORT]", 0, 1, "say how much of the network a sensor really sees",
		"By VLAN: conversations of which one side was never seen, bytes of TCP that were acknowledged but never seen, addresses that "
		"were asked for and never answered; and what was kept back, dropped, or is read by no observer. Without a name the running sensor "
		"is asked; a capture is read; of a report the last health line is shown (-: standard input).",
		"havainto coverage	the sensor of this machine\n"
		"havainto coverage office.pcapng	a capture: both directions? whole?\n"
		"havainto coverage report.ndjson	a report",
		command_coverage, false},
	{"selfcheck", "", 0, 0, "try every way to send or to get out, and print the result",
		"Opens a packet socket on loopback, confines itself as a sensor does, and tries to send and to get out by each way there is. "
		"Needs root. With -i and -o it says whether reports would leave by an interface that is watched.",
		"sudo havainto selfcheck\ta line a way, and the sum\n"
		"sudo havainto selfcheck -i eth0 -o tcp:manager:9100\tand whether reports leave by eth0",
		command_selfcheck, false},
	{"version", "", 0, 0, "print the version", "",
		"havainto version\tthe version",
		command_version, false},
	{"help", "[COMMAND]", 0, 1, "say what a command does", "",
		"havainto help listen\tits options",
		command_help, false},
	{"completion", "SHELL", 1, 1, "print the completion of words for a shell: bash",
		"", "eval \"$(havainto completion bash)\"\tin this shell",
		command_completion, false},
	{"man", "[COMMAND]", 0, 1, "print a man page", "",
		"havainto man listen | man -l -\tread it",
		command_man, true},
	{"manager", "[ACTION...]", 0, 3, "keep the inventory of sensors, and serve it",
		"Takes the reports of sensors at a socket, keeps what they say in an inventory, and answers questions about it over HTTP.\n\n"
		"At its first start it prints a token, at every start a link that logs a browser in once. `token NAME [ROLE]` makes another token, "
		"for a viewer, an operator (who may write notes and tags) or an admin.\n\n"
		"With --sensors it also takes the reports of sensors of other machines, by TLS. `accept FINGERPRINT` lets in the sensor of which `havainto "
		"enroll` printed it, `revoke SENSOR` takes that back, by name or fingerprint, and `sensors` lists who is accepted and who waits. A running "
		"manager follows within a second.",
		"havainto manager\twith its inventory in the usual place\n"
		"havainto listen -i eth0 -o unix:/var/lib/havainto/manager.sock\ta sensor that reports to it\n"
		"havainto manager token grafana\ta token for who only reads\n"
		"havainto manager --sensors 0.0.0.0:8711\tfor sensors of other machines as well\n"
		"havainto manager accept 9f86d081884c7d65... --name attic\tlet a sensor in, as attic",
		command_manager, false},
	{"ask", "[QUERY...]", 0, ARGUMENTS_MAX, "ask an inventory for devices",
		"Reads the inventory that a manager keeps, running or not. The query is words that all must hold: a text that some fact holds, "
		"or field:value. Fields are name, ip, mac, vendor, os, model, type, role, service, vlan, subnet, sensor, tag, owner, packets, bytes, first_seen, "
		"last_seen and every kind of fact (see `havainto facts`). A value may be several with commas, hold a *, be a network (ip:10.0.0.0/8), "
		"a range (packets:>1000) or an age (last_seen:<1h); os:=Linux is the text whole. A - before a word means not.",
		"havainto ask os:linux service:tcp/22\tLinux machines with SSH\n"
		"havainto ask role:printer -vendor:hp --csv\tprinters of others, for a spreadsheet\n"
		"havainto ask --count os type:computer\tsystems of computers, and how many have each\n"
		"havainto ask last_seen:\\>7d\twho was away for a week",
		command_ask, false},
	{"run", "[CAPTURE|INTERFACE]", 0, 1, "a sensor and a manager on this machine, at once",
		"Shows the devices of a capture, or watches an interface (without a name that of the default route), and keeps what it learns in "
		"the inventory of a manager that it runs beside. It prints a link for a browser and a token for programs, and serves until Ctrl-C.\n\n"
		"Sensor and manager are two processes, each confined for what it does.",
		"havainto run office.pcapng\tthe devices in a capture\n"
		"sudo havainto run eth0\tthe devices on a network, live",
		command_run, false},
	{"update-data", "FOLDER", 1, 1, "take fingerprints of others into use",
		"Reads all files NAME.xml of the folder, which are in the format of Rapid7's recog (BSD 2-clause; it is no part of this program), and "
		"refuses the whole folder if one of them is broken. Else they replace those that were in use: sensors that are started from then on, and "
		"`why`, conclude by them as well as by their own rules.",
		"git clone https://github.com/rapid7/recog && havainto update-data recog/xml\tfingerprints of thousands of programs",
		command_update_data, false},
	{"enroll", "HOST[:PORT]", 1, 1, "make this machine a sensor of a manager elsewhere",
		"Makes a key and a certificate for this sensor, where there are none, fetches the certificate of the manager at HOST (port 8711) and keeps "
		"it in mind: from then on -o tls:HOST:PORT reports to who has that certificate and to nobody else.\n\n"
		"It prints both fingerprints. That of the manager is to be compared with what the manager printed when it was started, or given by "
		"--manager; that of this sensor is for the manager's admin, who lets it in by `havainto manager accept`. Run again, it says how things stand.",
		"havainto enroll inventory.example.net\tmeet the manager\n"
		"havainto listen -i eth0 -o tls:inventory.example.net:8711\tand report to it",
		command_enroll, false},
};
/* clang-format on */
const unsigned command_count = COUNT_OF(commands);
static_assert(1u << COUNT_OF(commands) == IN_ALL + 1, "a bit for each command");

const struct command *command_find(const char *name)
{
	for (unsigned i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

uint32_t command_bit_of(const struct command *c)
{
	return 1u << (c - commands);
}

const char *command_nearest(const char *name)
{
	unsigned best = (unsigned)strlen(name) / 3 + 2;
	const char *nearest = NULL;

	for (unsigned i = 0; i < command_count; i++) {
		const unsigned distance = words_distance(name, commands[i].name);
		if (distance < best && !commands[i].hidden) {
			best = distance;
			nearest = commands[i].name;
		}
	}
	return nearest;
}

int command_refuse(const char *name, const char *why)
{
	log_line("%s: %s (see havainto %s --help)", name, why, name);
	return USAGE;
}

static int refuse_unknown(const char *name)
{
	const char *nearest = command_nearest(name);

	if (nearest)
		log_line("there is no command %s; is it %s? (see havainto help)", name, nearest);
	else
		log_line("there is no command %s (see havainto help)", name);
	return USAGE;
}

static int refuse_arguments(const struct command *c, const struct settings *s)
{
	char why[OPTIONS_WHY];

	if (s->argument_count > c->most)
		snprintf(why, sizeof why, "does not know what to do with \"%.100s\"",
		         s->arguments[c->most]);
	else
		snprintf(why, sizeof why, "wants %s", c->arguments);
	return command_refuse(c->name, why);
}

/* Output that could not be written is no success. */
static int command_end(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	log_line("cannot write to standard output");
	return status ? status : FAILED_FOR_GOOD;
}

int command_main(int argc, char **argv)
{
	static struct settings settings; /* its texts are the program's arguments */
	const char *name = argc > 1 ? argv[1] : "help";
	char why[OPTIONS_WHY] = "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	if (strcmp(name, "--version") == 0)
		name = "version";
	const struct command *c = command_find(name);
	if (!c)
		return refuse_unknown(name);
	if (argc > 1 && !options_parse(&settings, command_bit_of(c), argc - 1, argv + 1, why))
		return command_refuse(c->name, why);
	if (settings.of[OPT_HELP].given) {
		help_command(c, stdout);
		return command_end(DONE);
	}
	if (settings.argument_count < c->least || settings.argument_count > c->most)
		return refuse_arguments(c, &settings);
	return command_end(c->run(&settings));
}
