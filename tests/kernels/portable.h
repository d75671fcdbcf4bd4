// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_KERNELS_PORTABLE_H
#define UTVM_TESTS_KERNELS_PORTABLE_H

#include <stdlib.h>
#include <string.h>

#include "core/import/prepare.h"

/** The portable form of an operator whose fast form a test runs. */
struct portable {
    struct utvm_prepared prepared;
    char kernel[64];
};

/** The name without "_dsp" or "_blocked"; as it is if it has neither. */
static inline void portable_name(const char *kernel, char ret[64])
{
    static const char *const endings[] = {"_dsp", "_blocked"};
    size_t length = strlen(kernel);
    if (length >= 64) {
        abort();
    }
    memcpy(ret, kernel, length + 1);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t end = strlen(endings[i]);
        if (length > end && strcmp(kernel + length - end, endings[i]) == 0) {
            ret[length - end] = '\0';
        }
    }
}

/**
 * Prepares the operator once more with weights that are no constants, for which there is the
 * portable form alone: it reads them as they are. @return false if `fast` is a portable kernel
 */
static inline bool portable_prepare(const struct utvm_graph *graph,
                                    const struct utvm_graph_operator *op, const char *fast,
                                    struct portable *ret)
{
    portable_name(fast, ret->kernel);
    if (strcmp(fast, ret->kernel) == 0) {
        return false;
    }
    struct utvm_graph_tensor *weights = op->num_inputs > 1 && op->inputs[1] != UTVM_NO_INDEX
                                            ? &graph->tensors[op->inputs[1]]
                                            : NULL;
    const uint8_t *data = weights ? weights->data : NULL;
    if (weights) {
        weights->data = NULL;
    }
    struct utvm_error *error = utvm_prepare(graph, op, &ret->prepared);
    if (error) {
        abort();
    }
    if (weights) {
        weights->data = data;
    }
    portable_name(ret->prepared.kernel, ret->kernel);
    return true;
}

#endif
