// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/memories.h"
#include "core/session_impl.h"
#include "core/text.h"

// System control space. Source: Armv7-M ARM B3.2.2.
#define SCB_CFSR 0xE000ED28u
#define SCB_DHCSR 0xE000EDF0u
#define DHCSR_S_LOCKUP (1u << 19)
#define XPSR_EXCEPTION 0x1FFu

// CFSR. Source: Armv7-M ARM B3.2.15.
#define CFSR_MMARVALID (1u << 7)
#define CFSR_MSTKERR (1u << 4)
#define CFSR_BFARVALID (1u << 15)
#define CFSR_STKERR (1u << 12)

#define EXC_RETURN_MASK 0xFFFFFF00u
#define EXC_RETURN_PSP (1u << 2)
#define FRAME_PC 24u
#define HARD_FAULT 3u
#define USAGE_FAULT 6u

struct fault {
    uint32_t cfsr;
    uint32_t hfsr;
    uint32_t mmfar;
    uint32_t bfar;
    uint32_t exception; /**< number, 0 = none */
    uint32_t sp;
    bool lock_up;
    bool has_pc; /**< the faulting instruction was found on the stack */
    uint32_t pc;
};

void utvm_layer_text(const struct utvm_model *model, uint32_t layer, char *buf, size_t size)
{
    if (!model || layer >= model->num_layers) {
        snprintf(buf, size, "after the last layer");
        return;
    }
    const struct utvm_layer *l = &model->layers[layer];
    int name_bytes = (int)utvm_text_prefix(l->name, 80);
    snprintf(buf, size, "layer %u '%.*s%s' (%s)", (unsigned)layer, name_bytes, l->name,
             l->name[name_bytes] ? "…" : "", l->operator_name);
}

static struct utvm_error *read_fault(struct utvm_session *s, struct fault *ret)
{
    uint8_t scb[20];
    uint8_t dhcsr[4];
    uint32_t xpsr = 0;
    uint32_t lr = 0;
    struct utvm_error *error = utvm_target_read(s->target, SCB_CFSR, scb, sizeof(scb));
    if (!error) {
        error = utvm_target_read(s->target, SCB_DHCSR, dhcsr, sizeof(dhcsr));
    }
    if (!error) {
        error = utvm_target_read_register(s->target, UTVM_REG_XPSR, &xpsr);
    }
    if (!error) {
        error = utvm_target_read_register(s->target, UTVM_REG_LR, &lr);
    }
    struct fault f = {0};
    if (!error) {
        f.cfsr = utvm_le32(scb);
        f.hfsr = utvm_le32(scb + 4);
        f.mmfar = utvm_le32(scb + 12);
        f.bfar = utvm_le32(scb + 16);
        f.exception = xpsr & XPSR_EXCEPTION;
        f.lock_up = (utvm_le32(dhcsr) & DHCSR_S_LOCKUP) != 0;
        bool process = (lr & EXC_RETURN_MASK) == EXC_RETURN_MASK && (lr & EXC_RETURN_PSP);
        error = utvm_target_read_register(s->target, process ? UTVM_REG_PSP : UTVM_REG_MSP, &f.sp);
    }
    if (error) {
        return error;
    }
    bool in_handler = f.exception >= HARD_FAULT && f.exception <= USAGE_FAULT;
    bool stacked = !(f.cfsr & (CFSR_STKERR | CFSR_MSTKERR));
    const struct utvm_memory *memory = utvm_memory_at(0, f.sp, FRAME_PC + 8);
    if (in_handler && stacked && f.sp % 4 == 0 && memory && !memory->is_flash) {
        uint8_t word[4];
        // A stack that cannot be read leaves the place unknown; the cause is still worth telling.
        struct utvm_error *ignored =
            utvm_target_read(s->target, f.sp + FRAME_PC, word, sizeof(word));
        f.has_pc = !ignored;
        f.pc = ignored ? 0 : utvm_le32(word);
        utvm_error_drop(ignored);
    }
    *ret = f;
    return NULL;
}

static void add_cause(struct utvm_text *text, const struct fault *f)
{
    // Source: Armv7-M ARM B3.2.15 (CFSR) and B3.2.16 (HFSR).
    static const struct {
        uint32_t bit;
        const char *cause;
    } causes[] = {
        {1u << 0, "instruction fetch from protected memory"},
        {1u << 1, "access to protected memory"},
        {1u << 3, "protected memory while returning from an exception"},
        {CFSR_MSTKERR, "protected memory while stacking for an exception"},
        {1u << 5, "protected memory while saving floating-point state"},
        {1u << 8, "bus error on an instruction fetch"},
        {1u << 9, "bus error on a data access"},
        {1u << 10, "bus error on an earlier write (imprecise)"},
        {1u << 11, "bus error while returning from an exception"},
        {CFSR_STKERR, "bus error while stacking for an exception"},
        {1u << 13, "bus error while saving floating-point state"},
        {1u << 16, "undefined instruction"},
        {1u << 17, "jump to an address without the Thumb bit"},
        {1u << 18, "bad exception return"},
        {1u << 19, "coprocessor or FPU instruction while it is switched off"},
        {1u << 24, "unaligned access"},
        {1u << 25, "division by zero"},
    };
    unsigned found = 0;
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        if (f->cfsr & causes[i].bit) {
            utvm_text_addf(text, found++ ? ", %s" : "%s", causes[i].cause);
        }
    }
    if (f->hfsr & (1u << 1)) {
        utvm_text_addf(text, found++ ? ", %s" : "%s", "bus error while reading the vector table");
    }
    if (found == 0) {
        utvm_text_addf(text, "%s", f->lock_up ? "the core is locked up" : "hard fault");
    } else if (f->lock_up) {
        utvm_text_addf(text, ", and the core is locked up");
    }
}

// Distance from an address to [base, base + size): 0 inside.
static uint32_t distance(uint32_t addr, uint32_t base, uint32_t size_bytes)
{
    if (addr < base) {
        return base - addr;
    }
    uint32_t end = base + size_bytes;
    return addr < end || size_bytes == 0 ? 0 : addr - end + 1;
}

static void add_tensors_at(struct utvm_text *text, const struct utvm_session *s, uint32_t layer,
                           uint32_t addr)
{
    // Of the tensors that share the memory, the failing layer's own and the valid ones matter.
    for (uint32_t i = 0; i < s->model->num_tensors; i++) {
        const struct utvm_tensor *t = &s->model->tensors[i];
        bool holds = utvm_tensor_in_memory(t) && addr >= t->addr && addr - t->addr < t->size_bytes;
        bool matters = (t->flags & UTVM_TENSOR_CONSTANT) || layer >= s->model->num_layers ||
                       utvm_tensor_alive(s->model, t, layer);
        if (holds && matters) {
            utvm_text_addf(text, ", in tensor '%s' at byte %u", t->name,
                           (unsigned)(addr - t->addr));
            return;
        }
    }
}

// Where an address is, in the words of the model: a tensor, a region, or what is next to it.
static void add_place(struct utvm_text *text, const struct utvm_session *s, uint32_t layer,
                      uint32_t addr)
{
    const struct utvm_region *nearest = NULL;
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < s->model->num_regions; i++) {
        const struct utvm_region *r = &s->model->regions[i];
        uint32_t d = distance(addr, r->base, r->size_bytes);
        if (r->size_bytes && r->kind != UTVM_REGION_HOST && d < best) {
            best = d;
            nearest = r;
        }
    }
    if (nearest && best == 0) {
        utvm_text_addf(text, " (region '%s'", nearest->name);
        add_tensors_at(text, s, layer, addr);
        utvm_text_add(text, ")", 1);
    } else if (nearest && best < (1u << 20)) {
        utvm_text_addf(text, " (%u bytes %s region '%s')", (unsigned)best,
                       addr < nearest->base ? "below" : "beyond", nearest->name);
    } else if (!utvm_memory_at(s->target->info.device_id, addr, 1)) {
        utvm_text_addf(text, " (no memory is there)");
    }
}

static void describe(struct utvm_text *text, const struct utvm_session *s, const struct fault *f,
                     uint32_t layer, utvm_addr halted_at)
{
    add_cause(text, f);
    if (f->cfsr & CFSR_BFARVALID) {
        utvm_text_addf(text, ", address 0x%08x", (unsigned)f->bfar);
        add_place(text, s, layer, f->bfar);
    } else if (f->cfsr & CFSR_MMARVALID) {
        utvm_text_addf(text, ", address 0x%08x", (unsigned)f->mmfar);
        add_place(text, s, layer, f->mmfar);
    }
    if (f->has_pc) {
        uint32_t in = utvm_model_layer_at(s->model, f->pc);
        utvm_text_addf(text, ", at instruction 0x%08x", (unsigned)f->pc);
        if (in != UTVM_NO_INDEX && in != layer) {
            utvm_text_addf(text, " of layer %u", (unsigned)in);
        }
    } else {
        utvm_text_addf(text, ", halted at 0x%08x", (unsigned)halted_at);
    }
    if (f->sp < s->model->stack_base || (f->cfsr & (CFSR_STKERR | CFSR_MSTKERR))) {
        utvm_text_addf(text, "; the stack has overflowed: SP 0x%08x, it begins at 0x%08x",
                       (unsigned)f->sp, (unsigned)s->model->stack_base);
    }
}

struct utvm_error *utvm_session_explain_fault(struct utvm_session *s, utvm_addr pc, bool *is_fault)
{
    struct fault f;
    *is_fault = false;
    struct utvm_error *error = read_fault(s, &f);
    if (error) {
        return utvm_error_prefix(error, "reading why the core stopped at 0x%08x", (unsigned)pc);
    }
    bool in_handler = f.exception >= HARD_FAULT && f.exception <= USAGE_FAULT;
    if (!in_handler && !f.lock_up && f.cfsr == 0) {
        return utvm_error_at(UTVM_ERROR_FAULT, pc,
                             "the core stopped at 0x%08x, which is not the end of the run",
                             (unsigned)pc);
    }
    *is_fault = true;
    if (f.has_pc) {
        s->status.stop_pc = f.pc;
    }
    uint32_t layer =
        s->mailbox.magic == UTVM_MAILBOX_MAGIC && s->mailbox.state == UTVM_STATE_RUNNING
            ? s->mailbox.current_layer
            : UTVM_NO_INDEX;
    struct utvm_text text = {0};
    if (layer < s->model->num_layers) {
        char name[160];
        utvm_layer_text(s->model, layer, name, sizeof(name));
        utvm_text_addf(&text, "%s: ", name);
    }
    describe(&text, s, &f, layer, pc);
    uint8_t clear[4];
    utvm_put_le32(clear, f.cfsr); // write one to clear; the next fault shall speak for itself
    error = utvm_target_write(s->target, SCB_CFSR, clear, sizeof(clear));
    if (!error) {
        uint32_t addr = (f.cfsr & CFSR_BFARVALID)   ? f.bfar
                        : (f.cfsr & CFSR_MMARVALID) ? f.mmfar
                        : f.has_pc                  ? f.pc
                                                    : pc;
        error = text.failed ? utvm_error_no_memory()
                            : utvm_error_at(UTVM_ERROR_FAULT, addr, "%s", text.data);
    }
    utvm_text_deinit(&text);
    return error;
}
