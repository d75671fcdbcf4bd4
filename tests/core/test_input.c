// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/input.h"
#include "core/npy.h"
#include "core/npz.h"
#include "core/png_image.h"
#include "tests/core/fixture.h"

static float scale[1];
static int32_t zero[1];
static struct utvm_tensor tensor;
static char path[256];
static char *note;
static struct utvm_array value;

static void image_tensor(float s, int32_t z)
{
    scale[0] = s;
    zero[0] = z;
    tensor = (struct utvm_tensor){.name = "image",
                                  .dtype = UTVM_DTYPE_INT8,
                                  .rank = 4,
                                  .dims = {1, 2, 2, 1},
                                  .num_elems = 4,
                                  .size_bytes = 4,
                                  .num_scales = 1,
                                  .scales = scale,
                                  .zero_points = zero,
                                  .source_index = 3};
}

static void clean(void)
{
    unlink(path);
    free(note);
    utvm_array_deinit(&value);
}

static struct utvm_error *read_file(const struct utvm_input_options *options)
{
    static const struct utvm_input_options none;
    return utvm_input_read(path, &tensor, options ? options : &none, &value, &note);
}

static void write_picture(uint32_t height, uint32_t width, uint32_t channels, const uint8_t *pixels)
{
    struct utvm_array image = {0};
    fixture_path("in.png", path, sizeof(path));
    fixture_ok(utvm_array_init(&image, UTVM_DTYPE_UINT8, 3, (uint32_t[]){height, width, channels}));
    memcpy(image.data, pixels, image.size_bytes);
    fixture_ok(utvm_png_write(path, &image));
    utvm_array_deinit(&image);
}

static void expect(const int8_t *values)
{
    for (uint32_t i = 0; i < 4; i++) {
        cr_expect_eq((int)utvm_array_get(&value, i), values[i], "element %u is %g", i,
                     utvm_array_get(&value, i));
    }
}

TestSuite(input, .fini = clean);

static const uint8_t grey[] = {0, 1, 127, 255};

Test(input, takes_pixels_exactly_at_the_usual_quantisations)
{
    const float scales[] = {1.0f, 1.0f / 255, 0.00392156885936856f};
    for (size_t i = 0; i < 3; i++) {
        image_tensor(scales[i], -128);
        write_picture(2, 2, 1, grey);
        fixture_ok(read_file(NULL));
        expect((int8_t[]){-128, -127, -1, 127});
        cr_expect_str_eq(note, i == 0 ? "pixels as 0 to 255" : "pixels as 0 to 1");
        clean();
        note = NULL;
    }
}

Test(input, maps_pixels_to_minus_one_to_one_where_the_tensor_does)
{
    image_tensor(1 / 127.5f, -1);
    write_picture(2, 2, 1, grey);
    fixture_ok(read_file(NULL));
    cr_expect_str_eq(note, "pixels as -1 to 1");
    expect((int8_t[]){-128, -127, -1, 126});
}

Test(input, makes_grey_of_colours)
{
    image_tensor(1, -128);
    static const uint8_t colours[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255};
    write_picture(2, 2, 3, colours);
    fixture_ok(read_file(NULL));
    expect((int8_t[]){76 - 128, 150 - 128, 29 - 128, 127});
}

Test(input, refuses_a_picture_of_another_size_unless_told_to_resize)
{
    image_tensor(1, -128);
    static const uint8_t big[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    write_picture(4, 4, 1, big);
    fixture_fails(read_file(NULL), UTVM_ERROR_INVALID,
                  "the picture is 4 x 4 pixels, tensor 'image' is 2 x 2");
    fixture_ok(read_file(&(struct utvm_input_options){.resize = true}));
    expect((int8_t[]){-128, -126, -120, -118});
}

Test(input, refuses_a_picture_for_a_tensor_that_is_none)
{
    image_tensor(1, 0);
    tensor.rank = 2;
    write_picture(2, 2, 1, grey);
    fixture_fails(read_file(NULL), UTVM_ERROR_INVALID, "tensor 'image' is [1, 2]");
}

static void write_array(const char *name, enum utvm_dtype dtype, uint32_t count)
{
    struct utvm_array a = {0};
    fixture_ok(utvm_array_init(&a, dtype, 1, &count));
    for (uint32_t i = 0; i < count; i++) {
        utvm_array_set(&a, i, i);
    }
    fixture_path(name, path, sizeof(path));
    fixture_ok(utvm_npy_write(path, &a));
    utvm_array_deinit(&a);
}

Test(input, takes_an_npy_of_as_many_elements)
{
    image_tensor(0.5f, 1);
    write_array("in.npy", UTVM_DTYPE_INT8, 4);
    fixture_ok(read_file(NULL));
    expect((int8_t[]){0, 1, 2, 3});
    cr_expect_eq(value.rank, 4, "in the tensor's shape");
    cr_expect_null(note);
}

Test(input, quantises_real_numbers)
{
    image_tensor(0.5f, 1);
    write_array("in.npy", UTVM_DTYPE_FLOAT32, 4);
    fixture_ok(read_file(NULL));
    expect((int8_t[]){1, 3, 5, 7});
    cr_expect_str_eq(note, "real values quantised");
}

Test(input, refuses_another_type_or_count)
{
    image_tensor(0.5f, 1);
    write_array("in.npy", UTVM_DTYPE_INT16, 4);
    fixture_fails(read_file(NULL), UTVM_ERROR_INVALID,
                  "the array is int16, tensor 'image' is int8");
    write_array("in.npy", UTVM_DTYPE_INT8, 5);
    fixture_fails(read_file(NULL), UTVM_ERROR_INVALID, "the array is [5] (5 elements)");
}

static void write_npz(const char *const *keys, size_t count)
{
    struct utvm_npz_writer *writer = NULL;
    fixture_path("in.npz", path, sizeof(path));
    fixture_ok(utvm_npz_writer_create(&writer));
    for (size_t i = 0; i < count; i++) {
        struct utvm_array a = {0};
        bool sequence = strncmp(keys[i], "seq", 3) == 0;
        fixture_ok(utvm_array_init(&a, UTVM_DTYPE_INT8, 2, (uint32_t[]){sequence ? 3 : 1, 4}));
        for (uint64_t k = 0; k < a.num_elems; k++) {
            utvm_array_set(&a, k, (double)(10 * i + k));
        }
        fixture_ok(utvm_npz_writer_add(writer, keys[i], &a));
        utvm_array_deinit(&a);
    }
    fixture_ok(utvm_npz_writer_save(writer, path));
    utvm_npz_writer_free(writer);
}

Test(input, finds_its_key_in_an_npz)
{
    image_tensor(1, 0);
    write_npz((const char *[]){"image", "in_3", "t7"}, 3);
    fixture_ok(read_file(NULL));
    expect((int8_t[]){10, 11, 12, 13});
    utvm_array_deinit(&value);
    write_npz((const char *[]){"t7", "image"}, 2);
    fixture_ok(read_file(NULL));
    expect((int8_t[]){10, 11, 12, 13});
    utvm_array_deinit(&value);
    write_npz((const char *[]){"anything"}, 1);
    fixture_ok(read_file(NULL));
    expect((int8_t[]){0, 1, 2, 3});
    write_npz((const char *[]){"t7", "t8"}, 2);
    fixture_fails(read_file(NULL), UTVM_ERROR_NOT_FOUND, "none of its 2 arrays is 'in_3'");
}

Test(input, takes_one_invocation_of_a_sequence)
{
    image_tensor(1, 0);
    write_npz((const char *[]){"in_3", "seq_3"}, 2);
    uint32_t count = 0;
    fixture_ok(utvm_input_invocations(path, &tensor, &count));
    cr_expect_eq(count, 3);
    fixture_ok(read_file(&(struct utvm_input_options){.has_invocation = true, .invocation = 2}));
    expect((int8_t[]){18, 19, 20, 21});
    fixture_fails(read_file(&(struct utvm_input_options){.has_invocation = true, .invocation = 3}),
                  UTVM_ERROR_INVALID, "no invocation 3; it has 3");
}

Test(input, takes_raw_bytes_of_exactly_the_size)
{
    image_tensor(1, 0);
    fixture_path("in.bin", path, sizeof(path));
    fixture_ok(utvm_file_write(path, "\x01\x02\xff\x80", 4));
    fixture_ok(read_file(NULL));
    expect((int8_t[]){1, 2, -1, -128});
    fixture_ok(utvm_file_write(path, "\x01\x02\xff", 3));
    fixture_fails(read_file(NULL), UTVM_ERROR_INVALID, "3 raw bytes, tensor 'image' has 4");
}
