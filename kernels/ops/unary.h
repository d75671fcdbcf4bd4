// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_UNARY_H
#define UTVM_KERNELS_OPS_UNARY_H

#include <math.h>

#include "kernels/arith.h"
#include "kernels/params.h"

/** A value from the input's scale to the output's, within bounds. */
static inline int32_t utvm_unary_rescale(const struct utvm_unary_params *p, int32_t x)
{
    int32_t value = utvm_requantize(utvm_wrap_add(x, p->input_offset), p->multiplier, p->shift);
    return utvm_clamp(utvm_wrap_add(value, p->output_offset), p->act_min, p->act_max);
}

/** The same with another multiplier for negative values. */
static inline int32_t utvm_unary_leaky(const struct utvm_unary_params *p, int32_t x)
{
    int32_t value = x + p->input_offset;
    value = value >= 0 ? utvm_requantize(value, p->multiplier, p->shift)
                       : utvm_requantize(value, p->multiplier_2, p->shift_2);
    return utvm_clamp(value + p->output_offset, p->act_min, p->act_max);
}

/** The same for the absolute value. */
static inline int32_t utvm_unary_abs(const struct utvm_unary_params *p, int32_t x)
{
    int32_t value = x + p->input_offset;
    value = utvm_requantize(value < 0 ? -value : value, p->multiplier, p->shift);
    return utvm_clamp(value + p->output_offset, p->act_min, p->act_max);
}

/** A real value to the integer that stands for it: rounded half away from zero, saturated. */
static inline int32_t utvm_unary_quantize(const struct utvm_unary_params *p, float x)
{
    float steps = roundf(x / p->scale);
    /* Far beyond every type's range, but so that the sum below stays an int32. */
    steps = utvm_clamp_f32(steps, -1073741824.0F, 1073741824.0F);
    return utvm_clamp((int32_t)steps + p->output_offset, p->act_min, p->act_max);
}

#endif
