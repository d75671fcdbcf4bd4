// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/import/prepare/common.h"

/* Numbers of option fields: Pool2DOptions in TFLite's schema. */
static struct utvm_error *prepare_pool(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 1, 1, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_rank(input, 4));
    UTVM_TRY(utvm_prep_require_rank(output, 4));
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    struct utvm_pool_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_pool, &params));
    int32_t padding = utvm_option_i8(p->op, 0, UTVM_PADDING_SAME);
    params->batches = (int32_t)input->dims[0];
    params->input_h = (int32_t)input->dims[1];
    params->input_w = (int32_t)input->dims[2];
    params->channels = (int32_t)input->dims[3];
    params->stride_w = utvm_option_i32(p->op, 1, 0);
    params->stride_h = utvm_option_i32(p->op, 2, 0);
    params->filter_w = utvm_option_i32(p->op, 3, 0);
    params->filter_h = utvm_option_i32(p->op, 4, 0);
    UTVM_TRY(utvm_prep_window(padding, params->input_h, params->filter_h, params->stride_h, 1,
                              &params->output_h, &params->pad_h));
    UTVM_TRY(utvm_prep_window(padding, params->input_w, params->filter_w, params->stride_w, 1,
                              &params->output_w, &params->pad_w));
    if (output->dims[0] != input->dims[0] || output->dims[1] != (uint32_t)params->output_h ||
        output->dims[2] != (uint32_t)params->output_w || output->dims[3] != input->dims[3]) {
        return utvm_prep_bad_shape(output, "it does not follow from input, window and stride");
    }
    int32_t activation = utvm_option_i8(p->op, 5, 0);
    if (input->dtype == UTVM_DTYPE_FLOAT32) {
        return utvm_prep_activation_float(activation, &params->float_min, &params->float_max);
    }
    UTVM_TRY(utvm_prep_require_scale(output));
    UTVM_TRY(utvm_prep_same_quantisation(input, output));
    return utvm_prep_activation(output, activation, &params->act_min, &params->act_max);
}

struct utvm_error *utvm_prepare_average_pool_2d(struct utvm_prep *p)
{
    UTVM_TRY(prepare_pool(p));
    const struct utvm_pool_params *params = p->out->params;
    bool fast = params->channels % 4 == 0 && params->filter_h <= 255 && params->filter_w <= 255 &&
                params->filter_h * params->filter_w <= 255;
    return utvm_prep_kernel(p, utvm_prep_input(p, 0),
                            fast ? "average_pool_2d_int8_dsp" : "average_pool_2d_int8",
                            "average_pool_2d_int16", NULL, "average_pool_2d_float32");
}

/** Not quantised. */
struct utvm_error *utvm_prepare_l2_pool_2d(struct utvm_prep *p)
{
    UTVM_TRY(prepare_pool(p));
    return utvm_prep_kernel(p, utvm_prep_input(p, 0), NULL, NULL, NULL, "l2_pool_2d_float32");
}

struct utvm_error *utvm_prepare_max_pool_2d(struct utvm_prep *p)
{
    UTVM_TRY(prepare_pool(p));
    const struct utvm_pool_params *params = p->out->params;
    bool fast =
        params->channels % 4 == 0 && params->act_min == INT8_MIN && params->act_max == INT8_MAX;
    return utvm_prep_kernel(p, utvm_prep_input(p, 0),
                            fast ? "max_pool_2d_int8_dsp" : "max_pool_2d_int8", "max_pool_2d_int16",
                            NULL, "max_pool_2d_float32");
}
