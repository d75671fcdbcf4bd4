// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "repl/commands/common.h"
#include "repl/human.h"

struct format {
    uint32_t count;
    char type; // x d u t c s f i a
    char unit; // b h w g
};

static size_t unit_bytes(char unit)
{
    return unit == 'b' ? 1 : unit == 'h' ? 2 : unit == 'g' ? 8 : 4;
}

static struct utvm_error *parse_format(const char *letters, struct format *ret)
{
    struct format f = {1, 'x', 0};
    const char *p = letters;
    if (isdigit((unsigned char)*p)) {
        char *end = NULL;
        unsigned long n = strtoul(p, &end, 10);
        if (n == 0 || n > 65536) {
            return utvm_error_create(UTVM_ERROR_INVALID, "x shows 1 to 65536 units");
        }
        f.count = (uint32_t)n;
        p = end;
    }
    for (; *p; p++) {
        if (strchr("bhwg", *p)) {
            f.unit = *p;
        } else if (strchr("xdutcsfia", *p)) {
            f.type = *p;
        } else {
            return utvm_error_create(UTVM_ERROR_INVALID,
                                     "x has no format '%c'; types x d u t c s f i a, units b h w g",
                                     *p);
        }
    }
    if (f.unit == 0) {
        f.unit = f.type == 'c' || f.type == 's' ? 'b' : 'w';
    }
    if (f.type == 'f' && f.unit != 'w') {
        return utvm_error_create(UTVM_ERROR_INVALID, "floats are words");
    }
    *ret = f;
    return NULL;
}

static int64_t extended(uint64_t value, size_t bytes)
{
    unsigned shift = 64 - (unsigned)bytes * 8;
    return (int64_t)(value << shift) >> shift;
}

static uint64_t unit_value(const uint8_t *p, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = bytes; i-- > 0;) {
        value = value << 8 | p[i];
    }
    return value;
}

static void write_unit(FILE *out, const struct format *f, const uint8_t *p)
{
    size_t bytes = unit_bytes(f->unit);
    uint64_t value = unit_value(p, bytes);
    switch (f->type) {
    case 'd':
        fprintf(out, "%*lld", bytes == 1 ? 5 : 12, (long long)extended(value, bytes));
        break;
    case 'u':
        fprintf(out, "%*llu", bytes == 1 ? 4 : 11, (unsigned long long)value);
        break;
    case 't':
        for (size_t bit = bytes * 8; bit-- > 0;) {
            fputc(value >> bit & 1 ? '1' : '0', out);
        }
        break;
    case 'c':
        fprintf(out, value >= 32 && value < 127 ? "'%c' " : "\\x%02x", (int)value);
        break;
    case 'f':
        fprintf(out, "%14.7g", (double)utvm_le_float(p));
        break;
    default:
        fprintf(out, "0x%0*llx", (int)bytes * 2, (unsigned long long)value);
    }
}

static void write_units(FILE *out, const struct format *f, utvm_addr addr, const uint8_t *data)
{
    size_t bytes = unit_bytes(f->unit);
    size_t per_line = f->type == 't' ? 4 : 16 / bytes;
    for (size_t i = 0; i < f->count; i++) {
        if (i % per_line == 0) {
            fprintf(out, "%s0x%08x:", i ? "\n" : "", addr + (uint32_t)(i * bytes));
        }
        fputc(' ', out);
        write_unit(out, f, data + i * bytes);
    }
    fputc('\n', out);
}

static struct utvm_document *units_document(const struct format *f, utvm_addr addr,
                                            const uint8_t *data)
{
    const bool real = f->type == 'f';
    const struct utvm_column columns[] = {
        {"address", "address", UTVM_CELL_TEXT, false},
        {"hex", "hex", UTVM_CELL_TEXT, false},
        {"value", "value", real ? UTVM_CELL_REAL : UTVM_CELL_INT, false},
    };
    struct utvm_document *doc = utvm_document_create("memory_units");
    struct utvm_table *table = utvm_document_table(doc, "units", NULL, columns, 3);
    size_t bytes = unit_bytes(f->unit);
    for (size_t i = 0; i < f->count; i++) {
        const uint8_t *p = data + i * bytes;
        uint64_t value = unit_value(p, bytes);
        utvm_table_row(table);
        utvm_table_text(table, "0x%08x", addr + (uint32_t)(i * bytes));
        utvm_table_text(table, "0x%0*llx", (int)bytes * 2, (unsigned long long)value);
        if (real) {
            utvm_table_real(table, (double)utvm_le_float(p));
        } else {
            utvm_table_int(table, f->type == 'd' ? extended(value, bytes) : (int64_t)value);
        }
    }
    return doc;
}

static struct utvm_error *dump(struct utvm_shell *sh, const struct format *f, utvm_addr addr,
                               FILE *out)
{
    size_t bytes = unit_bytes(f->unit);
    size_t total = f->count * bytes;
    if (total > (uint64_t)UINT32_MAX - addr + 1) {
        return utvm_error_create(UTVM_ERROR_INVALID, "the range passes the end of the memory");
    }
    uint8_t *data = malloc(total);
    if (!data) {
        return utvm_error_no_memory();
    }
    struct utvm_error *error = utvm_target_read(utvm_shell_target(sh), addr, data, total);
    if (!error && sh->format != UTVM_OUTPUT_TEXT) {
        error = utvm_shell_emit(sh, units_document(f, addr, data), out);
    } else if (!error) {
        write_units(out, f, addr, data);
    }
    if (!error) {
        sh->last_value = utvm_value_integer(addr);
        sh->next_address = addr + (uint32_t)total;
    }
    free(data);
    return error;
}

static struct utvm_error *strings(struct utvm_shell *sh, uint32_t count, utvm_addr addr, FILE *out)
{
    for (uint32_t i = 0; i < count; i++) {
        char text[257] = "";
        struct utvm_error *error = utvm_target_read(utvm_shell_target(sh), addr, text, 256);
        if (error) {
            return error;
        }
        fprintf(out, "0x%08x: \"", addr);
        utvm_human_write(out, text, false);
        fputs("\"\n", out);
        addr += (uint32_t)strlen(text) + 1;
    }
    sh->next_address = addr;
    return NULL;
}

static struct utvm_error *instructions(struct utvm_shell *sh, uint32_t count, utvm_addr addr,
                                       FILE *out)
{
    struct utvm_error *error = utvm_shell_require(sh, UTVM_NEEDS_MODEL);
    char *text = NULL;
    addr &= ~1u;
    if (!error) {
        error = utvm_disassemble(sh, addr, addr + count * 4 + 4, false, &text);
    }
    if (error) {
        return error;
    }
    uint32_t shown = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        char *end = NULL;
        unsigned long at = strtoul(line, &end, 16);
        if (end == line || *end != ':') {
            continue;
        }
        sh->next_address = (uint32_t)at;
        if (shown++ == count) {
            break;
        }
        fprintf(out, "0x%08lx", at);
        utvm_human_write(out, end, true); // objdump's columns are tabs
        fputc('\n', out);
    }
    free(text);
    return shown ? NULL
                 : utvm_error_at(UTVM_ERROR_NOT_FOUND, addr, "the model has no code at 0x%08x",
                                 (unsigned)addr);
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    struct format format = {1, 'x', 'w'};
    struct utvm_error *error = parse_format(args->letters, &format);
    if (error) {
        return error;
    }
    utvm_addr addr = sh->next_address;
    if (args->arg[0].given && !sh->repeating) {
        uint32_t tensor = 0;
        const struct utvm_model *model = utvm_shell_model(sh);
        struct utvm_error *not_tensor =
            model ? utvm_tensor_lookup(model, args->arg[0].text, &tensor) : NULL;
        if (model && !not_tensor && utvm_tensor_in_memory(&model->tensors[tensor])) {
            addr = model->tensors[tensor].addr;
        } else {
            utvm_error_drop(not_tensor);
            struct utvm_value value;
            error = utvm_shell_evaluate(sh, args->arg[0].text, &value);
            if (error) {
                return error;
            }
            double number = utvm_value_number(value);
            if (!(number >= 0 && number <= UINT32_MAX)) {
                return utvm_error_create(UTVM_ERROR_INVALID,
                                         "'%.40s' is not an address: 0 to 0xffffffff",
                                         args->arg[0].text);
            }
            addr = (uint32_t)number;
        }
    }
    if (format.type == 's') {
        return strings(sh, format.count, addr, out);
    }
    if (format.type == 'i') {
        return instructions(sh, format.count, addr, out);
    }
    return dump(sh, &format, addr, out);
}

const struct utvm_command utvm_command_x = {
    .name = "x",
    .group = UTVM_GROUP_LOOKING,
    .summary = "examine memory: x/NFU ADDRESS",
    .detail = "N units of format F (x hex, d signed, u unsigned, t binary, c character, s string, "
              "f float, i instruction) and size U (b 1, h 2, w 4, g 8 bytes). ADDRESS is an "
              "expression or a tensor. Without it, and on an empty line, it goes on behind the "
              "last.",
    .example = "x/16xb input",
    .needs = UTVM_NEEDS_TARGET,
    .flags = UTVM_COMMAND_LETTERS | UTVM_COMMAND_REPEAT,
    .args = {{.name = "ADDRESS", .kind = UTVM_ARG_REST, .optional = true, .also = UTVM_ARG_TENSOR}},
    .run = run,
};
