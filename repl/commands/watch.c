// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "repl/commands/breakpoints.h"
#include "repl/condition.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    struct utvm_breakpoint *bp = NULL;
    char *condition = NULL;
    char *nothing = NULL;
    if (args->arg[1].given) {
        const char *text = args->arg[1].text;
        struct utvm_error *error = utvm_split_condition(text, &nothing, &condition);
        if (error) {
            return error;
        }
        // "if" may be left out.
        if (!condition) {
            condition = nothing;
        } else {
            free(nothing);
        }
        error = utvm_condition_validate(sh, condition);
        if (error) {
            free(condition);
            return error;
        }
    }
    const char *tensor = utvm_shell_model(sh)->tensors[args->arg[0].index].name;
    struct utvm_error *error = utvm_session_watch(sh->session, tensor, &bp);
    if (error) {
        free(condition);
        return error;
    }
    bp->condition = condition;
    sh->last_breakpoint = bp->number;
    if (sh->format != UTVM_OUTPUT_TEXT) {
        return utvm_shell_emit(sh, utvm_breakpoints_document(sh, bp), out);
    }
    fprintf(out, "Watchpoint %u on tensor '%s'%s%s.\n", bp->number, tensor, condition ? " if " : "",
            condition ? condition : "");
    return NULL;
}

const struct utvm_command utvm_command_watch = {
    .name = "watch",
    .group = UTVM_GROUP_STOPPING,
    .summary = "stop when a tensor is written and a condition holds",
    .detail = "Stops after the layer that writes the tensor. Conditions as for 'break'; names such "
              "as max and sat mean this tensor. For > see 'help break'.",
    .example = "watch output max > 0.5",
    .needs = UTVM_NEEDS_MODEL,
    .flags = UTVM_COMMAND_OPERATORS,
    .args = {{.name = "TENSOR", .kind = UTVM_ARG_TENSOR},
             {.name = "CONDITION",
              .kind = UTVM_ARG_REST,
              .optional = true,
              .also = UTVM_ARG_WORD,
              .alternatives = utvm_condition_names}},
    .run = run,
};
