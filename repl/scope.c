// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/scope.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/channels.h"
#include "core/stats.h"
#include "repl/commands/common.h"
#include "repl/condition.h"
#include "repl/shell.h"

const char *const utvm_scope_names[] = {
    "$_",          "$layer",    "$last", "$cycles", "$total", "$runs",  "$layers", "$bpnum",
    "$_hit_bpnum", "$exitcode", "$r0",   "$r1",     "$r2",    "$r3",    "$r4",     "$r5",
    "$r6",         "$r7",       "$r8",   "$r9",     "$r10",   "$r11",   "$r12",    "$sp",
    "$lr",         "$pc",       "$xpsr", "$msp",    "$psp",   "$fpscr", NULL};

// $r0 to $r12, $sp, $lr, $pc, $xpsr, …
static bool register_number(const char *name, unsigned *ret)
{
    static const struct {
        const char *name;
        unsigned number;
    } named[] = {{"sp", UTVM_REG_SP},      {"lr", UTVM_REG_LR},   {"pc", UTVM_REG_PC},
                 {"xpsr", UTVM_REG_XPSR},  {"msp", UTVM_REG_MSP}, {"psp", UTVM_REG_PSP},
                 {"fpscr", UTVM_REG_FPSCR}};
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        if (strcmp(named[i].name, name) == 0) {
            *ret = named[i].number;
            return true;
        }
    }
    if (name[0] == 'r' && isdigit((unsigned char)name[1])) {
        char *end = NULL;
        unsigned long number = strtoul(name + 1, &end, 10);
        if (*end == '\0' && number <= 15) {
            *ret = (unsigned)number;
            return true;
        }
    }
    return false;
}

static bool session_variable(const struct utvm_shell *sh, const char *name, struct utvm_value *ret)
{
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    int64_t last = status->last_layer == UTVM_NO_INDEX ? -1 : (int64_t)status->last_layer;
    const struct {
        const char *name;
        int64_t value;
    } values[] = {
        {"layer", status->next_layer},
        {"last", last},
        {"cycles", last < 0 ? 0 : utvm_session_layer_cycles(sh->session, status->last_layer)},
        {"total", (int64_t)status->total_cycles},
        {"runs", status->runs},
        {"layers", utvm_shell_model(sh) ? utvm_shell_model(sh)->num_layers : 0},
        {"bpnum", sh->last_breakpoint},
        {"_hit_bpnum", status->stop_breakpoint},
        {"exitcode", sh->failure},
        {"_exitcode", sh->failure},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (strcmp(values[i].name, name) == 0) {
            *ret = utvm_value_integer(values[i].value);
            return true;
        }
    }
    return false;
}

static struct utvm_error *dollar(struct utvm_shell *sh, const char *name, struct utvm_value *ret)
{
    const struct utvm_value *own = utvm_variables_find(&sh->variables, name);
    unsigned reg = 0;
    if (own) {
        *ret = *own;
        return NULL;
    }
    if (strcmp(name, "$_") == 0 || strcmp(name, "$") == 0) {
        *ret = sh->last_value;
        return NULL;
    }
    if (session_variable(sh, name + 1, ret)) {
        return NULL;
    }
    if (register_number(name + 1, &reg)) {
        if (!utvm_shell_target(sh)) {
            return utvm_error_create(UTVM_ERROR_STATE, "%s: there is no target", name);
        }
        uint32_t value = 0;
        struct utvm_error *error = utvm_target_read_register(utvm_shell_target(sh), reg, &value);
        *ret = utvm_value_integer(value);
        return error;
    }
    return utvm_error_create(UTVM_ERROR_NOT_FOUND, "no variable '%.60s'", name);
}

struct utvm_error *utvm_scope_assign(struct utvm_shell *sh, const char *name,
                                     struct utvm_value value)
{
    struct utvm_value now;
    unsigned reg = 0;
    if (name[0] != '$') {
        return utvm_variables_set(&sh->variables, name, value); // which refuses it
    }
    bool is_last = strcmp(name, "$_") == 0 || strcmp(name, "$") == 0;
    if (is_last || session_variable(sh, name + 1, &now)) {
        return utvm_error_create(UTVM_ERROR_INVALID, "%s is what utvm says: it cannot be set",
                                 name);
    }
    if (!register_number(name + 1, &reg)) {
        return utvm_variables_set(&sh->variables, name, value);
    }
    struct utvm_error *error = utvm_shell_require(sh, UTVM_NEEDS_HALTED);
    double number = utvm_value_number(value);
    if (!error && !(number >= INT32_MIN && number <= UINT32_MAX)) {
        error = utvm_error_create(UTVM_ERROR_INVALID, "a register has 32 bits");
    }
    if (!error) {
        error = utvm_target_write_register(utvm_shell_target(sh), reg, (uint32_t)(int64_t)number);
    }
    return utvm_error_prefix(error, "%s", name);
}

static struct utvm_value from_number(const struct utvm_tensor *tensor, double raw)
{
    bool real = tensor->dtype == UTVM_DTYPE_FLOAT32;
    return real ? utvm_value_real(raw) : utvm_value_integer((int64_t)raw);
}

// One element, raw or in real units.
static struct utvm_error *element(struct utvm_shell *sh, uint32_t index, const char *text,
                                  bool real, struct utvm_value *ret)
{
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[index];
    struct utvm_slice slice;
    utvm_slice_all(tensor->rank, tensor->dims, &slice);
    struct utvm_error *error = NULL;
    if (text) {
        error = utvm_slice_parse(text, tensor->rank, tensor->dims, &slice);
    }
    if (!error && slice.num_elems != 1) {
        error = utvm_error_create(UTVM_ERROR_INVALID,
                                  "an expression needs one element, this names %llu",
                                  (unsigned long long)slice.num_elems);
    }
    struct utvm_array array = {0};
    if (!error) {
        error = utvm_session_read_tensor(sh->session, index, false, &array);
    }
    if (error && strncmp(error->message, "tensor ", strlen("tensor ")) == 0) {
        return error; // it says which
    }
    if (error) {
        return utvm_error_prefix(error, "tensor '%s'", tensor->name);
    }
    uint64_t flat = utvm_slice_flat(&slice, 0);
    *ret = real ? utvm_value_real(utvm_tensor_real(tensor, &array, flat))
                : from_number(tensor, utvm_array_get(&array, flat));
    utvm_array_deinit(&array);
    return NULL;
}

// NAME.statistic, NAME.real[index] and NAME.raw[index]; *found when the name ends in one.
static struct utvm_error *member(struct utvm_shell *sh, const char *name, const char *index,
                                 bool *found, struct utvm_value *ret)
{
    *found = false;
    const char *dot = strrchr(name, '.');
    if (!dot || dot == name) {
        return NULL;
    }
    char *base = strndup(name, (size_t)(dot - name));
    if (!base) {
        return utvm_error_no_memory();
    }
    uint32_t tensor = 0;
    struct utvm_error *error = utvm_tensor_lookup(utvm_shell_model(sh), base, &tensor);
    free(base);
    if (error) {
        utvm_error_drop(error);
        return NULL;
    }
    bool real = strcmp(dot, ".real") == 0;
    if (real || strcmp(dot, ".raw") == 0) {
        *found = true;
        return element(sh, tensor, index, real, ret);
    }
    double value = 0;
    error = index ? NULL : utvm_condition_statistic(sh, tensor, dot + 1, found, &value);
    *ret = utvm_value_real(value);
    return error;
}

static struct utvm_error *lookup(void *ctx, const char *name, const char *index,
                                 struct utvm_value *ret)
{
    struct utvm_shell *sh = ctx;
    if (name[0] == '$') {
        return dollar(sh, name, ret);
    }
    if (!index && (strcmp(name, "nan") == 0 || strcmp(name, "inf") == 0) && !sh->condition) {
        *ret = utvm_value_real(name[0] == 'n' ? NAN : INFINITY);
        return NULL;
    }
    if (!utvm_shell_model(sh)) {
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "no '%.60s': there is no model", name);
    }
    bool found = false;
    if (sh->condition && !index) {
        double value = 0;
        struct utvm_error *error = utvm_condition_lookup(sh, sh->condition, name, &found, &value);
        if (error || found) {
            *ret = utvm_value_real(value);
            return error;
        }
    }
    struct utvm_error *error = member(sh, name, index, &found, ret);
    if (error || found) {
        return error;
    }
    uint32_t tensor = 0;
    error = utvm_tensor_lookup(utvm_shell_model(sh), name, &tensor);
    return error ? error : element(sh, tensor, index, false, ret);
}

// Bytes from the beginning of a tensor to one of its elements.
static struct utvm_error *element_offset(const struct utvm_tensor *tensor, const char *text,
                                         int64_t *ret)
{
    struct utvm_slice slice;
    utvm_slice_all(tensor->rank, tensor->dims, &slice);
    struct utvm_error *error = utvm_slice_parse(text, tensor->rank, tensor->dims, &slice);
    if (!error && slice.num_elems == 0) {
        error = utvm_error_create(UTVM_ERROR_INVALID, "no element is named");
    }
    if (!error && utvm_constant_channels(tensor) > 0) {
        error = utvm_error_create(UTVM_ERROR_STATE, "not all of its channels are in memory, so "
                                                    "that elements have no fixed place");
    }
    if (error) {
        return utvm_error_prefix(error, "tensor '%s'", tensor->name);
    }
    size_t element = tensor->num_elems ? tensor->size_bytes / tensor->num_elems : 0;
    *ret = (int64_t)(utvm_slice_flat(&slice, 0) * element);
    return NULL;
}

static struct utvm_error *address(void *ctx, const char *name, const char *index,
                                  struct utvm_value *ret)
{
    const struct utvm_model *model = utvm_shell_model(ctx);
    uint32_t tensor = 0;
    if (!model) {
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "no '%.60s': there is no model", name);
    }
    struct utvm_error *error = utvm_tensor_lookup(model, name, &tensor);
    if (error) {
        return error;
    }
    if (!utvm_tensor_in_memory(&model->tensors[tensor])) {
        return utvm_error_create(UTVM_ERROR_STATE, "tensor '%s' is never in memory",
                                 model->tensors[tensor].name);
    }
    int64_t offset = 0;
    if (index) {
        error = element_offset(&model->tensors[tensor], index, &offset);
    }
    if (!error) {
        *ret = utvm_value_integer(model->tensors[tensor].addr + offset);
    }
    return error;
}

struct utvm_scope utvm_shell_scope(struct utvm_shell *sh)
{
    return (struct utvm_scope){.ctx = sh, .lookup = lookup, .address = address};
}

struct utvm_error *utvm_shell_evaluate(struct utvm_shell *sh, const char *text,
                                       struct utvm_value *ret)
{
    struct utvm_scope scope = utvm_shell_scope(sh);
    return utvm_expr_eval(text, &scope, ret);
}
