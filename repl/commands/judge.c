// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/commands/judge.h"

const struct utvm_column utvm_metrics_columns[] = {
    {"max_abs_error_lsb", "max LSB", UTVM_CELL_REAL, false},
    {"max_abs_error", "max error", UTVM_CELL_REAL, false},
    {"rmse", "RMSE", UTVM_CELL_REAL, false},
    {"mean_error", "mean error", UTVM_CELL_REAL, false},
    {"l2_ratio", "L2 ratio", UTVM_CELL_REAL, false},
    {"cosine", "cosine", UTVM_CELL_REAL, false},
    {"sqnr_db", "SQNR dB", UTVM_CELL_REAL, false},
    {"unequal", "unequal", UTVM_CELL_PERCENT, false},
    {"off_by_one", "off by 1", UTVM_CELL_PERCENT, false},
    {"saturated", "saturated", UTVM_CELL_PERCENT, false},
};
const size_t utvm_num_metrics_columns =
    sizeof(utvm_metrics_columns) / sizeof(utvm_metrics_columns[0]);

void utvm_metrics_add(struct utvm_table *table, const struct utvm_metrics *metrics)
{
    double n = metrics->num_elems ? (double)metrics->num_elems : 1;
    utvm_table_real(table, metrics->max_abs_error_lsb);
    utvm_table_real(table, metrics->max_abs_error);
    utvm_table_real(table, metrics->rmse);
    utvm_table_real(table, metrics->mean_error);
    utvm_table_real(table, metrics->l2_ratio);
    utvm_table_real(table, metrics->cosine);
    utvm_table_real(table, metrics->sqnr_db);
    utvm_table_real(table, (double)metrics->num_unequal / n);
    utvm_table_real(table, (double)metrics->num_off_by_one / n);
    utvm_table_real(table, metrics->saturated_share);
}

static double chosen(const struct utvm_shell *sh, const struct utvm_bound *option,
                     enum utvm_setting which, bool *own)
{
    *own = *own || option->given || sh->settings.changed[which];
    return option->given ? option->number : utvm_settings_real(&sh->settings, which);
}

struct utvm_tolerance utvm_tolerance_of(const struct utvm_shell *sh, const struct utvm_bound *lsb,
                                        const struct utvm_bound *atol,
                                        const struct utvm_bound *rtol)
{
    bool floats = false;
    bool integers = false;
    struct utvm_tolerance t = {0};
    t.lsb = chosen(sh, lsb, UTVM_SET_TOLERANCE_LSB, &integers);
    t.atol = chosen(sh, atol, UTVM_SET_TOLERANCE_ATOL, &floats);
    t.rtol = chosen(sh, rtol, UTVM_SET_TOLERANCE_RTOL, &floats);
    t.is_default = !floats;
    return t;
}
