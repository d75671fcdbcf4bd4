// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_LOOP_H
#define UTVM_BOARD_LOOP_H

#include <stdbool.h>
#include <stddef.h>

#include "probe/board/fault.h"
#include "probe/board/link.h"
#include "probe/board/machine.h"

/**
 * One process, one thread: waits in poll() while the core does not run, and runs it in slices
 * between polls while it does. All pointers are borrowed.
 */
struct board_loop_config {
    struct board_machine *machine;
    struct board_faults *faults;
    struct board_link *links[BOARD_NUM_LINKS]; /**< NULL = not in use */
    int signal_fd;                             /**< readable ends the loop; -1 = none */
    int parent_fd;                             /**< end of file on it ends the loop; -1 = none */
    bool stay;                                 /**< go on after the last client has left */
};

/**
 * Serves until a signal, the parent's end or the leaving of the last client.
 * @return 0, or an errno value when poll() fails
 */
int board_loop_run(const struct board_loop_config *config);

#endif
