// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/input.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/npy.h"
#include "core/npz.h"
#include "core/png_image.h"
#include "core/stats.h"

// Makes an array of the tensor's type and shape from any array of as many elements: the same type
// is copied, real numbers are quantised, other integers are refused.
static struct utvm_error *convert(const struct utvm_tensor *tensor, const struct utvm_array *from,
                                  struct utvm_array *ret, bool *quantised)
{
    if (from->num_elems != tensor->num_elems) {
        char have[UTVM_SHAPE_TEXT_BYTES];
        char want[UTVM_SHAPE_TEXT_BYTES];
        utvm_shape_text(from->rank, from->dims, have, sizeof(have));
        utvm_shape_text(tensor->rank, tensor->dims, want, sizeof(want));
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "the array is %s (%llu elements), tensor '%s' is %s (%llu)", have,
                                 (unsigned long long)from->num_elems, tensor->name, want,
                                 (unsigned long long)tensor->num_elems);
    }
    bool quantise = from->dtype == UTVM_DTYPE_FLOAT32 && tensor->dtype != UTVM_DTYPE_FLOAT32 &&
                    tensor->num_scales > 0;
    if (from->dtype != tensor->dtype && !quantise) {
        return utvm_error_create(UTVM_ERROR_INVALID, "the array is %s, tensor '%s' is %s",
                                 utvm_dtype_name(from->dtype), tensor->name,
                                 utvm_dtype_name(tensor->dtype));
    }
    struct utvm_array array = {0};
    struct utvm_error *error = utvm_array_init(&array, tensor->dtype, tensor->rank, tensor->dims);
    if (error) {
        return error;
    }
    if (!quantise) {
        memcpy(array.data, from->data, array.size_bytes);
    }
    for (uint64_t i = 0; quantise && i < array.num_elems; i++) {
        utvm_array_set(&array, i, utvm_tensor_quantise(tensor, &array, i, utvm_array_get(from, i)));
    }
    if (quantised) {
        *quantised = quantise;
    }
    *ret = array;
    return NULL;
}

static void note(char **ret_note, const char *text)
{
    if (ret_note) {
        *ret_note = strdup(text); // a note that cannot be kept is no failure
    }
}

// Takes over array.
static struct utvm_error *convert_array(const char *path, const struct utvm_tensor *tensor,
                                        struct utvm_array *array, struct utvm_array *ret,
                                        char **ret_note)
{
    bool quantised = false;
    struct utvm_error *error = convert(tensor, array, ret, &quantised);
    utvm_array_deinit(array);
    if (!error && quantised) {
        note(ret_note, "real values quantised");
    }
    return utvm_error_prefix(error, "%s", path);
}

static size_t find_key(const struct utvm_npz *npz, const struct utvm_tensor *tensor,
                       const struct utvm_input_options *options)
{
    char key[24];
    if (options->has_invocation) {
        snprintf(key, sizeof(key), "seq_%u", (unsigned)tensor->source_index);
        return utvm_npz_find(npz, key);
    }
    snprintf(key, sizeof(key), "in_%u", (unsigned)tensor->source_index);
    size_t at = utvm_npz_find(npz, key);
    if (at == SIZE_MAX) {
        at = utvm_npz_find(npz, tensor->name);
    }
    return at == SIZE_MAX && utvm_npz_count(npz) == 1 ? 0 : at;
}

// Element `invocation` of the first dimension of a sequence.
static struct utvm_error *slice_sequence(const struct utvm_array *sequence, uint32_t invocation,
                                         struct utvm_array *ret)
{
    if (sequence->rank < 1 || invocation >= sequence->dims[0]) {
        return utvm_error_create(UTVM_ERROR_INVALID, "there is no invocation %u; it has %u",
                                 (unsigned)invocation,
                                 sequence->rank ? (unsigned)sequence->dims[0] : 0);
    }
    struct utvm_array slice = {0};
    struct utvm_error *error =
        utvm_array_init(&slice, sequence->dtype, sequence->rank - 1, sequence->dims + 1);
    if (!error) {
        memcpy(slice.data, (const uint8_t *)sequence->data + invocation * slice.size_bytes,
               slice.size_bytes);
        *ret = slice;
    }
    return error;
}

static struct utvm_error *read_npz(const char *path, const struct utvm_tensor *tensor,
                                   const struct utvm_input_options *options, struct utvm_array *ret)
{
    struct utvm_npz *npz = NULL;
    struct utvm_error *error = utvm_npz_open(path, &npz);
    if (error) {
        return error;
    }
    size_t at = find_key(npz, tensor, options);
    struct utvm_array array = {0};
    if (at == SIZE_MAX) {
        error =
            utvm_error_create(UTVM_ERROR_NOT_FOUND, "%s: none of its %zu arrays is '%s_%u' or '%s'",
                              path, utvm_npz_count(npz), options->has_invocation ? "seq" : "in",
                              (unsigned)tensor->source_index, tensor->name);
    } else {
        error = utvm_npz_read(npz, at, &array);
    }
    utvm_npz_close(npz);
    if (!error && options->has_invocation) {
        error = utvm_error_prefix(slice_sequence(&array, options->invocation, ret), "%s", path);
        utvm_array_deinit(&array);
    } else if (!error) {
        *ret = array;
    }
    return error;
}

struct utvm_error *utvm_input_invocations(const char *path, const struct utvm_tensor *tensor,
                                          uint32_t *ret)
{
    *ret = 0;
    if (!utvm_path_ends_with(path, ".npz")) {
        return NULL;
    }
    struct utvm_npz *npz = NULL;
    struct utvm_error *error = utvm_npz_open(path, &npz);
    if (error) {
        return error;
    }
    const struct utvm_input_options options = {.has_invocation = true};
    size_t at = find_key(npz, tensor, &options);
    struct utvm_array array = {0};
    if (at != SIZE_MAX) {
        error = utvm_npz_read(npz, at, &array);
        *ret = !error && array.rank > 0 ? array.dims[0] : 0;
    }
    utvm_array_deinit(&array);
    utvm_npz_close(npz);
    return error;
}

/** A tensor seen as a picture. */
struct picture_shape {
    uint32_t height;
    uint32_t width;
    uint32_t channels;
};

static bool picture_shape_of(const struct utvm_tensor *tensor, struct picture_shape *ret)
{
    uint32_t skip = tensor->rank == 4 && tensor->dims[0] == 1 ? 1 : 0;
    if (tensor->rank - skip != 3) {
        return false;
    }
    *ret =
        (struct picture_shape){tensor->dims[skip], tensor->dims[skip + 1], tensor->dims[skip + 2]};
    return ret->channels == 1 || ret->channels == 3;
}

static enum utvm_pixels choose_pixels(const struct utvm_tensor *tensor,
                                      const struct utvm_input_options *options)
{
    double lowest = 0;
    double highest = 0;
    if (options->pixels != UTVM_PIXELS_AUTO) {
        return options->pixels;
    }
    if (!utvm_dtype_range(tensor->dtype, &lowest, &highest)) {
        return UTVM_PIXELS_UNIT;
    }
    if (tensor->num_scales == 0) {
        return UTVM_PIXELS_RAW;
    }
    double scale = (double)tensor->scales[0];
    if ((highest - tensor->zero_points[0]) * scale > 2) {
        return UTVM_PIXELS_RAW;
    }
    return (lowest - tensor->zero_points[0]) * scale < -0.5 ? UTVM_PIXELS_SIGNED : UTVM_PIXELS_UNIT;
}

static double pixel_of(const struct utvm_array *image, uint32_t y, uint32_t x, uint32_t channel,
                       uint32_t channels)
{
    uint32_t stored = image->dims[2];
    const uint8_t *p = (const uint8_t *)image->data + ((uint64_t)y * image->dims[1] + x) * stored;
    if (stored == 1) {
        return p[0];
    }
    if (channels == 3) {
        return p[channel];
    }
    uint32_t luma = (299u * p[0] + 587u * p[1] + 114u * p[2] + 500u) / 1000u;
    return luma;
}

static double real_of(double pixel, enum utvm_pixels pixels)
{
    switch (pixels) {
    case UTVM_PIXELS_UNIT:
        return pixel / 255;
    case UTVM_PIXELS_SIGNED:
        return pixel / 127.5 - 1;
    case UTVM_PIXELS_AUTO:
    case UTVM_PIXELS_RAW:
        break;
    }
    return pixel;
}

static void fill_from_image(const struct utvm_tensor *tensor, const struct utvm_array *image,
                            struct picture_shape shape, enum utvm_pixels pixels,
                            struct utvm_array *array)
{
    uint64_t i = 0;
    for (uint32_t y = 0; y < shape.height; y++) {
        uint32_t from_y = (uint32_t)((uint64_t)y * image->dims[0] / shape.height);
        for (uint32_t x = 0; x < shape.width; x++) {
            uint32_t from_x = (uint32_t)((uint64_t)x * image->dims[1] / shape.width);
            for (uint32_t c = 0; c < shape.channels; c++, i++) {
                double real = real_of(pixel_of(image, from_y, from_x, c, shape.channels), pixels);
                utvm_array_set(array, i, utvm_tensor_quantise(tensor, array, i, real));
            }
        }
    }
}

static struct utvm_error *read_picture(const char *path, const struct utvm_tensor *tensor,
                                       const struct utvm_input_options *options,
                                       struct utvm_array *ret, char **ret_note)
{
    struct picture_shape shape;
    if (!picture_shape_of(tensor, &shape)) {
        char text[UTVM_SHAPE_TEXT_BYTES];
        utvm_shape_text(tensor->rank, tensor->dims, text, sizeof(text));
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "%s: tensor '%s' is %s; pictures go into [1,H,W,1 or 3]", path,
                                 tensor->name, text);
    }
    struct utvm_array image = {0};
    struct utvm_error *error = utvm_png_read(path, &image);
    if (error) {
        return error;
    }
    bool same_size = image.dims[0] == shape.height && image.dims[1] == shape.width;
    if (!same_size && !options->resize) {
        error = utvm_error_create(UTVM_ERROR_INVALID,
                                  "%s: the picture is %u x %u pixels, tensor '%s' is %u x %u", path,
                                  (unsigned)image.dims[1], (unsigned)image.dims[0], tensor->name,
                                  (unsigned)shape.width, (unsigned)shape.height);
        utvm_array_deinit(&image);
        return error;
    }
    struct utvm_array array = {0};
    error = utvm_array_init(&array, tensor->dtype, tensor->rank, tensor->dims);
    if (!error) {
        static const char *const notes[] = {
            [UTVM_PIXELS_AUTO] = "",
            [UTVM_PIXELS_RAW] = "pixels as 0 to 255",
            [UTVM_PIXELS_UNIT] = "pixels as 0 to 1",
            [UTVM_PIXELS_SIGNED] = "pixels as -1 to 1",
        };
        enum utvm_pixels pixels = choose_pixels(tensor, options);
        fill_from_image(tensor, &image, shape, pixels, &array);
        note(ret_note, notes[pixels]);
        *ret = array;
    }
    utvm_array_deinit(&image);
    return error;
}

static struct utvm_error *read_raw(const char *path, const struct utvm_tensor *tensor,
                                   struct utvm_array *ret)
{
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    struct utvm_error *error = utvm_file_read(path, &bytes, &size_bytes);
    if (error) {
        return error;
    }
    struct utvm_array array = {0};
    if (size_bytes != tensor->size_bytes) {
        error = utvm_error_create(UTVM_ERROR_INVALID,
                                  "%s: %zu raw bytes, tensor '%s' has %u (.npy, .npz and .png are "
                                  "known by their ending)",
                                  path, size_bytes, tensor->name, (unsigned)tensor->size_bytes);
    } else {
        error = utvm_array_init(&array, tensor->dtype, tensor->rank, tensor->dims);
    }
    if (!error) {
        memcpy(array.data, bytes, size_bytes);
        *ret = array;
    }
    free(bytes);
    return error;
}

struct utvm_error *utvm_input_read(const char *path, const struct utvm_tensor *tensor,
                                   const struct utvm_input_options *options, struct utvm_array *ret,
                                   char **ret_note)
{
    if (ret_note) {
        *ret_note = NULL;
    }
    if (utvm_path_ends_with(path, ".png")) {
        return read_picture(path, tensor, options, ret, ret_note);
    }
    struct utvm_array array = {0};
    struct utvm_error *error = NULL;
    if (utvm_path_ends_with(path, ".npz")) {
        error = read_npz(path, tensor, options, &array);
    } else if (utvm_path_ends_with(path, ".npy")) {
        error = utvm_npy_read(path, &array);
    } else {
        return read_raw(path, tensor, ret);
    }
    return error ? error : convert_array(path, tensor, &array, ret, ret_note);
}
