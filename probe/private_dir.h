// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_PROBE_PRIVATE_DIR_H
#define UTVM_PROBE_PRIVATE_DIR_H

#include "core/error.h"

/**
 * A directory that only this user can enter, for a Unix socket. While it is in use this process
 * holds a lock on it, which the kernel drops when the process ends, however it ends.
 */
struct utvm_private_dir {
    char path[64]; /**< "" = none; short, so that a socket's name fits behind it */
    int fd;
};

/**
 * Makes one in /dev/shm, else TMPDIR, else /tmp, and removes those that killed processes left.
 * @return OS
 */
UTVM_MUST_CHECK struct utvm_error *utvm_private_dir_init(struct utvm_private_dir *dir);

/** Removes the directory and the files in it. */
void utvm_private_dir_deinit(struct utvm_private_dir *dir);

#endif
