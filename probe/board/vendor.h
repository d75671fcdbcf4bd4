// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_VENDOR_H
#define UTVM_BOARD_VENDOR_H

/**
 * The register block that only the emulated board has: where the modelled cycles went, and slots
 * that keep what code that ran leaves to the timing of code that will run.
 *
 * It lies in the vendor-specific part of the system region (0xE0100000 to 0xFFFFFFFF), in which an
 * STM32F7 has nothing: an access by a debugger ends in a bus fault there, and no STM32F7 firmware
 * has a reason to touch it. A client reads BOARD_VENDOR_ID by a debugger access first; anything
 * but BOARD_VENDOR_MAGIC (a failed access, zero) means that there are no such counters.
 * Source: RM0385 2.2 (memory map), Armv7-M ARM B3.1 (system address map).
 *
 * Words only; what is not said to be written is read-only. The counters are 64 bits wide, low word
 * first, and run from power-on. They are read consistently: reading a low word latches its high
 * word; writing any value to BOARD_VENDOR_LATCH freezes a copy of all counters that the snapshot
 * half of the block shows until the next such write. The core reads the same as the debugger does;
 * in the middle of a block of straight-line code it sees the counters of the block's start.
 */
#define BOARD_VENDOR_BASE 0xF0000000u
#define BOARD_VENDOR_SIZE 0x1000u

#define BOARD_VENDOR_ID 0x000u       /**< BOARD_VENDOR_MAGIC */
#define BOARD_VENDOR_VERSION 0x004u  /**< 2: this layout; 1 had no slots */
#define BOARD_VENDOR_MODE 0x008u     /**< 0 = count, 1 = fast, 2 = memory */
#define BOARD_VENDOR_KINDS 0x00Cu    /**< number of kinds of cycles: 8 */
#define BOARD_VENDOR_CLOCK_HZ 0x010u /**< HCLK that the clock tree is set to */
#define BOARD_VENDOR_LATCH 0x014u    /**< write: take a snapshot; reads as the number taken */

/**
 * Slots for the micro-architectural state: pipeline, branch predictor, tags of the caches. A
 * debugger that puts back memory and registers of an earlier moment restores the slot that was
 * saved then, and the same code takes the same cycles again, which on silicon nothing can bring
 * about. Written by the debugger and while the core is halted; other writes do nothing. A slot is
 * lost with any reset of the chip. BOARD_VENDOR_SLOT_DONE tells whether the last write did its
 * work: the slot's number plus 1, or 0 when there is no such slot, when nothing is in it, or when
 * the core runs.
 */
#define BOARD_VENDOR_NUM_SLOTS 0x020u    /**< how many there are: 256 */
#define BOARD_VENDOR_SLOT_SAVE 0x024u    /**< write: the state goes to the slot of this number */
#define BOARD_VENDOR_SLOT_RESTORE 0x028u /**< write: the state comes from the slot */
#define BOARD_VENDOR_SLOT_DONE 0x02Cu

/** Live 64-bit counters: kind k at BOARD_VENDOR_CYCLES + 8 k, in the order below. */
#define BOARD_VENDOR_CYCLES 0x100u
#define BOARD_VENDOR_INSTRUCTIONS 0x140u
#define BOARD_VENDOR_FOLDED 0x148u
/** The same layout, as of the last write to BOARD_VENDOR_LATCH. */
#define BOARD_VENDOR_SNAPSHOT 0x200u

#define BOARD_VENDOR_MAGIC 0x4D565455u /**< "UTVM" in memory order */
#define BOARD_VENDOR_VERSION_NUMBER 2u

/**
 * What the cycles of each BOARD_VENDOR_MODE are worth, for a report to say beside them, in at most
 * 95 characters. The bands hold for most of the code whose published counts the model was held
 * against, "worst" for all of it (ARCHITECTURE.md 11); every figure is modelled, none measured.
 */
#define BOARD_VENDOR_ERROR_COUNT                                                                   \
    "one cycle an instruction: no measure of time, off by a factor of 2 and more"
#define BOARD_VENDOR_ERROR_FAST                                                                    \
    "integer +-3 % (worst 7 %), branchy +-6 %; aligned, in TCM or warm caches; FPU, divide: no "   \
    "claim"
#define BOARD_VENDOR_ERROR_MEMORY                                                                  \
    "integer +-3 % (worst 7 %), branchy +-6 %, beyond the D-cache +-10 %; FPU, divide: no "        \
    "claim"

/*
 * Kinds, in this order: issue, dependency, mispredict, instruction fill, data fill, unaligned,
 * divide, system (exception entry and return, sleep).
 */

#endif
