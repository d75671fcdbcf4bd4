// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_TESTS_CORE_FIXTURE_H
#define UTVM_TESTS_CORE_FIXTURE_H

#include <signal.h>

#include "core/session.h"
#include "core/table.h"
#include "tests/core/elf_writer.h"
#include "tests/core/fake_target.h"

/** A session with the toy model on a fake target. */
struct fixture {
    struct utvm_session *s;
    struct fake_target *fake; /**< owned by the session */
    volatile sig_atomic_t cancelled;
};

/** Model and target set, nothing uploaded. */
void fixture_connect(struct fixture *f);
/** The same with a changed toy model. */
void fixture_connect_to(struct fixture *f, const struct toy_elf *elf);
/** Uploaded, with the input {1, 2, 3, -9}: a = {2,4,6,-5}, b = {4,8,12,0}, c = {6,12,18,-5}. */
void fixture_load(struct fixture *f);
void fixture_set_input(struct fixture *f, const int8_t values[TOY_ELEMS]);
/** Reads a tensor and fails the test unless it has these values. */
void fixture_expect(struct fixture *f, uint32_t tensor, const int8_t values[TOY_ELEMS]);
/** Fails the test when error is not NULL, printing it. */
void fixture_ok(struct utvm_error *error);
/** Fails the test unless error has the code and its message holds the text; frees it. */
void fixture_fails(struct utvm_error *error, enum utvm_error_code code, const char *text);
/** The document as it is written in a format, malloc'd; frees the document. NULL style = plain. */
char *fixture_text(struct utvm_document *doc, enum utvm_output_format format,
                   const struct utvm_style *style);
/** Fails the test unless the text holds the part. */
void fixture_has(const char *text, const char *part);
/** A scratch path below the directory for temporary files; unique to the process. */
void fixture_path(const char *name, char *buf, size_t size);

#endif
