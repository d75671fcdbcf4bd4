// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/shell.h"

#include <stdlib.h>
#include <string.h>

#include "core/profile.h"
#include "repl/condition.h"
#include "repl/human.h"
#include "repl/link.h"
#include "repl/log.h"
#include "repl/output.h"

struct utvm_error *utvm_shell_create(FILE *out, FILE *err, struct utvm_shell **ret)
{
    struct utvm_shell *sh = calloc(1, sizeof(*sh));
    if (!sh) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error = utvm_settings_init(&sh->settings);
    if (error) {
        free(sh);
        return error;
    }
    sh->session = utvm_session_create();
    if (!sh->session) {
        utvm_settings_deinit(&sh->settings);
        free(sh);
        return utvm_error_no_memory();
    }
    sh->out = out;
    sh->err = err;
    utvm_session_set_condition_fn(sh->session, utvm_condition_check, sh);
    for (unsigned i = 0; i < UTVM_SET_COUNT && !error; i++) {
        error = utvm_shell_apply_setting(sh, (enum utvm_setting)i);
    }
    if (error) {
        utvm_shell_free(sh);
        return error;
    }
    *ret = sh;
    return NULL;
}

void utvm_shell_free(struct utvm_shell *sh)
{
    if (!sh) {
        return;
    }
    utvm_session_free(sh->session);
    utvm_settings_deinit(&sh->settings);
    utvm_variables_deinit(&sh->variables);
    for (size_t i = 0; i < sh->num_macros; i++) {
        free(sh->macros[i].name);
        free(sh->macros[i].body);
        free(sh->macros[i].document);
    }
    free(sh->macros);
    for (size_t i = 0; i < sh->num_displays; i++) {
        free(sh->displays[i].text);
    }
    free(sh->displays);
    if (sh->record) {
        fclose(sh->record);
    }
    free(sh->listing.name);
    utvm_error_drop(utvm_log_close(sh));
    free(sh->record_path);
    free(sh->recorded_body);
    free(sh->repeat);
    utvm_reference_close(sh->reference);
    utvm_document_free(sh->comparison);
    free(sh);
}

int utvm_shell_exit_code(const struct utvm_shell *sh, const struct utvm_error *error)
{
    if (!error) {
        return 0;
    }
    if (error->code == UTVM_ERROR_MISMATCH) {
        return 3;
    }
    if (error->code == UTVM_ERROR_LOST || error->code == UTVM_ERROR_FAULT ||
        error->code == UTVM_ERROR_TIMEOUT) {
        return 4;
    }
    return sh->usage_error ? 2 : 1;
}

static void report_json(struct utvm_shell *sh, const struct utvm_error *error, int code)
{
    struct utvm_document *doc = utvm_error_document(error, code);
    struct utvm_style style = {0};
    struct utvm_error *failed = utvm_document_write(doc, sh->out, UTVM_OUTPUT_JSON, &style);
    utvm_error_drop(failed); // nothing is left to tell it with
    utvm_document_free(doc);
    fflush(sh->out);
}

void utvm_shell_report(struct utvm_shell *sh, struct utvm_error *error)
{
    if (!error) {
        return;
    }
    int code = utvm_shell_exit_code(sh, error);
    if (sh->failure == 0) {
        sh->failure = code;
    }
    fflush(sh->out);
    bool json = strcmp(utvm_settings_text(&sh->settings, UTVM_SET_OUTPUT), "json") == 0;
    if (sh->error_told) {
        sh->error_told = false; // the command's document has it
    } else if (json || sh->format == UTVM_OUTPUT_JSON) {
        report_json(sh, error, code);
        utvm_log_error(sh, error->message);
    } else {
        bool colour = utvm_output_error_colour(sh);
        fputs(colour ? "\033[1;31merror:\033[0m " : "error: ", sh->err);
        utvm_human_write(sh->err, error->message, false);
        char address[16];
        snprintf(address, sizeof(address), "0x%08x", error->address);
        if (error->has_address && !strstr(error->message, address)) {
            fprintf(sh->err, " (at %s)", address);
        }
        fputc('\n', sh->err);
        fflush(sh->err);
        utvm_log_error(sh, error->message);
    }
    sh->usage_error = false;
    utvm_error_free(error);
}

bool utvm_shell_confirm(struct utvm_shell *sh, const char *question)
{
    if (!sh->interactive || !sh->ask || sh->depth > 1 ||
        !utvm_settings_bool(&sh->settings, UTVM_SET_CONFIRM)) {
        return true;
    }
    return sh->ask(sh, question);
}

const struct utvm_model *utvm_shell_model(const struct utvm_shell *sh)
{
    return utvm_session_model(sh->session);
}

struct utvm_target *utvm_shell_target(const struct utvm_shell *sh)
{
    return utvm_session_target(sh->session);
}

uint32_t utvm_shell_clock(const struct utvm_shell *sh)
{
    return utvm_session_clock_hz(sh->session);
}

static struct utvm_error *open_reference(struct utvm_shell *sh)
{
    const char *path = utvm_settings_text(&sh->settings, UTVM_SET_REFERENCE);
    struct utvm_reference *reference = NULL;
    if (path[0]) {
        struct utvm_error *error = utvm_reference_open(path, &reference);
        if (error) {
            return error;
        }
    }
    utvm_reference_close(sh->reference);
    sh->reference = reference;
    return NULL;
}

struct utvm_error *utvm_shell_apply_setting(struct utvm_shell *sh, enum utvm_setting which)
{
    if (which == UTVM_SET_SNAPSHOT_LIMIT) {
        utvm_session_set_snapshot_limit(sh->session, utvm_settings_count(&sh->settings, which));
    } else if (which == UTVM_SET_TIMEOUT) {
        utvm_session_set_timeout(sh->session, (uint32_t)utvm_settings_count(&sh->settings, which));
    } else if (which == UTVM_SET_CLOCK) {
        utvm_session_set_clock(sh->session, (uint32_t)utvm_settings_count(&sh->settings, which));
    } else if (which == UTVM_SET_REFERENCE) {
        return open_reference(sh);
    } else if (which == UTVM_SET_OUTPUT) {
        sh->format = (enum utvm_output_format)utvm_settings_count(&sh->settings, which);
    } else if (which == UTVM_SET_LOGGING) {
        return utvm_log_apply(sh);
    } else if (which == UTVM_SET_TARGET) {
        return utvm_link_check(utvm_settings_text(&sh->settings, which));
    }
    return NULL;
}
