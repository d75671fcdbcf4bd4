// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/build/host_run.h"

#include <stdlib.h>

#include "kernels/kernel_table.h"

#define WORKSPACE_ALIGN 16

struct utvm_error *utvm_host_run(const struct utvm_prepared *prepared, const void *const *inputs,
                                 void *const *outputs, bool *ret)
{
    utvm_kernel_fn kernel = utvm_kernel_find(prepared->kernel);
    *ret = false;
    if (!kernel) {
        return NULL;
    }
    size_t workspace_bytes =
        ((size_t)prepared->workspace_bytes / WORKSPACE_ALIGN + 1) * WORKSPACE_ALIGN;
    void *workspace = aligned_alloc(WORKSPACE_ALIGN, workspace_bytes);
    if (!workspace) {
        return utvm_error_no_memory();
    }
    const void *constants[UTVM_MAX_PREPARED_CONSTANTS] = {NULL};
    for (uint32_t i = 0; i < prepared->num_constants; i++) {
        constants[i] = prepared->constants[i].data;
    }
    struct utvm_kernel_args args = {
        .inputs = inputs,
        .outputs = outputs,
        .constants = constants,
        .workspace = workspace,
    };
    *ret = kernel(prepared->params, &args) == UTVM_STATUS_OK;
    free(workspace);
    return NULL;
}
