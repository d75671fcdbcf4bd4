// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_CONDITION_H
#define UTVM_REPL_CONDITION_H

#include "repl/shell.h"

/**
 * Conditions of breakpoints and watchpoints: expressions that know, beside everything else, the
 * layer that has just run (cycles, stack, layer) and the tensor under watch (min, max, sat, nan, …,
 * maxerr and rmse against the reference).
 */
struct utvm_condition {
    uint32_t layer;
    uint32_t tensor;
};

/** utvm_condition_fn of the session; ctx is the shell. */
struct utvm_error *utvm_condition_check(void *ctx, struct utvm_session *s,
                                        const struct utvm_breakpoint *bp, uint32_t layer,
                                        bool *stop);

/** Value of a name in a condition. *found tells whether it is one. */
UTVM_MUST_CHECK struct utvm_error *utvm_condition_lookup(struct utvm_shell *sh,
                                                         const struct utvm_condition *condition,
                                                         const char *name, bool *found,
                                                         double *ret);

/** Statistic NAME of a tensor ("max", "maxerr"). *found likewise. */
UTVM_MUST_CHECK struct utvm_error *utvm_condition_statistic(struct utvm_shell *sh, uint32_t tensor,
                                                            const char *name, bool *found,
                                                            double *ret);

/** A condition's syntax checked without running anything: names must be known. */
UTVM_MUST_CHECK struct utvm_error *utvm_condition_validate(struct utvm_shell *sh, const char *text);

/** All names of statistics that conditions and expressions know; NULL-terminated. */
extern const char *const utvm_condition_names[];

/** The first of them are about the layer and no statistics of a tensor. */
#define UTVM_CONDITION_LAYER_NAMES 3

#endif
