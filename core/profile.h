// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_PROFILE_H
#define UTVM_CORE_PROFILE_H

#include "core/session.h"
#include "core/table.h"

struct utvm_profile_layer {
    uint32_t cycles_cold; /**< first repeat; cold indeed if the profile's is_cold */
    uint32_t cycles_min;  /**< over all repeats */
    uint32_t cycles_median;
    uint32_t cycles_max;
    uint32_t stack_bytes;
    struct utvm_layer_record record; /**< of the run that counts causes; its cycles are others */
};

/**
 * A whole-model profile: one resume a repeat, records read once each, and one more for stack use,
 * causes and events, which take cycles to find out. So the cycles of a repeat are those of a run.
 * All start from the same inputs and state. On the emulated board the first one also starts with
 * caches and predictor as after the upload, so that a profile does not depend on what ran before
 * it; on hardware it does so only when nothing has run since.
 */
struct utvm_profile {
    uint32_t repeats;
    uint32_t num_layers;
    struct utvm_profile_layer *layers; /**< [num_layers], owned */
    uint64_t total_cycles;             /**< median of the sums over layers */
    uint64_t
        between_cycles; /**< of the last repeat: whole run minus the layers: dispatch, counting */
    uint32_t overhead_cycles; /**< per layer, subtracted */
    bool has_breakdown;
    bool has_events;
    bool is_cold; /**< the first repeat met caches and predictor as after the upload */
};

/**
 * Profiles the model; the session stands at its end afterwards. Breakpoints do not stop it.
 * @param repeats 1 to 1000
 * @return as utvm_session_run_until(); INVALID; CANCELLED
 */
UTVM_MUST_CHECK struct utvm_error *utvm_profile_run(struct utvm_session *s, uint32_t repeats,
                                                    struct utvm_profile *ret);
void utvm_profile_deinit(struct utvm_profile *profile);

/**
 * Where cycles come from, in words: "measured", "modelled (fast, ±6 %)", "of unknown origin". Goes
 * with every figure of cycles.
 */
void utvm_cycles_text(const struct utvm_target_info *info, char *buf, size_t size);
/** The clock that turns cycles into time: stated, the one the model sets, the target's; 0 unknown.
 */
uint32_t utvm_session_clock_hz(const struct utvm_session *s);

/** Documents, so that command and report show the same. NULL on no memory is handled by writers. */
/** What is on the table: model, build, target, where cycles come from. */
struct utvm_document *utvm_provenance_document(const struct utvm_session *s);
struct utvm_document *utvm_profile_document(struct utvm_session *s, const struct utvm_profile *p);
struct utvm_document *utvm_memory_document(const struct utvm_model *model);
struct utvm_document *utvm_layers_document(const struct utvm_session *s);
struct utvm_document *utvm_tensors_document(const struct utvm_session *s);

/**
 * Writes a report (model, target, provenance, memory; the profile and the last comparison unless
 * NULL) by the ending of path: .txt, .json, .csv, .html; .trace.json has the profile alone, as a
 * trace. Written under a temporary name, then renamed.
 * @return INVALID for another ending, or for a trace where no clock is known; OS with the path
 */
UTVM_MUST_CHECK struct utvm_error *utvm_report_write(struct utvm_session *s,
                                                     const struct utvm_profile *profile,
                                                     const struct utvm_document *comparison,
                                                     const char *path);
/** Is there a form of report for the ending of path? Before the work is done. @return INVALID */
UTVM_MUST_CHECK struct utvm_error *utvm_report_check(const char *path);

#endif
