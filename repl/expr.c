// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/expr.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "repl/expr_ops.h"
#include "repl/parse.h"

enum {
    max_depth = 64,
    unary_level = 11,
};

struct parser {
    const char *text;
    const char *p;
    const struct utvm_scope *scope;
    unsigned depth;
    // In the branch of && or || that does not count: names are not looked up, errors of values
    // do not happen.
    unsigned skipping;
};

struct utvm_value utvm_value_integer(int64_t value)
{
    return (struct utvm_value){false, value, 0};
}

struct utvm_value utvm_value_real(double value)
{
    return (struct utvm_value){true, 0, value};
}

double utvm_value_number(struct utvm_value value)
{
    return value.is_real ? value.real : (double)value.integer;
}

bool utvm_value_true(struct utvm_value value)
{
    return value.is_real ? value.real != 0 : value.integer != 0;
}

static struct utvm_error *parse_binary(struct parser *e, int min_level, struct utvm_value *ret);

static void skip_blanks(struct parser *e)
{
    while (isspace((unsigned char)*e->p)) {
        e->p++;
    }
}

static struct utvm_error *syntax(const struct parser *e, const char *what)
{
    if (*e->p == '\0') {
        return utvm_error_create(UTVM_ERROR_INVALID, "%s at the end of the expression", what);
    }
    return utvm_error_create(UTVM_ERROR_INVALID, "%s at '%.20s'", what, e->p);
}

/* ---- operands ---------------------------------------------------------------------------- */

static bool starts_operand(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '(' || c == '\'' || c == '"' ||
           c == '.';
}

// A % behind a number that no operand follows.
static void take_percent(struct parser *e, struct utvm_value *value)
{
    const char *q = e->p;
    while (isspace((unsigned char)*q)) {
        q++;
    }
    if (*q != '%') {
        return;
    }
    q++;
    const char *after = q;
    while (isspace((unsigned char)*q)) {
        q++;
    }
    if (!starts_operand(*q)) {
        *value = utvm_value_real(utvm_value_number(*value) / 100);
        e->p = after;
    }
}

static struct utvm_error *parse_number(struct parser *e, struct utvm_value *ret)
{
    const char *p = e->p;
    char *end = NULL;
    errno = 0;
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X' || p[1] == 'b' || p[1] == 'B')) {
        int base = p[1] == 'x' || p[1] == 'X' ? 16 : 2;
        unsigned long long bits = strtoull(p + 2, &end, base);
        if (end == p + 2 || !isxdigit((unsigned char)p[2]) || errno == ERANGE) {
            return syntax(e, "bad number");
        }
        *ret = utvm_value_integer((int64_t)bits);
    } else {
        size_t digits = strspn(p, "0123456789");
        if (p[digits] == '.' || p[digits] == 'e' || p[digits] == 'E') {
            *ret = utvm_value_real(strtod(p, &end));
        } else {
            *ret = utvm_value_integer(strtoll(p, &end, 10));
            if (errno == ERANGE) {
                return syntax(e, "number too large");
            }
        }
    }
    if (end == p || isalnum((unsigned char)*end) || *end == '_' || *end == '.') {
        return syntax(e, "bad number");
    }
    e->p = end;
    take_percent(e, ret);
    return NULL;
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.';
}

// A name, bare or quoted. *ret is malloc'd.
static struct utvm_error *parse_name(struct parser *e, char **ret)
{
    const char *from = e->p;
    const char *to = NULL;
    if (*from == '\'' || *from == '"') {
        to = strchr(from + 1, *from);
        if (!to) {
            return syntax(e, "missing closing quote");
        }
        from++;
        e->p = to + 1;
    } else {
        to = from + (*from == '$');
        while (is_name_char(*to)) {
            to++;
        }
        e->p = to;
    }
    // 'name'.max: the part behind the quote belongs to the name.
    size_t tail = 0;
    if (*to && (*to == '\'' || *to == '"') && *e->p == '.') {
        while (is_name_char(e->p[tail])) {
            tail++;
        }
    }
    size_t length = (size_t)(to - from);
    char *name = malloc(length + tail + 1);
    if (!name) {
        return utvm_error_no_memory();
    }
    memcpy(name, from, length);
    memcpy(name + length, e->p, tail);
    name[length + tail] = '\0';
    e->p += tail;
    *ret = name;
    return NULL;
}

static struct utvm_error *parse_index(struct parser *e, char **ret)
{
    *ret = NULL;
    if (*e->p != '[') {
        return NULL;
    }
    size_t close = utvm_parse_closing(e->p, 0);
    if (close == SIZE_MAX || e->p[close] != ']') {
        return syntax(e, "missing ']'");
    }
    *ret = strndup(e->p + 1, close - 1);
    e->p += close + 1;
    return *ret ? NULL : utvm_error_no_memory();
}

static struct utvm_error *parse_reference(struct parser *e, bool address, struct utvm_value *ret)
{
    char *name = NULL;
    char *index = NULL;
    struct utvm_error *error = parse_name(e, &name);
    if (!error) {
        error = parse_index(e, &index);
    }
    *ret = utvm_value_integer(0);
    if (!error && e->skipping == 0) {
        if (!address) {
            error = e->scope && e->scope->lookup
                        ? e->scope->lookup(e->scope->ctx, name, index, ret)
                        : utvm_error_create(UTVM_ERROR_NOT_FOUND, "no '%s' here", name);
        } else {
            error = e->scope && e->scope->address
                        ? e->scope->address(e->scope->ctx, name, index, ret)
                        : utvm_error_create(UTVM_ERROR_NOT_FOUND, "no address of '%s' here", name);
        }
    }
    free(name);
    free(index);
    return error;
}

static struct utvm_error *parse_unary(struct parser *e, char op, struct utvm_value *ret)
{
    e->p++;
    if (op == '&') {
        skip_blanks(e);
        if (!isalpha((unsigned char)*e->p) && !strchr("_'\"", *e->p)) {
            return syntax(e, "expected a name behind '&'");
        }
        return parse_reference(e, true, ret);
    }
    struct utvm_value value = {0};
    struct utvm_error *error = parse_binary(e, unary_level, &value);
    if (error) {
        return error;
    }
    if (op == '!') {
        *ret = utvm_value_integer(!utvm_value_true(value));
    } else if (op == '~') {
        if (value.is_real) {
            return utvm_error_create(UTVM_ERROR_INVALID, "a bit operator needs integers");
        }
        *ret = utvm_value_integer(~value.integer);
    } else if (op == '-' && !value.is_real) {
        if (value.integer == INT64_MIN) {
            return utvm_op_overflow();
        }
        *ret = utvm_value_integer(-value.integer);
    } else {
        *ret = op == '-' ? utvm_value_real(-value.real) : value;
    }
    return NULL;
}

static struct utvm_error *parse_operand(struct parser *e, struct utvm_value *ret)
{
    skip_blanks(e);
    char c = *e->p;
    if (c == '(') {
        e->p++;
        struct utvm_error *error = parse_binary(e, 1, ret);
        if (error) {
            return error;
        }
        skip_blanks(e);
        if (*e->p != ')') {
            return syntax(e, "expected ')'");
        }
        e->p++;
        take_percent(e, ret);
        return NULL;
    }
    if (c != '\0' && strchr("-+!~&", c)) {
        return parse_unary(e, c, ret);
    }
    if (isdigit((unsigned char)c) || (c == '.' && isdigit((unsigned char)e->p[1]))) {
        return parse_number(e, ret);
    }
    if (isalpha((unsigned char)c) || (c != '\0' && strchr("_$'\"", c))) {
        return parse_reference(e, false, ret);
    }
    return syntax(e, "expected a value");
}

// Precedence climbing; ** binds to the right and tighter than a sign on its left.
static struct utvm_error *parse_binary(struct parser *e, int min_level, struct utvm_value *ret)
{
    if (++e->depth > max_depth) {
        return utvm_error_create(UTVM_ERROR_INVALID, "expression is nested too deeply");
    }
    struct utvm_value left = {0};
    struct utvm_error *error = parse_operand(e, &left);
    while (!error) {
        skip_blanks(e);
        const struct utvm_op_row *row = utvm_op_find(e->p);
        if (!row || row->level < min_level) {
            break;
        }
        e->p += strlen(row->text);
        bool skip = (row->op == UTVM_OP_OR && utvm_value_true(left)) ||
                    (row->op == UTVM_OP_AND && !utvm_value_true(left));
        e->skipping += skip;
        struct utvm_value right = {0};
        error = parse_binary(e, row->op == UTVM_OP_POW ? row->level : row->level + 1, &right);
        e->skipping -= skip;
        if (error) {
            break;
        }
        if (e->skipping == 0) {
            error = utvm_op_apply(row->op, left, right, &left);
        }
    }
    e->depth--;
    *ret = left;
    return error;
}

struct utvm_error *utvm_expr_eval(const char *text, const struct utvm_scope *scope,
                                  struct utvm_value *ret)
{
    struct parser e = {.text = text, .p = text, .scope = scope};
    struct utvm_value value = {0};
    struct utvm_error *error = parse_binary(&e, 1, &value);
    if (error) {
        return error;
    }
    skip_blanks(&e);
    if (*e.p != '\0') {
        return syntax(&e, "unexpected text");
    }
    *ret = value;
    return NULL;
}
