// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPERATOR_LIST_H
#define UTVM_KERNELS_OPERATOR_LIST_H

/**
 * The operators, one row each:
 *     X(id, NAME, prepare, types, MACs)
 * id       TFLite builtin operator code (stored in models: explicit, never reused)
 * prepare  core/import/prepare: the function utvm_prepare_##prepare
 * types    what a user reads: types of the data, "int16x8" = int16 activations with int8 weights
 * MACs     multiply-accumulates of one run, of
 *          outputs   elements of output 0
 *          channels  its last dimension
 *          depth     the last dimension of the data input
 *          inputs    elements of the data input
 *          filter    elements of the weights
 *          steps     time steps times batches of a recurrent operator
 *          units     its cells
 *
 * From this list come the enum, the names, the dispatch of utvm_prepare(), the MAC count of a
 * profile and the table of `utvm-build --list-operators`.
 */
#define UTVM_OPERATOR_LIST(X)                                                                      \
    X(0, ADD, add, "int8 int16 int32 float32", 0)                                                  \
    X(1, AVERAGE_POOL_2D, average_pool_2d, "int8 int16 float32", 0)                                \
    X(3, CONV_2D, conv_2d, "int8 int16x8 float32", outputs *(filter / channels))                   \
    X(4, DEPTHWISE_CONV_2D, depthwise_conv_2d, "int8 int16x8 float32",                             \
      outputs *(filter / channels))                                                                \
    X(9, FULLY_CONNECTED, fully_connected, "int8 int16x8 float32", outputs *depth)                 \
    X(17, MAX_POOL_2D, max_pool_2d, "int8 int16 float32", 0)                                       \
    X(18, MUL, mul, "int8 int16 int32 float32", outputs)                                           \
    X(22, RESHAPE, reshape, "any", 0)                                                              \
    X(25, SOFTMAX, softmax, "int8 int16 float32", 0)                                               \
    X(41, SUB, sub, "int8 int16 int32 float32", 0)                                                 \
    X(55, MAXIMUM, maximum, "int8 int16 int32 float32", 0)                                         \
    X(57, MINIMUM, minimum, "int8 int16 int32 float32", 0)

enum utvm_operator_id {
#define UTVM_OPERATOR_ENUM(id, name, prepare, types, macs) UTVM_OPERATOR_##name = id,
    UTVM_OPERATOR_LIST(UTVM_OPERATOR_ENUM)
#undef UTVM_OPERATOR_ENUM
};

#endif
