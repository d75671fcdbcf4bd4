// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/thumb.h"

uint16_t board_thumb_half(const uint8_t *p)
{
    return (uint16_t)(p[0] | (unsigned)p[1] << 8);
}

unsigned board_thumb_length(uint16_t first)
{
    return (first & 0xE000u) == 0xE000u && (first & 0x1800u) != 0 ? 4 : 2;
}

static unsigned narrow_flags(uint16_t op)
{
    if ((op & 0xFFE8u) == 0xB660u) {
        return BOARD_THUMB_MASK;
    }
    if (op == 0xBF30u) {
        return BOARD_THUMB_WFI;
    }
    if (op == 0xBF40u) {
        return BOARD_THUMB_SEV;
    }
    return op == 0xBF20u ? BOARD_THUMB_WFE : 0;
}

static unsigned wide_flags(uint16_t op, uint16_t op2)
{
    if ((op & 0xEC00u) == 0xEC00u && (op2 & 0x0E00u) == 0x0A00u) {
        return BOARD_THUMB_FP;
    }
    if ((op & 0xFFD0u) == 0xFB90u && (op2 & 0x00F0u) == 0x00F0u) {
        return BOARD_THUMB_DIV;
    }
    if ((op & 0xFFE0u) == 0xF380u && (op2 & 0xD000u) == 0x8000u) {
        return BOARD_THUMB_MASK;
    }
    if (op == 0xF3EFu && (op2 & 0xF0FFu) == 0x8014u) {
        return BOARD_THUMB_CONTROL;
    }
    if (op == 0xF3AFu && op2 == 0x8003u) {
        return BOARD_THUMB_WFI;
    }
    if (op == 0xF3AFu && op2 == 0x8004u) {
        return BOARD_THUMB_SEV;
    }
    return op == 0xF3AFu && op2 == 0x8002u ? BOARD_THUMB_WFE : 0;
}

unsigned board_thumb_flags(const uint8_t *code)
{
    uint16_t op = board_thumb_half(code);

    return board_thumb_length(op) == 2 ? narrow_flags(op)
                                       : wide_flags(op, board_thumb_half(code + 2));
}

uint32_t board_thumb_scan(const uint8_t *code, uint32_t size_bytes, unsigned *flags)
{
    uint32_t count = 0;
    uint32_t at = 0;

    *flags = 0;
    while (at + 2 <= size_bytes) {
        unsigned length = board_thumb_length(board_thumb_half(code + at));

        if (at + length > size_bytes) {
            break;
        }
        *flags |= board_thumb_flags(code + at);
        at += length;
        count++;
    }
    return count;
}

static uint32_t count_bits(uint32_t v)
{
    uint32_t n = 0;

    for (; v != 0; v &= v - 1) {
        n++;
    }
    return n;
}

/** The decoder's view of one instruction. */
struct operand {
    uint16_t op;
    uint16_t op2;
    uint32_t pc;
    board_thumb_reg_fn *reg;
    void *user;
};

static uint32_t read_reg(const struct operand *o, unsigned n)
{
    return o->reg(o->user, n);
}

/** A base register, the PC reading as the word-aligned address after the instruction. */
static uint32_t read_base(const struct operand *o, unsigned n)
{
    return n == 15 ? (o->pc + 4) & ~3u : read_reg(o, n);
}

static bool set_access(struct board_thumb_access *a, uint32_t addr, uint32_t size, bool is_load)
{
    a->addr = addr;
    a->size_bytes = size;
    a->is_load = is_load;
    return size != 0;
}

static bool narrow_register_offset(const struct operand *o, struct board_thumb_access *a)
{
    static const uint8_t size[8] = {4, 2, 1, 1, 4, 2, 1, 2};
    unsigned kind = (o->op >> 9) & 7u;
    uint32_t addr = read_reg(o, (o->op >> 3) & 7u) + read_reg(o, (o->op >> 6) & 7u);

    return set_access(a, addr, size[kind], kind >= 3);
}

static bool narrow_access(const struct operand *o, struct board_thumb_access *a)
{
    uint16_t op = o->op;
    bool load = (op & 0x0800u) != 0;
    uint32_t imm5 = (op >> 6) & 31u;
    uint32_t imm8 = op & 255u;

    if ((op & 0xF800u) == 0x4800u) {
        return set_access(a, read_base(o, 15) + imm8 * 4, 4, true);
    }
    if ((op & 0xF000u) == 0x5000u) {
        return narrow_register_offset(o, a);
    }
    if ((op & 0xE000u) == 0x6000u) {
        uint32_t size = (op & 0x1000u) != 0 ? 1 : 4;

        return set_access(a, read_reg(o, (op >> 3) & 7u) + imm5 * size, size, load);
    }
    if ((op & 0xF000u) == 0x8000u) {
        return set_access(a, read_reg(o, (op >> 3) & 7u) + imm5 * 2, 2, load);
    }
    if ((op & 0xF000u) == 0x9000u) {
        return set_access(a, read_reg(o, 13) + imm8 * 4, 4, load);
    }
    if ((op & 0xF600u) == 0xB400u) {
        uint32_t bytes = 4 * count_bits(op & 0x1FFu);

        return set_access(a, read_reg(o, 13) - (load ? 0 : bytes), bytes, load);
    }
    if ((op & 0xF000u) == 0xC000u) {
        return set_access(a, read_reg(o, (op >> 8) & 7u), 4 * count_bits(imm8), load);
    }
    return false;
}

static bool multiple_access(const struct operand *o, struct board_thumb_access *a)
{
    uint32_t bytes = 4 * count_bits(o->op2);
    uint32_t base = read_reg(o, o->op & 15u);
    bool before = (o->op & 0x0100u) != 0;

    return set_access(a, before ? base - bytes : base, bytes, (o->op & 0x0010u) != 0);
}

static bool dual_or_exclusive_access(const struct operand *o, struct board_thumb_access *a)
{
    uint16_t op = o->op;
    bool load = (op & 0x0010u) != 0;
    uint32_t offset = (o->op2 & 255u) * 4;
    unsigned rn = op & 15u;

    if ((op & 0x0120u) != 0) {
        uint32_t base = read_base(o, rn);
        uint32_t moved = (op & 0x0080u) != 0 ? base + offset : base - offset;

        return set_access(a, (op & 0x0100u) != 0 ? moved : base, 8, load);
    }
    if ((op & 0x0080u) == 0) {
        return set_access(a, read_base(o, rn) + offset, 4, load);
    }
    switch ((o->op2 >> 4) & 15u) {
    case 0:
    case 1: {
        uint32_t size = 1 + ((o->op2 >> 4) & 1u);
        uint32_t base = rn == 15 ? o->pc + 4 : read_reg(o, rn);

        return set_access(a, base + read_reg(o, o->op2 & 15u) * size, size, true);
    }
    case 4:
        return set_access(a, read_reg(o, rn), 1, load);
    case 5:
        return set_access(a, read_reg(o, rn), 2, load);
    default:
        return false;
    }
}

static bool single_access(const struct operand *o, struct board_thumb_access *a)
{
    uint16_t op2 = o->op2;
    bool load = (o->op & 0x0010u) != 0;
    unsigned width = (o->op >> 5) & 3u;
    uint32_t size = 1u << width;
    unsigned rn = o->op & 15u;

    // A byte or halfword load to the PC is a preload hint.
    if (width == 3 || (load && width < 2 && (op2 >> 12) == 15)) {
        return false;
    }
    if (rn == 15) {
        uint32_t base = read_base(o, 15);
        uint32_t imm = op2 & 0xFFFu;

        return set_access(a, (o->op & 0x0080u) != 0 ? base + imm : base - imm, size, load);
    }
    if ((o->op & 0x0080u) != 0) {
        return set_access(a, read_reg(o, rn) + (op2 & 0xFFFu), size, load);
    }
    if ((op2 & 0x0800u) != 0) {
        uint32_t base = read_reg(o, rn);
        uint32_t imm = op2 & 255u;
        uint32_t moved = (op2 & 0x0200u) != 0 ? base + imm : base - imm;

        return set_access(a, (op2 & 0x0400u) != 0 ? moved : base, size, load);
    }
    return set_access(a, read_reg(o, rn) + (read_reg(o, op2 & 15u) << ((op2 >> 4) & 3u)), size,
                      load);
}

static bool float_access(const struct operand *o, struct board_thumb_access *a)
{
    uint16_t op = o->op;
    bool load = (op & 0x0010u) != 0;
    bool up = (op & 0x0080u) != 0;
    uint32_t bytes = (o->op2 & 255u) * 4;
    uint32_t base = read_base(o, op & 15u);

    if ((op & 0xFFE0u) == 0xEC40u) {
        return false; // a transfer between registers
    }
    if ((op & 0x0120u) == 0x0100u) {
        uint32_t size = (o->op2 & 0x0100u) != 0 ? 8 : 4;

        return set_access(a, up ? base + bytes : base - bytes, size, load);
    }
    return set_access(a, up ? base : base - bytes, bytes, load);
}

bool board_thumb_data_access(const uint8_t *code, uint32_t pc, board_thumb_reg_fn *reg, void *user,
                             struct board_thumb_access *access)
{
    struct operand o = {board_thumb_half(code), 0, pc, reg, user};

    if (board_thumb_length(o.op) == 2) {
        return narrow_access(&o, access);
    }
    o.op2 = board_thumb_half(code + 2);
    if ((o.op & 0xFE40u) == 0xE800u) {
        return multiple_access(&o, access);
    }
    if ((o.op & 0xFE40u) == 0xE840u) {
        return dual_or_exclusive_access(&o, access);
    }
    if ((o.op & 0xFE00u) == 0xF800u) {
        return single_access(&o, access);
    }
    if ((o.op & 0xFE00u) == 0xEC00u && (o.op2 & 0x0E00u) == 0x0A00u) {
        return float_access(&o, access);
    }
    return false;
}

static bool set_constant(struct board_thumb_constant *c, uint32_t mask, uint32_t value)
{
    c->mask = mask;
    c->value = value;
    return true;
}

/** The 16-bit immediate of MOVW and MOVT. */
static uint32_t half_immediate(uint16_t op, uint16_t op2)
{
    return (uint32_t)((op & 15u) << 12 | (op & 0x0400u) << 1 | (op2 & 0x7000u) >> 4 | (op2 & 255u));
}

bool board_thumb_constant(const uint8_t *code, uint32_t pc, board_thumb_word_fn *word, void *user,
                          struct board_thumb_constant *constant)
{
    uint16_t op = board_thumb_half(code);
    uint32_t literals = (pc + 4) & ~3u;
    uint32_t value;

    if (board_thumb_length(op) == 2) {
        if ((op & 0xF800u) == 0x2000u) {
            return set_constant(constant, UINT32_MAX, op & 255u);
        }
        return (op & 0xF800u) == 0x4800u && word(user, literals + (op & 255u) * 4, &value) &&
               set_constant(constant, UINT32_MAX, value);
    }
    uint16_t op2 = board_thumb_half(code + 2);

    switch (op & 0xFBF0u) {
    case 0xF240u:
        return set_constant(constant, UINT32_MAX, half_immediate(op, op2));
    case 0xF2C0u:
        return set_constant(constant, 0xFFFF0000u, half_immediate(op, op2) << 16);
    default:
        break;
    }
    if ((op & 0xFF7Fu) != 0xF85Fu) {
        return false;
    }
    uint32_t offset = op2 & 0xFFFu;

    return word(user, (op & 0x0080u) != 0 ? literals + offset : literals - offset, &value) &&
           set_constant(constant, UINT32_MAX, value);
}

bool board_thumb_moves_base(const uint8_t *code)
{
    uint16_t op = board_thumb_half(code);

    if (board_thumb_length(op) == 2) {
        return (op & 0xF600u) == 0xB400u || (op & 0xF000u) == 0xC000u;
    }
    if ((op & 0xFE00u) == 0xE800u || (op & 0xFE00u) == 0xEC00u) {
        return (op & 0x0020u) != 0;
    }
    return (op & 0xFE80u) == 0xF800u && (board_thumb_half(code + 2) & 0x0900u) == 0x0900u;
}

uint8_t board_thumb_it(uint32_t xpsr)
{
    return (uint8_t)((xpsr >> 8 & 0xFCu) | (xpsr >> 25 & 3u));
}

uint32_t board_thumb_xpsr_it(uint8_t it)
{
    return (it & 0xFCu) << 8 | (it & 3u) << 25;
}

uint8_t board_thumb_next_it(const uint8_t *code, uint8_t it)
{
    uint16_t op = board_thumb_half(code);

    if ((op & 0xFF00u) == 0xBF00u && (op & 15u) != 0) {
        return (uint8_t)(op & 255u);
    }
    if ((it & 7u) == 0) {
        return 0;
    }
    return (uint8_t)((it & 0xE0u) | ((unsigned)it << 1 & 0x1Fu));
}

bool board_thumb_condition(unsigned cond, uint32_t xpsr)
{
    bool n = (xpsr & 1u << 31) != 0;
    bool z = (xpsr & 1u << 30) != 0;
    bool c = (xpsr & 1u << 29) != 0;
    bool v = (xpsr & 1u << 28) != 0;
    bool holds = true;

    switch (cond >> 1) {
    case 0:
        holds = z;
        break;
    case 1:
        holds = c;
        break;
    case 2:
        holds = n;
        break;
    case 3:
        holds = v;
        break;
    case 4:
        holds = c && !z;
        break;
    case 5:
        holds = n == v;
        break;
    case 6:
        holds = !z && n == v;
        break;
    default:
        return true;
    }
    return (cond & 1u) != 0 ? !holds : holds;
}
