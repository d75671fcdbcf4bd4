// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>

#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/params.h"

static inline float utvm_lstm_sigmoid(float x)
{
    return 1.0F / (1.0F + expf(-x));
}

/** The inputs of lstm_body.h, all float. Workspace: float[4][units], the gates. */
UTVM_KERNEL(lstm_float32)
{
    const struct utvm_lstm_params *p = params;
    float *hidden_states = utvm_variable(args, 18);
    float *cell_states = utvm_variable(args, 19);
    float *gates = args->workspace;
    for (int32_t step = 0; step < p->steps * p->batches; step++) {
        int32_t batch = step % p->batches;
        int32_t time = step / p->batches;
        int32_t row = p->time_major ? time * p->batches + batch : batch * p->steps + time;
        const float *data = (const float *)args->inputs[0] + row * p->num_inputs;
        float *out = (float *)args->outputs[0] + row * p->num_units;
        float *hidden = hidden_states + batch * p->num_units;
        float *cell = cell_states + batch * p->num_units;
        for (int32_t gate = 0; gate < 4; gate++) {
            const float *weight = args->inputs[1 + gate];
            const float *recurrent = args->inputs[5 + gate];
            const float *bias = args->inputs[12 + gate];
            for (int32_t unit = 0; unit < p->num_units; unit++) {
                float sum = 0.0F;
                for (int32_t i = 0; i < p->num_inputs; i++) {
                    sum += data[i] * *weight++;
                }
                float back = 0.0F;
                for (int32_t i = 0; i < p->num_units; i++) {
                    back += hidden[i] * *recurrent++;
                }
                float x = sum + bias[unit] + back;
                gates[gate * p->num_units + unit] = gate == 2 ? tanhf(x) : utvm_lstm_sigmoid(x);
            }
        }
        for (int32_t unit = 0; unit < p->num_units; unit++) {
            const float *gate = gates + unit;
            float state = gate[p->num_units] * cell[unit] + gate[0] * gate[2 * p->num_units];
            if (p->float_clip > 0.0F) {
                state = utvm_clamp_f32(state, -p->float_clip, p->float_clip);
            }
            cell[unit] = state;
            hidden[unit] = gate[3 * p->num_units] * tanhf(state);
            out[unit] = hidden[unit];
        }
    }
    return UTVM_STATUS_OK;
}
