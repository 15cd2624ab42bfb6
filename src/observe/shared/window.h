/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window.h - a window compared as a whole with a constant.
 */
#pragma once

#include "observe/observer.h"

static inline bool window_is_bytes(struct cur window, const char *what, uint32_t len)
{
	return cur_left(&window) == len && cur_is_bytes(&window, what, len);
}

/* Is the whole window this string constant? */
#define WINDOW_IS(window, literal) \
	window_is_bytes((window), "" literal, (uint32_t)sizeof(literal) - 1)
