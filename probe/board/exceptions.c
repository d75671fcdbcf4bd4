// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/state.h"

// Source: Armv7-M ARM B1.5.6 (entry), B1.5.7 (stack alignment), B1.5.8 (return), B1.5.12
// (tail-chaining, late arrival), B1.5.7 and B3.2.21 (floating-point context).

// From memory without wait states; what an entry costs on silicon depends on where stack and
// vectors lie. A tail-chain saves unstacking and stacking.
#define CYCLES_ENTRY 12u
#define CYCLES_FP_CONTEXT 17u
#define CYCLES_TAIL_CHAIN 6u
#define CYCLES_RETURN 10u

#define XPSR_IPSR 0x1FFu
#define XPSR_ALIGNED (1u << 9)
#define XPSR_T (1u << 24)
#define XPSR_IT 0x0600FC00u
#define CONTROL_NPRIV 1u
#define CONTROL_SPSEL 2u
#define CONTROL_FPCA 4u
#define FPCCR_ASPEN (1u << 31)
#define FPCCR_LSPEN (1u << 30)
#define FPCCR_USER 2u
#define FPDSCR_BITS 0x07C00000u
#define CPACR_FULL_FP 0x00F00000u
#define FPCCR_STATE 0x17Fu // what entry rewrites
#define BASIC_FRAME 0x20u
#define FP_FRAME 0x68u
#define SCR_SLEEPONEXIT 2u
#define CCR_NONBASETHRDENA 1u

static uint32_t reg(struct board_machine *m, unsigned n)
{
    return board_engine_reg(m->engine, n);
}

static void set_reg(struct board_machine *m, unsigned n, uint32_t value)
{
    board_engine_set_reg(m->engine, n, value);
}

static void spend(struct board_machine *m, uint32_t cycles)
{
    m->dwt.exception_cycles += cycles;
    board_engine_add_cycles(m->engine, cycles);
}

/** The state that the saved context belongs to: FPCCR's bits for a lazy save. */
static uint32_t lazy_state(struct board_machine *m)
{
    static const struct {
        uint8_t exc;
        uint8_t bit;
    } ready[] = {{BOARD_EXC_HARD_FAULT, 4},
                 {BOARD_EXC_MEM_MANAGE, 5},
                 {BOARD_EXC_BUS_FAULT, 6},
                 {BOARD_EXC_DEBUG_MONITOR, 8}};
    int priority = board_nvic_execution_priority(m, false);
    uint32_t state = BOARD_FPCCR_LSPACT;

    for (size_t i = 0; i < sizeof ready / sizeof ready[0]; i++) {
        bool may_run = board_nvic_is_enabled(m, ready[i].exc) &&
                       board_nvic_group(m, board_nvic_priority(m, ready[i].exc)) < priority;

        state |= (uint32_t)may_run << ready[i].bit;
    }
    if ((reg(m, BOARD_REG_XPSR) & XPSR_IPSR) == 0) {
        state |= 1u << 3; // THREAD
        state |= (reg(m, BOARD_REG_CONTROL) & CONTROL_NPRIV) << 1;
    }
    return state;
}

/** What went wrong while a frame was moved. */
struct trouble {
    bool privileged; // who moves it
    bool denied, no_memory;
};

static void put(struct board_machine *m, uint32_t addr, uint32_t value, struct trouble *t)
{
    if (!board_mpu_check(m, addr, 4, true, t->privileged)) {
        t->denied = true;
    } else if (!board_bus_write_word(m, addr, value)) {
        t->no_memory = true;
    }
}

static uint32_t get(struct board_machine *m, uint32_t addr, struct trouble *t)
{
    uint32_t value = 0;

    if (!board_mpu_check(m, addr, 4, false, t->privileged)) {
        t->denied = true;
    } else if (!board_bus_read_word(m, addr, &value)) {
        t->no_memory = true;
    }
    return value;
}

static void put_fp(struct board_machine *m, uint32_t at, struct trouble *t)
{
    for (unsigned i = 0; i < 16; i++) {
        put(m, at + 4 * i, reg(m, BOARD_REG_S0 + i), t);
    }
    put(m, at + 0x40, reg(m, BOARD_REG_FPSCR), t);
}

/** The floating-point half of the frame: stored, or left room for. */
static void push_fp(struct board_machine *m, uint32_t frame, struct trouble *t)
{
    m->scb.fpcar = frame + BASIC_FRAME;
    if ((m->scb.fpccr & FPCCR_LSPEN) != 0) {
        m->scb.fpccr = (m->scb.fpccr & ~FPCCR_STATE) | lazy_state(m);
        return;
    }
    spend(m, CYCLES_FP_CONTEXT);
    put_fp(m, m->scb.fpcar, t);
}

/** Source: Armv7-M ARM, ExecuteFPCheck(): FPSCR<26:22> of a new context come from FPDSCR. */
static bool begins_context(struct board_machine *m)
{
    // With zeros in FPDSCR the engine does all of it by itself.
    return m->scb.fpdscr != 0 && (m->scb.fpccr & FPCCR_ASPEN) != 0 &&
           (m->scb.cpacr & CPACR_FULL_FP) != 0 && (reg(m, BOARD_REG_CONTROL) & CONTROL_FPCA) == 0;
}

bool board_exception_awaits_fp(struct board_machine *m)
{
    return (m->scb.fpccr & BOARD_FPCCR_LSPACT) != 0 || begins_context(m);
}

/** Saves the context that entry left room for; false when that faulted. */
static bool save_fp(struct board_machine *m)
{
    struct board_fault f = {BOARD_EXC_BUS_FAULT, BOARD_CFSR_LSPERR, false, 0};
    struct trouble t = {.privileged = (m->scb.fpccr & FPCCR_USER) == 0};

    m->scb.fpccr &= ~BOARD_FPCCR_LSPACT;
    put_fp(m, m->scb.fpcar, &t);
    if (t.denied) {
        f.exc = BOARD_EXC_MEM_MANAGE;
        f.cfsr = BOARD_CFSR_MLSPERR;
    } else if (!t.no_memory) {
        return true;
    }
    board_fault_raise(m, &f);
    return false;
}

bool board_exception_prepare_fp(struct board_machine *m)
{
    if ((m->scb.fpccr & BOARD_FPCCR_LSPACT) != 0 && !save_fp(m)) {
        return false;
    }
    if (begins_context(m)) {
        set_reg(m, BOARD_REG_CONTROL, reg(m, BOARD_REG_CONTROL) | CONTROL_FPCA);
        set_reg(m, BOARD_REG_FPSCR,
                (reg(m, BOARD_REG_FPSCR) & ~FPDSCR_BITS) | (m->scb.fpdscr & FPDSCR_BITS));
    }
    return true;
}

/** Pushes the frame on the stack in use. */
static void push_frame(struct board_machine *m, bool with_fp, struct trouble *t)
{
    static const uint8_t order[6] = {0, 1, 2, 3, 12, 14};
    uint32_t sp = reg(m, BOARD_REG_SP);
    uint32_t frame = (sp - (with_fp ? FP_FRAME : BASIC_FRAME)) & ~7u;
    uint32_t xpsr = reg(m, BOARD_REG_XPSR) & ~XPSR_ALIGNED;

    xpsr |= (sp & 4u) != 0 ? XPSR_ALIGNED : 0;
    set_reg(m, BOARD_REG_SP, frame);
    for (unsigned i = 0; i < 6; i++) {
        put(m, frame + 4 * i, reg(m, order[i]), t);
    }
    put(m, frame + 0x18, reg(m, BOARD_REG_PC), t);
    put(m, frame + 0x1C, xpsr, t);
    if (with_fp) {
        push_fp(m, frame, t);
    }
}

/** Starts the handler: the frame is on the stack, exc_return says how to get back. */
static void activate(struct board_machine *m, unsigned exc, uint32_t exc_return)
{
    uint32_t vector;
    uint32_t xpsr;

    board_nvic_set_pending(m, exc, false);
    m->event = true;
    if (!board_bus_read_word(m, m->scb.vtor + 4 * exc, &vector)) {
        m->scb.hfsr |= BOARD_HFSR_VECTTBL;
        if (exc == BOARD_EXC_HARD_FAULT || exc == BOARD_EXC_NMI ||
            !board_bus_read_word(m, m->scb.vtor + 4 * BOARD_EXC_HARD_FAULT, &vector)) {
            m->nvic.active[exc] = true;
            board_lock_up(m);
            return;
        }
        exc = BOARD_EXC_HARD_FAULT;
    }
    m->nvic.active[exc] = true;
    xpsr = reg(m, BOARD_REG_XPSR) & ~(XPSR_IPSR | XPSR_IT | XPSR_T);
    xpsr |= exc | ((vector & 1u) != 0 ? XPSR_T : 0);
    set_reg(m, BOARD_REG_XPSR, xpsr);
    set_reg(m, BOARD_REG_CONTROL, reg(m, BOARD_REG_CONTROL) & CONTROL_NPRIV);
    set_reg(m, BOARD_REG_LR, exc_return);
    set_reg(m, BOARD_REG_PC, vector & ~1u);
    board_attention(m);
    if (board_debug_catches(m, exc)) {
        board_debug_halt(m, BOARD_DFSR_VCATCH);
    }
}

/** A fault on the way into or out of an exception competes with what was to be entered. */
static unsigned derive_fault(struct board_machine *m, const struct trouble *t, unsigned original)
{
    struct board_fault f = {BOARD_EXC_BUS_FAULT, BOARD_CFSR_STKERR, false, 0};

    if (t->denied) {
        f.exc = BOARD_EXC_MEM_MANAGE;
        f.cfsr = BOARD_CFSR_MSTKERR;
    }
    unsigned derived = board_fault_record(m, &f, board_nvic_execution_priority(m, false));
    int own;

    if (derived == 0 || original == BOARD_EXC_HARD_FAULT) {
        return original;
    }
    own = board_nvic_group(m, board_nvic_priority(m, derived));
    if (original == 0 || own < board_nvic_group(m, board_nvic_priority(m, original))) {
        return derived;
    }
    board_nvic_set_pending(m, derived, true);
    return original;
}

void board_exception_take(struct board_machine *m, unsigned exc)
{
    uint32_t control = reg(m, BOARD_REG_CONTROL);
    bool in_handler = (reg(m, BOARD_REG_XPSR) & XPSR_IPSR) != 0;
    bool with_fp = (control & CONTROL_FPCA) != 0 && (m->scb.fpccr & FPCCR_ASPEN) != 0;
    uint32_t exc_return = 0xFFFFFFE1u | (with_fp ? 0 : 0x10u);
    bool masked;
    unsigned winner;

    if (!in_handler) {
        exc_return |= (control & CONTROL_SPSEL) != 0 ? 0xCu : 0x8u;
    }
    struct trouble t = {.privileged = in_handler || (control & CONTROL_NPRIV) == 0};

    m->sleeping = false;
    board_nvic_set_pending(m, exc, true);
    push_frame(m, with_fp, &t);
    if (t.denied || t.no_memory) {
        unsigned derived = derive_fault(m, &t, exc);

        if (derived != exc) {
            board_nvic_set_pending(m, derived, true);
            exc = derived;
        }
    }
    spend(m, CYCLES_ENTRY);
    // Whatever arrived while the frame was being pushed may be served first with the same frame.
    board_run_events(m);
    winner = board_nvic_select(m, &masked);
    if (winner != 0 && board_nvic_group(m, board_nvic_priority(m, winner)) <
                           board_nvic_group(m, board_nvic_priority(m, exc))) {
        exc = winner;
    }
    activate(m, exc, exc_return);
}

static void deactivate(struct board_machine *m, unsigned exc)
{
    m->nvic.active[exc] = false;
    if (exc != BOARD_EXC_NMI) {
        set_reg(m, BOARD_REG_FAULTMASK, 0);
    }
    if (m->nvic.line[exc]) {
        board_nvic_set_pending(m, exc, true);
    }
}

/** A return that cannot be: the fault's handler runs on the frame that was to be left. */
static void refuse_return(struct board_machine *m, uint32_t exc_return, enum board_exception exc,
                          uint32_t cfsr)
{
    struct board_fault f = {exc, cfsr, false, 0};
    unsigned next = board_fault_record(m, &f, board_nvic_execution_priority(m, false));

    if (next == 0) {
        board_lock_up(m);
        return;
    }
    spend(m, CYCLES_TAIL_CHAIN);
    activate(m, next, exc_return);
}

static bool is_valid_return(const struct board_machine *m, uint32_t exc_return, unsigned exc)
{
    unsigned others = board_nvic_num_active(m) - 1;

    if ((exc_return & 0xFFFFFFE0u) != 0xFFFFFFE0u || !m->nvic.active[exc]) {
        return false;
    }
    switch (exc_return & 15u) {
    case 1:
        return others != 0;
    case 9:
    case 13:
        return others == 0 || (m->scb.ccr & CCR_NONBASETHRDENA) != 0;
    default:
        return false;
    }
}

struct frame {
    uint32_t words[8];
    bool has_fp; // a context that was never saved is still in the registers
    uint32_t s[16];
    uint32_t fpscr;
};

static void read_frame(struct board_machine *m, uint32_t at, bool with_fp, struct frame *f,
                       struct trouble *t)
{
    f->has_fp = with_fp;
    for (unsigned i = 0; i < 8; i++) {
        f->words[i] = get(m, at + 4 * i, t);
    }
    for (unsigned i = 0; with_fp && i < 16; i++) {
        f->s[i] = get(m, at + BASIC_FRAME + 4 * i, t);
    }
    f->fpscr = with_fp ? get(m, at + 0x60, t) : 0;
}

static void restore_frame(struct board_machine *m, const struct frame *f, uint32_t exc_return,
                          uint32_t at)
{
    static const uint8_t order[6] = {0, 1, 2, 3, 12, 14};
    bool with_fp = (exc_return & 0x10u) == 0;
    bool to_psp = (exc_return & 4u) != 0;
    uint32_t xpsr = f->words[7];
    uint32_t sp = at + (with_fp ? FP_FRAME : BASIC_FRAME);
    uint32_t control = reg(m, BOARD_REG_CONTROL) & CONTROL_NPRIV;

    sp |= (xpsr & XPSR_ALIGNED) != 0 ? 4u : 0;
    for (unsigned i = 0; i < 6; i++) {
        set_reg(m, order[i], f->words[i]);
    }
    if (with_fp) {
        for (unsigned i = 0; f->has_fp && i < 16; i++) {
            set_reg(m, BOARD_REG_S0 + i, f->s[i]);
        }
        if (f->has_fp) {
            set_reg(m, BOARD_REG_FPSCR, f->fpscr);
        }
        m->scb.fpccr &= ~BOARD_FPCCR_LSPACT;
        control |= CONTROL_FPCA;
    }
    control |= to_psp ? CONTROL_SPSEL : 0;
    // Still in handler mode, where both stack pointers and CONTROL can be written.
    set_reg(m, to_psp ? BOARD_REG_PSP : BOARD_REG_MSP, sp);
    set_reg(m, BOARD_REG_CONTROL, control);
    set_reg(m, BOARD_REG_XPSR, xpsr & ~XPSR_ALIGNED);
    set_reg(m, BOARD_REG_PC, f->words[6]);
}

void board_exception_return(struct board_machine *m, uint32_t exc_return)
{
    unsigned exc = (reg(m, BOARD_REG_XPSR) & XPSR_IPSR) % BOARD_NUM_EXCEPTIONS;
    bool with_fp = (exc_return & 0x10u) == 0;
    bool to_thread = (exc_return & 8u) != 0;
    struct frame f;
    struct trouble t = {.privileged =
                            !to_thread || (reg(m, BOARD_REG_CONTROL) & CONTROL_NPRIV) == 0};
    uint32_t at;
    bool masked;
    unsigned next;
    bool valid = is_valid_return(m, exc_return, exc);

    deactivate(m, exc);
    if (!valid) {
        refuse_return(m, exc_return, BOARD_EXC_USAGE_FAULT, BOARD_CFSR_INVPC);
        return;
    }
    board_run_events(m);
    next = board_nvic_select(m, &masked);
    if (next != 0) {
        spend(m, CYCLES_TAIL_CHAIN);
        activate(m, next, exc_return);
        return;
    }
    at = reg(m, (exc_return & 4u) != 0 ? BOARD_REG_PSP : BOARD_REG_MSP);
    read_frame(m, at, with_fp && (m->scb.fpccr & BOARD_FPCCR_LSPACT) == 0, &f, &t);
    if (t.denied) {
        refuse_return(m, exc_return, BOARD_EXC_MEM_MANAGE, BOARD_CFSR_MUNSTKERR);
        return;
    }
    if (t.no_memory) {
        refuse_return(m, exc_return, BOARD_EXC_BUS_FAULT, BOARD_CFSR_UNSTKERR);
        return;
    }
    if (((f.words[7] & XPSR_IPSR) == 0) != to_thread) {
        refuse_return(m, exc_return, BOARD_EXC_USAGE_FAULT, BOARD_CFSR_INVPC);
        return;
    }
    restore_frame(m, &f, exc_return, at);
    spend(m, CYCLES_RETURN);
    m->event = true;
    m->sleeping = to_thread && (m->scb.scr & SCR_SLEEPONEXIT) != 0;
    board_attention(m);
}
