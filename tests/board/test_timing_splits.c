// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/board/decode.h"
#include "probe/board/thumb.h"
#include "probe/board/timing.h"

// However code is cut into blocks, it takes as long: random programs, run in long blocks, one
// instruction at a time, and in blocks that are left in the middle.

#define CODE_BYTES 3000u
#define NUM_STEPS 6000u
#define MAX_INSNS (CODE_BYTES / 2)
#define MAX_ACCESSES 16u
#define BLOCK_PAGE 1024u
#define FLASH 0x08000000u
#define SRAM 0x20010000u

struct experiment {
    enum board_timing_mode mode;
    uint32_t code_base;
    bool icache;
    unsigned seed;
};

struct access {
    uint32_t addr;
    uint8_t size_bytes;
    bool is_write;
};

/** One executed instruction of a trace. */
struct step {
    uint32_t address;
    uint32_t next;
    bool branches;
    bool drains;          // an exception comes after it
    bool switches_icache; // it writes CCR, and sometimes ICIALLU
    bool icache;
    uint8_t num_accesses;
    struct access accesses[MAX_ACCESSES];
};

struct program {
    uint32_t base;
    uint8_t code[CODE_BYTES + 4];
    uint32_t size_bytes;
    uint16_t offsets[MAX_INSNS];
    struct board_insn insns[MAX_INSNS];
    uint32_t num_insns;
    struct step steps[NUM_STEPS];
};

static uint32_t pick(uint64_t *state, uint32_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % below;
}

/** Encodings that the generator draws from; registers are drawn afresh in the narrow ones. */
static const uint32_t wide[] = {
    0xEA800001, 0xEA4103C0, 0xEB0001C2, 0xFB00F301, 0xFB023401, 0xFB201304, 0xF8D10004, 0xF8510B04,
    0xF8410B04, 0xF8110B01, 0xF8310012, 0xE9D12300, 0xE9C12300, 0xE8BD0070, 0xE92D00F0, 0xF3C100C4,
    0xF36100C4, 0xFA1FF081, 0xFA91F0A1, 0xFAB1F081, 0xFB91F0F2, 0xFBE01203, 0xF50130FE, 0xF44F50FE,
    0xF2412034, 0xF2C12034, 0xFA01F002, 0xEA4F00C1, 0xED910A00, 0xED810A01, 0xEE300A81, 0xEEA00A81,
    0xEE000A81, 0xEE000A10, 0xEE100A10, 0xEE800A81, 0xF3BF8F4F, 0xE8511F00, 0xF04200FF, 0xFA2FF081,
    0xFAA1F042, 0xFA81F182, 0xF3010007, 0xF3BF8F6F, 0xED2D8B04, 0xECBD8B04, 0xEC900A04,
};

static uint32_t put_insn(struct program *p, uint64_t *rng, uint32_t at)
{
    uint32_t kind = pick(rng, 20);
    uint32_t op;
    uint32_t length = 2;

    if (kind < 8) {
        op = wide[pick(rng, sizeof wide / sizeof wide[0])];
        length = 4;
    } else if (kind < 10) {
        op = 0xBF00u | pick(rng, 14) << 4 | (1u + pick(rng, 15)); // IT
    } else if (kind == 10) {
        op = 0xD000u | pick(rng, 14) << 8 | 4; // conditional branch
    } else if (kind == 11) {
        static const uint16_t branches[] = {0xE002, 0x4770, 0xB108, 0xB911, 0xBDF0, 0x4798};

        op = branches[pick(rng, 6)];
    } else {
        op = pick(rng, 0xB000); // 16-bit data processing, loads and stores
    }
    if (length == 4) {
        p->code[at] = (uint8_t)(op >> 16);
        p->code[at + 1] = (uint8_t)(op >> 24);
        at += 2;
    }
    p->code[at] = (uint8_t)op;
    p->code[at + 1] = (uint8_t)(op >> 8);
    return length;
}

static void write_program(struct program *p, struct board_decoder *d, uint64_t *rng)
{
    uint32_t at = 0;

    while (at + 4 <= CODE_BYTES) {
        uint32_t length = put_insn(p, rng, at);

        board_decode(d, p->code + at, &p->insns[p->num_insns]);
        cr_assert_eq(p->insns[p->num_insns].length, length);
        p->offsets[p->num_insns++] = (uint16_t)at;
        at += length;
    }
    p->size_bytes = at;
}

static void draw_accesses(struct step *s, const struct board_insn *insn, bool predicated,
                          uint64_t *rng)
{
    static const uint32_t bases[] = {0x20000000u, SRAM, FLASH + 0x1000u, 0xE000E000u};
    uint32_t count = insn->num_accesses;

    if (count == BOARD_ACCESSES_UNKNOWN) {
        count = pick(rng, 5);
    }
    if (predicated && pick(rng, 2) == 0) {
        count = 0;
    }
    for (uint32_t i = 0; i < count && i < MAX_ACCESSES; i++) {
        s->accesses[i].addr = bases[pick(rng, 4)] + pick(rng, 0x3000);
        s->accesses[i].size_bytes = (uint8_t)(1u << pick(rng, 3));
        s->accesses[i].is_write = (insn->uses & BOARD_USE_STORE) != 0;
        s->num_accesses = (uint8_t)(i + 1);
    }
}

/** A walk through the program; branches go anywhere. */
static void walk(struct program *p, uint64_t *rng)
{
    uint32_t index = 0;
    uint32_t it_left = 0;

    for (uint32_t i = 0; i < NUM_STEPS; i++) {
        const struct board_insn *insn = &p->insns[index];
        struct step *s = &p->steps[i];
        bool last = index + 1 == p->num_insns;
        bool jumps = last || (insn->branch == BOARD_BRANCH_NONE          ? false
                              : insn->branch == BOARD_BRANCH_CONDITIONAL ? pick(rng, 3) != 0
                              : it_left != 0                             ? pick(rng, 2) != 0
                                                                         : true);

        s->address = p->base + p->offsets[index];
        s->branches = jumps || insn->branch != BOARD_BRANCH_NONE || insn->synchronises;
        s->switches_icache = insn->branch == BOARD_BRANCH_NONE && pick(rng, 100) == 0;
        s->icache = pick(rng, 2) != 0;
        draw_accesses(s, insn, it_left != 0, rng);
        it_left = insn->it_count != 0 ? insn->it_count : it_left - (it_left != 0);
        if (jumps) {
            // Mostly back to a few places, so that caches and predictor have something to learn.
            index = pick(rng, 4) != 0 ? pick(rng, 8) * (p->num_insns / 8) : pick(rng, p->num_insns);
            s->drains = pick(rng, 16) == 0;
            it_left = s->drains ? 0 : it_left;
        } else {
            index++;
        }
        s->next = p->base + p->offsets[index];
    }
}

enum cutting {
    CUT_AT_BRANCHES,
    CUT_EVERYWHERE,
    CUT_AND_LEAVE
};

static void feed(struct board_timing *t, const struct step *s)
{
    for (unsigned i = 0; i < s->num_accesses && board_timing_wants_accesses(t); i++) {
        board_timing_access(t, s->accesses[i].addr, s->accesses[i].size_bytes,
                            s->accesses[i].is_write);
    }
    if (s->switches_icache) {
        board_timing_set_caches(t, s->icache, true);
        board_timing_invalidate_icache(t);
    }
}

static uint32_t end_of(const struct program *p, const struct step *s)
{
    return s->address + board_thumb_length(board_thumb_half(p->code + (s->address - p->base)));
}

/** How many steps, from one on, form a block: to a branch or a page's end. */
static uint32_t block_length(const struct program *p, uint32_t first)
{
    uint32_t n = 1;

    while (first + n < NUM_STEPS && !p->steps[first + n - 1].branches &&
           p->steps[first].address / BLOCK_PAGE == p->steps[first + n].address / BLOCK_PAGE) {
        n++;
    }
    return n;
}

static struct board_timing_block *block_at(struct board_timing *t, const struct program *p,
                                           uint32_t first, uint32_t count)
{
    uint32_t address = p->steps[first].address;
    uint32_t end = end_of(p, &p->steps[first + count - 1]);
    struct board_timing_block *b =
        board_timing_block_get(t, address, end - address, p->code + (address - p->base));

    cr_assert_not_null(b);
    cr_assert_eq(b->num_insns, count);
    return b;
}

/** Retires [first, first + count) as one block, but leaves it once on the way when asked to. */
static uint64_t run_block(struct board_timing *t, const struct program *p, uint32_t first,
                          uint32_t count, uint32_t leave_at)
{
    struct board_timing_block *b = block_at(t, p, first, count);
    uint64_t cycles = 0;

    for (uint32_t i = 0; i < leave_at; i++) {
        feed(t, &p->steps[first + i]);
    }
    if (leave_at != 0) {
        uint32_t offset = p->steps[first + leave_at].address - b->address;
        uint32_t expected = board_timing_prefix(t, b, offset);

        cycles = board_timing_retire_prefix(t, b, offset);
        cr_assert_eq(cycles, expected, "leaving costs %u, the prefix said %u", (unsigned)cycles,
                     expected);
        b = block_at(t, p, first + leave_at, count - leave_at);
    }
    for (uint32_t i = leave_at; i < count; i++) {
        feed(t, &p->steps[first + i]);
    }
    return cycles + board_timing_retire(t, b, p->steps[first + count - 1].next);
}

static uint64_t run(struct board_timing *t, const struct program *p, enum cutting cutting,
                    uint64_t rng)
{
    uint64_t cycles = 0;

    for (uint32_t i = 0; i < NUM_STEPS;) {
        uint32_t count = cutting == CUT_EVERYWHERE ? 1 : block_length(p, i);
        uint32_t leave_at = cutting == CUT_AND_LEAVE ? pick(&rng, count) : 0;

        cycles += run_block(t, p, i, count, leave_at);
        i += count;
        if (p->steps[i - 1].drains) {
            board_timing_system(t, 12);
            cycles += 12;
        }
    }
    return cycles;
}

static uint64_t sum(const struct board_timing_counters *c)
{
    uint64_t total = 0;

    for (unsigned k = 0; k < BOARD_CYCLES_KINDS; k++) {
        total += c->cycles[k];
    }
    return total;
}

ParameterizedTestParameters(timing_splits, any_split_of_a_program_costs_the_same)
{
    static struct experiment all[64];
    size_t n = 0;

    for (unsigned seed = 1; seed <= 8; seed++) {
        all[n++] = (struct experiment){BOARD_TIMING_COUNT, FLASH, true, seed};
        all[n++] = (struct experiment){BOARD_TIMING_FAST, 0x400, false, seed};
        all[n++] = (struct experiment){BOARD_TIMING_FAST, FLASH, true, seed};
        all[n++] = (struct experiment){BOARD_TIMING_FAST, FLASH, false, seed};
        all[n++] = (struct experiment){BOARD_TIMING_FAST, 0x00200000u, false, seed};
        all[n++] = (struct experiment){BOARD_TIMING_MEMORY, FLASH + 2, true, seed};
        all[n++] = (struct experiment){BOARD_TIMING_MEMORY, SRAM, false, seed};
    }
    return cr_make_param_array(struct experiment, all, n);
}

ParameterizedTest(struct experiment *x, timing_splits, any_split_of_a_program_costs_the_same)
{
    struct program *p = calloc(1, sizeof *p);
    struct board_decoder *d = board_decoder_create();
    struct board_timing_counters first = {0};
    uint64_t first_cycles = 0;
    uint64_t rng = x->seed * 77777u + 5;

    cr_assert(p != NULL && d != NULL);
    p->base = x->code_base;
    write_program(p, d, &rng);
    walk(p, &rng);
    for (int cutting = CUT_AT_BRANCHES; cutting <= CUT_AND_LEAVE; cutting++) {
        const char *error = "";
        struct board_timing *t = board_timing_create(x->mode, NULL, &error);

        cr_assert_not_null(t, "%s", error);
        board_timing_set_caches(t, x->icache, true);
        uint64_t cycles = run(t, p, (enum cutting)cutting, rng);
        const struct board_timing_counters *c = board_timing_counters(t);

        cr_assert_eq(sum(c), cycles, "kinds sum to %llu, retired %llu", (unsigned long long)sum(c),
                     (unsigned long long)cycles);
        cr_assert_eq(c->instructions, NUM_STEPS);
        if (cutting == CUT_AT_BRANCHES) {
            first = *c;
            first_cycles = cycles;
        }
        cr_expect_eq(cycles, first_cycles,
                     "mode %d, code at 0x%08x, seed %u, cutting %d: %llu cycles, in blocks %llu",
                     (int)x->mode, x->code_base, x->seed, cutting, (unsigned long long)cycles,
                     (unsigned long long)first_cycles);
        cr_expect_arr_eq((const uint8_t *)c, (const uint8_t *)&first, sizeof first);
        board_timing_destroy(t);
    }
    board_decoder_destroy(d);
    free(p);
}
