// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_PARAMS_H
#define UTVM_KERNELS_PARAMS_H

#include <stdint.h>

/**
 * The parameters of every kernel, decided by prepare and constants in a model's image.
 *
 * Each list below is one struct: `conv_2d` becomes `struct utvm_conv_2d_params`, and the host makes
 * its table of fields from the same list, so that generated code can spell the struct out. A row is
 *     I(field, meaning)          int32_t field
 *     A(field, count, meaning)   int32_t field[count]
 *     F(field, meaning)          float field
 * Unless a row says otherwise: sizes are at least 1 and count elements; "offset" of an input is
 * what is added to each value (minus its zero point); multipliers and shifts are those of
 * utvm_requantize() in arith.h; act_min <= act_max bound the output, in its own type.
 */

#define UTVM_MAX_COLUMNS 16

/**
 * CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV: input [N,H,W,C], output [N,OH,OW,OC]; also the fast
 * form of FULLY_CONNECTED, whose vectors are a row of pixels.
 */
#define UTVM_FIELDS_CONV(I, A, F)                                                                  \
    I(batches, "N")                                                                                \
    I(input_h, "H")                                                                                \
    I(input_w, "W")                                                                                \
    I(input_c, "C")                                                                                \
    I(filter_h, "KH, rows of the filter")                                                          \
    I(filter_w, "KW")                                                                              \
    I(filter_c, "input channels that one filter sees: C / groups")                                 \
    I(output_h, "OH")                                                                              \
    I(output_w, "OW")                                                                              \
    I(output_c, "OC")                                                                              \
    I(stride_h, "rows between windows")                                                            \
    I(stride_w, "columns between windows")                                                         \
    I(dilation_h, "rows between taps")                                                             \
    I(dilation_w, "columns between taps")                                                          \
    I(pad_h, "rows of padding above; 0 or more")                                                   \
    I(pad_w, "columns of padding on the left; 0 or more")                                          \
    I(depth_multiplier, "DEPTHWISE_CONV_2D: OC / C; else 1")                                       \
    I(has_bias, "1 when the bias is there")                                                        \
    I(column_groups, "DSP kernels: groups of four elements that a window takes; else 0")           \
    I(columns, "DSP kernels: windows at a time, 1 or even, at most UTVM_MAX_COLUMNS")              \
    I(band_h, "DSP depthwise kernels with planes: output rows at a time; else 0")                  \
    I(plane_w, "and columns of a plane, even")                                                     \
    I(turned, "DSP depthwise kernels: 1 when height and width change places: W is 1; else 0")      \
    I(fast_rounding, "1 when the fast form of the requantisation holds for every sum")             \
    I(input_offset, "-127 to 128; 0 for int16")                                                    \
    I(output_offset, "output zero point")                                                          \
    I(act_min, "integer kernels")                                                                  \
    I(act_max, "integer kernels")                                                                  \
    F(float_min, "float kernels: lower bound of the output")                                       \
    F(float_max, "float kernels: upper bound of the output")

/** AVERAGE_POOL_2D, MAX_POOL_2D: input [N,H,W,C], output [N,OH,OW,C]. */
#define UTVM_FIELDS_POOL(I, A, F)                                                                  \
    I(batches, "N")                                                                                \
    I(input_h, "H")                                                                                \
    I(input_w, "W")                                                                                \
    I(channels, "C")                                                                               \
    I(filter_h, "rows of a window")                                                                \
    I(filter_w, "columns of a window")                                                             \
    I(output_h, "OH")                                                                              \
    I(output_w, "OW")                                                                              \
    I(stride_h, "rows between windows")                                                            \
    I(stride_w, "columns between windows")                                                         \
    I(pad_h, "rows of padding above; 0 or more, less than filter_h")                               \
    I(pad_w, "columns of padding on the left; 0 or more, less than filter_w")                      \
    I(act_min, "integer kernels")                                                                  \
    I(act_max, "integer kernels")                                                                  \
    F(float_min, "float kernels: lower bound of the output")                                       \
    F(float_max, "float kernels: upper bound of the output")

/**
 * Elementwise operators of two inputs with broadcasting. Dimensions that can be walked as one are
 * one; missing outer dimensions are 1. A stride of 0 repeats an input along its dimension.
 */
#define UTVM_FIELDS_BINARY(I, A, F)                                                                \
    A(dims, 6, "output shape, outermost first")                                                    \
    A(strides_1, 6, "elements from one index of a dimension to the next in input 1")               \
    A(strides_2, 6, "the same for input 2")                                                        \
    I(comparison, "comparisons: enum utvm_comparison")                                             \
    I(left_shift, "bits both inputs are scaled up by before the addition; 0 to 20")                \
    I(offset_1, "of input 1")                                                                      \
    I(multiplier_1, "of input 1")                                                                  \
    I(shift_1, "of input 1; 0 or less")                                                            \
    I(offset_2, "of input 2")                                                                      \
    I(multiplier_2, "of input 2")                                                                  \
    I(shift_2, "of input 2; 0 or less")                                                            \
    I(output_offset, "output zero point")                                                          \
    I(output_multiplier, "of the result")                                                          \
    I(output_shift, "of the result")                                                               \
    I(act_min, "integer kernels")                                                                  \
    I(act_max, "integer kernels")                                                                  \
    F(float_min, "float kernels: lower bound of the output")                                       \
    F(float_max, "float kernels: upper bound of the output")

/** Elementwise operators of one input, where a formula and not a table computes the result. */
#define UTVM_FIELDS_UNARY(I, A, F)                                                                 \
    I(num_elems, "elements")                                                                       \
    I(input_offset, "added to each value")                                                         \
    I(output_offset, "output zero point")                                                          \
    I(multiplier, "of the result; of its positive part where two are needed")                      \
    I(shift, "of multiplier")                                                                      \
    I(multiplier_2, "of the negative part")                                                        \
    I(shift_2, "of multiplier_2")                                                                  \
    I(act_min, "integer kernels")                                                                  \
    I(act_max, "integer kernels")                                                                  \
    F(scale, "real value of one step, or the operator's parameter (alpha)")                        \
    F(float_min, "float kernels: lower bound of the output")                                       \
    F(float_max, "float kernels: upper bound of the output")

/** SOFTMAX along the last dimension: [rows, depth]. */
#define UTVM_FIELDS_SOFTMAX(I, A, F)                                                               \
    I(rows, "vectors")                                                                             \
    I(depth, "elements of a vector; int8: at most 4096")                                           \
    I(table_size, "int8: entries of the exponential table, 1 to 256")                              \
    I(multiplier, "int16: input difference to table position")                                     \
    I(shift, "of multiplier")                                                                      \
    F(beta, "float: factor of the exponent")

/** Elements of the output in order, each taken from where strides say. Source: copy_strided_body.h
 */
#define UTVM_FIELDS_STRIDED(I, A, F)                                                               \
    I(offset, "of the first element in the input")                                                 \
    A(dims, 6, "output shape, outermost first")                                                    \
    A(strides, 6, "elements from one index of a dimension to the next in the input; any sign")

/** PAD and PADV2. */
#define UTVM_FIELDS_PAD(I, A, F)                                                                   \
    A(input_dims, 6, "outermost first")                                                            \
    A(output_dims, 6, "the same with the padding")                                                 \
    A(before, 6, "elements of padding in front; 0 or more")                                        \
    I(value_given, "1 when input 2 says what to fill with")                                        \
    I(value, "what to fill with else: the bits of an element")

/** MIRROR_PAD. */
#define UTVM_FIELDS_MIRROR_PAD(I, A, F)                                                            \
    A(input_dims, 6, "outermost first")                                                            \
    A(output_dims, 6, "the same with the padding")                                                 \
    A(before, 6, "elements of padding in front; 0 to input_dims - border")                         \
    I(border, "1: the border element is not repeated (REFLECT), 0: it is (SYMMETRIC)")

/** CONCATENATION, PACK, SPLIT, SPLIT_V, UNPACK: runs of bytes of many tensors in turns. */
#define UTVM_FIELDS_JOIN(I, A, F)                                                                  \
    I(outer, "turns: the product of the dimensions outside of the axis")                           \
    I(num_parts, "tensors")                                                                        \
    I(data_input, "SPLIT and its kin: index of the input to divide")

/** GATHER: input [batches,outer,axis,inner], indices [batches,num_indices]. */
#define UTVM_FIELDS_GATHER(I, A, F)                                                                \
    I(batches, "product of the batch dimensions")                                                  \
    I(outer, "product of the dimensions between those and the axis")                               \
    I(axis_size, "elements along the axis")                                                        \
    I(inner_bytes, "bytes that each index picks")                                                  \
    I(num_indices, "a batch")

/** MEAN, SUM, REDUCE_MAX, REDUCE_MIN: outputs in order, and what each of them is made of. */
#define UTVM_FIELDS_REDUCE(I, A, F)                                                                \
    A(dims, 6, "of the output, outermost first")                                                   \
    A(strides, 6, "in the input for each of dims")                                                 \
    A(reduced_dims, 6, "of what becomes one output element")                                       \
    A(reduced_strides, 6, "in the input for each of reduced_dims")                                 \
    I(count, "elements that become one")                                                           \
    I(input_offset, "minus count times the input's zero point")                                    \
    I(output_offset, "output zero point")                                                          \
    I(multiplier, "of the sum")                                                                    \
    I(shift, "of multiplier")                                                                      \
    I(act_min, "integer kernels")                                                                  \
    I(act_max, "integer kernels")                                                                  \
    F(scale, "float kernels: factor of the sum")

/** ARG_MAX, ARG_MIN: input [outer,axis,inner]. */
#define UTVM_FIELDS_ARG(I, A, F)                                                                   \
    I(outer, "product of the dimensions outside of the axis")                                      \
    I(axis_size, "elements along the axis")                                                        \
    I(inner, "product of the dimensions inside of it")                                             \
    I(minimum, "1: ARG_MIN")                                                                       \
    I(wide, "1: the output is int64, 0: int32")

/** BATCH_MATMUL: [..,rows,depth] times [..,depth,columns]. */
#define UTVM_FIELDS_MATMUL(I, A, F)                                                                \
    A(dims, 6, "batch dimensions of the output in 0 to 4, outermost first; 1 in 5")                \
    A(strides_1, 6, "of input 1 along dims")                                                       \
    A(strides_2, 6, "of input 2 along dims")                                                       \
    I(rows, "of the output")                                                                       \
    I(columns, "of the output")                                                                    \
    I(depth, "products of one output element")                                                     \
    I(row_stride, "of input 1 from row to row")                                                    \
    I(depth_stride_1, "of input 1 along the depth")                                                \
    I(depth_stride_2, "of input 2 along the depth")                                                \
    I(column_stride, "of input 2 from column to column")                                           \
    I(offset_1, "of input 1")                                                                      \
    I(offset_2, "of input 2")                                                                      \
    I(output_offset, "output zero point")                                                          \
    I(multiplier, "of the sum")                                                                    \
    I(shift, "of multiplier")                                                                      \
    I(act_min, "integer kernels")                                                                  \
    I(act_max, "integer kernels")

/** RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR: [N,H,W,C] to [N,OH,OW,C]. */
#define UTVM_FIELDS_RESIZE(I, A, F)                                                                \
    I(batches, "N")                                                                                \
    I(input_h, "H")                                                                                \
    I(input_w, "W")                                                                                \
    I(channels, "C; NEAREST_NEIGHBOR: bytes of a pixel")                                           \
    I(output_h, "OH")                                                                              \
    I(output_w, "OW")

/**
 * SPACE_TO_BATCH_ND, BATCH_TO_SPACE_ND: an image [N,H,W,C] and its parts [block_h,block_w,N,h,w,C],
 * each of which has every block_h-th row and every block_w-th column.
 */
#define UTVM_FIELDS_BLOCKS(I, A, F)                                                                \
    I(batches, "N")                                                                                \
    I(image_h, "H")                                                                                \
    I(image_w, "W")                                                                                \
    I(part_h, "h")                                                                                 \
    I(part_w, "w")                                                                                 \
    I(block_h, "rows of the image to one of a part")                                               \
    I(block_w, "columns of the image to one of a part")                                            \
    I(before_h, "rows of the parts above the image")                                               \
    I(before_w, "columns of the parts left of the image")                                          \
    I(pixel_bytes, "bytes of C")                                                                   \
    I(fill, "byte that fills the parts outside of the image")

/** SVDF: input [batches,num_inputs], output [batches,num_units]. */
#define UTVM_FIELDS_SVDF(I, A, F)                                                                  \
    I(batches, "vectors")                                                                          \
    I(num_inputs, "elements of a vector")                                                          \
    I(num_filters, "num_units * rank")                                                             \
    I(num_units, "elements of an output vector")                                                   \
    I(rank, "filters that make up a unit")                                                         \
    I(memory, "time steps that a filter looks back")                                               \
    I(has_bias, "1 when the bias is there")                                                        \
    I(input_offset, "of the input")                                                                \
    I(state_zero_point, "of the state")                                                            \
    I(feature_multiplier, "products with the input to the state's scale")                          \
    I(feature_shift, "of feature_multiplier")                                                      \
    I(time_multiplier, "products with the state to the output's scale")                            \
    I(time_shift, "of time_multiplier")                                                            \
    I(output_offset, "output zero point")                                                          \
    F(float_min, "float kernels: lower bound of the output")                                       \
    F(float_max, "float kernels: upper bound of the output")

/** SELECT, SELECT_V2: condition, and what to take where it holds and where not. */
#define UTVM_FIELDS_SELECT(I, A, F)                                                                \
    A(dims, 6, "output shape, outermost first")                                                    \
    A(strides_0, 6, "of the condition")                                                            \
    A(strides_1, 6, "of input 1")                                                                  \
    A(strides_2, 6, "of input 2")

/** CAST. */
#define UTVM_FIELDS_CAST(I, A, F)                                                                  \
    I(num_elems, "elements")                                                                       \
    I(from, "enum utvm_dtype of the input")                                                        \
    I(to, "enum utvm_dtype of the output")

/** UNIDIRECTIONAL_SEQUENCE_LSTM; gates in the order input, forget, cell, output. */
#define UTVM_FIELDS_LSTM(I, A, F)                                                                  \
    I(batches, "sequences")                                                                        \
    I(steps, "time steps")                                                                         \
    I(num_inputs, "elements of an input vector")                                                   \
    I(num_units, "cells, and elements of an output vector")                                        \
    I(time_major, "1: data is [steps,batches,..], 0: [batches,steps,..]")                          \
    I(input_offset, "of the data")                                                                 \
    I(hidden_offset, "of the output state")                                                        \
    I(hidden_zero_point, "of the output state")                                                    \
    A(input_multipliers, 4, "products with the data to Q3.12")                                     \
    A(input_shifts, 4, "of input_multipliers")                                                     \
    A(recurrent_multipliers, 4, "products with the output state to Q3.12")                         \
    A(recurrent_shifts, 4, "of recurrent_multipliers")                                             \
    I(forget_multiplier, "forget gate times cell state to cell state")                             \
    I(forget_shift, "of forget_multiplier")                                                        \
    I(update_multiplier, "input gate times cell gate to cell state")                               \
    I(update_shift, "of update_multiplier")                                                        \
    I(output_multiplier, "output gate times tanh of the cell state to output state")               \
    I(output_shift, "of output_multiplier")                                                        \
    I(tanh_multiplier, "cell state to position in the sigmoid table")                              \
    I(tanh_shift, "right shift after tanh_multiplier; 0 to 30")                                    \
    I(cell_clip, "bound of the cell state; 0 = none")                                              \
    F(float_clip, "float kernels: bound of the cell state; 0 = none")

/** ADD_N: inputs of one shape and scale. */
#define UTVM_FIELDS_ADD_N(I, A, F)                                                                 \
    I(num_elems, "elements of each")                                                               \
    I(num_inputs, "tensors")                                                                       \
    I(input_offset, "of each input")                                                               \
    I(output_offset, "output zero point")                                                          \
    I(multiplier, "of the sum times 2^19")                                                         \
    I(shift, "of multiplier; 0 or less")

/** CUMSUM: [outer,axis,inner]. */
#define UTVM_FIELDS_CUMSUM(I, A, F)                                                                \
    I(outer, "product of the dimensions outside of the axis")                                      \
    I(axis_size, "elements along the axis")                                                        \
    I(inner, "product of the dimensions inside of it")                                             \
    I(exclusive, "1: without the element itself")                                                  \
    I(reverse, "1: from the end")                                                                  \
    I(input_offset, "of the input")                                                                \
    I(output_offset, "output zero point")                                                          \
    I(multiplier, "of the sum times 2^19")                                                         \
    I(shift, "of multiplier; 0 or less")

/** L2_NORMALIZATION along the last dimension: [rows,depth]. */
#define UTVM_FIELDS_L2_NORMALIZATION(I, A, F)                                                      \
    I(rows, "vectors")                                                                             \
    I(depth, "elements of a vector; int8: at most 32768")                                          \
    I(input_offset, "int8: of the input")

/** GATHER_ND: each index names one slice of the input. */
#define UTVM_FIELDS_GATHER_ND(I, A, F)                                                             \
    I(num_indices, "slices")                                                                       \
    I(depth, "numbers of an index, 1 to 6")                                                        \
    I(slice_bytes, "bytes of a slice")                                                             \
    A(axis_sizes, 6, "elements along each axis that an index has a number for")                    \
    A(axis_bytes, 6, "bytes from one element to the next along it")

/** EMBEDDING_LOOKUP: rows of a table. */
#define UTVM_FIELDS_EMBEDDING(I, A, F)                                                             \
    I(num_lookups, "rows to copy")                                                                 \
    I(num_rows, "of the table")                                                                    \
    I(row_elems, "elements of a row")                                                              \
    I(elem_bytes, "bytes of one")                                                                  \
    F(scale, "int8 to float: of the table")

/** DYNAMIC_UPDATE_SLICE: a part of a tensor, replaced. */
#define UTVM_FIELDS_DYNAMIC_UPDATE_SLICE(I, A, F)                                                  \
    A(dims, 6, "of the data, outermost first; missing ones are 1")                                 \
    A(update_dims, 6, "of the update; none larger than the data's")                                \
    I(rank, "dimensions that have a start")                                                        \
    I(elem_bytes, "bytes of an element")                                                           \
    I(wide, "1: starts are int64, 0: int32")

/** FILL. */
#define UTVM_FIELDS_FILL(I, A, F)                                                                  \
    I(num_elems, "elements of the output")                                                         \
    I(elem_bytes, "bytes of one")

/** Operators that copy bytes as they are. */
#define UTVM_FIELDS_COPY(I, A, F) I(size_bytes, "bytes to copy")

#define UTVM_PARAMS_LIST(X)                                                                        \
    X(conv, UTVM_FIELDS_CONV)                                                                      \
    X(pool, UTVM_FIELDS_POOL)                                                                      \
    X(binary, UTVM_FIELDS_BINARY)                                                                  \
    X(unary, UTVM_FIELDS_UNARY)                                                                    \
    X(softmax, UTVM_FIELDS_SOFTMAX)                                                                \
    X(strided, UTVM_FIELDS_STRIDED)                                                                \
    X(pad, UTVM_FIELDS_PAD)                                                                        \
    X(mirror_pad, UTVM_FIELDS_MIRROR_PAD)                                                          \
    X(join, UTVM_FIELDS_JOIN)                                                                      \
    X(gather, UTVM_FIELDS_GATHER)                                                                  \
    X(reduce, UTVM_FIELDS_REDUCE)                                                                  \
    X(arg, UTVM_FIELDS_ARG)                                                                        \
    X(matmul, UTVM_FIELDS_MATMUL)                                                                  \
    X(resize, UTVM_FIELDS_RESIZE)                                                                  \
    X(blocks, UTVM_FIELDS_BLOCKS)                                                                  \
    X(svdf, UTVM_FIELDS_SVDF)                                                                      \
    X(select, UTVM_FIELDS_SELECT)                                                                  \
    X(cast, UTVM_FIELDS_CAST)                                                                      \
    X(lstm, UTVM_FIELDS_LSTM)                                                                      \
    X(add_n, UTVM_FIELDS_ADD_N)                                                                    \
    X(cumsum, UTVM_FIELDS_CUMSUM)                                                                  \
    X(l2_normalization, UTVM_FIELDS_L2_NORMALIZATION)                                              \
    X(gather_nd, UTVM_FIELDS_GATHER_ND)                                                            \
    X(embedding, UTVM_FIELDS_EMBEDDING)                                                            \
    X(dynamic_update_slice, UTVM_FIELDS_DYNAMIC_UPDATE_SLICE)                                      \
    X(fill, UTVM_FIELDS_FILL)                                                                      \
    X(copy, UTVM_FIELDS_COPY)

#define UTVM_DECLARE_I(field, meaning) int32_t field;
#define UTVM_DECLARE_A(field, count, meaning) int32_t field[count];
#define UTVM_DECLARE_F(field, meaning) float field;
#define UTVM_DECLARE_PARAMS(name, FIELDS)                                                          \
    struct utvm_##name##_params {                                                                  \
        FIELDS(UTVM_DECLARE_I, UTVM_DECLARE_A, UTVM_DECLARE_F)                                     \
    };

UTVM_PARAMS_LIST(UTVM_DECLARE_PARAMS)

/** utvm_binary_params.comparison: which relation of input 1 to input 2 is true. */
enum utvm_comparison {
    UTVM_COMPARISON_EQUAL,
    UTVM_COMPARISON_NOT_EQUAL,
    UTVM_COMPARISON_GREATER,
    UTVM_COMPARISON_GREATER_EQUAL,
    UTVM_COMPARISON_LESS,
    UTVM_COMPARISON_LESS_EQUAL,
};

#endif
