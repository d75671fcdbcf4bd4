// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_OPS_REDUCE_H
#define UTVM_KERNELS_OPS_REDUCE_H

#include "kernels/arith.h"
#include "kernels/params.h"

/** A sum of quantised values, or their mean if the multiplier divides, on the output's scale. */
static inline int32_t utvm_reduce_output(const struct utvm_reduce_params *p, int32_t sum)
{
    int32_t value = utvm_wrap_add(sum, p->input_offset);
    value = utvm_requantize(value, p->multiplier, p->shift);
    return utvm_clamp(utvm_wrap_add(value, p->output_offset), p->act_min, p->act_max);
}

#endif
