// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: Armv7-M ARM B1.5.2 to B1.5.4 (numbers, priorities), B3.4 (NVIC registers).

#define PRIORITY_MASK 0xF0u // an STM32F7 implements four bits
#define ICSR_RETTOBASE (1u << 11)
#define ICSR_ISRPENDING (1u << 22)
#define CMD_ISER 0x100u
#define CMD_ICER 0x180u
#define CMD_ISPR 0x200u
#define CMD_ICPR 0x280u
#define CMD_IABR 0x300u
#define CMD_IPR 0x400u

void board_nvic_reset(struct board_machine *m)
{
    bool line[BOARD_NUM_EXCEPTIONS];

    memcpy(line, m->nvic.line, sizeof line);
    memset(&m->nvic, 0, sizeof m->nvic);
    memcpy(m->nvic.line, line, sizeof line);
}

void board_nvic_set_pending(struct board_machine *m, unsigned exc, bool pending)
{
    struct board_nvic *n = &m->nvic;

    if (exc >= BOARD_NUM_EXCEPTIONS || n->pending[exc] == pending) {
        return;
    }
    n->pending[exc] = pending;
    if (pending) {
        n->num_pending++;
        if ((m->scb.scr & 16u) != 0) {
            m->event = true; // SEVONPEND
        }
    } else {
        n->num_pending--;
    }
    board_attention(m);
}

void board_nvic_set_line(struct board_machine *m, unsigned irq, bool level)
{
    unsigned exc = BOARD_EXC_IRQ0 + irq;

    m->nvic.line[exc] = level;
    if (level && !m->nvic.active[exc]) {
        board_nvic_set_pending(m, exc, true);
    }
}

int board_nvic_priority(const struct board_machine *m, unsigned exc)
{
    if (exc <= BOARD_EXC_HARD_FAULT) {
        return (int)exc - 4;
    }
    return exc < BOARD_NUM_EXCEPTIONS ? m->nvic.priority[exc] : 255;
}

int board_nvic_group(const struct board_machine *m, int priority)
{
    unsigned sub_bits = m->scb.aircr_prigroup + 1;

    return priority < 0 ? priority : (int)((unsigned)priority >> sub_bits << sub_bits);
}

int board_nvic_execution_priority(const struct board_machine *m, bool ignore_primask)
{
    int highest = BOARD_PRIORITY_THREAD;
    uint32_t basepri = board_engine_reg(m->engine, BOARD_REG_BASEPRI) & PRIORITY_MASK;

    for (unsigned exc = BOARD_EXC_NMI; exc < BOARD_NUM_EXCEPTIONS; exc++) {
        if (m->nvic.active[exc]) {
            int group = board_nvic_group(m, board_nvic_priority(m, exc));

            highest = group < highest ? group : highest;
        }
    }
    if (basepri != 0 && board_nvic_group(m, (int)basepri) < highest) {
        highest = board_nvic_group(m, (int)basepri);
    }
    if (!ignore_primask && highest > 0 &&
        (board_engine_reg(m->engine, BOARD_REG_PRIMASK) & 1u) != 0) {
        highest = 0;
    }
    if (highest > -1 && (board_engine_reg(m->engine, BOARD_REG_FAULTMASK) & 1u) != 0) {
        highest = -1;
    }
    return highest;
}

bool board_nvic_is_enabled(const struct board_machine *m, unsigned exc)
{
    switch (exc) {
    case BOARD_EXC_MEM_MANAGE:
        return (m->scb.shcsr_enables & 1u << 16) != 0;
    case BOARD_EXC_BUS_FAULT:
        return (m->scb.shcsr_enables & 1u << 17) != 0;
    case BOARD_EXC_USAGE_FAULT:
        return (m->scb.shcsr_enables & 1u << 18) != 0;
    case BOARD_EXC_DEBUG_MONITOR:
        return (m->debug.demcr & 1u << 16) != 0;
    default:
        return exc < BOARD_EXC_IRQ0 || (exc < BOARD_NUM_EXCEPTIONS && m->nvic.enabled[exc]);
    }
}

/** C_MASKINTS hides interrupts from a core that a debugger controls. */
static bool is_hidden(const struct board_machine *m, unsigned exc)
{
    return exc >= BOARD_EXC_PENDSV && board_debug_enabled(m) &&
           (m->debug.dhcsr_control & 1u << 3) != 0;
}

static unsigned highest_pending(const struct board_machine *m)
{
    unsigned best = 0;
    int best_priority = BOARD_PRIORITY_THREAD;

    if (m->nvic.num_pending == 0) {
        return 0;
    }
    for (unsigned exc = BOARD_EXC_NMI; exc < BOARD_NUM_EXCEPTIONS; exc++) {
        if (m->nvic.pending[exc] && board_nvic_is_enabled(m, exc) && !is_hidden(m, exc) &&
            board_nvic_priority(m, exc) < best_priority) {
            best = exc;
            best_priority = board_nvic_priority(m, exc);
        }
    }
    return best;
}

unsigned board_nvic_select(const struct board_machine *m, bool *masked)
{
    unsigned best = highest_pending(m);

    *masked = false;
    if (best == 0) {
        return 0;
    }
    if (board_nvic_group(m, board_nvic_priority(m, best)) <
        board_nvic_execution_priority(m, false)) {
        return best;
    }
    *masked = true;
    return 0;
}

bool board_nvic_wakes(const struct board_machine *m)
{
    unsigned best = highest_pending(m);

    return best != 0 && board_nvic_group(m, board_nvic_priority(m, best)) <
                            board_nvic_execution_priority(m, true);
}

unsigned board_nvic_num_active(const struct board_machine *m)
{
    unsigned count = 0;

    for (unsigned exc = BOARD_EXC_NMI; exc < BOARD_NUM_EXCEPTIONS; exc++) {
        count += m->nvic.active[exc];
    }
    return count;
}

uint32_t board_nvic_icsr(struct board_machine *m)
{
    const bool *pending = m->nvic.pending;
    uint32_t ipsr = board_engine_reg(m->engine, BOARD_REG_XPSR) & 0x1FFu;
    uint32_t value = ipsr | highest_pending(m) << 12;
    unsigned others = board_nvic_num_active(m) - (m->nvic.active[ipsr % BOARD_NUM_EXCEPTIONS]);

    if (others == 0) {
        value |= ICSR_RETTOBASE;
    }
    for (unsigned exc = BOARD_EXC_IRQ0; exc < BOARD_NUM_EXCEPTIONS; exc++) {
        value |= pending[exc] ? ICSR_ISRPENDING : 0;
    }
    value |= pending[BOARD_EXC_SYSTICK] ? 1u << 26 : 0;
    value |= pending[BOARD_EXC_PENDSV] ? 1u << 28 : 0;
    value |= pending[BOARD_EXC_NMI] ? 1u << 31 : 0;
    return value;
}

static uint32_t gather(const bool *flags, unsigned first)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 32 && first + i < BOARD_NUM_EXCEPTIONS; i++) {
        value |= (uint32_t)flags[first + i] << i;
    }
    return value;
}

uint32_t board_nvic_read(struct board_machine *m, uint32_t offset)
{
    unsigned first = BOARD_EXC_IRQ0 + (offset & 0x7Cu) * 8;

    if (offset >= CMD_IPR) {
        unsigned exc = BOARD_EXC_IRQ0 + (offset - CMD_IPR);
        uint32_t value = 0;

        for (unsigned i = 0; i < 4 && exc + i < BOARD_NUM_EXCEPTIONS; i++) {
            value |= (uint32_t)m->nvic.priority[exc + i] << (8 * i);
        }
        return value;
    }
    if (first >= BOARD_NUM_EXCEPTIONS) {
        return 0;
    }
    switch (offset & ~0x7Fu) {
    case CMD_ISER:
    case CMD_ICER:
        return gather(m->nvic.enabled, first);
    case CMD_ISPR:
    case CMD_ICPR:
        return gather(m->nvic.pending, first);
    case CMD_IABR:
        return gather(m->nvic.active, first);
    default:
        return 0;
    }
}

static void write_bits(struct board_machine *m, uint32_t command, unsigned first, uint32_t value)
{
    for (unsigned i = 0; i < 32 && first + i < BOARD_EXC_IRQ0 + BOARD_NUM_IRQS; i++) {
        unsigned exc = first + i;

        if ((value >> i & 1u) == 0) {
            continue;
        }
        switch (command) {
        case CMD_ISER:
            m->nvic.enabled[exc] = true;
            break;
        case CMD_ICER:
            m->nvic.enabled[exc] = false;
            break;
        case CMD_ISPR:
            board_nvic_set_pending(m, exc, true);
            break;
        case CMD_ICPR:
            // A level that is still asserted pends again at once.
            board_nvic_set_pending(m, exc, m->nvic.line[exc] && !m->nvic.active[exc]);
            break;
        default:
            return;
        }
    }
}

void board_nvic_write(struct board_machine *m, const struct board_io *io, uint32_t value)
{
    uint32_t offset = io->offset;

    board_attention(m);
    if (offset >= CMD_IPR) {
        unsigned exc = BOARD_EXC_IRQ0 + (offset - CMD_IPR);

        for (unsigned i = 0; i < io->size_bytes && exc + i < BOARD_EXC_IRQ0 + BOARD_NUM_IRQS; i++) {
            m->nvic.priority[exc + i] = (uint8_t)(value >> (8 * i) & PRIORITY_MASK);
        }
        return;
    }
    write_bits(m, offset & ~0x7Fu, BOARD_EXC_IRQ0 + (offset & 0x7Cu) * 8, value);
}
