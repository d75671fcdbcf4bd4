// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_ELF_IMAGE_H
#define UTVM_CORE_ELF_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/model.h"

/**
 * What utvm needs of an ELF file, checked: an ARM, 32-bit, little-endian executable whose loaded
 * segments lie in the device's memories and do not overlap. Internal to core/: the model's loader
 * joins it with the description.
 */
struct utvm_elf_function {
    uint32_t addr; /**< without the Thumb bit */
    uint32_t size_bytes;
};

struct utvm_elf_image {
    struct utvm_segment *segments; /**< [num_segments] by address, owned; data borrowed */
    uint32_t num_segments;
    const uint8_t *description; /**< section .utvm.model, borrowed from the file's bytes */
    size_t description_bytes;
    const uint8_t *constants; /**< section .utvm.constants, borrowed; NULL when there is none */
    size_t constants_bytes;
    struct utvm_elf_function *functions; /**< [num_functions] by address, owned; may be empty */
    uint32_t num_functions;
};

/**
 * Parses an ELF file.
 * @param name  for messages
 * @param bytes of the file; libelf may modify them; must outlive the image
 * @return FORMAT naming the header, segment or section; NO_MEMORY
 */
UTVM_MUST_CHECK struct utvm_error *utvm_elf_image_parse(const char *name, uint8_t *bytes,
                                                        size_t size_bytes,
                                                        struct utvm_elf_image *ret);
void utvm_elf_image_deinit(struct utvm_elf_image *image);

/**
 * The loaded bytes at [addr, addr + size_bytes), by run address or load address; NULL when not all
 * are in one segment.
 */
const uint8_t *utvm_segments_at(const struct utvm_segment *segments, uint32_t num_segments,
                                uint32_t addr, uint32_t size_bytes);

#endif
