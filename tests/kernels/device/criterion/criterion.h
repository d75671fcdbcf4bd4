// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_KERNELS_DEVICE_CRITERION_H
#define UTVM_TESTS_KERNELS_DEVICE_CRITERION_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * As much of Criterion as the tests of the kernels need, for a machine without processes: tests put
 * themselves on a list, and tests/kernels/device/runner.c runs them one after the other.
 */

struct runner_test {
    const char *suite;
    const char *name;
    void (*run)(void);
    struct runner_test *next;
};

void runner_add(struct runner_test *test);

/** Reports that a check failed; the test goes on unless `fatal`. */
__attribute__((format(printf, 5, 6))) void
runner_failed(bool fatal, const char *file, int line, const char *check, const char *format, ...);

#define Test(suite, name)                                                                          \
    static void suite##_##name(void);                                                              \
    __attribute__((constructor)) static void suite##_##name##_add(void)                            \
    {                                                                                              \
        static struct runner_test test = {#suite, #name, suite##_##name, NULL};                    \
        runner_add(&test);                                                                         \
    }                                                                                              \
    static void suite##_##name(void)

#ifdef RUNNER_SHOWS_ONLY
// For a test that cannot check its results on this machine: they are shown, and compared later.
#define RUNNER_CHECK(fatal, condition, text, ...) ((void)(condition))
#else
// The format is joined to a space, so that a check may also come without one.
#define RUNNER_CHECK(fatal, condition, text, ...)                                                  \
    ((condition) ? (void)0 : runner_failed(fatal, __FILE__, __LINE__, text, " " __VA_ARGS__))
#endif

#define cr_expect(condition, ...) RUNNER_CHECK(false, condition, #condition, __VA_ARGS__)
#define cr_assert(condition, ...) RUNNER_CHECK(true, condition, #condition, __VA_ARGS__)

#define cr_expect_eq(a, b, ...) RUNNER_CHECK(false, (a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_assert_eq(a, b, ...) RUNNER_CHECK(true, (a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_expect_gt(a, b, ...) RUNNER_CHECK(false, (a) > (b), #a " > " #b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...) RUNNER_CHECK(true, (a) < (b), #a " < " #b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...) RUNNER_CHECK(true, (a) <= (b), #a " <= " #b, __VA_ARGS__)

#define cr_expect_null(p, ...) RUNNER_CHECK(false, (p) == NULL, #p " is NULL", __VA_ARGS__)
#define cr_assert_null(p, ...) RUNNER_CHECK(true, (p) == NULL, #p " is NULL", __VA_ARGS__)
#define cr_expect_not_null(p, ...) RUNNER_CHECK(false, (p) != NULL, #p " is not NULL", __VA_ARGS__)
#define cr_assert_not_null(p, ...) RUNNER_CHECK(true, (p) != NULL, #p " is not NULL", __VA_ARGS__)
#define cr_expect_str_eq(a, b, ...)                                                                \
    RUNNER_CHECK(false, strcmp(a, b) == 0, #a " is " #b, __VA_ARGS__)

#endif
