// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/display.h"

#include <stdlib.h>
#include <string.h>

#include "repl/commands/print.h"
#include "repl/human.h"

static void show_one(struct utvm_shell *sh, const struct utvm_display *display, FILE *out)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&text, &bytes);
    if (!memory) {
        return;
    }
    struct utvm_value kept = sh->last_value;
    struct utvm_error *error = utvm_print(sh, display->text, display->letters, false, memory);
    sh->last_value = kept;
    fclose(memory);
    fprintf(out, "%u: ", display->number);
    if (error) {
        // It may well have no value yet: that is no failure of the command that stopped here.
        utvm_human_write(out, display->text, false);
        fputs(": ", out);
        utvm_human_write(out, error->message, false);
        fputc('\n', out);
        utvm_error_drop(error);
    } else {
        // A tensor is shown with its name, the value of an expression is not.
        if (strncmp(text, display->text, strlen(display->text)) != 0) {
            utvm_human_write(out, display->text, false);
            fputs(" = ", out);
        }
        fputs(text, out);
    }
    free(text);
}

void utvm_show_displays(struct utvm_shell *sh, FILE *out)
{
    for (size_t i = 0; i < sh->num_displays; i++) {
        show_one(sh, &sh->displays[i], out);
    }
}

struct utvm_document *utvm_displays_document(const struct utvm_shell *sh)
{
    static const struct utvm_column columns[] = {{"number", "#", UTVM_CELL_INT, false},
                                                 {"format", "format", UTVM_CELL_TEXT, false},
                                                 {"value", "value", UTVM_CELL_TEXT, true}};
    struct utvm_document *doc = utvm_document_create("displays");
    struct utvm_table *table = utvm_document_table(doc, "displays", NULL, columns, 3);
    for (size_t i = 0; i < sh->num_displays; i++) {
        utvm_table_row(table);
        utvm_table_int(table, sh->displays[i].number);
        utvm_table_text(table, "%s", sh->displays[i].letters);
        utvm_table_text(table, "%s", sh->displays[i].text);
    }
    if (sh->num_displays == 0) {
        utvm_document_note(doc, "Nothing is displayed.");
    }
    return doc;
}

static struct utvm_error *add(struct utvm_shell *sh, const struct utvm_args *args)
{
    struct utvm_display *list =
        realloc(sh->displays, (sh->num_displays + 1) * sizeof(*sh->displays));
    if (!list) {
        return utvm_error_no_memory();
    }
    sh->displays = list;
    struct utvm_display display = {.number = ++sh->last_display, .text = strdup(args->arg[0].text)};
    if (!display.text) {
        return utvm_error_no_memory();
    }
    snprintf(display.letters, sizeof(display.letters), "%s", args->letters);
    list[sh->num_displays++] = display;
    return NULL;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    if (args->arg[0].given) {
        struct utvm_error *error = utvm_print_check_letters(args->letters);
        error = error ? error : add(sh, args);
        if (error) {
            return error;
        }
    }
    if (sh->format != UTVM_OUTPUT_TEXT) {
        return utvm_shell_emit(sh, utvm_displays_document(sh), out);
    }
    if (args->arg[0].given) {
        show_one(sh, &sh->displays[sh->num_displays - 1], out);
    } else {
        utvm_show_displays(sh, out);
    }
    return NULL;
}

const struct utvm_command utvm_command_display = {
    .name = "display",
    .group = UTVM_GROUP_LOOKING,
    .summary = "print a value now and at every stop",
    .detail =
        "As 'print'. Without VALUE all that is displayed is printed now; 'info display' lists "
        "it and 'undisplay' takes it away.",
    .example = "display output.sat",
    .flags = UTVM_COMMAND_LETTERS | UTVM_COMMAND_EXPRESSION,
    .args =
        {{.name = "VALUE", .kind = UTVM_ARG_REST, .optional = true, .also = UTVM_ARG_TENSOR_REF}},
    .run = run,
};
