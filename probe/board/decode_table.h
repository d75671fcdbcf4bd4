// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_DECODE_TABLE_H
#define UTVM_BOARD_DECODE_TABLE_H

#include <stdint.h>

/**
 * The instruction classes, one row each, for decode.c alone:
 *
 *   D(id, kind of result, stages of the first, second and third source, uses, traits)
 *
 * is a data-processing instruction; its destination counts as first source where it is read, too.
 * Every other row is F(id, form).
 *
 * Source: jnk0le/random, cortex_m7.md, sections on bit field and DSP, operand2, multiplication and
 * FPU; LLVM ARMScheduleM7.td for SSAT, USAT, QDADD (shifter in EX1), USADA8, VSEL and CLZ, and
 * ARMLatencyMutations.cpp for a divide, which takes a loaded word as a multiplication does.
 */

enum form {
    FORM_SYSTEM, // whatever has no row
    FORM_DATA,
    FORM_LOAD_WORD,
    FORM_LOAD_NARROW,
    FORM_LOAD_HALF,
    FORM_PRELOAD,
    FORM_STORE,
    FORM_LOAD_PAIR,
    FORM_STORE_PAIR,
    FORM_LOAD_EXCLUSIVE,
    FORM_STORE_EXCLUSIVE,
    FORM_LOAD_MULTIPLE,
    FORM_STORE_MULTIPLE,
    FORM_POP,
    FORM_PUSH,
    FORM_LOAD_FLOAT,
    FORM_STORE_FLOAT,
    FORM_MOVE_FLOAT,
    FORM_FLAGS_FLOAT,
    FORM_BRANCH,
    FORM_BRANCH_LINK,
    FORM_BRANCH_REGISTER,
    FORM_COMPARE_BRANCH,
    FORM_TABLE_BRANCH,
    FORM_NOTHING,
};

enum trait {
    TRAIT_EARLY_ADD = 1u << 0,
    TRAIT_EARLY_SHIFT = 1u << 1,
    TRAIT_READS_FLAGS = 1u << 2,
    TRAIT_COMPARE = 1u << 3,   // no result but flags
    TRAIT_OWN_SHIFT = 1u << 4, // a rotation of the operand is part of the operation
    TRAIT_LONG = 1u << 5,      // two result registers
    TRAIT_LONG_SUM = 1u << 6,  // and both are summed to
    TRAIT_DIVIDE = 1u << 7,
    TRAIT_COMPARE_FP = 1u << 8,
    TRAIT_SELECT_FP = 1u << 9,
    TRAIT_DIVIDE_FP = 1u << 10,
    TRAIT_ROOT_FP = 1u << 11,
};

struct row {
    uint8_t form;
    uint8_t kind;
    uint8_t stages[3];
    uint16_t uses;
    uint16_t traits;
};

#define BITS_OLDER (BOARD_USE_BITS | BOARD_USE_OLDER_ONLY)
#define OLDER BOARD_USE_OLDER_ONLY
#define MAC BOARD_USE_MAC
#define SHIFT BOARD_USE_SHIFT
#define FP BOARD_USE_FP_ARITH
#define FP_MAC (BOARD_USE_FP_ARITH | BOARD_USE_FP_MAC)

#define PARALLEL_ROWS(D)                                                                           \
    D(SADD8, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                   \
    D(SADD16, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                  \
    D(SASX, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                    \
    D(SSAX, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                    \
    D(SSUB8, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                   \
    D(SSUB16, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                  \
    D(SHADD8, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                  \
    D(SHADD16, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                 \
    D(SHASX, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                   \
    D(SHSAX, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                   \
    D(SHSUB8, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                  \
    D(SHSUB16, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                 \
    D(UADD8, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                   \
    D(UADD16, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                  \
    D(UASX, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                    \
    D(USAX, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                    \
    D(USUB8, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                   \
    D(USUB16, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                  \
    D(UHADD8, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                  \
    D(UHADD16, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                 \
    D(UHASX, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                   \
    D(UHSAX, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                   \
    D(UHSUB8, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                  \
    D(UHSUB16, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                 \
    D(QADD8, SATURATE, LATE, LATE, LATE, OLDER, 0)                                                 \
    D(QADD16, SATURATE, LATE, LATE, LATE, OLDER, 0)                                                \
    D(QASX, SATURATE, LATE, LATE, LATE, OLDER, 0)                                                  \
    D(QSAX, SATURATE, LATE, LATE, LATE, OLDER, 0)                                                  \
    D(QSUB8, SATURATE, LATE, LATE, LATE, OLDER, 0)                                                 \
    D(QSUB16, SATURATE, LATE, LATE, LATE, OLDER, 0)                                                \
    D(UQADD8, SATURATE, LATE, LATE, LATE, OLDER, 0)                                                \
    D(UQADD16, SATURATE, LATE, LATE, LATE, OLDER, 0)                                               \
    D(UQASX, SATURATE, LATE, LATE, LATE, OLDER, 0)                                                 \
    D(UQSAX, SATURATE, LATE, LATE, LATE, OLDER, 0)                                                 \
    D(UQSUB8, SATURATE, LATE, LATE, LATE, OLDER, 0)                                                \
    D(UQSUB16, SATURATE, LATE, LATE, LATE, OLDER, 0)

#define INTEGER_ROWS(D)                                                                            \
    D(ADD, LATE, LATE, LATE, LATE, 0, TRAIT_EARLY_ADD)                                             \
    D(ADDW, LATE, LATE, LATE, LATE, 0, TRAIT_EARLY_ADD)                                            \
    D(ADR, LATE, LATE, LATE, LATE, 0, TRAIT_EARLY_ADD)                                             \
    D(SUB, LATE, LATE, LATE, LATE, 0, TRAIT_EARLY_ADD)                                             \
    D(SUBW, LATE, LATE, LATE, LATE, 0, TRAIT_EARLY_ADD)                                            \
    D(MOV, LATE, LATE, LATE, LATE, 0, TRAIT_EARLY_ADD)                                             \
    D(MOVW, LATE, LATE, LATE, LATE, 0, TRAIT_EARLY_ADD)                                            \
    D(MOVT, LATE, LATE, LATE, LATE, 0, 0)                                                          \
    D(ADC, LATE, LATE, LATE, LATE, 0, TRAIT_READS_FLAGS)                                           \
    D(SBC, LATE, LATE, LATE, LATE, 0, TRAIT_READS_FLAGS)                                           \
    D(RSB, LATE, LATE, LATE, LATE, 0, 0)                                                           \
    D(AND, LATE, LATE, LATE, LATE, 0, 0)                                                           \
    D(ORR, LATE, LATE, LATE, LATE, 0, 0)                                                           \
    D(ORN, LATE, LATE, LATE, LATE, 0, 0)                                                           \
    D(EOR, LATE, LATE, LATE, LATE, 0, 0)                                                           \
    D(BIC, LATE, LATE, LATE, LATE, 0, 0)                                                           \
    D(MVN, LATE, LATE, LATE, LATE, 0, 0)                                                           \
    D(CMP, LATE, LATE, LATE, LATE, 0, TRAIT_COMPARE)                                               \
    D(CMN, LATE, LATE, LATE, LATE, 0, TRAIT_COMPARE)                                               \
    D(TST, LATE, LATE, LATE, LATE, 0, TRAIT_COMPARE)                                               \
    D(TEQ, LATE, LATE, LATE, LATE, 0, TRAIT_COMPARE)                                               \
    D(LSL, LATE, LATE, LATE, LATE, SHIFT, TRAIT_EARLY_SHIFT)                                       \
    D(LSR, LATE, LATE, LATE, LATE, SHIFT, TRAIT_EARLY_SHIFT)                                       \
    D(ASR, LATE, LATE, LATE, LATE, SHIFT, TRAIT_EARLY_SHIFT)                                       \
    D(ROR, LATE, LATE, LATE, LATE, SHIFT, TRAIT_EARLY_SHIFT)                                       \
    D(RRX, LATE, EARLY, EARLY, EARLY, SHIFT, TRAIT_READS_FLAGS)                                    \
    D(SXTB, EXTEND, LATE, LATE, LATE, OLDER, TRAIT_OWN_SHIFT)                                      \
    D(SXTH, EXTEND, LATE, LATE, LATE, OLDER, TRAIT_OWN_SHIFT)                                      \
    D(SXTB16, EXTEND, LATE, LATE, LATE, OLDER, TRAIT_OWN_SHIFT)                                    \
    D(UXTB, EXTEND, LATE, LATE, LATE, OLDER, TRAIT_OWN_SHIFT)                                      \
    D(UXTH, EXTEND, LATE, LATE, LATE, OLDER, TRAIT_OWN_SHIFT)                                      \
    D(UXTB16, EXTEND, LATE, LATE, LATE, OLDER, TRAIT_OWN_SHIFT)                                    \
    D(SXTAB, EXTEND, BESIDE_SHIFT, EARLY, EARLY, BITS_OLDER, TRAIT_OWN_SHIFT)                      \
    D(SXTAH, EXTEND, BESIDE_SHIFT, EARLY, EARLY, BITS_OLDER, TRAIT_OWN_SHIFT)                      \
    D(SXTAB16, EXTEND, BESIDE_SHIFT, EARLY, EARLY, BITS_OLDER, TRAIT_OWN_SHIFT)                    \
    D(UXTAB, EXTEND, BESIDE_SHIFT, EARLY, EARLY, BITS_OLDER, TRAIT_OWN_SHIFT)                      \
    D(UXTAH, EXTEND, BESIDE_SHIFT, EARLY, EARLY, BITS_OLDER, TRAIT_OWN_SHIFT)                      \
    D(UXTAB16, EXTEND, BESIDE_SHIFT, EARLY, EARLY, BITS_OLDER, TRAIT_OWN_SHIFT)                    \
    D(SBFX, EXTEND, EARLY, EARLY, EARLY, BITS_OLDER, 0)                                            \
    D(UBFX, EXTEND, EARLY, EARLY, EARLY, BITS_OLDER, 0)                                            \
    D(BFI, EXTEND, BESIDE_SHIFT, EARLY, EARLY, BITS_OLDER, 0)                                      \
    D(BFC, EXTEND, LATE, LATE, LATE, BITS_OLDER, 0)                                                \
    D(PKHBT, EXTEND, BESIDE_SHIFT, EARLY, EARLY, BITS_OLDER, TRAIT_OWN_SHIFT)                      \
    D(PKHTB, EXTEND, EARLY, EARLY, EARLY, BITS_OLDER, TRAIT_OWN_SHIFT)                             \
    D(CLZ, EXTEND, LATE, LATE, LATE, OLDER, 0)                                                     \
    D(SEL, EXTEND, LATE, LATE, LATE, OLDER, TRAIT_READS_FLAGS)                                     \
    D(REV, REVERSE, EARLY, EARLY, EARLY, BITS_OLDER, 0)                                            \
    D(REV16, REVERSE, EARLY, EARLY, EARLY, BITS_OLDER, 0)                                          \
    D(REVSH, REVERSE, EARLY, EARLY, EARLY, BITS_OLDER, 0)                                          \
    D(RBIT, REVERSE, EARLY, EARLY, EARLY, BITS_OLDER, 0)                                           \
    D(SSAT, SATURATE, EARLY, EARLY, EARLY, BITS_OLDER, TRAIT_OWN_SHIFT)                            \
    D(USAT, SATURATE, EARLY, EARLY, EARLY, BITS_OLDER, TRAIT_OWN_SHIFT)                            \
    D(SSAT16, SATURATE, EARLY, EARLY, EARLY, BITS_OLDER, 0)                                        \
    D(USAT16, SATURATE, EARLY, EARLY, EARLY, BITS_OLDER, 0)                                        \
    D(QADD, SATURATE, LATE, LATE, LATE, OLDER, 0)                                                  \
    D(QSUB, SATURATE, LATE, LATE, LATE, OLDER, 0)                                                  \
    D(QDADD, SATURATE, EARLY, EARLY, EARLY, BITS_OLDER, 0)                                         \
    D(QDSUB, SATURATE, EARLY, EARLY, EARLY, BITS_OLDER, 0)                                         \
    D(USAD8, SATURATE, LATE, LATE, LATE, OLDER, 0)                                                 \
    D(USADA8, SATURATE, LATE, LATE, ACCUMULATOR, OLDER, 0)                                         \
    D(SDIV, LATE, MULTIPLICAND, MULTIPLICAND, MULTIPLICAND, 0, TRAIT_DIVIDE)                       \
    D(UDIV, LATE, MULTIPLICAND, MULTIPLICAND, MULTIPLICAND, 0, TRAIT_DIVIDE)

#define MULTIPLY_ROW(D, id) D(id, MULTIPLY, MULTIPLICAND, MULTIPLICAND, ACCUMULATOR, MAC, 0)
#define LONG_ROW(D, id, trait) D(id, MULTIPLY, MULTIPLICAND, MULTIPLICAND, ACCUMULATOR, MAC, trait)

#define MULTIPLY_ROWS(D)                                                                           \
    MULTIPLY_ROW(D, MUL)                                                                           \
    MULTIPLY_ROW(D, MLA)                                                                           \
    MULTIPLY_ROW(D, MLS)                                                                           \
    MULTIPLY_ROW(D, SMLABB)                                                                        \
    MULTIPLY_ROW(D, SMLABT)                                                                        \
    MULTIPLY_ROW(D, SMLATB)                                                                        \
    MULTIPLY_ROW(D, SMLATT)                                                                        \
    MULTIPLY_ROW(D, SMLAWB)                                                                        \
    MULTIPLY_ROW(D, SMLAWT)                                                                        \
    MULTIPLY_ROW(D, SMLAD)                                                                         \
    MULTIPLY_ROW(D, SMLADX)                                                                        \
    MULTIPLY_ROW(D, SMLSD)                                                                         \
    MULTIPLY_ROW(D, SMLSDX)                                                                        \
    MULTIPLY_ROW(D, SMMLA)                                                                         \
    MULTIPLY_ROW(D, SMMLAR)                                                                        \
    MULTIPLY_ROW(D, SMMLS)                                                                         \
    MULTIPLY_ROW(D, SMMLSR)                                                                        \
    MULTIPLY_ROW(D, SMMUL)                                                                         \
    MULTIPLY_ROW(D, SMMULR)                                                                        \
    MULTIPLY_ROW(D, SMUAD)                                                                         \
    MULTIPLY_ROW(D, SMUADX)                                                                        \
    MULTIPLY_ROW(D, SMUSD)                                                                         \
    MULTIPLY_ROW(D, SMUSDX)                                                                        \
    MULTIPLY_ROW(D, SMULBB)                                                                        \
    MULTIPLY_ROW(D, SMULBT)                                                                        \
    MULTIPLY_ROW(D, SMULTB)                                                                        \
    MULTIPLY_ROW(D, SMULTT)                                                                        \
    MULTIPLY_ROW(D, SMULWB)                                                                        \
    MULTIPLY_ROW(D, SMULWT)                                                                        \
    LONG_ROW(D, SMULL, TRAIT_LONG)                                                                 \
    LONG_ROW(D, UMULL, TRAIT_LONG)                                                                 \
    LONG_ROW(D, SMLAL, TRAIT_LONG_SUM)                                                             \
    LONG_ROW(D, UMLAL, TRAIT_LONG_SUM)                                                             \
    LONG_ROW(D, UMAAL, TRAIT_LONG_SUM)                                                             \
    LONG_ROW(D, SMLALBB, TRAIT_LONG_SUM)                                                           \
    LONG_ROW(D, SMLALBT, TRAIT_LONG_SUM)                                                           \
    LONG_ROW(D, SMLALTB, TRAIT_LONG_SUM)                                                           \
    LONG_ROW(D, SMLALTT, TRAIT_LONG_SUM)                                                           \
    LONG_ROW(D, SMLALD, TRAIT_LONG_SUM)                                                            \
    LONG_ROW(D, SMLALDX, TRAIT_LONG_SUM)                                                           \
    LONG_ROW(D, SMLSLD, TRAIT_LONG_SUM)                                                            \
    LONG_ROW(D, SMLSLDX, TRAIT_LONG_SUM)

#define FP_SUM_ROW(D, id)                                                                          \
    D(id, FP_ARITH, FP_OPERAND, FP_OPERAND, FP_OPERAND, FP | BOARD_USE_FP_NOT_AFTER_MAC, 0)
#define FP_ROW(D, id, trait) D(id, FP_ARITH, FP_OPERAND, FP_OPERAND, FP_OPERAND, FP, trait)
#define FMA_ROW(D, id) D(id, FP_FMA, FP_FMA_SUM, FP_MULTIPLICAND, FP_MULTIPLICAND, FP_MAC, 0)
#define MLA_ROW(D, id) D(id, FP_MLA, FP_MLA_SUM, FP_MULTIPLICAND, FP_MULTIPLICAND, FP_MAC, 0)

#define FLOAT_ROWS(D)                                                                              \
    FP_SUM_ROW(D, VADD)                                                                            \
    FP_SUM_ROW(D, VSUB)                                                                            \
    FP_ROW(D, VMUL, 0)                                                                             \
    FP_ROW(D, VNMUL, 0)                                                                            \
    FP_ROW(D, VABS, 0)                                                                             \
    FP_ROW(D, VNEG, 0)                                                                             \
    FP_ROW(D, VCVT, 0)                                                                             \
    FP_ROW(D, VCVTA, 0)                                                                            \
    FP_ROW(D, VCVTB, 0)                                                                            \
    FP_ROW(D, VCVTM, 0)                                                                            \
    FP_ROW(D, VCVTN, 0)                                                                            \
    FP_ROW(D, VCVTP, 0)                                                                            \
    FP_ROW(D, VCVTR, 0)                                                                            \
    FP_ROW(D, VCVTT, 0)                                                                            \
    FP_ROW(D, VMAXNM, 0)                                                                           \
    FP_ROW(D, VMINNM, 0)                                                                           \
    FP_ROW(D, VRINTA, 0)                                                                           \
    FP_ROW(D, VRINTM, 0)                                                                           \
    FP_ROW(D, VRINTN, 0)                                                                           \
    FP_ROW(D, VRINTP, 0)                                                                           \
    FP_ROW(D, VRINTR, 0)                                                                           \
    FP_ROW(D, VRINTX, 0)                                                                           \
    FP_ROW(D, VRINTZ, 0)                                                                           \
    FP_ROW(D, VCMP, TRAIT_COMPARE_FP)                                                              \
    FP_ROW(D, VCMPE, TRAIT_COMPARE_FP)                                                             \
    FP_ROW(D, VSELEQ, TRAIT_SELECT_FP)                                                             \
    FP_ROW(D, VSELGE, TRAIT_SELECT_FP)                                                             \
    FP_ROW(D, VSELGT, TRAIT_SELECT_FP)                                                             \
    FP_ROW(D, VSELVS, TRAIT_SELECT_FP)                                                             \
    FP_ROW(D, VDIV, TRAIT_DIVIDE_FP)                                                               \
    FP_ROW(D, VSQRT, TRAIT_ROOT_FP)                                                                \
    FMA_ROW(D, VFMA)                                                                               \
    FMA_ROW(D, VFMS)                                                                               \
    FMA_ROW(D, VFNMA)                                                                              \
    FMA_ROW(D, VFNMS)                                                                              \
    MLA_ROW(D, VMLA)                                                                               \
    MLA_ROW(D, VMLS)                                                                               \
    MLA_ROW(D, VNMLA)                                                                              \
    MLA_ROW(D, VNMLS)

#define OTHER_ROWS(F)                                                                              \
    F(LDR, LOAD_WORD)                                                                              \
    F(LDRT, LOAD_WORD)                                                                             \
    F(LDRB, LOAD_NARROW)                                                                           \
    F(LDRBT, LOAD_NARROW)                                                                          \
    F(LDRH, LOAD_HALF)                                                                             \
    F(LDRHT, LOAD_HALF)                                                                            \
    F(LDRSB, LOAD_NARROW)                                                                          \
    F(LDRSBT, LOAD_NARROW)                                                                         \
    F(LDRSH, LOAD_HALF)                                                                            \
    F(LDRSHT, LOAD_HALF)                                                                           \
    F(PLD, PRELOAD)                                                                                \
    F(PLDW, PRELOAD)                                                                               \
    F(PLI, PRELOAD)                                                                                \
    F(STR, STORE)                                                                                  \
    F(STRT, STORE)                                                                                 \
    F(STRB, STORE)                                                                                 \
    F(STRBT, STORE)                                                                                \
    F(STRH, STORE)                                                                                 \
    F(STRHT, STORE)                                                                                \
    F(LDRD, LOAD_PAIR)                                                                             \
    F(STRD, STORE_PAIR)                                                                            \
    F(LDREX, LOAD_EXCLUSIVE)                                                                       \
    F(LDREXB, LOAD_EXCLUSIVE)                                                                      \
    F(LDREXH, LOAD_EXCLUSIVE)                                                                      \
    F(STREX, STORE_EXCLUSIVE)                                                                      \
    F(STREXB, STORE_EXCLUSIVE)                                                                     \
    F(STREXH, STORE_EXCLUSIVE)                                                                     \
    F(LDM, LOAD_MULTIPLE)                                                                          \
    F(LDMDB, LOAD_MULTIPLE)                                                                        \
    F(STM, STORE_MULTIPLE)                                                                         \
    F(STMDB, STORE_MULTIPLE)                                                                       \
    F(POP, POP)                                                                                    \
    F(PUSH, PUSH)                                                                                  \
    F(VLDR, LOAD_FLOAT)                                                                            \
    F(VSTR, STORE_FLOAT)                                                                           \
    F(VLDMIA, LOAD_MULTIPLE)                                                                       \
    F(VLDMDB, LOAD_MULTIPLE)                                                                       \
    F(VSTMIA, STORE_MULTIPLE)                                                                      \
    F(VSTMDB, STORE_MULTIPLE)                                                                      \
    F(VPOP, POP)                                                                                   \
    F(VPUSH, PUSH)                                                                                 \
    F(VMOV, MOVE_FLOAT)                                                                            \
    F(VMRS, FLAGS_FLOAT)                                                                           \
    F(VMSR, FLAGS_FLOAT)                                                                           \
    F(B, BRANCH)                                                                                   \
    F(BL, BRANCH_LINK)                                                                             \
    F(BX, BRANCH_REGISTER)                                                                         \
    F(BLX, BRANCH_LINK)                                                                            \
    F(CBZ, COMPARE_BRANCH)                                                                         \
    F(CBNZ, COMPARE_BRANCH)                                                                        \
    F(TBB, TABLE_BRANCH)                                                                           \
    F(TBH, TABLE_BRANCH)                                                                           \
    F(NOP, NOTHING)

#endif
