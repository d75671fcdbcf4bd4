// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_DESCRIPTION_READER_H
#define UTVM_CORE_DESCRIPTION_READER_H

#include "core/bytes.h"
#include "core/description.h"
#include "kernels/abi.h"

/**
 * What the two halves of the description's parser share; nobody else includes it. description.c
 * reads the header, the tables and the run-time addresses; description_entries.c the entries of the
 * region, tensor and layer tables.
 *
 * The description consists of 32-bit words, so a field is read by its offset in the struct of
 * kernels/abi.h.
 */
#define UTVM_DESCRIPTION_WORD(entry, type, field) utvm_le32((entry) + offsetof(struct type, field))

struct utvm_description_table {
    const uint8_t *data;
    uint32_t count;
    uint32_t entry_bytes;
};

struct utvm_description_reader {
    const char *file;
    const uint8_t *bytes; /**< the description */
    uint32_t size_bytes;
    struct utvm_model *model;
    struct utvm_model_store *store;
    const struct utvm_elf_image *image;
    struct utvm_description_table strings;
    struct utvm_description_table layers;
    struct utvm_description_table tensors;
    struct utvm_description_table regions;
    struct utvm_description_table indices;
    struct utvm_description_table scales;
    struct utvm_description_table zero_points;
    struct utvm_description_table channels;
    uint32_t *index_values;                   /**< [indices.count] */
    float *scale_values;                      /**< [scales.count] */
    int32_t *zero_values;                     /**< [zero_points.count] */
    struct utvm_desc_channel *channel_values; /**< [channels.count] */
};

/** "FILE: model description: …", code FORMAT. */
UTVM_MUST_CHECK struct utvm_error *utvm_description_bad(const struct utvm_description_reader *r,
                                                        const char *format, ...) UTVM_PRINTF(2, 3);

/** Copies a string of the string table, printable, into the store. */
UTVM_MUST_CHECK struct utvm_error *utvm_description_string(const struct utvm_description_reader *r,
                                                           uint32_t offset, const char *what,
                                                           const char **ret);

/** A run of tensor indices; unless optional, none may be left out. */
UTVM_MUST_CHECK struct utvm_error *utvm_description_indices(const struct utvm_description_reader *r,
                                                            const char *what, uint32_t first,
                                                            uint32_t count, bool optional,
                                                            const uint32_t **ret);

/** Code that the core shall run must have been loaded, in flash or in RAM. */
UTVM_MUST_CHECK struct utvm_error *
utvm_description_check_code(const struct utvm_description_reader *r, const char *what,
                            uint32_t addr);

/** Regions, tensors and layers, in this order. */
UTVM_MUST_CHECK struct utvm_error *utvm_description_entries(struct utvm_description_reader *r);

#endif
