// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/clock.h"
#include "probe/openocd_target.h"

// How long one request may wait inside OpenOCD. It serves nobody else meanwhile, and Ctrl-C waits
// for it.
#define SLICE_MS 20
// How long the request that starts a layer looks at the core without a pause.
#define SPIN_MS 2
// T bit alone: thread mode, no IT block, no interrupted load-multiple. Source: Armv7-M ARM B1.4.2.
#define XPSR_CLEAN 0x01000000u

// The reply of utvm_wait: {STATE} or {halted PC {WORD ...}}.
static struct utvm_error *parse_outcome(const struct utvm_tcl_reply *reply,
                                        const struct utvm_call *call, struct utvm_call_result *ret)
{
    struct utvm_tcl_list list = {0};
    struct utvm_error *error = utvm_tcl_list_parse(reply->value, reply->value_bytes, 3, &list);
    if (error) {
        return error;
    }
    enum utvm_target_state state = UTVM_TARGET_RUNNING;
    uint32_t pc = ret->pc;
    if (list.num_words == 0) {
        error = utvm_error_create(UTVM_ERROR_FORMAT, "OpenOCD's reply to a call is empty");
    } else {
        error = utvm_openocd_parse_state(list.words[0].text, &state);
    }
    if (!error && state == UTVM_TARGET_HALTED && list.num_words != 3) {
        error = utvm_error_create(UTVM_ERROR_FORMAT, "OpenOCD's reply to a call has %zu words",
                                  list.num_words);
    }
    if (!error && state == UTVM_TARGET_HALTED) {
        error = utvm_tcl_parse_u32(list.words[1].text, list.words[1].size_bytes, &pc);
        if (!error && call->result_words > 0) {
            error = utvm_tcl_parse_numbers(list.words[2].text, list.words[2].size_bytes, UINT32_MAX,
                                           call->result_words, ret->words);
        }
    }
    if (!error) {
        ret->state = state;
        ret->pc = pc;
    }
    utvm_tcl_list_deinit(&list);
    return error;
}

static uint32_t slice_ms(uint64_t deadline_ms)
{
    uint64_t now = utvm_clock_ms();
    uint64_t left = deadline_ms > now ? deadline_ms - now : 0;
    return left < SLICE_MS ? (uint32_t)left : SLICE_MS;
}

// Runs one slice's script and takes in its reply. If Ctrl-C cuts it short, the core is taken to
// run: who called decides to halt it.
static struct utvm_error *run_slice(struct utvm_openocd *o, struct utvm_tcl_text *script,
                                    const struct utvm_call *call, struct utvm_call_result *result)
{
    struct utvm_tcl_reply reply = {0};
    struct utvm_error *error = utvm_openocd_eval_text(o, UTVM_OPENOCD_SHORT, &reply, script);
    if (error && error->code == UTVM_ERROR_CANCELLED) {
        utvm_error_drop(error);
        result->state = UTVM_TARGET_RUNNING;
        return NULL;
    }
    if (!error) {
        error = parse_outcome(&reply, call, result);
    }
    utvm_tcl_reply_deinit(&reply);
    return error;
}

static struct utvm_error *wait_slice(struct utvm_openocd *o, const struct utvm_call *call,
                                     uint64_t deadline_ms, struct utvm_call_result *result)
{
    struct utvm_tcl_text script;
    utvm_tcl_text_init(&script);
    utvm_tcl_text_format(&script, "utvm_wait %s 0x%08x %u %u 0", o->name, call->result_addr,
                         call->result_words, slice_ms(deadline_ms));
    return run_slice(o, &script, call, result);
}

// Waits on, slice by slice, while the core runs and there is time; hands over the result.
static struct utvm_error *finish(struct utvm_openocd *o, const struct utvm_call *call,
                                 uint64_t deadline_ms, struct utvm_call_result *result,
                                 struct utvm_call_result *ret)
{
    struct utvm_error *error = NULL;
    while (!error && result->state == UTVM_TARGET_RUNNING && !utvm_target_is_cancelled(&o->base) &&
           utvm_clock_ms() < deadline_ms) {
        error = wait_slice(o, call, deadline_ms, result);
    }
    if (!error) {
        o->base.state = result->state;
        *ret = *result;
    }
    return error;
}

struct utvm_error *utvm_openocd_call(struct utvm_target *t, const struct utvm_call *call,
                                     uint32_t wait_ms, struct utvm_call_result *ret)
{
    struct utvm_openocd *o = utvm_openocd_of(t);
    uint64_t deadline_ms = utvm_clock_ms() + wait_ms;
    struct utvm_tcl_text script;
    utvm_tcl_text_init(&script);
    utvm_tcl_text_format(&script, "utvm_call %s 0x%08x \"r0 0x%x r1 0x%x r2 0x%x", o->name,
                         call->pc, call->args[0], call->args[1], call->args[2]);
    if (o->stopped_midway) {
        utvm_tcl_text_format(&script, " xPSR 0x%x", XPSR_CLEAN);
    }
    utvm_tcl_text_format(&script, "\" 0x%08x %u %u %u", call->result_addr, call->result_words,
                         slice_ms(deadline_ms), SPIN_MS);
    struct utvm_call_result result = {.words = ret->words};
    struct utvm_error *error = run_slice(o, &script, call, &result);
    if (!error) {
        o->stopped_midway = false;
        error = finish(o, call, deadline_ms, &result, ret);
    }
    return utvm_error_prefix(error, "cannot call 0x%08x", call->pc);
}

struct utvm_error *utvm_openocd_wait(struct utvm_target *t, const struct utvm_call *call,
                                     uint32_t wait_ms, struct utvm_call_result *ret)
{
    struct utvm_openocd *o = utvm_openocd_of(t);
    uint64_t deadline_ms = utvm_clock_ms() + wait_ms;
    struct utvm_call_result result = {.words = ret->words};
    struct utvm_error *error = wait_slice(o, call, deadline_ms, &result);
    if (!error) {
        error = finish(o, call, deadline_ms, &result, ret);
    }
    return utvm_error_prefix(error, "cannot wait for the core");
}
