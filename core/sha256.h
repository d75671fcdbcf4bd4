// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_SHA256_H
#define UTVM_CORE_SHA256_H

#include <stddef.h>

/** SHA-256 of the bytes as 64 lower-case hex digits and NUL. Source: FIPS 180-4. */
void utvm_sha256_hex(const void *bytes, size_t size_bytes, char ret[65]);

#endif
