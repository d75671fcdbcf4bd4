// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/openocd_target.h"

// Programmed in pieces for the sake of progress; each starts the loader in RAM anew.
#define CHUNK_BYTES ((size_t)128 << 10)
// Slowest erase and programming that are waited for, far below any data sheet's.
#define ERASE_BYTES_PER_S 8192
#define PROGRAM_BYTES_PER_S 4096

static void report(const struct utvm_openocd *o, const char *what, size_t done, size_t total)
{
    if (o->base.progress) {
        o->base.progress(o->base.progress_ctx, what, done, total);
    }
}

static uint32_t timeout_ms(size_t size_bytes, size_t bytes_per_s)
{
    return 30000 + (uint32_t)((uint64_t)size_bytes * 1000 / bytes_per_s);
}

struct utvm_error *utvm_openocd_write_flash(struct utvm_target *t, utvm_addr addr, const void *buf,
                                            size_t size_bytes)
{
    struct utvm_openocd *o = utvm_openocd_of(t);
    if (o->exchange.fd < 0) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "flash cannot be written through an OpenOCD that shares no files "
                                 "with this machine: build the model with --ram, or start OpenOCD "
                                 "here");
    }
    if (size_bytes == 0) {
        return NULL;
    }
    if (size_bytes - 1 > UINT32_MAX - (size_t)addr) {
        return utvm_error_at(UTVM_ERROR_INVALID, addr,
                             "%zu bytes at 0x%08x reach beyond the address space", size_bytes,
                             addr);
    }
    report(o, "erasing", 0, size_bytes);
    // Sectors are up to 256 KiB long; pad and unlock as `flash write_image erase unlock` does.
    struct utvm_error *error = utvm_openocd_eval(
        o, UTVM_OPENOCD_LONG(timeout_ms(size_bytes + ((size_t)512 << 10), ERASE_BYTES_PER_S)), NULL,
        "targets %s; flash erase_address pad 0x%08x %zu", o->name, addr, size_bytes);
    error = utvm_error_prefix(error, "cannot erase %zu bytes at 0x%08x", size_bytes, addr);
    const uint8_t *from = buf;
    size_t done = 0;
    while (!error && done < size_bytes) {
        size_t chunk = size_bytes - done < CHUNK_BYTES ? size_bytes - done : CHUNK_BYTES;
        utvm_addr chunk_addr = addr + (utvm_addr)done;
        error = utvm_openocd_put(o, from + done, chunk);
        if (!error) {
            error = utvm_openocd_eval(o, UTVM_OPENOCD_LONG(timeout_ms(chunk, PROGRAM_BYTES_PER_S)),
                                      NULL, "targets %s; flash write_image %s 0x%08x bin", o->name,
                                      o->exchange.path, chunk_addr);
        }
        error = utvm_error_prefix(error, "cannot program %zu bytes at 0x%08x", chunk, chunk_addr);
        if (!error) {
            done += chunk;
            report(o, "programming", done, size_bytes);
        }
    }
    return error;
}
