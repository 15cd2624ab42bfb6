/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privilege.c - from root, or a user with capabilities, to one who may do nothing special.
 *
 * The bounding set goes first, while that is still permitted, so that no program could gain a
 * capability again; then the user; then the sets of this process. Without privilege to begin
 * with, the sets are emptied all the same. At the end it is tried whether root can be had back.
 */
#include "base/sandbox_parts.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void user_set(struct sandbox_user *out, const struct passwd *p)
{
	out->uid = p->pw_uid;
	out->gid = p->pw_gid;
	snprintf(out->name, sizeof out->name, "%s", p->pw_name);
}

/* The one who called sudo, if it was not root. */
static const struct passwd *user_of_sudo(void)
{
	const char *uid = getenv("SUDO_UID");
	char *end = NULL;
	const unsigned long number = uid && *uid ? strtoul(uid, &end, 10) : 0;

	return number == 0 || number > UINT32_MAX || *end ? NULL : getpwuid((uid_t)number);
}

static const struct passwd *user_by_default(void)
{
	const struct passwd *p = getpwnam("havainto");

	p = p ? p : user_of_sudo();
	return p ? p : getpwnam("nobody");
}

static int user_refuse(const char *user, int error, const char *reason, char why[SANDBOX_WHY])
{
	snprintf(why, SANDBOX_WHY, "cannot become user %s: %s", user, reason);
	return -error;
}

int sandbox_find_user(const char *user, struct sandbox_user *out, char why[SANDBOX_WHY])
{
	const bool root = geteuid() == 0;
	const struct passwd *p = user ? getpwnam(user) : root ? user_by_default() : NULL;

	if (!user && !root) {
		*out = (struct sandbox_user){.uid = geteuid(), .gid = getegid()};
		snprintf(out->name, sizeof out->name, "%u", out->uid);
		return 0;
	}
	if (!p)
		return user_refuse(user ? user : "nobody", ENOENT,
		                   "no such user (see \"getent passwd\")", why);
	user_set(out, p);
	if (out->uid == 0)
		return user_refuse(out->name, EINVAL, "havainto does not stay root", why);
	if (!root && out->uid != geteuid())
		return user_refuse(out->name, EPERM, "only root can (run as root)", why);
	return 0;
}

static int capabilities_get(struct __user_cap_data_struct sets[2])
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(SYS_capget, &h, sets) ? -errno : 0;
}

uint64_t privilege_capabilities(void)
{
	struct __user_cap_data_struct s[2] = {0};

	if (capabilities_get(s))
		return UINT64_MAX;
	const uint32_t low = s[0].permitted | s[0].effective | s[0].inheritable;
	const uint32_t high = s[1].permitted | s[1].effective | s[1].inheritable;

	return (uint64_t)high << 32 | low;
}

static int capabilities_clear(void)
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[2] = {0};

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	return syscall(SYS_capset, &h, none) ? -errno : 0;
}

static bool may_set_bounds(void)
{
	struct __user_cap_data_struct s[2] = {0};

	return capabilities_get(s) == 0 && (s[0].effective & 1u << CAP_SETPCAP) != 0;
}

/* Who may not change the bounding set has no_new_privs alone to rely on, which is enough. */
static int bounds_clear(void)
{
	if (!may_set_bounds())
		return 0;
	for (unsigned long c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++) {
		if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0))
			return -errno;
	}
	return 0;
}

static int user_become(const struct sandbox_user *user)
{
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) || setresgid(user->gid, user->gid, user->gid) ||
	    setresuid(user->uid, user->uid, user->uid))
		return -errno;
	return 0;
}

int privilege_drop(const struct sandbox_user *user, char why[SANDBOX_WHY])
{
	int error = bounds_clear();

	if (error)
		return sandbox_refuse(why, error, "cannot empty the bounding set of capabilities");
	error = user_become(user);
	if (error)
		return sandbox_refuse(why, error, "cannot become user %s", user->name);
	error = capabilities_clear();
	if (error)
		return sandbox_refuse(why, error, "cannot give up all capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return sandbox_refuse(why, -errno, "cannot give up new privileges");
	if (setresuid(0, 0, 0) == 0 || geteuid() == 0 || privilege_capabilities() != 0)
		return sandbox_refuse(why, -EPERM, "root could be had back");
	return 0;
}
