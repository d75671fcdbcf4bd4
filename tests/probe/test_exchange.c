// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/exchange.h"

static struct utvm_exchange x;

static void create(void)
{
    utvm_exchange_init(&x);
    cr_assert_geq(x.fd, 0);
}

static void end(void)
{
    utvm_exchange_deinit(&x);
}

TestSuite(exchange, .init = create, .fini = end);

static void ok(struct utvm_error *error)
{
    cr_assert_null(error, "%s", error ? error->message : "");
}

// What another process sees and writes: it opens the file by its path.
static size_t size_by_path(void)
{
    int fd = open(x.path, O_RDWR);
    cr_assert_geq(fd, 0);
    off_t size = lseek(fd, 0, SEEK_END);
    close(fd);
    return (size_t)size;
}

Test(exchange, hands_over_exactly_the_bytes)
{
    enum {
        LARGE = 3 << 20
    };
    uint8_t *bytes = malloc(LARGE);
    uint8_t *back = calloc(1, LARGE);
    for (size_t i = 0; i < LARGE; i++) {
        bytes[i] = (uint8_t)(i * 31 >> 3);
    }
    ok(utvm_exchange_put(&x, bytes, LARGE));
    cr_expect_eq(size_by_path(), LARGE);
    ok(utvm_exchange_get(&x, back, LARGE));
    cr_expect_arr_eq(back, bytes, LARGE);
    free(bytes);
    free(back);
}

Test(exchange, leaves_nothing_of_longer_content)
{
    ok(utvm_exchange_put(&x, "long content", 12));
    ok(utvm_exchange_put(&x, "abc", 3));
    cr_expect_eq(size_by_path(), 3);
    char back[3];
    ok(utvm_exchange_get(&x, back, 3));
    cr_expect_arr_eq(back, "abc", 3);
    ok(utvm_exchange_put(&x, "", 0));
    cr_expect_eq(size_by_path(), 0);
}

Test(exchange, refuses_what_is_shorter_or_longer_than_expected)
{
    ok(utvm_exchange_put(&x, "abcd", 4));
    char back[8] = "unread";
    const size_t wrong[] = {3, 5};
    for (int i = 0; i < 2; i++) {
        struct utvm_error *error = utvm_exchange_get(&x, back, wrong[i]);
        cr_assert_not_null(error);
        cr_expect_eq(error->code, UTVM_ERROR_FORMAT);
        cr_expect_not_null(strstr(error->message, "handed 4 bytes instead of"));
        utvm_error_free(error);
        cr_expect_str_eq(back, "unread");
    }
}

Test(exchange, is_gone_once_it_is_closed)
{
    int fd = x.fd;
    utvm_exchange_deinit(&x);
    cr_expect_eq(x.fd, -1);
    cr_expect_eq(fcntl(fd, F_GETFD), -1);
}
