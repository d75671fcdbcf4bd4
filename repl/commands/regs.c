// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "repl/commands/info.h"

struct row {
    char name[8];
    unsigned number;
};

enum {
    NUM_CORE = 13, /**< r0 to r12 */
    NUM_FLOATS = 32,
    NUM_ROWS = NUM_CORE + 7 + NUM_FLOATS,
};

static size_t all_registers(struct row *rows)
{
    static const struct row special[] = {{"sp", UTVM_REG_SP},      {"lr", UTVM_REG_LR},
                                         {"pc", UTVM_REG_PC},      {"xpsr", UTVM_REG_XPSR},
                                         {"msp", UTVM_REG_MSP},    {"psp", UTVM_REG_PSP},
                                         {"fpscr", UTVM_REG_FPSCR}};
    size_t n = 0;
    for (unsigned i = 0; i < NUM_CORE; i++, n++) {
        snprintf(rows[n].name, sizeof(rows[n].name), "r%u", i);
        rows[n].number = i;
    }
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        rows[n++] = special[i];
    }
    for (unsigned i = 0; i < NUM_FLOATS; i++, n++) {
        snprintf(rows[n].name, sizeof(rows[n].name), "s%u", i);
        rows[n].number = UTVM_REG_S0 + i;
    }
    return n;
}

static struct utvm_error *add(struct utvm_shell *sh, struct utvm_table *table,
                              const struct row *row)
{
    uint32_t value = 0;
    struct utvm_error *error =
        utvm_target_read_register(utvm_shell_target(sh), row->number, &value);
    if (error) {
        return utvm_error_prefix(error, "register %s", row->name);
    }
    utvm_table_row(table);
    utvm_table_text(table, "%s", row->name);
    utvm_table_text(table, "0x%08x", value);
    utvm_table_int(table, (int32_t)value);
    return NULL;
}

struct utvm_error *utvm_show_registers(struct utvm_shell *sh, const char *only, bool floats,
                                       FILE *out)
{
    static const struct utvm_column columns[] = {
        {"name", "register", UTVM_CELL_TEXT, false},
        {"hex", "hex", UTVM_CELL_TEXT, false},
        {"value", "value", UTVM_CELL_INT, false},
    };
    struct row rows[NUM_ROWS];
    size_t count = all_registers(rows);
    size_t shown = 0;
    struct utvm_document *doc = utvm_document_create("registers");
    struct utvm_table *table = utvm_document_table(doc, "registers", NULL, columns, 3);
    struct utvm_error *error = NULL;
    only += only && only[0] == '$'; // as expressions name them
    for (size_t i = 0; i < count && !error; i++) {
        bool wanted = only ? strcmp(rows[i].name, only) == 0 : floats || i < count - NUM_FLOATS;
        if (wanted) {
            error = add(sh, table, &rows[i]);
            shown++;
        }
    }
    if (!error && shown == 0) {
        error = utvm_error_create(UTVM_ERROR_NOT_FOUND,
                                  "there is no register '%.40s'; 'regs' "
                                  "lists them, 'regs --float' all",
                                  only);
    }
    if (error) {
        utvm_document_free(doc);
        return error;
    }
    return utvm_shell_emit(sh, doc, out);
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const char *only = args->arg[0].given ? args->arg[0].text : NULL;
    return utvm_show_registers(sh, only, args->option[0].given, out);
}

const struct utvm_command utvm_command_regs = {
    .name = "regs",
    .group = UTVM_GROUP_LOOKING,
    .summary = "registers of the core, or one of them",
    .example = "regs",
    .needs = UTVM_NEEDS_HALTED,
    .args = {{.name = "NAME",
              .kind = UTVM_ARG_WORD,
              .optional = true,
              .alternatives =
                  (const char *const[]){"pc", "sp", "lr", "xpsr", "msp", "psp", "fpscr", NULL}}},
    .options = {{"--float", NULL, UTVM_ARG_WORD, "floating-point registers, too", NULL}},
    .run = run,
};
