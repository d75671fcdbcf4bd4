// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "core/file.h"
#include "repl/commands/breakpoints.h"

static bool needs_quotes(const char *spec)
{
    return spec[strcspn(spec, " \t'\"")] != '\0' && strncmp(spec, "operator ", 9) != 0;
}

// The commands that set it again.
static void write_breakpoint(const struct utvm_breakpoint *bp, FILE *out)
{
    const char *quote = !needs_quotes(bp->spec) ? "" : strchr(bp->spec, '\'') ? "\"" : "'";
    const char *spec = strncmp(bp->spec, "operator ", 9) == 0 ? bp->spec + 9 : bp->spec;
    if (bp->is_watch) {
        fprintf(out, "watch %s%s%s", quote, spec, quote);
    } else {
        fprintf(out, "%s %s%s%s%s", bp->temporary ? "tbreak" : "break",
                bp->when == UTVM_BREAK_AFTER ? "--after " : "--before ", quote, spec, quote);
    }
    if (bp->condition) {
        fprintf(out, " if %s", bp->condition);
    }
    fputc('\n', out);
    if (bp->ignore_count > 0) {
        fprintf(out, "ignore $bpnum %u\n", bp->ignore_count);
    }
    if (bp->commands) {
        fprintf(out, "commands\n%send\n", bp->commands);
    }
    if (!bp->enabled) {
        fputs("disable $bpnum\n", out);
    } else if (bp->once) {
        fputs("enable once $bpnum\n", out);
    }
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    size_t count = utvm_session_num_breakpoints(sh->session);
    if (count == 0) {
        return utvm_error_create(UTVM_ERROR_STATE, "there are no breakpoints to save");
    }
    struct utvm_file_writer writer;
    struct utvm_error *error = utvm_file_writer_open(&writer, args->arg[1].text);
    if (error) {
        return error;
    }
    fputs("# breakpoints saved by utvm; 'source' sets them again\n", writer.stream);
    for (size_t i = 0; i < count; i++) {
        write_breakpoint(utvm_session_breakpoint(sh->session, i), writer.stream);
    }
    error = utvm_file_writer_commit(&writer);
    if (!error) {
        fprintf(out, "Saved %zu breakpoint%s.\n", count, count == 1 ? "" : "s");
    }
    return error;
}

static const char *const what[] = {"breakpoints", NULL};

const struct utvm_command utvm_command_save = {
    .name = "save",
    .group = UTVM_GROUP_STOPPING,
    .summary = "write the breakpoints to a script",
    .detail = "'source FILE' sets them again: conditions, commands, ignore counts and all.",
    .example = "save breakpoints stops.utvm",
    .args = {{.name = "WHAT", .kind = UTVM_ARG_CHOICE, .choices = what},
             {.name = "FILE", .kind = UTVM_ARG_FILE}},
    .run = run,
};
