// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_EXPR_H
#define UTVM_REPL_EXPR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"

/**
 * Arithmetic of the command language, C's operators and precedences on 64-bit integers and doubles:
 *
 *     ||  &&  |  ^  &  == !=  < <= > >=  << >>  + -  * / %  ** (power)  - ! ~ (unary)  ( )
 *
 * Numbers: 12, 0x1f, 0b101, 1.5, 1e6; a number followed by % that no operand follows is a
 * percentage: 5% is 0.05. `nan` and `inf` are left to the scope. Division of integers
 * truncates; if one side is real, both are. Integer overflow is an error, not a wrap.
 */
struct utvm_value {
    bool is_real;
    int64_t integer;
    double real;
};

struct utvm_value utvm_value_integer(int64_t value);
struct utvm_value utvm_value_real(double value);
double utvm_value_number(struct utvm_value value);
bool utvm_value_true(struct utvm_value value);

/** Gives names a value. */
struct utvm_scope {
    void *ctx;
    /**
     * @param name  "$x", or a name as written or quoted, with dots: "conv1", "conv1.max"
     * @param index text between the brackets behind the name, NULL when there are none
     */
    struct utvm_error *(*lookup)(void *ctx, const char *name, const char *index,
                                 struct utvm_value *ret);
    /** Address of a name or of an element of it (`&conv1`, `&conv1[0, 3]`); may be NULL. */
    struct utvm_error *(*address)(void *ctx, const char *name, const char *index,
                                  struct utvm_value *ret);
};

/**
 * Evaluates all of text.
 * @return INVALID with what is wrong and where; whatever the scope returns
 */
UTVM_MUST_CHECK struct utvm_error *utvm_expr_eval(const char *text, const struct utvm_scope *scope,
                                                  struct utvm_value *ret);

#endif
