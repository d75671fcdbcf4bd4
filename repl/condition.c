// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/condition.h"

#include <math.h>
#include <string.h>

#include "core/stats.h"

const char *const utvm_condition_names[] = {"cycles", "stack",   "layer", "maxerr", "rmse",   "min",
                                            "max",    "mean",    "std",   "rawmin", "rawmax", "sat",
                                            "satlow", "sathigh", "zeros", "nan",    "inf",    NULL};

// Real units; saturation and zeros as shares, NaN and infinities as counts.
static double statistic(const struct utvm_stats *s, const char *name)
{
    double n = s->num_elems ? (double)s->num_elems : 1;
    const struct {
        const char *name;
        double value;
    } values[] = {
        {"min", s->real_min},
        {"max", s->real_max},
        {"mean", s->real_mean},
        {"std", s->real_std},
        {"rawmin", s->min},
        {"rawmax", s->max},
        {"sat", (double)(s->num_low + s->num_high) / n},
        {"satlow", (double)s->num_low / n},
        {"sathigh", (double)s->num_high / n},
        {"zeros", (double)s->num_zero / n},
        {"nan", (double)s->num_nan},
        {"inf", (double)s->num_infinite},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (strcmp(values[i].name, name) == 0) {
            return values[i].value;
        }
    }
    return NAN;
}

static bool is_listed(const char *const *names, const char *name)
{
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static struct utvm_error *error_metric(struct utvm_shell *sh, uint32_t index, const char *name,
                                       const struct utvm_array *actual, double *ret)
{
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[index];
    if (!sh->reference) {
        return utvm_error_create(UTVM_ERROR_STATE,
                                 "%s needs a reference: 'set reference FILE.npz' names one", name);
    }
    if (!utvm_reference_has(sh->reference, tensor)) {
        return utvm_error_create(UTVM_ERROR_NOT_FOUND, "tensor '%s' is not in %s", tensor->name,
                                 utvm_reference_path(sh->reference));
    }
    struct utvm_array expected = {0};
    struct utvm_error *error = utvm_reference_read(sh->reference, tensor, &expected);
    if (error) {
        return error;
    }
    struct utvm_tolerance tolerance = {.is_default = true};
    struct utvm_metrics metrics;
    error = utvm_metrics_compute(tensor, actual, &expected, &tolerance, &metrics);
    utvm_array_deinit(&expected);
    if (error) {
        return error;
    }
    if (strcmp(name, "rmse") == 0) {
        *ret = metrics.rmse;
    } else {
        bool steps = !isnan(metrics.max_abs_error_lsb);
        *ret = steps ? metrics.max_abs_error_lsb : metrics.max_abs_error;
    }
    return NULL;
}

struct utvm_error *utvm_condition_statistic(struct utvm_shell *sh, uint32_t index, const char *name,
                                            bool *found, double *ret)
{
    bool against = strcmp(name, "maxerr") == 0 || strcmp(name, "rmse") == 0;
    *found = is_listed(utvm_condition_names + UTVM_CONDITION_LAYER_NAMES, name);
    if (!*found) {
        return NULL;
    }
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[index];
    struct utvm_array array = {0};
    struct utvm_error *error = utvm_session_read_tensor(sh->session, index, false, &array);
    if (error) {
        return error;
    }
    if (against) {
        error = error_metric(sh, index, name, &array, ret);
    } else {
        struct utvm_stats stats;
        utvm_stats_compute(tensor, &array, &stats);
        *ret = statistic(&stats, name);
    }
    utvm_array_deinit(&array);
    return error;
}

struct utvm_error *utvm_condition_lookup(struct utvm_shell *sh,
                                         const struct utvm_condition *condition, const char *name,
                                         bool *found, double *ret)
{
    *found = true;
    if (strcmp(name, "cycles") == 0) {
        *ret = utvm_session_layer_cycles(sh->session, condition->layer);
        return NULL;
    }
    if (strcmp(name, "stack") == 0) {
        const struct utvm_layer_record *record = utvm_session_record(sh->session, condition->layer);
        *ret = record ? record->stack_bytes : 0;
        return NULL;
    }
    if (strcmp(name, "layer") == 0) {
        *ret = condition->layer;
        return NULL;
    }
    return utvm_condition_statistic(sh, condition->tensor, name, found, ret);
}

struct utvm_error *utvm_condition_check(void *ctx, struct utvm_session *s,
                                        const struct utvm_breakpoint *bp, uint32_t layer,
                                        bool *stop)
{
    struct utvm_shell *sh = ctx;
    const struct utvm_model *model = utvm_session_model(s);
    struct utvm_condition condition = {.layer = layer, .tensor = UTVM_NO_INDEX};
    *stop = true;
    if (bp->is_watch) {
        struct utvm_error *error = utvm_tensor_lookup(model, bp->spec, &condition.tensor);
        if (error) {
            return utvm_error_prefix(error, "watchpoint %u", bp->number);
        }
    } else if (model->layers[layer].num_outputs > 0) {
        condition.tensor = model->layers[layer].outputs[0];
    }
    if (!bp->condition || condition.tensor == UTVM_NO_INDEX) {
        return NULL;
    }
    const struct utvm_condition *outer = sh->condition;
    struct utvm_value value = {0};
    sh->condition = &condition;
    struct utvm_error *error = utvm_shell_evaluate(sh, bp->condition, &value);
    sh->condition = outer;
    if (error) {
        return error; // the session says of which breakpoint
    }
    *stop = utvm_value_true(value);
    return NULL;
}

static struct utvm_error *known_name(void *ctx, const char *name, const char *index,
                                     struct utvm_value *ret)
{
    struct utvm_shell *sh = ctx;
    *ret = utvm_value_integer(1);
    if (name[0] == '$' || index || strchr(name, '.') || is_listed(utvm_condition_names, name)) {
        return NULL;
    }
    uint32_t tensor = 0;
    return utvm_tensor_lookup(utvm_shell_model(sh), name, &tensor);
}

static struct utvm_error *known_address(void *ctx, const char *name, const char *index,
                                        struct utvm_value *ret)
{
    (void)index;
    return known_name(ctx, name, NULL, ret);
}

struct utvm_error *utvm_condition_validate(struct utvm_shell *sh, const char *text)
{
    struct utvm_scope scope = {.ctx = sh, .lookup = known_name, .address = known_address};
    struct utvm_value value;
    return utvm_error_prefix(utvm_expr_eval(text, &scope, &value), "condition");
}
