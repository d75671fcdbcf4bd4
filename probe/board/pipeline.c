// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/pipeline.h"

#include <string.h>

#include "probe/board/pipeline_tables.h"

#define AGE_MASK 7u
#define UNDER_IT 8u
#define KIND_SHIFT 4
#define DOUBLEWORD_SHIFT 3
#define LONGEST_UNDER_IT 3u

_Static_assert(sizeof(struct board_pipe_store) == 6, "a store has no padding");
_Static_assert(sizeof(struct board_pipe) ==
                   BOARD_NUM_REGS + 14 + BOARD_MAX_STORES * sizeof(struct board_pipe_store),
               "a state has no padding");

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
    p->diverted = 1;
    p->mac_age = BOARD_AFTER_MAC + 1;
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
    p->fetched =
        (int8_t)(p->fetched + (int)cycles < BOARD_QUEUE ? p->fetched + (int)cycles : BOARD_QUEUE);
    if (p->mac_age <= BOARD_AFTER_MAC) {
        p->mac_age = (uint8_t)(p->mac_age + cycles <= BOARD_AFTER_MAC ? p->mac_age + cycles
                                                                      : BOARD_AFTER_MAC + 1);
    }
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
    p->older_shifts_late = 0;
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
    if (place->sees_accesses && place->banks != BOARD_BANKS_UNKNOWN && p->blurred == 0 &&
        p->it_left == 0) {
        return place->banks == BOARD_BANKS_SAME;
    }
    // Unseen addresses: every other pair collides, as random ones do on average.
    p->collide ^= 1u;
    return p->collide == 0;
}

/**
 * An add or a shift whose operands are there runs a stage earlier. EX1 and EX2 have a shifter each:
 * an older operation in that of EX1 leaves the other one.
 * Source: LLVM ARMScheduleM7.td, M7UnitShift1 and M7UnitShift2.
 */
static bool runs_early(const struct board_pipe *p, const struct board_insn *insn,
                       uint16_t older_uses, bool predicated)
{
    enum board_stage stage =
        insn->early == BOARD_EARLY_ADD ? BOARD_STAGE_EARLY_ADD : BOARD_STAGE_EARLY;
    bool taken = (older_uses & (BOARD_USE_SHIFTED | BOARD_USE_BITS)) != 0 ||
                 ((older_uses & BOARD_USE_SHIFT) != 0 && p->older_shifts_late == 0);

    // Flags come from the late ALU: what depends on them cannot be done before.
    if (insn->early == BOARD_EARLY_NEVER || insn->reads_flags || predicated) {
        return false;
    }
    if (older_uses != 0 && (insn->early == BOARD_EARLY_ADD || taken)) {
        return false;
    }
    for (unsigned i = 0; i < insn->num_sources; i++) {
        if (wait_for(p, insn->sources[i].reg, stage, false) != 0) {
            return false;
        }
    }
    return true;
}

/** Two shifts of a pair need both shifters, and one of them early enough for that of EX1. */
static bool shifts_clash(const struct board_pipe *p, const struct board_insn *insn, bool predicated)
{
    return p->older_shifts_late != 0 && (insn->uses & BOARD_USE_SHIFT) != 0 &&
           !runs_early(p, insn, p->older_uses, predicated);
}

/**
 * Behind a multiply-accumulate some operations cannot be executed for three cycles, a VFMA not
 * right after a VMLA. Source: jnk0le/random, cortex_m7.md, FPU.
 */
static unsigned wait_for_mac(const struct board_pipe *p, const struct board_insn *insn)
{
    if ((insn->uses & BOARD_USE_FP_NOT_AFTER_MAC) != 0) {
        return BOARD_AFTER_MAC + 1 - p->mac_age;
    }
    return (insn->uses & BOARD_USE_FP_MAC) != 0 && p->mac_kind == BOARD_KIND_FP_MLA &&
                   insn->results[0].kind == BOARD_KIND_FP_FMA && p->mac_age < 2
               ? 2u - p->mac_age
               : 0;
}

static void follow_mac(struct board_pipe *p, const struct board_insn *insn)
{
    if ((insn->uses & BOARD_USE_FP_MAC) != 0) {
        p->mac_age = 0;
        p->mac_kind = insn->results[0].kind;
    } else if (p->mac_age > BOARD_AFTER_MAC) {
        p->mac_kind = 0;
    }
}

/** Other operations cannot from the younger slot. */
static bool mac_clashes(const struct board_pipe *p, const struct board_insn *insn)
{
    return (insn->uses & BOARD_USE_FP_TRANSFER) != 0 && p->mac_age <= BOARD_AFTER_MAC;
}

/** Moves on to the packet with the last byte of an instruction. @return cycles until it is there */
static unsigned wait_for_fetch(struct board_pipe *p, const struct board_insn *insn,
                               uint32_t address)
{
    uint32_t at = address & (BOARD_PACKET_BYTES - 1);
    bool new_packet = p->diverted != 0 || at == 0;
    bool straddles = at + insn->length > BOARD_PACKET_BYTES;

    p->diverted = 0;
    p->fetched = (int8_t)(p->fetched - new_packet - straddles);
    return p->fetched < 0 ? (unsigned)-p->fetched : 0;
}

/**
 * Loads and stores of several registers hold up the fetching of code as long as they take, which
 * shows where two wide instructions issue in each cycle. Source: jnk0le/random, cortex_m7.md, load
 * and store pair/multiple: they need code that is 4 bytes shorter not to cost a cycle more.
 */
static bool holds_fetch(const struct board_insn *insn)
{
    return (insn->uses & BOARD_USE_ALONE) != 0 &&
           (insn->uses & (BOARD_USE_LOAD | BOARD_USE_STORE)) != 0;
}

void board_pipe_divert(struct board_pipe *p)
{
    p->diverted = 1;
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

/** What an instruction waits for before it may issue; for code apart. */
static unsigned wait_for_all(const struct board_pipe *p, const struct board_insn *insn,
                             bool predicated)
{
    unsigned wait = wait_for_operands(p, insn, predicated);
    unsigned stores = wait_for_stores(p, insn);
    unsigned mac = wait_for_mac(p, insn);

    wait = stores > wait ? stores : wait;
    return mac > wait ? mac : wait;
}

/** Begins a cycle of its own for an instruction. */
static void open_cycle(struct board_pipe *p, unsigned wait, unsigned code,
                       struct board_pipe_cost *cost)
{
    unsigned cycles = wait > 1 ? wait : 1;

    if (code > cycles) {
        cost->fetch += code - cycles;
    }
    cost->issue++;
    cost->dependency += cycles - 1;
    cycles = code > cycles ? code : cycles;
    cost->cycles += cycles;
    advance(p, cycles);
}

/** What is stored two words a cycle takes one more where the first is apart. */
static bool starts_at_odd_word(const struct board_pipe *p, const struct board_insn *insn,
                               const struct board_pipe_place *place)
{
    return insn->even_words && place->odd_word && p->blurred == 0 && p->it_left == 0;
}

/** Cycles behind the first in which nothing else issues. */
static void occupy(struct board_pipe *p, const struct board_insn *insn,
                   const struct board_pipe_place *place, struct board_pipe_cost *cost)
{
    unsigned more = insn->cycles - 1u + (starts_at_odd_word(p, insn, place) ? 1u : 0u);

    int8_t fetched = p->fetched;

    if (more != 0) {
        advance(p, more);
        cost->cycles += more;
        cost->divide += insn->divide_cycles;
        cost->issue += more - insn->divide_cycles;
    }
    if (holds_fetch(insn)) {
        p->fetched = (int8_t)(fetched - 1);
    }
}

void board_pipe_issue(struct board_pipe *p, const struct board_insn *insn,
                      const struct board_pipe_place *place, struct board_pipe_cost *cost)
{
    bool predicated = p->it_left != 0;
    unsigned code = wait_for_fetch(p, insn, place->address);
    unsigned wait = wait_for_all(p, insn, predicated);
    bool younger = p->older_uses != 0 && wait == 0 && code == 0 &&
                   !units_clash(p->older_uses, insn->uses) && !mac_clashes(p, insn) &&
                   !shifts_clash(p, insn, predicated);
    uint16_t older_uses = younger ? p->older_uses : 0;

    if (!younger) {
        open_cycle(p, wait, code, cost);
    } else {
        cost->folded++;
        if (banks_clash(p, insn, place)) {
            // Addresses come after issue: the pair stalls as a whole.
            advance(p, 1);
            cost->cycles++;
            cost->dependency++;
        }
    }
    if (insn->unaligned) {
        cost->cycles += place->unaligned_cycles;
        cost->unaligned += place->unaligned_cycles;
    }
    bool early = runs_early(p, insn, older_uses, predicated);

    occupy(p, insn, place, cost);
    cost->instructions++;
    write_results(p, insn, early, predicated);
    follow_stores(p, insn);
    follow_mac(p, insn);
    close_cycle(p);
    if (!younger && (insn->uses & BOARD_USE_ALONE) == 0) {
        p->older_uses = insn->uses;
        p->older_shifts_late = (insn->uses & BOARD_USE_SHIFT) != 0 && !early;
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
    p->fetched = 0;
    p->diverted = 1;
}
