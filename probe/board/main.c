// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "probe/board/bitbang.h"
#include "probe/board/flash_image.h"
#include "probe/board/link.h"
#include "probe/board/loop.h"
#include "probe/board/options.h"
#include "probe/board/stlink_server.h"

#define EXIT_USAGE 2
#define ERROR_BYTES 512

/** Everything that one board consists of. */
struct board {
    struct board_options options;
    struct board_machine *machine;
    struct board_dap dap;
    struct board_stlink probe;
    struct board_stlink_server server;
    struct board_bitbang bitbang;
    struct board_link *links[BOARD_NUM_LINKS];
};

static void print_help(void)
{
    for (size_t i = 0; board_help[i]; i++) {
        const char *piece = board_help[i];
        (void)fputs(piece[0] != '\0' ? piece : board_faults_describe(), stdout);
    }
}

static int complain(const char *message)
{
    (void)fprintf(stderr, "utvm-board: %s\n", message);
    return EXIT_FAILURE;
}

/** Blocks the signals that end the board and turns them into a readable descriptor. */
static int open_signals(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static bool open_stlink(struct board *board)
{
    board_stlink_init(&board->probe, &board->dap, board->machine, &board->options.faults);
    board_stlink_server_init(&board->server, &board->probe);
    struct board_link *link = board_link_create(BOARD_LINK_STLINK, &board_stlink_protocol,
                                                &board->server, &board->options.faults);
    board->links[BOARD_LINK_STLINK] = link;
    int error = link ? board_link_listen_tcp(link, board->options.stlink_port) : ENOMEM;
    if (error != 0) {
        (void)fprintf(stderr,
                      "utvm-board: cannot listen on 127.0.0.1:%u: %s; choose another with "
                      "--stlink PORT, or 0 for a free one\n",
                      board->options.stlink_port, strerror(error));
    }
    return error == 0;
}

static bool open_bitbang(struct board *board)
{
    const struct board_options *options = &board->options;
    board_bitbang_init(&board->bitbang, &board->dap, board->machine, &board->options.faults);
    struct board_link *link = board_link_create(BOARD_LINK_BITBANG, &board_bitbang_protocol,
                                                &board->bitbang, &board->options.faults);
    board->links[BOARD_LINK_BITBANG] = link;
    int error = ENOMEM;
    if (link) {
        error = options->bitbang_path ? board_link_listen_unix(link, options->bitbang_path)
                                      : board_link_listen_tcp(link, options->bitbang_port);
    }
    if (error != 0 && options->bitbang_path) {
        (void)fprintf(stderr, "utvm-board: cannot listen on '%s': %s\n", options->bitbang_path,
                      strerror(error));
    } else if (error != 0) {
        (void)fprintf(stderr,
                      "utvm-board: cannot listen on 127.0.0.1:%u: %s; choose another with "
                      "--bitbang PORT, or 0 for a free one\n",
                      options->bitbang_port, strerror(error));
    }
    return error == 0;
}

/** Tells the parent, or a person, where the links are. */
static bool announce(const struct board *board)
{
    const struct board_options *options = &board->options;
    FILE *out = options->ready_fd < 0 ? stdout : fdopen(options->ready_fd, "w");
    if (!out) {
        (void)fprintf(stderr, "utvm-board: --ready-fd %d: %s\n", options->ready_fd,
                      strerror(errno));
        return false;
    }
    bool ok = true;
    if (options->stlink) {
        ok = fprintf(out, "utvm-board: st-link on 127.0.0.1:%u\n",
                     board_link_port(board->links[BOARD_LINK_STLINK])) > 0;
    }
    if (options->bitbang && options->bitbang_path) {
        ok = fprintf(out, "utvm-board: bit-bang on %s\n", options->bitbang_path) > 0 && ok;
    } else if (options->bitbang) {
        ok = fprintf(out, "utvm-board: bit-bang on 127.0.0.1:%u\n",
                     board_link_port(board->links[BOARD_LINK_BITBANG])) > 0 &&
             ok;
    }
    ok = (out == stdout ? fflush(out) : fclose(out)) == 0 && ok;
    if (!ok) {
        (void)complain("cannot announce the links: the reader is gone");
    }
    return ok;
}

static bool create_machine(struct board *board)
{
    const struct board_options *options = &board->options;
    struct board_machine_config config = {
        .timing = options->timing,
        .profile_path = options->profile_path,
        .flash_fail_addr = board_faults_flash_word(&options->faults),
    };
    memcpy(config.serial, options->serial, sizeof(config.serial));
    const char *reason = NULL;
    board->machine = board_machine_create(&config, &reason);
    if (!board->machine) {
        (void)complain(reason ? reason : "cannot create the machine");
        return false;
    }
    char error[ERROR_BYTES];
    if (options->flash_path &&
        !board_flash_image(board->machine, options->flash_path, error, sizeof(error))) {
        (void)complain(error);
        return false;
    }
    return true;
}

static int serve(struct board *board, int signal_fd)
{
    if (!create_machine(board)) {
        return EXIT_FAILURE;
    }
    board_dap_init(&board->dap, board->machine, &board->options.faults);
    if ((board->options.stlink && !open_stlink(board)) ||
        (board->options.bitbang && !open_bitbang(board)) || !announce(board)) {
        return EXIT_FAILURE;
    }
    struct board_loop_config config = {
        .machine = board->machine,
        .faults = &board->options.faults,
        .links = {board->links[0], board->links[1]},
        .signal_fd = signal_fd,
        .parent_fd = board->options.parent_fd,
        .stay = board->options.stay,
    };
    int error = board_loop_run(&config);
    return error == 0 ? EXIT_SUCCESS : complain(strerror(error));
}

int main(int argc, char **argv)
{
    // Asked before anything else, so that a parent that ends meanwhile is noticed below.
    pid_t parent = getppid();
    struct board *board = calloc(1, sizeof(*board));
    if (!board) {
        return complain("out of memory");
    }
    char error[ERROR_BYTES];
    int status = EXIT_SUCCESS;
    if (!board_options_parse(&board->options, argc, argv, error, sizeof(error))) {
        (void)complain(error);
        status = EXIT_USAGE;
    } else if (board->options.help) {
        print_help();
    } else if (board->options.version) {
        (void)puts("utvm-board " UTVM_VERSION);
    } else {
        int signal_fd = open_signals();
        if (board->options.die_with_parent) {
            (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        }
        if (!board->options.die_with_parent || getppid() == parent) {
            status = serve(board, signal_fd);
        }
        for (size_t i = 0; i < BOARD_NUM_LINKS; i++) {
            board_link_destroy(board->links[i]);
        }
        if (board->machine) {
            board_machine_destroy(board->machine);
        }
        (void)close(signal_fd);
    }
    free(board);
    return status;
}
