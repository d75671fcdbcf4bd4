// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_PROBE_SPAWN_H
#define UTVM_PROBE_SPAWN_H

#include "probe/openocd_target.h"
#include "probe/probe.h"

/**
 * Starts the board, if the kind has one, and OpenOCD; waits until OpenOCD listens.
 *
 * @param o         takes the children and the private directory, also on failure
 * @param tcl_port  at least 8 bytes: the port that OpenOCD listens on
 * @return NOT_FOUND, LOST, TIMEOUT, CANCELLED, OS
 */
UTVM_MUST_CHECK struct utvm_error *utvm_spawn(struct utvm_openocd *o,
                                              const struct utvm_probe_options *options,
                                              uint32_t timeout_ms, char *tcl_port,
                                              size_t tcl_port_bytes);

#endif
