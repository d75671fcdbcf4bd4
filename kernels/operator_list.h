// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPERATOR_LIST_H
#define UTVM_KERNELS_OPERATOR_LIST_H

/**
 * The operators, one row each:
 *     X(id, NAME, prepare, types, MACs)
 * id       TFLite builtin operator code (stored in models: explicit, never reused)
 * prepare  core/import/prepare: the function utvm_prepare_##prepare
 * types    what a user reads: types of the data, "int16x8" = int16 activations with int8 weights;
 *          the reader unpacks constants of int4 to int8 and of float16 to float32
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
    X(2, CONCATENATION, concatenation, "any", 0)                                                   \
    X(3, CONV_2D, conv_2d, "int8 int16x8 float32", (filter / channels) * outputs)                  \
    X(4, DEPTHWISE_CONV_2D, depthwise_conv_2d, "int8 int16x8 float32",                             \
      (filter / channels) * outputs)                                                               \
    X(5, DEPTH_TO_SPACE, depth_to_space, "any", 0)                                                 \
    X(6, DEQUANTIZE, dequantize, "int8 uint8 int16 int32 float16", 0)                              \
    X(7, EMBEDDING_LOOKUP, embedding_lookup, "int8 float32", 0)                                    \
    X(8, FLOOR, floor, "float32", 0)                                                               \
    X(9, FULLY_CONNECTED, fully_connected, "int8 int16x8 float32", outputs *depth)                 \
    X(11, L2_NORMALIZATION, l2_normalization, "int8 float32", 0)                                   \
    X(12, L2_POOL_2D, l2_pool_2d, "float32", 0)                                                    \
    X(14, LOGISTIC, logistic, "int8 int16 float32", 0)                                             \
    X(17, MAX_POOL_2D, max_pool_2d, "int8 int16 float32", 0)                                       \
    X(18, MUL, mul, "int8 int16 int32 float32", outputs)                                           \
    X(19, RELU, relu, "int8 int16 float32", 0)                                                     \
    X(20, RELU_N1_TO_1, relu_n1_to_1, "int8 int16 float32", 0)                                     \
    X(21, RELU6, relu6, "int8 int16 float32", 0)                                                   \
    X(22, RESHAPE, reshape, "any", 0)                                                              \
    X(23, RESIZE_BILINEAR, resize_bilinear, "int8 float32", 0)                                     \
    X(25, SOFTMAX, softmax, "int8 int16 float32", 0)                                               \
    X(26, SPACE_TO_DEPTH, space_to_depth, "any", 0)                                                \
    X(27, SVDF, svdf, "int8 float32", (depth + units) * steps)                                     \
    X(28, TANH, tanh, "int8 int16 float32", 0)                                                     \
    X(34, PAD, pad, "int8 uint8 int16 int32 float32", 0)                                           \
    X(36, GATHER, gather, "any", 0)                                                                \
    X(37, BATCH_TO_SPACE_ND, batch_to_space_nd, "any", 0)                                          \
    X(38, SPACE_TO_BATCH_ND, space_to_batch_nd, "any", 0)                                          \
    X(39, TRANSPOSE, transpose, "any", 0)                                                          \
    X(40, MEAN, mean, "int8 int16 float32", 0)                                                     \
    X(41, SUB, sub, "int8 int16 int32 float32", 0)                                                 \
    X(42, DIV, div, "float32", 0)                                                                  \
    X(43, SQUEEZE, squeeze, "any", 0)                                                              \
    X(44, UNIDIRECTIONAL_SEQUENCE_LSTM, unidirectional_sequence_lstm, "int8 int16x8 float32",      \
      (4 * (depth + units) + 3) * steps * units)                                                   \
    X(45, STRIDED_SLICE, strided_slice, "any", 0)                                                  \
    X(47, EXP, exp, "int8 int16 float32", 0)                                                       \
    X(49, SPLIT, split, "any", 0)                                                                  \
    X(50, LOG_SOFTMAX, log_softmax, "float32", 0)                                                  \
    X(53, CAST, cast, "int8 uint8 int16 int32 float32 bool", 0)                                    \
    X(54, PRELU, prelu, "int8 int16x8 float32", outputs)                                           \
    X(55, MAXIMUM, maximum, "int8 int16 int32 float32", 0)                                         \
    X(56, ARG_MAX, arg_max, "int8 int16 int32 float32", 0)                                         \
    X(57, MINIMUM, minimum, "int8 int16 int32 float32", 0)                                         \
    X(58, LESS, less, "int8 int16 int32 int64 float32", 0)                                         \
    X(59, NEG, neg, "float32", 0)                                                                  \
    X(60, PADV2, padv2, "int8 uint8 int16 int32 float32", 0)                                       \
    X(61, GREATER, greater, "int8 int16 int32 int64 float32", 0)                                   \
    X(62, GREATER_EQUAL, greater_equal, "int8 int16 int32 int64 float32", 0)                       \
    X(63, LESS_EQUAL, less_equal, "int8 int16 int32 int64 float32", 0)                             \
    X(64, SELECT, select, "any of 1, 2 or 4 bytes", 0)                                             \
    X(65, SLICE, slice, "any", 0)                                                                  \
    X(66, SIN, sin, "float32", 0)                                                                  \
    X(67, TRANSPOSE_CONV, transpose_conv, "int8 int16x8 float32", (filter / depth) * inputs)       \
    X(70, EXPAND_DIMS, expand_dims, "any", 0)                                                      \
    X(71, EQUAL, equal, "bool int8 int16 int32 int64 float32", 0)                                  \
    X(72, NOT_EQUAL, not_equal, "bool int8 int16 int32 int64 float32", 0)                          \
    X(73, LOG, log, "float32", 0)                                                                  \
    X(74, SUM, sum, "int8 int16 int32 float32", 0)                                                 \
    X(75, SQRT, sqrt, "float32", 0)                                                                \
    X(76, RSQRT, rsqrt, "int8 float32", 0)                                                         \
    X(77, SHAPE, shape, "any", 0)                                                                  \
    X(79, ARG_MIN, arg_min, "int8 int16 int32 float32", 0)                                         \
    X(82, REDUCE_MAX, reduce_max, "int8 int16 int32 float32", 0)                                   \
    X(83, PACK, pack, "any", 0)                                                                    \
    X(84, LOGICAL_OR, logical_or, "bool", 0)                                                       \
    X(86, LOGICAL_AND, logical_and, "bool", 0)                                                     \
    X(87, LOGICAL_NOT, logical_not, "bool", 0)                                                     \
    X(88, UNPACK, unpack, "any", 0)                                                                \
    X(89, REDUCE_MIN, reduce_min, "int8 int16 int32 float32", 0)                                   \
    X(90, FLOOR_DIV, floor_div, "float32", 0)                                                      \
    X(92, SQUARE, square, "float32", outputs)                                                      \
    X(93, ZEROS_LIKE, zeros_like, "any", 0)                                                        \
    X(94, FILL, fill, "any", 0)                                                                    \
    X(95, FLOOR_MOD, floor_mod, "float32", 0)                                                      \
    X(97, RESIZE_NEAREST_NEIGHBOR, resize_nearest_neighbor, "any", 0)                              \
    X(98, LEAKY_RELU, leaky_relu, "int8 int16 float32", 0)                                         \
    X(99, SQUARED_DIFFERENCE, squared_difference, "int8 int16 int32 float32", outputs)             \
    X(100, MIRROR_PAD, mirror_pad, "int8 uint8 int16 int32 float32", 0)                            \
    X(101, ABS, abs, "int8 int16 float32", 0)                                                      \
    X(102, SPLIT_V, split_v, "any", 0)                                                             \
    X(104, CEIL, ceil, "float32", 0)                                                               \
    X(105, REVERSE_V2, reverse_v2, "any", 0)                                                       \
    X(106, ADD_N, add_n, "int8 float32", 0)                                                        \
    X(107, GATHER_ND, gather_nd, "any", 0)                                                         \
    X(108, COS, cos, "float32", 0)                                                                 \
    X(111, ELU, elu, "int8 float32", 0)                                                            \
    X(114, QUANTIZE, quantize, "int8 uint8 int16 int32 float32", 0)                                \
    X(116, ROUND, round, "float32", 0)                                                             \
    X(117, HARD_SWISH, hard_swish, "int8 float32", 0)                                              \
    X(123, SELECT_V2, select_v2, "any of 1, 2 or 4 bytes", 0)                                      \
    X(126, BATCH_MATMUL, batch_matmul, "int8 int16 float32", outputs *depth)                       \
    X(128, CUMSUM, cumsum, "int8 float32", 0)                                                      \
    X(130, BROADCAST_TO, broadcast_to, "any", 0)                                                   \
    X(143, READ_VARIABLE, read_variable, "any", 0)                                                 \
    X(144, ASSIGN_VARIABLE, assign_variable, "any", 0)                                             \
    X(145, BROADCAST_ARGS, broadcast_args, "int32 int64", 0)                                       \
    X(151, DYNAMIC_UPDATE_SLICE, dynamic_update_slice, "any", 0)

/**
 * The operators that are gone once a model is read, because all that they say is known then: X(id,
 * NAME, types).
 */
#define UTVM_READER_OPERATOR_LIST(X)                                                               \
    X(129, CALL_ONCE, "assignments of constants")                                                  \
    X(142, VAR_HANDLE, "any")

enum utvm_operator_id {
#define UTVM_OPERATOR_ENUM(id, name, prepare, types, macs) UTVM_OPERATOR_##name = (id),
    UTVM_OPERATOR_LIST(UTVM_OPERATOR_ENUM)
#undef UTVM_OPERATOR_ENUM
#define UTVM_OPERATOR_ENUM(id, name, types) UTVM_OPERATOR_##name = (id),
    UTVM_READER_OPERATOR_LIST(UTVM_OPERATOR_ENUM)
#undef UTVM_OPERATOR_ENUM
};

#endif
