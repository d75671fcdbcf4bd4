// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/profile.h"

#include "repl/commands/judge.h"
#include "repl/link.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    uint32_t repeats = args->arg[0].given ? args->arg[0].count : 1;
    if (repeats == 0 || repeats > 1000) {
        return utvm_error_create(UTVM_ERROR_INVALID, "profile repeats 1 to 1000 times");
    }
    struct utvm_profile profile = {0};
    struct utvm_error *error = utvm_profile_run(sh->session, repeats, &profile);
    utvm_progress_clear(sh);
    if (error) {
        return error;
    }
    error = utvm_shell_emit(sh, utvm_profile_document(sh->session, &profile), out);
    utvm_profile_deinit(&profile);
    return error;
}

const struct utvm_command utvm_command_profile = {
    .name = "profile",
    .group = UTVM_GROUP_JUDGING,
    .summary = "cycles, MACs, memory and stack of every layer",
    .detail =
        "Runs the whole model in one go, REPEATS times (1), and reads the counters that the "
        "device kept per layer; cycles are the median, each as of a 'run'. One more run finds "
        "out stack use and causes. The first repeat is the cold one: the "
        "emulated board begins it with caches and branch predictor as after 'load', whatever "
        "ran before; hardware does so only right after 'load'. Cycles of the emulated board "
        "are modelled.",
    .example = "profile 3",
    .needs = UTVM_NEEDS_UPLOADED,
    .args = {{.name = "REPEATS", .kind = UTVM_ARG_COUNT, .optional = true}},
    .run = run,
};
