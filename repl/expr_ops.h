// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_EXPR_OPS_H
#define UTVM_REPL_EXPR_OPS_H

#include "repl/expr.h"

/** Two-sided operators of expressions: spelling, precedence and what they do. */
enum utvm_op {
    UTVM_OP_OR,
    UTVM_OP_AND,
    UTVM_OP_BIT_OR,
    UTVM_OP_BIT_XOR,
    UTVM_OP_BIT_AND,
    UTVM_OP_EQ,
    UTVM_OP_NE,
    UTVM_OP_LE,
    UTVM_OP_GE,
    UTVM_OP_SHL,
    UTVM_OP_SHR,
    UTVM_OP_LT,
    UTVM_OP_GT,
    UTVM_OP_ADD,
    UTVM_OP_SUB,
    UTVM_OP_POW,
    UTVM_OP_MUL,
    UTVM_OP_DIV,
    UTVM_OP_MOD,
};

struct utvm_op_row {
    const char *text;
    int level; /**< 1 binds loosest */
    enum utvm_op op;
};

/** The operator that text begins with; NULL when there is none. */
const struct utvm_op_row *utvm_op_find(const char *text);

/** @return INVALID for overflow, division by zero, bits of a real number */
UTVM_MUST_CHECK struct utvm_error *utvm_op_apply(enum utvm_op op, struct utvm_value a,
                                                 struct utvm_value b, struct utvm_value *ret);

UTVM_MUST_CHECK struct utvm_error *utvm_op_overflow(void);

#endif
