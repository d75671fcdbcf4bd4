// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/predictor.h"

#include <string.h>

#define WEAKLY_NOT_TAKEN 1
#define NO_BRANCH 0xFFFFFFFFu // odd: no instruction is there

void board_predictor_reset(struct board_predictor *p)
{
    p->past = 0;
    memset(p->counters, WEAKLY_NOT_TAKEN, sizeof p->counters);
    for (unsigned i = 0; i < BOARD_PREDICTOR_ENDS; i++) {
        p->ends[i] = (struct board_predictor_end){.branch = NO_BRANCH};
    }
    for (unsigned i = 0; i < BOARD_PREDICTOR_TARGETS; i++) {
        p->targets[i].branch = NO_BRANCH;
        p->targets[i].target = 0;
    }
}

/** Equal outcomes up to now. */
static unsigned run_length(uint64_t past)
{
    uint64_t differ = (past & 1u) != 0 ? ~past : past;

    return differ == 0 ? BOARD_PREDICTOR_LONGEST : (unsigned)__builtin_ctzll(differ);
}

bool board_predictor_foresees(struct board_predictor *p, uint32_t branch, bool taken)
{
    struct board_predictor_end *e = &p->ends[(branch >> 1) % BOARD_PREDICTOR_ENDS];
    unsigned run = run_length(p->past);
    bool sure = e->times == BOARD_PREDICTOR_SURE;

    if (taken == (p->past & 1u) && sure && e->branch == branch && run < e->run) {
        return true;
    }
    if (taken == (p->past & 1u) || run < BOARD_PREDICTOR_SHORTEST ||
        run >= BOARD_PREDICTOR_LONGEST) {
        return false;
    }
    if (e->branch != branch || e->run != run) {
        *e = (struct board_predictor_end){.branch = branch, .run = (uint16_t)run};
        return false;
    }
    e->times = (uint16_t)(e->times + !sure);
    return sure;
}
