// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"
#include "repl/script.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    bool keep_going = sh->keep_going;
    const double trace = sh->settings.number[UTVM_SET_TRACE_COMMANDS];
    FILE *before = sh->out;
    sh->keep_going = keep_going || args->option[0].given;
    if (args->option[1].given) {
        sh->settings.number[UTVM_SET_TRACE_COMMANDS] = 1;
    }
    // What the script's commands print goes where this command's output goes.
    bool redirected_before = sh->out_is_redirected;
    sh->out_is_redirected = sh->redirected;
    sh->out = out;
    struct utvm_error *error = utvm_script_run(sh, args->arg[0].text);
    sh->out = before;
    sh->out_is_redirected = redirected_before;
    sh->keep_going = keep_going;
    if (args->option[1].given) {
        sh->settings.number[UTVM_SET_TRACE_COMMANDS] = trace;
    }
    return error;
}

const struct utvm_command utvm_command_source = {
    .name = "source",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "run the commands in a file",
    .detail = "Stops at the first error and names file and line, unless --keep-going is given. "
              "--trace shows each command as if it had been typed.",
    .example = "source tour.utvm",
    .flags = UTVM_COMMAND_PLAIN,
    .args = {{.name = "FILE", .kind = UTVM_ARG_FILE}},
    .options = {{"--keep-going", NULL, UTVM_ARG_WORD, "report errors and go on", NULL},
                {"--trace", NULL, UTVM_ARG_WORD, "show each command before it runs", NULL}},
    .run = run,
};
