// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/compare.h"
#include "core/stats.h"
#include "tests/core/fixture.h"

static struct utvm_array make(enum utvm_dtype dtype, uint32_t rank, const uint32_t *dims)
{
    struct utvm_array array = {0};
    fixture_ok(utvm_array_init(&array, dtype, rank, dims));
    return array;
}

/* ---- metrics --------------------------------------------------------------------------------- */

static struct utvm_array floats(const float *values, uint32_t count)
{
    struct utvm_array array = make(UTVM_DTYPE_FLOAT32, 1, &count);
    memcpy(array.data, values, count * sizeof(*values));
    return array;
}

static struct utvm_metrics measure(const float *actual, const float *reference, uint32_t count,
                                   struct utvm_tolerance tolerance)
{
    struct utvm_array a = floats(actual, count);
    struct utvm_array b = floats(reference, count);
    struct utvm_metrics m;
    fixture_ok(utvm_metrics_compute(NULL, &a, &b, &tolerance, &m));
    utvm_array_deinit(&a);
    utvm_array_deinit(&b);
    return m;
}

static const struct utvm_tolerance standard = {.is_default = true};

Test(metrics, of_equal_arrays_are_perfect)
{
    struct utvm_metrics m = measure((float[]){1, -2, 0}, (float[]){1, -2, 0}, 3, standard);
    cr_expect_eq(m.num_unequal, 0);
    cr_expect_eq(m.max_abs_error, 0);
    cr_expect(isinf(m.sqnr_db));
    cr_expect_float_eq(m.cosine, 1, 1e-12);
    cr_expect_float_eq(m.l2_ratio, 1, 1e-12);
    cr_expect(isnan(m.max_abs_error_lsb));
}

Test(metrics, follow_their_definitions)
{
    // Errors 1 and -1 on references 3 and 4.
    struct utvm_metrics m = measure((float[]){4, 3}, (float[]){3, 4}, 2, standard);
    cr_expect_float_eq(m.rmse, 1, 1e-12);
    cr_expect_float_eq(m.mean_error, 0, 1e-12);
    cr_expect_float_eq(m.cosine, 24.0 / 25, 1e-12);
    cr_expect_float_eq(m.sqnr_db, 10 * log10(25.0 / 2), 1e-9);
    cr_expect_float_eq(m.l2_ratio, 1, 1e-12);
    cr_expect_eq(m.num_beyond, 2);
}

Test(metrics, scale_the_standard_tolerance_by_the_largest_value)
{
    struct utvm_metrics m = measure((float[]){1000, 0.009f}, (float[]){1000, 0}, 2, standard);
    cr_expect_eq(m.num_beyond, 0, "within 1e-5 of 1000");
    m = measure((float[]){1000, 0.011f}, (float[]){1000, 0}, 2, standard);
    cr_expect_eq(m.num_beyond, 1);
    m = measure((float[]){1000, 0.011f}, (float[]){1000, 0}, 2,
                (struct utvm_tolerance){.atol = 0.02});
    cr_expect_eq(m.num_beyond, 0);
}

Test(metrics, allow_a_share_of_each_reference_beside_an_absolute_error)
{
    const struct utvm_tolerance both = {.atol = 0.5, .rtol = 0.1};
    struct utvm_metrics m = measure((float[]){101.4f, -11.4f}, (float[]){100, -10}, 2, both);
    cr_expect_eq(m.num_beyond, 0);
    m = measure((float[]){101.4f, -11.6f}, (float[]){100, -10}, 2, both);
    cr_expect_eq(m.num_beyond, 1, "10 by 0.1 and 0.5 are less than 1.6");
    cr_expect_eq(m.first_beyond, 1);
}

Test(metrics, take_the_standard_tolerance_from_small_values_too)
{
    struct utvm_metrics m = measure((float[]){0.010002f}, (float[]){0.01f}, 1, standard);
    cr_expect_eq(m.num_beyond, 1, "1e-5 of 0.01, not of 1");
}

Test(metrics, name_the_first_element_beyond)
{
    struct utvm_metrics m = measure((float[]){1, 5, 1, 7}, (float[]){1, 1, 1, 1}, 4, standard);
    cr_expect_eq(m.num_beyond, 2);
    cr_expect_eq(m.first_beyond, 1);
    cr_expect_float_eq(m.mean_error, 2.5, 1e-12);
    cr_expect_eq(m.max_abs_error, 6);
    m = measure((float[]){1, 1}, (float[]){1, 1}, 2, standard);
    cr_expect_eq(m.first_beyond, UINT64_MAX);
}

Test(metrics, of_zeros_are_defined)
{
    struct utvm_metrics m = measure((float[]){0, 0}, (float[]){0, 0}, 2, standard);
    cr_expect_eq(m.cosine, 1);
    cr_expect_eq(m.l2_ratio, 1);
    cr_expect_eq(m.sqnr_db, INFINITY);
    m = measure((float[]){3, 4}, (float[]){0, 0}, 2, standard);
    cr_expect(isnan(m.cosine), "zeros have no direction");
    cr_expect_eq(m.l2_ratio, INFINITY);
    cr_expect_eq(m.sqnr_db, -INFINITY);
    m = measure((float[]){0, 0}, (float[]){3, 4}, 2, standard);
    cr_expect(isnan(m.cosine));
    cr_expect_eq(m.l2_ratio, 0);
    cr_expect_float_eq(m.sqnr_db, 0, 1e-12);
}

Test(metrics, of_integers_count_steps)
{
    const uint32_t count = 5;
    struct utvm_array a = make(UTVM_DTYPE_INT8, 1, &count);
    struct utvm_array b = make(UTVM_DTYPE_INT8, 1, &count);
    memcpy(a.data, (int8_t[]){-128, 127, 10, 20, 30}, count);
    memcpy(b.data, (int8_t[]){-128, 126, 10, 23, 30}, count);
    const float scale = 0.5f;
    const int32_t zero = 3;
    const struct utvm_tensor tensor = {
        .name = "t", .num_scales = 1, .scales = &scale, .zero_points = &zero};
    struct utvm_metrics m;
    fixture_ok(utvm_metrics_compute(&tensor, &a, &b, &(struct utvm_tolerance){.lsb = 1}, &m));
    cr_expect_eq(m.num_unequal, 2);
    cr_expect_eq(m.num_off_by_one, 1);
    cr_expect_eq(m.num_beyond, 1);
    cr_expect_eq(m.first_beyond, 3);
    cr_expect_eq(m.max_abs_error_lsb, 3);
    cr_expect_float_eq(m.max_abs_error, 1.5, 1e-12, "in real units");
    cr_expect_float_eq(m.mean_error, (0.5 - 1.5) / 5, 1e-12);
    cr_expect_float_eq(m.saturated_share, 0.4, 1e-12);
    fixture_ok(utvm_metrics_compute(&tensor, &a, &a, &(struct utvm_tolerance){0}, &m));
    cr_expect_eq(m.max_abs_error_lsb, 0);
    utvm_array_deinit(&a);
    utvm_array_deinit(&b);
}

Test(metrics, need_equal_types_and_lengths)
{
    const uint32_t dims[] = {2, 2};
    struct utvm_array a = make(UTVM_DTYPE_INT8, 2, dims);
    struct utvm_array b = make(UTVM_DTYPE_INT16, 2, dims);
    struct utvm_array c = make(UTVM_DTYPE_INT8, 1, dims);
    const struct utvm_tensor tensor = {.name = "pool"};
    struct utvm_metrics m;
    fixture_fails(utvm_metrics_compute(&tensor, &a, &b, &standard, &m), UTVM_ERROR_MISMATCH,
                  "tensor 'pool' is int8 [2, 2], its reference is int16 [2, 2]");
    fixture_fails(utvm_metrics_compute(NULL, &a, &c, &standard, &m), UTVM_ERROR_MISMATCH,
                  "is int8 [2, 2], its reference is int8 [2]");
    utvm_array_deinit(&a);
    utvm_array_deinit(&b);
    utvm_array_deinit(&c);
}

Test(metrics, treat_nan_as_equal_to_nan_only)
{
    struct utvm_metrics m = measure((float[]){NAN, 1}, (float[]){NAN, 1}, 2, standard);
    cr_expect_eq(m.num_unequal, 0);
    m = measure((float[]){NAN, 1}, (float[]){5, 1}, 2, standard);
    cr_expect_eq(m.num_beyond, 1);
    cr_expect(isinf(m.max_abs_error), "a NaN must not look like no error");
    cr_expect(isnan(m.rmse), "nor in the sums");
    m = measure((float[]){5, 1}, (float[]){NAN, 1}, 2, (struct utvm_tolerance){.atol = 1e30});
    cr_expect_eq(m.num_beyond, 1, "no tolerance covers a NaN");
}

/* ---- statistics ------------------------------------------------------------------------------ */

Test(stats, count_and_measure)
{
    const float scales[] = {0.5f};
    const int32_t zeros[] = {2};
    const struct utvm_tensor tensor = {.dtype = UTVM_DTYPE_INT8,
                                       .rank = 1,
                                       .dims = {4},
                                       .num_elems = 4,
                                       .num_scales = 1,
                                       .scales = scales,
                                       .zero_points = zeros};
    struct utvm_array a = make(UTVM_DTYPE_INT8, 1, (uint32_t[]){4});
    memcpy(a.data, (int8_t[]){-128, 127, 2, 2}, 4);
    struct utvm_stats s;
    utvm_stats_compute(&tensor, &a, &s);
    cr_expect_eq(s.min, -128);
    cr_expect_eq(s.max, 127);
    cr_expect_float_eq(s.mean, 0.75, 1e-12);
    cr_expect_float_eq(s.real_min, -65, 1e-12);
    cr_expect_eq(s.num_zero, 2, "the zero point is zero");
    cr_expect_eq(s.num_low, 1);
    cr_expect_eq(s.num_high, 1);
    cr_expect_float_eq(utvm_saturated_share(&a), 0.5, 1e-12);
    cr_expect_eq(utvm_tensor_quantise(&tensor, &a, 0, 1e9), 127);
    cr_expect_eq(utvm_tensor_quantise(&tensor, &a, 0, -1), 0);
    utvm_array_deinit(&a);
}

Test(stats, leave_nan_out)
{
    struct utvm_array a = make(UTVM_DTYPE_FLOAT32, 1, (uint32_t[]){4});
    utvm_array_set(&a, 0, NAN);
    utvm_array_set(&a, 1, 3);
    utvm_array_set(&a, 2, 1);
    utvm_array_set(&a, 3, INFINITY);
    struct utvm_stats s;
    utvm_stats_compute(NULL, &a, &s);
    cr_expect_eq(s.num_nan, 1);
    cr_expect_eq(s.num_infinite, 1);
    cr_expect_eq(s.mean, 2);
    cr_expect_eq(s.std, 1);
    cr_expect(isinf(s.max));
    utvm_array_deinit(&a);
}

Test(stats, use_the_scale_of_each_channel)
{
    const float scales[] = {1, 10};
    const int32_t zeros[] = {0, 0};
    const struct utvm_tensor tensor = {.dtype = UTVM_DTYPE_INT8,
                                       .rank = 2,
                                       .dims = {2, 2},
                                       .num_elems = 4,
                                       .num_scales = 2,
                                       .quantized_dimension = 0,
                                       .scales = scales,
                                       .zero_points = zeros};
    struct utvm_array a = make(UTVM_DTYPE_INT8, 2, (uint32_t[]){2, 2});
    memcpy(a.data, (int8_t[]){1, 2, 3, 4}, 4);
    cr_expect_eq(utvm_tensor_real(&tensor, &a, 1), 2);
    cr_expect_eq(utvm_tensor_real(&tensor, &a, 2), 30);
    utvm_array_deinit(&a);
}

Test(histogram, counts_every_number_once)
{
    struct utvm_array a = make(UTVM_DTYPE_INT8, 1, (uint32_t[]){256});
    for (int i = 0; i < 256; i++) {
        utvm_array_set(&a, (uint64_t)i, i - 128);
    }
    struct utvm_histogram h;
    utvm_histogram_compute(&a, 16, &h);
    cr_expect_eq(h.num_bins, 16);
    for (uint32_t i = 0; i < 16; i++) {
        cr_expect_eq(h.bins[i], 16, "bin %u", i);
    }
    utvm_array_deinit(&a);
    a = make(UTVM_DTYPE_FLOAT32, 1, (uint32_t[]){3});
    utvm_histogram_compute(&a, 8, &h);
    cr_expect_eq(h.bins[0], 3, "all equal");
    utvm_array_deinit(&a);
}

Test(stats, know_both_infinities)
{
    struct utvm_array a = make(UTVM_DTYPE_FLOAT32, 1, (uint32_t[]){3});
    utvm_array_set(&a, 0, -INFINITY);
    utvm_array_set(&a, 1, 0);
    utvm_array_set(&a, 2, 4);
    struct utvm_stats s;
    utvm_stats_compute(NULL, &a, &s);
    cr_expect_eq(s.min, -INFINITY);
    cr_expect_eq(s.max, 4, "a negative infinity is no maximum");
    cr_expect_eq(s.real_min, -INFINITY);
    cr_expect_eq(s.real_max, 4);
    cr_expect_eq(s.num_zero, 1);
    utvm_array_set(&a, 1, -INFINITY);
    utvm_array_set(&a, 2, -INFINITY);
    utvm_stats_compute(NULL, &a, &s);
    cr_expect_eq(s.max, -INFINITY);
    cr_expect(isnan(s.mean));
    cr_expect(isnan(s.std));
    utvm_array_deinit(&a);
}

Test(stats, take_the_extremes_from_the_values_alone)
{
    struct utvm_array a = make(UTVM_DTYPE_INT8, 1, (uint32_t[]){2});
    memcpy(a.data, (int8_t[]){5, 9}, 2);
    struct utvm_stats s;
    utvm_stats_compute(NULL, &a, &s);
    cr_expect_eq(s.min, 5);
    cr_expect_eq(s.max, 9);
    memcpy(a.data, (int8_t[]){-5, -9}, 2);
    utvm_stats_compute(NULL, &a, &s);
    cr_expect_eq(s.min, -9);
    cr_expect_eq(s.max, -5);
    cr_expect_eq(s.num_zero, 0);
    utvm_array_deinit(&a);
}

Test(stats, saturate_at_both_ends_of_a_type_when_quantising)
{
    const float scale = 0.5f;
    const int32_t zero = 10;
    const struct utvm_tensor tensor = {.num_scales = 1, .scales = &scale, .zero_points = &zero};
    struct utvm_array a = make(UTVM_DTYPE_UINT8, 1, (uint32_t[]){1});
    cr_expect_eq(utvm_tensor_quantise(&tensor, &a, 0, -100), 0);
    cr_expect_eq(utvm_tensor_quantise(&tensor, &a, 0, 1000), 255);
    cr_expect_eq(utvm_tensor_quantise(&tensor, &a, 0, 1.25), 13, "ties away from zero");
    cr_expect_eq(utvm_tensor_quantise(&tensor, &a, 0, NAN), 0);
    utvm_array_deinit(&a);
}

// The document as CSV; to be freed.
static char *csv(struct utvm_document *doc)
{
    return fixture_text(doc, UTVM_OUTPUT_CSV, NULL);
}

Test(stats, are_shown_raw_and_real)
{
    const float scale = 0.5f;
    const int32_t zero = 2;
    const struct utvm_tensor tensor = {
        .name = "pool", .num_scales = 1, .scales = &scale, .zero_points = &zero};
    struct utvm_array a = make(UTVM_DTYPE_INT8, 2, (uint32_t[]){2, 2});
    memcpy(a.data, (int8_t[]){-128, 127, 2, 3}, 4);
    char *text = csv(utvm_stats_document(&tensor, &a));
    fixture_has(text, "tensor,pool");
    fixture_has(text, "dtype,int8");
    fixture_has(text, "shape,\"[2, 2]\"");
    fixture_has(text, "\n,min,-128");
    fixture_has(text, "real_max,62.5");
    fixture_has(text, "num_zero,1");
    fixture_has(text, "num_low,1");
    fixture_has(text, "saturated,0.5");
    cr_expect_null(strstr(text, "num_nan"));
    free(text);
    utvm_array_deinit(&a);
    a = make(UTVM_DTYPE_FLOAT32, 1, (uint32_t[]){1});
    text = csv(utvm_stats_document(NULL, &a));
    fixture_has(text, "num_nan,0");
    cr_expect_null(strstr(text, "real_max"), "floats are what they are");
    free(text);
    utvm_array_deinit(&a);
}

Test(histogram, shows_bins_with_their_shares)
{
    struct utvm_array a = make(UTVM_DTYPE_INT8, 1, (uint32_t[]){8});
    memcpy(a.data, (int8_t[]){-4, -4, -4, -3, 0, 0, 2, 3}, 8);
    struct utvm_histogram h;
    utvm_histogram_compute(&a, 4, &h);
    cr_expect_eq(h.low, -4);
    cr_expect_eq(h.high, 3, "the last bin ends with the greatest value");
    char *text = csv(utvm_histogram_document(&h));
    cr_expect_str_eq(text,
                     "low,high,count,share,bar\n"
                     "-4,-3,4,0.5,########################################\n"
                     "-2,-1,0,0,\n"
                     "0,1,2,0.25,####################\n"
                     "2,3,2,0.25,####################\n",
                     "%s", text);
    free(text);
    utvm_array_deinit(&a);
}

Test(histogram, puts_the_greatest_float_into_the_last_bin)
{
    struct utvm_array a = make(UTVM_DTYPE_FLOAT32, 1, (uint32_t[]){6});
    const double values[] = {1, 1.2, 1.6, 2, NAN, INFINITY};
    for (uint64_t i = 0; i < 6; i++) {
        utvm_array_set(&a, i, values[i]);
    }
    struct utvm_histogram h;
    utvm_histogram_compute(&a, 2, &h);
    cr_expect_eq(h.low, 1);
    cr_expect_eq(h.high, 2);
    cr_expect_eq(h.bins[0], 2);
    cr_expect_eq(h.bins[1], 2);
    char *text = csv(utvm_histogram_document(&h));
    fixture_has(text, "\n1.5,2,2,0.5,");
    free(text);
    utvm_array_deinit(&a);
}
