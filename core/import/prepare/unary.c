// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/ops/unary.h"

#include <inttypes.h>
#include <math.h>

#include "core/import/prepare/common.h"
#include "kernels/arith.h"

/* Operators of one input and one output of the same shape. */

static struct utvm_error *check_unary(struct utvm_prep *p, struct utvm_unary_params **ret)
{
    UTVM_TRY(utvm_prep_arity(p, 1, 1, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_same_shape(input, output));
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_unary, ret));
    (*ret)->num_elems = (int32_t)input->num_elems;
    if (input->size_bytes == output->size_bytes) {
        p->out->in_place_inputs = 1;
    }
    return NULL;
}

/** Zero points and the bounds of the output's type. */
static struct utvm_error *set_zero_points(struct utvm_prep *p, struct utvm_unary_params *params)
{
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_scale(input));
    UTVM_TRY(utvm_prep_require_scale(output));
    params->input_offset = -input->zero_points[0];
    params->output_offset = output->zero_points[0];
    if (output->dtype == UTVM_DTYPE_INT32) {
        params->act_min = INT32_MIN;
        params->act_max = INT32_MAX;
        return NULL;
    }
    return utvm_prep_activation(output, UTVM_ACTIVATION_NONE, &params->act_min, &params->act_max);
}

static struct utvm_error *set_multiplier(double value, int32_t max_shift, int32_t *multiplier,
                                         int32_t *shift)
{
    utvm_quantize_multiplier(value, multiplier, shift);
    if (*shift > max_shift) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "the scales need a factor of %g, too much",
                                 value);
    }
    return NULL;
}

/** Scales of input and output for an operator of a byte or an int16. */
struct scales {
    int32_t input_zero;
    int32_t output_zero;
    float input;
    float output;
    float (*function)(float);
};

static struct scales scales_of(const struct utvm_prep *p)
{
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    return (struct scales){input->zero_points[0], output->zero_points[0], input->scales[0],
                           output->scales[0], NULL};
}

typedef int32_t (*byte_function)(const void *context, int32_t x);

/** The table of lut_int8: what `function` makes of each of the 256 values. */
static struct utvm_error *make_byte_table(struct utvm_prep *p, byte_function function,
                                          const void *context)
{
    int8_t *table;
    bool is_signed = utvm_prep_input(p, 0)->dtype == UTVM_DTYPE_INT8;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT8, 256, &table));
    for (int32_t i = 0; i < 256; i++) {
        table[i] = (int8_t)function(context, is_signed ? (int8_t)i : i);
    }
    p->out->kernel = "lut_int8";
    return NULL;
}

static int32_t rescale(const void *context, int32_t x)
{
    return utvm_unary_rescale(context, x);
}

static int32_t leaky(const void *context, int32_t x)
{
    return utvm_unary_leaky(context, x);
}

static int32_t absolute(const void *context, int32_t x)
{
    return utvm_unary_abs(context, x);
}

/** A function computed in floats, as TensorFlow Lite fills its tables. */
static int32_t through_float(const void *context, int32_t x)
{
    const struct scales *s = context;
    float inverse = 1.0F / s->output;
    float real = s->input * (float)(x - s->input_zero);
    float steps = roundf(s->function(real) * inverse);
    steps = fminf(fmaxf(steps + (float)s->output_zero, (float)INT8_MIN), (float)INT8_MAX);
    return (int32_t)steps;
}

static struct utvm_error *require_output(const struct utvm_prep *p, double scale, int32_t zero)
{
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_scale(output));
    if (fabs((double)output->scales[0] - scale) > 0.001 * scale || output->zero_points[0] != zero) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "the output must have the scale 1/%g and the zero point %" PRId32,
                                 1.0 / scale, zero);
    }
    return NULL;
}

/* ---- LOGISTIC and TANH -------------------------------------------------------------------- */

/** Integer bits of the fixed-point argument of int8. */
#define SIGMOID_INTEGER_BITS 4

struct sigmoid {
    int32_t zero;
    int32_t radius; /**< from here on the result is saturated */
    int32_t multiplier;
    int32_t shift;
};

static int32_t logistic(const void *context, int32_t x)
{
    const struct sigmoid *s = context;
    int32_t value = x - s->zero;
    if (value <= -s->radius || value >= s->radius) {
        return value < 0 ? INT8_MIN : INT8_MAX;
    }
    int32_t q4 = utvm_requantize(value, s->multiplier, s->shift);
    int32_t result = utvm_logistic_fixed(q4, SIGMOID_INTEGER_BITS);
    return utvm_clamp(utvm_rounding_divide_by_pot(result, 23) + INT8_MIN, INT8_MIN, INT8_MAX);
}

static int32_t hyperbolic_tangent(const void *context, int32_t x)
{
    const struct sigmoid *s = context;
    int32_t value = x - s->zero;
    if (value <= -s->radius || value >= s->radius) {
        return value < 0 ? INT8_MIN : INT8_MAX;
    }
    int32_t q4 = utvm_requantize(value, s->multiplier, s->shift);
    int32_t result = utvm_tanh_fixed(q4, SIGMOID_INTEGER_BITS);
    return utvm_clamp(utvm_rounding_divide_by_pot(result, 24), INT8_MIN, INT8_MAX);
}

static struct utvm_error *prepare_sigmoid_int8(struct utvm_prep *p, byte_function function)
{
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_require_scale(input));
    struct sigmoid s = {.zero = input->zero_points[0]};
    double real = (double)input->scales[0] * (1 << (31 - SIGMOID_INTEGER_BITS));
    UTVM_TRY(set_multiplier(real, 30, &s.multiplier, &s.shift));
    double range = ((1 << SIGMOID_INTEGER_BITS) - 1) * ldexp(1.0, 31 - SIGMOID_INTEGER_BITS);
    s.radius = (int32_t)fmin(floor(ldexp(range, -s.shift)), 1024.0);
    return make_byte_table(p, function, &s);
}

/**
 * int16: the argument goes to the sigmoid table's scale, 3 * 2^12 steps a unit.
 * @param max_pot_shift largest factor 2^n that is kept exact
 */
static struct utvm_error *prepare_sigmoid_int16(struct utvm_prep *p, int32_t max_pot_shift,
                                                struct utvm_unary_params *params)
{
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_require_scale(input));
    UTVM_TRY(require_output(p, 1.0 / 32768.0, 0));
    if (input->zero_points[0] != 0) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "int16 must have the zero point 0");
    }
    double exact = log2((double)input->scales[0]);
    int32_t left = 12 + (int32_t)round(exact);
    if (fabs(exact - round(exact)) < 1e-3 && left >= 0 && left <= max_pot_shift) {
        params->multiplier = 3 << left;
    } else {
        double multiplier = (double)input->scales[0] * 4096.0 * 3.0;
        if (multiplier > 32767.0) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "input scale %g is too large",
                                     (double)input->scales[0]);
        }
        while (multiplier <= 32767.0 / 2.0 && params->shift <= 30) {
            params->shift++;
            multiplier *= 2.0;
        }
        params->multiplier = (int32_t)multiplier;
        params->shift = utvm_min(params->shift, 31);
    }
    return utvm_prep_sigmoid_table(p);
}

struct utvm_error *utvm_prepare_logistic(struct utvm_prep *p)
{
    struct utvm_unary_params *params;
    UTVM_TRY(check_unary(p, &params));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_require_type(utvm_prep_output(p, 0), input->dtype));
    if (input->dtype == UTVM_DTYPE_INT8) {
        UTVM_TRY(require_output(p, 1.0 / 256.0, INT8_MIN));
        return prepare_sigmoid_int8(p, logistic);
    }
    if (input->dtype == UTVM_DTYPE_INT16) {
        UTVM_TRY(prepare_sigmoid_int16(p, 0, params));
    }
    return utvm_prep_kernel(p, input, NULL, "logistic_int16", NULL, "logistic_float32");
}

struct utvm_error *utvm_prepare_tanh(struct utvm_prep *p)
{
    struct utvm_unary_params *params;
    UTVM_TRY(check_unary(p, &params));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_require_type(utvm_prep_output(p, 0), input->dtype));
    if (input->dtype == UTVM_DTYPE_INT8) {
        UTVM_TRY(require_output(p, 1.0 / 128.0, 0));
        return prepare_sigmoid_int8(p, hyperbolic_tangent);
    }
    if (input->dtype == UTVM_DTYPE_INT16) {
        UTVM_TRY(prepare_sigmoid_int16(p, 1, params));
    }
    return utvm_prep_kernel(p, input, NULL, "tanh_int16", NULL, "tanh_float32");
}

/* ---- piecewise linear --------------------------------------------------------------------- */

/** RELU and its kin; the reference rescales only for RELU. */
static struct utvm_error *prepare_relu(struct utvm_prep *p, int32_t activation)
{
    struct utvm_unary_params *params;
    UTVM_TRY(check_unary(p, &params));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    if (input->dtype == UTVM_DTYPE_FLOAT32) {
        UTVM_TRY(utvm_prep_activation_float(activation, &params->float_min, &params->float_max));
        p->out->kernel = "relu_float32";
        return NULL;
    }
    UTVM_TRY(set_zero_points(p, params));
    if (activation != UTVM_ACTIVATION_RELU) {
        UTVM_TRY(utvm_prep_same_quantisation(input, output));
    }
    UTVM_TRY(utvm_prep_activation(output, activation, &params->act_min, &params->act_max));
    UTVM_TRY(set_multiplier((double)input->scales[0] / (double)output->scales[0], 14,
                            &params->multiplier, &params->shift));
    if (input->dtype == UTVM_DTYPE_INT8) {
        return make_byte_table(p, rescale, params);
    }
    return utvm_prep_kernel(p, input, NULL, "requantize_int16_int16", NULL, NULL);
}

struct utvm_error *utvm_prepare_relu(struct utvm_prep *p)
{
    return prepare_relu(p, UTVM_ACTIVATION_RELU);
}

struct utvm_error *utvm_prepare_relu6(struct utvm_prep *p)
{
    return prepare_relu(p, UTVM_ACTIVATION_RELU6);
}

struct utvm_error *utvm_prepare_relu_n1_to_1(struct utvm_prep *p)
{
    return prepare_relu(p, UTVM_ACTIVATION_RELU_N1_TO_1);
}

struct utvm_error *utvm_prepare_leaky_relu(struct utvm_prep *p)
{
    struct utvm_unary_params *params;
    UTVM_TRY(check_unary(p, &params));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    float alpha = utvm_option_f32(p->op, 0, 0.0F);
    params->scale = alpha;
    if (input->dtype != UTVM_DTYPE_FLOAT32) {
        UTVM_TRY(set_zero_points(p, params));
        /* As floats: see utvm_prepare_sub(). */
        float ratio = input->scales[0] / output->scales[0];
        float alpha_ratio = input->scales[0] * alpha / output->scales[0];
        if (!(alpha_ratio >= 0.0F)) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "alpha %g is negative", (double)alpha);
        }
        UTVM_TRY(set_multiplier((double)ratio, 14, &params->multiplier, &params->shift));
        UTVM_TRY(set_multiplier((double)alpha_ratio, 14, &params->multiplier_2, &params->shift_2));
    }
    if (input->dtype == UTVM_DTYPE_INT8) {
        return make_byte_table(p, leaky, params);
    }
    return utvm_prep_kernel(p, input, NULL, "leaky_relu_int16", NULL, "leaky_relu_float32");
}

struct utvm_error *utvm_prepare_abs(struct utvm_prep *p)
{
    struct utvm_unary_params *params;
    UTVM_TRY(check_unary(p, &params));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    if (input->dtype != UTVM_DTYPE_FLOAT32) {
        UTVM_TRY(set_zero_points(p, params));
        UTVM_TRY(set_multiplier((double)input->scales[0] / (double)output->scales[0], 14,
                                &params->multiplier, &params->shift));
    }
    if (input->dtype == UTVM_DTYPE_INT8) {
        return make_byte_table(p, absolute, params);
    }
    return utvm_prep_kernel(p, input, NULL, "abs_int16", NULL, "abs_float32");
}

/* ---- HARD_SWISH --------------------------------------------------------------------------- */

struct hard_swish {
    int32_t input_zero;
    int32_t output_zero;
    int32_t output_multiplier; /**< 16 bits */
    int32_t output_shift;
    int32_t gate_multiplier; /**< 16 bits */
    int32_t gate_shift;
};

static int32_t saturate_int16(int64_t x)
{
    return x > INT16_MAX ? INT16_MAX : x < INT16_MIN ? INT16_MIN : (int32_t)x;
}

/** x * relu6(x + 3) / 6 in 16 bits: x on the output's scale times a gate in [0, 1]. */
static int32_t hard_swish(const void *context, int32_t x)
{
    const struct hard_swish *s = context;
    int32_t high = (int16_t)((x - s->input_zero) * 128);
    int32_t on_output = utvm_doubling_high_mul_int16(high, s->output_multiplier);
    int32_t gate = high;
    if (s->gate_shift > 0) {
        gate = saturate_int16(gate * (INT64_C(1) << (s->gate_shift - 1)));
    }
    gate = utvm_doubling_high_mul_int16(gate, s->gate_multiplier);
    if (s->gate_shift > 0) {
        gate = saturate_int16((int64_t)gate * 2);
    } else if (s->gate_shift < 0) {
        gate = utvm_rounding_divide_by_pot(gate, -s->gate_shift);
    }
    gate = (gate + (1 << 15)) >> 1;
    /* Rounded to zero, which cancels the bias of the roundings above. */
    int32_t product = gate * on_output / (1 << 15);
    int32_t result = utvm_rounding_divide_by_pot(product, -s->output_shift) + s->output_zero;
    return utvm_clamp(result, INT8_MIN, INT8_MAX);
}

static int32_t to_16_bits(int32_t multiplier)
{
    return multiplier >= INT32_MAX - (1 << 15) ? INT16_MAX : (multiplier + (1 << 15)) >> 16;
}

struct utvm_error *utvm_prepare_hard_swish(struct utvm_prep *p)
{
    struct utvm_unary_params *params;
    UTVM_TRY(check_unary(p, &params));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_require_type(utvm_prep_output(p, 0), input->dtype));
    if (input->dtype != UTVM_DTYPE_INT8) {
        return utvm_prep_kernel(p, input, NULL, NULL, NULL, "hard_swish_float32");
    }
    UTVM_TRY(set_zero_points(p, params));
    struct scales scales = scales_of(p);
    struct hard_swish s = {.input_zero = scales.input_zero, .output_zero = scales.output_zero};
    float high_scale = (1.0F / 128.0F) * scales.input;
    float gate_scale = 3.0F / 32768.0F;
    UTVM_TRY(set_multiplier((double)(high_scale / scales.output), 0, &s.output_multiplier,
                            &s.output_shift));
    UTVM_TRY(
        set_multiplier((double)(high_scale / gate_scale), 30, &s.gate_multiplier, &s.gate_shift));
    s.output_multiplier = to_16_bits(s.output_multiplier);
    s.gate_multiplier = to_16_bits(s.gate_multiplier);
    return make_byte_table(p, hard_swish, &s);
}

/* ---- functions through tables ------------------------------------------------------------- */

static float elu(float x)
{
    return x < 0.0F ? expf(x) - 1.0F : x;
}

static struct utvm_error *prepare_function(struct utvm_prep *p, float (*function)(float),
                                           const char *int16, const char *float32)
{
    struct utvm_unary_params *params;
    UTVM_TRY(check_unary(p, &params));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_require_type(utvm_prep_output(p, 0), input->dtype));
    if (function &&
        (input->dtype == UTVM_DTYPE_INT8 || (int16 && input->dtype == UTVM_DTYPE_INT16))) {
        UTVM_TRY(set_zero_points(p, params));
        struct scales s = scales_of(p);
        s.function = function;
        if (input->dtype == UTVM_DTYPE_INT8) {
            return make_byte_table(p, through_float, &s);
        }
        float steps_per_unit = 65536.0F / (s.output * 65535.0F);
        UTVM_TRY(utvm_prep_lut_int16(p, function, s.input * (float)(INT16_MIN - s.input_zero),
                                     s.input * (float)(INT16_MAX - s.input_zero), steps_per_unit));
    }
    return utvm_prep_kernel(p, input, NULL, int16, NULL, float32);
}

struct utvm_error *utvm_prepare_elu(struct utvm_prep *p)
{
    return prepare_function(p, elu, NULL, "elu_float32");
}

struct utvm_error *utvm_prepare_exp(struct utvm_prep *p)
{
    return prepare_function(p, expf, "lut_int16", "exp_float32");
}

#define FLOAT_ONLY(name)                                                                           \
    struct utvm_error *utvm_prepare_##name(struct utvm_prep *p)                                    \
    {                                                                                              \
        return prepare_function(p, NULL, NULL, #name "_float32");                                  \
    }
FLOAT_ONLY(neg)
FLOAT_ONLY(sqrt)
FLOAT_ONLY(log)
FLOAT_ONLY(sin)
FLOAT_ONLY(cos)
FLOAT_ONLY(floor)
FLOAT_ONLY(ceil)
FLOAT_ONLY(round)
FLOAT_ONLY(square)

struct rsqrt {
    int32_t input_zero;
    int32_t output_zero;
    int32_t multiplier;
    int32_t shift;
};

static int32_t rsqrt(const void *context, int32_t x)
{
    const struct rsqrt *s = context;
    const int32_t keep_bits = 20;
    int32_t value = x - s->input_zero;
    if (value <= 0) {
        /* The root of a negative number: the reference stops; a table cannot. */
        return INT8_MAX;
    }
    int32_t multiplier;
    int32_t shift;
    utvm_inverse_sqrt(value, &multiplier, &shift);
    int32_t root = utvm_requantize(1, multiplier, shift + keep_bits);
    int32_t result = utvm_requantize(root, s->multiplier, s->shift - keep_bits);
    return utvm_clamp(utvm_wrap_add(result, s->output_zero), INT8_MIN, INT8_MAX);
}

struct utvm_error *utvm_prepare_rsqrt(struct utvm_prep *p)
{
    struct utvm_unary_params *params;
    UTVM_TRY(check_unary(p, &params));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_require_type(utvm_prep_output(p, 0), input->dtype));
    if (input->dtype != UTVM_DTYPE_INT8) {
        return utvm_prep_kernel(p, input, NULL, NULL, NULL, "rsqrt_float32");
    }
    UTVM_TRY(set_zero_points(p, params));
    struct scales scales = scales_of(p);
    struct rsqrt s = {.input_zero = scales.input_zero, .output_zero = scales.output_zero};
    double real = 1.0 / (sqrt((double)scales.input) * (double)scales.output);
    UTVM_TRY(set_multiplier(real, 30, &s.multiplier, &s.shift));
    if (s.shift < -11) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "the scales need a factor of %g", real);
    }
    return make_byte_table(p, rsqrt, &s);
}

struct utvm_error *utvm_prepare_logical_not(struct utvm_prep *p)
{
    struct utvm_unary_params *params;
    UTVM_TRY(check_unary(p, &params));
    UTVM_TRY(utvm_prep_require_type(utvm_prep_input(p, 0), UTVM_DTYPE_BOOL));
    UTVM_TRY(utvm_prep_require_type(utvm_prep_output(p, 0), UTVM_DTYPE_BOOL));
    p->out->kernel = "logical_not";
    return NULL;
}
