// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/npz.h"
#include "repl/commands/judge.h"

struct pair {
    struct utvm_npz *old;
    struct utvm_npz *new;
};

// An array as a tensor without quantisation, for the metrics.
static struct utvm_tensor plain_tensor(const char *name, const struct utvm_array *array)
{
    struct utvm_tensor tensor = {.name = name,
                                 .dtype = array->dtype,
                                 .rank = array->rank,
                                 .num_elems = array->num_elems,
                                 .size_bytes = (uint32_t)array->size_bytes};
    memcpy(tensor.dims, array->dims, sizeof(tensor.dims));
    return tensor;
}

static struct utvm_error *diff_member(struct pair *p, size_t i, size_t k,
                                      const struct utvm_tolerance *tolerance,
                                      struct utvm_table *table, uint32_t *num_failed)
{
    struct utvm_array old = {0};
    struct utvm_array new = {0};
    struct utvm_metrics metrics;
    const char *key = utvm_npz_key(p->old, i);
    struct utvm_error *error = utvm_npz_read(p->old, i, &old);
    if (!error) {
        error = utvm_npz_read(p->new, k, &new);
    }
    if (!error) {
        utvm_table_row(table);
        utvm_table_text(table, "%s", key);
        if (old.dtype != new.dtype || old.num_elems != new.num_elems) {
            utvm_table_text(table, "other type or size");
            utvm_table_mark(table);
            ++*num_failed;
        } else {
            struct utvm_tensor tensor = plain_tensor(key, &old);
            error = utvm_metrics_compute(&tensor, &new, &old, tolerance, &metrics);
            if (!error) {
                bool fails = metrics.num_beyond > 0;
                utvm_table_text(table, "%s",
                                fails                     ? "differs"
                                : metrics.num_unequal > 0 ? "close"
                                                          : "equal");
                utvm_metrics_add(table, &metrics);
                *num_failed += fails;
                if (fails) {
                    utvm_table_mark(table);
                }
            }
        }
    }
    utvm_array_deinit(&old);
    utvm_array_deinit(&new);
    return error;
}

static struct utvm_error *diff_members(struct pair *p, const struct utvm_tolerance *tolerance,
                                       struct utvm_document *doc, uint32_t *num_failed)
{
    struct utvm_column columns[16] = {
        {"name", "array", UTVM_CELL_TEXT, true},
        {"result", "result", UTVM_CELL_TEXT, false},
    };
    for (size_t i = 0; i < utvm_num_metrics_columns; i++) {
        columns[2 + i] = utvm_metrics_columns[i];
    }
    struct utvm_table *table =
        utvm_document_table(doc, "arrays", NULL, columns, 2 + utvm_num_metrics_columns);
    for (size_t i = 0; i < utvm_npz_count(p->old); i++) {
        const char *key = utvm_npz_key(p->old, i);
        size_t k = utvm_npz_find(p->new, key);
        if (k == SIZE_MAX) {
            utvm_document_note(doc, "'%s' is only in the first.", key);
            continue;
        }
        struct utvm_error *error = diff_member(p, i, k, tolerance, table, num_failed);
        if (error) {
            return error;
        }
    }
    for (size_t k = 0; k < utvm_npz_count(p->new); k++) {
        const char *key = utvm_npz_key(p->new, k);
        if (utvm_npz_find(p->old, key) == SIZE_MAX) {
            utvm_document_note(doc, "'%s' is only in the second.", key);
        }
    }
    return NULL;
}

struct utvm_error *utvm_diff_npz(struct utvm_shell *sh, const char *old_path, const char *new_path,
                                 const struct utvm_tolerance *tolerance, FILE *out)
{
    struct pair p = {0};
    uint32_t num_failed = 0;
    struct utvm_document *doc = utvm_document_create("diff");
    struct utvm_error *error = utvm_npz_open(old_path, &p.old);
    if (!error) {
        error = utvm_npz_open(new_path, &p.new);
    }
    if (!error) {
        error = diff_members(&p, tolerance, doc, &num_failed);
    }
    if (error) {
        utvm_document_free(doc);
    } else {
        error = utvm_shell_emit(sh, doc, out);
    }
    if (!error && num_failed > 0) {
        error = utvm_error_create(UTVM_ERROR_MISMATCH, "%u arrays differ", num_failed);
    }
    utvm_npz_close(p.old);
    utvm_npz_close(p.new);
    return error;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const char *old_path = args->arg[0].text;
    const char *new_path = args->arg[1].text;
    if (utvm_path_ends_with(old_path, ".json")) {
        const double *limit = args->option[3].given ? &args->option[3].number : NULL;
        return utvm_diff_profiles(sh, old_path, new_path, limit, out);
    }
    const struct utvm_tolerance tolerance =
        utvm_tolerance_of(sh, &args->option[0], &args->option[1], &args->option[2]);
    return utvm_diff_npz(sh, old_path, new_path, &tolerance, out);
}

const struct utvm_command utvm_command_diff = {
    .name = "diff",
    .group = UTVM_GROUP_JUDGING,
    .summary = "compare two recorded runs: values, or cycles",
    .detail =
        "OLD and NEW are two .npz that 'dump --all' wrote: their arrays are compared by name, "
        "and a difference beyond the tolerance fails the command. Or they are two .json that "
        "'report' wrote: the cycles, stack and code of their layers are compared, and "
        "--slower 5% fails the command when the second takes more than that longer.",
    .example = "diff yesterday.npz today.npz",
    .args = {{.name = "OLD", .kind = UTVM_ARG_FILE}, {.name = "NEW", .kind = UTVM_ARG_FILE}},
    .options = {{"--lsb", "N", UTVM_ARG_NUMBER, "steps by which integers may differ", NULL},
                {"--atol", "X", UTVM_ARG_NUMBER, "absolute tolerance of floats", NULL},
                {"--rtol", "X", UTVM_ARG_NUMBER, "relative tolerance of floats", NULL},
                {"--slower", "SHARE", UTVM_ARG_NUMBER, "how much slower the second may be", NULL}},
    .run = run,
};
