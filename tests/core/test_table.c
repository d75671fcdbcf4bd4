// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/table.h"
#include "core/text.h"
#include "tests/core/fixture.h"

static const struct utvm_column columns[] = {
    {"index", "#", UTVM_CELL_INT, false},       {"name", "layer", UTVM_CELL_TEXT, true},
    {"cycles", "cycles", UTVM_CELL_INT, false}, {"share", "share", UTVM_CELL_PERCENT, false},
    {"size", "size", UTVM_CELL_BYTES, false},   {"error", "error", UTVM_CELL_REAL, false},
};

static struct utvm_document *document(const char *name)
{
    struct utvm_document *doc = utvm_document_create("test");
    utvm_document_fact_text(doc, "model", "name", "model name", "%s", name);
    utvm_document_fact_number(doc, "model", "bytes", "size", UTVM_CELL_BYTES, 1536);
    struct utvm_table *table = utvm_document_table(doc, "layers", "Layers", columns, 6);
    utvm_table_row(table);
    utvm_table_int(table, 0);
    utvm_table_text(table, "%s", name);
    utvm_table_int(table, 1234567);
    utvm_table_real(table, 0.125);
    utvm_table_int(table, 2048);
    utvm_table_real(table, NAN);
    utvm_table_row(table);
    utvm_table_int(table, 1);
    utvm_table_mark(table);
    utvm_document_note(doc, "a \"note\"");
    return doc;
}

// Writes and frees the document.
static char *write_as(struct utvm_document *doc, enum utvm_output_format format, unsigned width,
                      bool colour)
{
    return fixture_text(doc, format, &(struct utvm_style){width, colour});
}

Test(table, aligns_text)
{
    char *text = write_as(document("conv"), UTVM_OUTPUT_TEXT, 0, false);
    cr_expect_str_eq(text, "model\n"
                           "  model name  conv\n"
                           "  size        1.5 KiB\n"
                           "\n"
                           "Layers\n"
                           "  #  layer     cycles   share     size  error\n"
                           "  0  conv   1,234,567  12.5 %  2.0 KiB    nan\n"
                           "> 1                                          \n"
                           "\n"
                           "a \"note\"\n");
    free(text);
}

static size_t widest_line(char *text)
{
    size_t widest = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        size_t width = utvm_text_width(line);
        widest = width > widest ? width : widest;
    }
    return widest;
}

Test(table, shortens_names_but_never_numbers)
{
    struct utvm_document *doc = document("block_1/branch_2/a_very_long_name_of_a_layer");
    char *text = write_as(doc, UTVM_OUTPUT_TEXT, 60, false);
    char *table = strstr(text, "Layers");
    cr_expect_not_null(strstr(table, "block_"));
    cr_expect_not_null(strstr(table, "…"));
    cr_expect_not_null(strstr(table, "_layer "), "the end is kept too:\n%s", text);
    cr_expect_not_null(strstr(table, "1,234,567"));
    cr_expect_leq(widest_line(table), 60);
    free(text);
}

Test(table, splits_columns_into_blocks_when_all_else_fails)
{
    char *text = write_as(document("a_name_of_some_length"), UTVM_OUTPUT_TEXT, 30, false);
    cr_expect_not_null(strstr(text, "1,234,567"));
    cr_expect_not_null(strstr(text, "12.5 %%") ? NULL : strstr(text, "12.5 %"));
    char *table = strstr(text, "Layers");
    cr_expect_leq(widest_line(table), 32);
    free(text);
}

Test(table, folds_facts_and_notes_between_words)
{
    struct utvm_document *doc = utvm_document_create("test");
    utvm_document_fact_text(doc, NULL, "a", "where", "one two three four");
    utvm_document_fact_text(doc, NULL, "b", "b", "a_word_that_has_no_place_to_break it");
    utvm_document_note(doc, "a remark of some words");
    char *text = write_as(doc, UTVM_OUTPUT_TEXT, 16, false);
    cr_expect_str_eq(text, "where  one two\n"
                           "       three\n"
                           "       four\n"
                           "b      a_word_that_has_no_place_to_break\n"
                           "       it\n"
                           "\n"
                           "a remark of some\n"
                           "words\n");
    free(text);
}

Test(table, says_only_that_there_is_nothing)
{
    struct utvm_document *doc = utvm_document_create("test");
    (void)utvm_document_table(doc, "layers", NULL, columns, 6);
    utvm_document_note(doc, "No layers.");
    char *text = write_as(doc, UTVM_OUTPUT_TEXT, 0, false);
    cr_expect_str_eq(text, "No layers.\n");
    free(text);
}

Test(table, shows_everyday_reals_with_three_decimals)
{
    static const struct utvm_column one[] = {{"ms", "ms", UTVM_CELL_MILLI, false}};
    static const double values[] = {43.0672, 0.0371, 0.000037, 0, INFINITY};
    struct utvm_document *doc = utvm_document_create("test");
    struct utvm_table *table = utvm_document_table(doc, "t", NULL, one, 1);
    for (size_t i = 0; i < 5; i++) {
        utvm_table_row(table);
        utvm_table_real(table, values[i]);
    }
    char *text = write_as(doc, UTVM_OUTPUT_TEXT, 0, false);
    cr_expect_str_eq(text, "    ms\n43.067\n 0.037\n<0.001\n 0.000\n   inf\n");
    free(text);
}

Test(table, leaves_optional_columns_out_and_says_so)
{
    static const struct utvm_column some[] = {
        {"name", "layer", UTVM_CELL_TEXT, UTVM_FIT_SHRINK},
        {"cycles", "cycles", UTVM_CELL_INT, false},
        {"rmse", "RMSE", UTVM_CELL_REAL, UTVM_FIT_OPTIONAL},
        {"cosine", "cosine", UTVM_CELL_REAL, UTVM_FIT_OPTIONAL},
        {"reason", "reason", UTVM_CELL_TEXT, false},
    };
    for (unsigned width = 0; width <= 24; width += 24) {
        struct utvm_document *doc = utvm_document_create("test");
        struct utvm_table *table = utvm_document_table(doc, "t", NULL, some, 5);
        utvm_table_row(table);
        utvm_table_text(table, "conv1");
        utvm_table_int(table, 10);
        utvm_table_real(table, 0.5);
        utvm_table_real(table, 0.25);
        char *text = write_as(doc, UTVM_OUTPUT_TEXT, width, false);
        cr_expect_str_eq(text,
                         width == 0 ? "layer  cycles  RMSE  cosine\n"
                                      "conv1      10   0.5    0.25\n"
                                    : "layer  cycles  RMSE\n"
                                      "conv1      10   0.5\n"
                                      "(too wide for the\n"
                                      "window: cosine)\n",
                         "reason has no value anywhere");
        free(text);
    }
}

Test(table, colours_only_when_asked)
{
    char *text = write_as(document("conv"), UTVM_OUTPUT_TEXT, 0, false);
    cr_expect_null(strchr(text, '\033'));
    free(text);
    text = write_as(document("conv"), UTVM_OUTPUT_TEXT, 0, true);
    cr_expect_not_null(strstr(text, "\033[1m"));
    free(text);
}

Test(table, lets_no_control_character_through)
{
    const enum utvm_output_format formats[] = {UTVM_OUTPUT_TEXT, UTVM_OUTPUT_JSON, UTVM_OUTPUT_CSV,
                                               UTVM_OUTPUT_HTML};
    for (size_t i = 0; i < 4; i++) {
        char *text = write_as(document("\033]0;owned\a\x9b\n\xff"), formats[i], 0, false);
        cr_expect_null(strpbrk(text, "\033\a\x9b\xff"), "%s", text);
        free(text);
    }
}

Test(table, writes_csv_that_quotes)
{
    char *text = write_as(document("a,\"b\""), UTVM_OUTPUT_CSV, 0, false);
    cr_expect_str_eq(text, "section,key,value\n"
                           "model,name,\"a,\"\"b\"\"\"\n"
                           "model,bytes,1536\n"
                           "\n"
                           "index,name,cycles,share,size,error\n"
                           "0,\"a,\"\"b\"\"\",1234567,0.125,2048,\n"
                           "1,,,,,\n");
    free(text);
}

Test(table, writes_json_with_null_for_what_is_no_number)
{
    char *text = write_as(document("conv"), UTVM_OUTPUT_JSON, 0, false);
    cr_expect_str_eq(text, "{\n"
                           " \"kind\": \"test\",\n"
                           " \"model\": {\n"
                           "  \"name\": \"conv\",\n"
                           "  \"bytes\": 1536\n"
                           " },\n"
                           " \"layers\": [\n"
                           "  {\n"
                           "   \"index\": 0,\n"
                           "   \"name\": \"conv\",\n"
                           "   \"cycles\": 1234567,\n"
                           "   \"share\": 0.125,\n"
                           "   \"size\": 2048,\n"
                           "   \"error\": null\n"
                           "  },\n"
                           "  {\n"
                           "   \"index\": 1,\n"
                           "   \"name\": null,\n"
                           "   \"cycles\": null,\n"
                           "   \"share\": null,\n"
                           "   \"size\": null,\n"
                           "   \"error\": null\n"
                           "  }\n"
                           " ],\n"
                           " \"notes\": [\n"
                           "  \"a \\\"note\\\"\"\n"
                           " ]\n"
                           "}\n");
    free(text);
}

Test(table, joins_documents)
{
    struct utvm_document *a = document("a");
    struct utvm_document *b = utvm_document_create("other");
    utvm_document_fact_number(b, NULL, "answer", "answer", UTVM_CELL_INT, 42);
    const struct utvm_document *both[] = {a, b};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    fixture_ok(utvm_documents_write("report", both, 2, out, UTVM_OUTPUT_JSON, NULL));
    fclose(out);
    cr_expect_not_null(strstr(text, "\"kind\": \"report\""));
    cr_expect_not_null(strstr(text, " \"other\": {\n  \"kind\": \"other\",\n  \"answer\": 42\n }"));
    free(text);
    utvm_document_free(a);
    utvm_document_free(b);
}

Test(table, reports_a_stream_that_cannot_be_written)
{
    const enum utvm_output_format formats[] = {UTVM_OUTPUT_TEXT, UTVM_OUTPUT_JSON, UTVM_OUTPUT_CSV,
                                               UTVM_OUTPUT_HTML};
    for (size_t i = 0; i < 4; i++) {
        struct utvm_document *doc = document("x");
        FILE *out = fopen("/dev/full", "w");
        setvbuf(out, NULL, _IONBF, 0);
        fixture_fails(utvm_document_write(doc, out, formats[i], NULL), UTVM_ERROR_OS,
                      "cannot write the output");
        fclose(out);
        utvm_document_free(doc);
    }
}

Test(table, takes_no_document_for_no_memory)
{
    utvm_document_note(NULL, "x");
    utvm_table_row(NULL);
    utvm_table_int(NULL, 1);
    fixture_fails(utvm_document_write(NULL, stdout, UTVM_OUTPUT_TEXT, NULL), UTVM_ERROR_NO_MEMORY,
                  "out of memory");
}

Test(table, formats_numbers_for_people)
{
    char buf[32];
    utvm_format_int(-1234567, buf, sizeof(buf));
    cr_expect_str_eq(buf, "-1,234,567");
    utvm_format_int(999, buf, sizeof(buf));
    cr_expect_str_eq(buf, "999");
    utvm_format_int(INT64_MIN, buf, sizeof(buf));
    cr_expect_str_eq(buf, "-9,223,372,036,854,775,808");
    utvm_format_bytes(1023, buf, sizeof(buf));
    cr_expect_str_eq(buf, "1023 B");
    utvm_format_bytes(1048576, buf, sizeof(buf));
    cr_expect_str_eq(buf, "1.0 MiB");
}
