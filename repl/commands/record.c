// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "repl/commands/common.h"
#include "repl/human.h"
#include "repl/script.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    if (strcmp(args->arg[0].text, "off") == 0) {
        return utvm_record_stop(sh);
    }
    struct utvm_error *error = utvm_record_start(sh, args->arg[0].text);
    if (!error) {
        fputs("Recording to ", out);
        utvm_human_write(out, args->arg[0].text, false);
        fputc('\n', out);
    }
    return error;
}

const struct utvm_command utvm_command_record = {
    .name = "record",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "write what is typed from now on to a script",
    .detail = "'record off' ends it. Commands that fail are written as comments, so that 'source' "
              "runs the rest.",
    .example = "record session.utvm",
    .flags = UTVM_COMMAND_UNRECORDED,
    .args = {{.name = "FILE|off", .kind = UTVM_ARG_FILE}},
    .run = run,
};
