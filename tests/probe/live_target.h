// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_PROBE_LIVE_TARGET_H
#define UTVM_TESTS_PROBE_LIVE_TARGET_H

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "probe/openocd_target.h"
#include "probe/probe.h"

/** What the tests over the real OpenOCD and the emulated board share. */
#define RAM 0x20010000u
#define CODE 0x20008000u

/** The flag that Ctrl-C sets, as every target made here polls it. */
extern volatile sig_atomic_t cancelled;

/** Leaves the test out, saying so, if the board's program is not built. */
void need_board(void);

/** A fresh board with an OpenOCD; ends the test if that fails. */
struct utvm_target *connect_kind(enum utvm_probe_kind kind);

void ok(struct utvm_error *error);
void fails(struct utvm_error *error, enum utvm_error_code code, const char *part);

/** Resets the core and puts code at CODE. */
void load(struct utvm_target *t, const uint16_t *code, size_t size_bytes);

struct criterion_test_params both_links(void);

/** A test that runs over both links; *kind is the one. */
#define LINK_TEST(suite, name)                                                                     \
    ParameterizedTestParameters(suite, name)                                                       \
    {                                                                                              \
        return both_links();                                                                       \
    }                                                                                              \
    ParameterizedTest(enum utvm_probe_kind *kind, suite, name, .timeout = 120)

#endif
