// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/expr_ops.h"

#include <math.h>
#include <string.h>

// Longer spellings stand before their prefixes.
static const struct utvm_op_row operators[] = {
    {"||", 1, UTVM_OP_OR},     {"&&", 2, UTVM_OP_AND},    {"|", 3, UTVM_OP_BIT_OR},
    {"^", 4, UTVM_OP_BIT_XOR}, {"&", 5, UTVM_OP_BIT_AND}, {"==", 6, UTVM_OP_EQ},
    {"!=", 6, UTVM_OP_NE},     {"<=", 7, UTVM_OP_LE},     {">=", 7, UTVM_OP_GE},
    {"<<", 8, UTVM_OP_SHL},    {">>", 8, UTVM_OP_SHR},    {"<", 7, UTVM_OP_LT},
    {">", 7, UTVM_OP_GT},      {"+", 9, UTVM_OP_ADD},     {"-", 9, UTVM_OP_SUB},
    {"**", 12, UTVM_OP_POW},   {"*", 10, UTVM_OP_MUL},    {"/", 10, UTVM_OP_DIV},
    {"%", 10, UTVM_OP_MOD},
};

const struct utvm_op_row *utvm_op_find(const char *text)
{
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (strncmp(text, operators[i].text, strlen(operators[i].text)) == 0) {
            return &operators[i];
        }
    }
    return NULL;
}

struct utvm_error *utvm_op_overflow(void)
{
    return utvm_error_create(UTVM_ERROR_INVALID, "integer overflow");
}

static struct utvm_error *integer_arithmetic(enum utvm_op op, int64_t a, int64_t b, int64_t *ret)
{
    if (op == UTVM_OP_ADD) {
        return __builtin_add_overflow(a, b, ret) ? utvm_op_overflow() : NULL;
    }
    if (op == UTVM_OP_SUB) {
        return __builtin_sub_overflow(a, b, ret) ? utvm_op_overflow() : NULL;
    }
    if (op == UTVM_OP_MUL) {
        return __builtin_mul_overflow(a, b, ret) ? utvm_op_overflow() : NULL;
    }
    if (op == UTVM_OP_SHL || op == UTVM_OP_SHR) {
        if (b < 0 || b > 63) {
            return utvm_error_create(UTVM_ERROR_INVALID, "shift by %lld", (long long)b);
        }
        *ret = op == UTVM_OP_SHL ? (int64_t)((uint64_t)a << b) : a >> b;
        return NULL;
    }
    if (b == 0) {
        return utvm_error_create(UTVM_ERROR_INVALID, "division by zero");
    }
    if (a == INT64_MIN && b == -1) {
        return utvm_op_overflow();
    }
    *ret = op == UTVM_OP_DIV ? a / b : a % b;
    return NULL;
}

static bool compare(enum utvm_op op, struct utvm_value a, struct utvm_value b)
{
    bool real = a.is_real || b.is_real;
    double x = utvm_value_number(a);
    double y = utvm_value_number(b);
    bool less = real ? x < y : a.integer < b.integer;
    bool more = real ? x > y : a.integer > b.integer;
    bool equal = real ? x == y : a.integer == b.integer;
    if (op == UTVM_OP_EQ || op == UTVM_OP_NE) {
        return equal == (op == UTVM_OP_EQ);
    }
    if (op == UTVM_OP_LT || op == UTVM_OP_LE) {
        return less || (equal && op == UTVM_OP_LE);
    }
    return more || (equal && op == UTVM_OP_GE);
}

static double real_arithmetic(enum utvm_op op, double x, double y)
{
    if (op == UTVM_OP_ADD) {
        return x + y;
    }
    if (op == UTVM_OP_SUB) {
        return x - y;
    }
    if (op == UTVM_OP_MUL) {
        return x * y;
    }
    if (op == UTVM_OP_DIV) {
        return x / y;
    }
    return op == UTVM_OP_MOD ? fmod(x, y) : pow(x, y);
}

static struct utvm_error *bitwise(enum utvm_op op, struct utvm_value a, struct utvm_value b,
                                  struct utvm_value *ret)
{
    if (a.is_real || b.is_real) {
        return utvm_error_create(UTVM_ERROR_INVALID, "a bit operator needs integers");
    }
    int64_t value = 0;
    struct utvm_error *error = NULL;
    if (op == UTVM_OP_BIT_OR) {
        value = a.integer | b.integer;
    } else if (op == UTVM_OP_BIT_XOR) {
        value = a.integer ^ b.integer;
    } else if (op == UTVM_OP_BIT_AND) {
        value = a.integer & b.integer;
    } else {
        error = integer_arithmetic(op, a.integer, b.integer, &value);
    }
    *ret = utvm_value_integer(value);
    return error;
}

struct utvm_error *utvm_op_apply(enum utvm_op op, struct utvm_value a, struct utvm_value b,
                                 struct utvm_value *ret)
{
    switch (op) {
    case UTVM_OP_OR:
        *ret = utvm_value_integer(utvm_value_true(a) || utvm_value_true(b));
        return NULL;
    case UTVM_OP_AND:
        *ret = utvm_value_integer(utvm_value_true(a) && utvm_value_true(b));
        return NULL;
    case UTVM_OP_EQ:
    case UTVM_OP_NE:
    case UTVM_OP_LT:
    case UTVM_OP_GT:
    case UTVM_OP_LE:
    case UTVM_OP_GE:
        *ret = utvm_value_integer(compare(op, a, b));
        return NULL;
    case UTVM_OP_BIT_OR:
    case UTVM_OP_BIT_XOR:
    case UTVM_OP_BIT_AND:
    case UTVM_OP_SHL:
    case UTVM_OP_SHR:
        return bitwise(op, a, b, ret);
    case UTVM_OP_ADD:
    case UTVM_OP_SUB:
    case UTVM_OP_MUL:
    case UTVM_OP_DIV:
    case UTVM_OP_MOD:
    case UTVM_OP_POW:
        break;
    }
    if (a.is_real || b.is_real || op == UTVM_OP_POW) {
        double real = real_arithmetic(op, utvm_value_number(a), utvm_value_number(b));
        bool whole = op == UTVM_OP_POW && !a.is_real && !b.is_real && fabs(real) < 9e15 &&
                     real == floor(real);
        *ret = whole ? utvm_value_integer((int64_t)real) : utvm_value_real(real);
        return NULL;
    }
    int64_t value = 0;
    struct utvm_error *error = integer_arithmetic(op, a.integer, b.integer, &value);
    *ret = utvm_value_integer(value);
    return error;
}
