// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>

#include "core/import/prepare/common.h"
#include "kernels/arith.h"

/* Where the reference's fixed-point input to the exponential has its binary point: Q5.26. */
#define DIFFERENCE_INTEGER_BITS 5

/** The table of softmax_body.h: what the reference computes for each difference to the maximum. */
static struct utvm_error *make_exp_table(struct utvm_prep *p, double scale, double beta,
                                         struct utvm_softmax_params *params)
{
    double real = fmin(beta * scale * (1 << (31 - DIFFERENCE_INTEGER_BITS)), 2147483647.0);
    int32_t multiplier;
    int32_t shift;
    utvm_quantize_multiplier(real, &multiplier, &shift);
    if (!(real > 1.0) || shift < 0 || shift > 31) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "scale times beta, %g, is out of range",
                                 scale * beta);
    }
    int32_t integer_range = (1 << DIFFERENCE_INTEGER_BITS) - 1;
    int64_t radius = ((int64_t)integer_range << (31 - DIFFERENCE_INTEGER_BITS)) >> shift;
    params->table_size = radius < 255 ? (int32_t)radius + 1 : 256;
    int32_t *table;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT32, (uint64_t)params->table_size, &table));
    for (int32_t i = 0; i < params->table_size; i++) {
        int32_t difference = (int32_t)((uint32_t)-i << shift);
        table[i] = utvm_exp_on_negative_values(utvm_doubling_high_mul(difference, multiplier),
                                               DIFFERENCE_INTEGER_BITS);
    }
    return NULL;
}

static struct utvm_error *prepare_int8(struct utvm_prep *p, const struct utvm_graph_tensor *input,
                                       const struct utvm_graph_tensor *output, double beta,
                                       struct utvm_softmax_params *params)
{
    UTVM_TRY(utvm_prep_require_scale(input));
    UTVM_TRY(utvm_prep_require_scale(output));
    bool wide = output->dtype == UTVM_DTYPE_INT16;
    if (!wide) {
        UTVM_TRY(utvm_prep_require_type(output, UTVM_DTYPE_INT8));
    }
    float expected = wide ? 1.0F / 65536.0F : 1.0F / 256.0F;
    if (fabsf(output->scales[0] - expected) > 0.001F * expected ||
        output->zero_points[0] != (wide ? INT16_MIN : INT8_MIN)) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "the output must have the scale 1/%d and the zero point %d",
                                 wide ? 65536 : 256, wide ? INT16_MIN : INT8_MIN);
    }
    if (params->depth > 4096) {
        return utvm_prep_bad_shape(input, "rows of more than 4096 elements are not supported");
    }
    p->out->kernel = wide ? "softmax_int8_int16" : "softmax_int8";
    return make_exp_table(p, (double)input->scales[0], beta, params);
}

static float reciprocal_of_one_plus(float x)
{
    return 1.0F / (1.0F + x);
}

static struct utvm_error *prepare_int16(struct utvm_prep *p, const struct utvm_graph_tensor *input,
                                        const struct utvm_graph_tensor *output, double beta,
                                        struct utvm_softmax_params *params)
{
    UTVM_TRY(utvm_prep_require_scale(input));
    UTVM_TRY(utvm_prep_require_scale(output));
    UTVM_TRY(utvm_prep_require_type(output, UTVM_DTYPE_INT16));
    if (output->zero_points[0] != 0 ||
        fabsf(output->scales[0] - 1.0F / 32768.0F) > 0.001F / 32768.0F) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "the output must have the scale 1/32768 and the zero point 0");
    }
    /* A difference of -65535 stands for -10, where the exponential no longer matters. */
    utvm_quantize_multiplier((double)input->scales[0] * beta / (10.0 / 65535.0),
                             &params->multiplier, &params->shift);
    if (params->shift > 14) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "scale times beta, %g, is out of range",
                                 (double)input->scales[0] * beta);
    }
    UTVM_TRY(utvm_prep_lut_int16(p, expf, -10.0F, 0.0F, 32768.0F));
    UTVM_TRY(utvm_prep_lut_int16(p, reciprocal_of_one_plus, 0.0F, 1.0F, 32768.0F));
    p->out->kernel = "softmax_int16";
    return NULL;
}

/** Rows along the last dimension, and the same shape for the output. */
static struct utvm_error *check_rows(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 1, 1, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_same_shape(input, utvm_prep_output(p, 0)));
    if (input->rank < 1) {
        return utvm_prep_bad_shape(input, "it must have at least one dimension");
    }
    return NULL;
}

struct utvm_error *utvm_prepare_softmax(struct utvm_prep *p)
{
    UTVM_TRY(check_rows(p));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    struct utvm_softmax_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_softmax, &params));
    params->depth = (int32_t)input->dims[input->rank - 1];
    params->rows = (int32_t)(input->num_elems / input->dims[input->rank - 1]);
    params->beta = utvm_option_f32(p->op, 0, 0.0F);
    if (input->dtype == UTVM_DTYPE_INT8) {
        return prepare_int8(p, input, output, (double)params->beta, params);
    }
    p->out->in_place_inputs = 1;
    if (input->dtype == UTVM_DTYPE_INT16) {
        p->out->in_place_inputs = 0;
        return prepare_int16(p, input, output, (double)params->beta, params);
    }
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    return utvm_prep_kernel(p, input, NULL, NULL, NULL, "softmax_float32");
}

struct utvm_error *utvm_prepare_log_softmax(struct utvm_prep *p)
{
    UTVM_TRY(check_rows(p));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_require_type(utvm_prep_output(p, 0), input->dtype));
    struct utvm_softmax_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_softmax, &params));
    params->depth = (int32_t)input->dims[input->rank - 1];
    params->rows = (int32_t)(input->num_elems / input->dims[input->rank - 1]);
    p->out->in_place_inputs = 1;
    return utvm_prep_kernel(p, input, NULL, NULL, NULL, "log_softmax_float32");
}

/** Beyond this the sum of squares may overflow. */
#define MAX_L2_DEPTH 32768

/* Options: L2NormOptions: 0 fused activation. */
struct utvm_error *utvm_prepare_l2_normalization(struct utvm_prep *p)
{
    UTVM_TRY(check_rows(p));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    if (utvm_option_i8(p->op, 0, 0) != UTVM_ACTIVATION_NONE) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "a fused activation is not supported");
    }
    struct utvm_l2_normalization_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_l2_normalization, &params));
    params->depth = (int32_t)input->dims[input->rank - 1];
    params->rows = (int32_t)(input->num_elems / input->dims[input->rank - 1]);
    p->out->in_place_inputs = 1;
    UTVM_TRY(utvm_prep_kernel(p, input, "l2_normalization_int8", NULL, NULL,
                              "l2_normalization_float32"));
    if (input->dtype == UTVM_DTYPE_FLOAT32) {
        return NULL;
    }
    UTVM_TRY(utvm_prep_require_scale(input));
    UTVM_TRY(utvm_prep_require_scale(output));
    if (output->scales[0] != 1.0F / 128.0F || output->zero_points[0] != 0) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "the output must have the scale 1/128 and the zero point 0");
    }
    if (params->depth > MAX_L2_DEPTH) {
        return utvm_prep_bad_shape(input, "rows of more than 32768 elements are not supported");
    }
    params->input_offset = -input->zero_points[0];
    return NULL;
}
