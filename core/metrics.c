// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>

#include "core/compare.h"
#include "core/stats.h"

#define DEFAULT_RELATIVE 1e-5

struct sums {
    double error;
    double error2;
    double actual2;
    double reference2;
    double product;
    double largest;
};

static bool same_value(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static double largest_magnitude(const struct utvm_array *array)
{
    double largest = 0;
    for (uint64_t i = 0; i < array->num_elems; i++) {
        double value = fabs(utvm_array_get(array, i));
        if (isfinite(value) && value > largest) {
            largest = value;
        }
    }
    return largest;
}

// How far an element may be from its reference, in raw units.
static double allowed(const struct utvm_tolerance *tolerance, bool is_float, double reference,
                      double largest)
{
    if (!is_float) {
        return tolerance->lsb;
    }
    if (tolerance->is_default) {
        return DEFAULT_RELATIVE * largest;
    }
    return tolerance->atol + tolerance->rtol * fabs(reference);
}

static void finish(const struct sums *sums, struct utvm_metrics *m)
{
    double n = m->num_elems ? (double)m->num_elems : 1;
    m->rmse = sqrt(sums->error2 / n);
    m->mean_error = sums->error / n;
    double actual = sqrt(sums->actual2);
    double reference = sqrt(sums->reference2);
    bool both_zero = actual == 0 && reference == 0;
    m->l2_ratio = both_zero ? 1 : actual / reference;
    m->cosine = both_zero ? 1 : sums->product / (actual * reference);
    if (sums->error2 == 0) {
        m->sqnr_db = INFINITY;
    } else {
        m->sqnr_db = 10 * log10(sums->reference2 / sums->error2);
    }
}

struct utvm_error *utvm_metrics_compute(const struct utvm_tensor *tensor,
                                        const struct utvm_array *actual,
                                        const struct utvm_array *reference,
                                        const struct utvm_tolerance *tolerance,
                                        struct utvm_metrics *ret)
{
    if (actual->dtype != reference->dtype || actual->num_elems != reference->num_elems) {
        char have[UTVM_SHAPE_TEXT_BYTES];
        char want[UTVM_SHAPE_TEXT_BYTES];
        utvm_shape_text(actual->rank, actual->dims, have, sizeof(have));
        utvm_shape_text(reference->rank, reference->dims, want, sizeof(want));
        return utvm_error_create(UTVM_ERROR_MISMATCH,
                                 "tensor '%s' is %s %s, its reference is %s %s",
                                 tensor ? tensor->name : "?", utvm_dtype_name(actual->dtype), have,
                                 utvm_dtype_name(reference->dtype), want);
    }
    bool is_float = actual->dtype == UTVM_DTYPE_FLOAT32;
    struct utvm_metrics m = {
        .num_elems = actual->num_elems,
        .first_beyond = UINT64_MAX,
        .max_abs_error_lsb = is_float ? (double)NAN : 0,
        .saturated_share = utvm_saturated_share(actual),
    };
    struct sums sums = {.largest = is_float ? largest_magnitude(reference) : 0};
    for (uint64_t i = 0; i < actual->num_elems; i++) {
        double a = utvm_array_get(actual, i);
        double b = utvm_array_get(reference, i);
        bool same = same_value(a, b);
        double lsb = same ? 0 : fabs(a - b);
        bool beyond = !same && !(lsb <= allowed(tolerance, is_float, b, sums.largest));
        m.num_unequal += !same;
        m.num_off_by_one += !is_float && lsb == 1;
        m.num_beyond += beyond;
        m.first_beyond = beyond && m.first_beyond == UINT64_MAX ? i : m.first_beyond;
        double real_a = utvm_tensor_real(tensor, actual, i);
        double real_b = utvm_tensor_real(tensor, reference, i);
        double error = same ? 0 : real_a - real_b;
        if (!is_float) {
            m.max_abs_error_lsb = fmax(m.max_abs_error_lsb, lsb);
        }
        // A NaN on one side only is as wrong as can be, and must not vanish in fmax().
        m.max_abs_error = isnan(error) ? (double)INFINITY : fmax(m.max_abs_error, fabs(error));
        if (same && !isfinite(real_a)) {
            continue; // equal NaNs and infinities say nothing about sums
        }
        sums.error += error;
        sums.error2 += error * error;
        sums.actual2 += real_a * real_a;
        sums.reference2 += real_b * real_b;
        sums.product += real_a * real_b;
    }
    finish(&sums, &m);
    *ret = m;
    return NULL;
}
