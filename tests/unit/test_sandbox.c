/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_sandbox.c - what is given up is gone. There is no way back, so each test enters the sandbox
 * in a child process, whose exit status is the answer. Root is needed for most; skipped without,
 * and in sanitizer builds, which have no sandbox.
 */
#include "base/sandbox.h"
#include "cli/selfcheck.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void need_root_and_sandbox(void)
{
	if (geteuid() != 0 || sandbox_state().sanitized)
		skip();
}

enum { YES = 0, NO = 1, KILLED = 1000 };

/* What `run` answers in a child: YES, NO, or KILLED by a forbidden system call. */
static int in_child(int (*run)(void))
{
	int status = 0;
	const pid_t child = fork();

	if (child == 0) {
		alarm(600); /* on a busy machine, too */
		_exit(run());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return KILLED;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 128 + SIGSYS ? KILLED : WEXITSTATUS(status);
}

static void enter(const struct sandbox_plan *plan)
{
	char why[SANDBOX_WHY];

	if (sandbox_enter(plan, why)) {
		fprintf(stderr, "%s\n", why);
		_exit(99);
	}
}

/* ---- who it becomes ---- */

static int the_default_user_is_found(void)
{
	struct sandbox_user user;
	char why[SANDBOX_WHY];

	unsetenv("SUDO_UID");
	if (sandbox_find_user(NULL, &user, why))
		return NO;
	if (strcmp(user.name, getpwnam("havainto") ? "havainto" : "nobody") != 0)
		return NO;
	const struct passwd *daemon = getpwnam("daemon");
	char uid[16];

	snprintf(uid, sizeof uid, "%u", daemon->pw_uid);
	setenv("SUDO_UID", uid, 1);
	if (getpwnam("havainto"))
		return YES;
	if (sandbox_find_user(NULL, &user, why) || strcmp(user.name, "daemon") != 0)
		return NO;
	setenv("SUDO_UID", "0", 1);
	if (sandbox_find_user(NULL, &user, why) || strcmp(user.name, "nobody") != 0)
		return NO;
	setenv("SUDO_UID", "12x", 1);
	return sandbox_find_user(NULL, &user, why) || strcmp(user.name, "nobody") != 0 ? NO : YES;
}

static void root_becomes_havainto_or_who_called_sudo_or_nobody(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(the_default_user_is_found), YES);
}

static void nobody_stays_root(void **state)
{
	struct sandbox_user user;
	char why[SANDBOX_WHY];

	(void)state;
	assert_true(sandbox_find_user("root", &user, why) < 0);
	assert_string_equal(why, "cannot become user root: havainto does not stay root");
	assert_int_equal(sandbox_find_user("no-such-user", &user, why), -ENOENT);
	assert_string_equal(why, "cannot become user no-such-user: no such user "
	                         "(see \"getent passwd\")");
}

static int another_user_is_refused(void)
{
	struct sandbox_user user;
	char why[SANDBOX_WHY];

	if (setresuid(65534, 65534, 65534))
		return NO;
	if (sandbox_find_user("daemon", &user, why) != -EPERM)
		return NO;
	return sandbox_find_user(NULL, &user, why) || user.uid != 65534 ? NO : YES;
}

static void only_root_becomes_somebody_else(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(another_user_is_refused), YES);
}

/* ---- what is gone ---- */

static bool is_confined(void)
{
	const struct sandbox_state s = sandbox_state();

	return s.uid != 0 && s.euid != 0 && s.gid != 0 && s.capabilities == 0 && s.no_new_privs &&
	       s.seccomp_mode == 2;
}

static void *confined_thread(void *class)
{
	static char yes;
	const bool done = sandbox_thread(*(enum sandbox_class *)class) == 0;

	return done && is_confined() ? &yes : NULL;
}

static bool in_thread(enum sandbox_class class)
{
	pthread_t thread;
	void *result = NULL;

	return pthread_create(&thread, NULL, confined_thread, &class) == 0 &&
	       pthread_join(thread, &result) == 0 && result;
}

static int everything_is_given_up(void)
{
	const struct sandbox_plan plan = {.user = "nobody"};

	enter(&plan);
	if (!is_confined() || sandbox_state().uid != 65534)
		return NO;
	for (unsigned long c = 0; c <= 40; c++) {
		if (prctl(PR_CAPBSET_READ, c, 0, 0, 0) == 1)
			return NO;
	}
	if (getgroups(0, NULL) != 0 || setuid(0) == 0 || setgid(0) == 0)
		return NO;
	for (int class = SANDBOX_WORKER; class < SANDBOX_CLASSES; class ++) {
		if (!in_thread((enum sandbox_class) class))
			return NO;
	}
	if (sandbox_thread(SANDBOX_MAIN) || !is_confined())
		return NO;
	const struct sandbox_state s = sandbox_state();

	for (unsigned class = 0; class < SANDBOX_CLASSES; class ++) {
		if (s.confined[class] != 1)
			return NO;
	}
	return YES;
}

static void every_thread_is_confined(void **state)
{
	(void)state;
	need_root_and_sandbox();
	assert_int_equal(in_child(everything_is_given_up), YES);
}

/* ---- paths ---- */

static char folder[] = "/tmp/havainto-test-XXXXXX";

static bool opens(const char *path, int flags)
{
	const int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int only_planned_paths_open(void)
{
	char inside[64], other[64];
	const char *read[] = {"/etc/passwd", "/usr/share", NULL};
	const char *write[] = {folder, NULL};
	const struct sandbox_plan plan = {
		.user = "nobody", .read_paths = read, .write_paths = write};

	snprintf(inside, sizeof inside, "%s/x", folder);
	snprintf(other, sizeof other, "%s/y", folder);
	enter(&plan);
	if (sandbox_state().landlock_abi == 0)
		return YES;
	if (!opens("/etc/passwd", O_RDONLY) || opens("/etc/passwd", O_RDWR) ||
	    opens("/etc/group", O_RDONLY) || opens("/etc", O_RDONLY | O_DIRECTORY))
		return NO;
	if (!opens("/usr/share", O_RDONLY | O_DIRECTORY) ||
	    opens("/tmp/havainto-x", O_RDWR | O_CREAT))
		return NO;
	if (!opens(inside, O_WRONLY | O_CREAT | O_TRUNC) || rename(inside, other) ||
	    !opens(other, O_RDONLY) || unlink(other))
		return NO;
	execl("/bin/true", "true", NULL);
	return errno == EACCES ? YES : NO;
}

static void only_the_plans_paths_can_be_opened(void **state)
{
	(void)state;
	need_root_and_sandbox();
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chown(folder, 65534, 65534), 0);
	assert_int_equal(in_child(only_planned_paths_open), YES);
	assert_int_equal(rmdir(folder), 0);
}

static int a_missing_path_is_named(void)
{
	const char *read[] = {"/no/such/path", NULL};
	const struct sandbox_plan plan = {.user = "nobody", .read_paths = read};
	char why[SANDBOX_WHY];

	if (sandbox_enter(&plan, why) != -ENOENT)
		return NO;
	return strcmp(why, "cannot keep the right to read /no/such/path: No such file or directory")
	               ? NO
	               : YES;
}

static void a_path_that_is_not_there_is_named(void **state)
{
	(void)state;
	need_root_and_sandbox();
	assert_int_equal(in_child(a_missing_path_is_named), YES);
}

/* ---- connections ---- */

static uint16_t listening_port(int *fd)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(*fd, (void *)&at, sizeof at) || listen(*fd, 1) ||
	    getsockname(*fd, (void *)&at, &len))
		_exit(98);
	return ntohs(at.sin_port);
}

static int connect_to(uint16_t port)
{
	const struct sockaddr_in at = {.sin_family = AF_INET,
	                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	                               .sin_port = htons(port)};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int error = connect(fd, (const void *)&at, sizeof at) ? errno : 0;

	close(fd);
	return error;
}

static int only_planned_ports_connect(void)
{
	int fd[2];
	const uint16_t good = listening_port(&fd[0]), bad = listening_port(&fd[1]);
	const uint16_t ports[] = {good, 0};
	const struct sandbox_plan plan = {.user = "nobody", .connect_ports = ports};

	enter(&plan);
	if (sandbox_state().landlock_abi < 4)
		return YES;
	if (sandbox_thread(SANDBOX_SINK_NET))
		return NO;
	return connect_to(good) == 0 && connect_to(bad) == EACCES ? YES : NO;
}

static void only_the_plans_ports_are_connected_to(void **state)
{
	(void)state;
	need_root_and_sandbox();
	assert_int_equal(in_child(only_planned_ports_connect), YES);
}

/* ---- silence ---- */

static int packet_socket(void)
{
	const struct sockaddr_ll loopback = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = 1};
	const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	return fd < 0 || bind(fd, (const void *)&loopback, sizeof loopback) ? -1 : fd;
}

static int loopback_up(void)
{
	return unshare(CLONE_NEWNET) || system("ip link set lo up") ? -1 : 0;
}

/* Would the frame of the next test leave at all, if nothing held it back? */
static int a_free_process_can_send(void)
{
	const char frame[60] = {[12] = (char)0x88, (char)0xb5};

	if (loopback_up())
		return NO;
	const int fd = packet_socket();

	return write(fd, frame, sizeof frame) == sizeof frame && dup(fd) >= 0 &&
	                       send(fd, frame, sizeof frame, 0) == sizeof frame
	               ? YES
	               : NO;
}

static int a_confined_process_cannot_send(void)
{
	const char frame[60] = {[12] = (char)0x88, (char)0xb5};

	if (loopback_up())
		return NO;
	const int fd = packet_socket();
	const struct sandbox_plan plan = {.user = "nobody", .sockets = &fd, .socket_count = 1};

	enter(&plan);
	return write(fd, frame, sizeof frame) == sizeof frame ? YES : NO;
}

static int other_descriptors_still_write(void)
{
	const int fd = packet_socket();
	int ends[2];
	const struct sandbox_plan plan = {.user = "nobody", .sockets = &fd, .socket_count = 1};

	if (pipe2(ends, O_CLOEXEC))
		return NO;
	enter(&plan);
	return write(ends[1], "x", 1) == 1 && dup(ends[1]) >= 0 && fcntl(fd, F_GETFL) >= 0 &&
	                       fcntl(ends[0], F_DUPFD_CLOEXEC, 3) >= 0
	               ? YES
	               : NO;
}

static void a_packet_socket_can_be_read_but_not_written(void **state)
{
	(void)state;
	need_root_and_sandbox();
	assert_int_equal(in_child(a_free_process_can_send), YES);
	assert_int_equal(in_child(a_confined_process_cannot_send), KILLED);
	assert_int_equal(in_child(other_descriptors_still_write), YES);
}

static int the_selfcheck_passes(void)
{
	char line[256];
	unsigned denied = 0, lines = 0;
	FILE *out = tmpfile();

	if (loopback_up() || !out || selfcheck_run("nobody", out))
		return NO;
	rewind(out);
	while (fgets(line, sizeof line, out)) {
		lines++;
		denied += strstr(line, " denied (") != NULL;
	}
	return denied >= 30 && lines == denied + 1 ? YES : NO;
}

static void the_selfcheck_finds_every_way_denied(void **state)
{
	(void)state;
	need_root_and_sandbox();
	assert_int_equal(in_child(the_selfcheck_passes), YES);
}

static void what_leaves_by_a_watched_interface_is_told(void **state)
{
	const char *sinks[] = {"-", "tcp:127.0.0.1:7000", "tcp:[::1]:7000", "file:x", NULL};
	const char *watched[] = {"eth9", "lo", NULL}, *others[] = {"eth9", NULL};
	char text[1024] = "";
	FILE *out = fmemopen(text, sizeof text, "w");

	(void)state;
	assert_non_null(out);
	assert_true(selfcheck_sinks(sinks, watched, out) >= 1);
	fflush(out);
	assert_non_null(
		strstr(text, "tcp:127.0.0.1:7000: reports leave by lo, which is also watched"));
	assert_null(strstr(text, "file:"));
	assert_int_equal(selfcheck_sinks(sinks, others, out), 0);
	fclose(out);
}

/* ---- classes ---- */

static int observer_reads(void)
{
	const struct sandbox_plan plan = {.user = "nobody"};
	char byte;

	enter(&plan);
	if (sandbox_thread(SANDBOX_OBSERVER))
		return NO;
	return read(0, &byte, 1) < 0 ? NO : YES;
}

static int worker_makes_code(void)
{
	const struct sandbox_plan plan = {.user = "nobody"};

	enter(&plan);
	if (sandbox_thread(SANDBOX_WORKER))
		return NO;
	free(malloc(1 << 20)); /* is allowed */
	return syscall(SYS_mmap, 0, 4096, 7 /* and to be run */, 0x22, -1, 0) == -1 ? NO : YES;
}

static int reporter_connects(void)
{
	const struct sandbox_plan plan = {.user = "nobody"};

	enter(&plan);
	if (sandbox_thread(SANDBOX_REPORTER))
		return NO;
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? NO : YES;
}

static int main_starts_a_program(void)
{
	const struct sandbox_plan plan = {.user = "nobody"};

	enter(&plan);
	if (sandbox_thread(SANDBOX_MAIN))
		return NO;
	execl("/bin/true", "true", NULL);
	return NO;
}

static void a_call_outside_the_class_kills(void **state)
{
	(void)state;
	need_root_and_sandbox();
	assert_int_equal(in_child(observer_reads), KILLED);
	assert_int_equal(in_child(worker_makes_code), KILLED);
	assert_int_equal(in_child(reporter_connects), KILLED);
	assert_int_equal(in_child(main_starts_a_program), KILLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_becomes_havainto_or_who_called_sudo_or_nobody),
		cmocka_unit_test(nobody_stays_root),
		cmocka_unit_test(only_root_becomes_somebody_else),
		cmocka_unit_test(every_thread_is_confined),
		cmocka_unit_test(only_the_plans_paths_can_be_opened),
		cmocka_unit_test(a_path_that_is_not_there_is_named),
		cmocka_unit_test(only_the_plans_ports_are_connected_to),
		cmocka_unit_test(a_packet_socket_can_be_read_but_not_written),
		cmocka_unit_test(the_selfcheck_finds_every_way_denied),
		cmocka_unit_test(what_leaves_by_a_watched_interface_is_told),
		cmocka_unit_test(a_call_outside_the_class_kills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
