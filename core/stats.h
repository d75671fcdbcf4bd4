// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_STATS_H
#define UTVM_CORE_STATS_H

#include "core/model.h"
#include "core/table.h"
#include "core/tensor.h"

/** What one looks at first in a tensor. NaNs are counted and left out of everything else. */
struct utvm_stats {
    uint64_t num_elems;
    uint64_t num_nan;
    uint64_t num_infinite; /**< left out of mean and std */
    uint64_t num_zero;     /**< of quantised tensors: elements equal to the zero point */
    uint64_t num_low;      /**< integers: at the type's least value */
    uint64_t num_high;     /**< integers: at the type's greatest value */
    double min;            /**< raw; NaN when there is no number */
    double max;
    double mean;
    double std;      /**< of the population */
    double real_min; /**< the same in real units; equal to raw when not quantised */
    double real_max;
    double real_mean;
    double real_std;
};

/**
 * Real value of element i: (raw - zero point) * scale, per tensor or per channel; the raw value
 * when the tensor is not quantised. tensor may be NULL (not quantised).
 */
double utvm_tensor_real(const struct utvm_tensor *tensor, const struct utvm_array *array,
                        uint64_t i);
/** The raw value nearest to a real one, saturated to the array's type: the inverse. */
double utvm_tensor_quantise(const struct utvm_tensor *tensor, const struct utvm_array *array,
                            uint64_t i, double real);

/** Share of elements at either end of their integer type; 0 for floats. */
double utvm_saturated_share(const struct utvm_array *array);

void utvm_stats_compute(const struct utvm_tensor *tensor, const struct utvm_array *array,
                        struct utvm_stats *ret);

/** Document "stats". */
struct utvm_document *utvm_stats_document(const struct utvm_tensor *tensor,
                                          const struct utvm_array *array);

#define UTVM_MAX_BINS 256u

struct utvm_histogram {
    uint32_t num_bins;
    double low;  /**< inclusive */
    double high; /**< inclusive: the last bin holds it */
    bool whole;  /**< bins are whole numbers wide and their ends inclusive */
    uint64_t bins[UTVM_MAX_BINS];
};

/**
 * Counts raw values in num_bins equal bins from the least to the greatest. For integers the bins
 * are whole numbers wide, so that none is favoured.
 * @param num_bins 1 to UTVM_MAX_BINS; may be lowered for integers of a small range
 */
void utvm_histogram_compute(const struct utvm_array *array, uint32_t num_bins,
                            struct utvm_histogram *ret);

/** Document "histogram": low, high, count, share and a bar for people. */
struct utvm_document *utvm_histogram_document(const struct utvm_histogram *histogram);

#endif
