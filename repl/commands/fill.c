// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "core/stats.h"
#include "repl/commands/assign.h"

// The generator of reproducible inputs: one step of a 64-bit LCG an element, its top bits taken.
static void fill_random(struct utvm_array *array, const struct utvm_tensor *tensor, uint64_t state)
{
    double low = 0;
    double high = 0;
    bool integer = utvm_dtype_range(tensor->dtype, &low, &high);
    unsigned bits = (unsigned)utvm_dtype_size(tensor->dtype) * 8;
    for (uint64_t i = 0; i < array->num_elems; i++) {
        state = 6364136223846793005u * state + 1442695040888963407u;
        double value = (double)(state >> 40) / 16777216.0;
        if (integer && bits < 64) {
            value = (double)(state >> (64 - bits));
            value = value > high ? value - (high - low + 1) : value;
        }
        utvm_array_set(array, i, value);
    }
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)out;
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[args->arg[0].ref.tensor];
    const char *text = args->arg[1].text;
    if (!args->option[0].given) {
        return utvm_assign_tensor(sh, args->arg[0].text, text, args->letters[0] == 'f');
    }
    struct utvm_value seed = {0};
    struct utvm_error *error = utvm_shell_evaluate(sh, text, &seed);
    if (error) {
        return error;
    }
    if (args->arg[0].ref.sliced) {
        return utvm_error_create(UTVM_ERROR_INVALID, "--random fills whole tensors");
    }
    struct utvm_array array = {0};
    error = utvm_array_init(&array, tensor->dtype, tensor->rank, tensor->dims);
    if (!error) {
        fill_random(&array, tensor, (uint64_t)seed.integer);
        error = utvm_store_tensor(sh, args->arg[0].ref.tensor, &array);
    }
    utvm_array_deinit(&array);
    return error;
}

const struct utvm_command utvm_command_fill = {
    .name = "fill",
    .group = UTVM_GROUP_CHANGING,
    .summary = "fill a tensor, or a part of one, with a value",
    .detail = "VALUE is raw; fill/f takes a real value. With --random VALUE is the seed of a "
              "reproducible generator: all values of an integer type, 0 to 1 for floats.",
    .example = "fill input 0",
    .needs = UTVM_NEEDS_MODEL,
    .flags = UTVM_COMMAND_LETTERS,
    .args = {{.name = "TENSOR", .kind = UTVM_ARG_TENSOR_REF},
             {.name = "VALUE", .kind = UTVM_ARG_WORD}},
    .options = {{"--random", NULL, UTVM_ARG_WORD, "VALUE is the seed of random values", NULL}},
    .run = run,
};
