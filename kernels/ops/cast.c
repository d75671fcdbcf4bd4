// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "kernels/arith.h"
#include "kernels/kernel.h"
#include "kernels/params.h"

/* An element as an integer; floats are cut towards zero and saturated, NaN becomes 0. */
static inline int32_t utvm_cast_read_int(const void *data, int32_t dtype, int32_t i)
{
    switch (dtype) {
    case UTVM_DTYPE_INT8:
        return ((const int8_t *)data)[i];
    case UTVM_DTYPE_UINT8:
    case UTVM_DTYPE_BOOL:
        return ((const uint8_t *)data)[i];
    case UTVM_DTYPE_INT16:
        return ((const int16_t *)data)[i];
    case UTVM_DTYPE_INT32:
        return ((const int32_t *)data)[i];
    default: {
        float x = ((const float *)data)[i];
        return x >= 2147483648.0F    ? INT32_MAX
               : x < -2147483648.0F  ? INT32_MIN
               : x == x /* no NaN */ ? (int32_t)x
                                     : 0;
    }
    }
}

static inline int utvm_cast_read_bool(const void *data, int32_t dtype, int32_t i)
{
    return dtype == UTVM_DTYPE_FLOAT32 ? ((const float *)data)[i] != 0.0F
                                       : utvm_cast_read_int(data, dtype, i) != 0;
}

static inline float utvm_cast_read_float(const void *data, int32_t dtype, int32_t i)
{
    return dtype == UTVM_DTYPE_FLOAT32 ? ((const float *)data)[i]
                                       : (float)utvm_cast_read_int(data, dtype, i);
}

/** CAST between int8, uint8, int16, int32, float32 and bool; integers that do not fit wrap. */
UTVM_KERNEL(cast)
{
    const struct utvm_cast_params *p = params;
    const void *in = args->inputs[0];
    void *out = args->outputs[0];
    for (int32_t i = 0; i < p->num_elems; i++) {
        switch (p->to) {
        case UTVM_DTYPE_INT8:
        case UTVM_DTYPE_UINT8:
            ((uint8_t *)out)[i] = (uint8_t)utvm_cast_read_int(in, p->from, i);
            break;
        case UTVM_DTYPE_BOOL:
            ((uint8_t *)out)[i] = (uint8_t)utvm_cast_read_bool(in, p->from, i);
            break;
        case UTVM_DTYPE_INT16:
            ((uint16_t *)out)[i] = (uint16_t)utvm_cast_read_int(in, p->from, i);
            break;
        case UTVM_DTYPE_INT32:
            ((int32_t *)out)[i] = utvm_cast_read_int(in, p->from, i);
            break;
        default:
            ((float *)out)[i] = utvm_cast_read_float(in, p->from, i);
            break;
        }
    }
    return UTVM_STATUS_OK;
}
