// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/loop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

// Instructions between two looks at the sockets. Short slices follow traffic, so that a debugger at
// work on a running core is answered within a fraction of a millisecond; without traffic they grow
// until looking costs nothing, and a halt still takes effect within a few milliseconds.
#define SLICE_MIN 50000U
#define SLICE_MAX 400000U

// A sleeping core is looked after this often: a timer may wake it without any outside event.
#define SLEEP_MIN_MS 1
#define SLEEP_MAX_MS 64

// How long a descriptor that only reports a hang-up (a pseudo-terminal nobody has open) is left
// out.
#define HANG_UP_PAUSE_MS 100

#define MAX_MACHINE_FDS 8
#define MAX_FDS (2 + BOARD_NUM_LINKS * BOARD_LINK_MAX_FDS + MAX_MACHINE_FDS)

struct loop {
    const struct board_loop_config *config;
    uint64_t start_ms;
    uint64_t now_ms;
    uint64_t slice;
    int sleep_ms;            /**< 0 = the core does not sleep */
    uint64_t muted_until_ms; /**< machine descriptors are not watched before this */
    int quiet_turns;         /**< turns since the last client left */
};

/** What one poll() watches, in the order of the sources. */
struct watch {
    struct pollfd fds[MAX_FDS];
    size_t num;
    size_t link_start[BOARD_NUM_LINKS];
    size_t link_num[BOARD_NUM_LINKS];
    size_t machine_start;
};

static uint64_t clock_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U;
}

static void add_fd(struct watch *watch, int fd)
{
    // poll() ignores a negative descriptor, which keeps the places of the others fixed.
    watch->fds[watch->num++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void gather(const struct loop *loop, struct watch *watch)
{
    const struct board_loop_config *config = loop->config;
    watch->num = 0;
    add_fd(watch, config->signal_fd);
    add_fd(watch, config->parent_fd);
    for (size_t i = 0; i < BOARD_NUM_LINKS; i++) {
        watch->link_start[i] = watch->num;
        watch->link_num[i] = 0;
        if (config->links[i]) {
            watch->link_num[i] =
                board_link_watch(config->links[i], watch->fds + watch->num, loop->now_ms);
            watch->num += watch->link_num[i];
        }
    }
    watch->machine_start = watch->num;
    if (loop->now_ms < loop->muted_until_ms) {
        return;
    }
    for (unsigned i = 0; i < MAX_MACHINE_FDS; i++) {
        int fd = board_machine_poll_fd(config->machine, i);
        if (fd < 0) {
            break;
        }
        add_fd(watch, fd);
    }
}

static int sooner(int timeout_ms, int candidate_ms)
{
    if (candidate_ms < 0) {
        return timeout_ms;
    }
    return timeout_ms < 0 || candidate_ms < timeout_ms ? candidate_ms : timeout_ms;
}

static int until(uint64_t then_ms, uint64_t now_ms)
{
    uint64_t left = then_ms > now_ms ? then_ms - now_ms : 0;
    return left > INT_MAX ? INT_MAX : (int)left;
}

static int poll_timeout(const struct loop *loop)
{
    const struct board_loop_config *config = loop->config;
    int timeout = -1;
    if (board_machine_runnable(config->machine)) {
        timeout = loop->sleep_ms;
    }
    for (size_t i = 0; i < BOARD_NUM_LINKS; i++) {
        if (config->links[i]) {
            timeout = sooner(timeout, board_link_timeout_ms(config->links[i], loop->now_ms));
        }
    }
    uint64_t reset_ms = board_faults_reset_ms(config->faults);
    if (reset_ms != UINT64_MAX) {
        timeout = sooner(timeout, until(loop->start_ms + reset_ms, loop->now_ms));
    }
    if (loop->now_ms < loop->muted_until_ms) {
        timeout = sooner(timeout, until(loop->muted_until_ms, loop->now_ms));
    }
    // A client that has left is given one more look at the listening sockets, for its successor.
    return loop->quiet_turns > 0 ? 0 : timeout;
}

/** True when the parent has closed its end; anything it wrote is discarded. */
static bool parent_is_gone(const struct pollfd *parent)
{
    if (parent->revents == 0) {
        return false;
    }
    uint8_t discarded[64];
    ssize_t got = 0;
    do {
        got = read(parent->fd, discarded, sizeof(discarded));
    } while (got < 0 && errno == EINTR);
    return got == 0 || (got < 0 && errno != EAGAIN);
}

/** True when a client was here, none is, and none followed within a turn. */
static bool is_deserted(struct loop *loop)
{
    const struct board_loop_config *config = loop->config;
    bool left = false;
    bool present = false;
    for (size_t i = 0; i < BOARD_NUM_LINKS; i++) {
        if (config->links[i]) {
            left = left || board_link_client_left(config->links[i]);
            present = present || board_link_has_client(config->links[i]);
        }
    }
    if (!left || present || config->stay) {
        loop->quiet_turns = 0;
        return false;
    }
    return loop->quiet_turns++ > 0;
}

static void serve_machine_fds(struct loop *loop, const struct watch *watch)
{
    for (size_t i = watch->machine_start; i < watch->num; i++) {
        if ((watch->fds[i].revents & ~POLLIN) != 0 && (watch->fds[i].revents & POLLIN) == 0) {
            loop->muted_until_ms = loop->now_ms + HANG_UP_PAUSE_MS;
        }
    }
    board_machine_service(loop->config->machine);
}

static void reset_if_due(const struct loop *loop)
{
    const struct board_loop_config *config = loop->config;
    uint64_t cycles = board_machine_cycles(config->machine);
    if (board_faults_reset_due(config->faults, cycles, loop->now_ms - loop->start_ms)) {
        board_machine_set_srst(config->machine, true);
        board_machine_set_srst(config->machine, false);
    }
}

static void run_slice(struct loop *loop, bool traffic)
{
    const struct board_loop_config *config = loop->config;
    if (traffic) {
        loop->slice = SLICE_MIN;
        loop->sleep_ms = 0;
    }
    if (!board_machine_runnable(config->machine)) {
        loop->sleep_ms = 0;
        return;
    }
    uint64_t slice = loop->slice;
    uint64_t reset_cycles = board_faults_reset_cycles(config->faults);
    if (reset_cycles != UINT64_MAX) {
        // At most two instructions issue a cycle, so half of what is left never overshoots.
        uint64_t cycles = board_machine_cycles(config->machine);
        uint64_t left = reset_cycles > cycles ? (reset_cycles - cycles) / 2U + 1U : 1U;
        slice = left < slice ? left : slice;
    }
    if (board_machine_run(config->machine, slice) == BOARD_RUN_SLEEPING) {
        loop->sleep_ms = loop->sleep_ms == 0 ? SLEEP_MIN_MS : loop->sleep_ms * 2;
        loop->sleep_ms = loop->sleep_ms > SLEEP_MAX_MS ? SLEEP_MAX_MS : loop->sleep_ms;
    } else {
        loop->sleep_ms = 0;
    }
    loop->slice = loop->slice * 2 > SLICE_MAX ? SLICE_MAX : loop->slice * 2;
}

int board_loop_run(const struct board_loop_config *config)
{
    struct loop loop = {.config = config, .slice = SLICE_MIN};
    loop.start_ms = clock_ms();
    loop.now_ms = loop.start_ms;
    for (;;) {
        struct watch watch;
        gather(&loop, &watch);
        if (poll(watch.fds, (nfds_t)watch.num, poll_timeout(&loop)) < 0) {
            if (errno == EINTR) {
                continue;
            }
            return errno;
        }
        loop.now_ms = clock_ms();
        if (watch.fds[0].revents != 0 || parent_is_gone(&watch.fds[1])) {
            return 0;
        }
        bool traffic = false;
        for (size_t i = 0; i < BOARD_NUM_LINKS; i++) {
            if (config->links[i] &&
                board_link_service(config->links[i], watch.fds + watch.link_start[i],
                                   watch.link_num[i], loop.now_ms)) {
                traffic = true;
            }
        }
        if (is_deserted(&loop)) {
            return 0;
        }
        serve_machine_fds(&loop, &watch);
        reset_if_due(&loop);
        run_slice(&loop, traffic);
    }
}
