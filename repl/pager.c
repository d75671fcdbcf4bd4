// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>
#include <string.h>

#include "repl/interrupt.h"
#include "repl/output.h"

struct pager {
    FILE *terminal;
    unsigned rows;
    unsigned shown;
    bool stopped;
};

static void ask(struct pager *pager)
{
    fputs("--more-- (return goes on, q ends) ", pager->terminal);
    fflush(pager->terminal);
    char answer[64];
    if (!fgets(answer, sizeof(answer), stdin) || answer[0] == 'q' || answer[0] == 'Q' ||
        *utvm_interrupt_flag()) {
        pager->stopped = true;
    }
    clearerr(stdin);
    pager->shown = 0;
}

static ssize_t write_lines(void *cookie, const char *bytes, size_t size)
{
    struct pager *pager = cookie;
    for (size_t i = 0; i < size && !pager->stopped;) {
        if (pager->shown >= pager->rows) {
            ask(pager);
            continue;
        }
        const char *newline = memchr(bytes + i, '\n', size - i);
        size_t length = newline ? (size_t)(newline - bytes) + 1 - i : size - i;
        fwrite(bytes + i, 1, length, pager->terminal);
        pager->shown += newline != NULL;
        i += length;
    }
    return (ssize_t)size;
}

static int close_pager(void *cookie)
{
    struct pager *pager = cookie;
    int result = fflush(pager->terminal);
    free(pager);
    return result;
}

FILE *utvm_pager_open(FILE *terminal, unsigned rows)
{
    struct pager *pager = calloc(1, sizeof(*pager));
    if (!pager) {
        return NULL;
    }
    *pager = (struct pager){.terminal = terminal, .rows = rows};
    cookie_io_functions_t functions = {.write = write_lines, .close = close_pager};
    FILE *stream = fopencookie(pager, "w", functions);
    if (!stream) {
        free(pager);
    }
    return stream;
}
