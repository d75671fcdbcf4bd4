// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BUILD_LIBRARY_H
#define UTVM_CORE_BUILD_LIBRARY_H

#include <stdbool.h>

#include "core/build/network.h"
#include "core/text.h"

/** Longest name of a library. */
#define UTVM_LIBRARY_NAME_MAX 40u

#define UTVM_LIBRARY_FUNCTIONS 5u
/** What follows "NAME_" in the functions that an application sees. */
extern const char *const utvm_library_functions[UTVM_LIBRARY_FUNCTIONS];

/**
 * A name that functions, macros and files of a library may begin with: small letters, digits and
 * '_', a letter first; not "utvm...", nor that of a header or library of C.
 */
bool utvm_library_name_is_valid(const char *name);

/** Copies text of our own in which the functions, macros and files of a library are called model_*,
 * MODEL_*, model.h and libmodel.a, so that they bear its name. */
void utvm_library_rename(const char *text, const char *name, struct utvm_text *out);

/** NAME.h: what an application sees of the library, with each input and output described. */
void utvm_emit_library_header(const struct utvm_network *net, const char *name,
                              struct utvm_text *out);

/** C source behind NAME.h: memory, state, and the sequence of the layers. */
void utvm_emit_library_source(const struct utvm_network *net, const char *name,
                              struct utvm_text *out);

#endif
