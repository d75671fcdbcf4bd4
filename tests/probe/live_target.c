// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "tests/probe/live_target.h"

#include <string.h>
#include <unistd.h>

volatile sig_atomic_t cancelled;

void need_board(void)
{
    if (access(UTVM_BOARD_PATH, X_OK) != 0) {
        cr_skip_test("left out: the emulated board is not built (%s)", UTVM_BOARD_PATH);
    }
}

struct utvm_target *connect_kind(enum utvm_probe_kind kind)
{
    need_board();
    struct utvm_probe_options options = {
        .kind = kind, .board_path = UTVM_BOARD_PATH, .timeout_ms = 60000};
    struct utvm_target *t = NULL;
    struct utvm_error *error = utvm_probe_connect(&options, &cancelled, NULL, NULL, &t);
    cr_assert_null(error, "%s", error ? error->message : "");
    return t;
}

void ok(struct utvm_error *error)
{
    cr_assert_null(error, "%s", error ? error->message : "");
}

void fails(struct utvm_error *error, enum utvm_error_code code, const char *part)
{
    cr_assert_not_null(error);
    cr_expect_eq(error->code, code, "%s", error->message);
    cr_expect_not_null(strstr(error->message, part), "%s", error->message);
    utvm_error_free(error);
}

void load(struct utvm_target *t, const uint16_t *code, size_t size_bytes)
{
    ok(t->ops->reset_halt(t));
    ok(t->ops->write(t, CODE, code, size_bytes));
}

struct criterion_test_params both_links(void)
{
    static enum utvm_probe_kind kinds[] = {UTVM_PROBE_EMULATED, UTVM_PROBE_EMULATED_BITBANG};
    return cr_make_param_array(enum utvm_probe_kind, kinds, 2);
}
