// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BUILD_LIBRARY_H
#define UTVM_CORE_BUILD_LIBRARY_H

#include "core/build/network.h"
#include "core/text.h"

/** model.h: what an application sees of the library, with each input and output described. */
void utvm_emit_library_header(const struct utvm_network *net, struct utvm_text *out);

/** C source behind model.h: memory, state, and the sequence of the layers. */
void utvm_emit_library_source(const struct utvm_network *net, struct utvm_text *out);

#endif
