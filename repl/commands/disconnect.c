// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)args;
    bool was = utvm_shell_target(sh) != NULL;
    utvm_session_set_target(sh->session, NULL);
    fputs(was ? "Disconnected.\n" : "Nothing was connected.\n", out);
    return NULL;
}

const struct utvm_command utvm_command_disconnect = {
    .name = "disconnect",
    .group = UTVM_GROUP_FILES,
    .summary = "let go of the target and end what was started for it",
    .example = "disconnect",
    .run = run,
};
