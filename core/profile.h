// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_PROFILE_H
#define UTVM_CORE_PROFILE_H

#include "core/session.h"
#include "core/table.h"

struct utvm_profile_layer {
    uint32_t cycles_cold; /**< first repeat */
    uint32_t cycles_min;  /**< over all repeats */
    uint32_t cycles_median;
    uint32_t cycles_max;
    uint32_t stack_bytes;
    struct utvm_layer_record record; /**< of the last repeat */
};

/** A whole-model profile: one resume a repeat, records read once each. */
struct utvm_profile {
    uint32_t repeats;
    uint32_t num_layers;
    struct utvm_profile_layer *layers; /**< [num_layers], owned */
    uint64_t total_cycles;             /**< median of the sums over layers */
    uint64_t between_cycles;  /**< wall of the run minus the layers: dispatch and counting */
    uint32_t overhead_cycles; /**< per layer, subtracted */
    bool has_breakdown;
    bool has_events;
};

UTVM_MUST_CHECK struct utvm_error *utvm_profile_run(struct utvm_session *s, uint32_t repeats,
                                                    struct utvm_profile *ret);
void utvm_profile_deinit(struct utvm_profile *profile);

/** Documents, so that command and report show the same. NULL on no memory is handled by writers. */
struct utvm_document *utvm_profile_document(struct utvm_session *s, const struct utvm_profile *p);
struct utvm_document *utvm_memory_document(const struct utvm_model *model);
struct utvm_document *utvm_layers_document(const struct utvm_session *s);
struct utvm_document *utvm_tensors_document(const struct utvm_session *s);

/**
 * Writes a report (model, target, provenance, profile, memory, and the last comparison if given)
 * by the ending of path: .txt, .json, .csv; under a temporary name, then renamed.
 * @return INVALID for another ending, OS with the path
 */
UTVM_MUST_CHECK struct utvm_error *utvm_report_write(struct utvm_session *s,
                                                     const struct utvm_profile *profile,
                                                     const struct utvm_document *comparison,
                                                     const char *path);

#endif
