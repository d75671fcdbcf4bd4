// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/board/cache.h"
#include "probe/board/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** A device profile, whatever its bytes, is refused with a message or describes usable caches. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct board_cache cache;
    struct board_profile p;
    char error[128] = "";

    if (!board_profile_parse(&p, (const char *)data, size, "fuzz", error, sizeof error)) {
        if (strncmp(error, "fuzz:", 5) != 0) {
            abort();
        }
        return 0;
    }
    board_cache_init(&cache, p.icache.size_bytes, p.icache.ways, p.icache.line_bytes);
    (void)board_cache_fetch(&cache, 0xFFFFFFFFu >> cache.line_shift);
    board_cache_init(&cache, p.dcache.size_bytes, p.dcache.ways, p.dcache.line_bytes);
    (void)board_cache_touch(&cache, 0xFFFFFFFFu >> cache.line_shift);
    return 0;
}
