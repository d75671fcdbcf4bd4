// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_IMPORT_PREPARE_PACKING_H
#define UTVM_CORE_IMPORT_PREPARE_PACKING_H

#include "core/import/prepare/common.h"

/**
 * The filters of a convolution or the rows of a matrix: which fast kernel can use them, and in
 * which order it wants them. They become a constant of the layer, in place of the tensor (input 1).
 */
struct utvm_filter_set {
    const struct utvm_graph_tensor *weights;
    const struct utvm_graph_tensor *bias; /**< or NULL */
    uint32_t count;                       /**< filters */
    uint32_t elems;                       /**< of a filter */
    bool last; /**< element k of filter o lies at k * count + o; else at o * elems + k */
};

/**
 * Sets params->fast_rounding: whether the sums are small enough and the shifts large enough, with
 * constants 0 and 1 of the result the multipliers and shifts.
 * @param dtype of the data: INT8 or INT16
 */
void utvm_pack_set_rounding(struct utvm_prep *p, const struct utvm_filter_set *filters,
                            enum utvm_dtype dtype, struct utvm_conv_params *params);

/**
 * Chooses the fast kernel of a convolution without groups, or of what is one, for constant filters,
 * with params complete but for what this sets.
 * @return NO_SPACE
 */
UTVM_MUST_CHECK struct utvm_error *utvm_pack_conv(struct utvm_prep *p,
                                                  const struct utvm_filter_set *filters,
                                                  enum utvm_dtype dtype,
                                                  struct utvm_conv_params *params);

/**
 * The same for DEPTHWISE_CONV_2D of more than one channel, if there is a fast kernel for it: else
 * the result has no kernel yet.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_pack_depthwise(struct utvm_prep *p,
                                                       const struct utvm_filter_set *filters,
                                                       enum utvm_dtype dtype,
                                                       struct utvm_conv_params *params);

/** The same for TRANSPOSE_CONV of int8 or int16. */
UTVM_MUST_CHECK struct utvm_error *utvm_pack_transpose_conv(struct utvm_prep *p,
                                                            const struct utvm_filter_set *filters,
                                                            enum utvm_dtype dtype,
                                                            struct utvm_conv_params *params);

#endif
