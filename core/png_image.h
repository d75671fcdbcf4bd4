// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_PNG_IMAGE_H
#define UTVM_CORE_PNG_IMAGE_H

#include <stddef.h>

#include "core/error.h"
#include "core/tensor.h"

/**
 * PNG pictures as uint8 arrays [H,W,C], C = 1 (grey), 3 (RGB) or, if the picture has transparency,
 * 4 (RGB and alpha, not premultiplied; grey becomes RGB). Palettes become RGB, 16 bits become 8.
 */

/** @return OS, FORMAT (what libpng says), INVALID above 16 Mi pixels, NO_MEMORY */
UTVM_MUST_CHECK struct utvm_error *utvm_png_read(const char *path, struct utvm_array *ret);
UTVM_MUST_CHECK struct utvm_error *utvm_png_parse(const char *name, const void *bytes,
                                                  size_t size_bytes, struct utvm_array *ret);

/** Writes uint8 [H,W], [H,W,1], [H,W,3] or [H,W,4]; temporary name, then rename. */
UTVM_MUST_CHECK struct utvm_error *utvm_png_write(const char *path, const struct utvm_array *image);

#endif
