// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/build/emit.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tensor.h"

static const char *const notice = "// Made by utvm-build; changes are lost with the next build.\n";

void utvm_emit_layer_symbol(const struct utvm_network *net, uint32_t layer, char ret[64])
{
    snprintf(ret, 64, "layer_%03" PRIu32 "_%s", layer, net->layers[layer].name);
    for (char *c = ret; *c != '\0'; c++) {
        if (*c == '.' || *c == '-') {
            *c = '_';
        }
    }
}

// A name of the model file inside a // comment: no line end, no trailing backslash.
static void add_comment_text(struct utvm_text *out, const char *text)
{
    char *printable = utvm_text_printable(text, strlen(text));
    size_t length = printable ? strlen(printable) : 0;
    utvm_text_add(out, printable ? printable : "?", printable ? length : 1);
    if (length > 0 && printable[length - 1] == '\\') {
        utvm_text_add(out, ".", 1);
    }
    free(printable);
}

static void emit_shape(struct utvm_text *out, const struct utvm_graph_tensor *tensor)
{
    char shape[UTVM_SHAPE_TEXT_BYTES];
    utvm_shape_text(tensor->rank, tensor->dims, shape, sizeof(shape));
    utvm_text_addf(out, "%s%s", utvm_dtype_name(tensor->dtype), shape);
}

// The address of a tensor as a C expression.
static void emit_address(const struct utvm_network *net, struct utvm_text *out, uint32_t index)
{
    const struct utvm_net_tensor *tensor = &net->tensors[index];
    switch (tensor->place) {
    case UTVM_PLACE_ABSENT:
    case UTVM_PLACE_HOST: // no code reads it
        utvm_text_addf(out, "0");
        return;
    case UTVM_PLACE_ARENA:
        utvm_text_addf(out, "utvm_arena%u + %u", tensor->region, tensor->offset);
        return;
    case UTVM_PLACE_STATE:
        utvm_text_addf(out, "utvm_state + %u", tensor->offset);
        return;
    case UTVM_PLACE_WEIGHTS:
        utvm_text_addf(out, "utvm_weights + %u", tensor->offset);
        return;
    }
}

// One operand per line, with what it is beside it.
static void emit_operands(const struct utvm_network *net, struct utvm_text *out, const char *type,
                          const char *name, const uint32_t *indices, uint32_t count)
{
    utvm_text_addf(out, "    static %s const %s[] = {\n", type, name);
    for (uint32_t i = 0; i < count; i++) {
        utvm_text_addf(out, "        ");
        if (indices[i] == UTVM_NO_INDEX) {
            utvm_text_addf(out, "0, // left out\n");
            continue;
        }
        const struct utvm_graph_tensor *tensor = &net->graph->tensors[indices[i]];
        emit_address(net, out, indices[i]);
        utvm_text_addf(out, ", // ");
        emit_shape(out, tensor);
        utvm_text_addf(out, " ");
        add_comment_text(out, tensor->name);
        utvm_text_addf(out, "\n");
    }
    if (count == 0) {
        utvm_text_addf(out, "        0,\n");
    }
    utvm_text_addf(out, "    };\n");
}

static void emit_float(struct utvm_text *out, float value)
{
    if (isinf(value)) {
        utvm_text_addf(out, "%s__builtin_inff()", value < 0 ? "-" : "");
    } else if (isnan(value)) {
        utvm_text_addf(out, "__builtin_nanf(\"\")");
    } else {
        utvm_text_addf(out, "%af", (double)value);
    }
}

static void emit_field(struct utvm_text *out, const struct utvm_param_field *field,
                       const uint8_t *params)
{
    utvm_text_addf(out, "    .%s = ", field->name);
    if (field->count > 1) {
        utvm_text_addf(out, "{");
    }
    for (uint32_t i = 0; i < field->count; i++) {
        const uint8_t *at = params + field->offset_bytes + 4 * (size_t)i;
        if (i > 0) {
            utvm_text_addf(out, ", ");
        }
        if (field->dtype == UTVM_DTYPE_FLOAT32) {
            float value;
            memcpy(&value, at, sizeof(value));
            emit_float(out, value);
            continue;
        }
        int32_t value;
        memcpy(&value, at, sizeof(value));
        if (value == INT32_MIN) {
            utvm_text_addf(out, "(-2147483647 - 1)");
        } else {
            utvm_text_addf(out, "%" PRId32, value);
        }
    }
    utvm_text_addf(out, field->count > 1 ? "},\n" : ",\n");
}

static void emit_params(struct utvm_text *out, const struct utvm_prepared *prepared)
{
    if (!prepared->params_struct || prepared->num_fields == 0) {
        return;
    }
    utvm_text_addf(out, "static const struct %s params = {\n", prepared->params_struct);
    for (uint32_t i = 0; i < prepared->num_fields; i++) {
        emit_field(out, &prepared->fields[i], prepared->params);
    }
    utvm_text_addf(out, "};\n\n");
}

static void emit_constants(struct utvm_text *out, const struct utvm_net_layer *layer)
{
    const struct utvm_prepared *prepared = &layer->prepared;
    utvm_text_addf(out, "    static const void *const constants[] = {\n");
    for (uint32_t i = 0; i < prepared->num_constants; i++) {
        utvm_text_addf(out, "        utvm_weights + %u, // %s[%u]\n", layer->constant_offsets[i],
                       utvm_dtype_name(prepared->constants[i].dtype),
                       prepared->constants[i].num_elems);
    }
    if (prepared->num_constants == 0) {
        utvm_text_addf(out, "        0,\n");
    }
    utvm_text_addf(out, "    };\n");
}

void utvm_emit_layer(const struct utvm_network *net, uint32_t index, struct utvm_text *out)
{
    const struct utvm_net_layer *layer = &net->layers[index];
    const struct utvm_graph_operator *op = &net->graph->operators[index];
    const struct utvm_prepared *prepared = &layer->prepared;
    const char *operator_name = utvm_operator_name(op->operator_id);
    char symbol[64];
    utvm_emit_layer_symbol(net, index, symbol);
    utvm_text_addf(out, "%s// Layer %" PRIu32 " '%s', %s.\n", notice, index, layer->name,
                   operator_name ? operator_name : "?");
    utvm_text_addf(out,
                   "#define UTVM_SPECIALIZE\n"
                   "#include \"kernels/ops/%s.c\"\n\n"
                   "#include \"memory.h\"\n\n",
                   prepared->kernel);
    emit_params(out, prepared);
    utvm_text_addf(out, "enum utvm_status %s(void);\n\nenum utvm_status %s(void)\n{\n", symbol,
                   symbol);
    emit_operands(net, out, "const void *", "inputs", layer->inputs, op->num_inputs);
    emit_operands(net, out, "void *", "outputs", layer->outputs, op->num_outputs);
    emit_constants(out, layer);
    utvm_text_addf(out, "    static const struct utvm_kernel_args args = {\n"
                        "        .inputs = inputs,\n"
                        "        .outputs = outputs,\n"
                        "        .constants = constants,\n");
    if (prepared->workspace_bytes > 0) {
        utvm_text_addf(out, "        .workspace = utvm_arena%u + %u, // %u bytes\n",
                       layer->workspace_region, layer->workspace_offset, prepared->workspace_bytes);
    }
    bool has_params = prepared->params_struct && prepared->num_fields > 0;
    utvm_text_addf(out, "    };\n    return utvm_%s(%s, &args);\n}\n", prepared->kernel,
                   has_params ? "&params" : "0");
}

void utvm_emit_memory_header(const struct utvm_network *net, struct utvm_text *out)
{
    utvm_text_addf(out,
                   "%s#ifndef UTVM_MODEL_MEMORY_H\n#define UTVM_MODEL_MEMORY_H\n\n"
                   "#include <stdint.h>\n\n"
                   "// Activations and workspace: %u bytes in %s",
                   notice, net->regions[0].used_bytes, net->regions[0].memory);
    if (net->num_regions > 1) {
        utvm_text_addf(out, ", %u bytes in %s", net->regions[1].used_bytes, net->regions[1].memory);
    }
    utvm_text_addf(out, ".\n"
                        "extern uint8_t utvm_arena0[] __attribute__((aligned(32)));\n"
                        "extern uint8_t utvm_arena1[] __attribute__((aligned(32)));\n"
                        "// Variable tensors, which live from one inference to the next.\n"
                        "extern uint8_t utvm_state[] __attribute__((aligned(32)));\n"
                        "// Constant tensors and tables.\n"
                        "extern const uint8_t utvm_weights[] __attribute__((aligned(32)));\n\n"
                        "#endif\n");
}

// TFLite Micro fills an int8 variable with its zero point and every other with zero bytes.
static uint32_t state_fill(const struct utvm_graph_tensor *tensor)
{
    if (tensor->dtype == UTVM_DTYPE_INT8 && tensor->num_scales > 0) {
        return (uint8_t)tensor->zero_points[0];
    }
    return 0;
}

static void add_initial(const struct utvm_graph_tensor *tensor, uint32_t index,
                        struct utvm_text *out)
{
    utvm_text_addf(out, "static const uint8_t initial_%u[] = {", index);
    for (uint32_t i = 0; i < tensor->size_bytes; i++) {
        utvm_text_addf(out, "%s%u,", i % 24 == 0 ? "\n    " : " ", tensor->initial[i]);
    }
    utvm_text_addf(out, "\n};\n");
}

void utvm_emit_state(const struct utvm_network *net, struct utvm_text *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < net->num_tensors; i++) {
        if (net->tensors[i].place == UTVM_PLACE_STATE && net->graph->tensors[i].initial) {
            add_initial(&net->graph->tensors[i], i, out);
        }
    }
    utvm_text_addf(out, "const struct utvm_state_init utvm_state_inits[] = {\n");
    for (uint32_t i = 0; i < net->num_tensors; i++) {
        const struct utvm_graph_tensor *tensor = &net->graph->tensors[i];
        if (net->tensors[i].place != UTVM_PLACE_STATE) {
            continue;
        }
        utvm_text_addf(out, "    {utvm_state + %u, ", net->tensors[i].offset);
        if (tensor->initial) {
            utvm_text_addf(out, "initial_%u, %u, 0}, // ", i, tensor->size_bytes);
        } else {
            utvm_text_addf(out, "0, %u, %u}, // ", tensor->size_bytes, state_fill(tensor));
        }
        add_comment_text(out, tensor->name);
        utvm_text_addf(out, "\n");
        count++;
    }
    if (count == 0) {
        utvm_text_addf(out, "    {0, 0, 0, 0},\n");
    }
    utvm_text_addf(out, "};\nconst uint32_t utvm_num_state_inits = %u;\n", count);
}

void utvm_emit_tables(const struct utvm_network *net, const struct utvm_layout *layout,
                      struct utvm_text *out)
{
    char symbol[64];
    utvm_text_addf(out,
                   "%s#include \"kernels/runtime/runtime.h\"\n\n"
                   "#include \"memory.h\"\n\n",
                   notice);
    for (uint32_t i = 0; i < net->num_layers; i++) {
        if (utvm_network_executes(net, i)) {
            utvm_emit_layer_symbol(net, i, symbol);
            utvm_text_addf(out, "enum utvm_status %s(void);\n", symbol);
        }
    }
    utvm_text_addf(out, "\nconst utvm_layer_fn utvm_layers[] = {\n");
    for (uint32_t i = 0; i < net->num_layers; i++) {
        utvm_emit_layer_symbol(net, i, symbol);
        if (utvm_network_executes(net, i)) {
            utvm_text_addf(out, "    %s,\n", symbol);
        } else {
            utvm_text_addf(out, "    0, // %s\n", symbol);
        }
    }
    utvm_text_addf(out, "};\nconst uint32_t utvm_num_layers = %u;\n\n", net->num_layers);
    utvm_emit_state(net, out);
    utvm_text_addf(out, "\nconst uint32_t utvm_clock_hz = %uu;\n", layout->clock_hz);
}

void utvm_emit_memory_script(const struct utvm_network *net, const struct utvm_layout *layout,
                             struct utvm_text *out)
{
    const char *code = layout->ram ? "SRAM" : "FLASH";
    utvm_text_addf(out, "/* Made by utvm-build; changes are lost with the next build. */\n"
                        "/* STM32F746: RM0385 2.2.2. SRAM1 and SRAM2 are one range. */\n"
                        "MEMORY\n{\n"
                        "    ITCM (rwx) : ORIGIN = 0x00000000, LENGTH = 16K\n"
                        "    FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 1024K\n"
                        "    DTCM (rw) : ORIGIN = 0x20000000, LENGTH = 64K\n"
                        "    SRAM (rwx) : ORIGIN = 0x20010000, LENGTH = 256K\n"
                        "}\n");
    utvm_text_addf(out, "REGION_ALIAS(\"CODE\", %s)\n", code);
    utvm_text_addf(out, "REGION_ALIAS(\"FAST\", %s)\n", layout->itcm_code ? "ITCM" : code);
    utvm_text_addf(out, "REGION_ALIAS(\"WEIGHTS\", %s)\n", code);
    utvm_text_addf(out, "REGION_ALIAS(\"DATA\", SRAM)\nREGION_ALIAS(\"RUN\", DTCM)\n");
    utvm_text_addf(out, "REGION_ALIAS(\"STATE\", %s)\n", layout->state_in_dtcm ? "DTCM" : "SRAM");
    for (uint32_t i = 0; i < UTVM_NET_MAX_REGIONS; i++) {
        bool dtcm = i < net->num_regions && strcmp(net->regions[i].memory, "dtcm") == 0;
        utvm_text_addf(out, "REGION_ALIAS(\"ARENA%u\", %s)\n", i, dtcm ? "DTCM" : "SRAM");
        utvm_text_addf(out, "utvm_arena%u_bytes = %u;\n", i,
                       i < net->num_regions ? net->regions[i].used_bytes : 0);
    }
    utvm_text_addf(out,
                   "utvm_fast_pad = %u;\nutvm_stack_bytes = %u;\nutvm_run_bytes = %u;\n"
                   "utvm_state_bytes = %u;\n",
                   layout->itcm_code ? 32 : 0, layout->stack_bytes, layout->run_bytes,
                   net->state_bytes);
}

void utvm_emit_weights(const struct utvm_network *net, const char *section, struct utvm_text *out)
{
    utvm_text_addf(out,
                   "@ Made by utvm-build; changes are lost with the next build.\n"
                   "    .section %s, \"a\", %%progbits\n"
                   "    .balign 32\n"
                   "    .global utvm_weights\n"
                   "    .type utvm_weights, %%object\n"
                   "utvm_weights:\n",
                   section);
    if (net->weights_bytes > 0) {
        utvm_text_addf(out, "    .incbin \"weights.bin\"\n");
    }
    utvm_text_addf(out, "    .size utvm_weights, . - utvm_weights\n");
}

void utvm_emit_host_constants(const struct utvm_network *net, struct utvm_text *out)
{
    utvm_text_addf(out, "@ Made by utvm-build; changes are lost with the next build.\n"
                        "@ Constants that no code reads: the debugger takes them from the file.\n"
                        "    .section .utvm.constants, \"\", %%progbits\n");
    if (net->host_bytes > 0) {
        utvm_text_addf(out, "    .incbin \"constants.bin\"\n");
    }
}
