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
