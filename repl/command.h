// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_COMMAND_H
#define UTVM_REPL_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/error.h"
#include "core/target.h"
#include "repl/tensor_ref.h"

/**
 * A command is one entry: its usage text, arity, argument parsing, "load a model first" errors,
 * help, completion, man page and the README's reference all derive from it. Handlers print no
 * usage, recheck nothing and write only to the stream they are given.
 */
struct utvm_shell;

#define UTVM_MAX_ARGS 5
#define UTVM_MAX_OPTIONS 8

enum utvm_group {
    UTVM_GROUP_FILES,
    UTVM_GROUP_RUNNING,
    UTVM_GROUP_STOPPING,
    UTVM_GROUP_LOOKING,
    UTVM_GROUP_CHANGING,
    UTVM_GROUP_JUDGING,
    UTVM_GROUP_TUNING,
    UTVM_GROUP_SCRIPTING,
    UTVM_GROUP_COUNT,
};

/** What must be there before the handler runs; checked once, by the dispatcher. */
enum utvm_needs {
    UTVM_NEEDS_MODEL = 1u << 0,
    UTVM_NEEDS_TARGET = 1u << 1,
    UTVM_NEEDS_HALTED = 1u << 2,   /**< implies TARGET */
    UTVM_NEEDS_UPLOADED = 1u << 3, /**< implies MODEL, TARGET */
};

enum utvm_arg_kind {
    UTVM_ARG_WORD,
    UTVM_ARG_LAYER,      /**< name, unique prefix or #index → index */
    UTVM_ARG_TENSOR,     /**< name without a slice → index */
    UTVM_ARG_TENSOR_REF, /**< NAME[slice]/format → ref */
    UTVM_ARG_FILE,       /**< ~ is expanded → text */
    UTVM_ARG_ADDRESS,    /**< expression, 0 to 0xFFFFFFFF → address */
    UTVM_ARG_COUNT,      /**< expression, 0 to 2^31 - 1 → count */
    UTVM_ARG_NUMBER,     /**< expression → number */
    UTVM_ARG_CHOICE,     /**< one of choices, unique prefixes count → index */
    UTVM_ARG_SETTING,    /**< completion only; the text is handed on */
    UTVM_ARG_COMMAND,    /**< completion only */
    UTVM_ARG_BREAKPOINT, /**< number of a breakpoint → count */
    UTVM_ARG_REST,       /**< all that is left, as typed → text */
};

struct utvm_arg {
    const char *name; /**< in capitals: LAYER, N, FILE; NULL ends the list */
    enum utvm_arg_kind kind;
    bool optional;
    const char *const *choices;      /**< NULL-terminated, CHOICE only */
    enum utvm_arg_kind also;         /**< REST and WORD: what completion offers */
    const char *const *alternatives; /**< REST: words that completion offers as well */
};

struct utvm_option {
    const char *name;  /**< "--atol"; NULL ends the list */
    const char *value; /**< "X"; NULL = a flag without value */
    enum utvm_arg_kind kind;
    const char *help;
    const char *const *choices;
};

struct utvm_bound {
    bool given;
    const char *text; /**< without quotes; REST: as typed */
    uint32_t index;   /**< layer, tensor or choice */
    uint32_t count;
    double number;
    utvm_addr address;
    struct utvm_tensor_ref ref;
};

struct utvm_args {
    struct utvm_bound arg[UTVM_MAX_ARGS];
    struct utvm_bound option[UTVM_MAX_OPTIONS];
    const char *letters;                           /**< behind the slash: "16xb"; "" without */
    char *texts[UTVM_MAX_ARGS + UTVM_MAX_OPTIONS]; /**< storage of expanded texts */
};

enum utvm_command_flags {
    UTVM_COMMAND_RAW = 1u << 0,       /**< one REST argument; no quotes, options, redirection */
    UTVM_COMMAND_OPERATORS = 1u << 1, /**< takes a condition: UTVM_PARSE_OPERATORS */
    UTVM_COMMAND_LETTERS = 1u << 2,   /**< takes /LETTERS */
    UTVM_COMMAND_REPEAT = 1u << 3,    /**< an empty line runs it again */
    UTVM_COMMAND_RUNS = 1u << 4,      /**< moves the position: breakpoint commands follow */
    UTVM_COMMAND_UNRECORDED = 1u << 5,
    UTVM_COMMAND_PLAIN = 1u << 6,      /**< in JSON mode its documents are those of what it runs */
    UTVM_COMMAND_EXPRESSION = 1u << 7, /**< takes a value: UTVM_PARSE_EXPRESSION */
    UTVM_COMMAND_TEXT = 1u << 8,       /**< takes any text: UTVM_PARSE_TEXT */
};

typedef struct utvm_error *(*utvm_command_fn)(struct utvm_shell *sh, const struct utvm_args *args,
                                              FILE *out);

struct utvm_command {
    const char *name;
    const char *alias; /**< NULL = none */
    enum utvm_group group;
    const char *summary; /**< at most 60 characters, no full stop */
    const char *detail;  /**< paragraphs for help; NULL = the summary says it all */
    const char *example; /**< one line that works on the demo model */
    unsigned needs;      /**< enum utvm_needs */
    unsigned flags;      /**< enum utvm_command_flags */
    struct utvm_arg args[UTVM_MAX_ARGS + 1];
    struct utvm_option options[UTVM_MAX_OPTIONS + 1];
    utvm_command_fn run;
};

/** What utvm_parse_line must know of a command. */
unsigned utvm_command_parse_flags(const struct utvm_command *command);

/** All commands in alphabetical order; NULL-terminated. */
extern const struct utvm_command *const utvm_commands[];

const char *utvm_group_title(enum utvm_group group);

/** "step [N] [-o FORMAT]"; malloc'd, NULL when out of memory. */
char *utvm_command_usage(const struct utvm_command *command);

/**
 * Finds by name, alias, then unique prefix; the shell's own user commands are not among them.
 * @return NOT_FOUND with near names, INVALID listing the candidates
 */
UTVM_MUST_CHECK struct utvm_error *utvm_command_find(const char *name,
                                                     const struct utvm_command **ret);

/** The argument at this place, counting on behind an optional or repeated one; NULL = none. */
const struct utvm_arg *utvm_command_arg(const struct utvm_command *command, unsigned place);

#endif
