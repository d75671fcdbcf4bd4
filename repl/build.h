// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_BUILD_H
#define UTVM_REPL_BUILD_H

#include "repl/shell.h"

/** Building models from inside the shell: the library behind utvm-build. Zero and NULL = default.
 */
struct utvm_build_request {
    const char *model;  /**< .tflite */
    const char *output; /**< NULL = beside the model, .elf */
    const char *labels;
    const char *optimize;
    const char *keep_dir;
    uint32_t clock_hz;
    bool ram;
    bool no_prune;
};

/** @param ret path of the ELF, malloc'd */
UTVM_MUST_CHECK struct utvm_error *utvm_build_model(struct utvm_shell *sh,
                                                    const struct utvm_build_request *request,
                                                    FILE *out, char **ret);

/** Builds into $XDG_CACHE_HOME/utvm (~/.cache/utvm) and says where. */
UTVM_MUST_CHECK struct utvm_error *utvm_build_cached(struct utvm_shell *sh, const char *model,
                                                     FILE *out, char **ret);

#endif
