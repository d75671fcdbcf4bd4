// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>

#include "core/import/prepare/common.h"

/* RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR: options 2 (bilinear) or 0 align_corners, then
 * half_pixel_centers. Where each output comes from is decided here, once an axis. */

struct resize {
    bool align_corners;
    bool half_pixel_centers;
};

/** Leaves the params in p->out. */
static struct utvm_error *check_resize(struct utvm_prep *p, unsigned option, struct resize *ret)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_rank(input, 4));
    UTVM_TRY(utvm_prep_require_rank(output, 4));
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    UTVM_TRY(utvm_prep_same_quantisation(input, output));
    if (output->dims[0] != input->dims[0] || output->dims[3] != input->dims[3]) {
        return utvm_prep_bad_shape(output, "it does not follow from the input");
    }
    for (uint32_t d = 1; d < 3; d++) {
        if (input->dims[d] > 65536 || output->dims[d] > 65536) {
            return utvm_prep_bad_shape(input, "images of more than 65536 rows or columns");
        }
    }
    ret->align_corners = utvm_option_bool(p->op, option, false);
    ret->half_pixel_centers = utvm_option_bool(p->op, option + 1, false);
    if (ret->align_corners && ret->half_pixel_centers) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "align_corners and half_pixel_centers exclude each other");
    }
    struct utvm_resize_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_resize, &params));
    params->batches = (int32_t)input->dims[0];
    params->input_h = (int32_t)input->dims[1];
    params->input_w = (int32_t)input->dims[2];
    params->channels = (int32_t)input->dims[3];
    params->output_h = (int32_t)output->dims[1];
    params->output_w = (int32_t)output->dims[2];
    return NULL;
}

static int32_t min_i32(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static struct utvm_error *nearest_axis(struct utvm_prep *p, const struct resize *resize,
                                       int32_t input, int32_t output)
{
    int32_t *from;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT32, (uint64_t)output, &from));
    float scale = resize->align_corners && output > 1 ? (float)(input - 1) / (float)(output - 1)
                                                      : (float)input / (float)output;
    float offset = resize->half_pixel_centers ? 0.5F : 0.0F;
    for (int32_t i = 0; i < output; i++) {
        float position = ((float)i + offset) * scale;
        position = resize->align_corners ? roundf(position) : floorf(position);
        from[i] = min_i32((int32_t)position, input - 1);
    }
    return NULL;
}

struct utvm_error *utvm_prepare_resize_nearest_neighbor(struct utvm_prep *p)
{
    struct resize resize = {false, false};
    UTVM_TRY(check_resize(p, 0, &resize));
    struct utvm_resize_params *params = p->out->params;
    params->channels *= (int32_t)utvm_prep_elem_bytes(utvm_prep_input(p, 0)->dtype);
    UTVM_TRY(nearest_axis(p, &resize, params->input_h, params->output_h));
    UTVM_TRY(nearest_axis(p, &resize, params->input_w, params->output_w));
    p->out->kernel = "resize_nearest_neighbor";
    return NULL;
}

/** int8: positions have 10 fraction bits. */
static struct utvm_error *bilinear_axis_int(struct utvm_prep *p, const struct resize *resize,
                                            int32_t input, int32_t output)
{
    int32_t *lower;
    int32_t *upper;
    int32_t *weight;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT32, (uint64_t)output, &lower));
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT32, (uint64_t)output, &upper));
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT32, (uint64_t)output, &weight));
    int32_t from = resize->align_corners && output > 1 ? input - 1 : input;
    int32_t to = resize->align_corners && output > 1 ? output - 1 : output;
    int32_t scale = (1024 * from + to / 2) / to;
    for (int32_t i = 0; i < output; i++) {
        int64_t position = (int64_t)i * scale;
        if (resize->half_pixel_centers) {
            position += scale / 2 - 512;
        }
        int64_t low = position / 1024 > 0 ? position / 1024 : 0;
        lower[i] = min_i32((int32_t)low, input - 1);
        upper[i] = min_i32((int32_t)((position + 1023) / 1024), input - 1);
        weight[i] = (int32_t)(position - 1024 * low);
    }
    return NULL;
}

static struct utvm_error *bilinear_axis_float(struct utvm_prep *p, const struct resize *resize,
                                              int32_t input, int32_t output)
{
    int32_t *lower;
    int32_t *upper;
    float *weight;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT32, (uint64_t)output, &lower));
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT32, (uint64_t)output, &upper));
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_FLOAT32, (uint64_t)output, &weight));
    float scale = resize->align_corners && output > 1 ? (float)(input - 1) / (float)(output - 1)
                                                      : (float)input / (float)output;
    for (int32_t i = 0; i < output; i++) {
        float position =
            resize->half_pixel_centers ? ((float)i + 0.5F) * scale - 0.5F : (float)i * scale;
        int32_t low = position > 0.0F ? (int32_t)floorf(position) : 0;
        lower[i] = min_i32(low, input - 1);
        upper[i] = min_i32((int32_t)ceilf(position), input - 1);
        weight[i] = position - (float)low;
    }
    return NULL;
}

struct utvm_error *utvm_prepare_resize_bilinear(struct utvm_prep *p)
{
    struct resize resize = {false, false};
    UTVM_TRY(check_resize(p, 2, &resize));
    struct utvm_resize_params *params = p->out->params;
    UTVM_TRY(utvm_prep_kernel(p, utvm_prep_input(p, 0), "resize_bilinear_int8", NULL, NULL,
                              "resize_bilinear_float32"));
    if (utvm_prep_input(p, 0)->dtype == UTVM_DTYPE_INT8) {
        UTVM_TRY(bilinear_axis_int(p, &resize, params->input_h, params->output_h));
        return bilinear_axis_int(p, &resize, params->input_w, params->output_w);
    }
    UTVM_TRY(bilinear_axis_float(p, &resize, params->input_h, params->output_h));
    return bilinear_axis_float(p, &resize, params->input_w, params->output_w);
}
