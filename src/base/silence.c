/* SPDX-License-Identifier: Apache-2.0 */
/*
 * silence.c - the promise that nothing is sent where havainto listens, kept by the kernel.
 *
 * A list of what is forbidden, for the whole process, beneath the lists of what is allowed to each
 * thread: it stays true whatever those say. On the packet sockets, known by number: every call that
 * writes, and every call that would give them another number. At all: making another such socket,
 * messages (sendmsg, sendmmsg: they could hand a socket to ourselves under another number), and
 * every interface by which the kernel would do one of these things unseen by this filter (io_uring,
 * aio) or do it to another process (ptrace, process_vm_writev, pidfd_getfd).
 */
#include "base/sandbox_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

/* Calls that write to a descriptor or copy it, and which argument it is. */
static const struct {
	int call;
	unsigned arg;
} sends[] = {
	{SCMP_SYS(write), 0},
	{SCMP_SYS(writev), 0},
	{SCMP_SYS(pwrite64), 0},
	{SCMP_SYS(pwritev), 0},
	{SCMP_SYS(pwritev2), 0},
	{SCMP_SYS(sendto), 0},
	{SCMP_SYS(sendfile), 0},
	{SCMP_SYS(splice), 2},
	{SCMP_SYS(tee), 1},
	{SCMP_SYS(vmsplice), 0},
	{SCMP_SYS(copy_file_range), 2},
	{SCMP_SYS(dup), 0},
	{SCMP_SYS(dup2), 0},
	{SCMP_SYS(dup3), 0},
};

static const int copies[] = {F_DUPFD, F_DUPFD_CLOEXEC};

static const int never[] = {
	SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),   SCMP_SYS(io_uring_register),
	SCMP_SYS(io_setup),       SCMP_SYS(io_submit),        SCMP_SYS(bpf),
	SCMP_SYS(ptrace),         SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
	SCMP_SYS(sendmsg),        SCMP_SYS(sendmmsg),         SCMP_SYS(pidfd_getfd),
	SCMP_SYS(userfaultfd),    SCMP_SYS(perf_event_open),
};

static int silence_socket(scmp_filter_ctx f, int fd)
{
	int error = 0;

	for (unsigned i = 0; i < COUNT_OF(sends) && error == 0; i++)
		error = seccomp_rule_add(f, SANDBOX_FORBID, sends[i].call, 1,
		                         SANDBOX_IS(sends[i].arg, fd));
	for (unsigned i = 0; i < COUNT_OF(copies) && error == 0; i++)
		error = seccomp_rule_add(f, SANDBOX_FORBID, SCMP_SYS(fcntl), 2, SANDBOX_IS(0, fd),
		                         SANDBOX_IS(1, copies[i]));
	return error;
}

/*
 * Sockets that send without a connection, on a link or above it; 10 is SOCK_PACKET, the oldest. So
 * no name can be looked up in the sandbox: that is done before. What is left are streams, to the
 * ports that Landlock lets through.
 */
enum { ANY_TYPE = -1, OLD_PACKET = 10, XDP = 44, TYPE_MASK = 0xf };

static const struct {
	int family, type;
} no_sockets[] = {
	{AF_PACKET, ANY_TYPE}, {XDP, ANY_TYPE},       {AF_INET, OLD_PACKET},  {AF_INET, SOCK_RAW},
	{AF_INET6, SOCK_RAW},  {AF_INET, SOCK_DGRAM}, {AF_INET6, SOCK_DGRAM},
};

static int silence_new_sockets(scmp_filter_ctx f)
{
	int error = 0;

	for (unsigned i = 0; i < COUNT_OF(no_sockets) && error == 0; i++) {
		const struct scmp_arg_cmp is[] = {
			SANDBOX_IS(0, no_sockets[i].family),
			SCMP_CMP(1, SCMP_CMP_MASKED_EQ, TYPE_MASK, (uint32_t)no_sockets[i].type),
		};

		error = seccomp_rule_add_array(f, SANDBOX_FORBID, SCMP_SYS(socket),
		                               no_sockets[i].type == ANY_TYPE ? 1 : 2, is);
	}
	return error;
}

static int silence_rules(scmp_filter_ctx f, const int *sockets, unsigned count)
{
	int error = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	for (unsigned i = 0; i < count && error == 0; i++)
		error = silence_socket(f, sockets[i]);
	for (unsigned i = 0; i < COUNT_OF(never) && error == 0; i++)
		error = seccomp_rule_add(f, SANDBOX_FORBID, never[i], 0);
	return error ? error : silence_new_sockets(f);
}

int silence_enforce(const int *sockets, unsigned count, char why[SANDBOX_WHY])
{
	const scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);

	if (!f)
		return sandbox_refuse(why, -ENOMEM, "cannot make the filter of silence");
	int error = silence_rules(f, sockets, count);

	error = error ? error : seccomp_load(f);
	seccomp_release(f);
	return error ? sandbox_refuse(why, error, "cannot enforce silence (seccomp)") : 0;
}
