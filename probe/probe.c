// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/probe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "probe/clock.h"
#include "probe/identify.h"
#include "probe/openocd_target.h"
#include "probe/spawn.h"

#define DEFAULT_TIMEOUT_MS 15000

uint64_t utvm_probe_num_requests(const struct utvm_target *t)
{
    return utvm_tcl_num_requests(((const struct utvm_openocd *)(const void *)t)->tcl);
}

static struct utvm_error *check_options(const struct utvm_probe_options *options)
{
    switch (options->kind) {
    case UTVM_PROBE_EMULATED:
    case UTVM_PROBE_EMULATED_BITBANG:
        return NULL;
    case UTVM_PROBE_ATTACH:
        if (options->endpoint && options->endpoint[0]) {
            return NULL;
        }
        return utvm_error_create(UTVM_ERROR_INVALID, "no HOST:PORT of a running OpenOCD given");
    case UTVM_PROBE_CONFIG:
        if (options->config_files && options->config_files[0]) {
            return NULL;
        }
        return utvm_error_create(UTVM_ERROR_INVALID, "no OpenOCD configuration file given");
    }
    return utvm_error_create(UTVM_ERROR_INVALID, "no kind of probe has number %d",
                             (int)options->kind);
}

// "HOST:PORT", "[V6ADDR]:PORT" or "PORT".
static struct utvm_error *split_endpoint(const char *endpoint, char *host, size_t host_bytes,
                                         char *port, size_t port_bytes)
{
    const char *colon = strrchr(endpoint, ':');
    const char *name = colon ? endpoint : "127.0.0.1";
    size_t name_bytes = colon ? (size_t)(colon - endpoint) : strlen(name);
    if (colon && name_bytes >= 2 && name[0] == '[' && name[name_bytes - 1] == ']') {
        name++;
        name_bytes -= 2;
    }
    const char *number = colon ? colon + 1 : endpoint;
    size_t digits = strspn(number, "0123456789");
    if (name_bytes == 0 || name_bytes >= host_bytes || digits == 0 || number[digits] != '\0') {
        return utvm_error_create(UTVM_ERROR_INVALID, "'%.80s' is not HOST:PORT", endpoint);
    }
    unsigned long value = digits <= 5 ? strtoul(number, NULL, 10) : 0;
    if (value < 1 || value > 65535) {
        return utvm_error_create(UTVM_ERROR_INVALID, "port %.20s is not between 1 and 65535",
                                 number);
    }
    snprintf(host, host_bytes, "%.*s", (int)name_bytes, name);
    snprintf(port, port_bytes, "%lu", value);
    return NULL;
}

static struct utvm_tcl_watch make_watch(struct utvm_openocd *o)
{
    struct utvm_tcl_watch watch = {.cancelled = &o->base.cancelled,
                                   .known_cancels = &o->base.known_cancels,
                                   .check = utvm_openocd_check_children,
                                   .ctx = o};
    const struct utvm_process *children[] = {o->server, o->board};
    for (size_t i = 0; i < 2; i++) {
        if (children[i]) {
            watch.fds[watch.num_fds++] = utvm_process_exit_fd(children[i]);
        }
    }
    return watch;
}

// A reset of the connection while OpenOCD starts means that its init failed: why is in its log.
static struct utvm_error *explain_start(struct utvm_openocd *o, struct utvm_error *error)
{
    if (!error || error->code != UTVM_ERROR_LOST || !o->server) {
        return error;
    }
    utvm_process_wait_exit(o->board, o->server, 1000);
    struct utvm_error *death = utvm_openocd_check_children(o);
    if (!death) {
        return error;
    }
    utvm_error_drop(error);
    return utvm_error_prefix(death, "cannot start OpenOCD");
}

// True if OpenOCD reads in the common file what we wrote there: it runs on this machine, as a user
// who may. Everything else means no.
static bool shares_files(struct utvm_openocd *o)
{
    uint64_t token[2];
    char text[40];
    if (o->exchange.fd < 0 || getrandom(token, sizeof(token), 0) != (ssize_t)sizeof(token)) {
        return false;
    }
    snprintf(text, sizeof(text), "%016" PRIx64 "%016" PRIx64, token[0], token[1]);
    struct utvm_tcl_reply reply = {0};
    struct utvm_error *error = utvm_exchange_put(&o->exchange, text, strlen(text));
    if (!error) {
        error =
            utvm_openocd_eval(o, UTVM_OPENOCD_LONG(5000), &reply, "utvm_file %s", o->exchange.path);
    }
    bool same = !error && strcmp(reply.value, text) == 0;
    utvm_tcl_reply_deinit(&reply);
    utvm_error_drop(error);
    return same;
}

// OpenOCD's name of its current target, used in scripts from here on.
static struct utvm_error *find_target(struct utvm_openocd *o)
{
    struct utvm_tcl_reply reply = {0};
    struct utvm_error *error =
        utvm_openocd_eval(o, UTVM_OPENOCD_LONG(5000), &reply, "target current");
    if (error) {
        return error;
    }
    size_t plain = strspn(reply.value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789_.-+");
    if (reply.value_bytes == 0) {
        error = utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                  "OpenOCD has no target: its configuration must name a chip");
    } else if (plain != reply.value_bytes || plain >= sizeof(o->name)) {
        error = utvm_error_create(UTVM_ERROR_UNSUPPORTED, "OpenOCD's target has an odd name: '%s'",
                                  reply.value);
    } else {
        snprintf(o->name, sizeof(o->name), "%s", reply.value);
    }
    utvm_tcl_reply_deinit(&reply);
    return error;
}

static struct utvm_error *open_link(struct utvm_openocd *o,
                                    const struct utvm_probe_options *options)
{
    uint32_t timeout_ms = options->timeout_ms ? options->timeout_ms : DEFAULT_TIMEOUT_MS;
    char host[128] = "127.0.0.1";
    char port[32];
    struct utvm_error *error = NULL;
    if (options->kind == UTVM_PROBE_ATTACH) {
        error = split_endpoint(options->endpoint, host, sizeof(host), port, sizeof(port));
    } else {
        error = utvm_spawn(o, options, timeout_ms, port, sizeof(port));
    }
    if (error) {
        return error;
    }
    struct utvm_tcl_watch watch = make_watch(o);
    error = explain_start(o, utvm_tcl_connect(host, port, &watch, timeout_ms, &o->tcl));
    if (!error) {
        error = utvm_openocd_define_procedures(o);
    }
    if (!error) {
        error = find_target(o);
    }
    if (!error && !shares_files(o)) {
        utvm_exchange_deinit(&o->exchange);
    }
    // Without masking, a step needs no temporary breakpoint. A user's own server keeps its setting.
    if (!error && o->board) {
        error = utvm_openocd_eval(o, UTVM_OPENOCD_LONG(5000), NULL, "cortex_m maskisr off");
    }
    return error;
}

struct utvm_error *utvm_probe_connect(const struct utvm_probe_options *options,
                                      const volatile sig_atomic_t *cancelled,
                                      utvm_progress_fn progress, void *ctx,
                                      struct utvm_target **ret)
{
    struct utvm_error *error = check_options(options);
    if (error) {
        return error;
    }
    struct utvm_openocd *o = calloc(1, sizeof(*o));
    if (!o) {
        return utvm_error_no_memory();
    }
    o->base.ops = &utvm_openocd_ops;
    o->base.cancelled = cancelled;
    o->base.progress = progress;
    o->base.progress_ctx = ctx;
    o->private_dir.fd = -1;
    o->stopped_midway = true;
    utvm_exchange_init(&o->exchange);
    error = open_link(o, options);
    if (!error) {
        error = utvm_openocd_poll(o);
    }
    if (!error) {
        error = utvm_identify(o, options);
    }
    if (error) {
        o->base.ops->destroy(&o->base);
        return error;
    }
    *ret = &o->base;
    return NULL;
}
