// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_ABI_H
#define UTVM_KERNELS_ABI_H

#include <stddef.h>
#include <stdint.h>

/**
 * The contract between a model ELF and the debugger, written down once and compiled by both sides.
 * All fields are little-endian 32-bit words (or arrays of them), so both compilers lay the structs
 * out alike; the assertions below hold that.
 *
 * A model ELF has
 *   - ordinary loaded sections: vectors, start-up, kernels, one function a layer, weights;
 *   - `.utvm.mailbox` (RAM, not loaded): what a run is told and what it reports;
 *   - `.utvm.model` (not allocated, not loaded): the description, for the debugger only;
 *   - `.utvm.constants` (the same): values of constant tensors that no code on the device reads.
 */
#define UTVM_ABI_VERSION 2u
#define UTVM_MAILBOX_MAGIC 0x58424D55u     /* "UMBX" */
#define UTVM_DESCRIPTION_MAGIC 0x444D5455u /* "UTMD" */
#define UTVM_MAX_DIMS 6u
#define UTVM_NO_INDEX 0xFFFFFFFFu /* optional tensor left out, no region, no layer */

/** Element types; values are stored in ELF files and never reused. */
enum utvm_dtype {
    UTVM_DTYPE_NONE = 0,
    UTVM_DTYPE_INT8 = 1,
    UTVM_DTYPE_UINT8 = 2,
    UTVM_DTYPE_INT16 = 3,
    UTVM_DTYPE_INT32 = 4,
    UTVM_DTYPE_INT64 = 5,
    UTVM_DTYPE_FLOAT32 = 6,
    UTVM_DTYPE_BOOL = 7,
    UTVM_DTYPE_UINT16 = 8,
    UTVM_DTYPE_UINT32 = 9,
};

/** What a layer function returns. */
enum utvm_status {
    UTVM_STATUS_OK = 0,
    UTVM_STATUS_BAD_INDEX = 1, /**< an index tensor points outside its axis */
    UTVM_STATUS_BAD_SHAPE = 2, /**< a shape computed at run time is not the planned one */
    UTVM_STATUS_BAD_VALUE = 3, /**< an operand has a value the operator is not defined for */
};

/* ---- run mailbox -------------------------------------------------------------------------- */

/**
 * A run: the debugger sets PC = utvm_entry, R0 = first layer, R1 = end layer (exclusive),
 * R2 = UTVM_RUN_* flags and resumes. The device sets its stack pointer itself, executes the layers,
 * fills the mailbox and the records, and stops at the BKPT of utvm_stop.
 */
enum utvm_run_flags {
    UTVM_RUN_STACK = 1u << 0,       /**< measure stack use of each layer (paint and scan) */
    UTVM_RUN_BREAKDOWN = 1u << 1,   /**< read the vendor counters; only if the board has them */
    UTVM_RUN_EVENTS = 1u << 2,      /**< read the 8-bit DWT event counters */
    UTVM_RUN_RESET_STATE = 1u << 3, /**< variable tensors to their initial values first */
};

enum utvm_run_state {
    UTVM_STATE_READY = 1, /**< start-up is over, nothing has run */
    UTVM_STATE_RUNNING = 2,
    UTVM_STATE_DONE = 3,
    UTVM_STATE_FAILED = 4,     /**< current_layer returned status */
    UTVM_STATE_NO_COUNTER = 5, /**< CYCCNT does not tick */
};

struct utvm_mailbox {
    uint32_t magic; /**< UTVM_MAILBOX_MAGIC once start-up has run */
    uint32_t abi_version;
    uint32_t num_layers;
    uint32_t state;       /**< enum utvm_run_state */
    uint32_t status;      /**< enum utvm_status of the failed layer */
    uint32_t first_layer; /**< of the last run */
    uint32_t end_layer; /**< read again before each layer: a debugger may move a halted run's end */
    uint32_t current_layer;   /**< layer under execution; end_layer when done */
    uint32_t overhead_cycles; /**< CYCCNT cost of measuring nothing; subtract from each record */
    uint32_t start_cycles;    /**< CYCCNT before the first layer */
    uint32_t end_cycles;      /**< CYCCNT after the last */
    /**
     * Written by the debugger after each start-up: the vendor counter block, or UTVM_NO_INDEX where
     * there is none. 0 tells it that start-up has run again without its doing.
     */
    uint32_t breakdown_addr;
};

enum utvm_breakdown {
    UTVM_BREAKDOWN_ISSUE,
    UTVM_BREAKDOWN_DEPENDENCY,
    UTVM_BREAKDOWN_MISPREDICT,
    UTVM_BREAKDOWN_INSTRUCTION_FILL,
    UTVM_BREAKDOWN_DATA_FILL,
    UTVM_BREAKDOWN_UNALIGNED,
    UTVM_BREAKDOWN_DIVIDE,
    UTVM_BREAKDOWN_SYSTEM, /**< exception entry and return */
    UTVM_BREAKDOWN_COUNT,
};

/** One per layer, behind the mailbox in memory; a layer's record is valid once it has run. */
struct utvm_layer_record {
    uint32_t cycles;      /**< CYCCNT difference around the call, overhead included */
    uint32_t stack_bytes; /**< the layer's own high-water mark; 0 unless UTVM_RUN_STACK */
    uint32_t events;      /**< DWT differences: CPI | EXC << 8 | SLEEP << 16 | LSU << 24 */
    uint32_t fold;        /**< DWT FOLDCNT difference */
    /** Cycles by enum utvm_breakdown, the cost of measuring subtracted from each kind. */
    uint32_t breakdown[UTVM_BREAKDOWN_COUNT];
};

/* ---- description -------------------------------------------------------------------------- */

/** A table inside the description: offset_bytes from its start, multiple of 4. */
struct utvm_desc_table {
    uint32_t offset_bytes;
    uint32_t count;
    uint32_t entry_bytes; /**< sizeof of the entry; a reader refuses another size */
};

/** String references are byte offsets into the string table; each string ends in NUL. */
struct utvm_desc_header {
    uint32_t magic; /**< UTVM_DESCRIPTION_MAGIC */
    uint32_t abi_version;
    uint32_t total_bytes;
    struct utvm_desc_table strings;     /**< entry_bytes 1 */
    struct utvm_desc_table layers;      /**< struct utvm_desc_layer, in execution order */
    struct utvm_desc_table tensors;     /**< struct utvm_desc_tensor */
    struct utvm_desc_table regions;     /**< struct utvm_desc_region */
    struct utvm_desc_table indices;     /**< uint32_t tensor indices of layers, inputs, outputs */
    struct utvm_desc_table scales;      /**< float bits as uint32_t */
    struct utvm_desc_table zero_points; /**< int32_t */
    struct utvm_desc_table channels;    /**< struct utvm_desc_channel of tensors that have such */
    uint32_t first_input;               /**< into indices: the model's inputs */
    uint32_t num_inputs;
    uint32_t first_output; /**< into indices: the model's outputs */
    uint32_t num_outputs;
    uint32_t mailbox_addr; /**< struct utvm_mailbox, the records follow it */
    uint32_t entry_addr;   /**< utvm_entry, without the Thumb bit */
    uint32_t stop_addr;    /**< address of the BKPT at which a run stops */
    uint32_t vectors_addr; /**< initial SP and reset vector */
    uint32_t stack_base;   /**< lowest address */
    uint32_t stack_bytes;
    uint32_t clock_hz;      /**< core clock that start-up sets */
    uint32_t model_name;    /**< strings from here on */
    uint32_t source_file;   /**< base name of the model file */
    uint32_t source_sha256; /**< hex */
    uint32_t builder;       /**< "utvm-build 0.1.0" */
    uint32_t compiler;      /**< version line */
    uint32_t options;       /**< build options that change code, space separated */
    uint32_t labels;        /**< class names, one a line; empty when unknown */
};

enum utvm_layer_flags {
    UTVM_LAYER_FUSED = 1u << 0,    /**< runs inside executed_by */
    UTVM_LAYER_FOLDED = 1u << 1,   /**< its outputs are constants of the image */
    UTVM_LAYER_IN_PLACE = 1u << 2, /**< output 0 lies where an input lay */
    UTVM_LAYER_PRUNED = 1u << 3,   /**< reads or writes tensors without their constant channels */
};

struct utvm_desc_layer {
    uint32_t name;
    uint32_t operator_id;  /**< TFLite builtin operator code */
    uint32_t flags;        /**< enum utvm_layer_flags */
    uint32_t executed_by;  /**< layer index; its own unless FUSED */
    uint32_t source_index; /**< operator index in the model file */
    uint32_t first_input;  /**< into indices; UTVM_NO_INDEX entries = optional, left out */
    uint32_t num_inputs;
    uint32_t first_output;
    uint32_t num_outputs;
    uint32_t code_addr;        /**< layer function, without the Thumb bit; 0 if FUSED or FOLDED */
    uint32_t kernel;           /**< string, "conv_2d_int8" */
    uint32_t workspace_region; /**< index, or UTVM_NO_INDEX */
    uint32_t workspace_offset;
    uint32_t workspace_bytes;
    uint32_t weights_bytes; /**< constants on the device that this layer alone or first uses */
    uint32_t macs_lo;       /**< multiply-accumulates that the model states */
    uint32_t macs_hi;
    uint32_t executed_macs_lo; /**< that the code executes */
    uint32_t executed_macs_hi;
};

enum utvm_tensor_flags {
    UTVM_TENSOR_INPUT = 1u << 0,
    UTVM_TENSOR_OUTPUT = 1u << 1,
    UTVM_TENSOR_CONSTANT = 1u << 2, /**< lies in the image or in the file; also folded results */
    UTVM_TENSOR_VARIABLE = 1u << 3, /**< state that survives runs */
    UTVM_TENSOR_ABSENT = 1u << 4,   /**< never in memory: fused away */
};

struct utvm_desc_tensor {
    uint32_t name;
    uint32_t dtype; /**< enum utvm_dtype */
    uint32_t flags; /**< enum utvm_tensor_flags */
    uint32_t rank;  /**< 0 to UTVM_MAX_DIMS */
    uint32_t dims[UTVM_MAX_DIMS];
    uint32_t region;      /**< index, or UTVM_NO_INDEX when ABSENT */
    uint32_t offset;      /**< bytes from the region's base */
    uint32_t size_bytes;  /**< in memory */
    uint32_t num_scales;  /**< 0 = not quantised, 1 = per tensor, else per channel */
    uint32_t first_scale; /**< into scales and zero_points alike */
    uint32_t quantized_dimension;
    uint32_t first_layer;  /**< first layer that writes it; UTVM_NO_INDEX: inputs, constants */
    uint32_t last_layer;   /**< last layer that reads it (its writer if none; last for outputs) */
    uint32_t source_index; /**< tensor index in the model file */
    /**
     * Above 0 if channels are not in memory. Element e, counted through the shape above, is of
     * channel e % num_channels; memory has the elements of the other channels in their order, and
     * size_bytes is what they take.
     */
    uint32_t num_channels;
    uint32_t first_channel; /**< into channels */
};

/** A channel of a tensor of integers. */
struct utvm_desc_channel {
    uint32_t constant; /**< 1: not in memory, every element has the value below; 0: in memory */
    int32_t value;     /**< 0 unless constant */
};

enum utvm_region_kind {
    UTVM_REGION_CODE = 1,    /**< code and read-only data */
    UTVM_REGION_WEIGHTS = 2, /**< constant tensors */
    UTVM_REGION_ARENA = 3,   /**< shared by activations and workspace */
    UTVM_REGION_STATE = 4,   /**< variable tensors */
    UTVM_REGION_STACK = 5,
    UTVM_REGION_DATA = 6, /**< .data, .bss, mailbox */
    UTVM_REGION_HOST = 7, /**< section .utvm.constants: in no memory of the device, base 0 */
};

struct utvm_desc_region {
    uint32_t name;
    uint32_t kind; /**< enum utvm_region_kind */
    uint32_t base;
    uint32_t size_bytes;
    uint32_t memory; /**< string: "flash", "dtcm", "sram", "itcm"; "file" for HOST */
};

_Static_assert(sizeof(struct utvm_mailbox) == 48, "mailbox layout");
_Static_assert(offsetof(struct utvm_mailbox, overhead_cycles) == 32, "mailbox layout");
_Static_assert(sizeof(struct utvm_layer_record) == 48, "record layout");
_Static_assert(sizeof(struct utvm_desc_table) == 12, "table layout");
_Static_assert(sizeof(struct utvm_desc_header) == 180, "header layout");
_Static_assert(offsetof(struct utvm_desc_header, mailbox_addr) == 124, "header layout");
_Static_assert(sizeof(struct utvm_desc_layer) == 76, "layer layout");
_Static_assert(sizeof(struct utvm_desc_tensor) == 84, "tensor layout");
_Static_assert(sizeof(struct utvm_desc_channel) == 8, "channel layout");
_Static_assert(sizeof(struct utvm_desc_region) == 20, "region layout");

#endif
