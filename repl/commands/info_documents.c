// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>

#include "core/channels.h"
#include "core/text.h"
#include "repl/commands/info.h"
#include "repl/human.h"

static void number(struct utvm_document *doc, const char *key, const char *title,
                   enum utvm_cell_kind kind, double value)
{
    utvm_document_fact_number(doc, NULL, key, title, kind, value);
}

static void add_tensors(struct utvm_document *doc, const struct utvm_model *model, const char *key,
                        const uint32_t *indices, uint32_t count)
{
    static const struct utvm_column columns[] = {
        {"name", "name", UTVM_CELL_TEXT, true},        {"dtype", "type", UTVM_CELL_TEXT, false},
        {"shape", "shape", UTVM_CELL_TEXT, false},     {"bytes", "bytes", UTVM_CELL_BYTES, false},
        {"address", "address", UTVM_CELL_TEXT, false},
    };
    struct utvm_table *table = utvm_document_table(doc, key, key, columns, 5);
    char shape[96];
    for (uint32_t i = 0; i < count; i++) {
        if (indices[i] == UTVM_NO_INDEX) {
            continue;
        }
        const struct utvm_tensor *t = &model->tensors[indices[i]];
        utvm_table_row(table);
        utvm_table_text(table, "%s", t->name);
        utvm_table_text(table, "%s", utvm_dtype_name(t->dtype));
        utvm_table_text(table, "%s", utvm_human_shape(t->rank, t->dims, shape));
        utvm_table_int(table, t->size_bytes);
        if (utvm_tensor_in_memory(t)) {
            utvm_table_text(table, "0x%08x", t->addr);
        } else {
            utvm_table_none(table);
        }
    }
}

struct utvm_document *utvm_layer_document(struct utvm_shell *sh, uint32_t index)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    const struct utvm_layer *layer = &model->layers[index];
    struct utvm_document *doc = utvm_document_create("layer");
    number(doc, "layer", "layer", UTVM_CELL_INT, index);
    utvm_document_fact_text(doc, NULL, "name", "name", "%s", layer->name);
    utvm_document_fact_text(doc, NULL, "operator", "operator", "%s", layer->operator_name);
    utvm_document_fact_text(doc, NULL, "kernel", "kernel", "%s", layer->kernel);
    if (layer->flags & UTVM_LAYER_FUSED) {
        utvm_document_fact_text(doc, NULL, "executed_by", "runs inside", "%u '%s'",
                                layer->executed_by, model->layers[layer->executed_by].name);
    }
    if (layer->flags & UTVM_LAYER_FOLDED) {
        utvm_document_fact_text(doc, NULL, "folded", "folded", "its output is a constant");
    }
    if (utvm_layer_is_unread(model, layer)) {
        utvm_document_fact_text(doc, NULL, "unread", "unread",
                                "no other layer reads what it computes");
    }
    uint32_t constant;
    uint32_t filters = utvm_layer_filters(model, layer, &constant);
    if (constant > 0) {
        utvm_document_fact_text(doc, NULL, "constant_filters", "filters",
                                "%u of %u are constant "
                                "and not computed",
                                constant, filters);
    }
    number(doc, "macs", "MACs", UTVM_CELL_INT, (double)layer->macs);
    number(doc, "executed_macs", "executed MACs", UTVM_CELL_INT, (double)layer->executed_macs);
    number(doc, "weights_bytes", "weights", UTVM_CELL_BYTES, layer->weights_bytes);
    number(doc, "workspace_bytes", "workspace", UTVM_CELL_BYTES, layer->workspace_bytes);
    number(doc, "live_bytes", "live while it runs", UTVM_CELL_BYTES,
           utvm_model_live_bytes(model, index));
    utvm_document_fact_text(doc, NULL, "code_address", "code at", "0x%08x", layer->code_addr);
    number(doc, "code_bytes", "code", UTVM_CELL_BYTES, layer->code_bytes);
    if (utvm_session_record(sh->session, index)) {
        number(doc, "cycles", "cycles", UTVM_CELL_INT,
               utvm_session_layer_cycles(sh->session, index));
    }
    add_tensors(doc, model, "inputs", layer->inputs, layer->num_inputs);
    add_tensors(doc, model, "outputs", layer->outputs, layer->num_outputs);
    return doc;
}

const char *utvm_life_text(enum utvm_tensor_life life)
{
    switch (life) {
    case UTVM_LIFE_VALID:
        return "valid";
    case UTVM_LIFE_NOT_WRITTEN:
        return "not written yet";
    case UTVM_LIFE_OVERWRITTEN:
        return "overwritten";
    case UTVM_LIFE_PARTIAL:
        return "partly written";
    case UTVM_LIFE_ABSENT:
        return "never in memory";
    }
    return "?";
}

static void tensor_layers(struct utvm_document *doc, const struct utvm_model *model,
                          const struct utvm_tensor *tensor)
{
    if (tensor->first_layer < model->num_layers) {
        utvm_document_fact_text(doc, NULL, "written_by", "written by", "#%u %s",
                                tensor->first_layer, model->layers[tensor->first_layer].name);
    }
    if (tensor->last_layer < model->num_layers) {
        utvm_document_fact_text(doc, NULL, "last_used_by", "last used by", "#%u %s",
                                tensor->last_layer, model->layers[tensor->last_layer].name);
    }
}

static void add_channels(struct utvm_document *doc, const struct utvm_tensor *tensor)
{
    uint32_t constant = utvm_constant_channels(tensor);
    char *which = utvm_constant_channels_text(tensor);
    if (constant > 0 && which) {
        utvm_document_fact_text(doc, NULL, "constant_channels", "constant channels",
                                "%u of %u, not in memory: %s", constant, tensor->num_channels,
                                which);
    }
    free(which);
}

struct utvm_document *utvm_tensor_document(struct utvm_shell *sh, uint32_t index)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    const struct utvm_tensor *tensor = &model->tensors[index];
    char shape[96];
    struct utvm_document *doc = utvm_document_create("tensor_info");
    utvm_document_fact_text(doc, NULL, "name", "name", "%s", tensor->name);
    utvm_document_fact_text(doc, NULL, "key", "key in .npz", "t%u", tensor->source_index);
    utvm_document_fact_text(doc, NULL, "dtype", "type", "%s", utvm_dtype_name(tensor->dtype));
    utvm_document_fact_text(doc, NULL, "shape", "shape", "%s",
                            utvm_human_shape(tensor->rank, tensor->dims, shape));
    number(doc, "elements", "elements", UTVM_CELL_INT, (double)tensor->num_elems);
    number(doc, "bytes", "size", UTVM_CELL_BYTES, tensor->size_bytes);
    add_channels(doc, tensor);
    if (tensor->num_scales == 1) {
        number(doc, "scale", "scale", UTVM_CELL_REAL, (double)tensor->scales[0]);
        number(doc, "zero_point", "zero point", UTVM_CELL_INT, tensor->zero_points[0]);
    } else if (tensor->num_scales > 1) {
        utvm_document_fact_text(doc, NULL, "scales", "scales", "%u along axis %u",
                                tensor->num_scales, tensor->quantized_dimension);
    }
    if (utvm_tensor_in_memory(tensor)) {
        utvm_document_fact_text(doc, NULL, "address", "address", "0x%08x", tensor->addr);
    }
    if (tensor->region) {
        utvm_document_fact_text(doc, NULL, "region", "region", "%s (%s)", tensor->region->name,
                                tensor->region->memory);
    }
    tensor_layers(doc, model, tensor);
    uint32_t by = UTVM_NO_INDEX;
    enum utvm_tensor_life life = utvm_session_tensor_life(sh->session, index, &by);
    if (life == UTVM_LIFE_OVERWRITTEN && by < model->num_layers) {
        utvm_document_fact_text(doc, NULL, "state", "state", "overwritten by #%u %s", by,
                                model->layers[by].name);
    } else {
        utvm_document_fact_text(doc, NULL, "state", "state", "%s", utvm_life_text(life));
    }
    return doc;
}

struct utvm_document *utvm_target_document(struct utvm_shell *sh)
{
    const struct utvm_target *target = utvm_shell_target(sh);
    const struct utvm_target_info *info = &target->info;
    static const char *const states[] = {"running", "halted", "lost"};
    struct utvm_document *doc = utvm_document_create("target");
    utvm_document_fact_text(doc, NULL, "description", "target", "%s", info->description);
    utvm_document_fact_text(doc, NULL, "server", "server", "%s", info->server);
    utvm_document_fact_text(doc, NULL, "state", "state", "%s", states[target->state]);
    utvm_document_fact_text(doc, NULL, "cpuid", "CPUID", "0x%08x", info->cpuid);
    utvm_document_fact_text(doc, NULL, "device_id", "device id", "0x%08x", info->device_id);
    number(doc, "clock_hz", "clock in Hz", UTVM_CELL_INT, utvm_shell_clock(sh));
    utvm_document_fact_text(doc, NULL, "cycle_source", "cycles are", "%s",
                            utvm_cycle_source_name(info->cycle_source));
    if (info->cycle_source == UTVM_CYCLES_MODELLED) {
        utvm_document_fact_text(doc, NULL, "timing_mode", "timing mode", "%s", info->timing_mode);
        utvm_document_fact_text(doc, NULL, "error_band", "error band", "%s", info->error_band);
    }
    return doc;
}

struct utvm_document *utvm_session_document(struct utvm_shell *sh)
{
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    const struct utvm_model *model = utvm_shell_model(sh);
    const struct utvm_target *target = utvm_shell_target(sh);
    struct utvm_document *doc = utvm_document_create("session");
    utvm_document_fact_text(doc, NULL, "model", "model", "%s", model ? model->path : "none");
    utvm_document_fact_text(doc, NULL, "target", "target", "%s",
                            target ? target->info.description : "none");
    bool linked = target && target->state != UTVM_TARGET_LOST;
    number(doc, "uploaded", "on the target", UTVM_CELL_BOOL, linked && status->uploaded);
    number(doc, "faulted", "stands in a fault", UTVM_CELL_BOOL, linked && status->faulted);
    if (model && status->next_layer < model->num_layers) {
        utvm_document_fact_text(doc, NULL, "position", "position", "%s layer #%u %s",
                                status->interrupted ? "inside" : "before", status->next_layer,
                                model->layers[status->next_layer].name);
    } else if (model) {
        utvm_document_fact_text(doc, NULL, "position", "position", "end of the model");
    }
    number(doc, "next_layer", "next layer", UTVM_CELL_INT, status->next_layer);
    number(doc, "total_cycles", "cycles so far", UTVM_CELL_INT, (double)status->total_cycles);
    number(doc, "overhead_cycles", "counting overhead", UTVM_CELL_INT, status->overhead_cycles);
    number(doc, "runs", "inferences", UTVM_CELL_INT, status->runs);
    number(doc, "breakpoints", "breakpoints", UTVM_CELL_INT,
           (double)utvm_session_num_breakpoints(sh->session));
    if (sh->reference) {
        utvm_document_fact_text(doc, NULL, "reference", "reference", "%s",
                                utvm_reference_path(sh->reference));
    }
    if (sh->record_path) {
        utvm_document_fact_text(doc, NULL, "recording", "recording to", "%s", sh->record_path);
    }
    return doc;
}

struct utvm_document *utvm_model_document(const struct utvm_model *model)
{
    struct utvm_document *doc = utvm_document_create("model");
    utvm_document_fact_text(doc, NULL, "name", "name", "%s", model->name);
    utvm_document_fact_text(doc, NULL, "path", "file", "%s", model->path);
    utvm_document_fact_text(doc, NULL, "sha256", "SHA-256", "%s", model->sha256);
    utvm_document_fact_text(doc, NULL, "source_file", "made from", "%s", model->source_file);
    utvm_document_fact_text(doc, NULL, "source_sha256", "SHA-256 of that", "%s",
                            model->source_sha256);
    utvm_document_fact_text(doc, NULL, "builder", "built by", "%s", model->builder);
    utvm_document_fact_text(doc, NULL, "compiler", "compiler", "%s", model->compiler);
    utvm_document_fact_text(doc, NULL, "options", "options", "%s", model->options);
    number(doc, "layers", "layers", UTVM_CELL_INT, model->num_layers);
    number(doc, "tensors", "tensors", UTVM_CELL_INT, model->num_tensors);
    number(doc, "clock_hz", "clock in Hz", UTVM_CELL_INT, model->clock_hz);
    number(doc, "labels", "class names", UTVM_CELL_INT, model->num_labels);
    add_tensors(doc, model, "inputs", model->inputs, model->num_inputs);
    add_tensors(doc, model, "outputs", model->outputs, model->num_outputs);
    return doc;
}
