// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "core/png_image.h"
#include "repl/commands/common.h"
#include "repl/commands/settings_table.h"
#include "repl/human.h"
#include "repl/render/render.h"

static struct utvm_error *show_picture(struct utvm_shell *sh, const char *name,
                                       const struct utvm_tensor_ref *ref, const char *png,
                                       bool force, FILE *out)
{
    struct utvm_view view = {0};
    struct utvm_error *error = utvm_read_view(sh, ref, force, &view);
    if (error) {
        return error;
    }
    struct utvm_picture picture = {0};
    error = utvm_render_image(&view, &ref->slice, &picture);
    utvm_view_deinit(&view);
    if (error) {
        return error;
    }
    if (png) {
        error = utvm_png_write(png, &picture.image);
        if (!error) {
            fputs("Wrote ", out);
            utvm_human_write(out, png, false);
            fprintf(out, ": %u x %u pixels\n", picture.image.dims[1], picture.image.dims[0]);
        }
    } else {
        struct utvm_style style = sh->style;
        style.colour = style.colour && !sh->out_is_ascii; // half blocks are no ASCII
        error = utvm_render_picture(out, name, &picture, &style, sh->rows);
    }
    utvm_picture_deinit(&picture);
    return error;
}

static struct utvm_error *show_version(struct utvm_shell *sh, FILE *out)
{
    if (sh->format == UTVM_OUTPUT_TEXT) {
        fputs("utvm " UTVM_VERSION "\n", out);
        return NULL;
    }
    struct utvm_document *doc = utvm_document_create("version");
    utvm_document_fact_text(doc, NULL, "version", "version", "%s", UTVM_VERSION);
    return utvm_shell_emit(sh, doc, out);
}

static struct utvm_error *show_variables(struct utvm_shell *sh, FILE *out)
{
    static const struct utvm_column columns[] = {{"name", "variable", UTVM_CELL_TEXT, false},
                                                 {"value", "value", UTVM_CELL_REAL, false}};
    const struct utvm_variables *own = &sh->variables;
    struct utvm_document *doc = utvm_document_create("variables");
    struct utvm_table *table = utvm_document_table(doc, "variables", NULL, columns, 2);
    for (size_t i = 0; i < own->count; i++) {
        utvm_table_row(table);
        utvm_table_text(table, "%s", own->list[i].name);
        utvm_table_real(table, utvm_value_number(own->list[i].value));
    }
    if (own->count == 0) {
        utvm_document_note(doc, "No variables have been set.");
    }
    return utvm_shell_emit(sh, doc, out);
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const char *name = args->arg[0].given ? args->arg[0].text : NULL;
    const char *png = args->option[0].given ? args->option[0].text : NULL;
    enum utvm_setting which = UTVM_SET_COUNT;
    size_t words = 0;
    if (name && utvm_setting_of_words(name, &which, &words) && !name[words]) {
        return utvm_shell_emit(sh, utvm_settings_document(sh, which), out);
    }
    if (!name && sh->format == UTVM_OUTPUT_TEXT) {
        utvm_settings_write(sh, out);
        return NULL;
    }
    if (!name) {
        return utvm_shell_emit(sh, utvm_settings_document(sh, UTVM_SET_COUNT), out);
    }
    if (!png && utvm_setting_exact(name, &which)) {
        return utvm_shell_emit(sh, utvm_settings_document(sh, which), out);
    }
    if (!png && strcmp(name, "version") == 0) {
        return show_version(sh, out);
    }
    if (!png && strlen(name) >= 4 && strncmp("convenience", name, strlen(name)) == 0) {
        return show_variables(sh, out);
    }
    struct utvm_error *error = NULL;
    if (utvm_shell_model(sh)) {
        struct utvm_tensor_ref ref;
        error = utvm_tensor_ref_parse(utvm_shell_model(sh), name, &ref);
        if (!error) {
            return show_picture(sh, name, &ref, png, args->option[1].given, out);
        }
    }
    struct utvm_error *setting = utvm_setting_find(name, &which);
    if (!setting) {
        utvm_error_drop(error);
        return utvm_shell_emit(sh, utvm_settings_document(sh, which), out);
    }
    if (!error || setting->code == UTVM_ERROR_INVALID) {
        utvm_error_drop(error);
        return setting;
    }
    utvm_error_drop(setting);
    return error;
}

const struct utvm_command utvm_command_show = {
    .name = "show",
    .group = UTVM_GROUP_LOOKING,
    .summary = "draw a tensor as pictures, or show a setting",
    .detail = "The exact name of a setting shows the setting; then a tensor is looked for, then a "
              "unique prefix of a setting. Without a name all settings are shown. Tensors of "
              "[H,W,C] are drawn as a grid of channels, the model's input of three channels in "
              "colour; --png writes a file instead. 'show version' and 'show convenience' (the "
              "$variables) are there, too.",
    .example = "show input",
    .args = {{.name = "TENSOR|SETTING",
              .kind = UTVM_ARG_REST,
              .optional = true,
              .also = UTVM_ARG_SETTING}},
    .options = {{"--png", "FILE", UTVM_ARG_FILE, "write a PNG picture, one pixel an element", NULL},
                {"--force", NULL, UTVM_ARG_WORD, "read memory that has been used again, too",
                 NULL}},
    .run = run,
};
