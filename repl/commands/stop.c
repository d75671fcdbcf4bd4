// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "repl/commands/common.h"
#include "repl/commands/display.h"
#include "repl/human.h"
#include "repl/link.h"

const char *utvm_stop_reason_name(enum utvm_stop_reason reason)
{
    static const char *const names[] = {
        [UTVM_STOP_NONE] = "none",
        [UTVM_STOP_STEP] = "step",
        [UTVM_STOP_BREAKPOINT] = "breakpoint",
        [UTVM_STOP_END] = "end",
        [UTVM_STOP_INTERRUPTED] = "interrupted",
        [UTVM_STOP_FAULT] = "fault",
    };
    return names[reason];
}

static const char *source_word(const struct utvm_shell *sh)
{
    const struct utvm_target *target = utvm_shell_target(sh);
    return utvm_cycle_source_name(target ? target->info.cycle_source : UTVM_CYCLES_UNKNOWN);
}

// Names made of the names of many fused operators are shortened to what a line leaves them.
static char *name_that_fits(const char *name, size_t around, size_t width)
{
    enum {
        LEAST = 16
    };
    if (width == 0) {
        return strdup(name);
    }
    return utvm_text_shorten(name, width > around + LEAST ? width - around : LEAST);
}

void utvm_show_layer(struct utvm_shell *sh, FILE *out, uint32_t index)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    const struct utvm_layer *layer = &model->layers[index];
    char cycles[32];
    char live[32];
    char shape[96] = "";
    struct utvm_text what = {0};
    struct utvm_text cost = {0};
    const struct utvm_tensor *tensor =
        layer->num_outputs > 0 ? &model->tensors[layer->outputs[0]] : NULL;
    utvm_text_addf(&what, "#%u %s  %s", index, layer->name, layer->operator_name);
    if (tensor) {
        utvm_human_shape(tensor->rank, tensor->dims, shape);
        const char *dtype = utvm_dtype_name(tensor->dtype);
        size_t around = (what.failed ? 0 : utvm_text_width(what.data)) + utvm_text_width(" →   ") +
                        strlen(dtype) + strlen(shape);
        char *name = name_that_fits(tensor->name, around, sh->style.width);
        utvm_text_addf(&what, " → %s %s %s", name ? name : "?", dtype, shape);
        free(name);
    }
    utvm_text_addf(&cost, "%s cycles (%s)  %s live",
                   utvm_human_count(utvm_session_layer_cycles(sh->session, index), cycles),
                   source_word(sh), utvm_human_bytes(utvm_model_live_bytes(model, index), live));
    if (!what.failed && !cost.failed) {
        // In a narrow window the numbers go to a line of their own, whole.
        size_t width = utvm_text_width(what.data) + 2 + utvm_text_width(cost.data);
        bool fold = sh->style.width > 0 && width > sh->style.width;
        fprintf(out, "%s%s%s\n", what.data, fold ? "\n    " : "  ", cost.data);
    }
    utvm_text_deinit(&what);
    utvm_text_deinit(&cost);
}

static void add_layer_row(struct utvm_shell *sh, struct utvm_table *table, uint32_t index)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    const struct utvm_layer *layer = &model->layers[index];
    char shape[96];
    utvm_table_row(table);
    utvm_table_int(table, index);
    utvm_table_text(table, "%s", layer->name);
    utvm_table_text(table, "%s", layer->operator_name);
    if (layer->num_outputs > 0) {
        const struct utvm_tensor *tensor = &model->tensors[layer->outputs[0]];
        utvm_table_text(table, "%s", tensor->name);
        utvm_table_text(table, "%s", utvm_dtype_name(tensor->dtype));
        utvm_table_text(table, "%s", utvm_human_shape(tensor->rank, tensor->dims, shape));
    } else {
        utvm_table_none(table);
        utvm_table_none(table);
        utvm_table_none(table);
    }
    utvm_table_int(table, utvm_session_layer_cycles(sh->session, index));
    utvm_table_int(table, utvm_model_live_bytes(model, index));
}

static struct utvm_document *stop_document(struct utvm_shell *sh, uint32_t from, bool each_layer,
                                           const struct utvm_class *classes, size_t num_classes)
{
    static const struct utvm_column layer_columns[] = {
        {"layer", "#", UTVM_CELL_INT, false},
        {"name", "name", UTVM_CELL_TEXT, true},
        {"operator", "operator", UTVM_CELL_TEXT, false},
        {"tensor", "output", UTVM_CELL_TEXT, true},
        {"dtype", "type", UTVM_CELL_TEXT, false},
        {"shape", "shape", UTVM_CELL_TEXT, false},
        {"cycles", "cycles", UTVM_CELL_INT, false},
        {"live_bytes", "live", UTVM_CELL_BYTES, false},
    };
    static const struct utvm_column class_columns[] = {
        {"index", "#", UTVM_CELL_INT, false},
        {"label", "class", UTVM_CELL_TEXT, false},
        {"score", "score", UTVM_CELL_REAL, false},
    };
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    struct utvm_document *doc = utvm_document_create("stop");
    utvm_document_fact_text(doc, NULL, "reason", "stopped", "%s",
                            utvm_stop_reason_name(status->reason));
    utvm_document_fact_number(doc, NULL, "next_layer", "next layer", UTVM_CELL_INT,
                              status->next_layer);
    utvm_document_fact_number(doc, NULL, "breakpoint", "breakpoint", UTVM_CELL_INT,
                              status->stop_breakpoint);
    utvm_document_fact_number(doc, NULL, "total_cycles", "total cycles", UTVM_CELL_INT,
                              (double)status->total_cycles);
    utvm_document_fact_text(doc, NULL, "cycle_source", "cycles are", "%s", source_word(sh));
    struct utvm_table *table = utvm_document_table(
        doc, "layers", NULL, layer_columns, sizeof(layer_columns) / sizeof(layer_columns[0]));
    uint32_t last = status->last_layer;
    for (uint32_t i = each_layer ? from : last; last != UTVM_NO_INDEX && i <= last; i++) {
        if (utvm_session_record(sh->session, i) &&
            utvm_layer_runs(&utvm_shell_model(sh)->layers[i])) {
            add_layer_row(sh, table, i);
        }
    }
    if (num_classes > 0) {
        table = utvm_document_table(doc, "classes", NULL, class_columns, 3);
        for (size_t i = 0; i < num_classes; i++) {
            utvm_table_row(table);
            utvm_table_int(table, classes[i].index);
            utvm_table_text(table, "%s", classes[i].label);
            utvm_table_real(table, classes[i].score);
        }
    }
    return doc;
}

static void show_end(struct utvm_shell *sh, FILE *out, const struct utvm_class *classes,
                     size_t num_classes)
{
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    char cycles[32];
    uint32_t clock = utvm_shell_clock(sh);
    uint32_t ran = 0;
    for (uint32_t i = 0; i < utvm_shell_model(sh)->num_layers; i++) {
        ran += utvm_layer_runs(&utvm_shell_model(sh)->layers[i]);
    }
    fprintf(out, "End of the model: %u layers, %s cycles (%s)", ran,
            utvm_human_count(status->total_cycles, cycles), source_word(sh));
    if (clock) {
        fprintf(out, ", %.3g ms at %g MHz", (double)status->total_cycles * 1000 / clock,
                clock / 1e6);
    }
    fputs(".\n", out);
    for (size_t i = 0; i < num_classes; i++) {
        fprintf(out, "%s%s %.4g", i ? ", " : "Class: ", classes[i].label, classes[i].score);
    }
    fputs(num_classes ? "\n" : "", out);
}

static void show_breakpoint(struct utvm_shell *sh, FILE *out)
{
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    const struct utvm_model *model = utvm_shell_model(sh);
    const struct utvm_breakpoint *bp =
        utvm_session_find_breakpoint(sh->session, status->stop_breakpoint);
    if (!bp) {
        // It was one of those that go when they are hit.
        fprintf(out, "Temporary breakpoint %u", status->stop_breakpoint);
        if (status->last_layer != UTVM_NO_INDEX) {
            fprintf(out, ", after layer %u '%s'", status->last_layer,
                    model->layers[status->last_layer].name);
        }
        if (status->next_layer < model->num_layers) {
            fprintf(out, ", before layer %u '%s'", status->next_layer,
                    model->layers[status->next_layer].name);
        }
        fputc('\n', out);
        return;
    }
    bool after = bp->when == UTVM_BREAK_AFTER;
    uint32_t at =
        after && status->last_layer != UTVM_NO_INDEX ? status->last_layer : status->next_layer;
    fprintf(out, "%s %u", bp->is_watch ? "Watchpoint" : "Breakpoint", status->stop_breakpoint);
    if (at < model->num_layers) {
        fprintf(out, ", %s layer %u '%s'", after ? "after" : "before", at, model->layers[at].name);
    }
    fputc('\n', out);
}

static void show_interruption(struct utvm_shell *sh, FILE *out)
{
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    const struct utvm_model *model = utvm_shell_model(sh);
    fputs("Interrupted", out);
    if (!status->interrupted || status->next_layer >= model->num_layers) {
        fprintf(out, " before layer %u\n", status->next_layer);
        return;
    }
    fprintf(out, " in layer %u '%s' at 0x%08x", status->next_layer,
            model->layers[status->next_layer].name, status->stop_pc);
    char *line = utvm_source_line(sh, status->stop_pc);
    if (line) {
        fputs(", ", out);
        utvm_human_write(out, line, false);
        free(line);
    }
    fputc('\n', out);
}

struct utvm_error *utvm_show_stop(struct utvm_shell *sh, FILE *out, uint32_t from, bool each_layer)
{
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    struct utvm_class classes[3];
    size_t num_classes = 0;
    if (status->last_layer != UTVM_NO_INDEX && status->last_layer < from) {
        from = status->last_layer; // it began anew: the chip had been reset meanwhile
    }
    utvm_progress_clear(sh);
    if (status->reason == UTVM_STOP_END) {
        struct utvm_error *error = utvm_top_classes(sh, 3, classes, &num_classes);
        if (error) {
            return error;
        }
    }
    if (sh->format != UTVM_OUTPUT_TEXT) {
        return utvm_shell_emit(sh, stop_document(sh, from, each_layer, classes, num_classes), out);
    }
    uint32_t last = status->last_layer;
    for (uint32_t i = from; each_layer && last != UTVM_NO_INDEX && i <= last; i++) {
        if (utvm_session_record(sh->session, i) &&
            utvm_layer_runs(&utvm_shell_model(sh)->layers[i])) {
            utvm_show_layer(sh, out, i);
        }
    }
    if (status->reason == UTVM_STOP_END) {
        show_end(sh, out, classes, num_classes);
    } else if (status->reason == UTVM_STOP_BREAKPOINT) {
        if (!each_layer && last != UTVM_NO_INDEX && utvm_session_record(sh->session, last)) {
            utvm_show_layer(sh, out, last);
        }
        show_breakpoint(sh, out);
    } else if (status->reason == UTVM_STOP_INTERRUPTED) {
        show_interruption(sh, out);
    } else if (!each_layer && last != UTVM_NO_INDEX && utvm_session_record(sh->session, last)) {
        utvm_show_layer(sh, out, last);
    }
    utvm_show_displays(sh, out);
    return NULL;
}
