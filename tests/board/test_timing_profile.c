// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "probe/board/profile.h"
#include "probe/board/timing.h"

#define GOOD                                                                                       \
    "device x\n"                                                                                   \
    "icache 4096 2 32\n"                                                                           \
    "dcache 4096 4 32\n"                                                                           \
    "fill flash 18\n"                                                                              \
    "fill sram 11\n"                                                                               \
    "store_miss 4\n"                                                                               \
    "unaligned 3\n"

static bool parse(const char *text, struct board_profile *p, char *error, size_t size)
{
    return board_profile_parse(p, text, strlen(text), "test.profile", error, size);
}

Test(profile, reads_every_setting)
{
    struct board_profile p;
    char error[256] = "";

    cr_assert(parse("# a comment\n" GOOD "art 2048 4 32 # another\r\n"
                    "region art 0x200000 0x10000\nregion\ttcm 0 16384",
                    &p, error, sizeof error),
              "%s", error);
    cr_expect_str_eq(p.device, "x");
    cr_expect_eq(p.icache.ways, 2);
    cr_expect_eq(p.dcache.size_bytes, 4096);
    cr_expect_eq(p.art.line_bytes, 32);
    cr_expect_eq(p.flash_fill_cycles, 18);
    cr_expect_eq(p.sram_fill_cycles, 11);
    cr_expect_eq(p.store_miss_cycles, 4);
    cr_expect_eq(p.unaligned_cycles, 3);
    cr_assert_eq(p.num_regions, 2);
    cr_expect_eq(p.regions[0].kind, BOARD_MEMORY_ART);
    cr_expect_eq(p.regions[1].size_bytes, 16384);
}

Test(profile, built_in_profile_equals_the_shipped_file)
{
    struct board_profile builtin;
    struct board_profile file;
    char error[256] = "";

    board_profile_builtin(&builtin);
    cr_assert(board_profile_load(&file, PROFILES "/stm32f746.profile", error, sizeof error), "%s",
              error);
    cr_expect_arr_eq((const uint8_t *)&file, (const uint8_t *)&builtin, sizeof file);
}

Test(profile, other_shipped_profiles_make_a_model)
{
    static const char *const paths[] = {PROFILES "/stm32f767.profile",
                                        PROFILES "/stm32h743.profile"};

    for (unsigned i = 0; i < 2; i++) {
        const char *error = "";
        struct board_timing *t = board_timing_create(BOARD_TIMING_MEMORY, paths[i], &error);

        cr_expect_not_null(t, "%s", error);
        board_timing_destroy(t);
    }
}

Test(profile, a_larger_cache_holds_more)
{
    const char *error = "";
    uint64_t fills[2];

    for (unsigned i = 0; i < 2; i++) {
        struct board_timing *t = board_timing_create(
            BOARD_TIMING_MEMORY, i == 0 ? NULL : PROFILES "/stm32f767.profile", &error);

        cr_assert_not_null(t, "%s", error);
        board_timing_set_caches(t, true, true);
        for (unsigned round = 0; round < 2; round++) {
            for (uint32_t addr = 0; addr < 8192; addr += 32) {
                board_timing_access(t, 0x20020000u + addr, 4, false);
            }
        }
        (void)board_timing_retire(t, board_timing_block_get(t, 0, 0, NULL), 0);
        fills[i] = board_timing_counters(t)->cycles[BOARD_CYCLES_DATA_FILL];
        board_timing_destroy(t);
    }
    cr_expect_eq(fills[0], 2 * 256 * 11,
                 "8 KB in 4 KB: every line is gone before it is used again");
    cr_expect_eq(fills[1], 256 * 11);
}

struct bad {
    char text[300];
    char message[160];
};

ParameterizedTestParameters(profile, refuses_with_file_and_line)
{
    static struct bad all[] = {
        {"", "test.profile:0: the file ends without a line 'device'"},
        {"device x\n\nspeed 3\n", "test.profile:3: 'speed' is none of device, icache, dcache"},
        {"device x y\n", "test.profile:1: 'device' takes 1 values, not 2"},
        {"device a234567890123456789012345678901b\n",
         "test.profile:1: device name of more than 31"},
        {"device x\ndevice x\n", "test.profile:2: a second 'device'"},
        {"icache 4096 2 33\n", "test.profile:1: line size 33 is none of 16, 32, 64, 128"},
        {"icache 4096 3 32\n", "test.profile:1: 4096 bytes in 3 ways of 32-byte lines: the number"},
        {"icache 0 2 32\n", "test.profile:1: 0 bytes in 2 ways"},
        {"icache 4096 0 32\n", "test.profile:1: 4096 bytes in 0 ways"},
        {"icache 131072 2 32\n", "test.profile:1: cache size '131072' is more than 65536"},
        {"icache 65536 2 16\n", "test.profile:1: 4096 lines; at most 2048 are possible"},
        {"fill rom 3\n", "test.profile:1: 'fill' is none of"},
        {"fill flash -1\n", "test.profile:1: cycles '-1' is not a number"},
        {"fill flash 0x\n", "test.profile:1: cycles '0x' is not a number"},
        {"fill flash 1001\n", "test.profile:1: cycles '1001' is more than 1000"},
        {"fill sram 99999999999999999999999\n", "test.profile:1: cycles '99999999999999999999999'"},
        {"region rom 0 0x4000\n", "test.profile:1: region kind 'rom' is none of"},
        {"region tcm 1 0x4000\n", "test.profile:1: region of 0x4000 bytes at 0x1"},
        {"region tcm 0 0\n", "test.profile:1: region of 0x0 bytes at 0x0"},
        {"region tcm 0xFFFFC000 0x8000\n", "test.profile:1: region of 0x8000 bytes at 0xffffc000"},
        {"region tcm 0 0x8000\nregion sram 0x4000 0x4000\n",
         "test.profile:2: region at 0x4000 overlaps the one at 0x0"},
        {"region sram 0x4000 0x4000\nregion sram 0 0x8000\n", "test.profile:2: region at 0x0"},
        {GOOD "region art 0 0x4000\n", "test.profile:8: the region at 0x0 is of kind art, but"},
        {"device x\x01\n", "test.profile:1: byte 0x01; a profile is plain ASCII text"},
        {"region tcm 0 0x4000 cached now\n", "test.profile:1: too many words after 'region'"},
        {"device a2345678901234567890123456789012345678901234567890\n",
         "test.profile:1: a word of more than 47 characters"},
    };

    return cr_make_param_array(struct bad, all, sizeof all / sizeof all[0]);
}

ParameterizedTest(struct bad *b, profile, refuses_with_file_and_line)
{
    struct board_profile p;
    char error[256] = "";

    cr_expect_not(parse(b->text, &p, error, sizeof error), "'%s' was accepted", b->text);
    cr_expect_eq(strncmp(error, b->message, strlen(b->message)), 0, "'%s' begins not with '%s'",
                 error, b->message);
}

Test(profile, refuses_a_17th_region)
{
    struct board_profile p;
    char error[256] = "";
    char text[2048] = GOOD;

    for (unsigned i = 0; i < 17; i++) {
        size_t used = strlen(text);

        (void)snprintf(text + used, sizeof text - used, "region tcm 0x%x 0x4000\n", i * 0x4000);
    }
    cr_expect_not(parse(text, &p, error, sizeof error));
    cr_expect_str_eq(error, "test.profile:24: more than 16 regions");
}

Test(profile, missing_file_is_named)
{
    const char *error = "";

    cr_expect_null(board_timing_create(BOARD_TIMING_FAST, "/nonexistent/x.profile", &error));
    cr_expect_str_eq(
        error, "cannot read device profile '/nonexistent/x.profile': No such file or directory");
}

Test(profile, a_directory_is_no_profile)
{
    struct board_profile p;
    char error[256] = "";

    cr_expect_not(board_profile_load(&p, "/", error, sizeof error));
    cr_expect_str_eq(error, "cannot read device profile '/': Is a directory");
}
