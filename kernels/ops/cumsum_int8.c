// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/arith.h"
#include "kernels/params.h"

static inline int32_t utvm_cumsum_finish(const struct utvm_cumsum_params *p, int32_t sum)
{
    int32_t value = utvm_requantize(sum, p->multiplier, p->shift) + p->output_offset;
    return utvm_clamp(value, INT8_MIN, INT8_MAX);
}

/* The reference starts from a raw 0, which stands for minus the zero point. */
#define UTVM_NAME cumsum_int8
#define UTVM_ELEMENT int8_t
#define UTVM_SUM int32_t
#define UTVM_START (p->input_offset * (1 << 19))
#define UTVM_STEP(sum, v) utvm_wrap_add(sum, ((v) + p->input_offset) * (1 << 19))
#define UTVM_FINISH(sum) utvm_cumsum_finish(p, sum)
#include "kernels/ops/cumsum_body.h"
