// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/common.h"

#include <stdlib.h>
#include <string.h>

#include "core/build/workdir.h"
#include "core/stats.h"
#include "repl/human.h"
#include "repl/pipe.h"

struct utvm_error *utvm_read_whole(struct utvm_shell *sh, uint32_t index, bool force,
                                   struct utvm_array *ret)
{
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[index];
    if (tensor->flags & UTVM_TENSOR_INPUT && utvm_session_input(sh->session, index)) {
        return utvm_array_copy(utvm_session_input(sh->session, index), ret);
    }
    if (!(tensor->flags & UTVM_TENSOR_CONSTANT) &&
        (!utvm_shell_target(sh) || !utvm_session_status(sh->session)->uploaded)) {
        return utvm_error_create(UTVM_ERROR_STATE,
                                 "tensor '%s': the model is not on the target yet; use 'load'",
                                 tensor->name);
    }
    return utvm_session_read_tensor(sh->session, index, force, ret);
}

struct utvm_error *utvm_read_view(struct utvm_shell *sh, const struct utvm_tensor_ref *ref,
                                  bool force, struct utvm_view *ret)
{
    struct utvm_array array = {0};
    struct utvm_error *error = utvm_read_whole(sh, ref->tensor, force, &array);
    if (error) {
        return error;
    }
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[ref->tensor];
    error = utvm_view_init(ret, tensor, &array, &ref->slice);
    utvm_array_deinit(&array);
    return error;
}

struct utvm_error *utvm_store_tensor(struct utvm_shell *sh, uint32_t index,
                                     const struct utvm_array *value)
{
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[index];
    if (tensor->flags & UTVM_TENSOR_INPUT) {
        return utvm_session_set_input(sh->session, index, value);
    }
    struct utvm_error *error = utvm_shell_require(sh, UTVM_NEEDS_UPLOADED | UTVM_NEEDS_HALTED);
    return error ? error : utvm_session_write_tensor(sh->session, index, value);
}

const char *utvm_cycle_source_name(enum utvm_cycle_source source)
{
    switch (source) {
    case UTVM_CYCLES_MEASURED:
        return "measured";
    case UTVM_CYCLES_MODELLED:
        return "modelled";
    case UTVM_CYCLES_UNKNOWN:
        break;
    }
    return "of unknown source";
}

char *utvm_source_line(struct utvm_shell *sh, utvm_addr pc)
{
    char address[16];
    snprintf(address, sizeof(address), "0x%x", pc);
    const char *const argv[] = {"arm-none-eabi-addr2line", "-e", utvm_shell_model(sh)->path,
                                address, NULL};
    char *output = NULL;
    struct utvm_error *error = utvm_pipe_capture(argv, &output);
    if (error) {
        utvm_error_drop(error); // a convenience: without binutils the address has to do
        return NULL;
    }
    output[strcspn(output, "\n")] = '\0';
    if (strncmp(output, "??", 2) == 0) {
        free(output);
        return NULL;
    }
    size_t dots = 0; // the directory that the compiler ran in
    while (strncmp(output + dots, "./", 2) == 0) {
        dots += 2;
    }
    memmove(output, output + dots, strlen(output + dots) + 1);
    return output;
}

struct utvm_error *utvm_disassemble(struct utvm_shell *sh, utvm_addr start, utvm_addr end,
                                    bool source, char **ret)
{
    char from[40];
    char to[40];
    snprintf(from, sizeof(from), "--start-address=0x%x", start);
    snprintf(to, sizeof(to), "--stop-address=0x%x", end);
    // The image names its sources relative to where the kernels lie.
    char *kernels = NULL;
    char *operators = NULL;
    utvm_error_drop(utvm_find_kernels(NULL, &kernels));
    if (!kernels || asprintf(&operators, "%s/ops", kernels) < 0) {
        operators = NULL;
    }
    const char *const argv[] = {"arm-none-eabi-objdump",
                                source ? "-dS" : "-d",
                                "-I",
                                kernels ? kernels : ".",
                                "-I",
                                operators ? operators : ".",
                                "--no-show-raw-insn",
                                from,
                                to,
                                "--",
                                utvm_shell_model(sh)->path,
                                NULL};
    char *output = NULL;
    struct utvm_error *error = utvm_pipe_capture(argv, &output);
    free(kernels);
    free(operators);
    if (error) {
        return utvm_error_prefix(error, "disassemble");
    }
    // Without objdump's own head.
    const char *body = strstr(output, "\nDisassembly of section");
    body = body ? strchr(body + 1, '\n') : output;
    char *result = strdup(body ? body + strspn(body, "\n") : output);
    free(output);
    if (!result) {
        return utvm_error_no_memory();
    }
    *ret = result;
    return NULL;
}

struct utvm_error *utvm_top_classes(struct utvm_shell *sh, size_t max, struct utvm_class *classes,
                                    size_t *ret)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    *ret = 0;
    if (model->num_outputs == 0 || model->num_labels < 2 ||
        model->tensors[model->outputs[0]].num_elems != model->num_labels) {
        return NULL;
    }
    const struct utvm_tensor *tensor = &model->tensors[model->outputs[0]];
    struct utvm_array array = {0};
    struct utvm_error *error =
        utvm_session_read_tensor(sh->session, model->outputs[0], false, &array);
    if (error) {
        return error;
    }
    size_t count = 0;
    for (uint32_t i = 0; i < model->num_labels; i++) {
        double score = utvm_tensor_real(tensor, &array, i);
        size_t at = count;
        while (at > 0 && score > classes[at - 1].score) {
            at--;
        }
        if (at >= max) {
            continue;
        }
        count = count < max ? count + 1 : max;
        memmove(&classes[at + 1], &classes[at], (count - at - 1) * sizeof(*classes));
        classes[at] = (struct utvm_class){i, model->labels[i], score};
    }
    utvm_array_deinit(&array);
    *ret = count;
    return NULL;
}
