// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMMANDS_INFO_H
#define UTVM_REPL_COMMANDS_INFO_H

#include "repl/commands/common.h"

/** Documents of single things, for 'info'. */
struct utvm_document *utvm_layer_document(struct utvm_shell *sh, uint32_t index);
struct utvm_document *utvm_tensor_document(struct utvm_shell *sh, uint32_t index);
struct utvm_document *utvm_target_document(struct utvm_shell *sh);
struct utvm_document *utvm_session_document(struct utvm_shell *sh);
struct utvm_document *utvm_model_document(const struct utvm_model *model);

/** "valid", "overwritten", …: what has become of a tensor's value. */
const char *utvm_life_text(enum utvm_tensor_life life);

/** What lies at the address that an expression gives. */
UTVM_MUST_CHECK struct utvm_error *utvm_show_symbol(struct utvm_shell *sh, const char *text,
                                                    FILE *out);

/** Table of the core's registers, or of the one that is named unless it is NULL. */
UTVM_MUST_CHECK struct utvm_error *utvm_show_registers(struct utvm_shell *sh, const char *only,
                                                       bool floats, FILE *out);

#endif
