// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
/*
 * UNIDIRECTIONAL_SEQUENCE_LSTM with integers, once for both activation types. The including file
 * defines
 *   UTVM_NAME            the kernel
 *   UTVM_DATA            type of data, output state and output
 *   UTVM_BIAS            type of the biases
 *   UTVM_SUM             type of the accumulator
 *   UTVM_REQUANTIZE      utvm_requantize or utvm_requantize_int64
 *   UTVM_LOWEST, UTVM_HIGHEST  of UTVM_DATA
 *   UTVM_COLUMN(in, count, offset, column)  if defined, the products are those of dot_row.h, and
 *                        this makes the columns, which lie behind the gates in the workspace
 *
 * Inputs: 0 data, 1 to 4 weights [units,inputs] and 5 to 8 recurrent weights [units,units] of the
 * gates input, forget, cell, output; 12 to 15 their biases [units]; 18 output state and 19 cell
 * state (int16), [batches,units], kept between runs. constants[0]: the table of
 * utvm_sigmoid_from_table(). Workspace: int16[4][units], the gates.
 */
#include "kernels/kernel.h"
#include "kernels/ops/sigmoid_table.h"
#include "kernels/params.h"

#ifndef UTVM_KERNELS_OPS_LSTM_BODY_H
#define UTVM_KERNELS_OPS_LSTM_BODY_H

enum utvm_lstm_gate {
    UTVM_LSTM_INPUT,
    UTVM_LSTM_FORGET,
    UTVM_LSTM_CELL,
    UTVM_LSTM_OUTPUT,
};

static inline int32_t utvm_lstm_saturate(int32_t x)
{
    return utvm_clamp(x, INT16_MIN, INT16_MAX);
}

/** Forget a part of the cell state, add what the input gate lets in. @return the new cell state */
static inline int32_t utvm_lstm_update_cell(const struct utvm_lstm_params *p, int32_t cell,
                                            int32_t forget, int32_t input, int32_t candidate)
{
    int32_t kept =
        utvm_lstm_saturate(utvm_requantize(forget * cell, p->forget_multiplier, p->forget_shift));
    int32_t added = utvm_lstm_saturate(
        utvm_requantize(input * candidate, p->update_multiplier, p->update_shift));
    int32_t sum = utvm_lstm_saturate(kept + added);
    return p->cell_clip > 0 ? utvm_clamp(sum, -p->cell_clip, p->cell_clip) : sum;
}

#endif

UTVM_KERNEL_EXPANDED(UTVM_NAME)
{
    const struct utvm_lstm_params *p = params;
    const uint16_t *table = args->constants[0];
    UTVM_DATA *hidden_states = utvm_variable(args, 18);
    int16_t *cell_states = utvm_variable(args, 19);
    int16_t *gates = args->workspace;
    for (int32_t step = 0; step < p->steps * p->batches; step++) {
        /* Whatever the layout, a batch's steps come in order. */
        int32_t batch = step % p->batches;
        int32_t time = step / p->batches;
        int32_t row = p->time_major ? time * p->batches + batch : batch * p->steps + time;
        const UTVM_DATA *data = (const UTVM_DATA *)args->inputs[0] + row * p->num_inputs;
        UTVM_DATA *out = (UTVM_DATA *)args->outputs[0] + row * p->num_units;
        UTVM_DATA *hidden = hidden_states + batch * p->num_units;
        int16_t *cell = cell_states + batch * p->num_units;
#ifdef UTVM_COLUMN
        int16_t *data_column = gates + 4 * p->num_units;
        int16_t *hidden_column = data_column + (p->num_inputs + 3) / 4 * 4;
        UTVM_COLUMN(data, p->num_inputs, p->input_offset, data_column);
        UTVM_COLUMN(hidden, p->num_units, p->hidden_offset, hidden_column);
#endif
        for (int32_t gate = 0; gate < 4; gate++) {
            const int8_t *weight = args->inputs[1 + gate];
            const int8_t *recurrent = args->inputs[5 + gate];
            const UTVM_BIAS *bias = args->inputs[12 + gate];
            for (int32_t unit = 0; unit < p->num_units; unit++) {
                UTVM_SUM sum = (UTVM_SUM)bias[unit];
#ifdef UTVM_COLUMN
                sum += utvm_dot_row(weight, data_column, p->num_inputs);
                UTVM_SUM back = utvm_dot_row(recurrent, hidden_column, p->num_units);
                weight += p->num_inputs;
                recurrent += p->num_units;
#else
                for (int32_t i = 0; i < p->num_inputs; i++) {
                    sum += (UTVM_SUM)(data[i] + p->input_offset) * *weight++;
                }
                UTVM_SUM back = 0;
                for (int32_t i = 0; i < p->num_units; i++) {
                    back += (UTVM_SUM)(hidden[i] + p->hidden_offset) * *recurrent++;
                }
#endif
                int32_t from_data = utvm_lstm_saturate(
                    UTVM_REQUANTIZE(sum, p->input_multipliers[gate], p->input_shifts[gate]));
                int32_t from_state = utvm_lstm_saturate(UTVM_REQUANTIZE(
                    back, p->recurrent_multipliers[gate], p->recurrent_shifts[gate]));
                /* Q3.12 to the table's scale: times 3. */
                int32_t position = 3 * utvm_lstm_saturate(from_data + from_state);
                gates[gate * p->num_units + unit] =
                    (int16_t)(gate == UTVM_LSTM_CELL ? utvm_tanh_from_table(table, position)
                                                     : utvm_sigmoid_from_table(table, position));
            }
        }
        for (int32_t unit = 0; unit < p->num_units; unit++) {
            const int16_t *gate = gates + unit;
            int32_t state = utvm_lstm_update_cell(
                p, cell[unit], gate[UTVM_LSTM_FORGET * p->num_units],
                gate[UTVM_LSTM_INPUT * p->num_units], gate[UTVM_LSTM_CELL * p->num_units]);
            cell[unit] = (int16_t)state;
            int32_t squashed = utvm_tanh_from_table(
                table, utvm_sigmoid_position(state, p->tanh_multiplier, p->tanh_shift));
            int32_t value = utvm_requantize(gate[UTVM_LSTM_OUTPUT * p->num_units] * squashed,
                                            p->output_multiplier, p->output_shift);
            hidden[unit] =
                (UTVM_DATA)utvm_clamp(value + p->hidden_zero_point, UTVM_LOWEST, UTVM_HIGHEST);
            out[unit] = hidden[unit];
        }
    }
    return UTVM_STATUS_OK;
}

#undef UTVM_NAME
#undef UTVM_DATA
#undef UTVM_BIAS
#undef UTVM_SUM
#undef UTVM_REQUANTIZE
#undef UTVM_LOWEST
#undef UTVM_HIGHEST
#undef UTVM_COLUMN
