// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BUILD_PLACE_H
#define UTVM_CORE_BUILD_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/**
 * Placement of buffers with known lifetimes in one or more memory regions: two buffers that are
 * alive in a common step never overlap. It knows nothing of tensors; core/build/plan.h does.
 */
struct utvm_place_buffer {
    uint32_t size_bytes; /**< at least 1 */
    uint32_t align;      /**< a power of two */
    uint32_t first_step; /**< alive from this step */
    uint32_t last_step;  /**< to this one, inclusive */
    uint32_t region;     /**< result */
    uint32_t offset;     /**< result, multiple of align */
};

struct utvm_place_region {
    uint32_t capacity_bytes;
    uint32_t used_bytes; /**< result: end of the highest buffer */
};

/** The largest sum of buffers alive at once: no placement needs less. */
uint64_t utvm_place_bound(const struct utvm_place_buffer *buffers, size_t num_buffers);

/**
 * Places all buffers. The first region is preferred for all of them; the further ones are used when
 * it is too small. Greedy by size with first fit, then other orders are tried, a bounded and
 * reproducible number of times, until the bound is met.
 * @param regions      [num_regions], at least one
 * @param needed_bytes receives what one region of unlimited size would have to have
 * @param fits         receives whether the regions suffice; if not, offsets are meaningless
 * @return NO_MEMORY
 */
UTVM_MUST_CHECK struct utvm_error *utvm_place(struct utvm_place_buffer *buffers, size_t num_buffers,
                                              struct utvm_place_region *regions, size_t num_regions,
                                              uint64_t *needed_bytes, bool *fits);

#endif
