// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/target.h"

#include <string.h>
#include <time.h>

// Back ends stay thin: whether a call is allowed now, whether the back end has it at all, and what
// a lost link means is decided here, once.

// How long a back end waits for the halt before cancellation and time-out are looked at again. A
// Ctrl-C shall halt the core within 100 ms.
#define WAIT_SLICE_MS 50

// Ctrl-C once halts the core; again, it gives up waiting even for that.
#define CANCEL_ABANDON 2

static struct utvm_error *check(struct utvm_target *t, bool has_slot, const char *what)
{
    if (t->state == UTVM_TARGET_LOST) {
        return utvm_error_create(UTVM_ERROR_LOST, "the link to the target is lost; connect again");
    }
    if (!has_slot) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "target '%s' cannot %s", t->ops->name,
                                 what);
    }
    return NULL;
}

static struct utvm_error *check_halted(struct utvm_target *t, bool has_slot, const char *what)
{
    struct utvm_error *error = check(t, has_slot, what);
    if (!error && t->state != UTVM_TARGET_HALTED) {
        return utvm_error_create(UTVM_ERROR_STATE, "cannot %s: the core is running; halt it first",
                                 what);
    }
    return error;
}

// Every result of a back end passes through here, so that LOST is remembered.
static struct utvm_error *seen(struct utvm_target *t, struct utvm_error *error)
{
    if (error && error->code == UTVM_ERROR_LOST) {
        t->state = UTVM_TARGET_LOST;
    }
    return error;
}

static struct utvm_error *seen_state(struct utvm_target *t, struct utvm_error *error,
                                     enum utvm_target_state state)
{
    if (!error) {
        t->state = state;
    }
    return seen(t, error);
}

void utvm_target_destroy(struct utvm_target *t)
{
    if (t) {
        UTVM_ASSERT(t->ops->destroy);
        t->ops->destroy(t);
    }
}

static struct utvm_error *check_range(utvm_addr addr, size_t size_bytes)
{
    if (size_bytes && size_bytes - 1 > UINT32_MAX - addr) {
        return utvm_error_at(UTVM_ERROR_INVALID, addr,
                             "%zu bytes at 0x%08x go beyond the address space", size_bytes,
                             (unsigned)addr);
    }
    return NULL;
}

struct utvm_error *utvm_target_read(struct utvm_target *t, utvm_addr addr, void *buf,
                                    size_t size_bytes)
{
    struct utvm_error *error = check(t, t->ops->read != NULL, "read memory");
    if (!error) {
        error = check_range(addr, size_bytes);
    }
    if (error || size_bytes == 0) {
        return error;
    }
    UTVM_ASSERT(t->ops->read);
    return seen(t, t->ops->read(t, addr, buf, size_bytes));
}

struct utvm_error *utvm_target_write(struct utvm_target *t, utvm_addr addr, const void *buf,
                                     size_t size_bytes)
{
    struct utvm_error *error = check(t, t->ops->write != NULL, "write memory");
    if (!error) {
        error = check_range(addr, size_bytes);
    }
    return error || size_bytes == 0 ? error : seen(t, t->ops->write(t, addr, buf, size_bytes));
}

struct utvm_error *utvm_target_write_flash(struct utvm_target *t, utvm_addr addr, const void *buf,
                                           size_t size_bytes)
{
    struct utvm_error *error = check_halted(t, t->ops->write_flash != NULL, "program flash");
    if (!error) {
        error = check_range(addr, size_bytes);
    }
    return error || size_bytes == 0 ? error
                                    : seen(t, t->ops->write_flash(t, addr, buf, size_bytes));
}

struct utvm_error *utvm_target_halt(struct utvm_target *t)
{
    struct utvm_error *error = check(t, t->ops->halt != NULL, "halt");
    if (error) {
        return error;
    }
    UTVM_ASSERT(t->ops->halt);
    return seen_state(t, t->ops->halt(t), UTVM_TARGET_HALTED);
}

struct utvm_error *utvm_target_resume(struct utvm_target *t)
{
    struct utvm_error *error = check_halted(t, t->ops->resume != NULL, "resume");
    return error ? error : seen_state(t, t->ops->resume(t), UTVM_TARGET_RUNNING);
}

struct utvm_error *utvm_target_reset_halt(struct utvm_target *t)
{
    struct utvm_error *error = check(t, t->ops->reset_halt != NULL, "reset");
    return error ? error : seen_state(t, t->ops->reset_halt(t), UTVM_TARGET_HALTED);
}

struct utvm_error *utvm_target_reset_run(struct utvm_target *t)
{
    struct utvm_error *error = check(t, t->ops->reset_run != NULL, "reset");
    return error ? error : seen_state(t, t->ops->reset_run(t), UTVM_TARGET_RUNNING);
}

struct utvm_error *utvm_target_read_register(struct utvm_target *t, unsigned reg, uint32_t *ret)
{
    struct utvm_error *error = check_halted(t, t->ops->read_register != NULL, "read registers");
    return error ? error : seen(t, t->ops->read_register(t, reg, ret));
}

struct utvm_error *utvm_target_write_register(struct utvm_target *t, unsigned reg, uint32_t value)
{
    struct utvm_error *error = check_halted(t, t->ops->write_register != NULL, "write registers");
    return error ? error : seen(t, t->ops->write_register(t, reg, value));
}

struct utvm_error *utvm_target_monitor(struct utvm_target *t, const char *command, char **ret)
{
    struct utvm_error *error = check(t, t->ops->monitor != NULL, "take server commands");
    return error ? error : seen(t, t->ops->monitor(t, command, ret));
}

static uint64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static int cancel_count(const struct utvm_target *t)
{
    return t->cancelled ? (int)*t->cancelled : 0;
}

static struct utvm_error *abandoned(void)
{
    return utvm_error_create(UTVM_ERROR_CANCELLED, "abandoned while the core was still running");
}

// Halts a core that did not stop by itself and reads what it has left. This work is what Ctrl-C
// asked for; only another one ends it.
static struct utvm_error *stop_call(struct utvm_target *t, const struct utvm_call *call,
                                    struct utvm_call_result *ret)
{
    t->known_cancels = CANCEL_ABANDON - 1;
    struct utvm_error *error = utvm_target_halt(t);
    if (!error) {
        error = utvm_target_read_register(t, UTVM_REG_PC, &ret->pc);
    }
    if (!error && call->result_words) {
        error = utvm_target_read(t, call->result_addr, ret->words, 4 * (size_t)call->result_words);
    }
    t->known_cancels = 0;
    if (error && error->code == UTVM_ERROR_CANCELLED) {
        utvm_error_drop(error);
        return abandoned();
    }
    if (!error) {
        ret->state = UTVM_TARGET_HALTED;
        ret->interrupted = true;
    }
    return error;
}

static uint32_t next_slice(uint64_t started, uint32_t timeout_ms)
{
    if (timeout_ms == 0) {
        return WAIT_SLICE_MS;
    }
    uint64_t spent = now_ms() - started;
    uint64_t left = spent < timeout_ms ? timeout_ms - spent : 0;
    return left < WAIT_SLICE_MS ? (uint32_t)left : WAIT_SLICE_MS;
}

static struct utvm_error *wait_for_halt(struct utvm_target *t, const struct utvm_call *call,
                                        uint64_t started, uint32_t timeout_ms,
                                        struct utvm_call_result *ret)
{
    while (ret->state == UTVM_TARGET_RUNNING) {
        int cancels = cancel_count(t);
        if (cancels >= CANCEL_ABANDON) {
            return abandoned();
        }
        bool timed_out = timeout_ms && now_ms() - started >= timeout_ms;
        if (cancels || timed_out) {
            ret->timed_out = timed_out && !cancels;
            return stop_call(t, call, ret);
        }
        struct utvm_error *error =
            seen(t, t->ops->wait(t, call, next_slice(started, timeout_ms), ret));
        if (error && error->code == UTVM_ERROR_CANCELLED && cancel_count(t)) {
            utvm_error_drop(error); // the flag itself decides, at the head of the loop
            ret->state = UTVM_TARGET_RUNNING;
        } else if (error) {
            return error;
        }
    }
    t->state = ret->state;
    return NULL;
}

static struct utvm_error *prepare_call(struct utvm_target *t, struct utvm_call_result *ret)
{
    ret->state = UTVM_TARGET_RUNNING;
    ret->interrupted = false;
    ret->timed_out = false;
    ret->pc = 0;
    return check_halted(t, t->ops->call && t->ops->wait, "run code");
}

struct utvm_error *utvm_target_call(struct utvm_target *t, const struct utvm_call *call,
                                    uint32_t timeout_ms, struct utvm_call_result *ret)
{
    struct utvm_error *error = prepare_call(t, ret);
    if (error) {
        return error;
    }
    uint64_t started = now_ms();
    t->state = UTVM_TARGET_RUNNING;
    error = seen(t, t->ops->call(t, call, next_slice(started, timeout_ms), ret));
    if (error && error->code == UTVM_ERROR_CANCELLED && cancel_count(t)) {
        utvm_error_drop(error);
        ret->state = UTVM_TARGET_RUNNING;
        error = NULL;
    }
    return error ? error : wait_for_halt(t, call, started, timeout_ms, ret);
}

struct utvm_error *utvm_target_call_continue(struct utvm_target *t, const struct utvm_call *call,
                                             uint32_t timeout_ms, struct utvm_call_result *ret)
{
    struct utvm_error *error = prepare_call(t, ret);
    if (!error) {
        error = utvm_target_resume(t);
    }
    return error ? error : wait_for_halt(t, call, now_ms(), timeout_ms, ret);
}
