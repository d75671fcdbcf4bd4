// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>

#include "core/import/prepare/common.h"

static float to_int16(float value)
{
    return fminf(fmaxf(value, -32768.0F), 32767.0F);
}

/*
 * An entry is not the function's value at its position but that value less half of the error which
 * straight interpolation makes in the middle of the step, so that the error is spread evenly.
 */
struct utvm_error *utvm_prep_lut_int16(struct utvm_prep *p, float (*function)(float), float low,
                                       float high, float steps_per_unit)
{
    int16_t *table;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_INT16, 513, &table));
    float step = (high - low) / 512.0F;
    float half_step = step / 2.0F;
    for (int i = 0; i < 512; i++) {
        float value = roundf(function(low + (float)i * step) * steps_per_unit);
        float next = function(low + (float)(i + 1) * step) * steps_per_unit;
        float interpolated = roundf((next + value) / 2.0F);
        float middle = roundf(function(low + (float)i * step + half_step) * steps_per_unit);
        float bias = roundf((interpolated - middle) / 2.0F);
        table[i] = (int16_t)to_int16(value - bias);
    }
    table[512] = (int16_t)to_int16(roundf(function(high) * steps_per_unit));
    return NULL;
}

/*
 * Like there: each entry gives up half of the interpolation's error in the middle of its step, here
 * before rounding.
 */
static double sigmoid_of_step(double i)
{
    return 65536.0 / (1.0 + exp(-i / 24.0));
}

struct utvm_error *utvm_prep_sigmoid_table(struct utvm_prep *p)
{
    uint16_t *table;
    UTVM_TRY(utvm_prep_table(p, UTVM_DTYPE_UINT16, 256, &table));
    for (int i = 0; i < 255; i++) {
        double value = sigmoid_of_step(i);
        double interpolated = (value + sigmoid_of_step(i + 1)) / 2.0;
        double error = interpolated - sigmoid_of_step(i + 0.5);
        table[i] = (uint16_t)floor(value - error / 2.0 + 0.5);
    }
    table[255] = UINT16_MAX;
    return NULL;
}
