// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/build/filters.h"
#include "kernels/arith.h"

TestSuite(filters, .timeout = 120);

#define MAX_ELEMS 3

// One filter with what its proof needs. Numbers are made so that many filters saturate.
struct filter {
    int8_t weights[MAX_ELEMS];
    int32_t bias;
    int64_t wide_bias;
    int32_t multiplier;
    int32_t shift;
    struct utvm_filters view;
};

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static int32_t between(uint32_t *state, int32_t low, int32_t high)
{
    return low + (int32_t)(next_random(state) % (uint32_t)(high - low + 1));
}

static void make_filter(uint32_t *state, uint32_t elems, bool is_int16, struct filter *f)
{
    static const int32_t ranges[] = {0, 1, 5, 127};
    int32_t range = ranges[next_random(state) % 4];
    *f = (struct filter){
        .bias = between(state, -100000, 100000),
        .multiplier = between(state, 1 << 30, INT32_MAX),
        .shift = between(state, -12, 1),
    };
    for (uint32_t i = 0; i < elems; i++) {
        f->weights[i] = (int8_t)between(state, -range, range);
    }
    f->wide_bias = (int64_t)f->bias * (is_int16 ? 1000 : 1);
    bool has_relu = next_random(state) % 2 == 0;
    int32_t zero = is_int16 ? 0 : between(state, -128, 127);
    f->view = (struct utvm_filters){
        .weights = f->weights,
        .bias = is_int16 ? (const uint8_t *)&f->wide_bias : (const uint8_t *)&f->bias,
        .num_filters = 1,
        .filter_elems = elems,
        .is_int16 = is_int16,
        .is_cut = next_random(state) % 2 == 0,
        .input_offset = is_int16 ? 0 : between(state, -127, 128),
        .output_offset = zero,
        .act_min = has_relu   ? zero
                   : is_int16 ? INT16_MIN
                              : INT8_MIN,
        .act_max = is_int16 ? INT16_MAX : INT8_MAX,
        .multipliers = &f->multiplier,
        .shifts = &f->shift,
    };
}

// The output for a window; an element whose bit is set in `cut` lies beyond the border.
static int32_t output_of(const struct filter *f, const int32_t *window, uint32_t cut)
{
    const struct utvm_filters *v = &f->view;
    int64_t sum = utvm_filter_bias(v, 0);
    for (uint32_t i = 0; i < v->filter_elems; i++) {
        if ((cut >> i & 1) == 0) {
            sum += ((int64_t)window[i] + v->input_offset) * f->weights[i];
        }
    }
    int32_t value = v->is_int16 ? utvm_requantize_int64(sum, f->multiplier, f->shift)
                                : utvm_requantize((int32_t)sum, f->multiplier, f->shift);
    return utvm_clamp(value + v->output_offset, v->act_min, v->act_max);
}

// Whether all windows of two elements give one output; `known` elements have but one value.
static bool brute_force(const struct filter *f, const struct utvm_channel_set *known)
{
    const int32_t *low = (int32_t[]){known->constant[0] ? known->value[0] : -128,
                                     known->constant[1] ? known->value[1] : -128};
    const int32_t *high = (int32_t[]){known->constant[0] ? known->value[0] : 127,
                                      known->constant[1] ? known->value[1] : 127};
    int32_t first = output_of(f, low, 0);
    for (int32_t a = low[0]; a <= high[0]; a++) {
        for (int32_t b = low[1]; b <= high[1]; b++) {
            for (uint32_t cut = 0; cut < (f->view.is_cut ? 4 : 1); cut++) {
                if (output_of(f, (int32_t[]){a, b}, cut) != first) {
                    return false;
                }
            }
        }
    }
    return true;
}

Test(filters, int8_filters_are_constant_exactly_if_all_inputs_say_so)
{
    uint32_t state = 1;
    unsigned constant = 0;
    const unsigned count = 600;
    for (unsigned i = 0; i < count; i++) {
        struct filter f;
        make_filter(&state, 2, false, &f);
        bool which[2] = {next_random(&state) % 2 == 0, next_random(&state) % 2 == 0};
        int32_t values[2] = {between(&state, -128, 127), between(&state, -128, 127)};
        struct utvm_channel_set known = {2, which, values};
        int32_t value = 0;
        bool proven = utvm_filter_is_constant(&f.view, 0, &known, &value);
        bool is_constant = brute_force(&f, &known);
        cr_assert_eq(proven, is_constant, "filter %u: weights %d %d", i, f.weights[0],
                     f.weights[1]);
        if (proven) {
            cr_assert_eq(value, output_of(&f, values, 0), "filter %u", i);
            constant++;
        }
    }
    // Both kinds must be among them, or this proves nothing.
    cr_expect_gt(constant, count / 10);
    cr_expect_lt(constant, count * 9 / 10);
}

Test(filters, int16_filters_are_constant_only_if_the_ends_of_their_range_say_so)
{
    uint32_t state = 2;
    unsigned constant = 0;
    const unsigned count = 20000;
    const struct utvm_channel_set unknown = {0};
    for (unsigned i = 0; i < count; i++) {
        struct filter f;
        make_filter(&state, 3, true, &f);
        f.view.is_cut = false;
        int32_t value = 0;
        bool proven = utvm_filter_is_constant(&f.view, 0, &unknown, &value);
        int32_t lowest[3];
        int32_t highest[3];
        int32_t any[3];
        for (int k = 0; k < 3; k++) {
            lowest[k] = f.weights[k] < 0 ? INT16_MAX : INT16_MIN;
            highest[k] = f.weights[k] < 0 ? INT16_MIN : INT16_MAX;
            any[k] = between(&state, INT16_MIN, INT16_MAX);
        }
        cr_assert_eq(proven, output_of(&f, lowest, 0) == output_of(&f, highest, 0), "filter %u", i);
        cr_assert(!proven || output_of(&f, any, 0) == value, "filter %u", i);
        constant += proven;
    }
    cr_expect_gt(constant, count / 10);
    cr_expect_lt(constant, count * 9 / 10);
}

// All weights are 0, so only the bias counts; where it would wrap, there is no proof for a range.
Test(filters, a_bias_alone_is_constant_but_a_sum_that_may_wrap_is_not)
{
    const struct utvm_channel_set unknown = {0};
    struct filter f;
    uint32_t state = 3;
    int32_t value = 0;
    make_filter(&state, 2, false, &f);
    memset(f.weights, 0, sizeof(f.weights));
    f.bias = INT32_MAX;
    f.shift = -20;
    cr_expect(utvm_filter_is_constant(&f.view, 0, &unknown, &value));
    cr_expect_eq(value, output_of(&f, (int32_t[]){5, 5}, 0));
    // The largest sum is beyond int32: kernels wrap to the other end of the range.
    f.weights[0] = 1;
    f.view.input_offset = 128;
    f.view.act_min = 127;
    cr_expect_not(utvm_filter_is_constant(&f.view, 0, &unknown, &value));
    f.bias -= 1000;
    cr_expect(utvm_filter_is_constant(&f.view, 0, &unknown, &value));
    // Shifted left it is beyond int32 again.
    f.shift = 1;
    cr_expect_not(utvm_filter_is_constant(&f.view, 0, &unknown, &value));
}
