// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/vendor.h"

#include "probe/board/state.h"

/** Counter number i of the layout: the kinds, then instructions, then folded. */
static uint64_t counter(const struct board_timing_counters *c, uint32_t i)
{
    if (i < BOARD_CYCLES_KINDS) {
        return c->cycles[i];
    }
    if (i == (BOARD_VENDOR_INSTRUCTIONS - BOARD_VENDOR_CYCLES) / 8) {
        return c->instructions;
    }
    return i == (BOARD_VENDOR_FOLDED - BOARD_VENDOR_CYCLES) / 8 ? c->folded : 0;
}

static uint32_t read_counter(struct board_machine *m, const struct board_timing_counters *c,
                             uint32_t offset)
{
    uint64_t value = counter(c, offset / 8);

    if ((offset & 4u) != 0) {
        return m->vendor.latched_high;
    }
    m->vendor.latched_high = (uint32_t)(value >> 32);
    return (uint32_t)value;
}

uint32_t board_vendor_read(struct board_machine *m, uint32_t offset)
{
    if (offset >= BOARD_VENDOR_SNAPSHOT && offset < BOARD_VENDOR_SNAPSHOT + 0x100u) {
        return read_counter(m, &m->vendor.snapshot, offset - BOARD_VENDOR_SNAPSHOT);
    }
    if (offset >= BOARD_VENDOR_CYCLES && offset < BOARD_VENDOR_SNAPSHOT) {
        return read_counter(m, board_timing_counters(m->timing), offset - BOARD_VENDOR_CYCLES);
    }
    switch (offset) {
    case BOARD_VENDOR_ID:
        return BOARD_VENDOR_MAGIC;
    case BOARD_VENDOR_VERSION:
        return BOARD_VENDOR_VERSION_NUMBER;
    case BOARD_VENDOR_MODE:
        return (uint32_t)board_timing_mode_of(m->timing);
    case BOARD_VENDOR_KINDS:
        return BOARD_CYCLES_KINDS;
    case BOARD_VENDOR_CLOCK_HZ:
        return (uint32_t)m->rcc.hclk_hz;
    case BOARD_VENDOR_LATCH:
        return m->vendor.num_snapshots;
    case BOARD_VENDOR_NUM_SLOTS:
        return BOARD_MICROSTATE_SLOTS;
    case BOARD_VENDOR_SLOT_DONE:
        return m->microstate.done;
    default:
        return 0;
    }
}

void board_vendor_write(struct board_machine *m, uint32_t offset, uint32_t value)
{
    bool may_swap = !m->in_core && m->debug.halted;

    if (offset == BOARD_VENDOR_LATCH) {
        m->vendor.snapshot = *board_timing_counters(m->timing);
        m->vendor.num_snapshots++;
    } else if (offset == BOARD_VENDOR_SLOT_SAVE) {
        m->microstate.done = may_swap && board_microstate_save(m, value) ? value + 1 : 0;
    } else if (offset == BOARD_VENDOR_SLOT_RESTORE) {
        m->microstate.done = may_swap && board_microstate_restore(m, value) ? value + 1 : 0;
    }
}
