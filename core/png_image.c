// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/png_image.h"

#include <png.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"

#define MAX_PIXELS (16u << 20)

// libpng's simplified interface reports errors by value, so no longjmp crosses our frames.
static struct utvm_error *png_failure(const char *name, const png_image *image)
{
    char *text = utvm_text_printable(image->message, strnlen(image->message, 64));
    struct utvm_error *error =
        utvm_error_create(UTVM_ERROR_FORMAT, "%s: not a readable PNG: %s", name, text ? text : "?");
    free(text);
    return error;
}

static struct utvm_error *read_pixels(const char *name, png_image *image, struct utvm_array *ret)
{
    if ((uint64_t)image->width * image->height > MAX_PIXELS) {
        return utvm_error_create(UTVM_ERROR_INVALID, "%s: %u x %u pixels are more than %u", name,
                                 (unsigned)image->width, (unsigned)image->height, MAX_PIXELS);
    }
    uint32_t channels = 1;
    if (image->format & PNG_FORMAT_FLAG_ALPHA) {
        image->format = PNG_FORMAT_RGBA;
        channels = 4;
    } else if (image->format & PNG_FORMAT_FLAG_COLOR) {
        image->format = PNG_FORMAT_RGB;
        channels = 3;
    } else {
        image->format = PNG_FORMAT_GRAY;
    }
    image->flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    const uint32_t dims[] = {image->height, image->width, channels};
    struct utvm_array array = {0};
    struct utvm_error *error = utvm_array_init(&array, UTVM_DTYPE_UINT8, 3, dims);
    if (error) {
        return utvm_error_prefix(error, "%s", name);
    }
    if (!png_image_finish_read(image, NULL, array.data, 0, NULL)) {
        utvm_array_deinit(&array);
        return png_failure(name, image);
    }
    *ret = array;
    return NULL;
}

struct utvm_error *utvm_png_parse(const char *name, const void *bytes, size_t size_bytes,
                                  struct utvm_array *ret)
{
    png_image image;
    memset(&image, 0, sizeof(image));
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&image, bytes, size_bytes)) {
        struct utvm_error *error = png_failure(name, &image);
        png_image_free(&image);
        return error;
    }
    struct utvm_error *error = read_pixels(name, &image, ret);
    png_image_free(&image);
    return error;
}

struct utvm_error *utvm_png_read(const char *path, struct utvm_array *ret)
{
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    struct utvm_error *error = utvm_file_read(path, &bytes, &size_bytes);
    if (error) {
        return error;
    }
    error = utvm_png_parse(path, bytes, size_bytes, ret);
    free(bytes);
    return error;
}

struct utvm_error *utvm_png_write(const char *path, const struct utvm_array *image)
{
    uint32_t channels = image->rank == 3 ? image->dims[2] : 1;
    bool fits = image->dtype == UTVM_DTYPE_UINT8 && image->num_elems > 0 &&
                (image->rank == 2 || image->rank == 3) &&
                (channels == 1 || channels == 3 || channels == 4);
    if (!fits) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "a picture is uint8 [H,W], [H,W,1], [H,W,3] or [H,W,4]");
    }
    png_image png;
    memset(&png, 0, sizeof(png));
    png.version = PNG_IMAGE_VERSION;
    png.width = image->dims[1];
    png.height = image->dims[0];
    png.format = channels == 1 ? PNG_FORMAT_GRAY : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
    struct utvm_file_writer writer;
    struct utvm_error *error = utvm_file_writer_open(&writer, path);
    if (error) {
        return error;
    }
    if (!png_image_write_to_stdio(&png, writer.stream, 0, image->data, 0, NULL)) {
        error = utvm_error_create(UTVM_ERROR_OS, "cannot write '%s': %s", path, png.message);
        png_image_free(&png);
        utvm_file_writer_abort(&writer);
        return error;
    }
    png_image_free(&png);
    return utvm_file_writer_commit(&writer);
}
