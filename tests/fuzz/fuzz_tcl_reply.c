// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// What a server sends: the list parser, the reply on top of it and the number parsers.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/tcl_reply.h"

#define MAX_WORDS 64
#define MAX_NUMBERS 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse_words(const struct utvm_tcl_list *list, size_t size)
{
    size_t total = 0;
    for (size_t i = 0; i < list->num_words; i++) {
        const struct utvm_tcl_word *word = &list->words[i];
        // A word is never longer than its source and ends in NUL.
        total += word->size_bytes + 1;
        UTVM_ASSERT(word->text[word->size_bytes] == '\0');
        uint32_t numbers[MAX_NUMBERS];
        uint64_t number = 0;
        utvm_error_free(utvm_tcl_parse_u64(word->text, word->size_bytes, &number));
        utvm_error_free(utvm_tcl_parse_numbers(word->text, word->size_bytes, 65535,
                                               word->size_bytes % (MAX_NUMBERS + 1), numbers));
    }
    UTVM_ASSERT(total <= size + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    // A copy of exactly this size, so that reading past its end is seen.
    char *text = malloc(size ? size : 1);
    if (!text) {
        return 0;
    }
    memcpy(text, data, size);
    struct utvm_tcl_list list = {0};
    struct utvm_error *error = utvm_tcl_list_parse(text, size, MAX_WORDS, &list);
    if (!error) {
        parse_words(&list, size);
        utvm_tcl_list_deinit(&list);
    }
    utvm_error_free(error);
    (void)utvm_tcl_reply_match(text, size, 7);
    struct utvm_tcl_reply reply = {0};
    error = utvm_tcl_reply_parse(text, size, &reply);
    if (!error) {
        utvm_tcl_reply_deinit(&reply);
    }
    utvm_error_free(error);
    free(text);
    return 0;
}
