// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_TABLE_HTML_IMPL_H
#define UTVM_CORE_TABLE_HTML_IMPL_H

#include "core/table_impl.h"

/** The pieces of the HTML writer: the page (table_html.c), its charts and its style sheet. */

/** Writes text with everything escaped that means something in HTML, attributes included. */
void utvm_html_text(FILE *out, const char *text);

/** Bars above a table that is known to have something to draw; nothing for another one. */
void utvm_html_chart(FILE *out, const struct utvm_document *doc, const struct utvm_table *table);

/** The map of an arena, "##ww..", as a strip. */
void utvm_html_map(FILE *out, const char *map);

/** Content of the <style> element. */
extern const char utvm_html_style[];

#endif
