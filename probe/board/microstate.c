// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "probe/board/state.h"

bool board_microstate_save(struct board_machine *m, uint32_t slot)
{
    struct board_microstate *s = &m->microstate;

    if (slot >= BOARD_MICROSTATE_SLOTS) {
        return false;
    }
    if (s->slots[slot] == NULL) {
        s->slots[slot] = malloc(board_timing_state_bytes());
    }
    if (s->slots[slot] == NULL) {
        return false;
    }
    board_timing_save(m->timing, s->slots[slot]);
    s->filled[slot] = true;
    return true;
}

bool board_microstate_restore(struct board_machine *m, uint32_t slot)
{
    const struct board_microstate *s = &m->microstate;

    if (slot >= BOARD_MICROSTATE_SLOTS || !s->filled[slot]) {
        return false;
    }
    board_timing_restore(m->timing, s->slots[slot]);
    return true;
}

void board_microstate_reset(struct board_machine *m)
{
    memset(m->microstate.filled, 0, sizeof m->microstate.filled);
    m->microstate.done = 0;
}

void board_microstate_destroy(struct board_machine *m)
{
    for (uint32_t i = 0; i < BOARD_MICROSTATE_SLOTS; i++) {
        free(m->microstate.slots[i]);
    }
}
