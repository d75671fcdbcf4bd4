// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "tests/kernels/device/runner.h"

#include <criterion/criterion.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/kernels/witness.h"

// Kernels that call expf() and its like, whose last bits are the C library's, here this and there
// another one. The tests check what they give, with a tolerance, on both sides.
static const char *const library_kernels[] = {
    "cos_float32",  "elu_float32",      "exp_float32", "log_float32",     "log_softmax_float32",
    "lstm_float32", "logistic_float32", "sin_float32", "softmax_float32", "tanh_float32",
};
#define NUM_LIBRARY_KERNELS (sizeof(library_kernels) / sizeof(library_kernels[0]))

static struct runner_test *tests;
static const struct runner_test *current;
static jmp_buf end_of_test;
static unsigned failures;
static uint32_t crc;
static uint32_t num_bytes;

void runner_add(struct runner_test *test)
{
    test->next = tests;
    tests = test;
}

// The board's C library may not know %zu; a size_t is an unsigned int there.
static void without_z(const char *format, char *ret, size_t size)
{
    size_t at = 0;
    for (; *format != '\0' && at + 1 < size; format++) {
        bool is_z = *format == 'z' && at > 0 && ret[at - 1] == '%';
        if (!is_z || sizeof(size_t) != sizeof(unsigned)) {
            ret[at++] = *format;
        }
    }
    ret[at] = '\0';
}

void runner_failed(bool fatal, const char *file, int line, const char *check, const char *format,
                   ...)
{
    char text[256];
    char known[128];
    (void)snprintf(text, sizeof(text), "failed: %s::%s %s:%d: %s:", current->suite, current->name,
                   file, line, check);
    runner_say(text);
    without_z(format, known, sizeof(known));
    va_list args;
    va_start(args, format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)vsnprintf(text, sizeof(text), known, args);
#pragma GCC diagnostic pop
    va_end(args);
    runner_say(text);
    runner_say("\r\n");
    failures++;
    if (fatal) {
        longjmp(end_of_test, 1);
    }
}

// CRC-32 as in Ethernet and zlib, bit by bit.
static void add_byte(uint8_t byte)
{
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++) {
        crc = crc >> 1 ^ (crc & 1u ? UINT32_C(0xEDB88320) : 0);
    }
    num_bytes++;
}

static void see(const char *kernel, const void *bytes, size_t size_bytes)
{
    for (size_t i = 0; kernel && i < NUM_LIBRARY_KERNELS; i++) {
        if (strcmp(kernel, library_kernels[i]) == 0) {
            return;
        }
    }
    for (size_t i = 0; i < size_bytes; i++) {
        add_byte(((const uint8_t *)bytes)[i]);
    }
}

bool runner_run(void)
{
    witness = see;
    for (current = tests; current; current = current->next) {
        crc = UINT32_MAX;
        num_bytes = 0;
        if (setjmp(end_of_test) == 0) {
            current->run();
        }
        char line[160];
        (void)snprintf(line, sizeof(line), "%s::%s %08lx %lu\r\n", current->suite, current->name,
                       (unsigned long)~crc & 0xFFFFFFFFul, (unsigned long)num_bytes);
        runner_say(line);
    }
    runner_say("left out: the bytes of what calls the C library's expf() and its like:");
    for (size_t i = 0; i < NUM_LIBRARY_KERNELS; i++) {
        runner_say(" ");
        runner_say(library_kernels[i]);
    }
    runner_say("\r\n");
    return failures == 0;
}
