// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMMANDS_COMMON_H
#define UTVM_REPL_COMMANDS_COMMON_H

#include "repl/shell.h"
#include "repl/view.h"

/** What several commands share. */

/** Checks needs that only a sub-command has. */
UTVM_MUST_CHECK struct utvm_error *utvm_shell_require(struct utvm_shell *sh, unsigned needs);

/** Reads the part of a tensor that a user named. force reads what is no longer alive, too. */
UTVM_MUST_CHECK struct utvm_error *utvm_read_view(struct utvm_shell *sh,
                                                  const struct utvm_tensor_ref *ref, bool force,
                                                  struct utvm_view *ret);

/** Reads a whole tensor: the host's copy for an input, the target's bytes for the rest. */
UTVM_MUST_CHECK struct utvm_error *utvm_read_whole(struct utvm_shell *sh, uint32_t tensor,
                                                   bool force, struct utvm_array *ret);

/** Puts a value into a tensor: as input of every run for an input, into memory for the rest. */
UTVM_MUST_CHECK struct utvm_error *utvm_store_tensor(struct utvm_shell *sh, uint32_t tensor,
                                                     const struct utvm_array *value);

/** Opens a model: an ELF, or a .tflite that is built first. Says what it did. */
UTVM_MUST_CHECK struct utvm_error *utvm_open_model(struct utvm_shell *sh, const char *path,
                                                   FILE *out);

/** Shows the layers that have run since `from` and why execution stopped. */
UTVM_MUST_CHECK struct utvm_error *utvm_show_stop(struct utvm_shell *sh, FILE *out, uint32_t from,
                                                  bool each_layer);

/** "end", "breakpoint", … for machines. */
const char *utvm_stop_reason_name(enum utvm_stop_reason reason);

/** One line about a layer that has run. */
void utvm_show_layer(struct utvm_shell *sh, FILE *out, uint32_t index);

/** "modelled", "measured". */
const char *utvm_cycle_source_name(enum utvm_cycle_source source);

/** "kernels/ops/add.c:42" of a code address, malloc'd; NULL when nothing is known. */
char *utvm_source_line(struct utvm_shell *sh, utvm_addr pc);

/** Machine code with source lines where the model has debug information. */
UTVM_MUST_CHECK struct utvm_error *utvm_disassemble(struct utvm_shell *sh, utvm_addr start,
                                                    utvm_addr end, bool source, char **ret);

/** Top classes of the model's output, best first; 0 when the model has no labels. */
struct utvm_class {
    uint32_t index;
    const char *label;
    double score;
};
UTVM_MUST_CHECK struct utvm_error *utvm_top_classes(struct utvm_shell *sh, size_t max,
                                                    struct utvm_class *classes, size_t *ret);

/** Compares with the options given as NaN = the setting; the document is remembered for report. */
struct utvm_compare_request {
    const char *path; /**< NULL = the setting `reference` */
    double lsb;
    double atol;
    double rtol;
    bool own_error;
};

#endif
