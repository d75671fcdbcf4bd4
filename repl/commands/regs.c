// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/info.h"

struct row {
    const char *name;
    unsigned number;
};

static struct utvm_error *add(struct utvm_shell *sh, struct utvm_table *table, const char *name,
                              unsigned number)
{
    uint32_t value = 0;
    struct utvm_error *error = utvm_target_read_register(utvm_shell_target(sh), number, &value);
    if (error) {
        return utvm_error_prefix(error, "register %s", name);
    }
    utvm_table_row(table);
    utvm_table_text(table, "%s", name);
    utvm_table_text(table, "0x%08x", value);
    utvm_table_int(table, (int32_t)value);
    return NULL;
}

struct utvm_error *utvm_show_registers(struct utvm_shell *sh, bool floats, FILE *out)
{
    static const struct utvm_column columns[] = {
        {"name", "register", UTVM_CELL_TEXT, false},
        {"hex", "hex", UTVM_CELL_TEXT, false},
        {"value", "value", UTVM_CELL_INT, false},
    };
    static const struct row special[] = {{"sp", UTVM_REG_SP},      {"lr", UTVM_REG_LR},
                                         {"pc", UTVM_REG_PC},      {"xpsr", UTVM_REG_XPSR},
                                         {"msp", UTVM_REG_MSP},    {"psp", UTVM_REG_PSP},
                                         {"fpscr", UTVM_REG_FPSCR}};
    struct utvm_document *doc = utvm_document_create("registers");
    struct utvm_table *table = utvm_document_table(doc, "registers", NULL, columns, 3);
    struct utvm_error *error = NULL;
    char name[8];
    for (unsigned i = 0; i <= 12 && !error; i++) {
        snprintf(name, sizeof(name), "r%u", i);
        error = add(sh, table, name, i);
    }
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]) && !error; i++) {
        error = add(sh, table, special[i].name, special[i].number);
    }
    for (unsigned i = 0; i < 32 && floats && !error; i++) {
        snprintf(name, sizeof(name), "s%u", i);
        error = add(sh, table, name, UTVM_REG_S0 + i);
    }
    if (error) {
        utvm_document_free(doc);
        return error;
    }
    return utvm_shell_emit(sh, doc, out);
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    return utvm_show_registers(sh, args->option[0].given, out);
}

const struct utvm_command utvm_command_regs = {
    .name = "regs",
    .group = UTVM_GROUP_LOOKING,
    .summary = "registers of the core",
    .example = "regs",
    .needs = UTVM_NEEDS_HALTED,
    .options = {{"--float", NULL, UTVM_ARG_WORD, "floating-point registers, too", NULL}},
    .run = run,
};
