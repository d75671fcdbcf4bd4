// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/print.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/stats.h"
#include "repl/commands/assign.h"
#include "repl/condition.h"
#include "repl/human.h"
#include "repl/parse.h"
#include "repl/render/render.h"
#include "repl/scope.h"

static void print_scalar(FILE *out, const char *text, const struct utvm_view *view, char format)
{
    char raw[40];
    char real[40];
    enum utvm_value_form form = format == 'x'   ? UTVM_FORM_HEX
                                : format == 'f' ? UTVM_FORM_REAL
                                                : UTVM_FORM_RAW;
    utvm_render_value(view, 0, form, raw, sizeof(raw));
    utvm_human_write(out, text, false);
    fprintf(out, " = %s", raw);
    if (format == 0 && utvm_tensor_is_quantised(&view->tensor)) {
        utvm_render_value(view, 0, UTVM_FORM_REAL, real, sizeof(real));
        fprintf(out, " (%s)", real);
    }
    fputc('\n', out);
}

static void print_text(struct utvm_shell *sh, FILE *out, const char *text,
                       const struct utvm_tensor_ref *ref, const struct utvm_view *view, char format)
{
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[ref->tensor];
    const struct utvm_print_options options = {
        .max_elems = utvm_settings_count(&sh->settings, UTVM_SET_PRINT_ELEMENTS),
        .width = sh->style.width,
    };
    uint32_t dims[UTVM_MAX_DIMS];
    if (utvm_slice_shape(&ref->slice, dims) == 0) {
        print_scalar(out, text, view, format);
        return;
    }
    char *description = utvm_tensor_describe(tensor, &ref->slice);
    utvm_human_write(out, text, false);
    fprintf(out, ": %s\n", description ? description : "");
    free(description);
    bool quantised = utvm_tensor_is_quantised(tensor);
    if (format == 'x') {
        utvm_render_values(out, view, &ref->slice, UTVM_FORM_HEX, &options);
        return;
    }
    if (format != 'f') {
        fputs(quantised && format == 0 ? "raw\n" : "", out);
        utvm_render_values(out, view, &ref->slice, UTVM_FORM_RAW, &options);
    }
    if (quantised && format != 'r') {
        fputs(format == 0 ? "real\n" : "", out);
        utvm_render_values(out, view, &ref->slice, UTVM_FORM_REAL, &options);
    } else if (format == 'f') {
        utvm_render_values(out, view, &ref->slice, UTVM_FORM_RAW, &options);
    }
}

static struct utvm_document *tensor_document(struct utvm_shell *sh,
                                             const struct utvm_tensor_ref *ref,
                                             const struct utvm_view *view)
{
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[ref->tensor];
    bool whole = tensor->dtype != UTVM_DTYPE_FLOAT32;
    const struct utvm_column columns[] = {
        {"index", "index", UTVM_CELL_TEXT, false},
        {"raw", "raw", whole ? UTVM_CELL_INT : UTVM_CELL_REAL, false},
        {"real", "real", UTVM_CELL_REAL, false},
    };
    char shape[96];
    uint32_t dims[UTVM_MAX_DIMS];
    uint32_t rank = utvm_slice_shape(&ref->slice, dims);
    struct utvm_document *doc = utvm_document_create("tensor");
    utvm_document_fact_text(doc, NULL, "name", "name", "%s", tensor->name);
    utvm_document_fact_text(doc, NULL, "dtype", "type", "%s", utvm_dtype_name(tensor->dtype));
    utvm_document_fact_text(doc, NULL, "shape", "shape", "%s", utvm_human_shape(rank, dims, shape));
    if (tensor->num_scales == 1) {
        utvm_document_fact_number(doc, NULL, "scale", "scale", UTVM_CELL_REAL,
                                  (double)tensor->scales[0]);
        utvm_document_fact_number(doc, NULL, "zero_point", "zero point", UTVM_CELL_INT,
                                  tensor->zero_points[0]);
    }
    struct utvm_table *table = utvm_document_table(doc, "values", NULL, columns, 3);
    for (uint64_t i = 0; i < view->array.num_elems; i++) {
        uint32_t index[UTVM_MAX_DIMS];
        utvm_slice_index(&ref->slice, i, index);
        utvm_table_row(table);
        // Without a blank and without brackets, it is a numpy index.
        char text[UTVM_MAX_DIMS * 12] = "";
        size_t used = 0;
        for (uint32_t k = 0; k < ref->slice.rank; k++) {
            used +=
                (size_t)snprintf(text + used, sizeof(text) - used, "%s%u", k ? "," : "", index[k]);
        }
        utvm_table_text(table, "%s", text);
        double raw = utvm_array_get(&view->array, i);
        if (whole) {
            utvm_table_int(table, (int64_t)raw);
        } else {
            utvm_table_real(table, raw);
        }
        utvm_table_real(table, utvm_tensor_real(&view->tensor, &view->array, i));
    }
    return doc;
}

static struct utvm_error *print_tensor(struct utvm_shell *sh, FILE *out, const char *text,
                                       const struct utvm_tensor_ref *ref, char format, bool force)
{
    struct utvm_view view = {0};
    struct utvm_error *error = utvm_read_view(sh, ref, force, &view);
    if (error) {
        return error;
    }
    if (view.array.num_elems > 0) {
        double raw = utvm_array_get(&view.array, 0);
        sh->last_value = view.array.dtype == UTVM_DTYPE_FLOAT32 ? utvm_value_real(raw)
                                                                : utvm_value_integer((int64_t)raw);
    }
    if (sh->format == UTVM_OUTPUT_TEXT) {
        print_text(sh, out, text, ref, &view, format);
    } else {
        error = utvm_shell_emit(sh, tensor_document(sh, ref, &view), out);
    }
    utvm_view_deinit(&view);
    return error;
}

static int64_t whole_part(double value)
{
    return value > -9.2e18 && value < 9.2e18 ? (int64_t)value : 0;
}

static void print_binary(FILE *out, uint64_t bits)
{
    unsigned width = 64;
    while (width > 1 && !(bits >> (width - 1) & 1)) {
        width--;
    }
    for (unsigned i = width; i-- > 0;) {
        fputc(bits >> i & 1 ? '1' : '0', out);
    }
    fputc('\n', out);
}

static void print_integer(FILE *out, int64_t value, char format)
{
    unsigned long long bits = (unsigned long long)value;
    switch (format) {
    case 'x':
        fprintf(out, "0x%llx\n", bits);
        break;
    case 'o':
        fprintf(out, "0%llo\n", bits);
        break;
    case 'u':
        fprintf(out, "%llu\n", bits);
        break;
    case 't':
        print_binary(out, bits);
        break;
    case 'c':
        fprintf(out, value >= 32 && value < 127 ? "%d '%c'\n" : "%d\n", (int)(int8_t)value,
                (int)value);
        break;
    default:
        fprintf(out, "%lld\n", (long long)value);
    }
}

// What nobody reads in decimal, without a format.
static bool is_address(const char *text)
{
    static const char *const registers[] = {"$pc", "$sp", "$lr", "$msp", "$psp"};
    // "&conv1" and "&conv1[0, 3]", not a difference of them.
    size_t name = strcspn(text, "[ +-*/%<>=");
    size_t close = text[name] == '[' ? utvm_parse_closing(text, name) : SIZE_MAX;
    bool found = text[0] == '&' && (!text[name] || (close != SIZE_MAX && text[close + 1] == '\0'));
    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        found = found || strcmp(text, registers[i]) == 0;
    }
    return found;
}

static struct utvm_error *print_value(struct utvm_shell *sh, FILE *out, const char *text,
                                      struct utvm_value value, char format)
{
    sh->last_value = value;
    if (sh->format != UTVM_OUTPUT_TEXT) {
        struct utvm_document *doc = utvm_document_create("value");
        utvm_document_fact_text(doc, NULL, "expression", "expression", "%s", text);
        utvm_document_fact_number(doc, NULL, "value", "value",
                                  value.is_real ? UTVM_CELL_REAL : UTVM_CELL_INT,
                                  utvm_value_number(value));
        return utvm_shell_emit(sh, doc, out);
    }
    if (strchr("xuotcd", format) && format && value.is_real) {
        value = utvm_value_integer(whole_part(value.real)); // as GDB does
    }
    if (!format && is_address(text)) {
        format = 'x';
    }
    if (value.is_real || format == 'f') {
        fprintf(out, "%.9g\n", utvm_value_number(value));
    } else {
        print_integer(out, value.integer, format);
    }
    return NULL;
}

// The format at the word itself comes before that of the command.
static char first_of(char own, char other)
{
    if (own) {
        return own;
    }
    return other;
}

// "$x + 1/x": takes the format off the end, unless it is part of the expression.
static char take_format(char *text)
{
    size_t length = strlen(text);
    if (length > 2 && text[length - 2] == '/' && strchr("rfx", text[length - 1])) {
        text[length - 2] = '\0';
        return text[length - 1];
    }
    return 0;
}

static struct utvm_error *print_expression(struct utvm_shell *sh, FILE *out, const char *text,
                                           char format)
{
    char *copy = strdup(text);
    if (!copy) {
        return utvm_error_no_memory();
    }
    char own = take_format(copy);
    struct utvm_value value;
    struct utvm_error *error = utvm_shell_evaluate(sh, copy, &value);
    if (!error) {
        error = print_value(sh, out, copy, value, first_of(own, format));
    }
    free(copy);
    return error;
}

static char chosen_format(const struct utvm_shell *sh, const char *letters)
{
    if (letters[0]) {
        return letters[0];
    }
    // In the order of the setting's choices: auto, raw, real, hex.
    static const char formats[] = {0, 'r', 'f', 'x'};
    return formats[utvm_settings_count(&sh->settings, UTVM_SET_FORMAT)];
}

static bool is_statistic(const char *text)
{
    const char *dot = strrchr(text, '.');
    for (size_t i = 0; dot && utvm_condition_names[i]; i++) {
        if (strcmp(dot + 1, utvm_condition_names[i]) == 0) {
            return true;
        }
    }
    return false;
}

// "$x = 3" sets and prints, as in GDB.
static struct utvm_error *print_assignment(struct utvm_shell *sh, FILE *out, const char *text,
                                           const char *equals, char format)
{
    size_t length = (size_t)(equals - text);
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    char *name = strndup(text, length);
    if (!name) {
        return utvm_error_no_memory();
    }
    struct utvm_value value;
    struct utvm_error *error = utvm_shell_evaluate(sh, equals + 1, &value);
    if (!error) {
        error = utvm_scope_assign(sh, name, value);
    }
    free(name);
    return error ? error : print_value(sh, out, text, value, format);
}

struct utvm_error *utvm_print_check_letters(const char *letters)
{
    if (letters[0] && (!strchr("rfxduotc", letters[0]) || letters[1])) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "print takes /r, /f, /x, /d, /u, /o, /t or /c, not /%s", letters);
    }
    return NULL;
}

struct utvm_error *utvm_print(struct utvm_shell *sh, const char *text, const char *letters,
                              bool force, FILE *out)
{
    char format = chosen_format(sh, letters);
    const char *equals = text[0] == '$' ? utvm_find_equals(text) : NULL;
    if (equals) {
        return print_assignment(sh, out, text, equals, format);
    }
    if (!utvm_shell_model(sh) || is_statistic(text)) {
        return print_expression(sh, out, text, format);
    }
    struct utvm_tensor_ref ref;
    struct utvm_error *error = utvm_tensor_ref_parse(utvm_shell_model(sh), text, &ref);
    bool of_integers = format && strchr("uotc", format);
    if (!error && of_integers && ref.slice.num_elems == 1) {
        return print_expression(sh, out, text, format);
    }
    if (!error && of_integers) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "tensors are printed as /r (or /d), /f or /x, not /%c", format);
    }
    if (!error) {
        if (format == 'd') {
            format = 'r';
        }
        size_t length = strlen(text) - (ref.format ? 2 : 0);
        char *label = strndup(text, length);
        if (!label) {
            return utvm_error_no_memory();
        }
        error = print_tensor(sh, out, label, &ref, first_of(ref.format, format), force);
        free(label);
        return error;
    }
    // Not a tensor by itself: then it is an expression, unless it reads like a tensor gone wrong.
    struct utvm_error *second = print_expression(sh, out, text, format);
    bool tensor_like = error->code != UTVM_ERROR_NOT_FOUND || !strpbrk(text, "$+-*<>=!&|(");
    if (second && tensor_like && !isdigit((unsigned char)text[0])) {
        utvm_error_drop(second);
        return error;
    }
    utvm_error_drop(error);
    return second;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    struct utvm_error *error = utvm_print_check_letters(args->letters);
    if (error) {
        return error;
    }
    return utvm_print(sh, args->arg[0].text, args->letters, args->option[0].given, out);
}

const struct utvm_command utvm_command_print = {
    .name = "print",
    .alias = "p",
    .group = UTVM_GROUP_LOOKING,
    .summary = "show a tensor, a part of one, or an expression",
    .detail =
        "TENSOR is a name, a unique prefix, t<index in the model file>, the layer that writes it, "
        "'input' or 'output'. Slices are numpy's: conv1[0, 2:5, :, -1]. Formats: /r raw, /f real, "
        "/x hex; without one both raw and real values are shown; of single values also /d /u /o /t "
        "/c. A tensor whose memory has been "
        "used again is refused unless --force is given.\n"
        "Expressions have C's operators, $variables, elements (conv1[0,0,0,0] is raw, "
        "conv1.real[0,0,0,0] real), statistics (conv1.max) and addresses (&conv1). > and | "
        "redirect unless a number, a $variable or a parenthesis follows: print (a > b).",
    .example = "print input[0, 2:5, 0:4, -1]",
    .flags = UTVM_COMMAND_LETTERS | UTVM_COMMAND_EXPRESSION,
    .args = {{.name = "VALUE", .kind = UTVM_ARG_REST, .also = UTVM_ARG_TENSOR_REF}},
    .options = {{"--force", NULL, UTVM_ARG_WORD, "read memory that has been used again, too",
                 NULL}},
    .run = run,
};
