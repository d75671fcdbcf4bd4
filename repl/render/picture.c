// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <chafa.h>
#include <stdlib.h>
#include <string.h>

#include "repl/human.h"
#include "repl/render/render.h"

static guint8 *to_rgba(const struct utvm_array *image, uint32_t height, uint32_t width,
                       uint32_t channels)
{
    guint8 *pixels = malloc((size_t)height * width * 4);
    const uint8_t *from = image->data;
    for (size_t i = 0; pixels && i < (size_t)height * width; i++) {
        for (size_t c = 0; c < 3; c++) {
            pixels[i * 4 + c] = from[i * channels + (channels == 3 ? c : 0)];
        }
        pixels[i * 4 + 3] = 255;
    }
    return pixels;
}

static gchar *draw(const guint8 *pixels, gint width, gint height, const struct utvm_style *style,
                   unsigned max_rows)
{
    gint columns = style->width ? (gint)style->width - 1 : 79;
    gint rows = max_rows ? (gint)max_rows : 60;
    // Up to two columns and one line an element.
    columns = columns > 2 * width ? 2 * width : columns;
    // Characters are about twice as high as wide.
    chafa_calc_canvas_geometry(width, height, &columns, &rows, 0.5F, TRUE, FALSE);
    columns = columns < 1 ? 1 : columns;
    rows = rows < 1 ? 1 : rows;
    ChafaSymbolMap *symbols = chafa_symbol_map_new();
    ChafaCanvasConfig *config = chafa_canvas_config_new();
    // Half blocks are the elements themselves: nothing is guessed from the shapes of characters.
    chafa_symbol_map_add_by_tags(symbols, style->colour
                                              ? CHAFA_SYMBOL_TAG_VHALF | CHAFA_SYMBOL_TAG_SPACE
                                              : CHAFA_SYMBOL_TAG_ASCII);
    chafa_canvas_config_set_symbol_map(config, symbols);
    const char *depth = getenv("COLORTERM");
    bool true_colour = depth && (strcmp(depth, "truecolor") == 0 || strcmp(depth, "24bit") == 0);
    chafa_canvas_config_set_canvas_mode(config, !style->colour ? CHAFA_CANVAS_MODE_FGBG
                                                : true_colour  ? CHAFA_CANVAS_MODE_TRUECOLOR
                                                               : CHAFA_CANVAS_MODE_INDEXED_256);
    chafa_canvas_config_set_geometry(config, columns, rows);
    ChafaCanvas *canvas = chafa_canvas_new(config);
    chafa_canvas_draw_all_pixels(canvas, CHAFA_PIXEL_RGBA8_UNASSOCIATED, pixels, width, height,
                                 width * 4);
    GString *text = chafa_canvas_print(canvas, NULL);
    chafa_canvas_unref(canvas);
    chafa_canvas_config_unref(config);
    chafa_symbol_map_unref(symbols);
    return g_string_free(text, FALSE);
}

static void write_caption(FILE *out, const char *name, const struct utvm_picture *picture)
{
    utvm_human_write(out, name, false);
    if (picture->num_tiles > 1) {
        fprintf(out, ": %u channels of %u x %u, %u in a row", picture->num_tiles,
                picture->tile_width, picture->tile_height, picture->across);
    } else {
        fprintf(out, ": %u x %u", picture->tile_width, picture->tile_height);
    }
    fprintf(out, "; black is %g, white %g\n", picture->low, picture->high);
}

struct utvm_error *utvm_render_picture(FILE *out, const char *name,
                                       const struct utvm_picture *picture,
                                       const struct utvm_style *style, unsigned max_rows)
{
    uint32_t height = picture->image.dims[0];
    uint32_t width = picture->image.dims[1];
    guint8 *pixels = to_rgba(&picture->image, height, width, picture->image.dims[2]);
    if (!pixels) {
        return utvm_error_no_memory();
    }
    unsigned rows = max_rows > 1 ? max_rows - 1 : max_rows; // the caption takes one
    gchar *text = draw(pixels, (gint)width, (gint)height, style, rows);
    fprintf(out, "%s\n", text);
    write_caption(out, name, picture);
    g_free(text);
    free(pixels);
    return NULL;
}
