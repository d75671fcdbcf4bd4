// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdio.h>
#include <string.h>

#include "probe/openocd_target.h"

// OpenOCD splits the register behind REGSEL 20 into four and pairs the single precision registers.
// Source: Armv7-M ARM C1.6.3; OpenOCD's `reg` listing of a Cortex-M with FPU.
static const char *const special[] = {"primask", "basepri", "faultmask", "control"};

static struct utvm_error *register_name(unsigned reg, char *name, size_t name_bytes)
{
    static const struct {
        unsigned reg;
        const char *name;
    } names[] = {{UTVM_REG_SP, "sp"},      {UTVM_REG_LR, "lr"},   {UTVM_REG_PC, "pc"},
                 {UTVM_REG_XPSR, "xPSR"},  {UTVM_REG_MSP, "msp"}, {UTVM_REG_PSP, "psp"},
                 {UTVM_REG_FPSCR, "fpscr"}};
    if (reg < UTVM_REG_SP) {
        snprintf(name, name_bytes, "r%u", reg);
        return NULL;
    }
    if (reg >= UTVM_REG_S0 && reg < UTVM_REG_END) {
        snprintf(name, name_bytes, "d%u", (reg - UTVM_REG_S0) / 2);
        return NULL;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].reg == reg) {
            snprintf(name, name_bytes, "%s", names[i].name);
            return NULL;
        }
    }
    return utvm_error_create(UTVM_ERROR_INVALID, "no core register has number %u", reg);
}

static struct utvm_error *get(struct utvm_openocd *o, const char *name, uint64_t *ret)
{
    struct utvm_tcl_reply reply = {0};
    struct utvm_error *error =
        utvm_openocd_eval(o, UTVM_OPENOCD_SHORT, &reply, "lindex [%s get_reg %s] 1", o->name, name);
    if (!error) {
        error = utvm_tcl_parse_u64(reply.value, reply.value_bytes, ret);
    }
    utvm_tcl_reply_deinit(&reply);
    return utvm_error_prefix(error, "cannot read register %s", name);
}

static struct utvm_error *set(struct utvm_openocd *o, const char *name, uint64_t value)
{
    struct utvm_error *error =
        utvm_openocd_eval(o, UTVM_OPENOCD_SHORT, NULL, "%s set_reg \"%s 0x%llx\"", o->name, name,
                          (unsigned long long)value);
    return utvm_error_prefix(error, "cannot write register %s", name);
}

struct utvm_error *utvm_openocd_read_register(struct utvm_target *t, unsigned reg, uint32_t *ret)
{
    struct utvm_openocd *o = utvm_openocd_of(t);
    uint64_t value = 0;
    if (reg == UTVM_REG_CONTROL_FAULTMASK_BASEPRI_PRIMASK) {
        uint32_t packed = 0;
        for (unsigned i = 0; i < 4; i++) {
            struct utvm_error *error = get(o, special[i], &value);
            if (error) {
                return error;
            }
            packed |= (uint32_t)(value & 0xFFu) << (8 * i);
        }
        *ret = packed;
        return NULL;
    }
    char name[16];
    struct utvm_error *error = register_name(reg, name, sizeof(name));
    if (!error) {
        error = get(o, name, &value);
    }
    if (!error) {
        bool upper_half = reg >= UTVM_REG_S0 && reg % 2 == 1;
        *ret = (uint32_t)(upper_half ? value >> 32 : value);
    }
    return error;
}

struct utvm_error *utvm_openocd_write_register(struct utvm_target *t, unsigned reg, uint32_t value)
{
    struct utvm_openocd *o = utvm_openocd_of(t);
    struct utvm_error *error = NULL;
    if (reg == UTVM_REG_CONTROL_FAULTMASK_BASEPRI_PRIMASK) {
        for (unsigned i = 0; !error && i < 4; i++) {
            error = set(o, special[i], (value >> (8 * i)) & 0xFFu);
        }
        return error;
    }
    char name[16];
    error = register_name(reg, name, sizeof(name));
    if (error) {
        return error;
    }
    uint64_t wide = value;
    if (reg >= UTVM_REG_S0) {
        uint64_t old = 0;
        error = get(o, name, &old);
        bool upper_half = reg % 2 == 1;
        wide = upper_half ? (old & 0xFFFFFFFFu) | (uint64_t)value << 32
                          : (old & ~(uint64_t)0xFFFFFFFFu) | value;
    }
    return error ? error : set(o, name, wide);
}
