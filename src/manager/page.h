/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h - the web page: a few files that are part of the program.
 *
 * They hold no data, so they are given to whoever asks; what the page shows it fetches from the API,
 * which wants to know who asks. A browser keeps them, and asks each time whether they are still the
 * same: a manager that was updated shows its own page at the next reload, and else sends 304.
 */
#pragma once

#include "base/attr.h"
#include "manager/http.h"

#include <stdbool.h>

/* Answers if the request is for a file of the page; false: it is for something else. */
bool page_answer(struct request *r) MUST_CHECK NONNULL;
/* Is it a person's browser, which wants a page to read and no JSON? */
bool page_is_wanted(const struct request *r) NONNULL;
/* The page, with another status than 200: it says itself what that means. */
void page_show(struct request *r, int status) NONNULL;
