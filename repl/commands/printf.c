// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "repl/commands/common.h"
#include "repl/human.h"
#include "repl/parse.h"

/** "%-8.3": what stands between the % and the letter. */
struct spec {
    bool left;
    bool plus;
    bool blank;
    bool zero;
    bool alternate;
    int width;
    int precision; /**< -1 = none given */
};

/** What stands behind the format, read from left to right. */
struct operands {
    struct utvm_shell *sh;
    const char *next; /**< at a comma, or at the end */
};

static struct utvm_error *invalid(const char *what)
{
    return utvm_error_create(UTVM_ERROR_INVALID, "printf: %s", what);
}

// The text up to the next comma outside brackets and quotes. malloc'd
static struct utvm_error *next_operand(struct operands *o, char **ret)
{
    while (isspace((unsigned char)*o->next)) {
        o->next++;
    }
    if (*o->next != ',') {
        return invalid("too few values for the format");
    }
    const char *from = ++o->next;
    const char *p = from;
    while (*p && *p != ',') {
        if (*p == '[' || *p == '(') {
            size_t close = utvm_parse_closing(p, 0);
            p += close == SIZE_MAX ? 0 : close;
        } else if (*p == '"' || *p == '\'') {
            const char *end = strchr(p + 1, *p);
            p = end ? end : p;
        }
        p++;
    }
    o->next = p;
    *ret = strndup(from, (size_t)(p - from));
    return *ret ? NULL : utvm_error_no_memory();
}

// Fills up to the width. Zeros go behind a sign or 0x.
static void write_padded(FILE *out, const struct spec *spec, bool number, const char *text)
{
    int missing = spec->width - (int)utvm_text_width(text);
    size_t head = 0;
    if (number && spec->zero && !spec->left) {
        head = strspn(text, "+- ");
        head += strncmp(text + head, "0x", 2) == 0 ? 2 : 0;
        fwrite(text, 1, head, out);
    }
    for (int i = 0; i < missing && !spec->left; i++) {
        fputc(number && spec->zero ? '0' : ' ', out);
    }
    fputs(text + head, out);
    for (int i = 0; i < missing && spec->left; i++) {
        fputc(' ', out);
    }
}

static struct utvm_error *write_text(FILE *out, const struct spec *spec, const char *operand)
{
    struct utvm_line words = {0};
    struct utvm_error *error = utvm_parse_line(operand, UTVM_PARSE_OPERATORS, &words);
    if (!error && words.num_tokens != 1) {
        error = invalid("%s takes one word or a text in quotes");
    }
    if (!error) {
        const char *text = words.tokens[0].text;
        size_t length = strlen(text);
        bool cut = spec->precision >= 0 && (size_t)spec->precision < length;
        char *printable = utvm_text_printable(text, cut ? (size_t)spec->precision : length);
        write_padded(out, spec, false, printable ? printable : "");
        free(printable);
    }
    utvm_line_deinit(&words);
    return error;
}

static void real_text(char *buffer, size_t size, const struct spec *spec, char letter, double value)
{
    int precision = spec->precision < 0 ? 6 : spec->precision;
    switch (letter) {
    case 'e':
        snprintf(buffer, size, "%.*e", precision, value);
        break;
    case 'E':
        snprintf(buffer, size, "%.*E", precision, value);
        break;
    case 'f':
    case 'F':
        snprintf(buffer, size, "%.*f", precision, value);
        break;
    case 'G':
        snprintf(buffer, size, "%.*G", precision, value);
        break;
    default:
        snprintf(buffer, size, "%.*g", precision, value);
    }
}

static void integer_text(char *buffer, size_t size, const struct spec *spec, char letter,
                         long long value)
{
    unsigned long long bits = (unsigned long long)value;
    int precision = spec->precision < 0 ? 1 : spec->precision;
    switch (letter) {
    case 'u':
        snprintf(buffer, size, "%.*llu", precision, bits);
        break;
    case 'o':
        snprintf(buffer, size, "%s%.*llo", spec->alternate ? "0" : "", precision, bits);
        break;
    case 'x':
        snprintf(buffer, size, "%s%.*llx", spec->alternate ? "0x" : "", precision, bits);
        break;
    case 'X':
        snprintf(buffer, size, "%s%.*llX", spec->alternate ? "0x" : "", precision, bits);
        break;
    default:
        snprintf(buffer, size, "%.*lld", precision, value);
    }
}

static struct utvm_error *write_number(FILE *out, const struct spec *spec, char letter,
                                       struct utvm_value value)
{
    char buffer[512]; // 308 digits in front of the point and 99 behind it
    char *text = buffer + 1;
    double real = utvm_value_number(value);
    bool is_real = strchr("eEfFgG", letter) != NULL;
    if (is_real) {
        real_text(text, sizeof(buffer) - 1, spec, letter, real);
    } else if (value.is_real && !(real > -9.2e18 && real < 9.2e18)) {
        return invalid("the value is no integer; use %g");
    } else {
        long long integer = value.is_real ? (long long)real : (long long)value.integer;
        if (letter == 'c') {
            snprintf(text, 2, "%c", integer >= 32 && integer < 127 ? (int)integer : '?');
        } else {
            integer_text(text, sizeof(buffer) - 1, spec, letter, integer);
        }
    }
    bool is_signed = is_real || letter == 'd' || letter == 'i';
    if (is_signed && text[0] != '-' && (spec->plus || spec->blank)) {
        *--text = spec->plus ? '+' : ' ';
    }
    write_padded(out, spec, letter != 'c', text);
    return NULL;
}

// At most 99: a line is not a picture.
static int read_number(const char **p)
{
    int value = 0;
    for (; isdigit((unsigned char)**p); (*p)++) {
        value = value < 99 ? value * 10 + (**p - '0') : value;
    }
    return value < 99 ? value : 99;
}

static struct spec read_spec(const char **p)
{
    struct spec spec = {.precision = -1};
    for (; **p && strchr("-+ 0#", **p); (*p)++) {
        spec.left |= **p == '-';
        spec.plus |= **p == '+';
        spec.blank |= **p == ' ';
        spec.zero |= **p == '0';
        spec.alternate |= **p == '#';
    }
    spec.width = read_number(p);
    if (**p == '.') {
        ++*p;
        spec.precision = read_number(p);
    }
    *p += strspn(*p, "lhz"); // C programmers' habit; values are of one size here
    return spec;
}

// *format stands at a %; moves behind the conversion.
static struct utvm_error *convert(struct operands *o, const char **format, FILE *out)
{
    const char *p = *format + 1;
    const struct spec spec = read_spec(&p);
    char letter = *p;
    if (!letter || !strchr("diuxXocsfFeEgG", letter)) {
        return invalid("formats are %d %i %u %x %o %c %s %f %e %g and %%");
    }
    *format = p + 1;
    char *operand = NULL;
    struct utvm_value value = {0};
    struct utvm_error *error = next_operand(o, &operand);
    if (!error && letter == 's') {
        error = write_text(out, &spec, operand);
    } else if (!error) {
        error = utvm_shell_evaluate(o->sh, operand, &value);
        error = error ? error : write_number(out, &spec, letter, value);
    }
    free(operand);
    return error;
}

static struct utvm_error *write_formatted(struct operands *o, const char *format, FILE *out)
{
    struct utvm_error *error = NULL;
    for (const char *p = format; *p && !error;) {
        size_t plain = strcspn(p, "%");
        char *piece = strndup(p, plain);
        utvm_human_write(out, piece ? piece : "", true);
        free(piece);
        p += plain;
        if (p[0] == '%' && p[1] == '%') {
            fputc('%', out);
            p += 2;
        } else if (*p == '%') {
            error = convert(o, &p, out);
        }
    }
    if (!error && o->next[strspn(o->next, " \t")] != '\0') {
        error = invalid("more values than the format takes");
    }
    return error;
}

// Where the quote that opens the text closes; NULL when it does not.
static const char *closing_quote(const char *text)
{
    const char *p = text + 1;
    while (*p && *p != '"') {
        p += *p == '\\' && p[1] ? 2 : 1;
    }
    return *p ? p : NULL;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const char *text = args->arg[0].text;
    const char *close = text[0] == '"' ? closing_quote(text) : NULL;
    if (!close) {
        return invalid("the format stands in double quotes");
    }
    char *quoted = strndup(text, (size_t)(close + 1 - text));
    if (!quoted) {
        return utvm_error_no_memory();
    }
    // The parser undoes the escapes.
    struct utvm_line words = {0};
    struct utvm_error *error = utvm_parse_line(quoted, UTVM_PARSE_OPERATORS, &words);
    struct operands operands = {sh, close + 1};
    char *written = NULL;
    size_t size = 0;
    FILE *memory = error ? NULL : open_memstream(&written, &size);
    if (!error) {
        error = memory ? write_formatted(&operands, words.tokens[0].text, memory)
                       : utvm_error_no_memory();
    }
    if (memory && fclose(memory) != 0 && !error) {
        error = utvm_error_no_memory();
    }
    if (!error) {
        fwrite(written, 1, size, out); // all of it, or nothing before an error
    }
    free(written);
    free(quoted);
    utvm_line_deinit(&words);
    return error;
}

const struct utvm_command utvm_command_printf = {
    .name = "printf",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "print values in a format, as C's printf",
    .detail = "%d %i %u %x %o %c %s %f %e %g and %%, with width and precision. Values are "
              "expressions, for %s a text in quotes. No new line is added: write \\n.",
    .example = "printf \"%d of %d layers\\n\", $layer, $layers",
    .flags = UTVM_COMMAND_OPERATORS,
    .args = {{.name = "FORMAT, VALUE…", .kind = UTVM_ARG_REST, .also = UTVM_ARG_WORD}},
    .run = run,
};
