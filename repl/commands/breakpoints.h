// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMMANDS_BREAKPOINTS_H
#define UTVM_REPL_COMMANDS_BREAKPOINTS_H

#include "repl/commands/common.h"

/** What the breakpoint commands share. */

/** Where and when a user wants to stop: "LAYER", "operator KIND", "… if CONDITION". */
struct utvm_break_request {
    const char *text;
    bool before;
    bool after;
    bool temporary;
};
UTVM_MUST_CHECK struct utvm_error *
utvm_break_set(struct utvm_shell *sh, const struct utvm_break_request *request, FILE *out);

/** Splits "WHAT if CONDITION"; both malloc'd, *condition NULL without one. */
UTVM_MUST_CHECK struct utvm_error *utvm_split_condition(const char *text, char **what,
                                                        char **condition);

/** @return NOT_FOUND when there is none of this number */
UTVM_MUST_CHECK struct utvm_error *utvm_breakpoint_numbered(struct utvm_shell *sh, uint32_t number,
                                                            struct utvm_breakpoint **ret);

/** Calls fn for each number in text ("1 3-5", "$bpnum"), or for all breakpoints if text is NULL. */
typedef struct utvm_error *(*utvm_breakpoint_fn)(struct utvm_shell *sh, struct utvm_breakpoint *bp);
UTVM_MUST_CHECK struct utvm_error *utvm_each_breakpoint(struct utvm_shell *sh, const char *text,
                                                        utvm_breakpoint_fn fn);

/** Table of breakpoints: of one of them, or of all if it is NULL. */
struct utvm_document *utvm_breakpoints_document(struct utvm_shell *sh,
                                                const struct utvm_breakpoint *only);

#endif
