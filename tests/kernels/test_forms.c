// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// Fast kernels against portable ones, byte for byte (bench_run() compares), on shapes and values
// drawn at random, with the edges of the types among them.
#include <criterion/criterion.h>
#include <string.h>

#include "kernels/arith.h"
#include "kernels/operator_list.h"
#include "tests/kernels/bench.h"

static const enum utvm_dtype types[] = {UTVM_DTYPE_INT8, UTVM_DTYPE_INT16, UTVM_DTYPE_FLOAT32};
#define NUM_TYPES (sizeof(types) / sizeof(types[0]))

/** What an operator's input and three copies of its output may take: the tests run on a board too.
 */
#define BOARD_BYTES 150000u

struct dice {
    uint64_t state;
};

/** low to high, both inclusive. */
static uint32_t roll(struct dice *dice, uint32_t low, uint32_t high)
{
    dice->state = dice->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return low + (uint32_t)(dice->state >> 33) % (high - low + 1);
}

/** Random values; now and then all of them are the lowest or the highest that there are. */
static void fill(struct bench *b, struct dice *dice, uint32_t tensor)
{
    struct utvm_graph_tensor *t = &b->tensors[tensor];
    bench_randomise(b, tensor, dice->state);
    uint32_t kind = roll(dice, 0, 7);
    if (kind < 2 && t->dtype == UTVM_DTYPE_INT8) {
        memset(b->memory[tensor], kind ? INT8_MAX : INT8_MIN, t->size_bytes);
    } else if (kind < 2 && t->dtype == UTVM_DTYPE_INT16) {
        for (uint64_t i = 0; i < t->num_elems; i++) {
            ((int16_t *)b->memory[tensor])[i] = kind ? INT16_MAX : INT16_MIN;
        }
    }
}

/** Data, weights, bias and output of one type, with scales that call for every kind of rounding. */
struct layer {
    enum utvm_dtype dtype;
    struct bench_shape data;
    struct bench_shape weights;
    struct bench_shape output;
    uint32_t channels;
    bool shape_first; /**< input 0 is the output's shape */
};

static struct bench *make(struct dice *dice, const struct layer *l)
{
    static const float output_scales[] = {0.00001F, 0.0003F, 0.02F, 0.7F};
    struct bench *b = bench_create();
    bool is_float = l->dtype == UTVM_DTYPE_FLOAT32;
    bool wide = l->dtype == UTVM_DTYPE_INT16;
    bool narrow = l->dtype == UTVM_DTYPE_INT8;
    float in_scale = is_float ? 0.0F : 0.01F;
    if (l->shape_first) {
        const uint32_t *d = l->output.dims;
        bench_ints(b, (const double[]){d[0], d[1], d[2], d[3]}, 4);
    }
    uint32_t data = bench_tensor(b, l->dtype, l->data, in_scale,
                                 narrow ? (int32_t)roll(dice, 0, 255) - 128 : 0);
    uint32_t weights = bench_tensor(b, is_float ? l->dtype : UTVM_DTYPE_INT8, l->weights,
                                    is_float ? 0.0F : 0.01F, 0);
    b->inputs[b->num_inputs++] = l->shape_first ? weights : data;
    b->inputs[b->num_inputs++] = l->shape_first ? data : weights;
    fill(b, dice, data);
    fill(b, dice, weights);
    bench_make_constant(b, weights);
    if (roll(dice, 0, 3) != 0) {
        enum utvm_dtype bias_type = is_float ? l->dtype
                                    : wide   ? UTVM_DTYPE_INT64
                                             : UTVM_DTYPE_INT32;
        uint32_t bias = bench_input(b, bias_type, SHAPE(l->channels), in_scale * 0.01F, 0);
        for (uint32_t i = 0; i < l->channels; i++) {
            double value = (double)roll(dice, 0, 2000000) - 1000000.0;
            if (is_float) {
                ((float *)b->memory[bias])[i] = (float)(value / 1e6);
            } else if (wide) {
                ((int64_t *)b->memory[bias])[i] = (int64_t)value * (int64_t)roll(dice, 1, 5000);
            } else {
                ((int32_t *)b->memory[bias])[i] = (int32_t)value;
            }
        }
        bench_make_constant(b, bias);
    }
    float scale = is_float ? 0.0F : output_scales[roll(dice, wide ? 0 : 2, 3)];
    bench_output(b, l->dtype, l->output, scale, narrow ? (int32_t)roll(dice, 0, 255) - 128 : 0);
    return b;
}

static uint32_t same_size(uint32_t size, uint32_t stride)
{
    return (size + stride - 1) / stride;
}

static void run_conv(struct dice *dice, bool depthwise)
{
    enum utvm_dtype dtype = types[roll(dice, 0, NUM_TYPES - 1)];
    uint32_t elem_bytes = dtype == UTVM_DTYPE_FLOAT32 ? 4 : dtype == UTVM_DTYPE_INT16 ? 2 : 1;
    uint32_t multiplier = roll(dice, 0, 1) ? 1 : roll(dice, 1, 5);
    uint32_t stride = roll(dice, 1, 3);
    uint32_t dilation = stride == 1 ? roll(dice, 1, 2) : 1;
    uint32_t batches = roll(dice, 1, 2);
    uint32_t height = roll(dice, 1, 23);
    uint32_t width = roll(dice, 0, 4) ? roll(dice, 1, 23) : 1;
    uint32_t channels = roll(dice, 0, 5) ? roll(dice, 1, 9) : roll(dice, 90, 130);
    uint32_t filters = depthwise ? channels * multiplier : roll(dice, 1, 7);
    while (batches * height * width * (channels + 3 * filters) * elem_bytes > BOARD_BYTES) {
        height = (height + 1) / 2;
        width = (width + 1) / 2;
    }
    uint32_t kernel_h = roll(dice, 0, 1) ? 3 : roll(dice, 1, 5);
    uint32_t kernel_w = width == 1 ? 1 : roll(dice, 0, 1) ? 3 : roll(dice, 1, 5);
    const struct layer l = {
        .dtype = dtype,
        .data = SHAPE(batches, height, width, channels),
        .weights = depthwise ? SHAPE(1, kernel_h, kernel_w, filters)
                             : SHAPE(filters, kernel_h, kernel_w, channels),
        .output = SHAPE(batches, same_size(height, stride), same_size(width, stride), filters),
        .channels = filters,
    };
    struct bench *b = make(dice, &l);
    b->options[1] = b->options[2] = (int32_t)stride;
    b->options[depthwise ? 5 : 4] = b->options[depthwise ? 6 : 5] = (int32_t)dilation;
    b->options[depthwise ? 4 : 3] = (int32_t)roll(dice, 0, 1);
    bench_run(b, depthwise ? UTVM_OPERATOR_DEPTHWISE_CONV_2D : UTVM_OPERATOR_CONV_2D);
    bench_free(b);
}

Test(forms, convolutions)
{
    struct dice dice = {1};
    for (int i = 0; i < 150; i++) {
        run_conv(&dice, false);
    }
}

Test(forms, depthwise_convolutions)
{
    struct dice dice = {2};
    for (int i = 0; i < 200; i++) {
        run_conv(&dice, true);
    }
}

Test(forms, depthwise_convolutions_in_bands)
{
    static const uint32_t heights[] = {47, 40, 2};
    for (size_t i = 0; i < sizeof(heights) / sizeof(heights[0]); i++) {
        for (size_t t = 0; t < NUM_TYPES; t++) {
            struct dice dice = {3 + i};
            uint32_t batches = types[t] == UTVM_DTYPE_FLOAT32 ? 1 : 2; // for the board's memory
            const struct layer l = {
                .dtype = types[t],
                .data = SHAPE(batches, heights[i], 61, 5),
                .weights = SHAPE(1, 3, 3, 5),
                .output = SHAPE(batches, heights[i], 61, 5),
                .channels = 5,
            };
            struct bench *b = make(&dice, &l);
            b->options[1] = b->options[2] = b->options[5] = b->options[6] = 1;
            bench_run(b, UTVM_OPERATOR_DEPTHWISE_CONV_2D);
            bench_free(b);
        }
    }
}

/* Few windows of long filters, inside of the image or beyond it: nothing is copied for those. */
Test(forms, depthwise_convolutions_of_few_windows)
{
    struct dice dice = {9};
    for (int i = 0; i < 100; i++) {
        bool upright = roll(&dice, 0, 2) == 0;
        bool valid = roll(&dice, 0, 1);
        uint32_t stride = roll(&dice, 1, 3);
        uint32_t dilation = stride == 1 ? roll(&dice, 1, 2) : 1;
        uint32_t batches = roll(&dice, 1, 2);
        uint32_t kernel_h = roll(&dice, 1, 7);
        uint32_t kernel_w = upright ? 1 : roll(&dice, 1, 7);
        uint32_t extent_h = (kernel_h - 1) * dilation + 1;
        uint32_t extent_w = (kernel_w - 1) * dilation + 1;
        uint32_t height = valid ? extent_h + roll(&dice, 0, 2) : roll(&dice, 1, 4);
        uint32_t width = upright ? 1 : valid ? extent_w + roll(&dice, 0, 2) : roll(&dice, 1, 4);
        uint32_t channels = 4 * roll(&dice, 1, 9);
        uint32_t output_h = same_size(valid ? height - extent_h + 1 : height, stride);
        uint32_t output_w = same_size(valid ? width - extent_w + 1 : width, stride);
        const struct layer l = {
            .dtype = UTVM_DTYPE_INT8,
            .data = SHAPE(batches, height, width, channels),
            .weights = SHAPE(1, kernel_h, kernel_w, channels),
            .output = SHAPE(batches, output_h, output_w, channels),
            .channels = channels,
        };
        struct bench *b = make(&dice, &l);
        b->options[0] = valid;
        b->options[1] = b->options[2] = (int32_t)stride;
        b->options[5] = b->options[6] = (int32_t)dilation;
        bench_run(b, UTVM_OPERATOR_DEPTHWISE_CONV_2D);
        bench_free(b);
    }
}

Test(forms, transposed_convolutions)
{
    struct dice dice = {4};
    for (int i = 0; i < 100; i++) {
        uint32_t stride_h = roll(&dice, 1, 3);
        uint32_t stride_w = roll(&dice, 1, 3);
        uint32_t height = roll(&dice, 1, 6);
        uint32_t width = roll(&dice, 1, 6);
        uint32_t channels = roll(&dice, 1, 9);
        uint32_t filters = roll(&dice, 1, 5);
        uint32_t batches = roll(&dice, 1, 2);
        const struct layer l = {
            .dtype = types[roll(&dice, 0, NUM_TYPES - 1)],
            .data = SHAPE(batches, height, width, channels),
            .weights = SHAPE(filters, roll(&dice, 1, 4), roll(&dice, 1, 4), channels),
            .output = SHAPE(batches, height * stride_h, width * stride_w, filters),
            .channels = filters,
            .shape_first = true,
        };
        struct bench *b = make(&dice, &l);
        b->options[1] = (int32_t)stride_w;
        b->options[2] = (int32_t)stride_h;
        bench_run(b, UTVM_OPERATOR_TRANSPOSE_CONV);
        bench_free(b);
    }
}

Test(forms, matrix_products)
{
    struct dice dice = {5};
    for (int i = 0; i < 100; i++) {
        uint32_t rows = roll(&dice, 1, 5);
        uint32_t depth = roll(&dice, 0, 5) ? roll(&dice, 1, 40) : roll(&dice, 500, 1200);
        uint32_t channels = roll(&dice, 1, 9);
        const struct layer l = {
            .dtype = types[roll(&dice, 0, NUM_TYPES - 1)],
            .data = SHAPE(rows, depth),
            .weights = SHAPE(channels, depth),
            .output = SHAPE(rows, channels),
            .channels = channels,
        };
        struct bench *b = make(&dice, &l);
        bench_run(b, UTVM_OPERATOR_FULLY_CONNECTED);
        bench_free(b);
    }
}

Test(forms, products_of_two_tensors)
{
    struct dice dice = {7};
    for (int i = 0; i < 100; i++) {
        enum utvm_dtype dtype = types[roll(&dice, 0, NUM_TYPES - 1)];
        uint32_t rows = roll(&dice, 1, 9);
        uint32_t depth = roll(&dice, 1, 21);
        uint32_t columns = roll(&dice, 1, 9);
        bool turned_1 = roll(&dice, 0, 1);
        bool turned_2 = roll(&dice, 0, 1);
        bool is_float = dtype == UTVM_DTYPE_FLOAT32;
        int32_t zero = dtype == UTVM_DTYPE_INT8 ? (int32_t)roll(&dice, 0, 255) - 128 : 0;
        struct bench *b = bench_create();
        uint32_t x = bench_input(b, dtype, turned_1 ? SHAPE(2, depth, rows) : SHAPE(2, rows, depth),
                                 is_float ? 0.0F : 0.05F, zero);
        uint32_t y =
            bench_input(b, dtype, turned_2 ? SHAPE(1, columns, depth) : SHAPE(1, depth, columns),
                        is_float ? 0.0F : 0.02F, zero / 2);
        bench_output(b, dtype, SHAPE(2, rows, columns), is_float ? 0.0F : 0.3F, zero / 3);
        fill(b, &dice, x);
        fill(b, &dice, y);
        b->options[0] = turned_1;
        b->options[1] = turned_2;
        bench_run(b, UTVM_OPERATOR_BATCH_MATMUL);
        bench_free(b);
    }
}

Test(forms, lstm)
{
    struct dice dice = {8};
    for (int i = 0; i < 40; i++) {
        enum utvm_dtype dtype = i % 2 ? UTVM_DTYPE_INT8 : UTVM_DTYPE_INT16;
        bool wide = dtype == UTVM_DTYPE_INT16;
        uint32_t batches = roll(&dice, 1, 2);
        uint32_t steps = roll(&dice, 1, 4);
        uint32_t depth = roll(&dice, 1, 19);
        uint32_t units = roll(&dice, 1, 19);
        float scale = wide ? 1.0F / 32768.0F : 1.0F / 128.0F;
        struct bench *b = bench_create();
        fill(b, &dice, bench_input(b, dtype, SHAPE(batches, steps, depth), scale, wide ? 0 : -13));
        for (int k = 1; k < 24; k++) {
            bool weights = k < 9;
            bool bias = k >= 12 && k < 16;
            if (!weights && !bias && k != 18 && k != 19) {
                b->inputs[b->num_inputs++] = UTVM_NO_INDEX;
                continue;
            }
            enum utvm_dtype type = weights   ? UTVM_DTYPE_INT8
                                   : k == 18 ? dtype
                                   : k == 19 ? UTVM_DTYPE_INT16
                                   : wide    ? UTVM_DTYPE_INT64
                                             : UTVM_DTYPE_INT32;
            struct bench_shape shape = weights ? SHAPE(units, k < 5 ? depth : units)
                                       : bias  ? SHAPE(units)
                                               : SHAPE(batches, units);
            float scales = weights ? 0.02F : k == 19 ? 1.0F / 2048.0F : scale;
            uint32_t t = bench_input(b, type, shape, scales, k == 18 && !wide ? 7 : 0);
            b->tensors[t].is_variable = k >= 18;
            for (uint64_t e = 0; bias && e < units; e++) {
                double value = (double)roll(&dice, 0, 20000) - 10000.0;
                if (wide) {
                    ((int64_t *)b->memory[t])[e] = (int64_t)value * 200;
                } else {
                    ((int32_t *)b->memory[t])[e] = (int32_t)value;
                }
            }
            if (!bias) {
                fill(b, &dice, t);
            }
        }
        bench_output(b, dtype, SHAPE(batches, steps, units), scale, wide ? 0 : 7);
        b->options[0] = 4;
        bench_run(b, UTVM_OPERATOR_UNIDIRECTIONAL_SEQUENCE_LSTM);
        bench_run(b, UTVM_OPERATOR_UNIDIRECTIONAL_SEQUENCE_LSTM);
        bench_free(b);
    }
}

Test(forms, fast_requantisation_of_int64)
{
    static const int32_t edges[] = {INT32_MIN, INT32_MIN + 1, -65536, -1, 0, 1, 65535, INT32_MAX};
    struct dice dice = {6};
    for (int i = 0; i < 200000; i++) {
        int32_t x = i % 3 == 0
                        ? edges[roll(&dice, 0, 7)]
                        : (int32_t)(roll(&dice, 0, UINT32_MAX - 1) ^ roll(&dice, 0, 1) << 31);
        int32_t multiplier = (int32_t)((1u << 30) + roll(&dice, 0, (1u << 30) - 1));
        int32_t shift = -(int32_t)roll(&dice, 2, 31);
        int32_t slow = utvm_requantize_int64(x, multiplier, shift);
        int32_t fast = utvm_requantize_int64_fast(x, multiplier, shift);
        cr_assert_eq(fast, slow, "%d by %d, %d: %d and %d", (int)x, (int)multiplier, (int)shift,
                     (int)fast, (int)slow);
    }
}
