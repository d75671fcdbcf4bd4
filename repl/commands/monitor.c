// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "repl/commands/common.h"
#include "repl/human.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    char *reply = NULL;
    struct utvm_error *error =
        utvm_target_monitor(utvm_shell_target(sh), args->arg[0].text, &reply);
    if (error) {
        return error;
    }
    utvm_human_write(out, reply, true);
    size_t length = strlen(reply);
    if (length > 0 && reply[length - 1] != '\n') {
        fputc('\n', out);
    }
    free(reply);
    return NULL;
}

const struct utvm_command utvm_command_monitor = {
    .name = "monitor",
    .group = UTVM_GROUP_FILES,
    .summary = "hand a command to OpenOCD as it is",
    .detail = "The rest of the line goes to OpenOCD's Tcl interpreter; what it prints is shown. "
              "OpenOCD can change the core behind utvm's back: 'load' puts things right again.",
    .example = "monitor targets",
    .needs = UTVM_NEEDS_TARGET,
    .flags = UTVM_COMMAND_RAW,
    .args = {{.name = "COMMAND", .kind = UTVM_ARG_REST}},
    .run = run,
};
