// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/link.h"

#include <string.h>
#include <time.h>

#include "probe/probe.h"
#include "repl/interrupt.h"

static uint64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void utvm_progress_clear(struct utvm_shell *sh)
{
    if (sh->progress_open) {
        fputs("\r\033[K", sh->err);
        fflush(sh->err);
        sh->progress_open = false;
    }
}

// A bar on the error stream, only on a terminal, at most twenty times a second.
static void show_progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct utvm_shell *sh = ctx;
    enum {
        bar_width = 24,
    };
    if (!sh->err_is_terminal) {
        return;
    }
    if (total == 0 || done >= total) {
        utvm_progress_clear(sh);
        return;
    }
    uint64_t now = now_ms();
    if (now - sh->progress_shown_ms < 50) {
        return;
    }
    sh->progress_shown_ms = now;
    sh->progress_open = true;
    unsigned filled = (unsigned)((double)done / (double)total * bar_width);
    fprintf(sh->err, "\r%-24.24s [", what);
    for (unsigned i = 0; i < bar_width; i++) {
        fputc(i < filled ? '#' : '.', sh->err);
    }
    fprintf(sh->err, "] %3u %%", (unsigned)((double)done / (double)total * 100));
    fflush(sh->err);
}

struct utvm_error *utvm_link_check(const char *where)
{
    bool known = strcmp(where, "embedded-stlink") == 0 || strcmp(where, "embedded-bitbang") == 0;
    bool port = where[0] && where[strspn(where, "0123456789")] == '\0';
    if (!known && !port && !strchr(where, ':')) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "'%.60s' is not embedded-stlink, embedded-bitbang or HOST:PORT",
                                 where);
    }
    return NULL;
}

struct utvm_error *utvm_link_connect(struct utvm_shell *sh, const char *where, const char *config)
{
    const char *const configs[] = {config, NULL};
    if (!where) {
        where = utvm_settings_text(&sh->settings, UTVM_SET_TARGET);
    }
    struct utvm_error *error = config ? NULL : utvm_link_check(where);
    if (error) {
        return utvm_error_prefix(error, "connect");
    }
    struct utvm_probe_options options = {
        .kind = UTVM_PROBE_ATTACH,
        .timing = utvm_settings_text(&sh->settings, UTVM_SET_TIMING),
        .endpoint = where,
        .clock_hz = (uint32_t)utvm_settings_count(&sh->settings, UTVM_SET_CLOCK),
    };
    if (config) {
        options.kind = UTVM_PROBE_CONFIG;
        options.config_files = configs;
        options.endpoint = NULL;
    } else if (strcmp(where, "embedded-stlink") == 0) {
        options.kind = UTVM_PROBE_EMULATED;
        options.endpoint = NULL;
    } else if (strcmp(where, "embedded-bitbang") == 0) {
        options.kind = UTVM_PROBE_EMULATED_BITBANG;
        options.endpoint = NULL;
    }
    // One probe serves one OpenOCD; a server that is attached to need not be there at all.
    if (options.kind != UTVM_PROBE_ATTACH) {
        utvm_session_set_target(sh->session, NULL);
    }
    struct utvm_target *target = NULL;
    error = utvm_probe_connect(&options, utvm_interrupt_flag(), show_progress, sh, &target);
    utvm_progress_clear(sh);
    if (error) {
        return utvm_error_prefix(error, "connect %s", config ? config : where);
    }
    utvm_session_set_target(sh->session, target);
    return NULL;
}

struct utvm_error *utvm_link_ensure(struct utvm_shell *sh)
{
    const struct utvm_target *target = utvm_shell_target(sh);
    if (target && target->state != UTVM_TARGET_LOST) {
        return NULL;
    }
    return utvm_link_connect(sh, NULL, NULL);
}
