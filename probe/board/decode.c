// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/decode.h"

#include <capstone/capstone.h>
#include <stdlib.h>
#include <string.h>

#include "probe/board/decode_table.h"
#include "probe/board/thumb.h"

#define ISB_ENCODING 0xF3BF8F60u // its lowest 4 bits are an option
#define SYSTEM_CYCLES 3          // Source: LLVM ARMScheduleM7.td, M7NonGeneralPurpose
#define TABLE_BRANCH_CYCLES 2
#define DIVIDE_CYCLES 7 // data-dependent in silicon; Source: LLVM ARMScheduleM7.td, WriteDIV
#define FP_DIVIDE_CYCLES 16
#define FP_ROOT_CYCLES 14

// One table of everything that the disassembler names.
#define DATA_ROW(id, result, first, second, third, unit, trait)                                    \
    [ARM_INS_##id] = {FORM_DATA,                                                                   \
                      BOARD_KIND_##result,                                                         \
                      {BOARD_STAGE_##first, BOARD_STAGE_##second, BOARD_STAGE_##third},            \
                      unit,                                                                        \
                      trait},
#define FORM_ROW(id, name) [ARM_INS_##id] = {.form = FORM_##name},

static const struct row rows[ARM_INS_ENDING] = {INTEGER_ROWS(DATA_ROW) PARALLEL_ROWS(
    DATA_ROW) MULTIPLY_ROWS(DATA_ROW) FLOAT_ROWS(DATA_ROW) OTHER_ROWS(FORM_ROW)};

struct board_decoder {
    csh handle;
    cs_insn *insn;
};

struct board_decoder *board_decoder_create(void)
{
    struct board_decoder *d = calloc(1, sizeof *d);

    if (d == NULL) {
        return NULL;
    }
    if (cs_open(CS_ARCH_ARM, (cs_mode)(CS_MODE_THUMB | CS_MODE_MCLASS), &d->handle) != CS_ERR_OK) {
        free(d);
        return NULL;
    }
    if (cs_option(d->handle, CS_OPT_DETAIL, CS_OPT_ON) != CS_ERR_OK ||
        (d->insn = cs_malloc(d->handle)) == NULL) {
        board_decoder_destroy(d);
        return NULL;
    }
    return d;
}

void board_decoder_destroy(struct board_decoder *d)
{
    if (d != NULL) {
        if (d->insn != NULL) {
            cs_free(d->insn, 1);
        }
        cs_close(&d->handle);
        free(d);
    }
}

// ---------------------------------------------------------------------------------------------
// Registers

struct reg_range {
    unsigned first; // ours
    unsigned count; // 0 = the PC, or nothing that the model follows
    bool is_fp;
    bool is_pc;
};

static struct reg_range range_of(int reg)
{
    struct reg_range r = {0, 1, false, false};

    if (reg >= ARM_REG_R0 && reg <= ARM_REG_R12) {
        r.first = (unsigned)(reg - ARM_REG_R0);
    } else if (reg == ARM_REG_SP) {
        r.first = 13;
    } else if (reg == ARM_REG_LR) {
        r.first = 14;
    } else if (reg >= ARM_REG_S0 && reg <= ARM_REG_S31) {
        r.first = BOARD_REG_FP0 + (unsigned)(reg - ARM_REG_S0);
        r.is_fp = true;
    } else if (reg >= ARM_REG_D0 && reg <= ARM_REG_D15) {
        r.first = BOARD_REG_FP0 + 2 * (unsigned)(reg - ARM_REG_D0);
        r.count = 2;
        r.is_fp = true;
    } else {
        r.count = 0;
        r.is_pc = reg == ARM_REG_PC;
    }
    return r;
}

static void add_source(struct board_insn *insn, int reg, enum board_stage stage)
{
    struct reg_range r = range_of(reg);

    for (unsigned i = 0; i < r.count && insn->num_sources < BOARD_MAX_SOURCES; i++) {
        insn->sources[insn->num_sources++] =
            (struct board_source){(uint8_t)(r.first + i), (uint8_t)stage};
    }
}

static void add_result(struct board_insn *insn, int reg, enum board_kind kind, unsigned age)
{
    struct reg_range r = range_of(reg);

    if (r.is_pc) {
        insn->branch = BOARD_BRANCH_INDIRECT;
        insn->uses |= BOARD_USE_BRANCH;
    }
    for (unsigned i = 0; i < r.count && insn->num_results < BOARD_MAX_RESULTS; i++) {
        insn->results[insn->num_results++] =
            (struct board_result){(uint8_t)(r.first + i), (uint8_t)kind, (uint8_t)age};
    }
}

// ---------------------------------------------------------------------------------------------
// Data processing

/**
 * A modified immediate that is 8 bits rotated, neither the plain 8 bits nor a repeated pattern.
 * Source: Armv7-M ARM A5.3.2.
 */
static bool has_shifted_constant(const struct board_insn *insn)
{
    uint32_t e = insn->encoding;

    // 11110 i 0 op S Rn | 0 imm3 Rd imm8, with a rotation when i:imm3 is 4 or more.
    return insn->length == 4 && (e & 0xFA008000u) == 0xF0000000u && (e & 0x04004000u) != 0;
}

static void data_sources(struct board_insn *insn, const cs_arm *arm, const struct row *row,
                         unsigned first_source)
{
    bool shifted = false;
    unsigned position = 0;

    for (unsigned i = first_source; i < arm->op_count; i++) {
        const cs_arm_op *op = &arm->operands[i];

        shifted |= op->type == ARM_OP_REG && op->shift.type != ARM_SFT_INVALID;
    }
    shifted = shifted && (row->traits & TRAIT_OWN_SHIFT) == 0;
    if (shifted) {
        insn->uses |= BOARD_USE_SHIFTED;
        insn->early = BOARD_EARLY_NEVER;
        // Source: LLVM ARMScheduleM7.td, WriteCMPsi.
        insn->slow_flags |= (row->traits & TRAIT_COMPARE) != 0;
    }
    for (unsigned i = first_source; i < arm->op_count; i++) {
        const cs_arm_op *op = &arm->operands[i];
        enum board_stage stage = row->stages[position < 2 ? position : 2];

        if (op->type != ARM_OP_REG) {
            continue;
        }
        if (shifted) {
            stage =
                op->shift.type == ARM_SFT_INVALID ? BOARD_STAGE_BESIDE_SHIFT : BOARD_STAGE_EARLY;
        }
        add_source(insn, op->reg, stage);
        position++;
    }
}

static void decode_data(struct board_insn *insn, const cs_arm *arm, const struct row *row)
{
    const unsigned no_result = TRAIT_COMPARE | TRAIT_COMPARE_FP;
    const unsigned two_results = TRAIT_LONG | TRAIT_LONG_SUM;
    unsigned results = (row->traits & no_result) != 0     ? 0
                       : (row->traits & two_results) != 0 ? 2
                                                          : 1;
    unsigned first_source = results;

    insn->uses |= row->uses;
    insn->early = (row->traits & TRAIT_EARLY_ADD) != 0     ? BOARD_EARLY_ADD
                  : (row->traits & TRAIT_EARLY_SHIFT) != 0 ? BOARD_EARLY_SHIFT
                                                           : BOARD_EARLY_NEVER;
    insn->sets_flags = arm->update_flags;
    insn->slow_flags = row->kind == BOARD_KIND_MULTIPLY;
    insn->narrow_flags = insn->length == 2 && results != 0;
    insn->reads_flags = (row->traits & (TRAIT_READS_FLAGS | TRAIT_SELECT_FP)) != 0;
    if ((row->traits & TRAIT_SELECT_FP) != 0) {
        insn->uses |= BOARD_USE_OLDER_ONLY;
    }
    if (has_shifted_constant(insn)) {
        insn->uses |= BOARD_USE_SHIFTED;
        insn->early = BOARD_EARLY_NEVER;
    }
    if (results == 1 && (arm->operands[0].access & CS_AC_READ) != 0) {
        first_source = 0;
    }
    data_sources(insn, arm, row, first_source);
    for (unsigned i = 0; i < results && i < arm->op_count; i++) {
        if ((row->traits & TRAIT_LONG_SUM) != 0) {
            add_source(insn, arm->operands[i].reg, BOARD_STAGE_ACCUMULATOR);
        }
        add_result(insn, arm->operands[i].reg, row->kind, 0);
    }
}

static void decode_divide(struct board_insn *insn, const struct row *row)
{
    if ((row->traits & TRAIT_DIVIDE) != 0) {
        insn->uses |= BOARD_USE_ALONE;
        insn->cycles = DIVIDE_CYCLES;
    } else if ((row->traits & TRAIT_DIVIDE_FP) != 0) {
        insn->cycles = FP_DIVIDE_CYCLES;
    } else if ((row->traits & TRAIT_ROOT_FP) != 0) {
        insn->cycles = FP_ROOT_CYCLES;
    } else {
        return;
    }
    insn->divide_cycles = (uint8_t)(insn->cycles - 1);
    for (unsigned i = 0; i < insn->num_results && insn->cycles != DIVIDE_CYCLES; i++) {
        insn->results[i].kind = BOARD_KIND_FP_DIVIDE;
    }
}

// ---------------------------------------------------------------------------------------------
// Loads and stores

static const cs_arm_op *memory_operand(const cs_arm *arm)
{
    for (unsigned i = 0; i < arm->op_count; i++) {
        if (arm->operands[i].type == ARM_OP_MEM) {
            return &arm->operands[i];
        }
    }
    return NULL;
}

static void decode_address(struct board_insn *insn, const cs_arm *arm)
{
    const cs_arm_op *op = memory_operand(arm);

    if (op == NULL) {
        return;
    }
    add_source(insn, (int)op->mem.base, BOARD_STAGE_ADDRESS);
    if (op->mem.index != ARM_REG_INVALID) {
        add_source(insn, (int)op->mem.index, BOARD_STAGE_INDEX);
    } else {
        struct reg_range r = range_of((int)op->mem.base);

        insn->base = (uint8_t)(r.is_pc ? BOARD_BASE_PC : r.first);
        insn->offset = op->mem.disp;
    }
    if (arm->writeback) {
        insn->moves_base = true;
        add_result(insn, (int)op->mem.base, BOARD_KIND_BASE, 0);
    }
}

static void decode_load(struct board_insn *insn, const cs_arm *arm, enum board_kind kind)
{
    insn->uses |= BOARD_USE_LOAD;
    insn->num_accesses = 1;
    decode_address(insn, arm);
    if (arm->operands[0].type == ARM_OP_REG) {
        add_result(insn, arm->operands[0].reg, kind, 0);
    }
}

static void decode_store(struct board_insn *insn, const cs_arm *arm, enum board_stage data)
{
    insn->uses |= BOARD_USE_STORE;
    insn->num_accesses = 1;
    decode_address(insn, arm);
    add_source(insn, arm->operands[0].reg, data);
}

static enum board_kind load_kind(int reg)
{
    return range_of(reg).is_fp ? BOARD_KIND_FP_LOAD : BOARD_KIND_LOAD_WORD;
}

static enum board_stage store_stage(int reg)
{
    return range_of(reg).is_fp ? BOARD_STAGE_FP_STORE : BOARD_STAGE_STORE;
}

/** Operands from first on are a list of registers: two words a cycle, nothing beside them. */
static void decode_list(struct board_insn *insn, const cs_arm *arm, unsigned first, bool is_load,
                        int base)
{
    unsigned words = 0;
    unsigned word = 0;

    for (unsigned i = first; i < arm->op_count; i++) {
        if (arm->operands[i].type == ARM_OP_REG) {
            struct reg_range r = range_of(arm->operands[i].reg);

            words += r.is_pc ? 1 : r.count;
        }
    }
    insn->uses |= BOARD_USE_ALONE | (is_load ? BOARD_USE_LOAD : BOARD_USE_STORE);
    insn->uses |= range_of(arm->operands[first].reg).is_fp ? BOARD_USE_FP_NOT_AFTER_MAC : 0;
    insn->cycles = (uint8_t)(words < 2 ? 1 : (words + 1) / 2);
    insn->even_words = !is_load && words % 2 == 0;
    insn->num_accesses =
        (uint8_t)(range_of(arm->operands[first].reg).is_fp ? BOARD_ACCESSES_UNKNOWN : words);
    add_source(insn, base, is_load && words > 2 ? BOARD_STAGE_LIST : BOARD_STAGE_ADDRESS);
    for (unsigned i = first; i < arm->op_count; i++) {
        int reg = arm->operands[i].reg;
        unsigned age = insn->cycles - 1u - word / 2;

        if (arm->operands[i].type != ARM_OP_REG) {
            continue;
        }
        if (is_load) {
            add_result(insn, reg, load_kind(reg), age);
        } else {
            add_source(insn, reg, store_stage(reg));
        }
        word += range_of(reg).count;
    }
}

static void decode_multiple(struct board_insn *insn, const cs_arm *arm, bool is_load)
{
    if (arm->op_count == 0) {
        return;
    }
    decode_list(insn, arm, 1, is_load, arm->operands[0].reg);
    if (arm->writeback) {
        add_result(insn, arm->operands[0].reg, BOARD_KIND_BASE, insn->cycles - 1u);
    }
}

static void decode_stack(struct board_insn *insn, const cs_arm *arm, bool is_load)
{
    decode_list(insn, arm, 0, is_load, ARM_REG_SP);
    add_result(insn, ARM_REG_SP, BOARD_KIND_BASE, insn->cycles - 1u);
}

static void decode_pair(struct board_insn *insn, const cs_arm *arm, bool is_load)
{
    insn->uses |= BOARD_USE_ALONE | (is_load ? BOARD_USE_LOAD : BOARD_USE_STORE);
    insn->num_accesses = 2;
    insn->even_words = !is_load;
    decode_address(insn, arm);
    for (unsigned i = 0; i < 2 && i < arm->op_count; i++) {
        if (is_load) {
            add_result(insn, arm->operands[i].reg, BOARD_KIND_LOAD_WORD, 0);
        } else {
            add_source(insn, arm->operands[i].reg, BOARD_STAGE_STORE);
        }
    }
}

static void decode_exclusive_store(struct board_insn *insn, const cs_arm *arm)
{
    insn->uses |= BOARD_USE_ALONE | BOARD_USE_STORE;
    insn->num_accesses = BOARD_ACCESSES_UNKNOWN;
    decode_address(insn, arm);
    add_result(insn, arm->operands[0].reg, BOARD_KIND_LOAD_WORD, 0);
    add_source(insn, arm->operands[1].reg, BOARD_STAGE_STORE);
}

static void decode_float_access(struct board_insn *insn, const cs_arm *arm, bool is_load)
{
    if (is_load) {
        decode_load(insn, arm, BOARD_KIND_FP_LOAD);
    } else {
        decode_store(insn, arm, BOARD_STAGE_FP_STORE);
    }
    if (range_of(arm->operands[0].reg).count == 2) {
        insn->uses |= BOARD_USE_ALONE | BOARD_USE_FP_NOT_AFTER_MAC;
        insn->num_accesses = BOARD_ACCESSES_UNKNOWN;
    } else {
        insn->uses |= BOARD_USE_FP_TRANSFER;
    }
}

static void decode_float_move(struct board_insn *insn, const cs_arm *arm)
{
    bool to_fp = range_of(arm->operands[0].reg).is_fp;

    insn->uses |= BOARD_USE_FP_TRANSFER | (arm->op_count > 2 ? BOARD_USE_ALONE : 0);
    for (unsigned i = 0; i < arm->op_count; i++) {
        const cs_arm_op *op = &arm->operands[i];
        struct reg_range r = range_of(op->reg);

        if (op->type != ARM_OP_REG) {
            insn->uses |= BOARD_USE_FP_CONSTANT | BOARD_USE_FP_NOT_AFTER_MAC;
            continue;
        }
        // Between one of one kind and those of the other, or from the second to the first.
        if (i == 0 || (arm->op_count > 2 && r.is_fp == to_fp && (op->access & CS_AC_WRITE) != 0)) {
            add_result(insn, op->reg, to_fp ? BOARD_KIND_FP_MOVE : BOARD_KIND_LATE, 0);
        } else {
            add_source(insn, op->reg,
                       !r.is_fp ? BOARD_STAGE_TO_FP
                       : to_fp  ? BOARD_STAGE_FP_MOVE
                                : BOARD_STAGE_FP_TO_CORE);
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Branches and the rest

static void decode_branch(struct board_insn *insn, const cs_arm *arm, enum form form)
{
    bool by_register = arm->op_count > 0 && arm->operands[0].type == ARM_OP_REG;
    bool conditional = arm->cc != ARM_CC_AL && arm->cc != ARM_CC_INVALID;

    insn->uses |= BOARD_USE_BRANCH;
    if (by_register) {
        add_source(insn, arm->operands[0].reg, BOARD_STAGE_LATE);
    }
    if (form == FORM_COMPARE_BRANCH || conditional) {
        insn->branch = BOARD_BRANCH_CONDITIONAL;
    } else {
        insn->branch = by_register ? BOARD_BRANCH_INDIRECT : BOARD_BRANCH_DIRECT;
    }
    if (form == FORM_BRANCH_LINK) {
        add_result(insn, ARM_REG_LR, BOARD_KIND_EARLY, 0);
    }
}

static void decode_table_branch(struct board_insn *insn, const cs_arm *arm)
{
    insn->uses |= BOARD_USE_BRANCH | BOARD_USE_ALONE | BOARD_USE_LOAD;
    insn->branch = BOARD_BRANCH_INDIRECT;
    insn->cycles = TABLE_BRANCH_CYCLES;
    insn->num_accesses = 1;
    decode_address(insn, arm);
}

static void decode_system(struct board_insn *insn, const cs_arm *arm)
{
    insn->uses |= BOARD_USE_ALONE;
    insn->cycles = SYSTEM_CYCLES;
    if (arm != NULL && arm->op_count > 0 && arm->operands[0].type == ARM_OP_REG) {
        add_result(insn, arm->operands[0].reg, BOARD_KIND_LATE, 0); // MRS
    }
}

static void decode_form(struct board_insn *insn, const cs_arm *arm, const struct row *row)
{
    switch ((enum form)row->form) {
    case FORM_DATA:
        decode_data(insn, arm, row);
        decode_divide(insn, row);
        break;
    case FORM_LOAD_WORD:
        decode_load(insn, arm, BOARD_KIND_LOAD_WORD);
        insn->unaligned = (insn->offset & 3) != 0;
        break;
    case FORM_LOAD_NARROW:
        decode_load(insn, arm, BOARD_KIND_LOAD_NARROW);
        break;
    case FORM_LOAD_HALF:
        decode_load(insn, arm, BOARD_KIND_LOAD_NARROW);
        insn->unaligned = (insn->offset & 1) != 0;
        break;
    case FORM_PRELOAD:
        insn->uses |= BOARD_USE_LOAD;
        decode_address(insn, arm);
        break;
    case FORM_STORE:
        decode_store(insn, arm, BOARD_STAGE_STORE);
        break;
    case FORM_LOAD_PAIR:
    case FORM_STORE_PAIR:
        decode_pair(insn, arm, row->form == FORM_LOAD_PAIR);
        break;
    case FORM_LOAD_EXCLUSIVE:
        decode_load(insn, arm, BOARD_KIND_LOAD_WORD);
        insn->uses |= BOARD_USE_OLDER_ONLY;
        insn->num_accesses = BOARD_ACCESSES_UNKNOWN;
        break;
    case FORM_STORE_EXCLUSIVE:
        decode_exclusive_store(insn, arm);
        break;
    case FORM_LOAD_MULTIPLE:
    case FORM_STORE_MULTIPLE:
        decode_multiple(insn, arm, row->form == FORM_LOAD_MULTIPLE);
        break;
    case FORM_POP:
    case FORM_PUSH:
        decode_stack(insn, arm, row->form == FORM_POP);
        break;
    case FORM_LOAD_FLOAT:
    case FORM_STORE_FLOAT:
        decode_float_access(insn, arm, row->form == FORM_LOAD_FLOAT);
        break;
    case FORM_MOVE_FLOAT:
        decode_float_move(insn, arm);
        break;
    case FORM_FLAGS_FLOAT:
        insn->uses |= BOARD_USE_ALONE;
        insn->sets_flags = arm->update_flags;
        for (unsigned i = 0; i < arm->op_count; i++) {
            // VMRS to a core register writes it; VMSR reads one, long before it matters.
            if (i == 0 && arm->operands[i].type == ARM_OP_REG) {
                add_result(insn, arm->operands[i].reg, BOARD_KIND_LATE, 0);
            }
        }
        break;
    case FORM_TABLE_BRANCH:
        decode_table_branch(insn, arm);
        break;
    case FORM_BRANCH:
    case FORM_BRANCH_LINK:
    case FORM_BRANCH_REGISTER:
    case FORM_COMPARE_BRANCH:
        decode_branch(insn, arm, (enum form)row->form);
        break;
    case FORM_NOTHING:
        break;
    case FORM_SYSTEM:
        decode_system(insn, arm);
        break;
    }
}

void board_decode(struct board_decoder *d, const uint8_t *code, struct board_insn *insn)
{
    uint16_t first = board_thumb_half(code);
    const uint8_t *at = code;
    uint64_t address = 0;
    size_t size;

    memset(insn, 0, sizeof *insn);
    insn->length = (uint8_t)board_thumb_length(first);
    insn->encoding = insn->length == 2 ? first : (uint32_t)first << 16 | board_thumb_half(code + 2);
    insn->cycles = 1;
    insn->uses = BOARD_USE_ANY;
    insn->base = BOARD_NO_BASE;
    insn->synchronises = insn->length == 4 && (insn->encoding & ~15u) == ISB_ENCODING;
    size = insn->length;
    if ((first & 0xFF00u) == 0xBF00u) {
        // The hint space is ours: the disassembler would remember an IT block from call to call.
        uint8_t mask = first & 15u;

        insn->it_count = (uint8_t)((mask & 1u) != 0   ? 4
                                   : (mask & 2u) != 0 ? 3
                                   : (mask & 4u) != 0 ? 2
                                   : mask != 0        ? 1
                                                      : 0);
        if (mask == 0 && first != 0xBF00u) {
            decode_system(insn, NULL); // WFI, WFE, SEV, YIELD
        }
        return;
    }
    if (!cs_disasm_iter(d->handle, &at, &size, &address, d->insn) || d->insn->detail == NULL ||
        d->insn->id >= ARM_INS_ENDING) {
        insn->uses |= BOARD_USE_ALONE;
        return;
    }
    decode_form(insn, &d->insn->detail->arm, &rows[d->insn->id]);
}
