// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_STATE_H
#define UTVM_BOARD_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/board/engine.h"
#include "probe/board/machine.h"
#include "probe/board/peripherals.h"
#include "probe/board/timing.h"

/**
 * The machine's parts, for the files of the machine only. Each part has a struct, a reset function
 * and register accessors; they meet in struct board_machine.
 *
 * Time is counted in cycles of HCLK. Register accessors may run in the middle of a block: they
 * change state, call board_attention() when the core has to notice, and never touch the engine's
 * registers. Everything else happens between blocks, in run.c.
 */

// Memory. Source: RM0385 2.2 and 3.
#define BOARD_ITCM_BASE 0x00000000u
#define BOARD_ITCM_SIZE 0x4000u
#define BOARD_FLASH_ITCM_BASE 0x00200000u
#define BOARD_FLASH_BASE 0x08000000u
#define BOARD_FLASH_SIZE 0x100000u
#define BOARD_SYSTEM_BASE 0x1FF00000u // system memory, OTP, unique identifier
#define BOARD_SYSTEM_SIZE 0x10000u
#define BOARD_SRAM_BASE 0x20000000u // DTCM 64 KB, SRAM1 240 KB, SRAM2 16 KB
#define BOARD_SRAM_SIZE 0x50000u

#define BOARD_NUM_IRQS 98u
#define BOARD_NUM_EXCEPTIONS (16u + 112u) // IRQs rounded up to whole words
#define BOARD_NUM_FPB 8u
#define BOARD_NUM_DWT 4u
#define BOARD_MAX_TRAPS 256u

enum board_exception {
    BOARD_EXC_RESET = 1,
    BOARD_EXC_NMI = 2,
    BOARD_EXC_HARD_FAULT = 3,
    BOARD_EXC_MEM_MANAGE = 4,
    BOARD_EXC_BUS_FAULT = 5,
    BOARD_EXC_USAGE_FAULT = 6,
    BOARD_EXC_SVCALL = 11,
    BOARD_EXC_DEBUG_MONITOR = 12,
    BOARD_EXC_PENDSV = 14,
    BOARD_EXC_SYSTICK = 15,
    BOARD_EXC_IRQ0 = 16,
};

/** Exceptions: what is pending, active, enabled, and with which priority. */
struct board_nvic {
    bool enabled[BOARD_NUM_EXCEPTIONS]; // the IRQs; system exceptions by SHCSR
    bool pending[BOARD_NUM_EXCEPTIONS];
    bool active[BOARD_NUM_EXCEPTIONS];
    bool line[BOARD_NUM_EXCEPTIONS]; // level of the IRQ's input
    uint8_t priority[BOARD_NUM_EXCEPTIONS];
    unsigned num_pending;
};

/** System control block. */
struct board_scb {
    uint32_t vtor, aircr_prigroup, scr, ccr, shcsr_enables;
    uint32_t cfsr, hfsr, mmfar, bfar;
    uint32_t cpacr, fpccr, fpcar, fpdscr, csselr, actlr;
    uint32_t itcmcr, dtcmcr, ahbpcr, cacr;
};

#define BOARD_NUM_MPU_REGIONS 8u

struct board_mpu_region {
    uint32_t rbar, rasr;
};

struct board_mpu {
    uint32_t ctrl, rnr;
    struct board_mpu_region region[BOARD_NUM_MPU_REGIONS];
    bool guards; // the engine shows every access
    bool active; // in this slice it applies, and to code of this privilege
    bool privileged;
};

struct board_systick {
    uint32_t ctrl, load, value;
    uint64_t synced_at; // cycle at which value was right
};

struct board_debug {
    uint32_t dhcsr_control; // C_DEBUGEN, C_HALT, C_STEP, C_MASKINTS, C_SNAPSTALL
    uint32_t demcr, dfsr, dcrdr;
    bool halted, reset_seen, retired;
};

struct board_fpb {
    bool enabled;
    uint32_t comparator[BOARD_NUM_FPB];
};

/** One of the DWT's 8-bit event counters, as a difference of a model counter. */
struct board_event_counter {
    uint64_t base;
    uint8_t held; // value while not counting
};

enum board_event {
    BOARD_EVENT_CPI,
    BOARD_EVENT_EXC,
    BOARD_EVENT_SLEEP,
    BOARD_EVENT_LSU,
    BOARD_EVENT_FOLD,
    BOARD_NUM_EVENTS,
};

struct board_dwt {
    uint32_t ctrl;
    uint32_t cycles_held; // CYCCNT while not counting
    uint64_t cycles_base; // machine cycle at which CYCCNT was 0, while counting
    bool counting;
    bool unlocked;
    uint32_t comp[BOARD_NUM_DWT], mask[BOARD_NUM_DWT], function[BOARD_NUM_DWT];
    struct board_event_counter events[BOARD_NUM_EVENTS];
    uint64_t exception_cycles, sleep_cycles;
};

/** The instrumentation trace: what programs print on. */
struct board_itm {
    uint32_t ter, tpr, tcr;
    bool unlocked;
    uint32_t spin_reads; // of a port that is not ready
};

struct board_vendor {
    struct board_timing_counters snapshot;
    uint32_t num_snapshots;
    uint32_t latched_high;
};

#define BOARD_MICROSTATE_SLOTS 256u

/** Micro-architectural states kept for a debugger; about 60 KB each, made when first needed. */
struct board_microstate {
    void *slots[BOARD_MICROSTATE_SLOTS]; // NULL = never used; board_timing_state_bytes() each
    bool filled[BOARD_MICROSTATE_SLOTS];
    uint32_t done; // number of the slot last saved or restored + 1; 0 = that was refused
};

struct board_flash_fix {
    uint32_t offset;
    uint8_t value;
};

/** The flash interface; Source: RM0385 3. */
struct board_flash {
    uint8_t *bytes;
    uint32_t acr, sr, cr, optcr, optcr1;
    uint32_t optcr_stored, optcr1_stored;
    unsigned key_step, optkey_step;
    bool locked_for_good; // a wrong key: until the next reset
    bool optlocked_for_good;
    uint32_t fail_addr; // a word that will not program, 0 = none
    // The engine stores a word after we have judged it; what should be there is written back later.
    struct board_flash_fix *fixes;
    size_t num_fixes, max_fixes;
    uint32_t changed_first, changed_end; // offsets; translations of it are stale; end 0 = none
};

struct board_rcc {
    uint32_t regs[0x98 / 4];
    uint32_t pwr_cr1, pwr_csr1, pwr_cr2, pwr_csr2;
    uint64_t hclk_hz;
};

struct board_dbgmcu {
    uint32_t cr, apb1_fz, apb2_fz;
};

/** A fault and the bits of CFSR that say which; Source: Armv7-M ARM B3.2.15. */
struct board_fault {
    enum board_exception exc;
    uint32_t cfsr;
    bool has_addr;
    uint32_t addr;
};

#define BOARD_LOG_SLOTS 128u

enum board_reset_kind {
    BOARD_RESET_POWER,
    BOARD_RESET_PIN,
    BOARD_RESET_SYSTEM,
    BOARD_RESET_WATCHDOG,
    BOARD_RESET_WINDOW_WATCHDOG,
};

struct board_machine {
    struct board_engine *engine;
    struct board_timing *timing;
    uint8_t *itcm;
    uint8_t *sram;
    uint8_t *system;
    struct board_nvic nvic;
    struct board_scb scb;
    struct board_systick systick;
    struct board_mpu mpu;
    struct board_debug debug;
    struct board_fpb fpb;
    struct board_dwt dwt;
    struct board_itm itm;
    struct board_vendor vendor;
    struct board_microstate microstate;
    struct board_flash flash;
    struct board_rcc rcc;
    struct board_usart usart[BOARD_NUM_USARTS];
    struct board_timer timer[BOARD_NUM_TIMERS];
    uint32_t timers_on; // bit per timer: it counts
    struct board_gpio_port port[BOARD_NUM_PORTS];
    struct board_exti exti;
    struct board_dma_stream dma[BOARD_NUM_DMA_STREAMS];
    bool dma_due; // a stream may be able to move something
    struct board_adc adc[BOARD_NUM_ADCS];
    uint32_t adc_ccr;
    struct board_spi spi[BOARD_NUM_SPIS];
    struct board_i2c i2c[BOARD_NUM_I2CS];
    struct board_otg otg[BOARD_NUM_OTGS];
    struct board_can can[BOARD_NUM_CANS];
    struct board_dac dac;
    struct board_sdmmc sdmmc;
    struct board_quadspi quadspi;
    struct board_lptim lptim;
    uint64_t peripherals_due; // cycle; board_peripherals_next()
    struct board_rng rng;
    struct board_crc crc;
    struct board_watchdog iwdg;
    struct board_window_watchdog wwdg;
    struct board_rtc rtc;
    uint32_t backup_sram[BOARD_BACKUP_SRAM_SIZE / 4];
    struct board_dbgmcu dbgmcu;
    uint32_t syscfg[16];
    // The core's state beyond registers.
    bool locked_up;
    bool sleeping;
    bool sleeping_for_event; // by WFE
    bool event;              // the register that WFE consumes
    bool srst;
    bool reset_requested; // by AIRCR or a watchdog
    enum board_reset_kind reset_kind;
    bool exits_stale;
    bool watch_stale;
    bool system_stale; // system memory was written to
    bool in_core;      // inside a slice: an access by the core, not by the debugger
    struct board_fault
        io_fault; // raised by a register access, taken at the block's end; cfsr 0 = none
    unsigned traps_armed;
    uint32_t traps[BOARD_MAX_TRAPS]; // addresses of instructions that may trap (exits of our own)
    size_t num_traps;
    uint32_t sample_seed;             // of the distance between samples of the PC
    uint32_t logged[BOARD_LOG_SLOTS]; // what has been said of a peripheral once
    size_t num_logged;
    uint32_t spin_addr; // the unknown register that was read last, and how often
    uint32_t spin_reads;
};

// machine.c
/** The core must look around before the next block: pending exceptions, exits, a reset. */
void board_attention(struct board_machine *m);
/** Current cycle; exact for the core's access to addr when one is being served. */
uint64_t board_now(struct board_machine *m, uint32_t addr, bool is_write);
/** Address of the instruction whose access is being served; 0 when the core does not access. */
uint32_t board_access_pc(struct board_machine *m, uint32_t addr, bool is_write);
/** The core asks for a reset, which comes before its next block. */
void board_request_reset(struct board_machine *m, enum board_reset_kind kind);
void board_reset(struct board_machine *m, enum board_reset_kind kind);

/** Fills system memory with what the factory left there. */
void board_system_fill(struct board_machine *m);

// bus.c: every address, for the core's I/O and for the debugger
bool board_bus_map(struct board_machine *m);
bool board_bus_is_flash(uint32_t addr, uint32_t size_bytes);
uint32_t board_bus_io_read(void *machine, uint32_t addr, unsigned size_bytes);
void board_bus_io_write(void *machine, uint32_t addr, unsigned size_bytes, uint32_t value);
const uint8_t *board_bus_memory(void *machine, uint32_t addr, uint32_t size_bytes);
uint8_t *board_bus_ram(struct board_machine *m, uint32_t addr, uint32_t size_bytes);
/** A word access by exception entry and return: memory only; false = bus fault. */
bool board_bus_read_word(struct board_machine *m, uint32_t addr, uint32_t *value);
bool board_bus_write_word(struct board_machine *m, uint32_t addr, uint32_t value);
/** Something answers there, if only by reading zero. */
bool board_bus_is_io(uint32_t addr);
/** A store to system memory that is not flash: it faults. */
void board_system_rom_write(struct board_machine *m, uint32_t addr, unsigned size_bytes);

// scs.c: 0xE000E000
uint32_t board_scs_read(struct board_machine *m, const struct board_io *io);
void board_scs_write(struct board_machine *m, const struct board_io *io, uint32_t value);
void board_scb_reset(struct board_machine *m);
// scs_id.c: constant registers of the private peripheral bus
bool board_id_register(uint32_t addr, uint32_t csselr, uint32_t *value);

// mpu.c
void board_mpu_reset(struct board_machine *m);
uint32_t board_mpu_read(const struct board_machine *m, uint32_t offset);
void board_mpu_write(struct board_machine *m, uint32_t offset, uint32_t value);
/** True when code of a privilege may access [addr, addr + size_bytes) now; between blocks. */
bool board_mpu_check(struct board_machine *m, uint32_t addr, uint32_t size_bytes, bool is_write,
                     bool privileged);
/** Before a slice: what applies to the code that is about to run, and what must be shown. */
void board_mpu_look(struct board_machine *m);
/** For the engine: an access, and the fetch of an instruction, by the code of this slice. */
bool board_mpu_allows(void *machine, uint32_t addr, unsigned size_bytes, bool is_write);
bool board_mpu_executes(void *machine, uint32_t addr);

// nvic.c
#define BOARD_PRIORITY_THREAD 256
void board_nvic_reset(struct board_machine *m);
void board_nvic_set_pending(struct board_machine *m, unsigned exc, bool pending);
/** Level of a peripheral's interrupt line. */
void board_nvic_set_line(struct board_machine *m, unsigned irq, bool level);
/** Configured priority of an exception, -3 to 255. */
int board_nvic_priority(const struct board_machine *m, unsigned exc);
/** Group priority of a priority value. */
int board_nvic_group(const struct board_machine *m, int priority);
/** Priority the core executes at, boosted by masks; BOARD_PRIORITY_THREAD when nothing is active.
 */
int board_nvic_execution_priority(const struct board_machine *m, bool ignore_primask);
/** The pending exception that would be taken now, or 0; *masked = others wait behind a mask. */
unsigned board_nvic_select(const struct board_machine *m, bool *masked);
/** True when a pending exception ends WFI. */
bool board_nvic_wakes(const struct board_machine *m);
unsigned board_nvic_num_active(const struct board_machine *m);
/** A system exception by SHCSR, or an enabled IRQ. */
bool board_nvic_is_enabled(const struct board_machine *m, unsigned exc);
uint32_t board_nvic_read(struct board_machine *m, uint32_t offset);
void board_nvic_write(struct board_machine *m, const struct board_io *io, uint32_t value);
uint32_t board_nvic_icsr(struct board_machine *m);

// exceptions.c: entry and return; between blocks only
void board_exception_take(struct board_machine *m, unsigned exc);
void board_exception_return(struct board_machine *m, uint32_t exc_return);
#define BOARD_FPCCR_LSPACT 1u
/** The next floating-point instruction has to be prepared for. */
bool board_exception_awaits_fp(struct board_machine *m);
/** Saves a context that entry left room for, begins a new one; false when that faulted. */
bool board_exception_prepare_fp(struct board_machine *m);

// faults.c
#define BOARD_CFSR_IACCVIOL (1u << 0)
#define BOARD_CFSR_DACCVIOL (1u << 1)
#define BOARD_CFSR_MUNSTKERR (1u << 3)
#define BOARD_CFSR_MSTKERR (1u << 4)
#define BOARD_CFSR_MLSPERR (1u << 5)
#define BOARD_CFSR_MMARVALID (1u << 7)
#define BOARD_CFSR_IBUSERR (1u << 8)
#define BOARD_CFSR_PRECISERR (1u << 9)
#define BOARD_CFSR_IMPRECISERR (1u << 10)
#define BOARD_CFSR_UNSTKERR (1u << 11)
#define BOARD_CFSR_STKERR (1u << 12)
#define BOARD_CFSR_LSPERR (1u << 13)
#define BOARD_CFSR_BFARVALID (1u << 15)
#define BOARD_CFSR_UNDEFINSTR (1u << 16)
#define BOARD_CFSR_INVSTATE (1u << 17)
#define BOARD_CFSR_INVPC (1u << 18)
#define BOARD_CFSR_NOCP (1u << 19)
#define BOARD_CFSR_UNALIGNED (1u << 24)
#define BOARD_CFSR_DIVBYZERO (1u << 25)
#define BOARD_HFSR_VECTTBL (1u << 1)
#define BOARD_HFSR_FORCED (1u << 30)
#define BOARD_HFSR_DEBUGEVT (1u << 31)
/** Records the fault and takes the exception it leads to, or locks up. */
void board_fault_raise(struct board_machine *m, const struct board_fault *f);
/** Records it and says which exception it leads to; 0 = lock-up. */
unsigned board_fault_record(struct board_machine *m, const struct board_fault *f, int priority);
void board_lock_up(struct board_machine *m);
/** SVC, and BKPT without a debugger. */
void board_fault_svc(struct board_machine *m);
void board_fault_breakpoint(struct board_machine *m);

// traps.c: instructions that trap on silicon and not in the engine
/** Kinds of instructions (board_thumb_flag) that may trap now. */
unsigned board_traps_armed(const struct board_machine *m);
/** Makes exits of the trapping instructions in [addr, addr + size_bytes). */
bool board_traps_alignment(const struct board_machine *m);
void board_traps_scan(struct board_machine *m, uint32_t addr, uint32_t size_bytes);
bool board_trap_at(const struct board_machine *m, uint32_t pc);
/** The instruction at pc, about to execute, traps: the fault was raised. */
bool board_trap_check(struct board_machine *m, uint32_t pc);
/** The register that the instruction at pc reads CONTROL to, or BOARD_REG_PC. */
unsigned board_trap_mends(struct board_machine *m, uint32_t pc);

// systick.c
void board_systick_sync(struct board_machine *m, uint64_t now);
uint64_t board_systick_next(const struct board_machine *m);
uint32_t board_systick_read(struct board_machine *m, const struct board_io *io);
void board_systick_write(struct board_machine *m, const struct board_io *io, uint32_t value);

// debug.c
void board_debug_power_on(struct board_machine *m);
uint32_t board_debug_read(struct board_machine *m, const struct board_io *io);
void board_debug_write(struct board_machine *m, const struct board_io *io, uint32_t value);
bool board_debug_enabled(const struct board_machine *m);
/** Enters debug state; why = DFSR bits. */
void board_debug_halt(struct board_machine *m, uint32_t why);
#define BOARD_DFSR_HALTED (1u << 0)
#define BOARD_DFSR_BKPT (1u << 1)
#define BOARD_DFSR_DWTTRAP (1u << 2)
#define BOARD_DFSR_VCATCH (1u << 3)
#define BOARD_DEMCR_TRCENA (1u << 24)
/** Vector catch for an exception that is being entered, with the fault bits that led to it. */
bool board_debug_catches(const struct board_machine *m, unsigned exc);

// fpb_dwt: breakpoints.c and dwt.c
uint32_t board_fpb_read(struct board_machine *m, uint32_t offset);
void board_fpb_write(struct board_machine *m, uint32_t offset, uint32_t value);
/** Rebuilds the engine's exits and watch mode after any of their sources changed. */
void board_breakpoints_apply(struct board_machine *m);
/** DFSR bits of the breakpoints that match at pc, 0 = none. */
uint32_t board_breakpoint_at(struct board_machine *m, uint32_t pc);

void board_dwt_power_on(struct board_machine *m);
uint32_t board_dwt_read(struct board_machine *m, const struct board_io *io);
void board_dwt_write(struct board_machine *m, const struct board_io *io, uint32_t value);
/** Starts or stops the counters after TRCENA, CTRL or the debug state changed. */
void board_dwt_update(struct board_machine *m, uint64_t now);
bool board_dwt_watches(const struct board_machine *m);
bool board_dwt_watch(void *machine, uint32_t addr, unsigned size_bytes, bool is_write);

// itm.c
void board_itm_power_on(struct board_machine *m);
uint32_t board_itm_read(struct board_machine *m, const struct board_io *io);
void board_itm_write(struct board_machine *m, const struct board_io *io, uint32_t value);

// run.c
void board_run_step(struct board_machine *m);
/** Works off what has become due: timers, SysTick, interrupt lines. */
void board_run_events(struct board_machine *m);
/** Applies what a register access asked for: breakpoints, flash contents, a reset. */
void board_run_settle(struct board_machine *m);
/** Lets a running core advance a little, for samples of its PC. */
void board_run_sample(struct board_machine *m);

// vendor.c
uint32_t board_vendor_read(struct board_machine *m, uint32_t offset);
void board_vendor_write(struct board_machine *m, uint32_t offset, uint32_t value);

// microstate.c: the vendor block's slots
/** False when there is no such slot, or no memory for it. */
bool board_microstate_save(struct board_machine *m, uint32_t slot);
/** False when nothing was saved there since the last reset. */
bool board_microstate_restore(struct board_machine *m, uint32_t slot);
/** A reset: what was saved is no state that the core could come to any more. */
void board_microstate_reset(struct board_machine *m);
void board_microstate_destroy(struct board_machine *m);

// flash.c
bool board_flash_create(struct board_machine *m, uint32_t fail_addr);
void board_flash_reset(struct board_machine *m);
uint32_t board_flash_read(struct board_machine *m, uint32_t offset);
void board_flash_write(struct board_machine *m, uint32_t offset, uint32_t value);
/** A store by the debugger. */
void board_flash_store(struct board_machine *m, uint32_t addr, unsigned size_bytes, uint32_t value);
/** A store by the core; the engine writes value afterwards. */
void board_flash_rom_write(void *machine, uint32_t addr, unsigned size_bytes, uint32_t value);
bool board_flash_is_read_protected(const struct board_machine *m);
/** The option bytes as they show at 0x1FFF0000 + offset. */
uint32_t board_flash_option_word(const struct board_machine *m, uint32_t offset);
/** Puts right what the engine stored over the rules; between blocks. */
void board_flash_settle(struct board_machine *m);
uint32_t board_flash_boot_address(const struct board_machine *m);

// rcc.c
void board_rcc_reset(struct board_machine *m, enum board_reset_kind kind);
uint32_t board_rcc_read(struct board_machine *m, uint32_t offset);
void board_rcc_write(struct board_machine *m, const struct board_io *io, uint32_t value);
uint32_t board_pwr_read(struct board_machine *m, uint32_t offset);
void board_pwr_write(struct board_machine *m, uint32_t offset, uint32_t value);
/** HCLK cycles in one tick of a peripheral bus, 1 or 2, and of its timers' clock. */
uint32_t board_rcc_apb_divider(const struct board_machine *m, unsigned bus);
uint32_t board_rcc_timer_divider(const struct board_machine *m, unsigned bus);

#endif
