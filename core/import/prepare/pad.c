// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <inttypes.h>
#include <string.h>

#include "core/import/prepare/common.h"

/** Constant paddings [rank,2], checked against the output. */
static struct utvm_error *read_paddings(struct utvm_prep *p, int32_t before[UTVM_MAX_DIMS],
                                        int32_t after[UTVM_MAX_DIMS])
{
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *paddings = utvm_prep_input(p, 1);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_type(output, input->dtype));
    UTVM_TRY(utvm_prep_require_rank(output, input->rank));
    int32_t values[2 * UTVM_MAX_DIMS];
    uint32_t count;
    UTVM_TRY(utvm_prep_constant_ints(paddings, 2 * UTVM_MAX_DIMS, values, &count));
    p->out->unread_inputs |= 1u << 1;
    if (count != 2 * input->rank) {
        return utvm_prep_bad_shape(paddings, "it must have two values a dimension");
    }
    for (uint32_t d = 0; d < input->rank; d++) {
        before[d] = values[(size_t)2 * d];
        after[d] = values[(size_t)2 * d + 1];
        if (before[d] < 0 || after[d] < 0 ||
            (int64_t)input->dims[d] + before[d] + after[d] != output->dims[d]) {
            return utvm_prep_bad_shape(output, "it does not follow from input and paddings");
        }
    }
    return NULL;
}

/** An element's bits. */
static int32_t bits_of(const struct utvm_graph_tensor *tensor)
{
    int32_t zero = tensor->num_scales ? tensor->zero_points[0] : 0;
    return tensor->dtype == UTVM_DTYPE_FLOAT32 ? 0 : zero;
}

static struct utvm_error *choose_kernel(struct utvm_prep *p, const char *bytes_1,
                                        const char *bytes_2, const char *bytes_4)
{
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    uint32_t bytes = utvm_prep_elem_bytes(input->dtype);
    p->out->kernel = bytes == 1 ? bytes_1 : bytes == 2 ? bytes_2 : bytes_4;
    return bytes == 1 || bytes == 2 || bytes == 4 ? NULL : utvm_prep_bad_type(input);
}

/** Shapes of 6 dimensions; an unpadded dimension joins the one outside of it. */
static void set_pad_dims(const struct utvm_graph_tensor *input, const int32_t *before,
                         const int32_t *after, struct utvm_pad_params *params)
{
    int at = 6;
    bool join = false;
    for (uint32_t d = input->rank; d-- > 0;) {
        int32_t size = (int32_t)input->dims[d];
        int32_t factor = 1;
        if (join) {
            factor = params->input_dims[at];
        } else {
            at--;
        }
        params->input_dims[at] = size * factor;
        params->before[at] = before[d] * factor;
        params->output_dims[at] = (size + before[d] + after[d]) * factor;
        join = before[d] == 0 && after[d] == 0;
    }
    for (int d = 0; d < at; d++) {
        params->input_dims[d] = 1;
        params->output_dims[d] = 1;
        params->before[d] = 0;
    }
}

static struct utvm_error *prepare_pad(struct utvm_prep *p)
{
    int32_t before[UTVM_MAX_DIMS] = {0};
    int32_t after[UTVM_MAX_DIMS] = {0};
    UTVM_TRY(read_paddings(p, before, after));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_same_quantisation(input, utvm_prep_output(p, 0)));
    struct utvm_pad_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_pad, &params));
    set_pad_dims(input, before, after, params);
    params->value = bits_of(utvm_prep_output(p, 0));
    const struct utvm_graph_tensor *value = utvm_prep_input(p, 2);
    if (value) {
        UTVM_TRY(utvm_prep_require_type(value, input->dtype));
        if (value->num_elems != 1) {
            return utvm_prep_bad_shape(value, "it must be one value");
        }
        params->value_given = 1;
    }
    return choose_kernel(p, "pad_8", "pad_16", "pad_32");
}

struct utvm_error *utvm_prepare_pad(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    return prepare_pad(p);
}

struct utvm_error *utvm_prepare_padv2(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 3, 3, 1));
    return prepare_pad(p);
}

/* Options: MirrorPadOptions: 0 mode, 0 = REFLECT, 1 = SYMMETRIC. */
struct utvm_error *utvm_prepare_mirror_pad(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 2, 2, 1));
    int32_t before[UTVM_MAX_DIMS] = {0};
    int32_t after[UTVM_MAX_DIMS] = {0};
    UTVM_TRY(read_paddings(p, before, after));
    const struct utvm_graph_tensor *input = utvm_prep_input(p, 0);
    UTVM_TRY(utvm_prep_same_quantisation(input, utvm_prep_output(p, 0)));
    int32_t mode = utvm_option_i8(p->op, 0, 0);
    if (mode != 0 && mode != 1) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "mirror mode %" PRId32 " is unknown", mode);
    }
    struct utvm_mirror_pad_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_mirror_pad, &params));
    params->border = mode == 0 ? 1 : 0;
    for (uint32_t d = 0; d < 6; d++) {
        bool there = d >= 6 - input->rank;
        uint32_t from = there ? d - (6 - input->rank) : 0;
        params->input_dims[d] = there ? (int32_t)input->dims[from] : 1;
        params->before[d] = there ? before[from] : 0;
        params->output_dims[d] = there ? (int32_t)utvm_prep_output(p, 0)->dims[from] : 1;
        int32_t limit = params->input_dims[d] - params->border;
        if (there && (before[from] > limit || after[from] > limit)) {
            return utvm_prep_bad_shape(input, "it is too small for its paddings");
        }
    }
    return choose_kernel(p, "mirror_pad_8", "mirror_pad_16", "mirror_pad_32");
}
