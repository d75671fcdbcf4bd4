// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_CORE_ELF_WRITER_H
#define UTVM_TESTS_CORE_ELF_WRITER_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/abi.h"

/**
 * Builds model ELFs in memory, so that tests can have any model and any damage. Fill in with
 * toy_elf_init(), change what the test is about, serialise with toy_elf_build().
 *
 * The toy model has five layers on int8 tensors of four elements:
 *   0 conv1    a = input + w                      (w: constant)
 *   1 conv2    executes relu too; its own output is never in memory; has a workspace
 *   2 relu     FUSED into 1: b = max(2 a, 0), over the input's memory
 *   3 sum      c = a + b + state, then state += 1
 *   4 softmax  d = c, over a's memory; the model's output
 */
enum {
    TOY_INPUT,
    TOY_A,
    TOY_B,
    TOY_C,
    TOY_D,
    TOY_W,
    TOY_STATE,
    TOY_FUSED, /**< conv2's own output */
    TOY_TENSORS,
    TOY_LAYERS = 5,
    TOY_HOST = 6, /**< region of the constants that only the file has */
    TOY_REGIONS = 7,
    TOY_HOST_BYTES = 8,
    TOY_INDICES = 32,
    TOY_ELEMS = 4,
};

#define TOY_FLASH 0x08000000u
#define TOY_FLASH_BYTES 0x800u
#define TOY_RESET (TOY_FLASH + 0x100)
#define TOY_ENTRY (TOY_FLASH + 0x110)
#define TOY_STOP (TOY_FLASH + 0x120)
#define TOY_CODE (TOY_FLASH + 0x200) /**< layer i at + 0x20 i */
#define TOY_WEIGHTS (TOY_FLASH + 0x400)
#define TOY_STACK 0x20000000u
#define TOY_STACK_BYTES 0x400u
#define TOY_ARENA 0x20001000u
#define TOY_ARENA_BYTES 64u
#define TOY_STATE_BASE 0x20002000u
#define TOY_MAILBOX 0x20003000u
#define TOY_RAM 0x20008000u /**< the second segment */
#define TOY_RAM_BYTES 0x1000u

struct toy_elf {
    Elf32_Ehdr header;
    Elf32_Phdr segments[2];
    uint8_t flash[TOY_FLASH_BYTES];
    uint8_t ram[TOY_RAM_BYTES];
    struct utvm_desc_header desc;
    struct utvm_desc_layer layers[TOY_LAYERS];
    struct utvm_desc_tensor tensors[TOY_TENSORS];
    struct utvm_desc_region regions[TOY_REGIONS];
    uint32_t indices[TOY_INDICES];
    uint32_t num_indices;
    float scales[4];
    int32_t zero_points[4];
    uint32_t num_scales; /**< 1 unless a test needs more */
    struct utvm_desc_channel channels[8];
    uint32_t num_channels;             /**< 0 unless a test needs some */
    uint8_t constants[TOY_HOST_BYTES]; /**< section .utvm.constants */
    char strings[1024];
    uint32_t num_string_bytes;
    const char *description_section; /**< its name; another one makes a foreign ELF */
    const char *constants_section;   /**< its name; another one leaves the region without bytes */
    uint32_t cut_bytes;              /**< taken off the end of the file */
};

void toy_elf_init(struct toy_elf *elf);
/** Adds a string (which may hold any bytes) and gives its offset. */
uint32_t toy_elf_string(struct toy_elf *elf, const char *text);
/** Where the description begins in the built file. */
size_t toy_elf_description_offset(void);
/** The file's bytes, malloc'd. */
uint8_t *toy_elf_build(const struct toy_elf *elf, size_t *ret_size_bytes);

#endif
