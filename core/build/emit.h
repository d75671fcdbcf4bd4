// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BUILD_EMIT_H
#define UTVM_CORE_BUILD_EMIT_H

#include "core/build/network.h"
#include "core/text.h"

/** Where the parts of an image go, decided before anything is emitted. */
struct utvm_layout {
    bool ram;           /**< everything in RAM, nothing in flash */
    bool itcm_code;     /**< layers are copied to ITCM by start-up */
    bool state_in_dtcm; /**< else SRAM */
    uint32_t stack_bytes;
    uint32_t run_bytes; /**< mailbox and records */
    uint32_t clock_hz;
};

/** What the description says about where the image comes from; borrowed. */
struct utvm_provenance {
    const char *source_file; /**< base name */
    const char *compiler;
    const char *options;
    const char *labels; /**< one a line, "" = unknown */
};

/** "layer_003_conv2d": the function of a layer, and its file's name without ".c". */
void utvm_emit_layer_symbol(const struct utvm_network *net, uint32_t layer, char ret[64]);

/** C source of one layer that executes. */
void utvm_emit_layer(const struct utvm_network *net, uint32_t index, struct utvm_text *out);

/** C source of the tables that the run-time reads. */
void utvm_emit_tables(const struct utvm_network *net, const struct utvm_layout *layout,
                      struct utvm_text *out);

/** The header that all layers include: where arena, state and weights are. */
void utvm_emit_memory_header(const struct utvm_network *net, struct utvm_text *out);

/** memory.ld, which kernels/runtime/model.ld includes. */
void utvm_emit_memory_script(const struct utvm_network *net, const struct utvm_layout *layout,
                             struct utvm_text *out);

/** Assembler source that takes weights.bin into a section. */
void utvm_emit_weights(const struct utvm_network *net, const char *section, struct utvm_text *out);

/** Assembler source that takes constants.bin into the section .utvm.constants. */
void utvm_emit_host_constants(const struct utvm_network *net, struct utvm_text *out);

/** The initial values of the variable tensors: utvm_state_inits and utvm_num_state_inits. */
void utvm_emit_state(const struct utvm_network *net, struct utvm_text *out);

/**
 * Assembler source of the description (section .utvm.model). The bytes are the structs of
 * kernels/abi.h as this program's compiler lays them out; addresses are left to the linker.
 * @return NO_MEMORY
 */
UTVM_MUST_CHECK struct utvm_error *utvm_emit_description(const struct utvm_network *net,
                                                         const struct utvm_layout *layout,
                                                         const struct utvm_provenance *provenance,
                                                         struct utvm_text *out);

#endif
