// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_PROBE_TCL_REPLY_H
#define UTVM_PROBE_TCL_REPLY_H

#include "probe/tcl_connection.h"

/** What one message of the server is, seen from the request that is being waited for. */
enum utvm_tcl_reply_kind {
    UTVM_TCL_REPLY_PRESENT, /**< the answer to it */
    UTVM_TCL_REPLY_LATE,    /**< the answer to an earlier one */
    UTVM_TCL_REPLY_NOTICE,  /**< sent unasked, because somebody turned tcl_notifications on */
    UTVM_TCL_REPLY_FOREIGN, /**< none of these */
};

/** Classifies a message of size_bytes, without its end mark, by the tag it begins with. */
enum utvm_tcl_reply_kind utvm_tcl_reply_match(const char *message, size_t size_bytes, uint64_t tag);

/**
 * Parses `TAG CODE VALUE LOG`.
 * @return TARGET with the server's message if CODE is not 0, FORMAT for another form; *ret is then
 *         untouched
 */
UTVM_MUST_CHECK struct utvm_error *utvm_tcl_reply_parse(const char *message, size_t size_bytes,
                                                        struct utvm_tcl_reply *ret);

#endif
