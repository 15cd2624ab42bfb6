/* SPDX-License-Identifier: Apache-2.0 */
/*
 * landlock.c - which files and TCP ports may still be opened (Landlock, ABI 1 to 7).
 *
 * Everything that the kernel's ABI can restrict is restricted; what was opened before is not
 * touched. The system's header may be older than its kernel, so the numbers of newer ABIs stand
 * here (Documentation/userspace-api/landlock.rst).
 */
#include "base/sandbox_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FS_ABI1 ((UINT64_C(1) << 13) - 1) /* execute .. make_sym */
#define FS_REFER (UINT64_C(1) << 13)      /* ABI 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14)   /* ABI 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15)  /* ABI 5 */
#define NET_BIND (UINT64_C(1) << 0)       /* ABI 4 */
#define NET_CONNECT (UINT64_C(1) << 1)
#define SCOPE_ALL UINT64_C(3) /* ABI 6: abstract unix sockets and signals stay inside */

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING                                                                     \
	(READING | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | FS_TRUNCATE)
/* What can be said of a file that is no folder. */
#define OF_FILES \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

/* struct landlock_ruleset_attr and landlock_net_port_attr as of ABI 6. */
struct handled {
	uint64_t fs, net, scoped;
};
struct port_rule {
	uint64_t allowed, port;
};
enum { RULE_NET_PORT = 2 };

static struct handled handled_by(int abi)
{
	struct handled h = {.fs = FS_ABI1};

	if (abi >= 2)
		h.fs |= FS_REFER;
	if (abi >= 3)
		h.fs |= FS_TRUNCATE;
	if (abi >= 4)
		h.net = NET_BIND | NET_CONNECT;
	if (abi >= 5)
		h.fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		h.scoped = SCOPE_ALL;
	return h;
}

/* An older kernel knows a shorter struct, and wants what it does not know left out. */
static size_t handled_size(int abi)
{
	if (abi >= 6)
		return sizeof(struct handled);
	return abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

static int add_rule(int ruleset, int type, const void *rule)
{
	return syscall(SYS_landlock_add_rule, ruleset, type, rule, 0) ? -errno : 0;
}

static int allow_path(int ruleset, const char *path, uint64_t rights)
{
	const int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	int error = fstat(fd, &st) ? -errno : 0;

	if (error == 0) {
		const struct landlock_path_beneath_attr rule = {
			.allowed_access = S_ISDIR(st.st_mode) ? rights : rights & OF_FILES,
			.parent_fd = fd,
		};

		error = add_rule(ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule);
	}
	close(fd);
	return error;
}

static int allow_paths(int ruleset, const char *const *paths, uint64_t rights, const char *to,
                       char why[SANDBOX_WHY])
{
	for (; paths && *paths; paths++) {
		const int error = allow_path(ruleset, *paths, rights);

		if (error)
			return sandbox_refuse(why, error, "cannot keep the right to %s %s", to,
			                      *paths);
	}
	return 0;
}

static int allow_ports(int ruleset, const uint16_t *ports, uint64_t right, char why[SANDBOX_WHY])
{
	for (; ports && *ports; ports++) {
		const struct port_rule rule = {right, *ports};
		const int error = add_rule(ruleset, RULE_NET_PORT, &rule);

		if (error)
			return sandbox_refuse(why, error, "cannot keep TCP port %u", *ports);
	}
	return 0;
}

static int allow_plan(int ruleset, const struct sandbox_plan *plan, const struct handled *handled,
                      char why[SANDBOX_WHY])
{
	int error = allow_paths(ruleset, plan->read_paths, READING & handled->fs, "read", why);

	error = error ? error
	              : allow_paths(ruleset, plan->write_paths, WRITING & handled->fs, "write",
	                            why);
	if (error || handled->net == 0)
		return error;
	error = allow_ports(ruleset, plan->connect_ports, NET_CONNECT, why);
	return error ? error : allow_ports(ruleset, plan->bind_ports, NET_BIND, why);
}

int landlock_restrict(const struct sandbox_plan *plan, int *abi, char why[SANDBOX_WHY])
{
	const long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	*abi = version > 0 ? (int)version : 0;
	if (*abi == 0)
		return 0;
	const struct handled handled = handled_by(*abi);
	const long ruleset = syscall(SYS_landlock_create_ruleset, &handled, handled_size(*abi), 0);

	if (ruleset < 0)
		return sandbox_refuse(why, -errno, "cannot restrict paths (Landlock ABI %d)", *abi);
	int error = allow_plan((int)ruleset, plan, &handled, why);

	if (error == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0))
		error = sandbox_refuse(why, -errno, "cannot restrict paths (Landlock ABI %d)",
		                       *abi);
	close((int)ruleset);
	return error;
}
