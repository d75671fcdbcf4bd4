// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"
#include "repl/link.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    if (args->arg[0].given && args->option[0].given) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "a server to attach to and --config exclude each other");
    }
    const char *where = args->arg[0].given ? args->arg[0].text : NULL;
    struct utvm_error *error =
        utvm_link_connect(sh, where, args->option[0].given ? args->option[0].text : NULL);
    if (error) {
        return error;
    }
    const struct utvm_target_info *info = &utvm_shell_target(sh)->info;
    fprintf(out, "Connected: %s\n", info->description);
    return NULL;
}

const struct utvm_command utvm_command_connect = {
    .name = "connect",
    .group = UTVM_GROUP_FILES,
    .summary = "start or attach to OpenOCD and find the core",
    .detail =
        "TARGET is embedded-stlink (starts the emulated board and OpenOCD), embedded-bitbang, "
        "or HOST:PORT of the Tcl port of an OpenOCD that runs. Without it the setting "
        "'target' counts. --config starts OpenOCD with a configuration file instead: a real "
        "board on USB. What was connected before is let go, unless "
        "HOST:PORT does not answer.",
    .example = "connect embedded-stlink",
    .args = {{.name = "TARGET",
              .kind = UTVM_ARG_WORD,
              .optional = true,
              .alternatives = (const char *const[]){"embedded-stlink", "embedded-bitbang", NULL}}},
    .options = {{"--config", "FILE", UTVM_ARG_FILE, "OpenOCD configuration to start it with",
                 NULL}},
    .run = run,
};
