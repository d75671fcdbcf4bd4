// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_REPL_SHELL_H
#define UTVM_REPL_SHELL_H

#include "core/compare.h"
#include "core/session.h"
#include "core/table.h"
#include "repl/command.h"
#include "repl/settings.h"
#include "repl/source.h"
#include "repl/variables.h"

/**
 * The shell: a session, settings, variables, and the dispatch of command lines. It knows no
 * terminal; line.c gives it lines, its streams take the output, so tests capture both.
 */

/** `define NAME … end`, or `alias NAME = …`. */
struct utvm_macro {
    char *name;
    char *body;
    char *document; /**< NULL without `document` */
    bool is_alias;  /**< body is what the name stands for at the head of a line */
};

/** `display VALUE`: printed at every stop. */
struct utvm_display {
    uint32_t number;
    char *text;
    char letters[8];
};

/** What `list` has shown: it goes on from there unless the position has changed. */
struct utvm_listing {
    char *name; /**< of the source; NULL = nothing yet; owned */
    unsigned first;
    unsigned last;
    unsigned here; /**< the line the core stood in; 0 = none */
    utvm_addr stop_pc;
    uint32_t next_layer;
};

/** What loop_break and loop_continue ask of the `while` around them. */
enum utvm_loop_end {
    UTVM_LOOP_ON,
    UTVM_LOOP_BREAK,
    UTVM_LOOP_CONTINUE,
};

struct utvm_condition;

struct utvm_shell {
    struct utvm_session *session;
    struct utvm_settings settings;
    struct utvm_variables variables;

    FILE *out;
    FILE *err;
    bool out_is_redirected; /**< `out` is a file or a program that a script's output goes to */
    bool redirected;        /**< the running command's output goes to one */
    bool out_is_terminal;
    bool err_is_terminal;
    bool out_is_ascii; /**< a terminal whose locale has no UTF-8 */
    bool interactive;  /**< a person types: confirmations, repetition, paging */

    struct utvm_source *source;  /**< innermost */
    unsigned depth;              /**< of sources */
    unsigned num_aliases;        /**< replaced so far in the running line */
    unsigned num_loops;          /**< around the running command */
    enum utvm_loop_end loop_end; /**< set: the lines up to the loop's end are skipped */
    int exit_code;               /**< asked for by quit */
    int failure;                 /**< exit code of the first failure; 0 = none */
    bool keep_going;
    bool quit;
    bool usage_error;   /**< the error just returned is wrong usage */
    bool progress_open; /**< a line of progress stands on the terminal */

    const struct utvm_command *command; /**< running now */
    enum utvm_output_format format;     /**< of the command running now */
    struct utvm_style style;            /**< likewise */
    unsigned rows;                      /**< likewise: of the window; 0 = unlimited */
    bool wrote_document;                /**< likewise */
    bool error_told;                    /**< its document has the error already */
    bool repeating;                     /**< an empty line runs it again */
    char *repeat;                       /**< what an empty line runs; NULL = nothing */

    struct utvm_macro *macros;
    size_t num_macros;

    struct utvm_display *displays;
    size_t num_displays;
    uint32_t last_display;    /**< number of the newest */
    uint32_t last_breakpoint; /**< $bpnum: number of the one set last */

    FILE *record;
    char *record_path;
    FILE *log; /**< what the setting 'logging' asks for; NULL = none */
    char *log_path;
    char *recorded_body; /**< lines up to `end` of the command under way */
    unsigned record_depth;

    struct utvm_listing listing;
    utvm_addr next_address;       /**< where x goes on */
    struct utvm_value last_value; /**< $_ */
    struct utvm_reference *reference;
    const struct utvm_condition *condition; /**< under evaluation; NULL = none */
    struct utvm_document *comparison;       /**< of the last compare, for report */
    uint64_t progress_shown_ms;

    /** Asks a person; NULL = nobody is there. @return true for yes */
    bool (*ask)(struct utvm_shell *sh, const char *question);
};

/** out and err are borrowed. */
UTVM_MUST_CHECK struct utvm_error *utvm_shell_create(FILE *out, FILE *err, struct utvm_shell **ret);
/** Ends recording, the target and everything it started. */
void utvm_shell_free(struct utvm_shell *sh);

/** Runs one command line. An empty one does nothing. */
UTVM_MUST_CHECK struct utvm_error *utvm_shell_execute(struct utvm_shell *sh, const char *line);

/**
 * Runs all lines of a source; errors carry "NAME:LINE". Stops at the first error unless
 * sh->keep_going, when each is reported and the first decides sh->failure.
 * @return INVALID when sources are nested too deeply; CANCELLED after Ctrl-C
 */
UTVM_MUST_CHECK struct utvm_error *utvm_shell_run_source(struct utvm_shell *sh,
                                                         struct utvm_source *source);

/**
 * Reads the lines of a body up to its `end` from the source of the running command.
 * @param ret malloc'd, lines joined by newlines
 * @return INVALID when the source ends before
 */
UTVM_MUST_CHECK struct utvm_error *utvm_shell_read_body(struct utvm_shell *sh, char **ret);

/** Prints an error in the form that the output setting asks for, notes its exit code, frees it. */
void utvm_shell_report(struct utvm_shell *sh, struct utvm_error *error);

/** 1 failed, 2 usage, 3 mismatch, 4 target lost or faulted. */
int utvm_shell_exit_code(const struct utvm_shell *sh, const struct utvm_error *error);

/** Writes a document in the running command's format and frees it. */
UTVM_MUST_CHECK struct utvm_error *utvm_shell_emit(struct utvm_shell *sh, struct utvm_document *doc,
                                                   FILE *out);

/** True unless a person says no. */
bool utvm_shell_confirm(struct utvm_shell *sh, const char *question);

/** Scope of expressions: variables, registers, tensor elements and statistics. */
struct utvm_scope utvm_shell_scope(struct utvm_shell *sh);

/** Evaluates in that scope. */
UTVM_MUST_CHECK struct utvm_error *utvm_shell_evaluate(struct utvm_shell *sh, const char *text,
                                                       struct utvm_value *ret);

struct utvm_macro *utvm_shell_find_macro(const struct utvm_shell *sh, const char *name);

/** Shorthands for what almost every handler needs; model and target are there if the entry says. */
const struct utvm_model *utvm_shell_model(const struct utvm_shell *sh);
struct utvm_target *utvm_shell_target(const struct utvm_shell *sh);

/** Core clock for turning cycles into time, in Hz; 0 when nothing is known. */
uint32_t utvm_shell_clock(const struct utvm_shell *sh);

/** Applies what settings change at once (snapshots, run flags, reference); name it after a set. */
UTVM_MUST_CHECK struct utvm_error *utvm_shell_apply_setting(struct utvm_shell *sh,
                                                            enum utvm_setting which);

#endif
