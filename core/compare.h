// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_COMPARE_H
#define UTVM_CORE_COMPARE_H

#include "core/session.h"
#include "core/table.h"
#include "core/tensor.h"

/** Named arrays with which tensors are compared: an .npz or a single .npy. */
struct utvm_reference;

/** Opens a reference; arrays are read one at a time. @return OS, FORMAT with file and member */
UTVM_MUST_CHECK struct utvm_error *utvm_reference_open(const char *path,
                                                       struct utvm_reference **ret);
void utvm_reference_close(struct utvm_reference *ref);
const char *utvm_reference_path(const struct utvm_reference *ref);
/**
 * @return true when a tensor has a value in it: in an .npz by the key t<source index> (inputs:
 *         in_<source index>, state tensors: var_<source index>) or by tensor name; an .npy is a
 *         value of the model's output
 */
bool utvm_reference_has(const struct utvm_reference *ref, const struct utvm_tensor *tensor);
UTVM_MUST_CHECK struct utvm_error *utvm_reference_read(struct utvm_reference *ref,
                                                       const struct utvm_tensor *tensor,
                                                       struct utvm_array *ret);

/** Integers must be equal within lsb; floats within atol + rtol * |reference|, or the default. */
struct utvm_tolerance {
    double lsb;
    double atol;
    double rtol;
    bool is_default; /**< floats: within 1e-5 of the reference's largest absolute value instead */
};

struct utvm_metrics {
    uint64_t num_elems;
    uint64_t num_unequal;     /**< bits differ (floats: values differ, NaN equals NaN) */
    uint64_t num_off_by_one;  /**< integers only */
    uint64_t num_beyond;      /**< outside the tolerance */
    uint64_t first_beyond;    /**< flat index, or UINT64_MAX */
    double max_abs_error_lsb; /**< integers; NaN for floats */
    double max_abs_error;     /**< real units */
    double rmse;              /**< real units */
    double mean_error;        /**< of actual - reference, in real units */
    double l2_ratio; /**< |actual| / |reference|; 1 when both are zero, infinite when only the
                        reference is */
    double cosine;   /**< of the angle between both; 1 when both are zero, NaN when one is */
    double sqnr_db;  /**< 10 log10(|reference|^2 / |error|^2); infinite when there is no error */
    double saturated_share; /**< of the actual values, both ends; 0 for floats */
};

/** actual and reference have equal dtype and element count, else MISMATCH. */
UTVM_MUST_CHECK struct utvm_error *utvm_metrics_compute(const struct utvm_tensor *tensor,
                                                        const struct utvm_array *actual,
                                                        const struct utvm_array *reference,
                                                        const struct utvm_tolerance *tolerance,
                                                        struct utvm_metrics *ret);

/** One row per compared tensor, streamed in execution order. */
struct utvm_compare_row {
    uint32_t layer;
    uint32_t tensor;
    bool skipped; /**< in no memory (fused, folded away) or not in the reference */
    const char *skip_reason;
    bool has_own_error; /**< own error was asked for and could be computed */
    struct utvm_metrics metrics;
    struct utvm_metrics own; /**< reference inputs fed to the layer */
    uint32_t cycles;
};
typedef struct utvm_error *(*utvm_compare_row_fn)(void *ctx, const struct utvm_compare_row *row);

struct utvm_compare_options {
    struct utvm_tolerance tolerance;
    bool own_error;
};

struct utvm_compare_summary {
    uint32_t num_compared;
    uint32_t num_skipped;
    uint32_t num_failed;
    uint32_t first_divergence; /**< layer index, or UTVM_NO_INDEX */
};

/**
 * Goes through the model again from the same inputs (and the variable tensors' values at the start
 * of the last run), reading each layer's outputs at its stop, one layer in memory at a time. The
 * session stands at the end of the model afterwards.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_compare_run(struct utvm_session *s,
                                                    struct utvm_reference *ref,
                                                    const struct utvm_compare_options *options,
                                                    utvm_compare_row_fn row, void *ctx,
                                                    struct utvm_compare_summary *ret);

/**
 * The document "compare", filled row by row: from begin, one row for each utvm_compare_row, then
 * the summary. `table` belongs to the document.
 */
struct utvm_document *utvm_compare_document(const struct utvm_session *s,
                                            const struct utvm_reference *ref,
                                            const struct utvm_compare_options *options,
                                            struct utvm_table **ret_table);
void utvm_compare_document_row(struct utvm_table *table, const struct utvm_session *s,
                               const struct utvm_compare_row *row);
void utvm_compare_document_end(struct utvm_document *doc, const struct utvm_session *s,
                               const struct utvm_compare_summary *summary);

#endif
