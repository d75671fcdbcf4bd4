// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "repl/commands/common.h"
#include "repl/human.h"
#include "repl/parse.h"

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    (void)sh;
    struct utvm_line words = {0};
    bool ended = false;
    struct utvm_error *error = utvm_parse_line(args->arg[0].given ? args->arg[0].text : "",
                                               UTVM_PARSE_TEXT | UTVM_PARSE_OPERATORS, &words);
    for (size_t i = 0; !error && i < words.num_tokens; i++) {
        fputs(i ? " " : "", out);
        const char *text = words.tokens[i].text;
        utvm_human_write(out, text, true);
        ended = text[0] && text[strlen(text) - 1] == '\n';
    }
    if (!error && !ended) {
        fputc('\n', out);
    }
    utvm_line_deinit(&words);
    return error;
}

const struct utvm_command utvm_command_echo = {
    .name = "echo",
    .group = UTVM_GROUP_SCRIPTING,
    .summary = "print a text",
    .detail =
        "\\n is a new line and \\t a tab. A new line is added unless there is one at the end.",
    .flags = UTVM_COMMAND_TEXT,
    .example = "echo \"layer by layer\"",
    .args = {{.name = "TEXT", .kind = UTVM_ARG_REST, .optional = true, .also = UTVM_ARG_WORD}},
    .run = run,
};
