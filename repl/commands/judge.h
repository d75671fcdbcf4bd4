// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMMANDS_JUDGE_H
#define UTVM_REPL_COMMANDS_JUDGE_H

#include "core/profile.h"
#include "repl/commands/common.h"

/** What the judging commands share. */

/** Columns of a table of metrics, and a row of it. */
extern const struct utvm_column utvm_metrics_columns[];
extern const size_t utvm_num_metrics_columns;
void utvm_metrics_add(struct utvm_table *table, const struct utvm_metrics *metrics);

/** The tolerance of --lsb, --atol, --rtol where given, else of the settings. */
struct utvm_tolerance utvm_tolerance_of(const struct utvm_shell *sh, const struct utvm_bound *lsb,
                                        const struct utvm_bound *atol,
                                        const struct utvm_bound *rtol);

/** Per-layer cycles of two reports; fails when the second is slower by more than *limit (a share).
 */
UTVM_MUST_CHECK struct utvm_error *utvm_diff_profiles(struct utvm_shell *sh, const char *old_path,
                                                      const char *new_path, const double *limit,
                                                      FILE *out);

/** Arrays of two .npz by name; fails when one differs beyond the tolerance. */
UTVM_MUST_CHECK struct utvm_error *utvm_diff_npz(struct utvm_shell *sh, const char *old_path,
                                                 const char *new_path,
                                                 const struct utvm_tolerance *tolerance, FILE *out);

#endif
