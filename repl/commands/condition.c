// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/condition.h"

#include <stdlib.h>
#include <string.h>

#include "repl/commands/breakpoints.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    struct utvm_breakpoint *bp = NULL;
    struct utvm_error *error = utvm_breakpoint_numbered(sh, args->arg[0].count, &bp);
    if (!error && args->arg[1].given && !bp->is_watch && bp->when == UTVM_BREAK_BEFORE) {
        error = utvm_error_create(UTVM_ERROR_STATE,
                                  "breakpoint %u stops before the layer, and a condition is about "
                                  "what it did: set one with 'break --after'",
                                  bp->number);
    }
    if (!error && args->arg[1].given) {
        error = utvm_condition_validate(sh, args->arg[1].text);
    }
    if (error) {
        return error;
    }
    char *condition = args->arg[1].given ? strdup(args->arg[1].text) : NULL;
    if (args->arg[1].given && !condition) {
        return utvm_error_no_memory();
    }
    free(bp->condition);
    bp->condition = condition;
    if (!condition) {
        fprintf(out, "Breakpoint %u now stops always.\n", bp->number);
    }
    return NULL;
}

const struct utvm_command utvm_command_condition = {
    .name = "condition",
    .group = UTVM_GROUP_STOPPING,
    .summary = "give a breakpoint a condition, or none",
    .detail = "Without EXPRESSION breakpoint N stops always. For conditions see 'help break'.",
    .example = "condition 1 cycles > 1e6",
    .needs = UTVM_NEEDS_MODEL,
    .flags = UTVM_COMMAND_OPERATORS,
    .args = {{.name = "N", .kind = UTVM_ARG_BREAKPOINT},
             {.name = "EXPRESSION",
              .kind = UTVM_ARG_REST,
              .optional = true,
              .also = UTVM_ARG_WORD,
              .alternatives = utvm_condition_names}},
    .run = run,
};
