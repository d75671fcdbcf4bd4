// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_PROBE_EXCHANGE_H
#define UTVM_PROBE_EXCHANGE_H

#include <stddef.h>

#include "core/error.h"

/**
 * A file in memory through which this process and an OpenOCD on the same machine hand each other
 * bulk data. It has no name in any directory, so nothing is left behind however this process ends;
 * OpenOCD opens it through /proc, which lets in this user only.
 * Source: memfd_create(2), proc(5) /proc/PID/fd.
 */
struct utvm_exchange {
    int fd;        /**< -1 = there is none */
    char path[64]; /**< what OpenOCD opens; without any sign that Tcl acts on */
};

/** Makes the file. On failure there is none, which is no error: transfers then go by text. */
void utvm_exchange_init(struct utvm_exchange *x);
void utvm_exchange_deinit(struct utvm_exchange *x);

/** Makes the file's content exactly these bytes. @return OS */
UTVM_MUST_CHECK struct utvm_error *utvm_exchange_put(struct utvm_exchange *x, const void *bytes,
                                                     size_t size_bytes);

/** Takes exactly size_bytes from its beginning. @return FORMAT if the file has another size, OS */
UTVM_MUST_CHECK struct utvm_error *utvm_exchange_get(struct utvm_exchange *x, void *bytes,
                                                     size_t size_bytes);

#endif
