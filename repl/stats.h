// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_STATS_H
#define UTVM_REPL_STATS_H

#include "core/compare.h"
#include "core/session.h"
#include "repl/slice.h"

/** What `stats`, conditions and expressions know of the values of a tensor. */
struct utvm_stats {
    uint64_t num_elems;
    double min; /**< real units, as mean and std; NaN is left out */
    double max;
    double mean;
    double std;
    double raw_min;
    double raw_max;
    uint64_t num_zeros; /**< of real value 0 */
    uint64_t num_low;   /**< at the lowest value of the type; quantised tensors only */
    uint64_t num_high;
    uint64_t num_nan;
    uint64_t num_inf;
};

/** Statistics of a part of an array; slice as utvm_slice_all() for the whole. */
void utvm_stats_compute(const struct utvm_tensor *tensor, const struct utvm_array *array,
                        const struct utvm_slice *slice, struct utvm_stats *ret);

/**
 * The value of a statistic by its name: min max mean std rawmin rawmax sat satlow sathigh zeros
 * (shares, 0 to 1) nan inf (counts) elements.
 * @return false when there is no such statistic
 */
bool utvm_stats_value(const struct utvm_stats *stats, const char *name, double *ret);

/** Names that utvm_stats_value knows, NULL-terminated. */
extern const char *const utvm_stats_names[];

#endif
