/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cable.h - a world of this process's own with one cable in it, hv0 to hv1, for tests that listen.
 */
#pragma once

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static inline void run(const char *command)
{
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

/* 0, or -1 where there can be no such world. No IPv6: it would talk by itself. */
static inline int cable_lay(void)
{
	if (unshare(CLONE_NEWNET))
		return -1;
	run("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null || true");
	run("ip link add hv0 mtu 1600 type veth peer name hv1 mtu 1600");
	run("ip link set hv0 up && ip link set hv1 up");
	return 0;
}
