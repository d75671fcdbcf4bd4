// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// The target port over the real OpenOCD and the emulated board.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/probe/live_target.h"

LINK_TEST(openocd_target, tells_what_it_is_connected_to)
{
    struct utvm_target *t = connect_kind(*kind);
    cr_expect_eq(t->info.cpuid, 0x410FC271);
    cr_expect_eq(t->info.device_id & 0xFFF, 0x449);
    cr_expect_eq(t->info.clock_hz, 216000000);
    cr_expect_eq(t->info.cycle_source, UTVM_CYCLES_MODELLED);
    cr_expect_str_eq(t->info.timing_mode, "fast");
    cr_expect_neq(t->info.breakdown_addr, 0);
    cr_expect_not_null(strstr(t->info.description, "emulated"), "%s", t->info.description);
    cr_expect_not_null(strstr(t->info.server, "Open On-Chip Debugger"), "%s", t->info.server);
    cr_expect_not_null(strstr(t->info.server, "gdb port"), "%s", t->info.server);
    t->ops->destroy(t);
}

LINK_TEST(openocd_target, memory_comes_back_whatever_its_size_and_alignment)
{
    struct utvm_target *t = connect_kind(*kind);
    ok(t->ops->reset_halt(t));
    static const size_t sizes[] = {1, 2, 3, 4, 7, 126, 127, 128, 1023, 1024, 1025, 4099, 20001};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        utvm_addr addr = RAM + (utvm_addr)(i % 4);
        uint8_t *out = malloc(sizes[i] + 2);
        uint8_t *in = malloc(sizes[i] + 2);
        memset(out, 0x5A, sizes[i] + 2);
        ok(t->ops->write(t, addr, out, sizes[i] + 2));
        for (size_t k = 0; k < sizes[i]; k++) {
            out[k + 1] = (uint8_t)(k * 167 + i);
        }
        ok(t->ops->write(t, addr + 1, out + 1, sizes[i]));
        ok(t->ops->read(t, addr, in, sizes[i] + 2));
        cr_expect_arr_eq(in, out, sizes[i] + 2, "%zu bytes", sizes[i]);
        free(out);
        free(in);
    }
    t->ops->destroy(t);
}

LINK_TEST(openocd_target, memory_goes_by_text_when_no_file_is_shared)
{
    struct utvm_target *t = connect_kind(*kind);
    utvm_exchange_deinit(&utvm_openocd_of(t)->exchange);
    uint8_t out[5001];
    uint8_t in[5001];
    for (size_t i = 0; i < sizeof(out); i++) {
        out[i] = (uint8_t)(i * 31);
    }
    ok(t->ops->write(t, RAM + 4, out, sizeof(out)));
    ok(t->ops->read(t, RAM + 4, in, sizeof(in)));
    cr_expect_arr_eq(in, out, sizeof(out));
    t->ops->destroy(t);
}

LINK_TEST(openocd_target, a_refused_address_is_named_and_leaves_the_link_usable)
{
    struct utvm_target *t = connect_kind(*kind);
    uint8_t bytes[4096] = {0};
    fails(t->ops->read(t, 0x60000000, bytes, 4), UTVM_ERROR_TARGET, "0x60000000");
    fails(t->ops->read(t, 0x60000000, bytes, sizeof(bytes)), UTVM_ERROR_TARGET, "0x60000000");
    fails(t->ops->write(t, 0x60000000, bytes, 4), UTVM_ERROR_TARGET, "0x60000000");
    fails(t->ops->write(t, 0x60000000, bytes, sizeof(bytes)), UTVM_ERROR_TARGET, "0x60000000");
    fails(t->ops->read(t, 0xFFFFFFFE, bytes, 4), UTVM_ERROR_INVALID, "address space");
    ok(t->ops->read(t, RAM, bytes, 4));
    t->ops->destroy(t);
}

LINK_TEST(openocd_target, a_call_passes_arguments_and_returns_a_block_in_one_round_trip)
{
    // adds r0, r0, r1; muls r0, r2; ldr r3, [pc, #4]; str r0, [r3]; bkpt; nop; RAM
    static const uint16_t code[] = {0x1840, 0x4350, 0x4B01,       0x6018,
                                    0xBE00, 0xBF00, RAM & 0xFFFF, RAM >> 16};
    struct utvm_target *t = connect_kind(*kind);
    load(t, code, sizeof(code));
    uint64_t least = UINT64_MAX; // on a busy machine a call may outlast its first wait
    for (uint32_t i = 0; i < 5; i++) {
        uint32_t words[2] = {0};
        struct utvm_call call = {CODE, {i, 5, 7}, RAM, 2};
        struct utvm_call_result result = {.words = words};
        uint64_t before = utvm_probe_num_requests(t);
        ok(t->ops->call(t, &call, 5000, &result));
        uint64_t num = utvm_probe_num_requests(t) - before;
        least = num < least ? num : least;
        cr_expect_eq(result.state, UTVM_TARGET_HALTED);
        cr_expect_eq(result.pc, CODE + 8);
        cr_expect_eq(words[0], (i + 5) * 7);
    }
    cr_expect_eq(least, 1);
    t->ops->destroy(t);
}

LINK_TEST(openocd_target, an_endless_call_comes_back_running_and_can_be_halted)
{
    static const uint16_t code[] = {0xE7FE};
    struct utvm_target *t = connect_kind(*kind);
    load(t, code, sizeof(code));
    struct utvm_call call = {CODE, {0}, 0, 0};
    struct utvm_call_result result = {0};
    ok(t->ops->call(t, &call, 30, &result));
    cr_expect_eq(result.state, UTVM_TARGET_RUNNING);
    ok(t->ops->wait(t, &call, 120, &result));
    cr_expect_eq(result.state, UTVM_TARGET_RUNNING);
    uint8_t bytes[16];
    ok(t->ops->read(t, CODE, bytes, sizeof(bytes)));
    ok(t->ops->halt(t));
    uint32_t pc = 0;
    ok(t->ops->read_register(t, UTVM_REG_PC, &pc));
    cr_expect_eq(pc, CODE);
    // The next call starts afresh, here out of an IT block whose condition (EQ) fails.
    static const uint16_t other[] = {0x2007, 0xBE00};
    ok(t->ops->write(t, CODE, other, sizeof(other)));
    ok(t->ops->write_register(t, UTVM_REG_XPSR, 0x01000800));
    ok(t->ops->call(t, &call, 5000, &result));
    cr_expect_eq(result.state, UTVM_TARGET_HALTED);
    cr_expect_eq(result.pc, CODE + 2);
    ok(t->ops->read_register(t, 0, &pc));
    cr_expect_eq(pc, 7);
    t->ops->destroy(t);
}

LINK_TEST(openocd_target, registers_take_values)
{
    struct utvm_target *t = connect_kind(*kind);
    ok(t->ops->reset_halt(t));
    static const struct {
        unsigned reg;
        uint32_t value;
    } cases[] = {{0, 0x12345678},
                 {12, 0xFFFFFFFF},
                 {UTVM_REG_LR, 0x08000101},
                 {UTVM_REG_PC, 0x20008000},
                 {UTVM_REG_MSP, 0x20004000},
                 {UTVM_REG_PSP, 0x20003FF8},
                 {UTVM_REG_XPSR, 0x81000000},
                 {UTVM_REG_CONTROL_FAULTMASK_BASEPRI_PRIMASK, 0x00002001},
                 {UTVM_REG_FPSCR, 0x00400000},
                 {UTVM_REG_S0, 0x3F800000},
                 {UTVM_REG_S0 + 1, 0x40000000},
                 {UTVM_REG_S0 + 31, 0xC0490FDB}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ok(t->ops->write_register(t, cases[i].reg, cases[i].value));
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t value = 0;
        ok(t->ops->read_register(t, cases[i].reg, &value));
        cr_expect_eq(value, cases[i].value, "register %u is 0x%08x", cases[i].reg, value);
    }
    uint32_t value = 0;
    fails(t->ops->read_register(t, 21, &value), UTVM_ERROR_INVALID, "21");
    fails(t->ops->write_register(t, UTVM_REG_END, 0), UTVM_ERROR_INVALID, "96");
    t->ops->destroy(t);
}

LINK_TEST(openocd_target, resumes_and_resets)
{
    // b .
    static const uint16_t code[] = {0xE7FE};
    struct utvm_target *t = connect_kind(*kind);
    load(t, code, sizeof(code));
    ok(t->ops->write_register(t, UTVM_REG_PC, CODE));
    ok(t->ops->resume(t));
    ok(utvm_openocd_poll(utvm_openocd_of(t)));
    cr_expect_eq(t->state, UTVM_TARGET_RUNNING);
    ok(t->ops->reset_run(t));
    ok(t->ops->reset_halt(t));
    ok(utvm_openocd_poll(utvm_openocd_of(t)));
    cr_expect_eq(t->state, UTVM_TARGET_HALTED);
    t->ops->destroy(t);
}

struct seen_progress {
    uint64_t last;
    uint64_t total;
    bool went_back;
};

static void note_progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct seen_progress *seen = ctx;
    seen->went_back |= strcmp(what, "programming") == 0 && done < seen->last;
    seen->last = done;
    seen->total = total;
}

LINK_TEST(openocd_target, flash_holds_what_was_written_and_the_rest_of_its_sector_is_erased)
{
    struct utvm_target *t = connect_kind(*kind);
    ok(t->ops->reset_halt(t));
    struct seen_progress seen = {0};
    t->progress = note_progress;
    t->progress_ctx = &seen;
    uint8_t out[6001];
    uint8_t in[6003];
    for (size_t i = 0; i < sizeof(out); i++) {
        out[i] = (uint8_t)(i * 7 + 1);
    }
    ok(t->ops->write_flash(t, 0x08008000, out, 4000));
    ok(t->ops->write_flash(t, 0x08008000, out, sizeof(out)));
    cr_expect_eq(seen.last, sizeof(out));
    cr_expect_eq(seen.total, sizeof(out));
    cr_expect_not(seen.went_back);
    ok(t->ops->read(t, 0x08008000, in, sizeof(in)));
    cr_expect_arr_eq(in, out, sizeof(out));
    cr_expect_eq(in[6002], 0xFF);
    fails(t->ops->write_flash(t, RAM, out, 16), UTVM_ERROR_TARGET, "0x20010000");
    t->ops->destroy(t);
}

Test(openocd_target, gdb_sees_the_core_halted_where_a_call_stopped, .timeout = 120)
{
    static const uint16_t code[] = {0x2007, 0x2109, 0xBE00, 0xE7FE};
    struct utvm_target *t = connect_kind(UTVM_PROBE_EMULATED);
    load(t, code, sizeof(code));
    struct utvm_call call = {CODE, {0}, 0, 0};
    struct utvm_call_result result = {0};
    ok(t->ops->call(t, &call, 5000, &result));
    cr_expect_eq(result.state, UTVM_TARGET_HALTED);
    cr_expect_eq(result.pc, CODE + 4);
    const char *port = strstr(t->info.server, "gdb port ");
    cr_assert_not_null(port);
    char remote[64];
    snprintf(remote, sizeof(remote), "target remote 127.0.0.1:%s", port + strlen("gdb port "));
    const char *const argv[] = {"gdb-multiarch",
                                "-nx",
                                "-batch",
                                "-ex",
                                "set architecture armv7e-m",
                                "-ex",
                                remote,
                                "-ex",
                                "printf \"at %x r0=%d r1=%d\\n\", $pc, $r0, $r1",
                                NULL};
    struct utvm_process *gdb = NULL;
    struct utvm_error *error = utvm_process_start("gdb", argv, &gdb);
    if (error && error->code == UTVM_ERROR_NOT_FOUND) {
        utvm_error_free(error);
        t->ops->destroy(t);
        cr_skip_test("left out: there is no gdb-multiarch");
    }
    ok(error);
    char seen[64] = "";
    struct utvm_process_line line = {"at ", "", seen, sizeof(seen)};
    error = utvm_process_wait_line(gdb, &line, 60000, NULL);
    cr_expect_null(error, "%s", utvm_process_log(gdb));
    utvm_error_free(error);
    char expected[64];
    snprintf(expected, sizeof(expected), "%x r0=7 r1=9", CODE + 4);
    cr_expect_str_eq(seen, expected);
    utvm_process_destroy(gdb, 5000);
    // GDB has come and gone; the session goes on.
    ok(t->ops->halt(t));
    ok(t->ops->call(t, &call, 5000, &result));
    cr_expect_eq(result.pc, CODE + 4);
    t->ops->destroy(t);
}

Test(openocd_target, monitor_gives_the_output_and_the_error_message, .timeout = 120)
{
    struct utvm_target *t = connect_kind(UTVM_PROBE_EMULATED);
    char *text = NULL;
    ok(t->ops->monitor(t, "reset halt", &text));
    free(text);
    cr_expect_eq(t->state, UTVM_TARGET_HALTED);
    ok(t->ops->monitor(t, "mww 0x20010000 0xCAFE; mdw 0x20010000", &text));
    cr_expect_not_null(strstr(text, "0000cafe"), "%s", text);
    free(text);
    fails(t->ops->monitor(t, "mdw {", &text), UTVM_ERROR_TARGET, "brace");
    fails(t->ops->monitor(t, "mdw 0x60000000", &text), UTVM_ERROR_TARGET, "0x60000000");
    ok(t->ops->monitor(t, "mww 0x20008000 0xE7FEE7FE; resume 0x20008000", &text));
    free(text);
    cr_expect_eq(t->state, UTVM_TARGET_RUNNING);
    // OpenOCD answers this one before it goes.
    struct utvm_error *error = t->ops->monitor(t, "shutdown", &text);
    cr_assert_not_null(error);
    utvm_error_free(error);
    utvm_process_wait_exit(utvm_openocd_of(t)->server, NULL, 20000);
    fails(utvm_openocd_poll(utvm_openocd_of(t)), UTVM_ERROR_LOST, "OpenOCD ended with status");
    t->ops->destroy(t);
}

Test(openocd_target, attaches_to_a_running_openocd_and_leaves_it_running, .timeout = 120)
{
    struct utvm_target *owner = connect_kind(UTVM_PROBE_EMULATED);
    for (int i = 0; i < 2; i++) {
        struct utvm_probe_options options = {
            .kind = UTVM_PROBE_ATTACH, .endpoint = utvm_tcl_endpoint(utvm_openocd_of(owner)->tcl)};
        struct utvm_target *t = NULL;
        ok(utvm_probe_connect(&options, &cancelled, NULL, NULL, &t));
        cr_expect_eq(t->info.cpuid, 0x410FC271);
        uint32_t word = 0;
        ok(t->ops->read(t, 0xE000ED00, &word, 4));
        t->ops->destroy(t);
    }
    ok(utvm_openocd_poll(utvm_openocd_of(owner)));
    owner->ops->destroy(owner);
}

Test(openocd_target, starts_openocd_with_a_configuration_of_any_name, .timeout = 120)
{
    struct utvm_target *owner = connect_kind(UTVM_PROBE_EMULATED);
    struct utvm_openocd *o = utvm_openocd_of(owner);
    // The board of the first session is taken over by a second OpenOCD.
    char port[16];
    struct utvm_process_line line = {"st-link on 127.0.0.1:", "", port, sizeof(port)};
    cr_assert(utvm_process_find_line(o->board, &line));
    utvm_process_destroy(o->server, 1000);
    o->server = NULL;
    struct utvm_private_dir dir;
    ok(utvm_private_dir_init(&dir));
    char path[128];
    snprintf(path, sizeof(path), "%s/a} [exit] {$b \"c.cfg", dir.path);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fprintf(file,
            "source [find interface/stlink-dap.cfg]\nst-link backend tcp %s\n"
            "transport select dapdirect_swd\nsource [find target/stm32f7x.cfg]\n"
            "reset_config none\n",
            port);
    fclose(file);
    const char *const files[] = {path, NULL};
    struct utvm_probe_options options = {
        .kind = UTVM_PROBE_CONFIG, .config_files = files, .timeout_ms = 60000};
    struct utvm_target *t = NULL;
    ok(utvm_probe_connect(&options, &cancelled, NULL, NULL, &t));
    cr_expect_eq(t->info.cpuid, 0x410FC271);
    t->ops->destroy(t);
    utvm_private_dir_deinit(&dir);
    owner->ops->destroy(owner);
}

Test(openocd_target, names_what_keeps_openocd_from_starting)
{
    static const char *const files[] = {"no_such_file.cfg", NULL};
    struct utvm_probe_options options = {.kind = UTVM_PROBE_CONFIG, .config_files = files};
    struct utvm_target *t = NULL;
    fails(utvm_probe_connect(&options, NULL, NULL, NULL, &t), UTVM_ERROR_LOST, "no_such_file.cfg");
    options.openocd_path = "/nowhere/openocd";
    fails(utvm_probe_connect(&options, NULL, NULL, NULL, &t), UTVM_ERROR_NOT_FOUND,
          "/nowhere/openocd");
}

Test(openocd_target, names_a_board_program_that_is_missing)
{
    struct utvm_probe_options options = {.board_path = "/nowhere/utvm-board"};
    struct utvm_target *t = NULL;
    fails(utvm_probe_connect(&options, NULL, NULL, NULL, &t), UTVM_ERROR_NOT_FOUND,
          "/nowhere/utvm-board");
}

Test(openocd_target, refuses_endpoints_that_are_none)
{
    static const char *const bad[] = {"", ":", "host:", ":1234"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct utvm_probe_options options = {.kind = UTVM_PROBE_ATTACH, .endpoint = bad[i]};
        struct utvm_target *t = NULL;
        fails(utvm_probe_connect(&options, NULL, NULL, NULL, &t), UTVM_ERROR_INVALID, "HOST:PORT");
    }
}
