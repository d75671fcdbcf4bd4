// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "probe/clock.h"
#include "probe/openocd_target.h"

// Up to this size the text commands are faster than a file. Measured on the ST-LINK link: a file
// costs some 20 us more a request, text 100 ns more a byte.
#define SMALL_BYTES 128
// By text, when there is no common file: a request of this size is far below OpenOCD's line limit.
#define TEXT_CHUNK_BYTES ((size_t)64 << 10)
// A chunk should take this long: Ctrl-C and progress between chunks, no loss of speed by them.
#define CHUNK_MS 300
#define FIRST_CHUNK_BYTES ((size_t)16 << 10)
#define LARGEST_CHUNK_BYTES ((size_t)8 << 20)
// The slowest link that is not taken for dead.
#define WORST_BYTES_PER_S 2000

static struct utvm_openocd_limits limits_for(size_t size_bytes)
{
    return UTVM_OPENOCD_LONG(5000 + (uint32_t)(size_bytes * 1000 / WORST_BYTES_PER_S));
}

static size_t next_chunk(uint64_t bytes_per_s, size_t left)
{
    size_t chunk = FIRST_CHUNK_BYTES;
    if (bytes_per_s > 0) {
        uint64_t wanted = bytes_per_s / 1000 * CHUNK_MS;
        chunk = wanted > LARGEST_CHUNK_BYTES ? LARGEST_CHUNK_BYTES : (size_t)wanted;
        chunk = chunk < 1024 ? 1024 : chunk & ~(size_t)1023;
    }
    // No small rest: it would cost a request of its own.
    return left <= chunk + chunk / 4 ? left : chunk;
}

static void note_rate(uint64_t *bytes_per_s, size_t size_bytes, uint64_t begin_us)
{
    uint64_t us = utvm_clock_us() - begin_us;
    if (size_bytes >= FIRST_CHUNK_BYTES / 4) {
        *bytes_per_s = (uint64_t)size_bytes * 1000000u / (us ? us : 1);
    }
}

static void report(const struct utvm_openocd *o, const char *what, size_t done, size_t total)
{
    if (o->base.progress) {
        o->base.progress(o->base.progress_ctx, what, done, total);
    }
}

// Widest access that the address and the size allow.
static unsigned access_bytes(utvm_addr addr, size_t size_bytes)
{
    if (((addr | size_bytes) & 3) == 0) {
        return 4;
    }
    return ((addr | size_bytes) & 1) == 0 ? 2 : 1;
}

static struct utvm_error *read_text(struct utvm_openocd *o, utvm_addr addr, void *buf,
                                    size_t size_bytes)
{
    unsigned width = access_bytes(addr, size_bytes);
    size_t num = size_bytes / width;
    uint32_t *values = calloc(num, sizeof(*values));
    if (!values) {
        return utvm_error_no_memory();
    }
    struct utvm_tcl_reply reply = {0};
    struct utvm_error *error =
        utvm_openocd_eval(o, limits_for(size_bytes), &reply, "%s read_memory 0x%08x %u %zu",
                          o->name, addr, width * 8, num);
    if (!error) {
        uint32_t max = width == 4 ? UINT32_MAX : (1u << (width * 8)) - 1;
        error = utvm_tcl_parse_numbers(reply.value, reply.value_bytes, max, num, values);
        error = utvm_error_prefix(error, "OpenOCD's read_memory");
    }
    if (!error) {
        uint8_t *to = buf;
        for (size_t i = 0; i < size_bytes; i++) {
            to[i] = (uint8_t)(values[i / width] >> (i % width * 8));
        }
    }
    utvm_tcl_reply_deinit(&reply);
    free(values);
    return error;
}

static struct utvm_error *write_text(struct utvm_openocd *o, utvm_addr addr, const uint8_t *bytes,
                                     size_t size_bytes)
{
    unsigned width = access_bytes(addr, size_bytes);
    struct utvm_tcl_text script;
    utvm_tcl_text_init(&script);
    utvm_tcl_text_format(&script, "%s write_memory 0x%08x %u \"", o->name, addr, width * 8);
    for (size_t i = 0; i < size_bytes; i += width) {
        uint32_t value = 0;
        for (unsigned k = 0; k < width; k++) {
            value |= (uint32_t)bytes[i + k] << (k * 8);
        }
        utvm_tcl_text_format(&script, "0x%x ", value);
    }
    utvm_tcl_text_format(&script, "\"");
    return utvm_openocd_eval_text(o, limits_for(size_bytes), NULL, &script);
}

struct utvm_error *utvm_openocd_put(struct utvm_openocd *o, const void *bytes, size_t size_bytes)
{
    // A request that was given up may still be about to read or write the common file.
    if (utvm_tcl_num_stale(o->tcl) > 0) {
        struct utvm_error *error = utvm_openocd_eval(o, limits_for(0), NULL, "list");
        if (error) {
            return error;
        }
    }
    return utvm_exchange_put(&o->exchange, bytes, size_bytes);
}

static struct utvm_error *read_file(struct utvm_openocd *o, utvm_addr addr, void *buf,
                                    size_t size_bytes)
{
    struct utvm_error *error =
        utvm_openocd_eval(o, limits_for(size_bytes), NULL, "targets %s; dump_image %s 0x%08x %zu",
                          o->name, o->exchange.path, addr, size_bytes);
    return error ? error : utvm_exchange_get(&o->exchange, buf, size_bytes);
}

static struct utvm_error *write_file(struct utvm_openocd *o, utvm_addr addr, const void *bytes,
                                     size_t size_bytes)
{
    struct utvm_error *error = utvm_openocd_put(o, bytes, size_bytes);
    if (error) {
        return error;
    }
    return utvm_openocd_eval(o, limits_for(size_bytes), NULL,
                             "targets %s; load_image %s 0x%08x bin", o->name, o->exchange.path,
                             addr);
}

static struct utvm_error *check_range(utvm_addr addr, size_t size_bytes)
{
    if (size_bytes > 0 && size_bytes - 1 > UINT32_MAX - (size_t)addr) {
        return utvm_error_at(UTVM_ERROR_INVALID, addr,
                             "%zu bytes at 0x%08x reach beyond the address space", size_bytes,
                             addr);
    }
    return NULL;
}

static struct utvm_error *at(struct utvm_error *error, const char *what, utvm_addr addr,
                             size_t size_bytes)
{
    if (error && !error->has_address && error->code == UTVM_ERROR_TARGET) {
        error->has_address = true;
        error->address = addr;
    }
    return utvm_error_prefix(error, "cannot %s %zu bytes at 0x%08x", what, size_bytes, addr);
}

struct utvm_error *utvm_openocd_read(struct utvm_target *t, utvm_addr addr, void *buf,
                                     size_t size_bytes)
{
    struct utvm_openocd *o = utvm_openocd_of(t);
    struct utvm_error *error = check_range(addr, size_bytes);
    if (error || size_bytes == 0) {
        return error;
    }
    if (size_bytes <= SMALL_BYTES) {
        return at(read_text(o, addr, buf, size_bytes), "read", addr, size_bytes);
    }
    uint8_t *to = buf;
    size_t done = 0;
    while (!error && done < size_bytes) {
        size_t chunk = next_chunk(o->read_bytes_per_s, size_bytes - done);
        uint64_t begin_us = utvm_clock_us();
        if (o->exchange.fd >= 0) {
            error = read_file(o, addr + (utvm_addr)done, to + done, chunk);
        } else {
            chunk = chunk > TEXT_CHUNK_BYTES ? TEXT_CHUNK_BYTES : chunk;
            error = read_text(o, addr + (utvm_addr)done, to + done, chunk);
        }
        if (!error) {
            note_rate(&o->read_bytes_per_s, chunk, begin_us);
            done += chunk;
            report(o, "reading", done, size_bytes);
        }
    }
    return at(error, "read", addr, size_bytes);
}

struct utvm_error *utvm_openocd_write(struct utvm_target *t, utvm_addr addr, const void *buf,
                                      size_t size_bytes)
{
    struct utvm_openocd *o = utvm_openocd_of(t);
    struct utvm_error *error = check_range(addr, size_bytes);
    if (error || size_bytes == 0) {
        return error;
    }
    const uint8_t *from = buf;
    if (size_bytes <= SMALL_BYTES) {
        return at(write_text(o, addr, from, size_bytes), "write", addr, size_bytes);
    }
    size_t done = 0;
    while (!error && done < size_bytes) {
        size_t chunk = next_chunk(o->write_bytes_per_s, size_bytes - done);
        uint64_t begin_us = utvm_clock_us();
        if (o->exchange.fd >= 0) {
            error = write_file(o, addr + (utvm_addr)done, from + done, chunk);
        } else {
            chunk = chunk > TEXT_CHUNK_BYTES ? TEXT_CHUNK_BYTES : chunk;
            error = write_text(o, addr + (utvm_addr)done, from + done, chunk);
        }
        if (!error) {
            note_rate(&o->write_bytes_per_s, chunk, begin_us);
            done += chunk;
            report(o, "writing", done, size_bytes);
        }
    }
    return at(error, "write", addr, size_bytes);
}
