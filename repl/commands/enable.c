// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "repl/commands/breakpoints.h"

static struct utvm_error *enable_one(struct utvm_shell *sh, struct utvm_breakpoint *bp)
{
    (void)sh;
    bp->enabled = true;
    bp->once = false;
    return NULL;
}

static struct utvm_error *enable_once(struct utvm_shell *sh, struct utvm_breakpoint *bp)
{
    (void)sh;
    bp->enabled = true;
    bp->once = true;
    return NULL;
}

static struct utvm_error *enable_and_delete(struct utvm_shell *sh, struct utvm_breakpoint *bp)
{
    (void)sh;
    bp->enabled = true;
    bp->temporary = true;
    return NULL;
}

// The numbers behind a word that says what becomes of them; NULL when it is not there.
static const char *behind(const char *text, const char *word)
{
    size_t length = strlen(word);
    bool there = strncmp(text, word, length) == 0 && strchr(" \t", text[length]);
    return there ? text + length + strspn(text + length, " \t") : NULL;
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    static const struct {
        const char *word;
        utvm_breakpoint_fn fn;
    } ways[] = {{"once", enable_once}, {"delete", enable_and_delete}};
    const char *text = args->arg[0].given ? args->arg[0].text : NULL;
    utvm_breakpoint_fn fn = enable_one;
    (void)out;
    for (size_t i = 0; text && i < sizeof(ways) / sizeof(ways[0]); i++) {
        const char *numbers = behind(text, ways[i].word);
        if (numbers) {
            fn = ways[i].fn;
            text = numbers[0] ? numbers : NULL;
        }
    }
    return utvm_each_breakpoint(sh, text, fn);
}

const struct utvm_command utvm_command_enable = {
    .name = "enable",
    .group = UTVM_GROUP_STOPPING,
    .summary = "let breakpoints stop again",
    .detail = "Without numbers it means all of them. 'enable once N' disables breakpoint N again "
              "when it has stopped, 'enable delete N' deletes it.",
    .example = "enable",
    .args = {{.name = "[once|delete] NUMBERS",
              .kind = UTVM_ARG_REST,
              .optional = true,
              .also = UTVM_ARG_BREAKPOINT,
              .alternatives = (const char *const[]){"once", "delete", NULL}}},
    .run = run,
};
