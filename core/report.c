// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdbool.h>

#include "core/file.h"
#include "core/profile.h"

static bool format_of(const char *path, enum utvm_output_format *ret)
{
    if (utvm_path_ends_with(path, ".json")) {
        *ret = UTVM_OUTPUT_JSON;
    } else if (utvm_path_ends_with(path, ".csv")) {
        *ret = UTVM_OUTPUT_CSV;
    } else if (utvm_path_ends_with(path, ".txt")) {
        *ret = UTVM_OUTPUT_TEXT;
    } else {
        return false;
    }
    return true;
}

struct utvm_error *utvm_report_write(struct utvm_session *s, const struct utvm_profile *profile,
                                     const struct utvm_document *comparison, const char *path)
{
    enum utvm_output_format format = UTVM_OUTPUT_TEXT;
    if (!format_of(path, &format)) {
        return utvm_error_create(UTVM_ERROR_INVALID, "'%s': a report ends in .txt, .json or .csv",
                                 path);
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
