// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "tests/core/fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fixture_ok(struct utvm_error *error)
{
    cr_assert_null(error, "%s: %s", error ? utvm_error_code_name(error->code) : "",
                   error ? error->message : "");
}

void fixture_fails(struct utvm_error *error, enum utvm_error_code code, const char *text)
{
    cr_assert_not_null(error, "no error, but '%s' was expected", text);
    cr_assert_eq(error->code, code, "%s: %s", utvm_error_code_name(error->code), error->message);
    cr_assert_not_null(strstr(error->message, text), "'%s' is not in: %s", text, error->message);
    utvm_error_free(error);
}

void fixture_connect(struct fixture *f)
{
    static struct toy_elf elf;
    toy_elf_init(&elf);
    fixture_connect_to(f, &elf);
}

void fixture_connect_to(struct fixture *f, const struct toy_elf *elf)
{
    size_t size = 0;
    uint8_t *bytes = toy_elf_build(elf, &size);
    struct utvm_model *model = NULL;
    fixture_ok(utvm_model_parse("toy.elf", bytes, size, &model));
    free(bytes);
    f->cancelled = 0;
    f->s = utvm_session_create();
    cr_assert_not_null(f->s);
    utvm_session_set_model(f->s, model);
    f->fake = fake_target_create();
    f->fake->base.cancelled = &f->cancelled;
    utvm_session_set_target(f->s, &f->fake->base);
}

void fixture_set_input(struct fixture *f, const int8_t values[TOY_ELEMS])
{
    struct utvm_array array = {0};
    fixture_ok(utvm_array_init(&array, UTVM_DTYPE_INT8, 1, (uint32_t[]){TOY_ELEMS}));
    memcpy(array.data, values, TOY_ELEMS);
    fixture_ok(utvm_session_set_input(f->s, TOY_INPUT, &array));
    utvm_array_deinit(&array);
}

void fixture_load(struct fixture *f)
{
    fixture_connect(f);
    struct utvm_upload_result result;
    fixture_ok(utvm_session_upload(f->s, true, &result));
    fixture_set_input(f, (int8_t[]){1, 2, 3, -9});
}

void fixture_expect(struct fixture *f, uint32_t tensor, const int8_t values[TOY_ELEMS])
{
    struct utvm_array array = {0};
    fixture_ok(utvm_session_read_tensor(f->s, tensor, false, &array));
    for (uint32_t i = 0; i < TOY_ELEMS; i++) {
        cr_expect_eq((int)utvm_array_get(&array, i), values[i], "element %u is %g, not %d", i,
                     utvm_array_get(&array, i), values[i]);
    }
    utvm_array_deinit(&array);
}

char *fixture_text(struct utvm_document *doc, enum utvm_output_format format,
                   const struct utvm_style *style)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    fixture_ok(utvm_document_write(doc, out, format, style));
    fclose(out);
    utvm_document_free(doc);
    return text;
}

void fixture_has(const char *text, const char *part)
{
    cr_expect_not_null(strstr(text, part), "'%s' is not in:\n%s", part, text);
}

void fixture_path(const char *name, char *buf, size_t size)
{
    const char *directory = getenv("TMPDIR");
    snprintf(buf, size, "%s/utvm-test-%d-%s", directory ? directory : "/tmp", (int)getpid(), name);
}
