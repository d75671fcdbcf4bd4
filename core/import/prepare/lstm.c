// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <inttypes.h>
#include <math.h>

#include "core/import/prepare/common.h"

/*
 * UNIDIRECTIONAL_SEQUENCE_LSTM, of the kind without peepholes, projection and layer normalisation.
 * Option fields: UnidirectionalSequenceLSTMOptions in TFLite's schema.
 */
enum {
    INPUT_WEIGHTS = 1,     /* 4, in the order input, forget, cell, output */
    RECURRENT_WEIGHTS = 5, /* 4 */
    PEEPHOLES = 9,         /* 3 */
    BIASES = 12,           /* 4 */
    PROJECTION = 16,       /* weights, bias */
    OUTPUT_STATE = 18,
    CELL_STATE = 19,
    LAYER_NORM = 20, /* 4 */
};

/** Products of int16 and int8 whose sum 32 bits hold whatever they are. */
#define MAX_WIDE_PRODUCTS 508

#define ACTIVATION_TANH 4

static struct utvm_error *require_input(struct utvm_prep *p, uint32_t i, enum utvm_dtype dtype,
                                        uint64_t num_elems)
{
    const struct utvm_graph_tensor *tensor = utvm_prep_input(p, i);
    if (!tensor) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "its input %" PRIu32 " is left out", i);
    }
    UTVM_TRY(utvm_prep_require_type(tensor, dtype));
    if (tensor->num_elems != num_elems) {
        return utvm_prep_bad_shape(tensor, "it does not fit to the other inputs");
    }
    return NULL;
}

static struct utvm_error *check_inputs(struct utvm_prep *p, struct utvm_lstm_params *params)
{
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    bool is_float = data->dtype == UTVM_DTYPE_FLOAT32;
    uint32_t first_dim = params->time_major ? 0 : 1;
    params->steps = (int32_t)data->dims[first_dim];
    params->batches = (int32_t)data->dims[1 - first_dim];
    params->num_inputs = (int32_t)data->dims[2];
    params->num_units = (int32_t)output->dims[2];
    uint64_t units = output->dims[2];
    enum utvm_dtype weight_type = is_float ? UTVM_DTYPE_FLOAT32 : UTVM_DTYPE_INT8;
    enum utvm_dtype bias_type = data->dtype == UTVM_DTYPE_INT8    ? UTVM_DTYPE_INT32
                                : data->dtype == UTVM_DTYPE_INT16 ? UTVM_DTYPE_INT64
                                                                  : UTVM_DTYPE_FLOAT32;
    for (uint32_t gate = 0; gate < 4; gate++) {
        UTVM_TRY(require_input(p, INPUT_WEIGHTS + gate, weight_type, units * data->dims[2]));
        UTVM_TRY(require_input(p, RECURRENT_WEIGHTS + gate, weight_type, units * units));
        UTVM_TRY(require_input(p, BIASES + gate, bias_type, units));
    }
    uint64_t state_elems = units * data->dims[1 - first_dim];
    UTVM_TRY(require_input(p, OUTPUT_STATE, data->dtype, state_elems));
    UTVM_TRY(require_input(p, CELL_STATE, is_float ? UTVM_DTYPE_FLOAT32 : UTVM_DTYPE_INT16,
                           state_elems));
    for (uint32_t i = OUTPUT_STATE; i <= CELL_STATE; i++) {
        if (!utvm_prep_input(p, i)->is_variable) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "tensor '%s' must be a variable",
                                     utvm_prep_input(p, i)->name);
        }
    }
    for (uint32_t i = PEEPHOLES; i < p->op->num_inputs; i++) {
        bool expected = (i >= BIASES && i < PROJECTION) || i == OUTPUT_STATE || i == CELL_STATE;
        if (!expected && utvm_prep_input(p, i)) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                     "%s (input %" PRIu32 ") is not supported",
                                     i < BIASES       ? "a peephole"
                                     : i < LAYER_NORM ? "a projection"
                                                      : "layer normalisation",
                                     i);
        }
    }
    return NULL;
}

/** Exponent of a scale that is a power of two. @return UNSUPPORTED if it is none */
static struct utvm_error *exponent_of(const struct utvm_graph_tensor *tensor, int32_t *ret)
{
    double exact = log2((double)tensor->scales[0]);
    double rounded = round(exact);
    if (fabs(exact - rounded) > 1e-3) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "scale %g of tensor '%s' is not a power of two",
                                 (double)tensor->scales[0], tensor->name);
    }
    *ret = (int32_t)rounded;
    return NULL;
}

/** What utvm_requantize() of a product of two int16 and utvm_requantize_int64() can take. */
static struct utvm_error *check_shift(int32_t shift, int32_t max)
{
    if (shift > max) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "its scales need a factor of 2^%" PRId32 ", above 2^%" PRId32,
                                 shift, max);
    }
    return NULL;
}

/** Weights times data to the Q3.12 that the activations of the gates take. */
static struct utvm_error *set_gates(struct utvm_prep *p, struct utvm_lstm_params *params)
{
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *state = utvm_prep_input(p, OUTPUT_STATE);
    const double gate_scale = 1.0 / 4096.0;
    for (uint32_t gate = 0; gate < 4; gate++) {
        const struct utvm_graph_tensor *weights = utvm_prep_input(p, INPUT_WEIGHTS + gate);
        const struct utvm_graph_tensor *recurrent = utvm_prep_input(p, RECURRENT_WEIGHTS + gate);
        UTVM_TRY(utvm_prep_require_scale(weights));
        UTVM_TRY(utvm_prep_require_scale(recurrent));
        if (weights->zero_points[0] != 0 || recurrent->zero_points[0] != 0) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "its weights have a zero point");
        }
        /* As in FULLY_CONNECTED, the two scales are multiplied as floats. */
        utvm_quantize_multiplier((double)(data->scales[0] * weights->scales[0]) / gate_scale,
                                 &params->input_multipliers[gate], &params->input_shifts[gate]);
        utvm_quantize_multiplier((double)(state->scales[0] * recurrent->scales[0]) / gate_scale,
                                 &params->recurrent_multipliers[gate],
                                 &params->recurrent_shifts[gate]);
        UTVM_TRY(check_shift(params->input_shifts[gate], 7));
        UTVM_TRY(check_shift(params->recurrent_shifts[gate], 7));
    }
    return NULL;
}

static struct utvm_error *set_integer_params(struct utvm_prep *p, struct utvm_lstm_params *params)
{
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *state = utvm_prep_input(p, OUTPUT_STATE);
    const struct utvm_graph_tensor *cell = utvm_prep_input(p, CELL_STATE);
    UTVM_TRY(utvm_prep_require_scale(data));
    UTVM_TRY(utvm_prep_require_scale(state));
    UTVM_TRY(utvm_prep_require_scale(cell));
    UTVM_TRY(set_gates(p, params));
    params->input_offset = -data->zero_points[0];
    params->hidden_offset = -state->zero_points[0];
    params->hidden_zero_point = state->zero_points[0];
    int32_t exponent = 0;
    UTVM_TRY(exponent_of(cell, &exponent));
    /* Cell state to Q3.12, and times 3 to the table's scale. */
    int32_t left = exponent + 12;
    if (left > 13 || left < -30) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "cell state scale 2^%" PRId32, exponent);
    }
    params->tanh_multiplier = left < 0 ? 3 : 3 << left;
    params->tanh_shift = left < 0 ? -left : 0;
    const double gate_scale = 1.0 / 32768.0;
    double cell_scale = (double)cell->scales[0];
    utvm_quantize_multiplier(gate_scale * cell_scale / cell_scale, &params->forget_multiplier,
                             &params->forget_shift);
    utvm_quantize_multiplier(gate_scale * gate_scale / cell_scale, &params->update_multiplier,
                             &params->update_shift);
    utvm_quantize_multiplier(gate_scale * gate_scale / (double)state->scales[0],
                             &params->output_multiplier, &params->output_shift);
    UTVM_TRY(check_shift(params->update_shift, 0));
    UTVM_TRY(check_shift(params->output_shift, 0));
    double clip = (double)utvm_option_f32(p->op, 1, 0.0F) / cell_scale;
    params->cell_clip = (int32_t)fmin(fmax(clip, 0.0), 32767.0);
    return utvm_prep_sigmoid_table(p);
}

struct utvm_error *utvm_prepare_unidirectional_sequence_lstm(struct utvm_prep *p)
{
    UTVM_TRY(utvm_prep_arity(p, 1, 24, 1));
    const struct utvm_graph_tensor *data = utvm_prep_input(p, 0);
    const struct utvm_graph_tensor *output = utvm_prep_output(p, 0);
    UTVM_TRY(utvm_prep_require_rank(data, 3));
    UTVM_TRY(utvm_prep_require_rank(output, 3));
    UTVM_TRY(utvm_prep_require_type(output, data->dtype));
    UTVM_TRY(utvm_prep_kernel(p, data, "lstm_int8", "lstm_int16", NULL, "lstm_float32"));
    struct utvm_lstm_params *params;
    UTVM_TRY(utvm_prep_params(p, UTVM_PARAMS_lstm, &params));
    if (utvm_option_i8(p->op, 0, 0) != ACTIVATION_TANH) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "only the cell activation TANH is");
    }
    params->time_major = utvm_option_bool(p->op, 3, false);
    UTVM_TRY(check_inputs(p, params));
    if (output->dims[0] != data->dims[0] || output->dims[1] != data->dims[1]) {
        return utvm_prep_bad_shape(output, "it does not follow from the input");
    }
    params->float_clip = utvm_option_f32(p->op, 1, 0.0F);
    bool is_float = data->dtype == UTVM_DTYPE_FLOAT32;
    if (!is_float) {
        UTVM_TRY(set_integer_params(p, params));
    }
    p->terms.steps = (uint64_t)params->steps * (uint64_t)params->batches;
    p->terms.units = (uint64_t)params->num_units;
    p->terms.depth = (uint64_t)params->num_inputs;
    if (is_float) {
        return utvm_prep_workspace(p, 4 * p->terms.units * sizeof(float));
    }
    bool wide = data->dtype == UTVM_DTYPE_INT16;
    if (!wide || (p->terms.units <= MAX_WIDE_PRODUCTS && p->terms.depth <= MAX_WIDE_PRODUCTS &&
                  params->input_offset == 0 && params->hidden_offset == 0)) {
        p->out->kernel = wide ? "lstm_int16_dsp" : "lstm_int8_dsp";
    }
    uint64_t columns = (p->terms.depth + 3) / 4 * 4 + (p->terms.units + 3) / 4 * 4;
    return utvm_prep_workspace(p, (4 * p->terms.units + columns) * sizeof(int16_t));
}
