/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor.h - a whole worker task for one fuzzer's input: small budgets, and a listener that holds
 * every fact to what its observer declared. What does not hold aborts, which the fuzzer keeps.
 */
#pragma once

#include "capture/source.h"
#include "observe/engine.h"

#include <stdint.h>

struct sensor {
	struct task *task;
	uint64_t given; /* frames */
	_Alignas(8) uint8_t room[sizeof(struct fact_item) + (64u << 10)];
	uint32_t room_len;
};

/* A fresh task each time, so that an input alone decides what happens. */
void sensor_begin(struct sensor *s);
/* Copies the bytes into a heap block of exactly that size, which is freed after the call. */
void sensor_frame(struct sensor *s, uint16_t linktype, const uint8_t *bytes, uint32_t len,
                  uint32_t wire);
/* Ends the task and asks whether the counts add up. */
void sensor_end(struct sensor *s);

/* Aborts, saying what should have held: a plain assert could be compiled out. */
#define HOLDS(condition) ((condition) ? (void)0 : sensor_fails(#condition, __FILE__, __LINE__))
_Noreturn void sensor_fails(const char *what, const char *file, int line);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
