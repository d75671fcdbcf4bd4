// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BUILD_BUILD_H
#define UTVM_CORE_BUILD_BUILD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/text.h"

/**
 * From a model file to an image for a Cortex-M7: what utvm-build does, and the shell's `build`.
 */
enum utvm_build_arena {
    UTVM_BUILD_ARENA_AUTO, /**< DTCM, and SRAM for what does not fit */
    UTVM_BUILD_ARENA_DTCM,
    UTVM_BUILD_ARENA_SRAM,
};

/** Called before each step of work; done of total steps. */
typedef void (*utvm_build_progress_fn)(void *ctx, const char *what, unsigned done, unsigned total);

/** Start from utvm_build_options_init(). Strings are borrowed. */
struct utvm_build_options {
    const char *input_path;   /**< .tflite */
    const char *output_path;  /**< .elf; written under another name first, then renamed */
    const char *labels_path;  /**< class names, one a line; NULL = none */
    const char *library_dir;  /**< utvm_build_library() only */
    const char *library_name; /**< "model"; what its files, functions and macros begin with */
    const char *keep_dir;     /**< where the generated files stay; NULL = nowhere */
    const char *kernels_dir;  /**< NULL = the installed ones, else those of the source tree */
    const char *compiler;     /**< "arm-none-eabi-gcc" */
    const char *optimize;     /**< "2", "3", "s": what follows -O */
    bool ram;                 /**< everything in RAM: nothing is written to flash */
    bool itcm_code;           /**< layers run from ITCM */
    bool prune;               /**< leave out channels that are constant whatever the inputs are */
    enum utvm_build_arena arena;
    uint32_t stack_bytes;                   /**< 512 to 32768, multiple of 8 */
    uint32_t clock_hz;                      /**< 16 MHz to 216 MHz, whole MHz */
    unsigned jobs;                          /**< compilers at once; 0 = one a CPU */
    const volatile sig_atomic_t *cancelled; /**< polled; may be NULL */
    utvm_build_progress_fn progress;        /**< may be NULL */
    void *progress_ctx;
};

struct utvm_build_result {
    uint32_t num_layers;
    uint32_t num_executed; /**< layers with code of their own */
    uint64_t macs;
    uint64_t executed_macs;
    uint32_t num_filters;          /**< of CONV_2D and FULLY_CONNECTED */
    uint32_t num_constant_filters; /**< that are not computed: their outputs are constant */
    uint64_t arena_bytes;
    uint64_t bound_bytes; /**< no plan needs less */
    uint32_t weights_bytes;
    uint32_t state_bytes;
    uint32_t flash_bytes; /**< of the image */
    uint32_t ram_bytes;   /**< arena, state, stack, data, and the image if it is in RAM */
    uint32_t dtcm_bytes;  /**< of ram_bytes */
};

void utvm_build_options_init(struct utvm_build_options *options);

/**
 * Builds the image.
 * @return OS, FORMAT and UNSUPPORTED naming file and operator, NO_SPACE with the numbers,
 *         NOT_FOUND (compiler, kernels), INVALID (options), CANCELLED
 */
UTVM_MUST_CHECK struct utvm_error *utvm_build(const struct utvm_build_options *options,
                                              struct utvm_build_result *ret);

/**
 * Builds the model for use in an application: library_dir receives libNAME.a, NAME.h, and the
 * example example.c with its linker script example.ld. Libraries of different names can be linked
 * into one application. Nothing of it knows the debugger, allocates
 * memory or takes interrupts.
 * @return as utvm_build()
 */
UTVM_MUST_CHECK struct utvm_error *utvm_build_library(const struct utvm_build_options *options,
                                                      struct utvm_build_result *ret);

/**
 * The memory plan of a model as text, a map over time: one row per layer, with what is alive.
 * Nothing is compiled.
 */
UTVM_MUST_CHECK struct utvm_error *utvm_build_plan(const struct utvm_build_options *options,
                                                   struct utvm_text *out);

#endif
