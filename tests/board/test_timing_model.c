// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <string.h>

#include "probe/board/timing.h"

// What spans blocks: branches and their prediction, fetch, data accesses, exceptions.

#define FLASH 0x08000000u
#define SRAM 0x20010000u
#define DTCM 0x20000000u
#define ITCM 0x00000400u
#define FLASH_FILL 18u
#define SRAM_FILL 11u
#define STORE_MISS 4u
#define UNALIGNED 3u

static struct board_timing *create(enum board_timing_mode mode)
{
    const char *error = "";
    struct board_timing *t = board_timing_create(mode, NULL, &error);

    cr_assert_not_null(t, "%s", error);
    return t;
}

static struct board_timing_block *block(struct board_timing *t, uint32_t address,
                                        const uint16_t *code, uint32_t count)
{
    struct board_timing_block *b =
        board_timing_block_get(t, address, 2 * count, (const uint8_t *)code);

    cr_assert_not_null(b);
    return b;
}

#define BLOCK(t, address, ...)                                                                     \
    block(t, address, (const uint16_t[]){__VA_ARGS__}, sizeof((const uint16_t[]){__VA_ARGS__}) / 2)

/** The I-cache goes on where instructions are fetched anew: at an exception here. */
static void enable_icache(struct board_timing *t)
{
    board_timing_set_caches(t, true, false);
    board_timing_system(t, 0);
}

static uint64_t cycles(struct board_timing *t, enum board_cycle_kind kind)
{
    return board_timing_counters(t)->cycles[kind];
}

enum {
    NOP = 0xBF00,
    SUBS_R0_1 = 0x3801,
    BNE_BACK = 0xD1FD,
    BX_LR = 0x4770,
    CBZ_R0 = 0xB100
};
enum {
    EORS_R1_R2 = 0x4051,
    LDR_R1_R2 = 0x6811,
    LDR_R3_R4 = 0x6823,
    STR_R1_R2 = 0x6011
};

// --- Branches in the pipeline -------------------------------------------------------------------

Test(timing_model, predicted_taken_branch_is_free_and_pairs_with_its_target)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);
    struct board_timing_block *jump = BLOCK(t, ITCM, NOP, NOP, 0xE7FC); // b back
    uint32_t first = board_timing_retire(t, jump, ITCM);
    uint32_t second = board_timing_retire(t, jump, ITCM);

    cr_expect_eq(first, 2, "nop nop | b");
    cr_expect_eq(second, 1, "nop beside the b before, then nop and b in one cycle");
    cr_expect_eq(board_timing_counters(t)->folded, 3);
    board_timing_destroy(t);
}

static uint32_t mispredict_cost(const uint16_t *code, uint32_t count)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);
    struct board_timing_block *b = block(t, ITCM, code, count);

    // Not taken is the prediction at first.
    uint32_t wrong = board_timing_retire(t, b, ITCM);
    uint32_t penalty = (uint32_t)cycles(t, BOARD_CYCLES_MISPREDICT);

    cr_expect_gt(wrong, penalty);
    board_timing_destroy(t);
    return penalty;
}

Test(timing_model, mispredict_costs_8_right_after_the_flags)
{
    cr_expect_eq(mispredict_cost((const uint16_t[]){SUBS_R0_1, BNE_BACK}, 2), 8);
}

Test(timing_model, mispredict_costs_8_two_cycles_after_the_flags)
{
    const uint16_t code[] = {SUBS_R0_1, NOP, NOP, NOP, BNE_BACK};

    cr_expect_eq(mispredict_cost(code, 5), 8);
}

Test(timing_model, mispredict_costs_6_three_cycles_after_the_flags)
{
    const uint16_t code[] = {SUBS_R0_1, NOP, NOP, NOP, NOP, NOP, BNE_BACK};

    cr_expect_eq(mispredict_cost(code, 7), 6);
}

Test(timing_model, compare_and_branch_on_a_register_costs_8)
{
    const uint16_t code[] = {NOP, NOP, NOP, NOP, NOP, NOP, CBZ_R0};

    cr_expect_eq(mispredict_cost(code, 7), 8);
}

Test(timing_model, return_to_another_caller_is_mispredicted)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);
    struct board_timing_block *b = BLOCK(t, ITCM, BX_LR);

    (void)board_timing_retire(t, b, 0x800);
    (void)board_timing_retire(t, b, 0x800);
    cr_expect_eq(cycles(t, BOARD_CYCLES_MISPREDICT), 8);
    (void)board_timing_retire(t, b, 0x900);
    cr_expect_eq(cycles(t, BOARD_CYCLES_MISPREDICT), 16);
    board_timing_destroy(t);
}

Test(timing_model, return_from_an_exception_is_not_predicted)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);

    (void)board_timing_retire(t, BLOCK(t, ITCM, BX_LR), 0xFFFFFFF8u);
    cr_expect_eq(cycles(t, BOARD_CYCLES_MISPREDICT), 0);
    board_timing_destroy(t);
}

Test(timing_model, branch_under_an_it_of_the_block_before_is_conditional)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);

    (void)board_timing_retire(t, BLOCK(t, ITCM, 0xBF08), ITCM + 2); // it eq
    // bxeq lr, not taken: as predicted at first. Unconditional, it would be a new target.
    (void)board_timing_retire(t, BLOCK(t, ITCM + 2, BX_LR), ITCM + 4);
    cr_expect_eq(cycles(t, BOARD_CYCLES_MISPREDICT), 0);
    board_timing_destroy(t);
}

Test(timing_model, latencies_reach_over_block_borders)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);

    cr_expect_eq(board_timing_retire(t, BLOCK(t, ITCM, LDR_R1_R2), ITCM + 2), 1);
    cr_expect_eq(board_timing_retire(t, BLOCK(t, ITCM + 2, 0x680B), ITCM + 4), 2, "ldr r3, [r1]");
    cr_expect_eq(cycles(t, BOARD_CYCLES_DEPENDENCY), 1);
    board_timing_destroy(t);
}

Test(timing_model, exception_entry_drains_the_pipeline)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);

    cr_expect_eq(board_timing_retire(t, BLOCK(t, ITCM, LDR_R1_R2), ITCM + 2), 1);
    board_timing_system(t, 12);
    cr_expect_eq(cycles(t, BOARD_CYCLES_SYSTEM), 12);
    cr_expect_eq(board_timing_retire(t, BLOCK(t, ITCM + 2, 0x680B), ITCM + 4), 1, "ldr r3, [r1]");
    board_timing_destroy(t);
}

Test(timing_model, changed_code_is_decoded_again)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);
    struct board_timing_block *b = BLOCK(t, ITCM, NOP, NOP);

    cr_expect_eq(board_timing_retire(t, b, ITCM + 4), 1);
    struct board_timing_block *again = BLOCK(t, ITCM, 0xFB91, 0xF0F2); // sdiv

    cr_expect_eq(again, b);
    cr_expect_eq(again->num_insns, 1);
    cr_expect_eq(board_timing_retire(t, again, ITCM + 4), 7);
    cr_expect_eq(cycles(t, BOARD_CYCLES_DIVIDE), 6);
    cr_expect_eq(board_timing_counters(t)->instructions, 3);
    board_timing_destroy(t);
}

Test(timing_model, count_mode_counts_instructions)
{
    struct board_timing *t = create(BOARD_TIMING_COUNT);
    struct board_timing_block *b = BLOCK(t, FLASH, NOP, 0xFB91, 0xF0F2, LDR_R1_R2);

    cr_expect_eq(board_timing_prefix(t, b, 6), 2);
    cr_expect_eq(board_timing_retire(t, b, FLASH + 8), 3);
    cr_expect_eq(cycles(t, BOARD_CYCLES_ISSUE), 3);
    board_timing_destroy(t);
}

// --- Fetching: packets of 8 bytes ----------------------------------------------------------------

#define MAX_LOOP 32u

/** A loop of wide and narrow instructions that depend on nothing, with a wide branch at its end. */
struct loop {
    uint16_t code[2 * MAX_LOOP];
    uint32_t count; // of halfwords
};

static void put_wide(struct loop *l, uint16_t first, uint16_t second)
{
    l->code[l->count++] = first;
    l->code[l->count++] = second;
}

static void put_eors(struct loop *l, unsigned wide)
{
    for (unsigned i = 0; i < wide; i++) {
        put_wide(l, 0xEA81, 0x0002); // eor.w r0, r1, r2
    }
}

static void put_narrow(struct loop *l, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        l->code[l->count++] = NOP;
    }
}

/** b.w to the start. */
static void close_loop(struct loop *l)
{
    uint32_t back = 0u - (2 * l->count + 4);

    put_wide(l, 0xF7FF, (uint16_t)(0xB800u | (back >> 1 & 0x7FFu)));
}

/** Cycles of ten turns at the address, once it turns evenly. */
static uint32_t ten_turns(const struct loop *l, uint32_t address)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);
    struct board_timing_block *b = block(t, address, l->code, l->count);
    uint32_t sum = 0;

    for (unsigned i = 0; i < 20; i++) {
        uint32_t cycles_of_turn = board_timing_retire(t, b, address);

        sum += i < 10 ? 0 : cycles_of_turn;
    }
    board_timing_destroy(t);
    return sum;
}

Test(timing_model, wide_instructions_issue_in_pairs_as_they_come)
{
    struct loop l = {.count = 0};

    put_eors(&l, 19);
    close_loop(&l);
    cr_expect_eq(ten_turns(&l, ITCM), 100);
    // Two of its eleven packets are half of the loop.
    cr_expect_eq(ten_turns(&l, ITCM + 4), 110);
}

Test(timing_model, a_branch_pairs_with_its_target_when_code_comes_faster_than_it_issues)
{
    struct loop wide = {.count = 0};
    struct loop one = {.count = 0};
    struct loop two = {.count = 0};

    put_eors(&wide, 18);
    close_loop(&wide);
    cr_expect_eq(ten_turns(&wide, ITCM), 100, "19 instructions, of which the last is alone");
    put_narrow(&one, 1);
    put_eors(&one, 17);
    close_loop(&one);
    cr_expect_eq(ten_turns(&one, ITCM), 100, "one narrow instruction is not enough");
    put_narrow(&two, 2);
    put_eors(&two, 16);
    close_loop(&two);
    cr_expect_eq(ten_turns(&two, ITCM), 95, "two are");
}

Test(timing_model, a_pair_of_words_holds_up_code_that_is_not_4_bytes_shorter)
{
    struct loop wide = {.count = 0};
    struct loop shorter = {.count = 0};

    put_wide(&wide, 0xE9D3, 0x4500); // ldrd r4, r5, [r3]
    put_eors(&wide, 17);
    close_loop(&wide);
    cr_expect_eq(ten_turns(&wide, ITCM), 110);
    put_wide(&shorter, 0xE9D3, 0x4500);
    put_eors(&shorter, 10);
    put_narrow(&shorter, 2);
    put_eors(&shorter, 5);
    close_loop(&shorter);
    cr_expect_eq(ten_turns(&shorter, ITCM), 100);
}

Test(timing_model, code_that_has_not_come_counts_as_instruction_fill)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);
    // Behind a wrong prediction at the last halfword of a packet: the rest comes a cycle later.
    struct board_timing_block *jump = BLOCK(t, ITCM, CBZ_R0);
    struct board_timing_block *target = BLOCK(t, ITCM + 6, NOP, NOP, NOP);

    (void)board_timing_retire(t, jump, ITCM + 6);
    cr_expect_eq(board_timing_retire(t, target, ITCM + 12), 2, "nop | nop nop");
    cr_expect_eq(cycles(t, BOARD_CYCLES_CODE_FILL), 0);
    struct board_timing_block *across = BLOCK(t, ITCM + 14, 0xEA81, 0x0002);

    (void)board_timing_retire(t, jump, ITCM + 14);
    cr_expect_eq(board_timing_retire(t, across, ITCM + 18), 2);
    cr_expect_eq(cycles(t, BOARD_CYCLES_CODE_FILL), 1);
    board_timing_destroy(t);
}

// --- Fetch --------------------------------------------------------------------------------------

Test(timing_model, cached_code_is_filled_once)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);
    struct board_timing_block *b = BLOCK(t, FLASH, NOP, NOP);

    enable_icache(t);
    cr_expect_eq(board_timing_retire(t, b, FLASH + 4), 1 + FLASH_FILL);
    cr_expect_eq(board_timing_retire(t, b, FLASH + 4), 1);
    cr_expect_eq(cycles(t, BOARD_CYCLES_CODE_FILL), FLASH_FILL);
    board_timing_invalidate_icache(t);
    board_timing_system(t, 0);
    cr_expect_eq(board_timing_retire(t, b, FLASH + 4), 1 + FLASH_FILL);
    board_timing_destroy(t);
}

Test(timing_model, icache_is_switched_at_the_next_isb)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);
    struct board_timing_block *before = BLOCK(t, FLASH, NOP, NOP);
    struct board_timing_block *isb = BLOCK(t, FLASH + 4, 0xF3BF, 0x8F6F);

    cr_expect_eq(board_timing_retire(t, before, FLASH + 4), 1 + FLASH_FILL);
    board_timing_set_caches(t, true, false);
    cr_expect_eq(board_timing_retire(t, before, FLASH + 4), 1, "the fetch buffer has it");
    cr_expect_eq(board_timing_retire(t, isb, FLASH + 8), 3);
    cr_expect_eq(board_timing_retire(t, before, FLASH + 4), 1 + FLASH_FILL);
    cr_expect_eq(cycles(t, BOARD_CYCLES_CODE_FILL), 2 * FLASH_FILL);
    board_timing_destroy(t);
}

Test(timing_model, icache_is_invalidated_at_the_next_branch)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);
    struct board_timing_block *straight = BLOCK(t, FLASH, NOP, NOP);
    struct board_timing_block *jump = BLOCK(t, FLASH + 4, 0xE7FC);

    enable_icache(t);
    (void)board_timing_retire(t, straight, FLASH + 4);
    board_timing_invalidate_icache(t);
    (void)board_timing_retire(t, straight, FLASH + 4);
    (void)board_timing_retire(t, jump, FLASH);
    cr_expect_eq(cycles(t, BOARD_CYCLES_CODE_FILL), FLASH_FILL);
    (void)board_timing_retire(t, straight, FLASH + 4);
    cr_expect_eq(cycles(t, BOARD_CYCLES_CODE_FILL), 2 * FLASH_FILL);
    board_timing_destroy(t);
}

Test(timing_model, code_evicts_code_when_three_lines_share_a_set_of_two_ways)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);
    struct board_timing_block *b[3];

    enable_icache(t);
    for (unsigned i = 0; i < 3; i++) {
        b[i] = BLOCK(t, FLASH + i * 2048, NOP, NOP);
        cr_expect_eq(board_timing_retire(t, b[i], FLASH), 1 + FLASH_FILL);
    }
    cr_expect_eq(board_timing_retire(t, b[1], FLASH), 1);
    cr_expect_eq(board_timing_retire(t, b[2], FLASH), 1);
    cr_expect_eq(board_timing_retire(t, b[0], FLASH), 1 + FLASH_FILL);
    board_timing_destroy(t);
}

Test(timing_model, uncached_code_waits_for_each_new_line)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);
    struct board_timing_block *here = BLOCK(t, SRAM, NOP, NOP);
    struct board_timing_block *there = BLOCK(t, SRAM + 32, NOP, NOP);

    cr_expect_eq(board_timing_retire(t, here, SRAM), 1 + SRAM_FILL);
    cr_expect_eq(board_timing_retire(t, here, SRAM + 32), 1);
    cr_expect_eq(board_timing_retire(t, there, SRAM), 1 + SRAM_FILL);
    cr_expect_eq(board_timing_retire(t, here, SRAM), 1 + SRAM_FILL);
    board_timing_destroy(t);
}

Test(timing_model, tcm_never_waits)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);

    (void)board_timing_retire(t, BLOCK(t, ITCM, NOP), ITCM + 2);
    (void)board_timing_retire(t, BLOCK(t, DTCM, NOP), DTCM + 2);
    cr_expect_eq(cycles(t, BOARD_CYCLES_CODE_FILL), 0);
    board_timing_destroy(t);
}

Test(timing_model, prefix_includes_fills_and_changes_nothing)
{
    struct board_timing *t = create(BOARD_TIMING_FAST);
    struct board_timing_block *b = BLOCK(t, FLASH + 28, NOP, NOP, NOP, NOP);

    enable_icache(t);
    cr_expect_eq(board_timing_prefix(t, b, 4), 1 + FLASH_FILL);
    cr_expect_eq(board_timing_prefix(t, b, 6), 2 + 2 * FLASH_FILL);
    cr_expect_eq(board_timing_retire(t, b, FLASH + 36), 2 + 2 * FLASH_FILL);
    cr_expect_eq(board_timing_prefix(t, b, 4), 1);
    board_timing_destroy(t);
}

// --- Data ---------------------------------------------------------------------------------------

/** Cycles of one load or store beyond its own. */
static uint32_t access_cost(struct board_timing *t, uint16_t op, uint32_t addr, unsigned size)
{
    board_timing_access(t, addr, size, op == STR_R1_R2);
    return board_timing_retire(t, BLOCK(t, ITCM, NOP, op), ITCM + 4) - 1;
}

Test(timing_model, data_is_filled_once_a_line)
{
    struct board_timing *t = create(BOARD_TIMING_MEMORY);

    board_timing_set_caches(t, true, true);
    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM, 4), SRAM_FILL);
    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM + 28, 4), 0);
    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM + 32, 4), SRAM_FILL);
    cr_expect_eq(access_cost(t, LDR_R1_R2, FLASH, 4), FLASH_FILL);
    cr_expect_eq(cycles(t, BOARD_CYCLES_DATA_FILL), 2 * SRAM_FILL + FLASH_FILL);
    board_timing_dcache_line(t, SRAM, false);
    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM, 4), 0, "cleaned, not dropped");
    board_timing_dcache_line(t, SRAM, true);
    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM, 4), SRAM_FILL);
    board_timing_destroy(t);
}

Test(timing_model, least_recently_used_of_four_ways_is_replaced)
{
    struct board_timing *t = create(BOARD_TIMING_MEMORY);

    board_timing_set_caches(t, true, true);
    for (unsigned i = 0; i < 4; i++) {
        cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM + i * 1024, 4), SRAM_FILL);
    }
    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM, 4), 0);
    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM + 4 * 1024, 4), SRAM_FILL);
    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM, 4), 0, "used later than the second");
    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM + 1024, 4), SRAM_FILL);
    board_timing_destroy(t);
}

Test(timing_model, store_miss_costs_its_own_and_allocates)
{
    struct board_timing *t = create(BOARD_TIMING_MEMORY);

    board_timing_set_caches(t, true, true);
    cr_expect_eq(access_cost(t, STR_R1_R2, SRAM, 4), STORE_MISS);
    cr_expect_eq(access_cost(t, STR_R1_R2, SRAM + 4, 4), 0);
    cr_expect_eq(access_cost(t, LDR_R3_R4, SRAM + 8, 4), 0);
    board_timing_destroy(t);
}

Test(timing_model, unaligned_load_costs_more_and_an_unaligned_store_does_not)
{
    struct board_timing *t = create(BOARD_TIMING_MEMORY);

    cr_expect_eq(access_cost(t, LDR_R1_R2, DTCM + 2, 4), UNALIGNED);
    cr_expect_eq(access_cost(t, LDR_R1_R2, DTCM + 1, 2), UNALIGNED);
    cr_expect_eq(access_cost(t, LDR_R1_R2, DTCM + 3, 1), 0);
    cr_expect_eq(access_cost(t, LDR_R1_R2, DTCM + 4, 8), 0);
    cr_expect_eq(access_cost(t, STR_R1_R2, DTCM + 2, 4), 0);
    cr_expect_eq(cycles(t, BOARD_CYCLES_UNALIGNED), 2 * UNALIGNED);
    board_timing_destroy(t);
}

Test(timing_model, unaligned_access_over_a_line_border_touches_both_lines)
{
    struct board_timing *t = create(BOARD_TIMING_MEMORY);

    board_timing_set_caches(t, true, true);
    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM + 30, 4), 2 * SRAM_FILL + UNALIGNED);
    board_timing_destroy(t);
}

Test(timing_model, without_a_data_cache_each_access_goes_to_memory)
{
    struct board_timing *t = create(BOARD_TIMING_MEMORY);

    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM, 4), SRAM_FILL - 3);
    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM, 4), SRAM_FILL - 3);
    cr_expect_eq(access_cost(t, STR_R1_R2, SRAM, 4), STORE_MISS);
    cr_expect_eq(access_cost(t, LDR_R3_R4, DTCM, 4), 0);
    board_timing_destroy(t);
}

static uint32_t pair_cost(struct board_timing *t, uint32_t first, uint32_t second)
{
    struct board_timing_block *b = BLOCK(t, ITCM, LDR_R1_R2, LDR_R3_R4);

    board_timing_access(t, first, 4, false);
    board_timing_access(t, second, 4, false);
    board_timing_system(t, 0); // each from an empty pipeline
    return board_timing_retire(t, b, ITCM + 4);
}

Test(timing_model, seen_addresses_decide_whether_two_loads_pair)
{
    struct board_timing *t = create(BOARD_TIMING_MEMORY);

    cr_expect_eq(pair_cost(t, DTCM, DTCM + 4), 1);
    cr_expect_eq(pair_cost(t, DTCM, DTCM + 8), 2);
    cr_expect_eq(pair_cost(t, DTCM + 4, DTCM + 64), 1);
    cr_expect_eq(pair_cost(t, DTCM + 4, DTCM + 12), 2);
    board_timing_destroy(t);
}

Test(timing_model, an_even_number_of_words_is_stored_faster_from_even_words_on)
{
    struct board_timing *t = create(BOARD_TIMING_MEMORY);
    struct board_timing_block *stm = BLOCK(t, ITCM, 0xC118);        // stm r1!, {r3, r4}
    struct board_timing_block *three = BLOCK(t, ITCM + 16, 0xC138); // stm r1!, {r3, r4, r5}
    static const struct {
        uint32_t addr;
        uint32_t cycles_of_two, cycles_of_three;
    } cases[] = {{DTCM, 1, 2}, {DTCM + 4, 2, 2}, {DTCM + 8, 1, 2}};

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        board_timing_system(t, 0);
        board_timing_access(t, cases[i].addr, 4, true);
        board_timing_access(t, cases[i].addr + 4, 4, true);
        cr_expect_eq(board_timing_retire(t, stm, ITCM + 2), cases[i].cycles_of_two, "case %u", i);
        board_timing_system(t, 0);
        for (uint32_t k = 0; k < 3; k++) {
            board_timing_access(t, cases[i].addr + 4 * k, 4, true);
        }
        cr_expect_eq(board_timing_retire(t, three, ITCM + 18), cases[i].cycles_of_three, "case %u",
                     i);
    }
    board_timing_destroy(t);
}

Test(timing_model, reset_forgets_caches_and_keeps_counters)
{
    struct board_timing *t = create(BOARD_TIMING_MEMORY);

    board_timing_set_caches(t, true, true);
    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM, 4), SRAM_FILL);
    board_timing_reset(t);
    board_timing_set_caches(t, true, true);
    cr_expect_eq(access_cost(t, LDR_R1_R2, SRAM, 4), SRAM_FILL);
    cr_expect_eq(cycles(t, BOARD_CYCLES_DATA_FILL), 2 * SRAM_FILL);
    board_timing_destroy(t);
}
