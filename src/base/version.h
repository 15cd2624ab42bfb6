/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version.h - which version this is.
 */
#pragma once

#define HAVAINTO_VERSION "0.1.0"
