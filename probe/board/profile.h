// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_PROFILE_H
#define UTVM_BOARD_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What the timing model has to know of a device: its caches, its memories and what a wait for them
 * costs. Read from a text file, so that somebody with a board can fit the four costs from one or
 * two counter readings. One setting a line, '#' starts a comment, numbers are decimal or 0x…:
 *
 *   device NAME                    up to 31 characters
 *   icache BYTES WAYS LINE_BYTES   BYTES / WAYS / LINE_BYTES is a power of two, LINE_BYTES 16 to
 * 128 dcache BYTES WAYS LINE_BYTES   likewise; up to 64 KB, 16 ways and 2048 lines art BYTES WAYS
 * LINE_BYTES      cache in front of the flash on the ITCM bus; only with a region of kind art fill
 * flash CYCLES              a line from flash into a cache or the fetch buffer, 0 to 1000 fill sram
 * CYCLES               a line from SRAM, 0 to 1000 store_miss CYCLES              a store whose
 * line is not in the D-cache, 0 to 1000 unaligned CYCLES               added by an unaligned load,
 * 0 to 1000 region KIND BASE BYTES         at most 16, multiples of 16 KB, not overlapping; KIND is
 * tcm (never waits), sram, flash (both through the L1 caches), or art
 *
 * Every line but art and region has to be there once. Other addresses cost nothing.
 */
enum board_memory {
    BOARD_MEMORY_FREE, /**< TCM, devices, whatever no region covers */
    BOARD_MEMORY_SRAM,
    BOARD_MEMORY_FLASH,
    BOARD_MEMORY_ART,
};

#define BOARD_PROFILE_MAX_REGIONS 16u
#define BOARD_PROFILE_GRANULE_BITS 14u

struct board_cache_shape {
    uint32_t size_bytes;
    uint32_t ways;
    uint32_t line_bytes;
};

struct board_region {
    enum board_memory kind;
    uint32_t base;
    uint32_t size_bytes;
};

struct board_profile {
    char device[32];
    struct board_cache_shape icache;
    struct board_cache_shape dcache;
    struct board_cache_shape art; /**< all zero: none */
    uint32_t flash_fill_cycles;
    uint32_t sram_fill_cycles;
    uint32_t store_miss_cycles;
    uint32_t unaligned_cycles;
    uint32_t num_regions;
    struct board_region regions[BOARD_PROFILE_MAX_REGIONS];
};

/** The STM32F746 at 216 MHz; equal to profiles/stm32f746.profile. */
void board_profile_builtin(struct board_profile *p);

/**
 * Reads a profile from text.
 * @param origin what the text is called in messages
 * @param error receives "ORIGIN:LINE: …", what is wrong and what would be right
 * @return false on an error; then *p is undefined
 */
bool board_profile_parse(struct board_profile *p, const char *text, size_t size_bytes,
                         const char *origin, char *error, size_t error_size);

/** The same from a file of at most 64 KB. */
bool board_profile_load(struct board_profile *p, const char *path, char *error, size_t error_size);

#endif
