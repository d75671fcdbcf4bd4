// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_LINK_H
#define UTVM_REPL_LINK_H

#include "repl/shell.h"

/**
 * Where targets are created: the only file of the shell that knows the probe layer.
 *
 * @param where  "embedded-stlink", "embedded-bitbang" or "HOST:PORT" of a running OpenOCD; NULL =
 *               the setting
 * @param config an OpenOCD configuration file to start OpenOCD with; NULL = none
 * @return as utvm_probe_connect; the session has no target then
 */
UTVM_MUST_CHECK struct utvm_error *utvm_link_connect(struct utvm_shell *sh, const char *where,
                                                     const char *config);

/** @return INVALID when it is nothing that can be connected to, by its form */
UTVM_MUST_CHECK struct utvm_error *utvm_link_check(const char *where);

/** Connects as the setting says if nothing is connected, or if what was is lost. */
UTVM_MUST_CHECK struct utvm_error *utvm_link_ensure(struct utvm_shell *sh);

/** Takes the progress line away, so that output starts in an empty line. */
void utvm_progress_clear(struct utvm_shell *sh);

#endif
