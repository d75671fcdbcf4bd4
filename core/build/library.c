// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/build/library.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/build/emit.h"
#include "core/tensor.h"

const char *const utvm_library_functions[UTVM_LIBRARY_FUNCTIONS] = {
    "init", "input", "invoke", "output", "failed_layer",
};

// NAME.h or libNAME.a would stand before the compiler's own where an application looks for these.
static bool hides_another(const char *name)
{
    static const char *const taken[] = {
        "assert",  "complex", "ctype",     "errno",  "fenv",   "float",  "inttypes",    "iso646",
        "limits",  "locale",  "math",      "memory", "setjmp", "signal", "stdarg",      "stdalign",
        "stdbool", "stddef",  "stdatomic", "stdint", "stdio",  "stdlib", "stdnoreturn", "string",
        "strings", "tgmath",  "threads",   "time",   "uchar",  "wchar",  "wctype",      "c",
        "g",       "gcc",     "m",         "nosys",
    };
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (strcmp(taken[i], name) == 0) {
            return true;
        }
    }
    return false;
}

bool utvm_library_name_is_valid(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return length > 0 && length <= UTVM_LIBRARY_NAME_MAX && name[length] == '\0' &&
           !isdigit((unsigned char)name[0]) && name[0] != '_' && strncmp(name, "utvm", 4) != 0 &&
           !hides_another(name);
}

static void add_upper(struct utvm_text *out, const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        char upper = (char)toupper((unsigned char)*c);
        utvm_text_add(out, &upper, 1);
    }
}

void utvm_library_rename(const char *text, const char *name, struct utvm_text *out)
{
    for (const char *c = text; *c != '\0';) {
        if (strncmp(c, "model_", 6) == 0 || strncmp(c, "model.h", 7) == 0 ||
            strncmp(c, "model.a", 7) == 0) {
            utvm_text_addf(out, "%s", name);
            c += 5;
        } else if (strncmp(c, "MODEL_", 6) == 0) {
            add_upper(out, name);
            c += 5;
        } else {
            utvm_text_add(out, c++, 1);
        }
    }
}

// Text of our own, in which the library's name stands for "model".
__attribute__((format(printf, 3, 4))) static void add_own(struct utvm_text *out, const char *name,
                                                          const char *format, ...)
{
    struct utvm_text own = {0};
    va_list args;
    va_start(args, format);
    utvm_text_vaddf(&own, format, args);
    va_end(args);
    utvm_library_rename(own.data ? own.data : "", name, out);
    out->failed |= own.failed;
    utvm_text_deinit(&own);
}

// A name of the model file inside a block comment, which it must not end.
static void add_block_text(struct utvm_text *out, const char *text)
{
    char *printable = utvm_text_printable(text, strlen(text));
    for (const char *c = printable; c && *c != '\0'; c++) {
        utvm_text_add(out, *c == '/' && c > printable && c[-1] == '*' ? "|" : c, 1);
    }
    free(printable);
}

static void describe_tensor(const struct utvm_network *net, struct utvm_text *out, const char *kind,
                            uint32_t number, uint32_t index)
{
    const struct utvm_graph_tensor *tensor = &net->graph->tensors[index];
    char shape[UTVM_SHAPE_TEXT_BYTES];
    utvm_shape_text(tensor->rank, tensor->dims, shape, sizeof(shape));
    utvm_text_addf(out, " *   %s %u: ", kind, number);
    add_block_text(out, tensor->name);
    utvm_text_addf(out, "\n *     %s%s, %u bytes", utvm_dtype_name(tensor->dtype), shape,
                   tensor->size_bytes);
    if (tensor->num_scales == 1) {
        utvm_text_addf(out, ", real value = %.9g * (value - %d)", (double)tensor->scales[0],
                       tensor->zero_points[0]);
    }
    utvm_text_addf(out, "\n");
}

// What the elements of a tensor are in C.
static const char *c_type(enum utvm_dtype dtype)
{
    switch (dtype) {
    case UTVM_DTYPE_INT8:
        return "int8_t";
    case UTVM_DTYPE_UINT8:
    case UTVM_DTYPE_BOOL:
        return "uint8_t";
    case UTVM_DTYPE_INT16:
        return "int16_t";
    case UTVM_DTYPE_UINT16:
        return "uint16_t";
    case UTVM_DTYPE_INT32:
        return "int32_t";
    case UTVM_DTYPE_UINT32:
        return "uint32_t";
    case UTVM_DTYPE_INT64:
        return "int64_t";
    case UTVM_DTYPE_FLOAT32:
        return "float";
    case UTVM_DTYPE_NONE:
        break;
    }
    return "void";
}

static void define_tensor(const struct utvm_network *net, struct utvm_text *out, const char *name,
                          const char *kind, uint32_t number, uint32_t index)
{
    const struct utvm_graph_tensor *tensor = &net->graph->tensors[index];
    add_own(out, name, "#define MODEL_%s_%u_TYPE %s\n", kind, number, c_type(tensor->dtype));
    add_own(out, name, "#define MODEL_%s_%u_COUNT %lluu\n", kind, number,
            (unsigned long long)tensor->num_elems);
    add_own(out, name, "#define MODEL_%s_%u_BYTES %uu\n", kind, number, tensor->size_bytes);
    if (tensor->num_scales == 1) {
        add_own(out, name, "#define MODEL_%s_%u_SCALE %.9ef\n", kind, number,
                (double)tensor->scales[0]);
        add_own(out, name, "#define MODEL_%s_%u_ZERO_POINT (%d)\n", kind, number,
                tensor->zero_points[0]);
    }
}

void utvm_emit_library_header(const struct utvm_network *net, const char *name,
                              struct utvm_text *out)
{
    const struct utvm_graph *graph = net->graph;
    add_own(out, name,
            "/* Made by utvm-build; changes are lost with the next build. */\n"
            "#ifndef MODEL_H\n#define MODEL_H\n\n#include <stdint.h>\n\n"
            "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n/**\n * The model ");
    add_block_text(out, graph->name);
    add_own(out, name,
            ": %u layers, %llu multiply-accumulates an inference.\n"
            " *\n"
            " * It needs %llu bytes of RAM for activations (sections .bss.model_arena0 and up), %u "
            "for\n"
            " * state (.bss.model_state), %u bytes of constants (.rodata.model_weights) and its "
            "code,\n"
            " * which is for a Cortex-M7 with the hard-float calling convention "
            "(-mfpu=fpv5-sp-d16\n"
            " * -mfloat-abi=hard). It allocates nothing, uses no interrupts, no clock and no "
            "debugger.\n"
            " * The FPU must be on. One inference at a time.\n"
            " *\n",
            net->num_layers, (unsigned long long)net->executed_macs,
            (unsigned long long)net->arena_bytes, net->state_bytes, net->weights_bytes);
    for (uint32_t i = 0; i < graph->num_inputs; i++) {
        describe_tensor(net, out, "input", i, graph->inputs[i]);
    }
    for (uint32_t i = 0; i < graph->num_outputs; i++) {
        describe_tensor(net, out, "output", i, graph->outputs[i]);
    }
    add_own(out, name, " */\n#define MODEL_NUM_INPUTS %uu\n#define MODEL_NUM_OUTPUTS %uu\n",
            graph->num_inputs, graph->num_outputs);
    for (uint32_t i = 0; i < graph->num_inputs; i++) {
        define_tensor(net, out, name, "INPUT", i, graph->inputs[i]);
    }
    for (uint32_t i = 0; i < graph->num_outputs; i++) {
        define_tensor(net, out, name, "OUTPUT", i, graph->outputs[i]);
    }
    add_own(out, name,
            "\n"
            "/** Once before the first inference, and whenever the state is to start over. */\n"
            "void model_init(void);\n\n"
            "/**\n"
            " * Where input i is to be written before each inference: an inference reuses this\n"
            " * memory. Aligned for its type; 0 when there is no such input.\n"
            " */\n"
            "void *model_input(uint32_t i);\n\n"
            "/** Runs the model. @return 0, or a status above 0 of model_failed_layer() */\n"
            "int model_invoke(void);\n\n"
            "/** Where output i lies until the next inference; 0 when there is no such output. */\n"
            "const void *model_output(uint32_t i);\n\n"
            "/** The layer at which the last inference failed: an index outside its axis, or the "
            "like. */\n"
            "uint32_t model_failed_layer(void);\n\n"
            "#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}

static void emit_address(const struct utvm_network *net, struct utvm_text *out, uint32_t index)
{
    const struct utvm_net_tensor *tensor = &net->tensors[index];
    if (tensor->place == UTVM_PLACE_WEIGHTS) {
        utvm_text_addf(out, "utvm_weights + %u", tensor->offset);
    } else if (tensor->place == UTVM_PLACE_STATE) {
        utvm_text_addf(out, "utvm_state + %u", tensor->offset);
    } else {
        utvm_text_addf(out, "utvm_arena%u + %u", tensor->region, tensor->offset);
    }
}

static void emit_finder(const struct utvm_network *net, struct utvm_text *out, const char *name,
                        const char *head, const char *type, const uint32_t *indices, uint32_t count)
{
    add_own(out, name, "\n%s(uint32_t i)\n{\n    switch (i) {\n", head);
    for (uint32_t i = 0; i < count; i++) {
        utvm_text_addf(out, "    case %u:\n        return (%s)(", i, type);
        emit_address(net, out, indices[i]);
        utvm_text_addf(out, ");\n");
    }
    utvm_text_addf(out, "    default:\n        return 0;\n    }\n}\n");
}

void utvm_emit_library_source(const struct utvm_network *net, const char *name,
                              struct utvm_text *out)
{
    char symbol[64];
    add_own(out, name,
            "// Made by utvm-build; changes are lost with the next build.\n"
            "#include <string.h>\n\n#include \"kernels/runtime/runtime.h\"\n\n"
            "#include \"memory.h\"\n#include \"library.h\"\n\n");
    for (uint32_t i = 0; i < UTVM_NET_MAX_REGIONS; i++) {
        uint32_t bytes = i < net->num_regions ? net->regions[i].used_bytes : 0;
        add_own(out, name,
                "__attribute__((section(\".bss.model_arena%u\"))) uint8_t "
                "utvm_arena%u[%u];\n",
                i, i, bytes ? bytes : 1);
    }
    add_own(out, name, "__attribute__((section(\".bss.model_state\"))) uint8_t utvm_state[%u];\n\n",
            net->state_bytes ? net->state_bytes : 1);
    for (uint32_t i = 0; i < net->num_layers; i++) {
        if (utvm_network_executes(net, i)) {
            utvm_emit_layer_symbol(net, i, symbol);
            utvm_text_addf(out, "enum utvm_status %s(void);\n", symbol);
        }
    }
    utvm_text_addf(out, "\nstatic uint32_t failed_layer;\n\n");
    utvm_emit_state(net, out);
    add_own(out, name,
            "\nvoid model_init(void)\n{\n"
            "    for (uint32_t i = 0; i < utvm_num_state_inits; i++) {\n"
            "        const struct utvm_state_init *init = &utvm_state_inits[i];\n"
            "        if (init->initial) {\n"
            "            memcpy(init->addr, init->initial, init->size_bytes);\n"
            "        } else {\n"
            "            memset(init->addr, (int)init->fill, init->size_bytes);\n"
            "        }\n"
            "    }\n}\n");
    emit_finder(net, out, name, "void *model_input", "void *", net->graph->inputs,
                net->graph->num_inputs);
    emit_finder(net, out, name, "const void *model_output", "const void *", net->graph->outputs,
                net->graph->num_outputs);
    add_own(out, name,
            "\nuint32_t model_failed_layer(void)\n{\n    return failed_layer;\n}\n"
            "\n#define RUN(layer, call)            \\\n"
            "    do {                            \\\n"
            "        int status = (int)(call);   \\\n"
            "        if (status != 0) {          \\\n"
            "            failed_layer = (layer); \\\n"
            "            return status;          \\\n"
            "        }                           \\\n"
            "    } while (0)\n"
            "\nint model_invoke(void)\n{\n");
    for (uint32_t i = 0; i < net->num_layers; i++) {
        if (utvm_network_executes(net, i)) {
            utvm_emit_layer_symbol(net, i, symbol);
            utvm_text_addf(out, "    RUN(%u, %s());\n", i, symbol);
        }
    }
    utvm_text_addf(out, "    return 0;\n}\n");
}
