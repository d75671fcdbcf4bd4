// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_IMPORT_PREPARE_COMMON_H
#define UTVM_CORE_IMPORT_PREPARE_COMMON_H

#include "core/import/prepare.h"
#include "kernels/operator_list.h"
#include "kernels/params.h"

/** One operator under preparation. */
struct utvm_prep {
    const struct utvm_graph *graph;
    const struct utvm_graph_operator *op;
    struct utvm_prepared *out;
    /** For the MAC formula; prepare functions set what differs from the common case. */
    struct utvm_mac_terms {
        uint64_t outputs;
        uint64_t channels;
        uint64_t depth;
        uint64_t inputs;
        uint64_t filter;
        uint64_t steps;
        uint64_t units;
    } terms;
};

typedef struct utvm_error *(*utvm_prepare_fn)(struct utvm_prep *p);

#define UTVM_PREPARE_DECLARE(id, name, prepare, types, macs)                                       \
    struct utvm_error *utvm_prepare_##prepare(struct utvm_prep *p);
UTVM_OPERATOR_LIST(UTVM_PREPARE_DECLARE)
#undef UTVM_PREPARE_DECLARE

/** Hands an error on. */
#define UTVM_TRY(expression)                                                                       \
    do {                                                                                           \
        struct utvm_error *utvm_try_error = (expression);                                          \
        if (utvm_try_error) {                                                                      \
            return utvm_try_error;                                                                 \
        }                                                                                          \
    } while (0)

/* ---- tensors ------------------------------------------------------------------------------ */

/** Input i, or NULL when it is left out or the operator has fewer. */
const struct utvm_graph_tensor *utvm_prep_input(const struct utvm_prep *p, uint32_t i);
const struct utvm_graph_tensor *utvm_prep_output(const struct utvm_prep *p, uint32_t i);

/**
 * The operator has min to max inputs, of which the first min are there, and exactly num_outputs
 * outputs; no tensor is empty. @return FORMAT
 */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_arity(const struct utvm_prep *p, uint32_t min,
                                                   uint32_t max, uint32_t num_outputs);

/** @return UNSUPPORTED naming the tensor and its type */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_bad_type(const struct utvm_graph_tensor *tensor);
UTVM_MUST_CHECK struct utvm_error *utvm_prep_require_type(const struct utvm_graph_tensor *tensor,
                                                          enum utvm_dtype dtype);
/** @return FORMAT naming the tensor and its shape */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_bad_shape(const struct utvm_graph_tensor *tensor,
                                                       const char *why);
UTVM_MUST_CHECK struct utvm_error *utvm_prep_require_rank(const struct utvm_graph_tensor *tensor,
                                                          uint32_t rank);
UTVM_MUST_CHECK struct utvm_error *utvm_prep_same_shape(const struct utvm_graph_tensor *a,
                                                        const struct utvm_graph_tensor *b);
/** The tensor has exactly one scale and zero point. @return FORMAT */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_require_scale(const struct utvm_graph_tensor *tensor);
/** Equal scales and zero points, for operators that move values as they are. */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_same_quantisation(const struct utvm_graph_tensor *a,
                                                               const struct utvm_graph_tensor *b);

uint32_t utvm_prep_elem_bytes(enum utvm_dtype dtype);
const char *utvm_prep_type_name(enum utvm_dtype dtype);

/**
 * The values of a constant int32 or int64 tensor of at most max elements.
 * @return UNSUPPORTED if it is computed at run time, FORMAT if it does not fit into int32
 */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_constant_ints(const struct utvm_graph_tensor *tensor,
                                                           uint32_t max, int32_t *ret,
                                                           uint32_t *ret_count);

/** A tensor as [outer, size, inner] around one of its axes; none of them is above INT32_MAX. */
struct utvm_prep_axis {
    int32_t outer;
    int32_t size;
    int32_t inner;
};

/**
 * Input 0 around the axis that constant input `which` names, negative ones from the end; the kernel
 * does not read that input.
 * @return as utvm_prep_constant_ints; FORMAT unless it is one axis that input 0 has
 */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_axis(struct utvm_prep *p, uint32_t which,
                                                  struct utvm_prep_axis *ret);

/* ---- results ------------------------------------------------------------------------------ */

enum utvm_params_kind {
#define UTVM_PARAMS_KIND(name, fields) UTVM_PARAMS_##name,
    UTVM_PARAMS_LIST(UTVM_PARAMS_KIND)
#undef UTVM_PARAMS_KIND
};

/** Makes zeroed params of a kind, owned by the result. */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_params(struct utvm_prep *p, enum utvm_params_kind kind,
                                                    void *ret);
/** Appends a zeroed constant table, owned by the result. */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_table(struct utvm_prep *p, enum utvm_dtype dtype,
                                                   uint64_t num_elems, void *ret);
/** Chooses the kernel of the dtype: names are {int8, int16, int32, float32}, NULL = none. */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_kernel(struct utvm_prep *p,
                                                    const struct utvm_graph_tensor *tensor,
                                                    const char *int8, const char *int16,
                                                    const char *int32, const char *float32);
/** A scratch buffer of the kernel. @return NO_SPACE if it is absurd */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_workspace(struct utvm_prep *p, uint64_t bytes);

/**
 * The whole of an operator that gives the bytes of input 0; inputs beyond it are shapes or axes,
 * which the output's shape already shows.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_copy(struct utvm_prep *p);

/* ---- quantisation ------------------------------------------------------------------------- */

/** TFLite's ActivationFunctionType. Source: tensorflow/lite/schema/schema.fbs. */
enum utvm_activation {
    UTVM_ACTIVATION_NONE = 0,
    UTVM_ACTIVATION_RELU = 1,
    UTVM_ACTIVATION_RELU_N1_TO_1 = 2,
    UTVM_ACTIVATION_RELU6 = 3,
};

/** value = multiplier / 2^31 * 2^shift with multiplier 0 or 2^30 to 2^31 - 1. */
void utvm_quantize_multiplier(double value, int32_t *ret_multiplier, int32_t *ret_shift);

/** The same for tables of per-channel factors: constants multipliers, shifts. */
UTVM_MUST_CHECK struct utvm_error *
utvm_prep_channel_multipliers(struct utvm_prep *p, const struct utvm_graph_tensor *input,
                              const struct utvm_graph_tensor *weights, uint32_t dimension,
                              bool float_product);

/** Bounds of an integer output (of int8, uint8, int16) under a fused activation. */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_activation(const struct utvm_graph_tensor *output,
                                                        int32_t activation, int32_t *ret_min,
                                                        int32_t *ret_max);
UTVM_MUST_CHECK struct utvm_error *utvm_prep_activation_float(int32_t activation, float *ret_min,
                                                              float *ret_max);

/**
 * A table for utvm_interpolate(): function over [low, high], times steps_per_unit, sampled as
 * TensorFlow Lite samples its 513-entry tables.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_lut_int16(struct utvm_prep *p,
                                                       float (*function)(float), float low,
                                                       float high, float steps_per_unit);

/** The table of utvm_sigmoid_from_table() and utvm_tanh_from_table(). */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_sigmoid_table(struct utvm_prep *p);

/* ---- shapes ------------------------------------------------------------------------------- */

/**
 * Strides, outermost first, that walk `input` in the order of `output` of up to 6 dimensions; 0
 * where it is repeated. @return FORMAT if it cannot be broadcast
 */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_broadcast(const struct utvm_graph_tensor *input,
                                                       const struct utvm_graph_tensor *output,
                                                       int32_t *strides);
/** Joins neighbouring dimensions that all inputs walk alike; the innermost is as long as can be. */
void utvm_prep_merge_dims(int32_t *dims, int32_t *const *strides, uint32_t num_inputs);

/* ---- windows ------------------------------------------------------------------------------ */

/** TFLite's Padding. */
enum utvm_padding {
    UTVM_PADDING_SAME = 0,
    UTVM_PADDING_VALID = 1,
};

/**
 * Output size and leading padding of one axis, as TensorFlow computes them.
 * @param filter, stride, dilation at least 1 @return FORMAT for absurd or unknown values
 */
UTVM_MUST_CHECK struct utvm_error *utvm_prep_window(int32_t padding, int32_t size, int32_t filter,
                                                    int32_t stride, int32_t dilation,
                                                    int32_t *ret_output, int32_t *ret_pad);

#endif
