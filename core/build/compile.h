// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BUILD_COMPILE_H
#define UTVM_CORE_BUILD_COMPILE_H

#include "core/build/build.h"
#include "core/build/workdir.h"

/** Source files to compile, by name in the working directory without ".c" or ".s". */
struct utvm_sources {
    char **names; /**< "layer_000_conv2d.c"; owned */
    size_t count;
    size_t capacity;
};

/** Adds a copy of the name. @return NO_MEMORY */
UTVM_MUST_CHECK struct utvm_error *utvm_sources_add(struct utvm_sources *sources, const char *name);
void utvm_sources_deinit(struct utvm_sources *sources);

/** First line of what the compiler says to --version, malloc'd. @return NOT_FOUND, OS */
UTVM_MUST_CHECK struct utvm_error *utvm_compiler_version(const char *compiler, char **ret);

/**
 * Compiles all sources, several at once, each NAME.c or NAME.s to an object file of its own.
 * @return STATE with the compiler's first error line; CANCELLED
 */
UTVM_MUST_CHECK struct utvm_error *utvm_compile(const struct utvm_build_options *options,
                                                const struct utvm_workdir *dir,
                                                const struct utvm_sources *sources);

/**
 * Joins the objects into one, DIR/NAME.o, of which only the functions of library.h can be seen,
 * and makes an archive of it, DIR/library.a; NAME is the library's.
 * @return STATE with what the tool says, INVALID when the compiler is not called ...gcc
 */
UTVM_MUST_CHECK struct utvm_error *utvm_archive(const struct utvm_build_options *options,
                                                const struct utvm_workdir *dir,
                                                const struct utvm_sources *sources);

/** Links the objects of the sources to model.elf. @return NO_SPACE with the bytes missing, STATE */
UTVM_MUST_CHECK struct utvm_error *utvm_link(const struct utvm_build_options *options,
                                             const struct utvm_workdir *dir,
                                             const struct utvm_sources *sources);

#endif
