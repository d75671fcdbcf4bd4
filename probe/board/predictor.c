// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/predictor.h"

#include <string.h>

#define WEAKLY_NOT_TAKEN 1
#define NO_BRANCH 0xFFFFFFFFu // odd: no instruction is there

void board_predictor_reset(struct board_predictor *p)
{
    p->history = 0;
    memset(p->counters, WEAKLY_NOT_TAKEN, sizeof p->counters);
    for (unsigned i = 0; i < BOARD_PREDICTOR_TARGETS; i++) {
        p->targets[i].branch = NO_BRANCH;
        p->targets[i].target = 0;
    }
}
