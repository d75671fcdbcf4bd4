// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/table.h"
#include "tests/core/fixture.h"

// The two forms of a report that other programs draw: an HTML page and a trace.

#define HOSTILE "<script>alert('1')</script>\"&\\"

static const struct utvm_column layers[] = {
    {"index", "#", UTVM_CELL_INT, false},
    {"name", "layer", UTVM_CELL_TEXT, true},
    {"operator", "operator", UTVM_CELL_TEXT, false},
    {"cycles", "cycles", UTVM_CELL_INT, false},
    {"share", "share", UTVM_CELL_PERCENT, false},
    {"macs_per_cycle", "MAC/cycle", UTVM_CELL_MILLI, false},
};

static const struct utvm_column causes[] = {
    {"index", "#", UTVM_CELL_INT, false},
    {"name", "layer", UTVM_CELL_TEXT, true},
    {"issue", "issue", UTVM_CELL_INT, false},
    {"dependency", "dependency", UTVM_CELL_INT, false},
    {"mispredict", "mispredict", UTVM_CELL_INT, false},
    {"instruction_fill", "instr. fill", UTVM_CELL_INT, false},
    {"data_fill", "data fill", UTVM_CELL_INT, false},
    {"unaligned", "unaligned", UTVM_CELL_INT, false},
    {"divide", "divide", UTVM_CELL_INT, false},
    {"system", "system", UTVM_CELL_INT, false},
};

static const struct utvm_column space[] = {
    {"index", "#", UTVM_CELL_INT, false},
    {"name", "layer", UTVM_CELL_TEXT, true},
    {"live_bytes", "live", UTVM_CELL_BYTES, false},
    {"workspace_bytes", "workspace", UTVM_CELL_BYTES, false},
    {"map", "arena", UTVM_CELL_TEXT, false},
};

static void add_layers(struct utvm_document *doc, const char *name)
{
    struct utvm_table *table = utvm_document_table(doc, "layers", "Time", layers, 6);
    for (int i = 0; i < 2; i++) {
        utvm_table_row(table);
        utvm_table_int(table, i);
        utvm_table_text(table, "%s", i ? "second" : name);
        utvm_table_text(table, "CONV_2D");
        utvm_table_int(table, i ? 300 : 100);
        utvm_table_real(table, i ? 0.75 : 0.25);
        utvm_table_none(table);
    }
    table = utvm_document_table(doc, "space", NULL, space, 5);
    for (int i = 0; i < 2; i++) {
        utvm_table_row(table);
        utvm_table_int(table, i);
        utvm_table_text(table, "%s", i ? "second" : name);
        utvm_table_int(table, i ? 64 : 32);
        utvm_table_int(table, 8);
    }
}

static struct utvm_document *profile(const char *name, double clock_hz)
{
    struct utvm_document *doc = utvm_document_create("profile");
    utvm_document_fact_text(doc, "model", "name", "name", "%s", name);
    utvm_document_fact_text(doc, "total", "cycle_source", "cycles are", "modelled (fast)");
    if (clock_hz > 0) {
        utvm_document_fact_number(doc, "total", "clock_hz", "clock", UTVM_CELL_INT, clock_hz);
    }
    add_layers(doc, name);
    utvm_document_note(doc, "%s", name);
    return doc;
}

Test(page, escapes_what_a_model_file_says)
{
    char *text = fixture_text(profile(HOSTILE, 1e6), UTVM_OUTPUT_HTML, NULL);
    const char *escaped = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;";
    fixture_has(text, escaped);
    cr_expect_null(strstr(text, "<script"));
    cr_expect_null(strstr(text, "'1'"));
    free(text);
}

Test(page, needs_nothing_from_elsewhere)
{
    char *text = fixture_text(profile("net", 1e6), UTVM_OUTPUT_HTML, NULL);
    cr_expect_eq(strncmp(text, "<!DOCTYPE html>\n", 16), 0);
    fixture_has(text, "default-src 'none'");
    fixture_has(text, "<title>utvm profile: net</title>");
    cr_expect_null(strstr(text, "http://"));
    cr_expect_null(strstr(text, "https://"));
    cr_expect_null(strstr(text, "src="));
    free(text);
}

Test(page, leaves_empty_columns_out_and_draws_shares)
{
    char *text = fixture_text(profile("net", 1e6), UTVM_OUTPUT_HTML, NULL);
    cr_expect_null(strstr(text, "MAC/cycle"));
    fixture_has(text, "<td class=\"n p\" style=\"--p:75.00%\">75.0 %</td>");
    free(text);
}

Test(page, has_long_names_in_full_for_who_points_at_them)
{
    const char *name = "model/batch_normalization/FusedBatchNormV3;model/conv2d/\"BiasAdd\"";
    char *text = fixture_text(profile(name, 1e6), UTVM_OUTPUT_HTML, NULL);
    fixture_has(text, "<td class=\"s\" title=\"model/batch_normalization/FusedBatchNormV3;"
                      "model/conv2d/&quot;BiasAdd&quot;\">");
    free(text);
}

Test(page, draws_cycles_as_bars_of_the_longest)
{
    char *text = fixture_text(profile("net", 1e6), UTVM_OUTPUT_HTML, NULL);
    fixture_has(text, "<figcaption>Cycles of each layer</figcaption>");
    fixture_has(text, "style=\"width:33.333%\" title=\"cycles: 100\"></i></span><u>100</u>");
    fixture_has(text, "style=\"width:100.000%\" title=\"cycles: 300\"></i></span><u>300</u>");
    free(text);
}

Test(page, draws_causes_in_place_of_plain_cycles)
{
    struct utvm_document *doc = profile("net", 1e6);
    struct utvm_table *table = utvm_document_table(doc, "breakdown", NULL, causes, 10);
    utvm_table_row(table);
    utvm_table_int(table, 0);
    utvm_table_text(table, "net");
    for (int i = 0; i < 8; i++) {
        utvm_table_int(table, i == 0 ? 75 : i == 3 ? 25 : 0);
    }
    char *text = fixture_text(doc, UTVM_OUTPUT_HTML, NULL);
    fixture_has(text, "<figcaption>Cycles of each layer by cause</figcaption>");
    cr_expect_null(strstr(text, "<figcaption>Cycles of each layer</figcaption>"));
    fixture_has(text, "<i class=\"c0\"></i>issue<i class=\"c3\"></i>instr. fill</div>");
    fixture_has(text, "<i class=\"c3\" style=\"width:25.000%\" title=\"instr. fill: 25\"></i>");
    free(text);
}

Test(page, draws_memory_over_time)
{
    struct utvm_document *doc = utvm_document_create("memory");
    struct utvm_table *table = utvm_document_table(doc, "arena", "Arena over time", space, 5);
    utvm_table_row(table);
    utvm_table_int(table, 0);
    utvm_table_text(table, "conv");
    utvm_table_int(table, 40);
    utvm_table_int(table, 10);
    utvm_table_text(table, "##w.");
    utvm_table_mark(table);
    char *text = fixture_text(doc, UTVM_OUTPUT_HTML, NULL);
    fixture_has(text, "tensors<i class=\"c1\"></i>workspace</div>");
    fixture_has(text, "width:75.000%\" title=\"live: 30 B\"></i>");
    fixture_has(text, "<div class=\"map\"><i class=\"c0\" style=\"width:50.000%\"></i>"
                      "<i class=\"c1\" style=\"width:25.000%\"></i>"
                      "<i style=\"width:25.000%\"></i></div>");
    fixture_has(text, "<tr class=\"m\">");
    free(text);
}

Test(trace, has_one_slice_a_layer_in_time)
{
    char *text = fixture_text(profile(HOSTILE, 2e6), UTVM_OUTPUT_TRACE, NULL);
    json_error_t why;
    json_t *trace = json_loads(text, 0, &why);
    cr_assert_not_null(trace, "%s in %s", why.text, text);
    json_t *event;
    size_t i;
    double end = 0;
    size_t slices = 0;
    size_t counters = 0;
    json_array_foreach(json_object_get(trace, "traceEvents"), i, event)
    {
        const char *phase = json_string_value(json_object_get(event, "ph"));
        if (strcmp(phase, "X") == 0) {
            cr_expect_float_eq(json_number_value(json_object_get(event, "ts")), end, 1e-9);
            end += json_number_value(json_object_get(event, "dur"));
            if (slices++ == 0) {
                cr_expect_str_eq(json_string_value(json_object_get(event, "name")), HOSTILE);
                json_t *args = json_object_get(event, "args");
                cr_expect_eq(json_integer_value(json_object_get(args, "cycles")), 100);
                cr_expect_eq(json_integer_value(json_object_get(args, "workspace_bytes")), 8);
            }
        }
        counters += strcmp(phase, "C") == 0;
    }
    cr_expect_eq(slices, 2);
    cr_expect_eq(counters, 2);
    cr_expect_float_eq(end, 200, 1e-9, "400 cycles at 2 MHz are 200 microseconds, not %g", end);
    fixture_has(text, "layers (modelled time)");
    json_decref(trace);
    free(text);
}

Test(trace, refuses_what_has_no_time)
{
    struct utvm_document *doc = profile("net", 0);
    fixture_fails(utvm_document_write(doc, stdout, UTVM_OUTPUT_TRACE, NULL), UTVM_ERROR_INVALID,
                  "no clock is known");
    utvm_document_free(doc);
    doc = utvm_document_create("memory");
    fixture_fails(utvm_document_write(doc, stdout, UTVM_OUTPUT_TRACE, NULL), UTVM_ERROR_INVALID,
                  "only a profile can become a trace");
    utvm_document_free(doc);
}
