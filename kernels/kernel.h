// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_KERNEL_H
#define UTVM_KERNELS_KERNEL_H

#include "kernels/abi.h"

/**
 * What every kernel is: one function of one shape, in a file of its own (kernels/ops/NAME.c),
 *
 *     UTVM_KERNEL(conv_2d_int8) { const struct utvm_conv_params *p = params; ... }
 *
 * compiled into the host library as an ordinary function, and into a model's image as an inlined
 * copy per layer, whose params, addresses and shapes are constants that the compiler folds.
 */
struct utvm_kernel_args {
    const void *const *inputs;    /**< operator inputs in file order; NULL = left out */
    void *const *outputs;         /**< operator outputs; variable tensors are among the inputs */
    const void *const *constants; /**< tables made by prepare, in its order */
    void *workspace;              /**< workspace_bytes of prepare, 16-byte aligned; may be NULL */
};

/** Input i as the variable tensor that it is: a kernel keeps its state there. */
static inline void *utvm_variable(const struct utvm_kernel_args *args, int i)
{
    return (void *)(uintptr_t)args->inputs[i];
}

typedef enum utvm_status (*utvm_kernel_fn)(const void *params, const struct utvm_kernel_args *args);

#ifdef UTVM_SPECIALIZE
/* Inside a model image: one inlined copy per layer. */
#define UTVM_KERNEL(name)                                                                          \
    static inline __attribute__((always_inline)) enum utvm_status utvm_##name(                     \
        const void *params, const struct utvm_kernel_args *args)
#else
#define UTVM_KERNEL(name)                                                                          \
    enum utvm_status utvm_##name(const void *params, const struct utvm_kernel_args *args);         \
    enum utvm_status utvm_##name(const void *params, const struct utvm_kernel_args *args)
#endif

/** The same for a name that is itself a macro. */
#define UTVM_KERNEL_EXPANDED(name) UTVM_KERNEL(name)

#endif
