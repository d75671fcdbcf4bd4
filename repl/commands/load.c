// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/file.h"
#include "repl/commands/common.h"
#include "repl/human.h"
#include "repl/link.h"

static void describe(const struct utvm_shell *sh, const struct utvm_upload_result *result,
                     FILE *out)
{
    char total[32];
    char sent[32];
    fprintf(out, "Loaded %s", utvm_human_bytes(result->total_bytes, total));
    if (result->sent_bytes == 0) {
        fputs(", all of it was there already", out);
    } else if (result->sent_bytes < result->total_bytes) {
        fprintf(out, ", sent %s of it", utvm_human_bytes(result->sent_bytes, sent));
    }
    fprintf(out, "%s; %s\n", result->verified ? ", verified" : ", not verified",
            utvm_shell_target(sh)->info.description);
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    struct utvm_error *error = NULL;
    if (args->arg[0].given) {
        error = utvm_open_model(sh, args->arg[0].text, out);
    }
    if (!error) {
        error = utvm_shell_require(sh, UTVM_NEEDS_MODEL);
    }
    if (!error) {
        error = utvm_link_ensure(sh);
    }
    if (error) {
        return error;
    }
    bool verify = !args->option[0].given && utvm_settings_bool(&sh->settings, UTVM_SET_VERIFY);
    struct utvm_upload_result result = {0};
    error = utvm_session_upload(sh->session, verify, &result);
    utvm_progress_clear(sh);
    if (error) {
        return error;
    }
    if (sh->format == UTVM_OUTPUT_TEXT) {
        describe(sh, &result, out);
        return NULL;
    }
    struct utvm_document *doc = utvm_document_create("load");
    utvm_document_fact_number(doc, NULL, "total_bytes", "total", UTVM_CELL_BYTES,
                              (double)result.total_bytes);
    utvm_document_fact_number(doc, NULL, "sent_bytes", "sent", UTVM_CELL_BYTES,
                              (double)result.sent_bytes);
    utvm_document_fact_number(doc, NULL, "flash_bytes", "of it to flash", UTVM_CELL_BYTES,
                              (double)result.flash_bytes);
    utvm_document_fact_number(doc, NULL, "verified", "verified", UTVM_CELL_BOOL, result.verified);
    utvm_document_fact_text(doc, NULL, "target", "target", "%s",
                            utvm_shell_target(sh)->info.description);
    return utvm_shell_emit(sh, doc, out);
}

const struct utvm_command utvm_command_load = {
    .name = "load",
    .group = UTVM_GROUP_FILES,
    .summary = "put the model on the target, connecting if need be",
    .detail = "Sends what differs from what the target holds, verifies it, and runs the start-up "
              "code. When nothing is connected, it connects as the setting 'target' says: by "
              "default it starts the emulated board.",
    .example = "load",
    .args = {{.name = "FILE", .kind = UTVM_ARG_FILE, .optional = true}},
    .options = {{"--no-verify", NULL, UTVM_ARG_WORD, "do not read back what was written", NULL}},
    .run = run,
};
