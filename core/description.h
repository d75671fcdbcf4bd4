// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_DESCRIPTION_H
#define UTVM_CORE_DESCRIPTION_H

#include "core/elf_image.h"
#include "core/error.h"
#include "core/model.h"

/** The memory behind a model's pointers: blocks freed together. Internal to core/. */
struct utvm_model_store {
    uint8_t *elf; /**< the file's bytes; segments point into them */
    void **blocks;
    size_t num_blocks;
    size_t capacity;
};

/** Zeroed memory that lives as long as the store; NULL when out of memory. */
void *utvm_model_store_alloc(struct utvm_model_store *store, size_t count, size_t size_bytes);
void utvm_model_store_deinit(struct utvm_model_store *store);

/**
 * Fills a model from the description in an image; every offset, index, count, size and address is
 * checked (kernels/abi.h has the layout).
 * @param file  for messages
 * @param model segments are set already; receives everything else
 * @return FORMAT naming table, entry and field; NO_MEMORY
 */
UTVM_MUST_CHECK struct utvm_error *utvm_description_parse(const char *file,
                                                          const struct utvm_elf_image *image,
                                                          struct utvm_model_store *store,
                                                          struct utvm_model *model);

#endif
