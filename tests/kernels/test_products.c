// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "kernels/operator_list.h"
#include "tests/kernels/bench.h"

/** One convolution of random data: the fast kernel against the portable one, and that against
 * doubles. */
struct conv_case {
    uint32_t height;
    uint32_t width;
    uint32_t channels;
    uint32_t filters;
    uint32_t kernel_h;
    uint32_t kernel_w;
    int32_t stride;
    int32_t dilation;
    int32_t padding; /**< 0 SAME, 1 VALID */
    bool depthwise;
};

static int32_t output_size(int32_t size, int32_t kernel, int32_t stride, int32_t dilation,
                           int32_t padding, int32_t *pad)
{
    int32_t reach = (kernel - 1) * dilation + 1;
    int32_t output = padding ? (size - reach) / stride + 1 : (size + stride - 1) / stride;
    int32_t total = (output - 1) * stride + reach - size;
    *pad = padding || total < 0 ? 0 : total / 2;
    return output;
}

static double exact_conv(const struct bench *b, const struct conv_case *c, const uint32_t *t,
                         const int32_t *pad, const uint32_t *at)
{
    double sum = bench_real(b, t[2], at[2]);
    for (uint32_t ky = 0; ky < c->kernel_h; ky++) {
        for (uint32_t kx = 0; kx < c->kernel_w; kx++) {
            int32_t y = (int32_t)at[0] * c->stride + (int32_t)ky * c->dilation - pad[0];
            int32_t x = (int32_t)at[1] * c->stride + (int32_t)kx * c->dilation - pad[1];
            if (y < 0 || x < 0 || y >= (int32_t)c->height || x >= (int32_t)c->width) {
                continue;
            }
            uint32_t pixel = ((uint32_t)y * c->width + (uint32_t)x) * c->channels;
            if (c->depthwise) {
                uint32_t multiplier = c->filters / c->channels;
                sum += bench_real(b, t[0], pixel + at[2] / multiplier) *
                       bench_real(b, t[1], (ky * c->kernel_w + kx) * c->filters + at[2]);
                continue;
            }
            for (uint32_t k = 0; k < c->channels; k++) {
                sum +=
                    bench_real(b, t[0], pixel + k) *
                    bench_real(b, t[1],
                               ((at[2] * c->kernel_h + ky) * c->kernel_w + kx) * c->channels + k);
            }
        }
    }
    return sum;
}

static void check_conv(const struct conv_case *c, enum utvm_dtype dtype)
{
    struct bench *b = bench_create();
    int32_t pad[2];
    uint32_t height = (uint32_t)output_size((int32_t)c->height, (int32_t)c->kernel_h, c->stride,
                                            c->dilation, c->padding, &pad[0]);
    uint32_t width = (uint32_t)output_size((int32_t)c->width, (int32_t)c->kernel_w, c->stride,
                                           c->dilation, c->padding, &pad[1]);
    bool is_float = dtype == UTVM_DTYPE_FLOAT32;
    bool wide = dtype == UTVM_DTYPE_INT16;
    float in_scale = is_float ? 0.0F : wide ? 0.0001F : 0.02F;
    float out_scale = is_float ? 0.0F : wide ? 0.002F : 0.3F;
    uint32_t t[3];
    t[0] = bench_input(b, dtype, SHAPE(1, c->height, c->width, c->channels), in_scale,
                       dtype == UTVM_DTYPE_INT8 ? -5 : 0);
    struct bench_shape filter = c->depthwise
                                    ? SHAPE(1, c->kernel_h, c->kernel_w, c->filters)
                                    : SHAPE(c->filters, c->kernel_h, c->kernel_w, c->channels);
    t[1] = bench_input(b, is_float ? dtype : UTVM_DTYPE_INT8, filter, is_float ? 0.0F : 0.01F, 0);
    t[2] = bench_input(b,
                       is_float ? dtype
                       : wide   ? UTVM_DTYPE_INT64
                                : UTVM_DTYPE_INT32,
                       SHAPE(c->filters), in_scale * 0.01F, 0);
    uint32_t out = bench_output(b, dtype, SHAPE(1, height, width, c->filters), out_scale,
                                dtype == UTVM_DTYPE_INT8 ? 9 : 0);
    bench_randomise(b, t[0], 11);
    bench_randomise(b, t[1], 12);
    for (uint32_t i = 0; i < c->filters && !is_float; i++) {
        double value = (double)(i * 97 % 1000) - 500.0;
        if (wide) {
            ((int64_t *)b->memory[t[2]])[i] = (int64_t)value;
        } else {
            ((int32_t *)b->memory[t[2]])[i] = (int32_t)value;
        }
    }
    bench_make_constant(b, t[1]);
    bench_make_constant(b, t[2]);
    b->options[0] = c->padding;
    b->options[1] = c->stride;
    b->options[2] = c->stride;
    b->options[c->depthwise ? 5 : 4] = c->dilation;
    b->options[c->depthwise ? 6 : 5] = c->dilation;
    bench_run(b, c->depthwise ? UTVM_OPERATOR_DEPTHWISE_CONV_2D : UTVM_OPERATOR_CONV_2D);
    for (uint32_t i = 0; i < b->tensors[out].num_elems; i++) {
        uint32_t at[3] = {i / c->filters / width, i / c->filters % width, i % c->filters};
        double exact = exact_conv(b, c, t, pad, at);
        double got = bench_real(b, out, i);
        double high = is_float ? 1e30 : wide ? 65.0 : (127 - 9) * 0.3;
        double low = is_float ? -1e30 : wide ? -65.0 : (-128 - 9) * 0.3;
        exact = fmin(fmax(exact, low), high);
        double tolerance = is_float ? 1e-4 : wide ? 0.07 : 0.52 * 0.3;
        cr_expect(fabs(got - exact) <= tolerance, "%ux%ux%u to %u: element %u is %g, not %g",
                  c->height, c->width, c->channels, c->filters, i, got, exact);
    }
    bench_free(b);
}

static const struct conv_case cases[] = {
    {5, 5, 4, 4, 3, 3, 1, 1, 0, false}, {5, 6, 3, 5, 3, 3, 1, 1, 0, false},
    {7, 5, 1, 3, 5, 3, 2, 1, 0, false}, {6, 6, 8, 6, 1, 1, 1, 1, 1, false},
    {9, 9, 2, 4, 3, 3, 1, 2, 0, false}, {4, 9, 5, 2, 2, 4, 2, 1, 1, false},
    {3, 3, 6, 7, 3, 3, 1, 1, 1, false}, {1, 7, 12, 2, 1, 3, 1, 1, 0, false},
    {5, 5, 4, 4, 3, 3, 1, 1, 0, true},  {6, 5, 8, 8, 3, 3, 2, 1, 0, true},
    {7, 7, 4, 4, 5, 2, 1, 1, 1, true},  {7, 7, 12, 12, 3, 3, 1, 2, 0, true},
    {5, 5, 3, 6, 3, 3, 1, 1, 0, true},  {2, 2, 4, 4, 3, 3, 1, 1, 0, true},
    {9, 1, 8, 8, 5, 1, 1, 1, 0, true},
};

Test(products, int8_convolutions_are_right_in_both_forms)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_conv(&cases[i], UTVM_DTYPE_INT8);
    }
}

Test(products, int16_convolutions_are_right)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_conv(&cases[i], UTVM_DTYPE_INT16);
    }
}

Test(products, float_convolutions_are_right)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_conv(&cases[i], UTVM_DTYPE_FLOAT32);
    }
}

Test(products, fully_connected_without_bias_in_both_forms)
{
    for (uint32_t depth = 1; depth < 14; depth++) {
        struct bench *b = bench_create();
        uint32_t in = bench_input(b, UTVM_DTYPE_INT8, SHAPE(2, depth), 0.05F, 3);
        uint32_t weights = bench_input(b, UTVM_DTYPE_INT8, SHAPE(3, depth), 0.01F, 0);
        uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 3), 0.2F, -8);
        bench_randomise(b, in, depth);
        bench_randomise(b, weights, depth + 1);
        bench_make_constant(b, weights);
        bench_run(b, UTVM_OPERATOR_FULLY_CONNECTED);
        for (uint32_t i = 0; i < 6; i++) {
            double sum = 0.0;
            for (uint32_t k = 0; k < depth; k++) {
                sum += bench_real(b, in, i / 3 * depth + k) *
                       bench_real(b, weights, i % 3 * depth + k);
            }
            sum = fmin(fmax(sum, -120 * 0.2), 135 * 0.2);
            cr_expect(fabs(bench_real(b, out, i) - sum) <= 0.52 * 0.2);
        }
        bench_free(b);
    }
}

Test(products, pools_are_right_in_both_forms)
{
    for (uint32_t channels = 3; channels < 6; channels++) {
        for (int average = 0; average < 2; average++) {
            struct bench *b = bench_create();
            uint32_t in = bench_input(b, UTVM_DTYPE_INT8, SHAPE(1, 5, 5, channels), 0.5F, 0);
            uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(1, 3, 3, channels), 0.5F, 0);
            bench_randomise(b, in, channels);
            b->options[1] = b->options[2] = 2;
            b->options[3] = b->options[4] = 3;
            bench_run(b, average ? UTVM_OPERATOR_AVERAGE_POOL_2D : UTVM_OPERATOR_MAX_POOL_2D);
            double corner = 0.0;
            double highest = -128.0;
            for (uint32_t i = 0; i < 4; i++) {
                double value = bench_get(b, in, (uint64_t)(i / 2 * 5 + i % 2) * channels);
                corner += value / 4.0;
                highest = fmax(highest, value);
            }
            double got = bench_get(b, out, 0);
            cr_expect(average ? fabs(got - corner) <= 0.51 : got == highest);
            bench_free(b);
        }
    }
}

Test(products, batch_matmul_transposes_and_broadcasts)
{
    struct bench *b = bench_create();
    uint32_t x = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(2, 3, 2), 0, 0); /* adj_x: 2 by 3 */
    uint32_t y = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(1, 2, 3), 0, 0); /* adj_y: 3 by 2 */
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(2, 2, 2), 0, 0);
    bench_set(b, x, VALUES(1, 2, 3, 4, 5, 6, 1, 0, 0, 1, 0, 0));
    bench_set(b, y, VALUES(1, 0, 2, 0, 1, 0));
    b->options[0] = 1;
    b->options[1] = 1;
    bench_run(b, UTVM_OPERATOR_BATCH_MATMUL);
    bench_expect(b, out, 1e-6, VALUES(11, 3, 14, 4, 1, 0, 0, 1));
    bench_free(b);
}

Test(products, batch_matmul_of_int8_follows_the_formula)
{
    struct bench *b = bench_create();
    uint32_t x = bench_input(b, UTVM_DTYPE_INT8, SHAPE(2, 4), 0.05F, 3);
    uint32_t y = bench_input(b, UTVM_DTYPE_INT8, SHAPE(4, 3), 0.02F, -6);
    uint32_t out = bench_output(b, UTVM_DTYPE_INT8, SHAPE(2, 3), 0.2F, 1);
    bench_randomise(b, x, 1);
    bench_randomise(b, y, 2);
    bench_run(b, UTVM_OPERATOR_BATCH_MATMUL);
    for (uint32_t i = 0; i < 6; i++) {
        double sum = 0.0;
        for (uint32_t k = 0; k < 4; k++) {
            sum += bench_real(b, x, i / 3 * 4 + k) * bench_real(b, y, k * 3 + i % 3);
        }
        sum = fmin(fmax(sum, -129 * 0.2), 126 * 0.2);
        cr_expect(fabs(bench_real(b, out, i) - sum) <= 0.52 * 0.2);
    }
    bench_free(b);
}

Test(products, transpose_conv_spreads_each_pixel)
{
    struct bench *b = bench_create();
    bench_ints(b, VALUES(1, 5, 5, 1));
    uint32_t weights = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(1, 3, 3, 1), 0, 0);
    uint32_t in = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(1, 2, 2, 1), 0, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(1, 5, 5, 1), 0, 0);
    bench_set(b, weights, VALUES(1, 2, 3, 4, 5, 6, 7, 8, 9));
    bench_set(b, in, VALUES(1, 10, 100, 1000));
    b->options[0] = 1;
    b->options[1] = b->options[2] = 2;
    bench_run(b, UTVM_OPERATOR_TRANSPOSE_CONV);
    bench_expect(b, out, 1e-3,
                 VALUES(1, 2, 13, 20, 30, 4, 5, 46, 50, 60, 107, 208, 1379, 2080, 3090, 400, 500,
                        4600, 5000, 6000, 700, 800, 7900, 8000, 9000));
    bench_free(b);
}

Test(products, svdf_remembers_earlier_steps)
{
    static const enum utvm_dtype types[] = {UTVM_DTYPE_FLOAT32, UTVM_DTYPE_INT8};
    for (int quantised = 0; quantised < 2; quantised++) {
        struct bench *b = bench_create();
        enum utvm_dtype state_type = quantised ? UTVM_DTYPE_INT16 : UTVM_DTYPE_FLOAT32;
        float scale = quantised ? 0.5F : 0.0F;
        uint32_t in = bench_input(b, types[quantised], SHAPE(1, 2), scale, 0);
        uint32_t feature = bench_input(b, types[quantised], SHAPE(2, 2), scale, 0);
        uint32_t time = bench_input(b, state_type, SHAPE(2, 3), scale, 0);
        b->inputs[b->num_inputs++] = UTVM_NO_INDEX;
        uint32_t state = bench_input(b, state_type, SHAPE(1, 6), quantised ? 0.25F : 0.0F, 0);
        b->tensors[state].is_variable = true;
        uint32_t out = bench_output(b, types[quantised], SHAPE(1, 2), scale, 0);
        b->options[0] = 1;
        bench_set(b, feature, VALUES(2, 0, 0, 2));
        bench_set(b, time, VALUES(2, 4, 6, 2, 4, 6));
        double unit = quantised ? 0.5 : 1.0;
        bench_set(b, in, VALUES(2, 4));
        bench_run(b, UTVM_OPERATOR_SVDF);
        /* newest weight times feature */
        double first = 2 * unit * 2 * unit * 6 * unit / unit;
        bench_expect(b, out, 1e-6, VALUES(first, 2 * first));
        bench_set(b, in, VALUES(0, 0));
        bench_run(b, UTVM_OPERATOR_SVDF);
        bench_expect(b, out, 1e-6, VALUES(first * 4 / 6, 2 * first * 4 / 6));
        bench_free(b);
    }
}

Test(products, softmax_of_int16_sums_to_one)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_INT16, SHAPE(1, 5), 0.001F, 0);
    uint32_t out = bench_output(b, UTVM_DTYPE_INT16, SHAPE(1, 5), 1.0F / 32768.0F, 0);
    bench_option_float(b, 0, 1.0F);
    bench_set(b, in, VALUES(-3000, 0, 1000, 2500, -32768));
    bench_run(b, UTVM_OPERATOR_SOFTMAX);
    double sum = 0.0;
    for (uint64_t i = 0; i < 5; i++) {
        sum += exp(bench_real(b, in, i));
    }
    for (uint64_t i = 0; i < 5; i++) {
        cr_expect(fabs(bench_real(b, out, i) - exp(bench_real(b, in, i)) / sum) < 0.0005);
    }
    bench_free(b);
}

Test(products, float_lstm_follows_its_equations)
{
    struct bench *b = bench_create();
    uint32_t in = bench_input(b, UTVM_DTYPE_FLOAT32, SHAPE(1, 2, 1), 0, 0);
    for (int i = 1; i < 24; i++) {
        bool there = i < 9 || (i >= 12 && i < 16) || i == 18 || i == 19;
        if (!there) {
            b->inputs[b->num_inputs++] = UTVM_NO_INDEX;
            continue;
        }
        /* One unit, so each weight matrix and bias is one number. */
        struct bench_shape shape = i < 9 || i >= 18 ? SHAPE(1, 1) : SHAPE(1);
        uint32_t t = bench_input(b, UTVM_DTYPE_FLOAT32, shape, 0, 0);
        bench_set(b, t, VALUES(i < 9 ? 0.1 * i : i < 18 ? 0.05 * i : 0.0));
        b->tensors[t].is_variable = i >= 18;
    }
    uint32_t out = bench_output(b, UTVM_DTYPE_FLOAT32, SHAPE(1, 2, 1), 0, 0);
    bench_set(b, in, VALUES(0.5, -1));
    b->options[0] = 4;
    bench_run(b, UTVM_OPERATOR_UNIDIRECTIONAL_SEQUENCE_LSTM);
    double hidden = 0.0;
    double cell = 0.0;
    for (uint64_t step = 0; step < 2; step++) {
        double gates[4];
        for (int g = 0; g < 4; g++) {
            double x =
                0.1 * (1 + g) * bench_get(b, in, step) + 0.1 * (5 + g) * hidden + 0.05 * (12 + g);
            gates[g] = g == 2 ? tanh(x) : 1.0 / (1.0 + exp(-x));
        }
        cell = gates[1] * cell + gates[0] * gates[2];
        hidden = gates[3] * tanh(cell);
        cr_expect(fabs(bench_get(b, out, step) - hidden) < 1e-6);
    }
    bench_free(b);
}
