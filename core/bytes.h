// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BYTES_H
#define UTVM_CORE_BYTES_H

#include <stdint.h>
#include <string.h>

/**
 * The one place where bytes of files and targets become integers. Everything utvm reads is
 * little-endian; p need not be aligned.
 */
static inline uint16_t utvm_le16(const void *p)
{
    const uint8_t *b = p;
    return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t utvm_le32(const void *p)
{
    const uint8_t *b = p;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static inline uint64_t utvm_le64(const void *p)
{
    const uint8_t *b = p;
    return (uint64_t)utvm_le32(b) | (uint64_t)utvm_le32(b + 4) << 32;
}

static inline float utvm_le_float(const void *p)
{
    uint32_t bits = utvm_le32(p);
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static inline void utvm_put_le16(void *p, uint16_t value)
{
    uint8_t *b = p;
    b[0] = (uint8_t)value;
    b[1] = (uint8_t)(value >> 8);
}

static inline void utvm_put_le32(void *p, uint32_t value)
{
    uint8_t *b = p;
    b[0] = (uint8_t)value;
    b[1] = (uint8_t)(value >> 8);
    b[2] = (uint8_t)(value >> 16);
    b[3] = (uint8_t)(value >> 24);
}

static inline void utvm_put_le64(void *p, uint64_t value)
{
    uint8_t *b = p;
    utvm_put_le32(b, (uint32_t)value);
    utvm_put_le32(b + 4, (uint32_t)(value >> 32));
}

#endif
