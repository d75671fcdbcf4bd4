// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/stats.h"

#include <math.h>
#include <string.h>

#include "repl/tensor_ref.h"

const char *const utvm_stats_names[] = {"min",    "max", "mean",     "std",     "rawmin",
                                        "rawmax", "sat", "satlow",   "sathigh", "zeros",
                                        "nan",    "inf", "elements", NULL};

void utvm_stats_compute(const struct utvm_tensor *tensor, const struct utvm_array *array,
                        const struct utvm_slice *slice, struct utvm_stats *ret)
{
    struct utvm_stats s = {.num_elems = slice->num_elems,
                           .min = INFINITY,
                           .max = -INFINITY,
                           .raw_min = INFINITY,
                           .raw_max = -INFINITY};
    double low = 0;
    double high = 0;
    bool saturates =
        utvm_tensor_is_quantised(tensor) && utvm_dtype_range(tensor->dtype, &low, &high);
    double mean = 0;
    double squares = 0;
    uint64_t n = 0;
    bool whole = slice->num_elems == array->num_elems;
    for (uint64_t i = 0; i < slice->num_elems; i++) {
        uint64_t flat = whole ? i : utvm_slice_flat(slice, i);
        double raw = utvm_array_get(array, flat);
        if (isnan(raw)) {
            s.num_nan++;
            continue;
        }
        s.num_inf += isinf(raw) != 0;
        double real = utvm_tensor_real(tensor, flat, raw);
        s.num_zeros += real == 0;
        s.num_low += saturates && raw == low;
        s.num_high += saturates && raw == high;
        s.raw_min = fmin(s.raw_min, raw);
        s.raw_max = fmax(s.raw_max, raw);
        s.min = fmin(s.min, real);
        s.max = fmax(s.max, real);
        // Welford's recurrence: no cancellation for large offsets.
        n++;
        double delta = real - mean;
        mean += delta / (double)n;
        squares += delta * (real - mean);
    }
    if (n == 0) {
        s.min = s.max = s.raw_min = s.raw_max = NAN;
        mean = NAN;
    }
    s.mean = mean;
    s.std = n ? sqrt(squares / (double)n) : NAN;
    *ret = s;
}

bool utvm_stats_value(const struct utvm_stats *s, const char *name, double *ret)
{
    double n = s->num_elems ? (double)s->num_elems : 1;
    const struct {
        const char *name;
        double value;
    } values[] = {
        {"min", s->min},
        {"max", s->max},
        {"mean", s->mean},
        {"std", s->std},
        {"rawmin", s->raw_min},
        {"rawmax", s->raw_max},
        {"sat", (double)(s->num_low + s->num_high) / n},
        {"satlow", (double)s->num_low / n},
        {"sathigh", (double)s->num_high / n},
        {"zeros", (double)s->num_zeros / n},
        {"nan", (double)s->num_nan},
        {"inf", (double)s->num_inf},
        {"elements", (double)s->num_elems},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (strcmp(values[i].name, name) == 0) {
            *ret = values[i].value;
            return true;
        }
    }
    return false;
}
