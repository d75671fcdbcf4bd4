// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_OPTIONS_H
#define UTVM_BOARD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/board/fault.h"
#include "probe/board/machine.h"

/** TCP port of stlink-server, OpenOCD's default for "st-link backend tcp". */
#define BOARD_DEFAULT_PORT 7184

/** The command line; strings point into argv. */
struct board_options {
    bool stlink;
    uint16_t stlink_port; /**< 0 = any free one */
    bool bitbang;
    const char *bitbang_path; /**< NULL = TCP */
    uint16_t bitbang_port;    /**< 0 = any free one */
    enum board_timing_mode timing;
    const char *profile_path;
    const char *serial[BOARD_NUM_SERIAL]; /**< as in struct board_machine_config */
    const char *flash_path;
    int ready_fd;  /**< -1 = announce on standard output */
    int parent_fd; /**< -1 = none */
    bool die_with_parent;
    bool stay;
    bool help;
    bool version;
    struct board_faults faults;
};

/**
 * Parses the command line. Without --stlink and --bitbang the ST-LINK listens on its default port.
 * @return false with a message for a person in error[error_size]
 */
bool board_options_parse(struct board_options *options, int argc, char **argv, char *error,
                         size_t error_size);

/** The text of --help, in pieces that end with NULL; board_faults_describe() goes where it is "".
 */
extern const char *const board_help[];

#endif
