// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/pipeline.h"

#include <string.h>

#define AGE_MASK 7u
#define UNDER_IT 8u
#define KIND_SHIFT 4
#define DOUBLEWORD_SHIFT 3
#define LONGEST_UNDER_IT 3u

_Static_assert(sizeof(struct board_pipe_store) == 6, "a store has no padding");
_Static_assert(sizeof(struct board_pipe) ==
                   BOARD_NUM_REGS + 10 + BOARD_MAX_STORES * sizeof(struct board_pipe_store),
               "a state has no padding");

#define INTEGER_ROW(late, early, early_add, beside, factor, sum, store, address, index, to_fp)     \
    {                                                                                              \
        [BOARD_STAGE_LATE] = (late), [BOARD_STAGE_EARLY] = (early),                                \
        [BOARD_STAGE_EARLY_ADD] = (early_add), [BOARD_STAGE_BESIDE_SHIFT] = (beside),              \
        [BOARD_STAGE_MULTIPLICAND] = (factor), [BOARD_STAGE_ACCUMULATOR] = (sum),                  \
        [BOARD_STAGE_STORE] = (store), [BOARD_STAGE_ADDRESS] = (address),                          \
        [BOARD_STAGE_INDEX] = (index), [BOARD_STAGE_TO_FP] = (to_fp),                              \
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
// a VMLA, which none of them gives, waits like any other operand.
static const uint8_t latency[BOARD_NUM_KINDS][BOARD_NUM_STAGES] = {
    // late ALU, early, early add, beside a shift, multiplicand, accumulator, store, address, index,
    // to FP
    [BOARD_KIND_LATE] = INTEGER_ROW(1, 2, 2, 1, 1, 0, 0, 2, 2, 1),
    [BOARD_KIND_EARLY] = INTEGER_ROW(0, 1, 1, 0, 0, 0, 0, 1, 1, 1),
    [BOARD_KIND_BASE] = INTEGER_ROW(0, 1, 2, 0, 0, 0, 0, 1, 1, 1),
    [BOARD_KIND_LOAD_WORD] = INTEGER_ROW(1, 2, 2, 2, 2, 0, 0, 2, 3, 1),
    [BOARD_KIND_LOAD_NARROW] = INTEGER_ROW(2, 3, 3, 2, 2, 1, 0, 3, 3, 2),
    [BOARD_KIND_MULTIPLY] = INTEGER_ROW(2, 3, 3, 2, 2, 1, 0, 4, 4, 1),
    [BOARD_KIND_EXTEND] = INTEGER_ROW(1, 2, 2, 1, 1, 0, 0, 2, 2, 1),
    [BOARD_KIND_SATURATE] = INTEGER_ROW(2, 3, 3, 2, 2, 1, 0, 3, 3, 1),
    [BOARD_KIND_REVERSE] = INTEGER_ROW(0, 2, 2, 0, 0, 0, 0, 2, 2, 1),
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
    [BOARD_KIND_LATE] = 2,      [BOARD_KIND_EARLY] = 1,       [BOARD_KIND_BASE] = 2,
    [BOARD_KIND_LOAD_WORD] = 3, [BOARD_KIND_LOAD_NARROW] = 3, [BOARD_KIND_MULTIPLY] = 4,
    [BOARD_KIND_EXTEND] = 2,    [BOARD_KIND_SATURATE] = 3,    [BOARD_KIND_REVERSE] = 2,
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
    {BOARD_USE_SHIFT | BOARD_USE_SHIFTED | BOARD_USE_BITS, BOARD_USE_SHIFTED},
};

// True when younger may not issue in the cycle of older because of the units both need.
static bool units_clash(uint16_t older_uses, uint16_t younger_uses)
{
    for (unsigned i = 0; i < sizeof clashes / sizeof clashes[0]; i++) {
        if ((clashes[i].older & older_uses) != 0 && (clashes[i].younger & younger_uses) != 0) {
            return true;
        }
    }
    return false;
}

void board_pipe_drain(struct board_pipe *p)
{
    memset(p, 0, sizeof *p);
    p->flags_age = BOARD_FLAGS_EARLY;
    p->older_base = BOARD_NO_BASE;
}

/** When a register's value is ready for everything. */
static unsigned longest_of(unsigned value)
{
    return longest[value >> KIND_SHIFT] + ((value & UNDER_IT) != 0 ? 1u : 0u);
}

static uint8_t aged(unsigned value, unsigned cycles)
{
    unsigned age = (value & AGE_MASK) + cycles;

    return (uint8_t)(age >= longest_of(value) ? 0 : (value & ~AGE_MASK) | age);
}

static void age_stores(struct board_pipe *p, unsigned cycles)
{
    for (unsigned i = 0; i < BOARD_MAX_STORES; i++) {
        struct board_pipe_store *s = &p->stores[i];

        if (s->base != 0 && s->age + cycles >= BOARD_STORE_TO_LOAD) {
            *s = (struct board_pipe_store){0};
        } else if (s->base != 0) {
            s->age = (uint8_t)(s->age + cycles);
        }
    }
}

/** Cycles pass; what everybody may use by now is forgotten. */
static void advance(struct board_pipe *p, unsigned cycles)
{
    for (unsigned r = 0; r < BOARD_NUM_REGS; r++) {
        if (p->regs[r] != 0) {
            p->regs[r] = aged(p->regs[r], cycles);
        }
    }
    age_stores(p, cycles);
    p->flags_age = (uint8_t)(p->flags_age + cycles < BOARD_FLAGS_EARLY ? p->flags_age + cycles
                                                                       : BOARD_FLAGS_EARLY);
    if (p->flags_age >= 2) {
        p->flags_slow = 0;
    }
}

static void close_cycle(struct board_pipe *p)
{
    p->older_uses = 0;
    p->older_base = BOARD_NO_BASE;
    p->older_bank = 0;
}

/**
 * Cycles from the issue of a register's producer until the stage may have its value. What is
 * written under an IT looks, outside of it, as if it were produced a stage later.
 * Source: LLVM ARMLatencyMutations.cpp, CortexM7Overrides: "mismatched conditional producers".
 */
static unsigned latency_of(unsigned value, enum board_stage stage, bool predicated)
{
    unsigned needed = latency[value >> KIND_SHIFT][stage];
    unsigned more = stage == BOARD_STAGE_BESIDE_SHIFT ? 2 : 1;

    if ((value & UNDER_IT) == 0 || predicated || needed >= LONGEST_UNDER_IT) {
        return needed;
    }
    return needed + more < LONGEST_UNDER_IT ? needed + more : LONGEST_UNDER_IT;
}

/** Cycles that a register's value is yet away from the stage. */
static unsigned wait_for(const struct board_pipe *p, unsigned reg, enum board_stage stage,
                         bool predicated)
{
    unsigned age = p->regs[reg] & AGE_MASK;
    unsigned needed = latency_of(p->regs[reg], stage, predicated);

    return needed > age ? needed - age : 0;
}

static unsigned wait_for_operands(const struct board_pipe *p, const struct board_insn *insn,
                                  bool predicated)
{
    unsigned wait = 0;

    for (unsigned i = 0; i < insn->num_sources; i++) {
        unsigned w =
            wait_for(p, insn->sources[i].reg, (enum board_stage)insn->sources[i].stage, predicated);

        wait = w > wait ? w : wait;
    }
    // Flags are set by the late ALU, also by an instruction that executed early. A condition has
    // them a cycle later at any rate. Source: LLVM ARMLatencyMutations.cpp, CortexM7Overrides.
    if (insn->reads_flags || (predicated && insn->branch == BOARD_BRANCH_NONE)) {
        unsigned needed = insn->reads_flags ? 1u + p->flags_slow : 1u;

        if (needed > p->flags_age && needed - p->flags_age > wait) {
            wait = needed - p->flags_age;
        }
    }
    return wait;
}

/** Where a load or store goes is told by a register and its encoding. */
static bool is_placed(const struct board_insn *insn)
{
    return insn->base < BOARD_BASE_PC && !insn->moves_base &&
           (insn->num_accesses == 1 || insn->num_accesses == 2);
}

static struct board_pipe_store placed(const struct board_insn *insn)
{
    int32_t last = insn->offset + 4 * (insn->num_accesses - 1);

    // Offsets are below 4096.
    return (struct board_pipe_store){.base = (uint8_t)(insn->base + 1),
                                     .first = (int16_t)(insn->offset >> DOUBLEWORD_SHIFT),
                                     .last = (int16_t)(last >> DOUBLEWORD_SHIFT)};
}

/**
 * A load waits for a store that is on its way to the same place. Known where both use one register
 * that keeps its value between, as what a compiler keeps on the stack does.
 * Source: LLVM ARMLatencyMutations.cpp, CortexM7Overrides, memoryRAWHazard(): 4 cycles; that it is
 * the doubleword that matters: SLOTHY, cortex_m7.py, add_st_hazard().
 */
static unsigned wait_for_stores(const struct board_pipe *p, const struct board_insn *insn)
{
    unsigned wait = 0;

    if ((insn->uses & BOARD_USE_LOAD) == 0 || !is_placed(insn)) {
        return 0;
    }
    struct board_pipe_store load = placed(insn);

    for (unsigned i = 0; i < BOARD_MAX_STORES; i++) {
        const struct board_pipe_store *s = &p->stores[i];

        if (s->base == load.base && s->first <= load.last && load.first <= s->last) {
            wait = BOARD_STORE_TO_LOAD - s->age; // later ones are younger
        }
    }
    return wait;
}

static void follow_stores(struct board_pipe *p, const struct board_insn *insn)
{
    struct board_pipe_store kept[BOARD_MAX_STORES + 1] = {{0}};
    unsigned num_kept = 0;

    for (unsigned i = 0; i < BOARD_MAX_STORES; i++) {
        bool moved = p->stores[i].base == 0;

        for (unsigned r = 0; r < insn->num_results && !moved; r++) {
            moved = p->stores[i].base == insn->results[r].reg + 1;
        }
        if (!moved) {
            kept[num_kept++] = p->stores[i];
        }
    }
    if ((insn->uses & BOARD_USE_STORE) != 0 && is_placed(insn)) {
        kept[num_kept++] = placed(insn);
    }
    memcpy(p->stores, kept + (num_kept > BOARD_MAX_STORES), sizeof p->stores);
}

/** Bit 2 of a load's address as far as the encoding tells: relative to its base register. */
static uint8_t relative_bank(const struct board_insn *insn, uint32_t address)
{
    uint32_t offset = (uint32_t)insn->offset;

    if (insn->base == BOARD_BASE_PC) {
        offset += (address + 4) & ~3u;
    }
    return (uint8_t)(offset >> 2 & 1u);
}

static bool banks_clash(struct board_pipe *p, const struct board_insn *insn,
                        const struct board_pipe_place *place)
{
    if (((unsigned)insn->uses & p->older_uses & BOARD_USE_LOAD) == 0) {
        return false;
    }
    if (insn->base == p->older_base && insn->base != BOARD_NO_BASE) {
        return relative_bank(insn, place->address) == p->older_bank;
    }
    if (place->sees_accesses && place->banks != BOARD_BANKS_UNKNOWN && p->blurred == 0) {
        return place->banks == BOARD_BANKS_SAME;
    }
    // Unseen addresses: every other pair collides, as random ones do on average.
    p->collide ^= 1u;
    return p->collide == 0;
}

/** An add or a shift whose operands are there runs a stage earlier. */
static bool runs_early(const struct board_pipe *p, const struct board_insn *insn,
                       uint16_t older_uses, bool predicated)
{
    enum board_stage stage =
        insn->early == BOARD_EARLY_ADD ? BOARD_STAGE_EARLY_ADD : BOARD_STAGE_EARLY;

    // Flags come from the late ALU: what depends on them cannot be done before.
    if (insn->early == BOARD_EARLY_NEVER || insn->reads_flags || predicated) {
        return false;
    }
    if (older_uses != 0 && (insn->early == BOARD_EARLY_ADD ||
                            (older_uses & (BOARD_USE_SHIFTED | BOARD_USE_BITS)) != 0)) {
        return false;
    }
    for (unsigned i = 0; i < insn->num_sources; i++) {
        if (wait_for(p, insn->sources[i].reg, stage, false) != 0) {
            return false;
        }
    }
    return true;
}

static void write_results(struct board_pipe *p, const struct board_insn *insn, bool early,
                          bool predicated)
{
    for (unsigned i = 0; i < insn->num_results; i++) {
        const struct board_result *r = &insn->results[i];
        unsigned kind = early ? BOARD_KIND_EARLY : r->kind;

        p->regs[r->reg] = aged(kind << KIND_SHIFT | (predicated ? UNDER_IT : 0), r->age);
    }
    if (insn->sets_flags && !(predicated && insn->narrow_flags)) {
        p->flags_age = 0;
        p->flags_slow = insn->slow_flags;
    }
}

static void follow_accesses(struct board_pipe *p, const struct board_insn *insn, bool predicated)
{
    if (insn->branch != BOARD_BRANCH_NONE) {
        p->blurred = 0;
    } else if (insn->num_accesses == BOARD_ACCESSES_UNKNOWN ||
               (predicated && insn->num_accesses != 0)) {
        p->blurred = 1;
    }
}

void board_pipe_issue(struct board_pipe *p, const struct board_insn *insn,
                      const struct board_pipe_place *place, struct board_pipe_cost *cost)
{
    bool predicated = p->it_left != 0;
    unsigned operands = wait_for_operands(p, insn, predicated);
    unsigned stores = wait_for_stores(p, insn);
    unsigned wait = operands > stores ? operands : stores;
    bool younger = p->older_uses != 0 && wait == 0 && !units_clash(p->older_uses, insn->uses) &&
                   !banks_clash(p, insn, place);
    uint16_t older_uses = younger ? p->older_uses : 0;

    if (younger) {
        cost->folded++;
    } else {
        unsigned cycles = wait > 1 ? wait : 1;

        advance(p, cycles);
        cost->cycles += cycles;
        cost->issue++;
        cost->dependency += cycles - 1;
    }
    bool early = runs_early(p, insn, older_uses, predicated);

    if (insn->cycles > 1) {
        unsigned more = insn->cycles - 1u;

        advance(p, more);
        cost->cycles += more;
        cost->divide += insn->divide_cycles;
        cost->issue += more - insn->divide_cycles;
    }
    cost->instructions++;
    write_results(p, insn, early, predicated);
    follow_stores(p, insn);
    close_cycle(p);
    if (!younger && (insn->uses & BOARD_USE_ALONE) == 0) {
        p->older_uses = insn->uses;
        if ((insn->uses & BOARD_USE_LOAD) != 0 && insn->base != BOARD_NO_BASE) {
            p->older_base = insn->base;
            p->older_bank = relative_bank(insn, place->address);
        }
    }
    p->it_left = insn->it_count != 0 ? insn->it_count : (uint8_t)(predicated ? p->it_left - 1 : 0);
    if (place->sees_accesses) {
        follow_accesses(p, insn, predicated);
    }
}

void board_pipe_mispredict(struct board_pipe *p, bool on_flags, struct board_pipe_cost *cost)
{
    unsigned penalty = on_flags && p->flags_age >= BOARD_FLAGS_EARLY ? BOARD_PENALTY_EARLY_FLAGS
                                                                     : BOARD_PENALTY_LATE_FLAGS;

    cost->cycles += penalty;
    cost->mispredict += penalty;
    advance(p, penalty);
    close_cycle(p);
}
