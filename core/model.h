// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_MODEL_H
#define UTVM_CORE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "kernels/abi.h"

/**
 * A model as the debugger knows it: the description and the loadable bytes of one ELF, checked.
 * Everything is owned by the model and constant after utvm_model_load.
 */
struct utvm_region {
    const char *name;
    enum utvm_region_kind kind;
    uint32_t base;
    uint32_t size_bytes;
    const char *memory;
};

struct utvm_tensor {
    const char *name; /**< printable: control characters of the file are escaped */
    uint32_t index;   /**< in utvm_model.tensors */
    enum utvm_dtype dtype;
    uint32_t flags; /**< enum utvm_tensor_flags */
    uint32_t rank;
    uint32_t dims[UTVM_MAX_DIMS];
    uint64_t num_elems;
    uint32_t addr;       /**< 0 when utvm_tensor_in_memory() is false */
    uint32_t size_bytes; /**< in memory: less than the elements' if num_channels is not 0 */
    /** Not 0: channels that are constant are not in memory; see core/channels.h. */
    uint32_t num_channels;
    const struct utvm_desc_channel *channels; /**< [num_channels]; element i is of i % that */
    const uint8_t *constant; /**< CONSTANT: [size_bytes] values of the image or the file, or NULL */
    const struct utvm_region *region; /**< NULL when ABSENT */
    uint32_t num_scales;
    const float *scales;
    const int32_t *zero_points;
    uint32_t quantized_dimension;
    uint32_t first_layer; /**< UTVM_NO_INDEX: input or constant */
    uint32_t last_layer;
    uint32_t source_index;
};

struct utvm_layer {
    const char *name;
    uint32_t index;
    uint32_t operator_id;
    const char *operator_name; /**< from the operator list: "CONV_2D"; "?" for an unknown id */
    const char *kernel;
    uint32_t flags; /**< enum utvm_layer_flags */
    uint32_t executed_by;
    uint32_t source_index;
    const uint32_t *inputs; /**< [num_inputs] tensor indices or UTVM_NO_INDEX */
    uint32_t num_inputs;
    const uint32_t *outputs; /**< [num_outputs] tensor indices */
    uint32_t num_outputs;
    uint32_t code_addr;
    uint32_t code_bytes; /**< from the symbol table; 0 = unknown */
    uint32_t workspace_addr;
    uint32_t workspace_bytes;
    uint32_t weights_bytes;
    uint64_t macs;
    uint64_t executed_macs;
};

/** A run of bytes to be put at a target address. */
struct utvm_segment {
    uint32_t addr;     /**< where it is put */
    uint32_t run_addr; /**< where the image uses it: elsewhere if start-up copies it there */
    const uint8_t *data;
    uint32_t size_bytes;
    const char *memory; /**< "flash", "itcm", "dtcm", "sram" by address */
};

struct utvm_model {
    char *path;
    char sha256[65]; /**< hex, of the ELF file */
    const char *name;
    const char *source_file;
    const char *source_sha256;
    const char *builder;
    const char *compiler;
    const char *options;
    uint32_t num_labels;
    const char **labels;
    struct utvm_layer *layers;
    uint32_t num_layers;
    struct utvm_tensor *tensors;
    uint32_t num_tensors;
    struct utvm_region *regions;
    uint32_t num_regions;
    const uint32_t *inputs;
    uint32_t num_inputs;
    const uint32_t *outputs;
    uint32_t num_outputs;
    struct utvm_segment *segments;
    uint32_t num_segments;
    uint32_t mailbox_addr;
    uint32_t entry_addr;
    uint32_t stop_addr;
    uint32_t vectors_addr;
    uint32_t stack_base;
    uint32_t stack_bytes;
    uint32_t clock_hz;
    void *impl; /**< the loader's storage behind the pointers above */
};

/**
 * Reads and checks a model ELF with libelf.
 * @param path the file
 * @param ret  receives the model; utvm_model_free()
 * @return OS (cannot open), FORMAT (what is wrong and where: truncated, overlapping, out of the
 *         device's memories, foreign machine, unknown ABI version, index out of range), NO_MEMORY
 */
UTVM_MUST_CHECK struct utvm_error *utvm_model_load(const char *path, struct utvm_model **ret);
/** The same from memory; name is used in messages. The bytes are copied. */
UTVM_MUST_CHECK struct utvm_error *utvm_model_parse(const char *name, const void *bytes,
                                                    size_t size_bytes, struct utvm_model **ret);
void utvm_model_free(struct utvm_model *model);

/**
 * Finds a layer by name, unique prefix of a name, "#index", or an index that begins no name.
 * @return NOT_FOUND with near names, INVALID when ambiguous with the candidates
 */
UTVM_MUST_CHECK struct utvm_error *utvm_model_find_layer(const struct utvm_model *model,
                                                         const char *text, uint32_t *ret);
/** Finds a tensor by name, unique prefix, or "t<index in the model file>". */
UTVM_MUST_CHECK struct utvm_error *utvm_model_find_tensor(const struct utvm_model *model,
                                                          const char *text, uint32_t *ret);

/** The layer that does a layer's work: its own index, or the one it is fused into. */
uint32_t utvm_model_executor(const struct utvm_model *model, uint32_t layer);
/** True when the device runs a function for it: neither fused into another nor folded away. */
bool utvm_layer_runs(const struct utvm_layer *layer);
/** True when it runs although no layer reads what it writes, and no user of the model gets it. */
bool utvm_layer_is_unread(const struct utvm_model *model, const struct utvm_layer *layer);
/** True when the device has the tensor: neither fused away nor kept in the file only. */
bool utvm_tensor_in_memory(const struct utvm_tensor *t);
/** True when the tensor holds arena bytes while the layer runs. */
bool utvm_tensor_alive(const struct utvm_model *model, const struct utvm_tensor *t, uint32_t layer);
/** Arena bytes of tensors and workspace alive while the layer runs; shared bytes count once. */
uint32_t utvm_model_live_bytes(const struct utvm_model *model, uint32_t layer);
/** The image's bytes at [addr, addr + size_bytes), load or run address; NULL: not all are loaded.
 */
const uint8_t *utvm_model_bytes(const struct utvm_model *model, uint32_t addr, uint32_t size_bytes);
/** The layer whose function holds the code address, or UTVM_NO_INDEX. */
uint32_t utvm_model_layer_at(const struct utvm_model *model, uint32_t pc);

#endif
