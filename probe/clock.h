// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_PROBE_CLOCK_H
#define UTVM_PROBE_CLOCK_H

#include <stdint.h>
#include <time.h>

/** Time that only goes forward, for deadlines and rates. */
static inline uint64_t utvm_clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static inline uint64_t utvm_clock_ms(void)
{
    return utvm_clock_us() / 1000u;
}

#endif
