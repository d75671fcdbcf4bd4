// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_BOARD_MACHINE_RIG_H
#define UTVM_TESTS_BOARD_MACHINE_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/board/machine.h"

/**
 * A machine with machine_code.S in its SRAM, halted under a debugger, VTOR on its vectors. All of
 * it goes through the accesses of a debug port; failures end the test.
 */
struct rig {
    struct board_machine *m;
};

enum rig_reg {
    RIG_SP = 13,
    RIG_LR = 14,
    RIG_PC = 15,
    RIG_XPSR = 16,
    RIG_MSP = 17,
    RIG_PSP = 18,
    RIG_SPECIAL = 20,
    RIG_FPSCR = 33,
    RIG_S0 = 64,
};

#define DHCSR 0xE000EDF0u
#define DCRSR 0xE000EDF4u
#define DCRDR 0xE000EDF8u
#define DEMCR 0xE000EDFCu
#define DFSR 0xE000ED30u
#define CFSR 0xE000ED28u
#define HFSR 0xE000ED2Cu
#define MMFAR 0xE000ED34u
#define BFAR 0xE000ED38u
#define SHCSR 0xE000ED24u
#define ICSR 0xE000ED04u
#define VTOR 0xE000ED08u
#define AIRCR 0xE000ED0Cu
#define SCR 0xE000ED10u
#define CCR 0xE000ED14u
#define CPACR 0xE000ED88u
#define FPCCR 0xE000EF34u
#define DWT 0xE0001000u
#define CYCCNT 0xE0001004u
#define FPB 0xE0002000u
#define SYSTICK 0xE000E010u
#define S_HALT (1u << 17)
#define S_SLEEP (1u << 18)
#define S_LOCKUP (1u << 19)
#define S_RESET_ST (1u << 25)
#define HALT_KEY 0xA05F0003u
#define RUN_KEY 0xA05F0001u
#define STEP_KEY 0xA05F000Du /* with interrupts masked */
#define STEP_UNMASKED_KEY 0xA05F0005u

void rig_init(struct rig *r);
void rig_init_with(struct rig *r, const struct board_machine_config *config);
void rig_deinit(struct rig *r);

uint32_t rig_read(struct rig *r, uint32_t addr);
void rig_write(struct rig *r, uint32_t addr, uint32_t value);
uint32_t rig_reg(struct rig *r, unsigned reg);
void rig_set_reg(struct rig *r, unsigned reg, uint32_t value);

/** Whether an interrupt is pending in the NVIC. */
bool rig_is_pending(struct rig *r, unsigned irq);
/** What software reads at an address; a debugger's reads have no effects. */
uint32_t rig_peek(struct rig *r, uint32_t addr);

/** Address of a symbol of machine_code.S. */
uint32_t rig_symbol(const char *name);

/** PC to the symbol, Thumb state, thread mode, no masks. */
void rig_goto(struct rig *r, const char *name);
void rig_resume(struct rig *r);
void rig_halt(struct rig *r);
void rig_step(struct rig *r);
bool rig_is_halted(struct rig *r);
/** Resumes and runs until the core halts; fails the test when it does not within a while. */
void rig_run_to_halt(struct rig *r);
/** rig_goto() and rig_run_to_halt(). */
void rig_call(struct rig *r, const char *name);
/** Runs for about so many instructions. */
void rig_run(struct rig *r, uint64_t instructions);

/** What the handlers have logged: number of entries, entry i. */
uint32_t rig_log_count(struct rig *r);
uint32_t rig_log(struct rig *r, uint32_t i);

/** Points the vector of an exception to a symbol. */
void rig_set_vector(struct rig *r, unsigned exc, const char *name);

/** Programs and reads as a debugger would. */
void rig_unlock_flash(struct rig *r);

#endif
