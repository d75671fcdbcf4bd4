// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "probe/board/timing.h"

// Straight-line code from an empty pipeline costs what the rules say: timing_kernels.S.

#define MAX_KERNELS 256
#define MAX_IMAGE 65536u
#define MAX_CODE 64u
#define RECORD_BYTES 16u

struct kernel {
    char name[104];
    uint8_t code[MAX_CODE];
    uint32_t address;
    uint32_t size_bytes;
    uint32_t cycles;
    uint32_t folded;
};

static uint32_t word(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static size_t read_kernels(struct kernel *kernels)
{
    static uint8_t image[MAX_IMAGE];
    FILE *f = fopen(TIMING_KERNELS, "rb");
    size_t count = 0;

    cr_assert_not_null(f, "no %s", TIMING_KERNELS);
    cr_assert_gt(fread(image, 1, sizeof image, f), RECORD_BYTES);
    cr_assert_eq(fclose(f), 0);
    for (const uint8_t *r = image; word(r + 8) != 0; r += RECORD_BYTES) {
        struct kernel *k = &kernels[count++];

        cr_assert_lt(count, MAX_KERNELS);
        k->address = word(r + 4);
        k->size_bytes = word(r + 8) - k->address;
        k->cycles = word(r + 12) & 0xFFFFu;
        k->folded = word(r + 12) >> 16;
        cr_assert_leq(k->size_bytes, MAX_CODE);
        (void)snprintf(k->name, sizeof k->name, "%s", (const char *)image + word(r));
        memcpy(k->code, image + k->address, k->size_bytes);
    }
    return count;
}

ParameterizedTestParameters(timing_kernels, cost_follows_from_the_rules)
{
    struct kernel *kernels = cr_calloc(MAX_KERNELS, sizeof *kernels);
    size_t count = read_kernels(kernels);

    cr_assert_gt(count, 100);
    return cr_make_param_array(struct kernel, kernels, count);
}

ParameterizedTest(struct kernel *k, timing_kernels, cost_follows_from_the_rules)
{
    const char *error = NULL;
    struct board_timing *t = board_timing_create(BOARD_TIMING_FAST, NULL, &error);

    cr_assert_not_null(t, "%s", error);
    struct board_timing_block *b = board_timing_block_get(t, k->address, k->size_bytes, k->code);

    cr_assert_not_null(b);
    uint32_t cycles = board_timing_retire(t, b, k->address + k->size_bytes);
    const struct board_timing_counters *c = board_timing_counters(t);

    cr_expect_eq(cycles, k->cycles, "%s: %u cycles, the rules say %u", k->name, cycles, k->cycles);
    cr_expect_eq(c->folded, k->folded, "%s: %u folded, the rules say %u", k->name,
                 (unsigned)c->folded, k->folded);
    cr_log_info("%s: %u cycles", k->name, cycles);
    board_timing_destroy(t);
}
