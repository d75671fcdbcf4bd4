// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repl/commands/judge.h"
#include "repl/human.h"
#include "repl/parse.h"

// expect shape TENSOR 1x32x32x16
static struct utvm_error *expect_shape(struct utvm_shell *sh, const struct utvm_line *words)
{
    uint32_t index = 0;
    if (words->num_tokens != 3) {
        return utvm_error_create(UTVM_ERROR_INVALID, "usage: expect shape TENSOR 1x32x32x16");
    }
    struct utvm_error *error =
        utvm_tensor_lookup(utvm_shell_model(sh), words->tokens[1].text, &index);
    if (error) {
        return error;
    }
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[index];
    char actual[96] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < tensor->rank; i++) {
        used += (size_t)snprintf(actual + used, sizeof(actual) - used, "%s%u", i ? "x" : "",
                                 tensor->dims[i]);
    }
    // [1, 32] means the same as 1x32.
    char wanted[96] = "";
    used = 0;
    for (const char *p = words->tokens[2].text; *p && used + 2 < sizeof(wanted); p++) {
        if (isdigit((unsigned char)*p) || *p == 'x') {
            wanted[used++] = *p;
        } else if (*p == ',') {
            wanted[used++] = 'x';
        }
    }
    if (strcmp(actual, wanted) != 0) {
        return utvm_error_create(UTVM_ERROR_MISMATCH, "tensor '%s' has shape %s, expected %s",
                                 tensor->name, actual, wanted);
    }
    return NULL;
}

// expect cycles LAYER|total N [within P%]
static struct utvm_error *expect_cycles(struct utvm_shell *sh, const struct utvm_line *words)
{
    bool within = words->num_tokens == 5 && strcmp(words->tokens[3].text, "within") == 0;
    const char *name = words->tokens[1].text;
    if ((words->num_tokens != 3 && !within) || strchr("<>=!", name[0])) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "usage: expect cycles LAYER|total N [within 5%%]; a limit is an "
                                 "expression: expect $total < N");
    }
    struct utvm_value wanted = {0};
    struct utvm_value share = {0};
    struct utvm_error *error = utvm_shell_evaluate(sh, words->tokens[2].text, &wanted);
    if (!error && within) {
        error = utvm_shell_evaluate(sh, words->tokens[4].text, &share);
    }
    if (error) {
        return error;
    }
    double actual = (double)utvm_session_status(sh->session)->total_cycles;
    if (strcmp(name, "total") != 0) {
        uint32_t layer = 0;
        error = utvm_model_find_layer(utvm_shell_model(sh), name, &layer);
        if (error) {
            return error;
        }
        if (!utvm_session_record(sh->session, layer)) {
            return utvm_error_create(UTVM_ERROR_STATE, "layer %u '%s' has not run", layer,
                                     utvm_shell_model(sh)->layers[layer].name);
        }
        actual = utvm_session_layer_cycles(sh->session, layer);
    }
    double expected = utvm_value_number(wanted);
    double allowed = fabs(expected) * utvm_value_number(share);
    if (!(fabs(actual - expected) <= allowed)) {
        return utvm_error_create(UTVM_ERROR_MISMATCH, "%s: %.0f cycles, expected %.0f ± %.0f", name,
                                 actual, expected, allowed);
    }
    return NULL;
}

// expect match TENSOR [FILE.npz]
static struct utvm_error *expect_match(struct utvm_shell *sh, const struct utvm_line *words)
{
    if (words->num_tokens < 2 || words->num_tokens > 3) {
        return utvm_error_create(UTVM_ERROR_INVALID, "usage: expect match TENSOR [FILE.npz]");
    }
    uint32_t index = 0;
    struct utvm_error *error =
        utvm_tensor_lookup(utvm_shell_model(sh), words->tokens[1].text, &index);
    struct utvm_reference *own = NULL;
    if (!error && words->num_tokens == 3) {
        error = utvm_reference_open(words->tokens[2].text, &own);
    } else if (!error && !sh->reference) {
        error = utvm_error_create(UTVM_ERROR_STATE, "name a file, or 'set reference FILE.npz'");
    }
    if (error) {
        return error;
    }
    struct utvm_reference *reference = own ? own : sh->reference;
    const struct utvm_tensor *tensor = &utvm_shell_model(sh)->tensors[index];
    struct utvm_array actual = {0};
    struct utvm_array wanted = {0};
    struct utvm_metrics metrics = {0};
    const struct utvm_bound none = {0};
    struct utvm_tolerance tolerance = utvm_tolerance_of(sh, &none, &none, &none);
    error = utvm_reference_read(reference, tensor, &wanted);
    if (!error) {
        error = utvm_read_whole(sh, index, false, &actual);
    }
    if (!error) {
        error = utvm_metrics_compute(tensor, &actual, &wanted, &tolerance, &metrics);
    }
    if (!error && metrics.num_beyond > 0) {
        error = utvm_error_create(
            UTVM_ERROR_MISMATCH, "tensor '%s' differs from %s in %llu of %llu elements",
            tensor->name, utvm_reference_path(reference), (unsigned long long)metrics.num_beyond,
            (unsigned long long)metrics.num_elems);
    }
    utvm_array_deinit(&actual);
    utvm_array_deinit(&wanted);
    utvm_reference_close(own);
    return error;
}

// expect class NAME|INDEX
static struct utvm_error *expect_class(struct utvm_shell *sh, const struct utvm_line *words)
{
    if (words->num_tokens != 2) {
        return utvm_error_create(UTVM_ERROR_INVALID, "usage: expect class NAME");
    }
    struct utvm_class best[1];
    size_t count = 0;
    struct utvm_error *error = utvm_top_classes(sh, 1, best, &count);
    if (error) {
        return error;
    }
    if (count == 0) {
        return utvm_error_create(UTVM_ERROR_STATE, "the model has no class names");
    }
    const char *wanted = words->tokens[1].text;
    char index[16];
    snprintf(index, sizeof(index), "%u", best[0].index);
    if (strcmp(best[0].label, wanted) != 0 && strcmp(index, wanted) != 0) {
        return utvm_error_create(UTVM_ERROR_MISMATCH, "the class is '%s', expected '%s'",
                                 best[0].label, wanted);
    }
    return NULL;
}

static struct utvm_error *expect_expression(struct utvm_shell *sh, const char *text)
{
    struct utvm_value value;
    struct utvm_error *error = utvm_shell_evaluate(sh, text, &value);
    if (error) {
        return error;
    }
    if (!utvm_value_true(value)) {
        return utvm_error_create(UTVM_ERROR_MISMATCH, "'%.200s' does not hold", text);
    }
    return NULL;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    static const struct {
        const char *word;
        struct utvm_error *(*check)(struct utvm_shell *sh, const struct utvm_line *words);
    } kinds[] = {{"shape", expect_shape},
                 {"cycles", expect_cycles},
                 {"match", expect_match},
                 {"class", expect_class}};
    (void)out;
    const char *text = args->arg[0].text;
    struct utvm_line words = {0};
    struct utvm_error *error = utvm_parse_line(text, UTVM_PARSE_OPERATORS, &words);
    if (error) {
        return error;
    }
    bool done = false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && words.num_tokens > 1; i++) {
        if (strcmp(words.tokens[0].text, kinds[i].word) == 0) {
            done = true;
            error = utvm_shell_require(sh, UTVM_NEEDS_MODEL);
            if (!error) {
                error = kinds[i].check(sh, &words);
            }
        }
    }
    if (!done) {
        error = expect_expression(sh, text);
    }
    utvm_line_deinit(&words);
    return utvm_error_prefix(error, "expect");
}

static const char *const kind_words[] = {"shape", "cycles", "match", "class", NULL};

const struct utvm_command utvm_command_expect = {
    .name = "expect",
    .group = UTVM_GROUP_JUDGING,
    .summary = "fail unless something holds",
    .detail = "expect EXPRESSION · expect shape TENSOR 1x32x32x16 · expect cycles LAYER|total N "
              "[within 5%] · expect match TENSOR [FILE.npz] · expect class NAME. A batch run ends "
              "with exit code 3 when it does not hold.",
    .example = "expect shape input 1x32x32x3",
    .flags = UTVM_COMMAND_OPERATORS,
    .args = {{.name = "WHAT",
              .kind = UTVM_ARG_REST,
              .also = UTVM_ARG_TENSOR_REF,
              .alternatives = kind_words}},
    .run = run,
};
