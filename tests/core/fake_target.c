// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "tests/core/fake_target.h"

#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "tests/core/elf_writer.h"

#define SCS 0xE000E000u
#define CFSR 0xD28u
#define BFAR 0xD38u

// Records lie behind the mailbox.
#define RECORD(i)                                                                                  \
    (TOY_MAILBOX + (utvm_addr)sizeof(struct utvm_mailbox) +                                        \
     (i) * (utvm_addr)sizeof(struct utvm_layer_record))

static struct fake_target *fake(struct utvm_target *t)
{
    return (struct fake_target *)t;
}

uint8_t *fake_target_at(struct fake_target *f, utvm_addr addr, size_t size_bytes)
{
    const struct {
        utvm_addr base;
        uint8_t *bytes;
        size_t size;
    } memories[] = {
        {TOY_FLASH, f->flash, sizeof(f->flash)},
        {0x20000000u, f->ram, sizeof(f->ram)},
        {SCS, f->scs, sizeof(f->scs)},
    };
    for (size_t i = 0; i < sizeof(memories) / sizeof(memories[0]); i++) {
        uint32_t offset = addr - memories[i].base;
        if (addr >= memories[i].base && offset < memories[i].size &&
            size_bytes <= memories[i].size - offset) {
            return memories[i].bytes + offset;
        }
    }
    return NULL;
}

uint32_t fake_cycles(uint32_t layer)
{
    return 1000 + 100 * layer;
}

static struct utvm_error *check_link(const struct fake_target *f)
{
    return f->lost ? utvm_error_create(UTVM_ERROR_LOST, "OpenOCD has closed the connection") : NULL;
}

/* ---- the toy model's arithmetic -------------------------------------------------------------- */

static int8_t *tensor_at(struct fake_target *f, uint32_t base, uint32_t offset)
{
    return (int8_t *)fake_target_at(f, base + offset, TOY_ELEMS);
}

static void compute(struct fake_target *f, uint32_t layer)
{
    int8_t *image = tensor_at(f, TOY_ARENA, 0);
    int8_t *a = tensor_at(f, TOY_ARENA, 16);
    int8_t *c = tensor_at(f, TOY_ARENA, 32);
    int8_t *state = tensor_at(f, TOY_STATE_BASE, 0);
    const int8_t *w = tensor_at(f, TOY_WEIGHTS, 0);
    for (int i = 0; i < TOY_ELEMS; i++) {
        switch (layer) {
        case 0:
            a[i] = (int8_t)(image[i] + w[i]);
            break;
        case 1: // with relu inside; b is where the image was
            image[i] = (int8_t)(a[i] > 0 ? 2 * a[i] : 0);
            break;
        case 3:
            c[i] = (int8_t)(a[i] + image[i] + state[i]);
            state[i]++;
            break;
        case 4:
            a[i] = c[i];
            break;
        default:
            break;
        }
    }
    if (layer == 1) {
        memset(fake_target_at(f, TOY_ARENA + 48, 16), 0x5A, 16); // its workspace
    }
}

/* ---- the device's side of a run -------------------------------------------------------------- */

static void put_mailbox(struct fake_target *f, size_t offset, uint32_t value)
{
    utvm_put_le32(fake_target_at(f, TOY_MAILBOX + (utvm_addr)offset, 4), value);
}

static uint32_t get_mailbox(struct fake_target *f, size_t offset)
{
    return utvm_le32(fake_target_at(f, TOY_MAILBOX + (utvm_addr)offset, 4));
}

#define PUT(f, field, value) put_mailbox(f, offsetof(struct utvm_mailbox, field), value)
#define GET(f, field) get_mailbox(f, offsetof(struct utvm_mailbox, field))

static void start_up(struct fake_target *f)
{
    memset(fake_target_at(f, TOY_ARENA, TOY_ARENA_BYTES), 0, TOY_ARENA_BYTES);
    memset(fake_target_at(f, TOY_STATE_BASE, 16), 0, 16);
    if (!f->silent_start_up) {
        PUT(f, magic, UTVM_MAILBOX_MAGIC);
        PUT(f, abi_version, UTVM_ABI_VERSION);
        PUT(f, num_layers, TOY_LAYERS);
        PUT(f, state, UTVM_STATE_READY);
        PUT(f, overhead_cycles, FAKE_OVERHEAD);
    }
    f->registers[UTVM_REG_PC] = TOY_STOP;
}

static void take_fault(struct fake_target *f)
{
    static const uint32_t causes[] = {
        [FAKE_FAULT_BUS] = 1u << 9 | 1u << 15,
        [FAKE_FAULT_USAGE] = 1u << 25,
        [FAKE_FAULT_STACK] = 1u << 12,
    };
    uint32_t frame = TOY_STACK + TOY_STACK_BYTES - 64;
    utvm_put_le32(f->scs + CFSR, causes[f->fault]);
    utvm_put_le32(f->scs + BFAR, f->fault == FAKE_FAULT_BUS ? f->fault_address : 0);
    utvm_put_le32(fake_target_at(f, frame + 24, 4), TOY_CODE + 0x20 * f->fault_layer + 4);
    f->registers[UTVM_REG_MSP] = f->fault == FAKE_FAULT_STACK ? TOY_STACK - 16 : frame;
    f->registers[UTVM_REG_LR] = 0xFFFFFFF9;
    f->registers[UTVM_REG_XPSR] = 0x01000000 | (f->fault == FAKE_FAULT_USAGE ? 6 : 5);
    f->registers[UTVM_REG_PC] = TOY_FLASH + 0x180;
    f->in_run = false;
    f->fault = FAKE_FAULT_NONE;
}

static void end_run(struct fake_target *f, uint32_t state)
{
    PUT(f, end_cycles, f->now);
    PUT(f, state, f->no_counter ? UTVM_STATE_NO_COUNTER : state);
    f->registers[UTVM_REG_PC] = TOY_STOP;
    f->in_run = false;
}

static void finish_layer(struct fake_target *f, uint32_t layer)
{
    bool runs = layer != 2;
    uint32_t cycles = runs ? fake_cycles(layer) + FAKE_OVERHEAD : 0;
    if (runs) {
        compute(f, layer);
        cycles += f->base.info.num_slots ? f->num_layers_ran++ : 0;
    }
    f->now += cycles + 10; // between the layers
    struct utvm_layer_record record = {
        .cycles = cycles,
        .stack_bytes = runs && (f->last_flags & UTVM_RUN_STACK) ? 64 + layer : 0,
        .events = runs && (f->last_flags & UTVM_RUN_EVENTS) ? 0x04030201 : 0,
    };
    if (runs && (f->last_flags & UTVM_RUN_BREAKDOWN)) {
        record.breakdown[UTVM_BREAKDOWN_ISSUE] = fake_cycles(layer);
    }
    memcpy(fake_target_at(f, RECORD(layer), sizeof(record)), &record, sizeof(record));
}

// Runs layers until the end, a fault or a layer that does not end. Returns true when the core has
// stopped by itself.
static bool run_layers(struct fake_target *f)
{
    while (f->next_layer < GET(f, end_layer)) {
        uint32_t layer = f->next_layer;
        PUT(f, current_layer, layer);
        if (layer == f->hang_layer) {
            f->registers[UTVM_REG_PC] = TOY_CODE + 0x20 * layer + 8;
            return false;
        }
        if (layer == f->foreign_stop_layer) {
            f->foreign_stop_layer = FAKE_NO_LAYER;
            f->registers[UTVM_REG_PC] = TOY_CODE + 0x20 * layer + 2;
            return true;
        }
        if (layer == f->fault_layer && f->fault != FAKE_FAULT_NONE) {
            take_fault(f);
            return true;
        }
        if (layer == f->status_layer) {
            PUT(f, status, f->status);
            end_run(f, UTVM_STATE_FAILED);
            return true;
        }
        finish_layer(f, layer);
        f->next_layer++;
    }
    PUT(f, current_layer, f->next_layer);
    end_run(f, UTVM_STATE_DONE);
    return true;
}

static void begin_run(struct fake_target *f, const struct utvm_call *call)
{
    f->last_first = call->args[0];
    f->last_end = call->args[1];
    f->last_flags = call->args[2];
    if (f->last_flags & UTVM_RUN_RESET_STATE) {
        memset(fake_target_at(f, TOY_STATE_BASE, 16), 0, 16);
    }
    f->next_layer = call->args[0];
    f->in_run = true;
    PUT(f, first_layer, call->args[0]);
    PUT(f, end_layer, call->args[1] < TOY_LAYERS ? call->args[1] : TOY_LAYERS);
    PUT(f, status, UTVM_STATUS_OK);
    PUT(f, state, UTVM_STATE_RUNNING);
    PUT(f, start_cycles, f->now);
}

/* ---- the port -------------------------------------------------------------------------------- */

static void fake_destroy(struct utvm_target *t)
{
    free(fake(t));
}

static struct utvm_error *fake_halt(struct utvm_target *t)
{
    // As a back end whose wait loops look at the flag.
    if (fake(t)->cancel_in_halt) {
        *fake(t)->cancel_in_halt = 2;
    }
    if (utvm_target_is_cancelled(t)) {
        return utvm_error_create(UTVM_ERROR_CANCELLED, "cancelled while waiting for the halt");
    }
    fake(t)->hang_layer = FAKE_NO_LAYER; // resumed, it goes on to its end
    return check_link(fake(t));
}

static struct utvm_error *fake_resume(struct utvm_target *t)
{
    return check_link(fake(t));
}

static struct utvm_error *fake_reset_halt(struct utvm_target *t)
{
    struct fake_target *f = fake(t);
    f->num_resets++;
    f->in_run = false;
    memset(f->scs, 0, sizeof(f->scs));
    memset(f->filled, 0, sizeof(f->filled));
    f->num_layers_ran = 0;
    memset(f->registers, 0, sizeof(f->registers));
    return check_link(f);
}

static struct utvm_error *read_block(struct fake_target *f, const struct utvm_call *call,
                                     struct utvm_call_result *ret)
{
    ret->state = UTVM_TARGET_HALTED;
    ret->pc = f->registers[UTVM_REG_PC];
    for (uint32_t i = 0; i < call->result_words; i++) {
        ret->words[i] = utvm_le32(fake_target_at(f, call->result_addr + 4 * i, 4));
    }
    return NULL;
}

static struct utvm_error *fake_wait(struct utvm_target *t, const struct utvm_call *call,
                                    uint32_t wait_ms, struct utvm_call_result *ret)
{
    struct fake_target *f = fake(t);
    (void)wait_ms;
    struct utvm_error *error = check_link(f);
    if (error) {
        return error;
    }
    if (f->in_run && !run_layers(f)) {
        ret->state = UTVM_TARGET_RUNNING;
        return NULL;
    }
    return read_block(f, call, ret);
}

static struct utvm_error *fake_call(struct utvm_target *t, const struct utvm_call *call,
                                    uint32_t wait_ms, struct utvm_call_result *ret)
{
    struct fake_target *f = fake(t);
    struct utvm_error *error = check_link(f);
    if (error) {
        return error;
    }
    f->num_calls++;
    if (call->pc == TOY_RESET) {
        start_up(f);
        return read_block(f, call, ret);
    }
    if (call->pc != TOY_ENTRY) {
        return utvm_error_create(UTVM_ERROR_TARGET, "nothing is at 0x%08x", (unsigned)call->pc);
    }
    begin_run(f, call);
    return fake_wait(t, call, wait_ms, ret);
}

// The registers of utvm_target_info.slots_addr. False for every other address.
static bool write_slot(struct fake_target *f, utvm_addr addr, const uint8_t *value)
{
    bool is_save = addr == FAKE_SLOTS_ADDR;
    if (!is_save && addr != FAKE_SLOTS_ADDR + 4) {
        return false;
    }
    uint32_t slot = utvm_le32(value);
    bool done = slot < FAKE_SLOTS && (is_save || f->filled[slot]);
    if (done && is_save) {
        f->slots[slot] = f->num_layers_ran;
        f->filled[slot] = true;
    } else if (done) {
        f->num_layers_ran = f->slots[slot];
    }
    f->slot_done = done ? slot + 1 : 0;
    return true;
}

static struct utvm_error *fake_read(struct utvm_target *t, utvm_addr addr, void *buf,
                                    size_t size_bytes)
{
    struct fake_target *f = fake(t);
    const uint8_t *at = fake_target_at(f, addr, size_bytes);
    struct utvm_error *error = check_link(f);
    if (!error && f->cancel_reads) {
        return utvm_error_create(UTVM_ERROR_CANCELLED, "interrupted");
    }
    if (!error && addr == FAKE_SLOTS_ADDR + 8 && f->base.info.num_slots) {
        utvm_put_le32(buf, f->slot_done);
        return NULL;
    }
    if (!error && !at) {
        return utvm_error_at(UTVM_ERROR_TARGET, addr, "cannot read %zu bytes at 0x%08x", size_bytes,
                             (unsigned)addr);
    }
    if (!error) {
        memcpy(buf, at, size_bytes);
    }
    return error;
}

static struct utvm_error *fake_write(struct utvm_target *t, utvm_addr addr, const void *buf,
                                     size_t size_bytes)
{
    struct fake_target *f = fake(t);
    uint8_t *at = fake_target_at(f, addr, size_bytes);
    struct utvm_error *error = check_link(f);
    if (error) {
        return error;
    }
    if (f->base.info.num_slots && write_slot(f, addr, buf)) {
        return NULL;
    }
    bool is_flash = addr >= TOY_FLASH && addr < TOY_FLASH + sizeof(f->flash);
    if (!at || is_flash) {
        return utvm_error_at(UTVM_ERROR_TARGET, addr, "cannot write %zu bytes at 0x%08x",
                             size_bytes, (unsigned)addr);
    }
    if (addr == SCS + CFSR) {
        utvm_put_le32(at, utvm_le32(at) & ~utvm_le32(buf)); // write one to clear
        return NULL;
    }
    if (!f->ignore_writes) {
        memcpy(at, buf, size_bytes);
    }
    f->written_bytes += addr < SCS ? size_bytes : 0;
    return NULL;
}

static struct utvm_error *fake_write_flash(struct utvm_target *t, utvm_addr addr, const void *buf,
                                           size_t size_bytes)
{
    struct fake_target *f = fake(t);
    struct utvm_error *error = check_link(f);
    if (error) {
        return error;
    }
    memset(f->flash, 0xFF, 32 * 1024); // the sector is erased as a whole
    memcpy(fake_target_at(f, addr, size_bytes), buf, size_bytes);
    f->flashed_bytes += size_bytes;
    return NULL;
}

static struct utvm_error *fake_read_register(struct utvm_target *t, unsigned reg, uint32_t *ret)
{
    *ret = fake(t)->registers[reg];
    return check_link(fake(t));
}

static struct utvm_error *fake_write_register(struct utvm_target *t, unsigned reg, uint32_t value)
{
    fake(t)->registers[reg] = value;
    return check_link(fake(t));
}

// reset_run and monitor are left NULL: they must be UNSUPPORTED, not a crash.
static const struct utvm_target_ops fake_ops = {
    .name = "fake",
    .destroy = fake_destroy,
    .halt = fake_halt,
    .resume = fake_resume,
    .reset_halt = fake_reset_halt,
    .call = fake_call,
    .wait = fake_wait,
    .read = fake_read,
    .write = fake_write,
    .write_flash = fake_write_flash,
    .read_register = fake_read_register,
    .write_register = fake_write_register,
};

struct fake_target *fake_target_create(void)
{
    struct fake_target *f = calloc(1, sizeof(*f));
    if (!f) {
        abort();
    }
    f->base.ops = &fake_ops;
    f->base.state = UTVM_TARGET_HALTED;
    f->base.info = (struct utvm_target_info){
        .description = "fake board",
        .device_id = 0x10016449,
        .clock_hz = 100000000,
        .cycle_source = UTVM_CYCLES_MODELLED,
        .timing_mode = "fast",
        .error_band = "±6 %",
    };
    f->hang_layer = f->fault_layer = f->status_layer = f->foreign_stop_layer = FAKE_NO_LAYER;
    memset(f->flash, 0xFF, sizeof(f->flash));
    return f;
}
