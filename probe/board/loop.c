// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

// Instructions between two looks at the sockets. A core that begins to run, and one whose memory is
// being moved meanwhile, is interrupted often, so that its debugger is answered within a fraction
// of a millisecond. The longer it runs the rarer: a debugger that keeps asking whether it has
// halted then spends its time waiting instead of taking the processor from the core, and learns of
// the halt no later, since a slice ends with it.
#define SLICE_MIN 50000U
#define SLICE_MAX 400000U

// On the bit-bang link one question is dozens of exchanges, and each waits for a slice.
#define SLICE_BITBANG 10000U

// OpenOCD asks whether the core has halted by three exchanges, and halts it by one more. If each of
// them had to wait for a slice, a halt would take as many; so after an exchange the next one is
// waited for, this long and so many times.
#define FOLLOW_UP_NS UINT64_C(60000)
#define FOLLOW_UPS_MAX 4

// More than a question and its answer in one turn: a transfer.
#define BULK_BYTES 512U

// A core that says it sleeps though its next event is due is looked after this often: an interrupt
// may be pending that does not wake it.
#define LOOK_MIN_NS UINT64_C(1000000)
#define LOOK_MAX_NS UINT64_C(64000000)

// How long a descriptor that only reports a hang-up (a pseudo-terminal nobody has open) is left
// out.
#define HANG_UP_PAUSE_MS 100

#define MAX_MACHINE_FDS 8
#define MAX_FDS (2 + BOARD_NUM_LINKS * BOARD_LINK_MAX_FDS + MAX_MACHINE_FDS)

struct loop {
    const struct board_loop_config *config;
    uint64_t start_ms;
    uint64_t now_ms;
    uint64_t now_ns; /**< the same clock */
    uint64_t slice;
    int follow_ups; /**< exchanges since the last slice */
    bool asleep;    /**< the core sleeps until wake_ns, or until something wakes it */
    uint64_t wake_ns;
    uint64_t look_ns;        /**< pause before the next look at a core that does not wake */
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

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

static void read_clock(struct loop *loop)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    loop->now_ns = (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
    loop->now_ms = loop->now_ns / NS_PER_MS;
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

/** Shortens a waiting time; UINT64_MAX = for ever. */
static void shorten(uint64_t *wait_ns, uint64_t candidate_ns)
{
    *wait_ns = candidate_ns < *wait_ns ? candidate_ns : *wait_ns;
}

static uint64_t until_ms(const struct loop *loop, uint64_t then_ms)
{
    return then_ms > loop->now_ms ? (then_ms - loop->now_ms) * NS_PER_MS : 0;
}

/** How long poll() may wait; UINT64_MAX = for ever. */
static uint64_t waiting_time(const struct loop *loop)
{
    const struct board_loop_config *config = loop->config;
    uint64_t wait_ns = UINT64_MAX;
    if (board_machine_runnable(config->machine)) {
        bool early = loop->asleep && loop->wake_ns > loop->now_ns;
        wait_ns = early ? loop->wake_ns - loop->now_ns : 0;
        wait_ns = !early && loop->follow_ups > 0 ? FOLLOW_UP_NS : wait_ns;
    }
    for (size_t i = 0; i < BOARD_NUM_LINKS; i++) {
        int timeout_ms = -1;
        if (config->links[i]) {
            timeout_ms = board_link_timeout_ms(config->links[i], loop->now_ms);
        }
        if (timeout_ms >= 0) {
            shorten(&wait_ns, (uint64_t)timeout_ms * NS_PER_MS);
        }
    }
    uint64_t reset_ms = board_faults_reset_ms(config->faults);
    if (reset_ms != UINT64_MAX) {
        shorten(&wait_ns, until_ms(loop, loop->start_ms + reset_ms));
    }
    if (loop->now_ms < loop->muted_until_ms) {
        shorten(&wait_ns, until_ms(loop, loop->muted_until_ms));
    }
    // A client that has left is given one more look at the listening sockets, for its successor.
    return loop->quiet_turns > 0 ? 0 : wait_ns;
}

/** @return 0, or an errno value */
static int wait_for_events(struct loop *loop, struct watch *watch)
{
    uint64_t wait_ns = waiting_time(loop);
    struct timespec timeout = {
        .tv_sec = (time_t)(wait_ns / NS_PER_S),
        .tv_nsec = (long)(wait_ns % NS_PER_S),
    };
    int ready = 0;
    do {
        ready =
            ppoll(watch->fds, (nfds_t)watch->num, wait_ns == UINT64_MAX ? NULL : &timeout, NULL);
    } while (ready < 0 && errno == EINTR);
    read_clock(loop);
    return ready < 0 ? errno : 0;
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

/** Instructions that the next slice may run. */
static uint64_t slice_size(const struct loop *loop)
{
    uint64_t reset_cycles = board_faults_reset_cycles(loop->config->faults);
    if (reset_cycles == UINT64_MAX) {
        return loop->slice;
    }
    // At most two instructions issue a cycle, so half of what is left never overshoots.
    uint64_t cycles = board_machine_cycles(loop->config->machine);
    uint64_t left = reset_cycles > cycles ? (reset_cycles - cycles) / 2U + 1U : 1U;
    return left < loop->slice ? left : loop->slice;
}

/**
 * Lets the clock on the wall pass as the modelled one will: a core that waits for a timer costs no
 * processor time, and its firmware's delays feel like delays.
 */
static void fall_asleep(struct loop *loop)
{
    uint64_t sleep_ns = board_machine_sleep_ns(loop->config->machine);
    if (sleep_ns == UINT64_MAX) {
        loop->look_ns = loop->look_ns == 0 ? LOOK_MIN_NS : loop->look_ns * 2;
        loop->look_ns = loop->look_ns > LOOK_MAX_NS ? LOOK_MAX_NS : loop->look_ns;
        sleep_ns = loop->look_ns;
    } else {
        loop->look_ns = 0;
    }
    loop->asleep = true;
    loop->wake_ns = loop->now_ns + sleep_ns;
}

/** True when a sleeping core has to be looked at: its time has come, or something has woken it. */
static bool wakes(const struct loop *loop)
{
    uint64_t sleep_ns = board_machine_sleep_ns(loop->config->machine);
    return loop->now_ns >= loop->wake_ns || sleep_ns == 0 || sleep_ns == UINT64_MAX;
}

static void run_slice(struct loop *loop, size_t bytes_moved, size_t bitbang_bytes)
{
    struct board_machine *machine = loop->config->machine;
    if (bytes_moved > 0) {
        loop->look_ns = 0;
    }
    if (bytes_moved > BULK_BYTES) {
        loop->slice = SLICE_MIN;
    }
    if (bitbang_bytes > 0) {
        loop->slice = SLICE_BITBANG;
    }
    if (!board_machine_runnable(machine)) {
        loop->asleep = false;
        loop->slice = SLICE_MIN;
        loop->follow_ups = 0;
        return;
    }
    if (loop->asleep && !wakes(loop)) {
        return;
    }
    if (bytes_moved > bitbang_bytes && loop->follow_ups < FOLLOW_UPS_MAX) {
        loop->follow_ups++;
        return;
    }
    loop->follow_ups = 0;
    loop->asleep = false;
    if (board_machine_run(machine, slice_size(loop)) == BOARD_RUN_SLEEPING) {
        fall_asleep(loop);
    } else {
        loop->look_ns = 0;
    }
    loop->slice += loop->slice / 4;
    loop->slice = loop->slice > SLICE_MAX ? SLICE_MAX : loop->slice;
}

int board_loop_run(const struct board_loop_config *config)
{
    struct loop loop = {.config = config, .slice = SLICE_MIN};
    read_clock(&loop);
    loop.start_ms = loop.now_ms;
    for (;;) {
        struct watch watch;
        gather(&loop, &watch);
        int error = wait_for_events(&loop, &watch);
        if (error != 0) {
            return error;
        }
        if (watch.fds[0].revents != 0 || parent_is_gone(&watch.fds[1])) {
            return 0;
        }
        size_t bytes_moved = 0;
        size_t bitbang_bytes = 0;
        for (size_t i = 0; i < BOARD_NUM_LINKS; i++) {
            if (config->links[i]) {
                size_t bytes = board_link_service(config->links[i], watch.fds + watch.link_start[i],
                                                  watch.link_num[i], loop.now_ms);
                bytes_moved += bytes;
                bitbang_bytes += i == BOARD_LINK_BITBANG ? bytes : 0;
            }
        }
        if (is_deserted(&loop)) {
            return 0;
        }
        serve_machine_fds(&loop, &watch);
        reset_if_due(&loop);
        run_slice(&loop, bytes_moved, bitbang_bytes);
    }
}
