// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <string.h>

#include "repl/slice.h"

static const uint32_t dims[] = {2, 3, 4};

static struct utvm_slice sliced(const char *text)
{
    struct utvm_slice slice;
    struct utvm_error *error = utvm_slice_parse(text, 3, dims, &slice);
    cr_assert_null(error, "%s: %s", text, error ? error->message : "");
    return slice;
}

static void expect_elements(const char *text, uint64_t count, const uint64_t *flat)
{
    struct utvm_slice slice = sliced(text);
    cr_assert_eq(slice.num_elems, count, "%s: %llu elements", text,
                 (unsigned long long)slice.num_elems);
    for (uint64_t i = 0; i < count; i++) {
        cr_expect_eq(utvm_slice_flat(&slice, i), flat[i], "%s: element %llu is %llu", text,
                     (unsigned long long)i, (unsigned long long)utvm_slice_flat(&slice, i));
    }
}

static void expect_error(const char *text, const char *part)
{
    struct utvm_slice slice;
    struct utvm_error *error = utvm_slice_parse(text, 3, dims, &slice);
    cr_assert_not_null(error, "'%s' was taken", text);
    cr_expect_not_null(strstr(error->message, part), "%s: %s", text, error->message);
    utvm_error_free(error);
}

// Expected positions as numpy gives them for arange(24).reshape(2, 3, 4).
Test(slice, an_index_takes_an_axis_away)
{
    expect_elements("1, 2, 3", 1, (const uint64_t[]){23});
    expect_elements("-1,-3,-4", 1, (const uint64_t[]){12});
    struct utvm_slice slice = sliced("1, :, 0");
    uint32_t shape[UTVM_MAX_DIMS];
    cr_expect_eq(utvm_slice_shape(&slice, shape), 1);
    cr_expect_eq(shape[0], 3);
}

Test(slice, ranges_and_steps)
{
    expect_elements("0, 1:3, ::2", 4, (const uint64_t[]){4, 6, 8, 10});
    expect_elements("0, 0, ::-1", 4, (const uint64_t[]){3, 2, 1, 0});
    expect_elements("0, 0, -3:-1", 2, (const uint64_t[]){1, 2});
    expect_elements("0, 0, 3:0:-2", 2, (const uint64_t[]){3, 1});
}

Test(slice, ranges_are_clipped)
{
    expect_elements("0, 0, 2:100", 2, (const uint64_t[]){2, 3});
    expect_elements("0, 0, -100:1", 1, (const uint64_t[]){0});
    expect_elements("0, 0, 100::-1", 4, (const uint64_t[]){3, 2, 1, 0});
}

Test(slice, an_empty_range_has_no_elements)
{
    expect_elements("0, 0, 3:1", 0, NULL);
}

Test(slice, missing_axes_are_whole)
{
    cr_expect_eq(sliced("1").num_elems, 12);
    cr_expect_eq(sliced(":").num_elems, 24);
}

Test(slice, an_ellipsis_stands_for_the_axes_between)
{
    expect_elements("..., 0", 6, (const uint64_t[]){0, 4, 8, 12, 16, 20});
    expect_elements("1, ..., 1", 3, (const uint64_t[]){13, 17, 21});
    expect_elements("1, ...,2, 1", 1, (const uint64_t[]){21});
}

Test(slice, refuses_an_index_out_of_range)
{
    expect_error("2", "axis 0: index 2 is out of range for size 2");
    expect_error("0, -4", "axis 1: index -4");
}

Test(slice, refuses_too_many_axes)
{
    expect_error("0,0,0,0", "4 indices for a tensor of 3 axes");
    expect_error("..., ..., 0", "'...'");
}

Test(slice, refuses_nonsense)
{
    expect_error("", "nothing between");
    expect_error("a", "expected an index");
    expect_error("0 1", "expected ','");
    expect_error("0,", "expected an index");
    expect_error("::0", "step cannot be zero");
    expect_error("99999999999999999999", "bad index");
}

Test(slice, a_scalar_has_one_element)
{
    struct utvm_slice slice;
    utvm_slice_all(0, NULL, &slice);
    cr_expect_eq(slice.num_elems, 1);
    cr_expect_eq(utvm_slice_flat(&slice, 0), 0);
}
