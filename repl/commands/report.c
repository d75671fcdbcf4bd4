// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/file.h"
#include "core/profile.h"
#include "repl/commands/judge.h"
#include "repl/human.h"
#include "repl/link.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    uint32_t repeats = args->option[0].given ? args->option[0].count : 1;
    if (repeats == 0 || repeats > 1000) {
        return utvm_error_create(UTVM_ERROR_INVALID, "report repeats 1 to 1000 times");
    }
    struct utvm_profile profile = {0};
    struct utvm_error *error = utvm_report_check(args->arg[0].text);
    if (error) {
        return error;
    }
    error = utvm_profile_run(sh->session, repeats, &profile);
    utvm_progress_clear(sh);
    if (!error) {
        error = utvm_report_write(sh->session, &profile, sh->comparison, args->arg[0].text);
        utvm_profile_deinit(&profile);
    }
    if (!error) {
        fputs("Wrote ", out);
        utvm_human_write(out, args->arg[0].text, false);
        bool compared = sh->comparison && !utvm_path_ends_with(args->arg[0].text, ".trace.json");
        fprintf(out, "%s\n", compared ? ", with the last comparison" : "");
    }
    return error;
}

const struct utvm_command utvm_command_report = {
    .name = "report",
    .group = UTVM_GROUP_JUDGING,
    .summary = "write profile, memory and comparison to a file",
    .detail =
        "The ending of FILE chooses the form: .txt, .json, .csv, .html (a page of its own with "
        "bars) or .trace.json (the layers in time, for chrome://tracing and Perfetto). The "
        "last 'compare' of this model is part of all but the trace.",
    .example = "report report.html",
    .needs = UTVM_NEEDS_UPLOADED,
    .args = {{.name = "FILE", .kind = UTVM_ARG_FILE}},
    .options = {{"--repeats", "N", UTVM_ARG_COUNT, "runs to profile (1)", NULL}},
    .run = run,
};
