// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_CHANNELS_H
#define UTVM_CORE_CHANNELS_H

#include "core/model.h"
#include "core/target.h"
#include "core/tensor.h"

/**
 * Between a tensor's values, of which there is one an element, and its memory, which is without the
 * channels that the model's description states as constant. For a tensor that has all of its
 * channels in memory both are the same bytes.
 */

/** Channels that are not in memory. */
uint32_t utvm_constant_channels(const struct utvm_tensor *t);

/** Their numbers as text: "0-3, 8, 12-15"; malloc'd, NULL when there is no memory. */
char *utvm_constant_channels_text(const struct utvm_tensor *t);

/**
 * Filters of a CONV_2D or FULLY_CONNECTED layer, as the model states them; 0 for other layers.
 * @param ret_constant those that are not computed because their outputs are constants
 */
uint32_t utvm_layer_filters(const struct utvm_model *model, const struct utvm_layer *layer,
                            uint32_t *ret_constant);

/** False if a constant channel has another value in the array, which then cannot be stored. */
bool utvm_tensor_can_hold(const struct utvm_tensor *t, const struct utvm_array *value);

/** Reads a tensor's memory. @param ret of the tensor's type and shape @return what the target says
 */
UTVM_MUST_CHECK struct utvm_error *
utvm_tensor_read(struct utvm_target *target, const struct utvm_tensor *t, struct utvm_array *ret);

/**
 * Writes a tensor's memory.
 * @param value of the tensor's type and number of elements
 * @return INVALID naming a constant channel that would have to change; what the target says
 */
UTVM_MUST_CHECK struct utvm_error *utvm_tensor_write(struct utvm_target *target,
                                                     const struct utvm_tensor *t,
                                                     const struct utvm_array *value);

#endif
