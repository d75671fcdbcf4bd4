// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/png_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct utvm_array image = {0};
    utvm_error_free(utvm_png_parse("fuzz.png", data, size, &image));
    utvm_array_deinit(&image);
    return 0;
}
