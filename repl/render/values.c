// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>
#include <string.h>

#include "core/stats.h"
#include "repl/render/render.h"

enum {
    edge_items = 3,
};

struct walk {
    FILE *out; // NULL while measuring
    const struct utvm_view *view;
    enum utvm_value_form form;
    uint32_t rank; // of the result
    uint32_t dims[UTVM_MAX_DIMS];
    bool summarise;
    int width; // of the widest value
    unsigned columns;
    unsigned column;
};

void utvm_render_value(const struct utvm_view *view, uint64_t i, enum utvm_value_form form,
                       char *buffer, size_t size)
{
    const struct utvm_tensor *tensor = &view->tensor;
    double raw = utvm_array_get(&view->array, i);
    bool is_float = tensor->dtype == UTVM_DTYPE_FLOAT32;
    if (form == UTVM_FORM_HEX) {
        int digits = (int)utvm_dtype_size(tensor->dtype) * 2;
        uint64_t bits = 0;
        if (is_float) {
            float value = (float)raw;
            uint32_t word;
            memcpy(&word, &value, sizeof(word));
            bits = word;
        } else {
            bits = raw < 0 ? (uint64_t)(int64_t)raw : (uint64_t)raw;
        }
        bits &= digits >= 16 ? UINT64_MAX : ((uint64_t)1 << (digits * 4)) - 1;
        snprintf(buffer, size, "0x%0*llx", digits, (unsigned long long)bits);
    } else if (form == UTVM_FORM_REAL && utvm_tensor_is_quantised(tensor)) {
        snprintf(buffer, size, "%.5g", utvm_tensor_real(tensor, &view->array, i));
    } else if (is_float) {
        snprintf(buffer, size, "%.7g", raw);
    } else {
        snprintf(buffer, size, "%.0f", raw);
    }
}

static void visit(struct walk *w, uint64_t i)
{
    char text[40];
    utvm_render_value(w->view, i, w->form, text, sizeof(text));
    if (w->out) {
        w->column += (unsigned)fprintf(w->out, "%*s", w->width, text);
    } else if ((int)strlen(text) > w->width) {
        w->width = (int)strlen(text);
    }
}

static void separate(struct walk *w, uint32_t axis)
{
    if (!w->out) {
        return;
    }
    bool innermost = axis + 1 == w->rank;
    if (innermost && w->column + 1 + (unsigned)w->width < w->columns) {
        fputc(' ', w->out);
        w->column++;
        return;
    }
    // An empty line between planes, as numpy has it.
    for (uint32_t k = axis + 1; k < w->rank && !innermost; k++) {
        fputc('\n', w->out);
    }
    fprintf(w->out, "%s%*s", innermost ? "\n" : "", (int)axis + 1, "");
    w->column = axis + 1;
}

static void walk(struct walk *w, uint32_t axis, uint64_t base, uint64_t stride)
{
    if (axis == w->rank) {
        visit(w, base);
        return;
    }
    uint32_t dim = w->dims[axis];
    uint64_t inner = dim ? stride / dim : 0;
    if (w->out) {
        fputc('[', w->out);
        w->column++;
    }
    bool cut = w->summarise && dim > 2 * edge_items;
    for (uint32_t i = 0; i < dim; i++) {
        if (i > 0) {
            separate(w, axis);
        }
        if (cut && i == edge_items) {
            if (w->out) {
                fputs("…", w->out);
                w->column++;
            }
            i = dim - edge_items - 1;
            continue;
        }
        walk(w, axis + 1, base + i * inner, inner);
    }
    if (w->out) {
        fputc(']', w->out);
        w->column++;
    }
}

void utvm_render_values(FILE *out, const struct utvm_view *view, const struct utvm_slice *slice,
                        enum utvm_value_form form, const struct utvm_print_options *options)
{
    struct walk w = {.view = view, .form = form};
    w.rank = utvm_slice_shape(slice, w.dims);
    w.summarise = options->max_elems > 0 && slice->num_elems > options->max_elems;
    w.columns = options->width ? options->width : 80;
    walk(&w, 0, 0, slice->num_elems);
    w.out = out;
    walk(&w, 0, 0, slice->num_elems);
    fputc('\n', out);
}
