// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "probe/board/fault.h"

static bool add(struct board_faults *faults, const char *spec)
{
    char error[128];
    return board_faults_add(faults, spec, error, sizeof(error));
}

Test(fault, accepts_every_documented_form)
{
    static const char *const specs[] = {"stlink-drop=1",           "stlink-delay=100:50",
                                        "stlink-status=5:0x11",    "stlink-status=5:17:3",
                                        "stlink-short=2:0",        "bitbang-drop=77",
                                        "bitbang-delay=1:3600000", "bitbang-tdo=9",
                                        "bitbang-tdo=9:2",         "wait=1000:3",
                                        "ack-fault=0x10",          "reset-access=1",
                                        "reset-cycles=216000000",  "reset-ms=0",
                                        "brown-out=131072",        "flash-word=0x08001000"};
    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
        struct board_faults faults = {0};
        char error[128] = "";
        cr_assert(board_faults_add(&faults, specs[i], error, sizeof(error)), "%s: %s", specs[i],
                  error);
        cr_assert_eq(faults.num, 1U);
    }
}

Test(fault, refuses_and_names_what_is_wrong)
{
    static const struct {
        const char *spec;
        const char *says;
    } cases[] = {
        {"", "no such kind"},
        {"bogus=1", "no such kind"},
        {"stlink-dro=1", "no such kind"},
        {"stlink-drop", "stlink-drop=N"},
        {"stlink-drop=", "stlink-drop=N"},
        {"stlink-drop=-1", "stlink-drop=N"},
        {"stlink-drop= 1", "stlink-drop=N"},
        {"stlink-drop=1x", "stlink-drop=N"},
        {"stlink-drop=1:2", "stlink-drop=N"},
        {"stlink-drop=0", "must be 1 to"},
        {"stlink-drop=99999999999999999999", "stlink-drop=N"},
        {"stlink-delay=5", "stlink-delay=N:MS"},
        {"stlink-delay=5:3600001", "MS is 3600001"},
        {"stlink-status=5:256", "CODE is 256"},
        {"stlink-status=5:1:0", "COUNT is 0"},
        {"wait=1:1000001", "COUNT is 1000001"},
        {"flash-word=0x20000000", "must be"},
        {"flash-word=0x08000002", "multiple of 4"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct board_faults faults = {0};
        char error[128] = "";
        cr_assert_not(board_faults_add(&faults, cases[i].spec, error, sizeof(error)), "%s",
                      cases[i].spec);
        cr_assert(strstr(error, cases[i].says), "'%s' says: %s", cases[i].spec, error);
        cr_assert_eq(faults.num, 0U);
    }
}

Test(fault, refuses_more_than_it_holds)
{
    struct board_faults faults = {0};
    for (int i = 0; i < BOARD_FAULTS_MAX; i++) {
        cr_assert(add(&faults, "wait=1"));
    }
    char error[128];
    cr_assert_not(board_faults_add(&faults, "wait=1", error, sizeof(error)));
    cr_assert(strstr(error, "16"), "%s", error);
}

Test(fault, every_kind_is_described)
{
    static const char *const names[] = {
        "stlink-drop",   "stlink-delay", "stlink-status", "stlink-short", "bitbang-drop",
        "bitbang-delay", "bitbang-tdo",  "wait",          "ack-fault",    "reset-access",
        "reset-cycles",  "reset-ms",     "brown-out",     "flash-word"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char entry[32];
        (void)snprintf(entry, sizeof(entry), "  %s=", names[i]);
        cr_assert(strstr(board_faults_describe(), entry), "%s", names[i]);
    }
}

Test(fault, link_budget_ends_at_the_fault)
{
    struct board_faults faults = {0};
    uint64_t delay_ms = 0;
    cr_assert_eq(board_faults_link_budget(&faults, BOARD_LINK_STLINK), SIZE_MAX);
    cr_assert(add(&faults, "stlink-delay=10:250"));
    cr_assert(add(&faults, "stlink-drop=30"));
    cr_assert_eq(board_faults_link_budget(&faults, BOARD_LINK_STLINK), 10U);
    cr_assert_eq(board_faults_link_budget(&faults, BOARD_LINK_BITBANG), SIZE_MAX);
    cr_assert_eq(board_faults_link_took(&faults, BOARD_LINK_STLINK, 4, &delay_ms),
                 BOARD_LINK_GO_ON);
    cr_assert_eq(board_faults_link_took(&faults, BOARD_LINK_STLINK, 6, &delay_ms),
                 BOARD_LINK_DELAY);
    cr_assert_eq(delay_ms, 250U);
    cr_assert_eq(board_faults_link_budget(&faults, BOARD_LINK_STLINK), 20U);
    cr_assert_eq(board_faults_link_took(&faults, BOARD_LINK_STLINK, 20, &delay_ms),
                 BOARD_LINK_DROP);
    cr_assert_eq(board_faults_link_budget(&faults, BOARD_LINK_STLINK), SIZE_MAX);
}

Test(fault, timed_resets_strike_once)
{
    struct board_faults faults = {0};
    cr_assert_eq(board_faults_reset_cycles(&faults), UINT64_MAX);
    cr_assert_eq(board_faults_reset_ms(&faults), UINT64_MAX);
    cr_assert(add(&faults, "reset-cycles=1000"));
    cr_assert(add(&faults, "reset-ms=50"));
    cr_assert_eq(board_faults_reset_cycles(&faults), 1000U);
    cr_assert_eq(board_faults_reset_ms(&faults), 50U);
    cr_assert_not(board_faults_reset_due(&faults, 999, 49));
    cr_assert(board_faults_reset_due(&faults, 1000, 49));
    cr_assert_not(board_faults_reset_due(&faults, 2000, 49));
    cr_assert(board_faults_reset_due(&faults, 2000, 50));
    cr_assert_not(board_faults_reset_due(&faults, 2000, 51));
}

Test(fault, flash_word_is_handed_out)
{
    struct board_faults faults = {0};
    cr_assert_eq(board_faults_flash_word(&faults), 0U);
    cr_assert(add(&faults, "flash-word=0x080FFFFC"));
    cr_assert_eq(board_faults_flash_word(&faults), 0x080FFFFCU);
}
