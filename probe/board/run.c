// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/machine.h"
#include "probe/board/state.h"
#include "probe/board/thumb.h"

/*
 * The core's life between blocks of translated code: what is due, what is pending, and what a
 * stop of the engine means. Source: Armv7-M ARM B1.5 (exceptions), B1.5.18 (sleep), C1.6.3 (step).
 */

#define XPSR_T 0x01000000u
#define XPSR_IPSR 0x1FFu
#define CCR_BFHFNMIGN (1u << 8)
#define NS_PER_S 1000000000u

static uint64_t next_event(const struct board_machine *m)
{
    uint64_t systick = board_systick_next(m);
    uint64_t others = board_peripherals_next(m);

    return systick < others ? systick : others;
}

void board_run_events(struct board_machine *m)
{
    uint64_t now = board_engine_now(m->engine);

    if (next_event(m) > now) {
        return;
    }
    board_systick_sync(m, now);
    board_peripherals_sync(m, now);
}

void board_run_settle(struct board_machine *m)
{
    board_flash_settle(m);
    if (m->system_stale) {
        board_system_fill(m);
    }
    if (m->reset_requested) {
        board_reset(m, m->reset_kind);
    }
    if (m->dma_due) {
        board_dma_run(m);
    }
    if (m->exits_stale || m->watch_stale) {
        board_breakpoints_apply(m);
    }
}

static bool is_thumb(struct board_machine *m)
{
    return (board_engine_reg(m->engine, BOARD_REG_XPSR) & XPSR_T) != 0;
}

static void raise(struct board_machine *m, enum board_exception exc, uint32_t cfsr)
{
    struct board_fault f = {exc, cfsr, false, 0};

    board_fault_raise(m, &f);
}

/** Regions that are never executed from; Source: Armv7-M ARM B3.1. */
static bool is_execute_never(uint32_t addr)
{
    return (addr >= 0x40000000u && addr < 0x60000000u) || addr >= 0xA0000000u;
}

static void fetch_fault(struct board_machine *m, uint32_t pc)
{
    if (is_execute_never(pc) || !board_mpu_executes(m, pc)) {
        raise(m, BOARD_EXC_MEM_MANAGE, BOARD_CFSR_IACCVIOL);
    } else {
        raise(m, BOARD_EXC_BUS_FAULT, BOARD_CFSR_IBUSERR);
    }
}

/** The memory protection unit has denied an access. */
static void denied(struct board_machine *m, uint32_t addr)
{
    struct board_fault f = {BOARD_EXC_MEM_MANAGE, BOARD_CFSR_DACCVIOL, true, addr};

    board_fault_raise(m, &f);
}

static void data_fault(struct board_machine *m, const struct board_stop *stop)
{
    if (!board_mpu_allows(m, stop->addr, 1, stop->kind == BOARD_STOP_WRITE_FAULT)) {
        denied(m, stop->addr);
        return;
    }
    struct board_fault f = {BOARD_EXC_BUS_FAULT, BOARD_CFSR_PRECISERR, true, stop->addr};

    if ((m->scb.ccr & CCR_BFHFNMIGN) != 0 && board_nvic_execution_priority(m, false) < 0) {
        m->scb.cfsr |= BOARD_CFSR_PRECISERR | BOARD_CFSR_BFARVALID;
        m->scb.bfar = stop->addr;
        board_engine_skip(m->engine);
        return;
    }
    board_fault_raise(m, &f);
}

static void exception_return(struct board_machine *m, uint32_t pc)
{
    if ((board_engine_reg(m->engine, BOARD_REG_XPSR) & XPSR_IPSR) == 0) {
        fetch_fault(m, pc); // in thread mode it is an address like any other
    } else {
        board_exception_return(m, pc | 1u);
    }
}

/** A debug event: halts under a debugger, else the debug monitor takes it. */
static void debug_event(struct board_machine *m, uint32_t why)
{
    if (board_debug_enabled(m)) {
        board_debug_halt(m, why);
    } else {
        m->debug.dfsr |= why;
        board_fault_breakpoint(m);
    }
}

static void fall_asleep(struct board_machine *m, bool for_event)
{
    if (for_event && m->event) {
        m->event = false;
        return;
    }
    m->sleeping = !board_nvic_wakes(m);
    m->sleeping_for_event = for_event;
}

static void handle_stop(struct board_machine *m, const struct board_stop *stop);

/** False when the instruction at pc needs the FPU and saving an earlier context faulted. */
static bool is_fp_prepared(struct board_machine *m, uint32_t pc)
{
    const uint8_t *code = board_bus_memory(m, pc, 4);

    return code == NULL || (board_thumb_flags(code) & BOARD_THUMB_FP) == 0 ||
           board_exception_prepare_fp(m);
}

/** Executes one instruction, for whatever reason. */
static void step(struct board_machine *m)
{
    uint32_t pc = board_engine_reg(m->engine, BOARD_REG_PC);
    struct board_stop stop;
    unsigned mended;

    if (!is_fp_prepared(m, pc)) {
        return;
    }
    mended = board_trap_mends(m, pc);
    board_mpu_look(m);
    m->in_core = true;
    board_engine_step(m->engine, &stop);
    m->in_core = false;
    if (mended != BOARD_REG_PC) {
        board_engine_set_reg(m->engine, mended,
                             board_engine_reg(m->engine, mended) & BOARD_CONTROL_BITS);
    }
    handle_stop(m, &stop);
}

static void exit_reached(struct board_machine *m, uint32_t pc)
{
    uint32_t why = board_breakpoint_at(m, pc);

    if (why != 0) {
        debug_event(m, why);
    } else if (board_trap_at(m, pc) && !board_trap_check(m, pc)) {
        step(m);
    }
}

static void handle_stop(struct board_machine *m, const struct board_stop *stop)
{
    m->event |= (stop->flags & BOARD_THUMB_SEV) != 0;
    switch (stop->kind) {
    case BOARD_STOP_BLOCK:
    case BOARD_STOP_STORED:
        break;
    case BOARD_STOP_NEAR:
        step(m);
        break;
    case BOARD_STOP_FP:
        (void)board_exception_prepare_fp(m);
        break;
    case BOARD_STOP_EXIT:
        exit_reached(m, stop->pc);
        break;
    case BOARD_STOP_TRAP:
        board_traps_scan(m, stop->pc, stop->addr);
        break;
    case BOARD_STOP_WATCH:
        debug_event(m, BOARD_DFSR_DWTTRAP);
        break;
    case BOARD_STOP_UNALIGNED:
        raise(m, BOARD_EXC_USAGE_FAULT, BOARD_CFSR_UNALIGNED);
        break;
    case BOARD_STOP_SVC:
        board_fault_svc(m);
        break;
    case BOARD_STOP_BKPT:
        debug_event(m, BOARD_DFSR_BKPT);
        break;
    case BOARD_STOP_EXC_RETURN:
        exception_return(m, stop->pc);
        break;
    case BOARD_STOP_WFI:
    case BOARD_STOP_WFE:
        fall_asleep(m, stop->kind == BOARD_STOP_WFE);
        break;
    case BOARD_STOP_UNDEFINED:
        raise(m, BOARD_EXC_USAGE_FAULT, is_thumb(m) ? BOARD_CFSR_UNDEFINSTR : BOARD_CFSR_INVSTATE);
        break;
    case BOARD_STOP_NO_COPROC:
        raise(m, BOARD_EXC_USAGE_FAULT, BOARD_CFSR_NOCP);
        break;
    case BOARD_STOP_FETCH:
        fetch_fault(m, stop->pc);
        break;
    case BOARD_STOP_NO_EXECUTE:
        raise(m, BOARD_EXC_MEM_MANAGE, BOARD_CFSR_IACCVIOL);
        break;
    case BOARD_STOP_DENIED:
        denied(m, stop->addr);
        break;
    case BOARD_STOP_READ_FAULT:
    case BOARD_STOP_WRITE_FAULT:
        data_fault(m, stop);
        break;
    }
}

/** Ends sleep when there is a reason to. */
static void try_wake(struct board_machine *m)
{
    if (m->sleeping && (board_nvic_wakes(m) || (m->sleeping_for_event && m->event))) {
        m->sleeping = false;
        m->event = m->sleeping_for_event ? false : m->event;
    }
}

static void sleep_until(struct board_machine *m, uint64_t cycle)
{
    uint64_t now = board_engine_now(m->engine);

    if (cycle > now) {
        m->dwt.sleep_cycles += cycle - now;
        board_engine_add_cycles(m->engine, cycle - now);
    }
}

/** Takes a fault that a register access has left behind, or a pending exception. */
static bool dispatch(struct board_machine *m)
{
    bool masked;
    unsigned exc;

    if (m->io_fault.cfsr != 0) {
        struct board_fault f = m->io_fault;

        m->io_fault.cfsr = 0;
        board_fault_raise(m, &f);
        return true;
    }
    exc = board_nvic_select(m, &masked);
    if (exc != 0) {
        board_exception_take(m, exc);
        return true;
    }
    // What the MPU allows hangs on privilege and masks, too.
    board_engine_watch_masks(m->engine, masked || (m->mpu.ctrl & 1u) != 0);
    return false;
}

static void execute(struct board_machine *m, uint64_t limit, uint64_t event)
{
    struct board_stop stop;

    if (!is_thumb(m)) {
        raise(m, BOARD_EXC_USAGE_FAULT, BOARD_CFSR_INVSTATE);
        return;
    }
    board_mpu_look(m);
    board_engine_watch_fp(m->engine, board_exception_awaits_fp(m));
    m->in_core = true;
    board_engine_run(m->engine, limit, event, &stop);
    m->in_core = false;
    handle_stop(m, &stop);
}

enum board_run_result board_machine_run(struct board_machine *m, uint64_t max_instructions)
{
    // The modelled core issues at most two instructions a cycle and rarely less than one in two.
    uint64_t limit = board_engine_now(m->engine) + max_instructions;
    bool may_skip = m->sleeping;

    for (;;) {
        uint64_t next;

        board_run_settle(m);
        if (m->debug.halted || m->srst) {
            return BOARD_RUN_HALTED;
        }
        if (m->locked_up) {
            return BOARD_RUN_SLEEPING;
        }
        board_run_events(m);
        if (m->reset_requested) {
            continue;
        }
        try_wake(m);
        next = next_event(m);
        if (m->sleeping) {
            if (!may_skip || next == UINT64_MAX) {
                return BOARD_RUN_SLEEPING;
            }
            sleep_until(m, next);
            limit = next + max_instructions;
            may_skip = false;
            continue;
        }
        if (dispatch(m)) {
            continue;
        }
        if (board_engine_now(m->engine) >= limit) {
            return BOARD_RUN_SLICE_DONE;
        }
        execute(m, limit, next);
        m->debug.retired = true;
    }
}

uint64_t board_machine_sleep_ns(const struct board_machine *m)
{
    uint64_t next = next_event(m);
    uint64_t now = board_engine_now(m->engine);
    uint64_t cycles;

    if (!m->sleeping || m->debug.halted || m->srst) {
        return UINT64_MAX;
    }
    if (board_nvic_wakes(m) || (m->sleeping_for_event && m->event)) {
        return 0;
    }
    if (next == UINT64_MAX) {
        return UINT64_MAX;
    }
    cycles = next > now ? next - now : 0;
    return cycles / m->rcc.hclk_hz * NS_PER_S + cycles % m->rcc.hclk_hz * NS_PER_S / m->rcc.hclk_hz;
}

void board_run_step(struct board_machine *m)
{
    m->debug.halted = false;
    board_dwt_update(m, board_engine_now(m->engine));
    board_run_settle(m);
    board_run_events(m);
    m->sleeping = false;
    if (!dispatch(m)) {
        uint32_t pc = board_engine_reg(m->engine, BOARD_REG_PC);
        uint32_t why = board_breakpoint_at(m, pc);

        if (why != 0) {
            m->debug.dfsr |= why;
        } else if (!is_thumb(m)) {
            raise(m, BOARD_EXC_USAGE_FAULT, BOARD_CFSR_INVSTATE);
        } else if (!board_trap_check(m, pc)) {
            step(m);
        }
    }
    m->sleeping = false;
    m->debug.retired = true;
    board_run_settle(m);
    if (m->io_fault.cfsr != 0) {
        dispatch(m);
    }
    if (!m->debug.halted) {
        board_debug_halt(m, BOARD_DFSR_HALTED);
    }
}

void board_run_sample(struct board_machine *m)
{
    // Uneven distances, so that samples do not beat with a loop; the same ones on every run.
    m->sample_seed = m->sample_seed * 1664525u + 1013904223u;
    board_machine_run(m, 100 + (m->sample_seed >> 23));
}
