// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/spawn.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ARGS 64
#define STLINK_LINE "utvm-board: st-link on 127.0.0.1:"
#define BITBANG_LINE "utvm-board: bit-bang on "

struct arguments {
    const char *argv[MAX_ARGS + 1];
    size_t num;
    bool too_many;
};

static void add(struct arguments *a, const char *arg)
{
    if (a->num == MAX_ARGS) {
        a->too_many = true;
        return;
    }
    a->argv[a->num++] = arg;
}

static struct utvm_error *start(const char *name, struct arguments *a, struct utvm_process **ret)
{
    if (a->too_many) {
        return utvm_error_create(UTVM_ERROR_INVALID, "%s gets more than %d arguments", name,
                                 MAX_ARGS);
    }
    a->argv[a->num] = NULL;
    return utvm_process_start(name, a->argv, ret);
}

// The board beside the running program; false leaves the search to PATH.
static bool find_beside(char path[PATH_MAX])
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length <= 0) {
        return false;
    }
    self[length] = '\0';
    return snprintf(path, PATH_MAX, "%s/utvm-board", dirname(self)) < PATH_MAX &&
           access(path, X_OK) == 0;
}

static struct utvm_error *start_board(struct utvm_openocd *o,
                                      const struct utvm_probe_options *options, uint32_t timeout_ms,
                                      char *where, size_t where_bytes)
{
    bool bitbang = options->kind == UTVM_PROBE_EMULATED_BITBANG;
    char socket_path[96];
    struct utvm_error *error = NULL;
    if (bitbang) {
        error = utvm_private_dir_init(&o->private_dir);
        if (error) {
            return error;
        }
        snprintf(socket_path, sizeof(socket_path), "%s/jtag", o->private_dir.path);
    }
    char beside[PATH_MAX];
    struct arguments a = {.num = 0};
    if (options->board_path) {
        add(&a, options->board_path);
    } else {
        add(&a, find_beside(beside) ? beside : "utvm-board");
    }
    add(&a, bitbang ? "--bitbang" : "--stlink");
    add(&a, bitbang ? socket_path : "0");
    // It ends when we end it: were it to leave with OpenOCD, it would look as if it had failed.
    add(&a, "--stay");
    if (options->timing) {
        add(&a, "--timing");
        add(&a, options->timing);
    }
    for (const char *const *arg = options->board_args; arg && *arg; arg++) {
        add(&a, *arg);
    }
    error = start("the emulated board", &a, &o->board);
    if (!error) {
        struct utvm_process_line line = {bitbang ? BITBANG_LINE : STLINK_LINE, "", where,
                                         where_bytes};
        error = utvm_process_wait_line(o->board, &line, timeout_ms, o->base.cancelled);
    }
    return utvm_error_prefix(error, "cannot start the emulated board");
}

// The board tells its port; it goes into Tcl code, so it must be one.
static struct utvm_error *check_port(const char *text)
{
    uint32_t port = 0;
    struct utvm_error *error = utvm_tcl_parse_u32(text, strlen(text), &port);
    if (!error && (port == 0 || port > 65535)) {
        error = utvm_error_create(UTVM_ERROR_FORMAT, "%u is not a TCP port", port);
    }
    return error;
}

// What OpenOCD is told about the adapter, after the ports.
static struct utvm_error *configure_adapter(const struct utvm_probe_options *options,
                                            const char *where, struct utvm_tcl_text *config)
{
    enum utvm_probe_kind kind = options->kind;
    if (kind == UTVM_PROBE_EMULATED) {
        struct utvm_error *error = check_port(where);
        if (error) {
            return utvm_error_prefix(error, "the emulated board's announcement");
        }
        utvm_tcl_text_format(config,
                             "; source [find interface/stlink-dap.cfg]; st-link backend tcp %s;"
                             " transport select dapdirect_swd",
                             where);
    } else if (kind == UTVM_PROBE_EMULATED_BITBANG) {
        utvm_tcl_text_format(config, "; adapter driver remote_bitbang; remote_bitbang host ");
        utvm_tcl_text_quote(config, where, strlen(where));
        utvm_tcl_text_format(config, "; transport select jtag");
    }
    if (kind != UTVM_PROBE_CONFIG) {
        utvm_tcl_text_format(config, "; source [find target/stm32f7x.cfg]; reset_config none");
        return NULL;
    }
    // What -f does, but for the quoting: OpenOCD itself puts the name into braces as it is.
    for (const char *const *file = options->config_files; *file; file++) {
        utvm_tcl_text_format(config, "; source [find ");
        utvm_tcl_text_quote(config, *file, strlen(*file));
        utvm_tcl_text_format(config, "]");
    }
    return NULL;
}

static struct utvm_error *start_openocd(struct utvm_openocd *o,
                                        const struct utvm_probe_options *options, const char *where)
{
    struct utvm_tcl_text config;
    utvm_tcl_text_init(&config);
    // Port 0 lets the kernel choose: no two sessions race for one. Loopback only.
    utvm_tcl_text_format(&config, "bindto 127.0.0.1; tcl_port 0; telnet_port disabled; gdb_port 0");
    struct utvm_error *error = configure_adapter(options, where, &config);
    if (!error) {
        error = utvm_tcl_text_check(&config);
    }
    if (!error) {
        struct arguments a = {.num = 0};
        add(&a, options->openocd_path ? options->openocd_path : "openocd");
        add(&a, "-c");
        add(&a, config.bytes);
        error = start("OpenOCD", &a, &o->server);
    }
    utvm_tcl_text_deinit(&config);
    return error;
}

struct utvm_error *utvm_spawn(struct utvm_openocd *o, const struct utvm_probe_options *options,
                              uint32_t timeout_ms, char *tcl_port, size_t tcl_port_bytes)
{
    char where[128] = "";
    struct utvm_error *error = NULL;
    if (options->kind != UTVM_PROBE_CONFIG) {
        error = start_board(o, options, timeout_ms, where, sizeof(where));
    }
    if (!error) {
        error = start_openocd(o, options, where);
    }
    if (!error) {
        struct utvm_process_line line = {"Listening on port ", " for tcl connections", tcl_port,
                                         tcl_port_bytes};
        error = utvm_process_wait_line(o->server, &line, timeout_ms, o->base.cancelled);
        error = utvm_error_prefix(error, "cannot start OpenOCD");
    }
    return error;
}
