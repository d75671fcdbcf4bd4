// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// Reports that diff reads.
#include "core/saved_profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct utvm_saved_profile profile = {0};
    struct utvm_error *error = utvm_saved_profile_parse("report", data, size, &profile);
    if (!error) {
        utvm_saved_profile_deinit(&profile);
    }
    utvm_error_free(error);
    return 0;
}
