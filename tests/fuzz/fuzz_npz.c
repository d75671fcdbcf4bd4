// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/npy.h"
#include "core/npz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct utvm_array array = {0};
    utvm_error_free(utvm_npy_parse("fuzz.npy", data, size, &array));
    utvm_array_deinit(&array);
    struct utvm_npz *npz = NULL;
    struct utvm_error *error = utvm_npz_parse("fuzz.npz", data, size, &npz);
    for (size_t i = 0; !error && i < utvm_npz_count(npz) && i < 4; i++) {
        utvm_error_free(utvm_npz_read(npz, i, &array));
        utvm_array_deinit(&array);
    }
    utvm_error_free(error);
    utvm_npz_close(npz);
    return 0;
}
