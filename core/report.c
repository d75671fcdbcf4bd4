// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdbool.h>

#include "core/file.h"
#include "core/profile.h"

static bool format_of(const char *path, enum utvm_output_format *ret)
{
    static const struct {
        const char *ending;
        enum utvm_output_format format;
    } formats[] = {
        {".txt", UTVM_OUTPUT_TEXT},  {".csv", UTVM_OUTPUT_CSV},
        {".html", UTVM_OUTPUT_HTML}, {".trace.json", UTVM_OUTPUT_TRACE},
        {".json", UTVM_OUTPUT_JSON},
    };
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (utvm_path_ends_with(path, formats[i].ending)) {
            *ret = formats[i].format;
            return true;
        }
    }
    return false;
}

struct utvm_error *utvm_report_check(const char *path)
{
    enum utvm_output_format format;
    if (format_of(path, &format)) {
        return NULL;
    }
    return utvm_error_create(
        UTVM_ERROR_INVALID, "'%s': a report ends in .txt, .json, .csv, .html or .trace.json", path);
}

struct utvm_error *utvm_report_write(struct utvm_session *s, const struct utvm_profile *profile,
                                     const struct utvm_document *comparison, const char *path)
{
    enum utvm_output_format format = UTVM_OUTPUT_TEXT;
    if (!format_of(path, &format)) {
        return utvm_report_check(path);
    }
    if (!utvm_session_model(s)) {
        return utvm_error_create(UTVM_ERROR_STATE, "no model is loaded");
    }
    struct utvm_document *provenance = utvm_provenance_document(s);
    struct utvm_document *time = profile ? utvm_profile_document(s, profile) : NULL;
    struct utvm_document *memory = utvm_memory_document(utvm_session_model(s));
    const struct utvm_document *docs[4];
    size_t num_docs = 0;
    docs[num_docs++] = provenance;
    if (profile) {
        docs[num_docs++] = time;
    }
    docs[num_docs++] = memory;
    if (comparison) {
        docs[num_docs++] = comparison;
    }
    struct utvm_file_writer writer;
    struct utvm_error *error = utvm_file_writer_open(&writer, path);
    if (!error) {
        error = utvm_documents_write("report", docs, num_docs, writer.stream, format, NULL);
        if (error) {
            utvm_file_writer_abort(&writer);
            error = utvm_error_prefix(error, "cannot write '%s'", path);
        } else {
            error = utvm_file_writer_commit(&writer);
        }
    }
    utvm_document_free(provenance);
    utvm_document_free(time);
    utvm_document_free(memory);
    return error;
}
