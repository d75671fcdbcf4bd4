// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>

#include "probe/board/predictor.h"

Test(predictor, learns_a_branch_that_is_always_taken)
{
    struct board_predictor p;
    unsigned wrong = 0;

    board_predictor_reset(&p);
    // Ten outcomes fill the history, each with a counter of its own; then one more counter learns.
    for (int i = 0; i < 100; i++) {
        wrong += board_predictor_conditional(&p, 0x1000, true);
    }
    cr_expect_eq(wrong, 11);
}

Test(predictor, predicts_not_taken_at_first)
{
    struct board_predictor p;

    board_predictor_reset(&p);
    cr_expect_not(board_predictor_conditional(&p, 0x1000, false));
}

Test(predictor, counters_saturate_at_two_bits)
{
    struct board_predictor p;
    uint32_t index;

    board_predictor_reset(&p);
    for (int i = 0; i < 100; i++) {
        (void)board_predictor_conditional(&p, 0x1000, true);
    }
    index = board_predictor_index(&p, 0x1000);
    cr_assert_eq(p.counters[index], 3);
    cr_expect(board_predictor_conditional(&p, 0x1000, false));
    cr_expect_eq(p.counters[index], 2, "one exception does not turn a strong prediction");
    for (int i = 0; i < 100; i++) {
        (void)board_predictor_conditional(&p, 0x1000, false);
    }
    cr_expect_eq(p.counters[board_predictor_index(&p, 0x1000)], 0);
}

Test(predictor, learns_an_alternating_branch_from_history)
{
    struct board_predictor p;
    unsigned late_wrong = 0;

    board_predictor_reset(&p);
    for (int i = 0; i < 200; i++) {
        bool wrong = board_predictor_conditional(&p, 0x1000, i % 2 == 0);

        late_wrong += i >= 100 && wrong;
    }
    cr_expect_eq(late_wrong, 0);
}

Test(predictor, forgets_outcomes_older_than_its_history)
{
    struct board_predictor p;
    uint32_t index;

    board_predictor_reset(&p);
    cr_assert_eq(board_predictor_index(&p, 0), 0);
    for (unsigned i = 0; i < BOARD_PREDICTOR_HISTORY_BITS; i++) {
        (void)board_predictor_conditional(&p, 0x1000, true);
    }
    index = board_predictor_index(&p, 0);
    cr_assert_eq(index, BOARD_PREDICTOR_HISTORY_MASK);
    (void)board_predictor_conditional(&p, 0x1000, true);
    cr_expect_eq(board_predictor_index(&p, 0), index);
}

/** Wrong predictions in a loop that turns so often and then ends. */
static unsigned wrong_in_loop(struct board_predictor *p, unsigned turns)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < turns; i++) {
        wrong += board_predictor_conditional(p, 0x1000, true);
    }
    return wrong + board_predictor_conditional(p, 0x1000, false);
}

Test(predictor, foresees_the_end_of_a_loop_that_turned_as_often_before)
{
    static const unsigned turns[] = {11, 13, 26, 63};

    for (unsigned i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        struct board_predictor p;

        board_predictor_reset(&p);
        for (unsigned k = 0; k <= BOARD_PREDICTOR_SURE; k++) {
            cr_expect_geq(wrong_in_loop(&p, turns[i]), 1, "%u turns, loop %u", turns[i], k);
        }
        for (unsigned k = 0; k < 20; k++) {
            cr_expect_eq(wrong_in_loop(&p, turns[i]), 0, "%u turns", turns[i]);
        }
    }
}

Test(predictor, does_not_foresee_the_end_of_a_loop_whose_length_changes)
{
    struct board_predictor p;

    board_predictor_reset(&p);
    for (unsigned k = 0; k < 20; k++) {
        cr_expect_geq(wrong_in_loop(&p, 20 + 10 * (k % 2)), 1);
    }
}

Test(predictor, does_not_foresee_the_end_of_a_loop_of_more_turns_than_it_remembers)
{
    struct board_predictor p;

    board_predictor_reset(&p);
    for (unsigned k = 0; k < 20; k++) {
        cr_expect_geq(wrong_in_loop(&p, BOARD_PREDICTOR_LONGEST), 1);
    }
}

Test(predictor, foresees_the_end_of_a_run_of_branches_that_are_not_taken)
{
    struct board_predictor p;
    unsigned late_wrong = 0;

    board_predictor_reset(&p);
    for (unsigned i = 0; i < 600; i++) {
        late_wrong += board_predictor_conditional(&p, 0x1000, i % 30 == 29) && i >= 300;
    }
    cr_expect_eq(late_wrong, 0);
}

Test(predictor, expects_an_indirect_branch_where_it_went_last)
{
    struct board_predictor p;

    board_predictor_reset(&p);
    cr_expect(board_predictor_indirect(&p, 0x1000, 0x2000));
    cr_expect_not(board_predictor_indirect(&p, 0x1000, 0x2000));
    cr_expect(board_predictor_indirect(&p, 0x1000, 0x3000));
    cr_expect_not(board_predictor_indirect(&p, 0x1000, 0x3000));
}
