// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdbool.h>
#include <string.h>

#include "kernels/runtime/device.h"
#include "kernels/runtime/runtime.h"

#define STACK_PATTERN 0xA5A5A5A5u
#define CALIBRATION_RUNS 8u

// Beside the flags of the ABI: not the first layer of its run.
#define RUN_CONTINUED 0x80000000u

// The board's vendor block, as far as a run reads it: a write to the latch freezes 64-bit counters,
// of which the low words are enough for differences.
#define VENDOR_LATCH 0x014u
#define VENDOR_SNAPSHOT 0x200u
#define VENDOR_STRIDE 8u

extern uint32_t utvm_ld_stack_bottom[];

// What a call came to; counters that were not asked for stay zero.
struct measured {
    enum utvm_status status;
    uint32_t cycles;
    uint32_t stack_bytes;
    uint32_t events;
    uint32_t fold;
    uint32_t breakdown[UTVM_BREAKDOWN_COUNT];
};

/*
 * The measurement proper: nothing but the call lies between the two readings. The barriers keep
 * work that was still under way out of it, and the layer's last stores in it. Not inlined, so that
 * the calibration below times exactly this code.
 */
static __attribute__((noinline)) enum utvm_status timed_call(utvm_layer_fn layer, uint32_t *cycles)
{
    utvm_dsb();
    utvm_isb();
    uint32_t start = DWT_CYCCNT;
    enum utvm_status status = layer();
    utvm_dsb();
    uint32_t end = DWT_CYCCNT;
    *cycles = end - start;
    return status;
}

static enum utvm_status nothing(void)
{
    return UTVM_STATUS_OK;
}

static void enable_counter(void)
{
    SCB_DEMCR |= DEMCR_TRCENA;
    DWT_LAR = DWT_LAR_KEY;
    DWT_CTRL |= DWT_CYCCNTENA | DWT_EVENTS;
    utvm_dsb();
}

static bool counter_ticks(void)
{
    uint32_t start = DWT_CYCCNT;
    utvm_dsb();
    utvm_isb();
    return DWT_CYCCNT != start;
}

void utvm_counter_start(void)
{
    volatile struct utvm_mailbox *mailbox = &utvm_run_area.mailbox;
    enable_counter();
    // The least of several: the first ones still fill the caches.
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < CALIBRATION_RUNS; i++) {
        uint32_t cycles;
        (void)timed_call(nothing, &cycles);
        least = cycles < least ? cycles : least;
    }
    mailbox->overhead_cycles = least;
    mailbox->abi_version = UTVM_ABI_VERSION;
    mailbox->num_layers = utvm_num_layers;
    mailbox->state = counter_ticks() ? UTVM_STATE_READY : UTVM_STATE_NO_COUNTER;
    utvm_dsb();
    mailbox->magic = UTVM_MAILBOX_MAGIC;
    utvm_dsb();
}

void utvm_state_reset(void)
{
    for (uint32_t i = 0; i < utvm_num_state_inits; i++) {
        const struct utvm_state_init *init = &utvm_state_inits[i];
        if (init->initial) {
            memcpy(init->addr, init->initial, init->size_bytes);
        } else {
            memset(init->addr, (int)init->fill, init->size_bytes);
        }
    }
}

/*
 * Paints the free stack and returns where it ends: the stack pointer of the caller, since a
 * function without calls needs no frame. In assembler, so that no compiler makes it one.
 */
__attribute__((naked)) static uint32_t *paint_stack(void)
{
    __asm__ volatile("ldr r1, =utvm_ld_stack_bottom\n"
                     "ldr r2, =0xA5A5A5A5\n"
                     "mov r0, sp\n"
                     "1: cmp r1, r0\n"
                     "it lo\n"
                     "strlo r2, [r1], #4\n"
                     "blo 1b\n"
                     "bx lr\n"
                     ".ltorg\n");
}

static __attribute__((noinline)) uint32_t scan_stack(const uint32_t *top)
{
    const volatile uint32_t *word = utvm_ld_stack_bottom;
    while (word < top && *word == STACK_PATTERN) {
        word++;
    }
    return (uint32_t)((uintptr_t)top - (uintptr_t)word);
}

// Inlined, so that it leaves no trace on the stack that is being measured.
static inline __attribute__((always_inline)) void read_vendor(uint32_t base, uint32_t *values)
{
    UTVM_REG(base + VENDOR_LATCH) = 1;
    utvm_dsb();
    for (uint32_t i = 0; i < UTVM_BREAKDOWN_COUNT; i++) {
        values[i] = UTVM_REG(base + VENDOR_SNAPSHOT + VENDOR_STRIDE * i);
    }
}

// Four 8-bit counters in one word.
static uint32_t read_events(void)
{
    return (DWT_CPICNT & 0xFFu) | (DWT_EXCCNT & 0xFFu) << 8 | (DWT_SLEEPCNT & 0xFFu) << 16 |
           (DWT_LSUCNT & 0xFFu) << 24;
}

// Differences of each byte modulo 256, as the counters wrap.
static uint32_t subtract_bytes(uint32_t a, uint32_t b)
{
    uint32_t result = 0;
    for (uint32_t shift = 0; shift < 32; shift += 8) {
        result |= (((a >> shift) - (b >> shift)) & 0xFFu) << shift;
    }
    return result;
}

// The counters that a run asked for, around the call; without any flag it is the call alone.
static __attribute__((noinline)) void measure(utvm_layer_fn layer, uint32_t flags, uint32_t vendor,
                                              struct measured *m)
{
    uint32_t before[UTVM_BREAKDOWN_COUNT];
    uint32_t *stack_top = NULL;
    uint32_t events = 0;
    uint32_t fold = 0;
    if ((flags & UTVM_RUN_EVENTS) != 0) {
        events = read_events();
        fold = DWT_FOLDCNT;
    }
    if ((flags & UTVM_RUN_STACK) != 0) {
        stack_top = paint_stack();
    }
    if (vendor) {
        read_vendor(vendor, before);
    }
    m->status = timed_call(layer, &m->cycles);
    if (vendor) {
        read_vendor(vendor, m->breakdown);
        for (uint32_t i = 0; i < UTVM_BREAKDOWN_COUNT; i++) {
            m->breakdown[i] -= before[i];
        }
    }
    if (stack_top) {
        m->stack_bytes = scan_stack(stack_top);
    }
    if ((flags & UTVM_RUN_EVENTS) != 0) {
        m->fold = (DWT_FOLDCNT - fold) & 0xFFu;
        m->events = subtract_bytes(read_events(), events);
    }
}

static uint32_t minus(uint32_t a, uint32_t b)
{
    return a > b ? a - b : 0;
}

// What measuring nothing comes to with these flags: the least of several, as the first ones still
// fill the caches.
static void measure_nothing(uint32_t flags, uint32_t vendor, struct measured *least)
{
    measure(nothing, flags, vendor, least);
    for (uint32_t n = 1; n < CALIBRATION_RUNS; n++) {
        struct measured m = {.status = UTVM_STATUS_OK};
        measure(nothing, flags, vendor, &m);
        for (uint32_t i = 0; i < UTVM_BREAKDOWN_COUNT; i++) {
            if (m.breakdown[i] < least->breakdown[i]) {
                least->breakdown[i] = m.breakdown[i];
            }
        }
    }
}

static void subtract(struct measured *m, const struct measured *of_nothing)
{
    m->stack_bytes = minus(m->stack_bytes, of_nothing->stack_bytes);
    for (uint32_t i = 0; i < UTVM_BREAKDOWN_COUNT; i++) {
        m->breakdown[i] = minus(m->breakdown[i], of_nothing->breakdown[i]);
    }
}

static void store_record(volatile struct utvm_layer_record *record, const struct measured *m)
{
    record->cycles = m->cycles;
    record->stack_bytes = m->stack_bytes;
    record->events = m->events;
    record->fold = m->fold;
    for (uint32_t i = 0; i < UTVM_BREAKDOWN_COUNT; i++) {
        record->breakdown[i] = m->breakdown[i];
    }
}

// `yes` or `no` without a branch, whichever way the compiler likes.
static inline uint32_t choose(uint32_t condition, uint32_t yes, uint32_t no)
{
    return no ^ ((no ^ yes) & (0u - condition));
}

/*
 * One layer of a run, and everything around it. A run of many layers goes through the same code
 * before each of them as a run of one layer does, with the same branches taken: what branch
 * predictor and caches know when a layer begins shall not depend on where a debugger has stopped
 * before. So what differs between the first layer of a run and the next ones is chosen without
 * branches. of_nothing is kept from layer to layer. Returns 1 if another layer is to follow.
 */
static __attribute__((noinline, used)) uint32_t utvm_pass(uint32_t layer, uint32_t flags,
                                                          struct measured *of_nothing)
{
    volatile struct utvm_mailbox *mailbox = &utvm_run_area.mailbox;
    uint32_t vendor = (flags & UTVM_RUN_BREAKDOWN) != 0 ? mailbox->breakdown_addr : 0;
    bool calibrates = (flags & UTVM_RUN_STACK) != 0 || vendor;
    uint32_t continued = flags / RUN_CONTINUED;
    struct measured m = {.status = UTVM_STATUS_OK};
    // A debugger may have turned tracing off, and a reset of the debug logic does.
    enable_counter();
    mailbox->start_cycles = choose(continued, mailbox->start_cycles, DWT_CYCCNT);
    mailbox->status = UTVM_STATUS_OK;
    mailbox->current_layer = layer;
    mailbox->state = UTVM_STATE_RUNNING;
    if ((flags & UTVM_RUN_RESET_STATE) != 0) {
        utvm_state_reset();
    }
    if (calibrates && !continued) {
        measure_nothing(flags, vendor, of_nothing);
    }
    if (layer < mailbox->end_layer && layer < utvm_num_layers) {
        if (utvm_layers[layer]) {
            measure(utvm_layers[layer], flags, vendor, &m);
        }
        if (calibrates) {
            subtract(&m, of_nothing);
        }
        store_record(&utvm_run_area.records[layer], &m);
        layer += m.status == UTVM_STATUS_OK;
    }
    // The end is read each time: a debugger moves it to stop an interrupted run after its layer.
    uint32_t ended = counter_ticks() ? UTVM_STATE_DONE : UTVM_STATE_NO_COUNTER;
    uint32_t ok = m.status == UTVM_STATUS_OK;
    uint32_t more = ok & (layer < mailbox->end_layer) & (layer < utvm_num_layers);
    mailbox->status = m.status;
    mailbox->current_layer = layer;
    mailbox->end_cycles = DWT_CYCCNT;
    mailbox->state = choose(more, UTVM_STATE_RUNNING, choose(ok, ended, UTVM_STATE_FAILED));
    utvm_dsb();
    return more;
}

void utvm_run(uint32_t first, uint32_t end, uint32_t flags)
{
    volatile struct utvm_mailbox *mailbox = &utvm_run_area.mailbox;
    struct measured of_nothing = {.status = UTVM_STATUS_OK};
    mailbox->first_layer = first;
    mailbox->end_layer = end;
    while (utvm_pass(first, flags, &of_nothing) != 0) {
        first++;
        flags = (flags & ~(uint32_t)UTVM_RUN_RESET_STATE) | RUN_CONTINUED;
    }
}

_Static_assert(sizeof(struct measured) <= 56, "frame of utvm_entry");
_Static_assert(offsetof(struct utvm_mailbox, first_layer) == 20, "offset in utvm_entry");
_Static_assert(offsetof(struct utvm_mailbox, end_layer) == 24, "offset in utvm_entry");
_Static_assert(UTVM_RUN_RESET_STATE == 8 && RUN_CONTINUED == 0x80000000u, "flags in utvm_entry");

/*
 * utvm_run() as a debugger enters it, and the one place where runs end; resuming at the BKPT ends
 * at it again. After each layer an indirect branch leads either to the BKPT or to the entry again,
 * with the registers that a debugger would have set. In one piece of assembler, so that the order
 * is certain and both ways lie in the same lines of the cache.
 */
__asm__(".section .text.utvm_entry, \"ax\", %progbits\n"
        ".balign 32\n"
        ".thumb\n"
        ".global utvm_entry\n"
        ".type utvm_entry, %function\n"
        ".thumb_func\n"
        "utvm_entry:\n"
        "    ldr r3, =utvm_ld_stack_top\n"
        "    mov sp, r3\n"
        "    sub sp, sp, #56\n" // of_nothing
        "    ldr r4, =utvm_run_area\n"
        "    mov r5, r0\n"
        "    mov r6, r2\n"
        "    cmp r2, #0\n" // continued: its highest bit
        "    itt pl\n"
        "    strpl r0, [r4, #20]\n"
        "    strpl r1, [r4, #24]\n"
        "    mov r1, r2\n"
        "    mov r2, sp\n"
        "    bl utvm_pass\n"
        "    bic r2, r6, #8\n"
        "    orr r2, r2, #0x80000000\n"
        "    cmp r0, #0\n"
        "    add r0, r5, #1\n"
        "    ite eq\n"
        "    ldreq r3, =utvm_stop\n"
        "    ldrne r3, =utvm_entry\n"
        "    bx r3\n"
        ".size utvm_entry, . - utvm_entry\n"
        ".global utvm_stop\n"
        ".type utvm_stop, %function\n"
        ".thumb_func\n"
        "utvm_stop:\n"
        "    bkpt #0\n"
        "    b utvm_stop\n"
        ".size utvm_stop, . - utvm_stop\n"
        ".ltorg\n"
        ".text\n");
