// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/file.h"
#include "core/npy.h"
#include "core/npz.h"
#include "core/png_image.h"
#include "core/sha256.h"
#include "core/text.h"
#include "tests/core/fixture.h"

static struct utvm_array make(enum utvm_dtype dtype, uint32_t rank, const uint32_t *dims)
{
    struct utvm_array array = {0};
    fixture_ok(utvm_array_init(&array, dtype, rank, dims));
    return array;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

Test(array, refuses_what_is_too_large)
{
    struct utvm_array array = {0};
    fixture_fails(utvm_array_init(&array, UTVM_DTYPE_INT8, 7, (uint32_t[7]){0}), UTVM_ERROR_INVALID,
                  "7 dimensions");
    fixture_fails(utvm_array_init(&array, UTVM_DTYPE_INT8, 3,
                                  (uint32_t[]){0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}),
                  UTVM_ERROR_INVALID, "overflows");
    fixture_fails(utvm_array_init(&array, UTVM_DTYPE_INT32, 1, (uint32_t[]){0x10000001}),
                  UTVM_ERROR_INVALID, "exceeds 1 GiB");
    fixture_fails(utvm_array_init(&array, UTVM_DTYPE_NONE, 0, NULL), UTVM_ERROR_INVALID,
                  "element type");
}

Test(array, stores_with_saturation)
{
    static const struct {
        enum utvm_dtype dtype;
        double low;
        double high;
    } types[] = {
        {UTVM_DTYPE_INT8, -128, 127},
        {UTVM_DTYPE_UINT8, 0, 255},
        {UTVM_DTYPE_BOOL, 0, 1},
        {UTVM_DTYPE_INT16, -32768, 32767},
        {UTVM_DTYPE_UINT16, 0, 65535},
        {UTVM_DTYPE_INT32, -2147483648.0, 2147483647},
        {UTVM_DTYPE_UINT32, 0, 4294967295.0},
        {UTVM_DTYPE_INT64, -0x1p63, 0x1p63},
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct utvm_array array = make(types[i].dtype, 1, (uint32_t[]){2});
        const char *name = utvm_dtype_name(types[i].dtype);
        utvm_array_set(&array, 0, -1e30);
        utvm_array_set(&array, 1, 1e30);
        cr_expect_eq(utvm_array_get(&array, 0), types[i].low, "%s", name);
        cr_expect_eq(utvm_array_get(&array, 1), types[i].high, "%s", name);
        utvm_array_set(&array, 1, NAN);
        cr_expect_eq(utvm_array_get(&array, 1), 0, "%s", name);
        utvm_array_deinit(&array);
    }
}

Test(text, makes_foreign_bytes_printable)
{
    static const char evil[] = "a\033[31m\n\t\x80\xc2\x9b\xe2\x80\xae é 層 \xed\xa0\x80";
    char *text = utvm_text_printable(evil, sizeof(evil) - 1);
    cr_expect_str_eq(text, "a\\x1b[31m\\n\\t\\x80\\u009b\\u202e é 層 \\xed\\xa0\\x80");
    char *again = utvm_text_printable(text, strlen(text));
    cr_expect_str_eq(again, text, "idempotent");
    free(text);
    free(again);
    cr_expect_eq(utvm_text_width("aé層"), 4);
}

Test(text, shortens_names_to_their_two_ends)
{
    static const struct {
        const char *name;
        size_t width;
        const char *shown;
    } cases[] = {
        {"block_1/conv", 12, "block_1/conv"},
        {"block_1/conv", 11, "block…/conv"},
        {"block_1/conv", 4, "bl…v"},
        {"block_1/conv", 1, "…"},
        {"層層層層", 5, "層…層"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *shown = utvm_text_shorten(cases[i].name, cases[i].width);
        cr_expect_str_eq(shown, cases[i].shown, "%zu: '%s'", i, shown);
        free(shown);
    }
}

Test(sha256, matches_the_published_examples)
{
    char hex[65];
    utvm_sha256_hex("abc", 3, hex);
    cr_expect_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    utvm_sha256_hex("", 0, hex);
    cr_expect_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    utvm_sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex);
    cr_expect_str_eq(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

Test(file, leaves_the_old_file_when_a_write_is_given_up)
{
    char path[256];
    fixture_path("old.txt", path, sizeof(path));
    fixture_ok(utvm_file_write(path, "old", 3));
    struct utvm_file_writer writer;
    fixture_ok(utvm_file_writer_open(&writer, path));
    fputs("new", writer.stream);
    cr_expect_neq(access(writer.temporary, F_OK), -1);
    utvm_file_writer_abort(&writer);
    uint8_t *bytes = NULL;
    size_t size = 0;
    fixture_ok(utvm_file_read(path, &bytes, &size));
    cr_expect_eq(size, 3);
    cr_expect_arr_eq(bytes, "old", 3);
    free(bytes);
    unlink(path);
}

Test(file, reports_a_full_disk)
{
    struct utvm_file_writer writer;
    char path[256];
    fixture_path("full.txt", path, sizeof(path));
    fixture_ok(utvm_file_writer_open(&writer, path));
    cr_assert_not_null(freopen("/dev/full", "wb", writer.stream));
    fputs("does not fit", writer.stream);
    fixture_fails(utvm_file_writer_commit(&writer), UTVM_ERROR_OS, "No space left");
    cr_expect_eq(access(path, F_OK), -1);
}

/* ---- .npy ------------------------------------------------------------------------------------ */

static struct utvm_error *parse(const char *header, const void *data, size_t data_bytes,
                                struct utvm_array *ret)
{
    uint8_t file[512] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    size_t length = strlen(header);
    utvm_put_le16(file + 8, (uint16_t)length);
    memcpy(file + 10, header, length);
    memcpy(file + 10 + length, data, data_bytes);
    return utvm_npy_parse("x.npy", file, 10 + length + data_bytes, ret);
}

Test(npy, reads_back_what_it_writes)
{
    for (int dtype = UTVM_DTYPE_INT8; dtype <= UTVM_DTYPE_UINT32; dtype++) {
        for (uint32_t rank = 0; rank <= UTVM_MAX_DIMS; rank++) {
            struct utvm_array array =
                make((enum utvm_dtype)dtype, rank, (uint32_t[]){2, 3, 1, 2, 1, 2});
            for (uint64_t i = 0; i < array.num_elems; i++) {
                utvm_array_set(&array, i, (double)(i % 2));
            }
            uint8_t *bytes = NULL;
            size_t size = 0;
            fixture_ok(utvm_npy_format(&array, &bytes, &size));
            cr_expect_eq((size - array.size_bytes) % 64, 0);
            struct utvm_array back = {0};
            fixture_ok(utvm_npy_parse("x", bytes, size, &back));
            cr_expect_eq(back.dtype, array.dtype);
            cr_expect_eq(back.rank, rank);
            cr_expect_arr_eq(back.data, array.data, array.size_bytes);
            utvm_array_deinit(&array);
            utvm_array_deinit(&back);
            free(bytes);
        }
    }
}

Test(npy, turns_fortran_order_into_c_order)
{
    struct utvm_array a = {0};
    fixture_ok(parse("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }",
                     (int8_t[]){1, 4, 2, 5, 3, 6}, 6, &a));
    cr_expect_arr_eq(a.data, ((int8_t[]){1, 2, 3, 4, 5, 6}), 6);
    utvm_array_deinit(&a);
}

Test(npy, turns_other_floats_into_float32)
{
    struct utvm_array a = {0};
    fixture_ok(parse("{'shape':(2,),'descr':'<f8','fortran_order':False}", (double[]){1.5, -2e300},
                     16, &a));
    cr_expect_eq(a.dtype, UTVM_DTYPE_FLOAT32);
    cr_expect_eq(utvm_array_get(&a, 0), 1.5);
    cr_expect(isinf(utvm_array_get(&a, 1)));
    utvm_array_deinit(&a);
    fixture_ok(parse("{'descr': '<f2', 'fortran_order': False, 'shape': (4,), }",
                     (uint16_t[]){0x3C00, 0xC000, 0x0001, 0x7C00}, 8, &a));
    cr_expect_eq(utvm_array_get(&a, 0), 1);
    cr_expect_eq(utvm_array_get(&a, 1), -2);
    cr_expect_eq(utvm_array_get(&a, 2), 0x1p-24);
    cr_expect(isinf(utvm_array_get(&a, 3)));
    utvm_array_deinit(&a);
}

Test(npy, refuses_what_it_does_not_understand)
{
    static const struct {
        const char *header;
        enum utvm_error_code code;
        const char *text;
    } cases[] = {
        {"{'descr': '>i2', 'fortran_order': False, 'shape': (1,), }", UTVM_ERROR_UNSUPPORTED,
         "big-endian type '>i2'"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", UTVM_ERROR_UNSUPPORTED,
         "'<c8' is not supported"},
        {"{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }",
         UTVM_ERROR_UNSUPPORTED, "structured"},
        {"{'descr': '|i1', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1), }",
         UTVM_ERROR_UNSUPPORTED, "more than 6 dimensions"},
        {"{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }", UTVM_ERROR_FORMAT,
         "needs 2 bytes of data, the file has 1"},
        {"{'descr': '|i1', 'fortran_order': False, 'shape': (), 'x': 1}", UTVM_ERROR_FORMAT,
         "unknown or repeated key"},
        {"{'descr': '|i1', 'fortran_order': Maybe, 'shape': ()}", UTVM_ERROR_FORMAT,
         "neither True nor False"},
        {"{'descr': '|i1', 'shape': ()}", UTVM_ERROR_FORMAT, "is missing"},
        {"{'descr': '|i1', 'fortran_order': False, 'shape': (99999999999,)}", UTVM_ERROR_FORMAT,
         "exceeds 32 bits"},
        {"{'descr': '<i8', 'fortran_order': False, 'shape': (4294967295,4294967295,2)}",
         UTVM_ERROR_FORMAT, "the shape overflows"},
        {"{'descr': '|i1", UTVM_ERROR_FORMAT, "the string does not end"},
        {"", UTVM_ERROR_FORMAT, "'{' was expected"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct utvm_array a = {0};
        // One byte of data, but none after a header that shall be cut.
        size_t data = i >= 10 ? 0 : 1;
        fixture_fails(parse(cases[i].header, "x", data, &a), cases[i].code, cases[i].text);
        cr_expect_null(a.data);
    }
    struct utvm_array a = {0};
    fixture_fails(utvm_npy_parse("x", "PK", 2, &a), UTVM_ERROR_FORMAT, "not a .npy file");
}

/* ---- .npz ------------------------------------------------------------------------------------ */

Test(npz, keeps_arrays_by_key)
{
    struct utvm_npz_writer *writer = NULL;
    char path[256];
    fixture_path("a.npz", path, sizeof(path));
    struct utvm_array a = make(UTVM_DTYPE_INT16, 2, (uint32_t[]){2, 2});
    utvm_array_set(&a, 3, -7);
    fixture_ok(utvm_npz_writer_create(&writer));
    fixture_ok(utvm_npz_writer_add(writer, "t1", &a));
    utvm_array_set(&a, 3, 9);
    fixture_ok(utvm_npz_writer_add(writer, "t2", &a));
    fixture_fails(utvm_npz_writer_add(writer, "t2", &a), UTVM_ERROR_INVALID, "already");
    fixture_fails(utvm_npz_writer_add(writer, "", &a), UTVM_ERROR_INVALID, "empty");
    fixture_ok(utvm_npz_writer_save(writer, path));
    utvm_npz_writer_free(writer);
    utvm_array_deinit(&a);
    struct utvm_npz *npz = NULL;
    fixture_ok(utvm_npz_open(path, &npz));
    cr_expect_eq(utvm_npz_count(npz), 2);
    cr_expect_eq(utvm_npz_find(npz, "t3"), SIZE_MAX);
    fixture_ok(utvm_npz_read(npz, utvm_npz_find(npz, "t1"), &a));
    cr_expect_eq(utvm_array_get(&a, 3), -7);
    utvm_array_deinit(&a);
    fixture_ok(utvm_npz_read(npz, utvm_npz_find(npz, "t2"), &a));
    cr_expect_eq(utvm_array_get(&a, 3), 9);
    utvm_array_deinit(&a);
    utvm_npz_close(npz);
    unlink(path);
}

Test(npz, keeps_arrays_of_any_size_and_writes_the_same_file_again)
{
    struct utvm_array large = make(UTVM_DTYPE_INT32, 1, (uint32_t[]){300000});
    for (uint64_t i = 0; i < large.num_elems; i++) {
        utvm_array_set(&large, i, (double)(i * 7919 % 100003));
    }
    struct utvm_array none = make(UTVM_DTYPE_INT8, 1, (uint32_t[]){0});
    uint8_t *files[2] = {NULL};
    size_t sizes[2] = {0};
    for (int k = 0; k < 2; k++) {
        struct utvm_npz_writer *writer = NULL;
        char path[256];
        fixture_path("large.npz", path, sizeof(path));
        fixture_ok(utvm_npz_writer_create(&writer));
        fixture_ok(utvm_npz_writer_add(writer, "large", &large));
        fixture_ok(utvm_npz_writer_add(writer, "none", &none));
        fixture_ok(utvm_npz_writer_save(writer, path));
        utvm_npz_writer_free(writer);
        fixture_ok(utvm_file_read(path, &files[k], &sizes[k]));
        unlink(path);
    }
    cr_assert_eq(sizes[0], sizes[1]);
    cr_expect_arr_eq(files[0], files[1], sizes[0]);
    struct utvm_npz *npz = NULL;
    fixture_ok(utvm_npz_parse("large.npz", files[0], sizes[0], &npz));
    struct utvm_array back = {0};
    fixture_ok(utvm_npz_read(npz, utvm_npz_find(npz, "large"), &back));
    cr_assert_eq(back.size_bytes, large.size_bytes);
    cr_expect_arr_eq(back.data, large.data, large.size_bytes);
    utvm_array_deinit(&back);
    fixture_ok(utvm_npz_read(npz, utvm_npz_find(npz, "none"), &back));
    cr_expect_eq(back.num_elems, 0);
    utvm_array_deinit(&back);
    utvm_npz_close(npz);
    free(files[0]);
    free(files[1]);
    utvm_array_deinit(&large);
    utvm_array_deinit(&none);
}

Test(npz, refuses_what_is_no_archive)
{
    struct utvm_npz *npz = NULL;
    fixture_fails(utvm_npz_parse("x.npz", "hello", 5, &npz), UTVM_ERROR_FORMAT,
                  "x.npz: not a readable .npz archive");
    fixture_fails(utvm_npz_parse("x.npz", "", 0, &npz), UTVM_ERROR_FORMAT, "x.npz");
    fixture_fails(utvm_npz_open("/no/such.npz", &npz), UTVM_ERROR_OS, "/no/such.npz");
}

Test(npz, survives_damage_anywhere_in_the_archive)
{
    struct utvm_npz_writer *writer = NULL;
    char path[256];
    fixture_path("b.npz", path, sizeof(path));
    struct utvm_array a = make(UTVM_DTYPE_INT16, 2, (uint32_t[]){8, 8});
    for (uint64_t i = 0; i < a.num_elems; i++) {
        utvm_array_set(&a, i, (double)(i * i));
    }
    fixture_ok(utvm_npz_writer_create(&writer));
    fixture_ok(utvm_npz_writer_add(writer, "t1", &a));
    fixture_ok(utvm_npz_writer_save(writer, path));
    utvm_npz_writer_free(writer);
    utvm_array_deinit(&a);
    uint8_t *bytes = NULL;
    size_t size = 0;
    fixture_ok(utvm_file_read(path, &bytes, &size));
    unlink(path);
    unsigned refused = 0;
    for (size_t at = 0; at < size; at++) {
        bytes[at] ^= 0x55;
        struct utvm_npz *npz = NULL;
        struct utvm_error *error = utvm_npz_parse("b.npz", bytes, size, &npz);
        if (!error) {
            error = utvm_npz_read(npz, 0, &a);
        }
        if (error) {
            cr_expect_eq(strncmp(error->message, "b.npz", 5), 0, "%s", error->message);
            refused++;
        }
        utvm_error_free(error);
        utvm_array_deinit(&a);
        utvm_npz_close(npz);
        bytes[at] ^= 0x55;
    }
    cr_expect_gt(refused, size / 2, "the check sum covers the data");
    free(bytes);
}

/* ---- PNG ------------------------------------------------------------------------------------- */

Test(png, keeps_pixels)
{
    char path[256];
    fixture_path("a.png", path, sizeof(path));
    for (uint32_t channels = 1; channels <= 4; channels += channels == 1 ? 2 : 1) {
        struct utvm_array a = make(UTVM_DTYPE_UINT8, 3, (uint32_t[]){2, 3, channels});
        for (uint64_t i = 0; i < a.num_elems; i++) {
            utvm_array_set(&a, i, (double)(i * 10 + 1));
        }
        fixture_ok(utvm_png_write(path, &a));
        struct utvm_array back = {0};
        fixture_ok(utvm_png_read(path, &back));
        cr_expect_eq(back.rank, 3);
        cr_assert_eq(back.size_bytes, a.size_bytes, "%u channels", channels);
        cr_expect_arr_eq(back.data, a.data, a.size_bytes, "%u channels", channels);
        utvm_array_deinit(&a);
        utvm_array_deinit(&back);
    }
    unlink(path);
}

Test(png, refuses_other_bytes_and_shapes)
{
    struct utvm_array a = {0};
    fixture_fails(utvm_png_parse("x.png", "hello", 5, &a), UTVM_ERROR_FORMAT,
                  "x.png: not a readable PNG");
    a = make(UTVM_DTYPE_INT8, 2, (uint32_t[]){2, 2});
    fixture_fails(utvm_png_write("/tmp/x.png", &a), UTVM_ERROR_INVALID, "a picture is uint8");
    utvm_array_deinit(&a);
}
