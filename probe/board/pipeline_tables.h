// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_PIPELINE_TABLES_H
#define UTVM_BOARD_PIPELINE_TABLES_H

#include <stdint.h>

#include "probe/board/decode.h"

/**
 * What the pipeline's rules are in figures, for pipeline.c alone: cycles from the issue of an
 * instruction until another one that needs its result may issue, and what cannot issue together.
 */

#define INTEGER_ROW(late, early, early_add, beside, factor, sum, store, address, index, list,      \
                    to_fp)                                                                         \
    {                                                                                              \
        [BOARD_STAGE_LATE] = (late), [BOARD_STAGE_EARLY] = (early),                                \
        [BOARD_STAGE_EARLY_ADD] = (early_add), [BOARD_STAGE_BESIDE_SHIFT] = (beside),              \
        [BOARD_STAGE_MULTIPLICAND] = (factor), [BOARD_STAGE_ACCUMULATOR] = (sum),                  \
        [BOARD_STAGE_STORE] = (store), [BOARD_STAGE_ADDRESS] = (address),                          \
        [BOARD_STAGE_INDEX] = (index), [BOARD_STAGE_LIST] = (list), [BOARD_STAGE_TO_FP] = (to_fp), \
    }
#define FLOAT_ROW(operand, factor, fma_sum, mla_sum, store, move, to_core)                         \
    {                                                                                              \
        [BOARD_STAGE_FP_OPERAND] = (operand), [BOARD_STAGE_FP_MULTIPLICAND] = (factor),            \
        [BOARD_STAGE_FP_FMA_SUM] = (fma_sum), [BOARD_STAGE_FP_MLA_SUM] = (mla_sum),                \
        [BOARD_STAGE_FP_STORE] = (store), [BOARD_STAGE_FP_MOVE] = (move),                          \
        [BOARD_STAGE_FP_TO_CORE] = (to_core),                                                      \
    }

// Source: jnk0le/random, cortex_m7.md (measured on an STM32H743). VMOV to VSTR and VLDR to VSTR:
// LLVM ARMScheduleM7.td, which reads store data two cycles late. A loaded word to an index register
// and a product to any address: LLVM ARMLatencyMutations.cpp, CortexM7Overrides. An FMA's sum from
// a VMLA, which none of them gives, waits like any other operand. That an LDM of more than two
// registers needs its address a cycle before a load does is published nowhere; it follows from one
// published count, wolfSSL 5.6.6's GMAC on an STM32H753 (STM32_Benchmarks.md), which has 32 such
// loads a block, each behind the addition that makes their address.
static const uint8_t latency[BOARD_NUM_KINDS][BOARD_NUM_STAGES] = {
    // late ALU, early, early add, beside a shift, multiplicand, accumulator, store, address, index,
    // address of a list, to FP
    [BOARD_KIND_LATE] = INTEGER_ROW(1, 2, 2, 1, 1, 0, 0, 2, 2, 3, 1),
    [BOARD_KIND_EARLY] = INTEGER_ROW(0, 1, 1, 0, 0, 0, 0, 1, 1, 2, 1),
    [BOARD_KIND_BASE] = INTEGER_ROW(0, 1, 2, 0, 0, 0, 0, 1, 1, 1, 1),
    [BOARD_KIND_LOAD_WORD] = INTEGER_ROW(1, 2, 2, 2, 2, 0, 0, 2, 3, 3, 1),
    [BOARD_KIND_LOAD_NARROW] = INTEGER_ROW(2, 3, 3, 2, 2, 1, 0, 3, 3, 4, 2),
    [BOARD_KIND_MULTIPLY] = INTEGER_ROW(2, 3, 3, 2, 2, 1, 0, 4, 4, 5, 1),
    [BOARD_KIND_EXTEND] = INTEGER_ROW(1, 2, 2, 1, 1, 0, 0, 2, 2, 3, 1),
    [BOARD_KIND_SATURATE] = INTEGER_ROW(2, 3, 3, 2, 2, 1, 0, 3, 3, 4, 1),
    [BOARD_KIND_REVERSE] = INTEGER_ROW(0, 2, 2, 0, 0, 0, 0, 2, 2, 3, 1),
    // operand, multiplicand, sum of an FMA, of an MLA, store, FP register, core register
    [BOARD_KIND_FP_ARITH] = FLOAT_ROW(3, 3, 3, 2, 1, 3, 3),
    [BOARD_KIND_FP_FMA] = FLOAT_ROW(5, 5, 3, 3, 3, 5, 5),
    [BOARD_KIND_FP_MLA] = FLOAT_ROW(6, 6, 6, 3, 4, 6, 6),
    [BOARD_KIND_FP_LOAD] = FLOAT_ROW(1, 1, 3, 2, 0, 1, 2),
    [BOARD_KIND_FP_MOVE] = FLOAT_ROW(3, 3, 3, 3, 1, 3, 3),
    [BOARD_KIND_FP_DIVIDE] = FLOAT_ROW(1, 1, 1, 1, 1, 1, 1),
};

/** The longest latency of a kind: older values are ready for everything. */
static const uint8_t longest[BOARD_NUM_KINDS] = {
    [BOARD_KIND_LATE] = 3,      [BOARD_KIND_EARLY] = 2,       [BOARD_KIND_BASE] = 2,
    [BOARD_KIND_LOAD_WORD] = 3, [BOARD_KIND_LOAD_NARROW] = 4, [BOARD_KIND_MULTIPLY] = 5,
    [BOARD_KIND_EXTEND] = 3,    [BOARD_KIND_SATURATE] = 4,    [BOARD_KIND_REVERSE] = 3,
    [BOARD_KIND_FP_ARITH] = 3,  [BOARD_KIND_FP_FMA] = 5,      [BOARD_KIND_FP_MLA] = 6,
    [BOARD_KIND_FP_LOAD] = 3,   [BOARD_KIND_FP_MOVE] = 3,     [BOARD_KIND_FP_DIVIDE] = 1,
};

/** Pairs that cannot issue together. Source: jnk0le/random, cortex_m7.md. */
static const struct {
    uint16_t older;
    uint16_t younger;
} clashes[] = {
    {BOARD_USE_ALONE, BOARD_USE_ANY},
    {BOARD_USE_ANY, BOARD_USE_ALONE},
    {BOARD_USE_ANY, BOARD_USE_OLDER_ONLY},
    {BOARD_USE_MAC, BOARD_USE_MAC | BOARD_USE_STORE},
    {BOARD_USE_STORE, BOARD_USE_MAC | BOARD_USE_STORE},
    {BOARD_USE_BRANCH, BOARD_USE_BRANCH},
    {BOARD_USE_FP_ARITH, BOARD_USE_FP_ARITH},
    {BOARD_USE_FP_MAC, BOARD_USE_FP_TRANSFER},
    {BOARD_USE_FP_TRANSFER, BOARD_USE_FP_MAC},
    {BOARD_USE_FP_CONSTANT, BOARD_USE_FP_CONSTANT},
    {BOARD_USE_SHIFT | BOARD_USE_SHIFTED | BOARD_USE_BITS, BOARD_USE_SHIFTED},
};

#endif
