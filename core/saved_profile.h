// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_SAVED_PROFILE_H
#define UTVM_CORE_SAVED_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/** A profile that a report (.json) kept: what two runs are told apart by. */
struct utvm_saved_layer {
    char *name;
    char *operator_name;
    uint64_t cycles;
    uint64_t stack_bytes;
    uint64_t code_bytes;
    uint64_t weights_bytes;
};

struct utvm_saved_profile {
    char *model;        /**< "" when the file does not say */
    char *cycle_source; /**< "modelled (…)" */
    uint64_t total_cycles;
    struct utvm_saved_layer *layers; /**< [num_layers], in execution order */
    size_t num_layers;
};

/**
 * Reads a report, or the output of `profile -o json`.
 * @return OS; FORMAT with the place: no JSON, no profile in it, a value of another type
 */
UTVM_MUST_CHECK struct utvm_error *utvm_saved_profile_read(const char *path,
                                                           struct utvm_saved_profile *ret);
/** The same from memory; name is used in messages. */
UTVM_MUST_CHECK struct utvm_error *utvm_saved_profile_parse(const char *name, const void *bytes,
                                                            size_t size_bytes,
                                                            struct utvm_saved_profile *ret);
void utvm_saved_profile_deinit(struct utvm_saved_profile *profile);

#endif
