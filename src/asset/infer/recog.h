/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recog.h - rules from files in the XML format of Rapid7's recog (BSD 2-clause), which are no part
 * of the program: who wants them puts them into a folder (`havainto update-data`).
 */
#pragma once

#include "asset/infer/rules.h"

#define RECOG_FILE_MAX ((size_t)8 << 20)

/*
 * Adds the fingerprints of one file. A file that is about what no kind of fact holds adds none.
 * *added: how many. The text is not needed afterwards. False: `why` says where and what is wrong.
 */
bool recog_read(struct rules *r, const char *name, const char *text, size_t len, unsigned *added,
                char why[RULES_WHY]) MUST_CHECK NONNULL;

/*
 * Adds those of all files NAME.xml in the folder, sorted by name. A folder that is not there adds
 * none. 0, or -errno with `why`.
 */
int recog_read_folder(struct rules *r, const char *folder, unsigned *files, unsigned *added,
                      char why[RULES_WHY]) MUST_CHECK NONNULL;
