// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/openocd_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A child that caused a failure is seen to have ended within this time.
#define DEATH_MS 20
// One that was told to end has ended within this time, on a busy machine too.
#define SHUTDOWN_MS 5000
// Time for an OpenOCD to let go of its adapter.
#define SERVER_END_MS 300
// Time for a link that had a hiccup.
#define RETRY_MS 50
#define RESET_LIMITS UTVM_OPENOCD_LONG(15000)

struct utvm_error *utvm_openocd_check_children(void *ctx)
{
    struct utvm_openocd *o = ctx;
    struct utvm_error *error = NULL;
    // The board first: OpenOCD complains about a dead board, not the other way round.
    if (o->board) {
        error = utvm_process_check(o->board);
    }
    if (error || !o->server) {
        return error;
    }
    error = utvm_process_check(o->server);
    if (error && o->board) {
        // OpenOCD may end of the board's death, and be seen to have ended before the board is.
        utvm_process_wait_exit(o->board, NULL, DEATH_MS);
        struct utvm_error *first = utvm_process_check(o->board);
        if (first) {
            utvm_error_drop(error);
            error = first;
        }
    }
    return error;
}

// False when OpenOCD says, again after a moment, that it cannot see the core at all: the probe is
// unplugged or its connection broken, which OpenOCD does not mend by itself.
static bool reaches_core(struct utvm_openocd *o)
{
    char script[80];
    snprintf(script, sizeof(script), "utvm_poll %s", o->name);
    for (int i = 0; i < 2; i++) {
        struct utvm_error *error = utvm_tcl_eval(o->tcl, script, 5000, 90, NULL);
        bool unreachable = error && error->code == UTVM_ERROR_TARGET;
        utvm_error_drop(error);
        if (!unreachable) {
            return true;
        }
        if (i == 0) {
            utvm_process_wait_exit(o->board, o->server, RETRY_MS);
        }
    }
    return false;
}

// What a failed request means: if a child ended, or the link broke, it is that.
static struct utvm_error *gone(struct utvm_openocd *o, struct utvm_error *error)
{
    o->base.state = UTVM_TARGET_LOST;
    struct utvm_error *result =
        utvm_error_create(UTVM_ERROR_LOST, "%s; 'connect' starts over", error->message);
    utvm_error_free(error);
    return result;
}

static struct utvm_error *explain(struct utvm_openocd *o, struct utvm_error *error)
{
    if (error->code == UTVM_ERROR_TIMEOUT) {
        // It serves one request after the other, so the next ones would wait for this one.
        error->code = UTVM_ERROR_LOST;
        return gone(o, utvm_error_prefix(error, "OpenOCD hangs, or its link to the board does"));
    }
    if (error->code != UTVM_ERROR_TARGET && error->code != UTVM_ERROR_LOST) {
        return error;
    }
    if (o->board || o->server) {
        struct utvm_error *death = utvm_openocd_check_children(o);
        if (!death) {
            // It answers a shutdown before it ends.
            bool ends = strstr(error->message, "shutdown command invoked") != NULL;
            utvm_process_wait_exit(o->board, o->server, ends ? SHUTDOWN_MS : DEATH_MS);
            death = utvm_openocd_check_children(o);
        }
        if (death) {
            utvm_error_drop(error);
            error = death;
        }
    }
    if (error->code == UTVM_ERROR_TARGET && o->name[0] && !reaches_core(o)) {
        error->code = UTVM_ERROR_LOST;
        error = utvm_error_prefix(error, "OpenOCD no longer reaches the core");
    }
    return error->code == UTVM_ERROR_LOST ? gone(o, error) : error;
}

struct utvm_error *utvm_openocd_eval_text(struct utvm_openocd *o, struct utvm_openocd_limits limits,
                                          struct utvm_tcl_reply *ret, struct utvm_tcl_text *script)
{
    struct utvm_error *error = utvm_tcl_text_check(script);
    if (!error) {
        error = utvm_tcl_eval(o->tcl, script->bytes, limits.timeout_ms, limits.grace_ms, ret);
    }
    utvm_tcl_text_deinit(script);
    if (error) {
        return explain(o, error);
    }
    // With the board gone OpenOCD may still answer from what it remembers.
    error = utvm_openocd_check_children(o);
    if (error && ret) {
        utvm_tcl_reply_deinit(ret);
    }
    return error ? gone(o, error) : NULL;
}

struct utvm_error *utvm_openocd_eval(struct utvm_openocd *o, struct utvm_openocd_limits limits,
                                     struct utvm_tcl_reply *ret, const char *format, ...)
{
    struct utvm_tcl_text script;
    utvm_tcl_text_init(&script);
    va_list args;
    va_start(args, format);
    utvm_tcl_text_vformat(&script, format, args);
    va_end(args);
    return utvm_openocd_eval_text(o, limits, ret, &script);
}

struct utvm_error *utvm_openocd_parse_state(const char *word, enum utvm_target_state *ret)
{
    if (strcmp(word, "halted") == 0) {
        *ret = UTVM_TARGET_HALTED;
        return NULL;
    }
    if (strcmp(word, "running") == 0 || strcmp(word, "reset") == 0 ||
        strcmp(word, "debug-running") == 0) {
        *ret = UTVM_TARGET_RUNNING;
        return NULL;
    }
    return utvm_error_create(UTVM_ERROR_TARGET,
                             "OpenOCD reports the core's state as '%.32s': is the board powered "
                             "and connected?",
                             word);
}

static void destroy(struct utvm_target *t)
{
    struct utvm_openocd *o = utvm_openocd_of(t);
    // A request that was given up may write to the common file once more. Its descriptor then stays
    // open, so that the number does not come to mean another file.
    bool file_in_use = o->tcl && !o->server && utvm_tcl_num_stale(o->tcl) > 0;
    utvm_tcl_destroy(o->tcl);
    // Before an emulated board nothing needs an orderly end; an adapter wants to be let go.
    utvm_process_destroy(o->server, o->board ? 0 : SERVER_END_MS);
    utvm_process_destroy(o->board, 0);
    if (!file_in_use) {
        utvm_exchange_deinit(&o->exchange);
    }
    utvm_private_dir_deinit(&o->private_dir);
    free(o);
}

struct utvm_error *utvm_openocd_poll(struct utvm_openocd *o)
{
    struct utvm_tcl_reply reply = {0};
    struct utvm_error *error =
        utvm_openocd_eval(o, UTVM_OPENOCD_SHORT, &reply, "utvm_poll %s", o->name);
    if (!error) {
        error = utvm_openocd_parse_state(reply.value, &o->base.state);
    }
    utvm_tcl_reply_deinit(&reply);
    return utvm_error_prefix(error, "cannot see the core's state");
}

// Runs a command of run control and takes over the state it should leave the core in.
static struct utvm_error *control(struct utvm_openocd *o, struct utvm_openocd_limits limits,
                                  const char *command, enum utvm_target_state state)
{
    struct utvm_error *error =
        utvm_openocd_eval(o, limits, NULL, "targets %s; %s", o->name, command);
    if (!error) {
        o->base.state = state;
    }
    return error;
}

static struct utvm_error *halt(struct utvm_target *t)
{
    struct utvm_openocd *o = utvm_openocd_of(t);
    o->stopped_midway = true;
    return utvm_error_prefix(control(o, UTVM_OPENOCD_SHORT, "halt 2000", UTVM_TARGET_HALTED),
                             "cannot halt the core");
}

static struct utvm_error *resume(struct utvm_target *t)
{
    return utvm_error_prefix(
        control(utvm_openocd_of(t), UTVM_OPENOCD_SHORT, "resume", UTVM_TARGET_RUNNING),
        "cannot resume the core");
}

static struct utvm_error *reset_halt(struct utvm_target *t)
{
    struct utvm_openocd *o = utvm_openocd_of(t);
    struct utvm_error *error = control(o, RESET_LIMITS, "reset halt", UTVM_TARGET_HALTED);
    if (!error) {
        o->stopped_midway = false;
    }
    return utvm_error_prefix(error, "cannot reset and halt the core");
}

static struct utvm_error *reset_run(struct utvm_target *t)
{
    return utvm_error_prefix(
        control(utvm_openocd_of(t), RESET_LIMITS, "reset run", UTVM_TARGET_RUNNING),
        "cannot reset the core");
}

static struct utvm_error *monitor(struct utvm_target *t, const char *command, char **ret)
{
    struct utvm_openocd *o = utvm_openocd_of(t);
    struct utvm_tcl_text script;
    utvm_tcl_text_init(&script);
    utvm_tcl_text_format(&script, "utvm_monitor ");
    utvm_tcl_text_quote(&script, command, strlen(command));
    struct utvm_tcl_reply reply = {0};
    struct utvm_error *error =
        utvm_openocd_eval_text(o, UTVM_OPENOCD_LONG(600000), &reply, &script);
    if (error) {
        return error;
    }
    UTVM_ASSERT(reply.value);
    char *text = strdup(reply.value);
    utvm_tcl_reply_deinit(&reply);
    if (!text) {
        return utvm_error_no_memory();
    }
    // Whatever the command did to the core: what is remembered must not be older than that.
    o->stopped_midway = true;
    error = utvm_openocd_poll(o);
    if (error && error->code == UTVM_ERROR_LOST) {
        free(text);
        return error;
    }
    utvm_error_drop(error);
    *ret = text;
    return NULL;
}

const struct utvm_target_ops utvm_openocd_ops = {
    .name = "openocd",
    .destroy = destroy,
    .halt = halt,
    .resume = resume,
    .reset_halt = reset_halt,
    .reset_run = reset_run,
    .call = utvm_openocd_call,
    .wait = utvm_openocd_wait,
    .read = utvm_openocd_read,
    .write = utvm_openocd_write,
    .write_flash = utvm_openocd_write_flash,
    .read_register = utvm_openocd_read_register,
    .write_register = utvm_openocd_write_register,
    .monitor = monitor,
};
