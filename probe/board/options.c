// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
    OPTION_STLINK = 256,
    OPTION_BITBANG,
    OPTION_TIMING,
    OPTION_PROFILE,
    OPTION_FLASH,
    OPTION_FAULT,
    OPTION_READY_FD,
    OPTION_PARENT_FD,
    OPTION_DIE_WITH_PARENT,
    OPTION_STAY,
    OPTION_SERIAL, // of USART1, and so on
};

static const struct option long_options[] = {
    {"stlink", required_argument, NULL, OPTION_STLINK},
    {"bitbang", required_argument, NULL, OPTION_BITBANG},
    {"timing", required_argument, NULL, OPTION_TIMING},
    {"profile", required_argument, NULL, OPTION_PROFILE},
    {"usart1", required_argument, NULL, OPTION_SERIAL},
    {"usart2", required_argument, NULL, OPTION_SERIAL + 1},
    {"usart3", required_argument, NULL, OPTION_SERIAL + 2},
    {"uart4", required_argument, NULL, OPTION_SERIAL + 3},
    {"uart5", required_argument, NULL, OPTION_SERIAL + 4},
    {"usart6", required_argument, NULL, OPTION_SERIAL + 5},
    {"uart7", required_argument, NULL, OPTION_SERIAL + 6},
    {"uart8", required_argument, NULL, OPTION_SERIAL + 7},
    {"flash", required_argument, NULL, OPTION_FLASH},
    {"fault", required_argument, NULL, OPTION_FAULT},
    {"ready-fd", required_argument, NULL, OPTION_READY_FD},
    {"parent-fd", required_argument, NULL, OPTION_PARENT_FD},
    {"die-with-parent", no_argument, NULL, OPTION_DIE_WITH_PARENT},
    {"stay", no_argument, NULL, OPTION_STAY},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

struct error_text {
    char *text;
    size_t size;
};

static bool parse_decimal(const char *text, long max, long *value)
{
    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    char *end = NULL;
    errno = 0;
    *value = strtol(text, &end, 10);
    return errno == 0 && *end == '\0' && *value <= max;
}

static bool parse_port(const char *option, const char *text, uint16_t *port,
                       const struct error_text *error)
{
    long value = 0;
    if (!parse_decimal(text, UINT16_MAX, &value)) {
        (void)snprintf(error->text, error->size, "%s '%s': a TCP port is a number from 0 to 65535",
                       option, text);
        return false;
    }
    *port = (uint16_t)value;
    return true;
}

static bool parse_fd(const char *option, const char *text, int *fd, const struct error_text *error)
{
    long value = 0;
    if (!parse_decimal(text, INT_MAX, &value)) {
        (void)snprintf(error->text, error->size, "%s '%s': a file descriptor is a number", option,
                       text);
        return false;
    }
    *fd = (int)value;
    return true;
}

static bool parse_timing(const char *text, enum board_timing_mode *timing,
                         const struct error_text *error)
{
    static const char *const names[] = {
        [BOARD_TIMING_COUNT] = "count",
        [BOARD_TIMING_FAST] = "fast",
        [BOARD_TIMING_MEMORY] = "memory",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            *timing = (enum board_timing_mode)i;
            return true;
        }
    }
    (void)snprintf(error->text, error->size, "--timing '%s': must be count, fast or memory", text);
    return false;
}

static bool parse_bitbang(struct board_options *options, const char *text,
                          const struct error_text *error)
{
    options->bitbang = true;
    options->bitbang_path = NULL;
    if (strspn(text, "0123456789") == strlen(text) && text[0] != '\0') {
        return parse_port("--bitbang", text, &options->bitbang_port, error);
    }
    if (text[0] == '\0') {
        (void)snprintf(error->text, error->size, "--bitbang: the path is empty");
        return false;
    }
    options->bitbang_path = text;
    return true;
}

static bool take_option(struct board_options *options, int id, const char *value,
                        const struct error_text *error)
{
    if (id >= OPTION_SERIAL && id < OPTION_SERIAL + (int)BOARD_NUM_SERIAL) {
        options->serial[id - OPTION_SERIAL] = value;
        return true;
    }
    switch (id) {
    case OPTION_STLINK:
        options->stlink = true;
        return parse_port("--stlink", value, &options->stlink_port, error);
    case OPTION_BITBANG:
        return parse_bitbang(options, value, error);
    case OPTION_TIMING:
        return parse_timing(value, &options->timing, error);
    case OPTION_PROFILE:
        options->profile_path = value;
        return true;
    case OPTION_FLASH:
        options->flash_path = value;
        return true;
    case OPTION_FAULT:
        return board_faults_add(&options->faults, value, error->text, error->size);
    case OPTION_READY_FD:
        return parse_fd("--ready-fd", value, &options->ready_fd, error);
    case OPTION_PARENT_FD:
        return parse_fd("--parent-fd", value, &options->parent_fd, error);
    case OPTION_DIE_WITH_PARENT:
        options->die_with_parent = true;
        return true;
    case OPTION_STAY:
        options->stay = true;
        return true;
    case 'h':
        options->help = true;
        return true;
    default:
        options->version = true;
        return true;
    }
}

bool board_options_parse(struct board_options *options, int argc, char **argv, char *error,
                         size_t error_size)
{
    memset(options, 0, sizeof(*options));
    options->timing = BOARD_TIMING_FAST;
    options->ready_fd = -1;
    options->parent_fd = -1;
    struct error_text message = {error, error_size};
    optind = 0; // starts over, also in a process that has parsed before
    opterr = 0;
    int id = 0;
    while ((id = getopt_long(argc, argv, ":hV", long_options, NULL)) != -1) {
        if (id == ':') {
            (void)snprintf(error, error_size, "%s needs a value; see --help", argv[optind - 1]);
            return false;
        }
        if (id == '?') {
            (void)snprintf(error, error_size, "unknown option '%s'; see --help", argv[optind - 1]);
            return false;
        }
        if (!take_option(options, id, optarg, &message)) {
            return false;
        }
    }
    if (optind < argc) {
        (void)snprintf(error, error_size, "unexpected argument '%s'; see --help", argv[optind]);
        return false;
    }
    if (!options->stlink && !options->bitbang) {
        options->stlink = true;
        options->stlink_port = BOARD_DEFAULT_PORT;
    }
    return true;
}
