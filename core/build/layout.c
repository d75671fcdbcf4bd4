// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/build/layout.h"

// STM32F746. Source: RM0385 2.2.2.
#define FLASH_BYTES (1024u * 1024u)
#define DTCM_BYTES (64u * 1024u)
#define SRAM_BYTES (256u * 1024u)

// Kept for what only the linker knows: .data and .bss, and the code when it is in RAM. Too little
// is found by the linker, which then says how much is missing.
#define DATA_RESERVE 1024u
#define CODE_RESERVE 16384u
#define LAYER_CODE_RESERVE 1024u
#define LINE_BYTES 32u
// State that is not larger than this goes where the fast memory is.
#define MAX_DTCM_STATE 8192u

static uint32_t round_up(uint32_t value, uint32_t to)
{
    return (value + to - 1) / to * to;
}

static uint32_t minus(uint32_t from, uint64_t what)
{
    return what < from ? from - (uint32_t)what : 0;
}

struct utvm_error *utvm_layout_decide(struct utvm_network *net,
                                      const struct utvm_build_options *options,
                                      struct utvm_layout *ret)
{
    uint32_t code_bytes = options->ram ? SRAM_BYTES : FLASH_BYTES;
    if (net->weights_bytes > code_bytes) {
        return utvm_error_create(UTVM_ERROR_NO_SPACE,
                                 "the constants need %u bytes, %s has %u: %u missing",
                                 net->weights_bytes, options->ram ? "sram" : "flash", code_bytes,
                                 net->weights_bytes - code_bytes);
    }
    *ret = (struct utvm_layout){
        .ram = options->ram,
        .itcm_code = options->itcm_code,
        .state_in_dtcm = net->state_bytes <= MAX_DTCM_STATE,
        .stack_bytes = options->stack_bytes,
        .run_bytes = (uint32_t)(sizeof(struct utvm_mailbox) +
                                (size_t)net->num_layers * sizeof(struct utvm_layer_record)),
        .clock_hz = options->clock_hz,
    };
    uint32_t state = round_up(net->state_bytes, LINE_BYTES);
    uint64_t dtcm_used = (uint64_t)round_up(ret->stack_bytes, LINE_BYTES) +
                         round_up(ret->run_bytes, LINE_BYTES) + (ret->state_in_dtcm ? state : 0);
    uint64_t sram_used = (uint64_t)DATA_RESERVE + (ret->state_in_dtcm ? 0 : state);
    if (options->ram) {
        sram_used += (uint64_t)net->weights_bytes + CODE_RESERVE +
                     (uint64_t)net->num_layers * LAYER_CODE_RESERVE;
    }
    net->num_regions = 0;
    if (options->arena != UTVM_BUILD_ARENA_SRAM) {
        net->regions[net->num_regions++] = (struct utvm_net_region){
            .memory = "dtcm",
            .capacity_bytes = minus(DTCM_BYTES, dtcm_used),
        };
    }
    if (options->arena != UTVM_BUILD_ARENA_DTCM) {
        net->regions[net->num_regions++] = (struct utvm_net_region){
            .memory = "sram",
            .capacity_bytes = minus(SRAM_BYTES, sram_used),
        };
    }
    return NULL;
}
