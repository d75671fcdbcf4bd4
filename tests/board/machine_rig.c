// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "tests/board/machine_rig.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define CODE_BASE 0x20010000u
#define STACK_TOP 0x20040000u

uint32_t rig_read(struct rig *r, uint32_t addr)
{
    uint32_t value = 0;

    cr_assert_eq(board_machine_read(r->m, addr, 4, &value), BOARD_ACCESS_OK, "read of 0x%08X",
                 addr);
    return value;
}

void rig_write(struct rig *r, uint32_t addr, uint32_t value)
{
    cr_assert_eq(board_machine_write(r->m, addr, 4, value), BOARD_ACCESS_OK, "write of 0x%08X",
                 addr);
}

uint32_t rig_reg(struct rig *r, unsigned reg)
{
    rig_write(r, DCRSR, reg);
    return rig_read(r, DCRDR);
}

void rig_set_reg(struct rig *r, unsigned reg, uint32_t value)
{
    rig_write(r, DCRDR, value);
    rig_write(r, DCRSR, 0x10000u | reg);
}

static void load(struct rig *r)
{
    static uint8_t image[65536];
    FILE *f = fopen(MACHINE_CODE_BIN, "rb");
    size_t size;
    size_t done;

    cr_assert_not_null(f, "cannot open %s", MACHINE_CODE_BIN);
    size = fread(image, 1, sizeof image, f);
    fclose(f);
    cr_assert_gt(size, 0);
    cr_assert_eq(board_machine_write_block(r->m, CODE_BASE, image, size, &done), BOARD_ACCESS_OK);
}

void rig_init_with(struct rig *r, const struct board_machine_config *config)
{
    const char *error = "";

    r->m = board_machine_create(config, &error);
    cr_assert_not_null(r->m, "%s", error);
    rig_write(r, DHCSR, HALT_KEY);
    rig_write(r, DEMCR, 1u << 24); // TRCENA
    rig_write(r, DWT, 1);
    rig_write(r, DWT + 0xFB0u, 0xC5ACCE55u);
    load(r);
    rig_write(r, VTOR, CODE_BASE);
    rig_set_reg(r, RIG_SP, STACK_TOP);
    rig_set_reg(r, RIG_XPSR, 0x01000000u);
}

void rig_init(struct rig *r)
{
    const struct board_machine_config config = {.timing = BOARD_TIMING_COUNT};

    rig_init_with(r, &config);
}

void rig_deinit(struct rig *r)
{
    board_machine_destroy(r->m);
}

bool rig_is_pending(struct rig *r, unsigned irq)
{
    return (rig_read(r, 0xE000E200u + irq / 32 * 4) >> (irq % 32) & 1u) != 0;
}

uint32_t rig_peek(struct rig *r, uint32_t addr)
{
    rig_set_reg(r, 0, addr);
    rig_call(r, "peek");
    return rig_reg(r, 2);
}

uint32_t rig_symbol(const char *name)
{
    char line[256];
    FILE *f = fopen(MACHINE_CODE_SYMBOLS, "r");

    cr_assert_not_null(f, "cannot open %s", MACHINE_CODE_SYMBOLS);
    while (fgets(line, sizeof line, f) != NULL) {
        unsigned addr;
        char kind;
        char symbol[200];

        if (sscanf(line, "%x %c %199s", &addr, &kind, symbol) == 3 && strcmp(symbol, name) == 0) {
            fclose(f);
            return addr & ~1u;
        }
    }
    fclose(f);
    cr_assert_fail("no symbol %s", name);
    return 0;
}

void rig_goto(struct rig *r, const char *name)
{
    rig_set_reg(r, RIG_XPSR, 0x01000000u);
    rig_set_reg(r, RIG_PC, rig_symbol(name));
}

void rig_resume(struct rig *r)
{
    rig_write(r, DHCSR, RUN_KEY);
}

void rig_halt(struct rig *r)
{
    rig_write(r, DHCSR, HALT_KEY);
}

void rig_step(struct rig *r)
{
    rig_write(r, DHCSR, STEP_KEY);
    cr_assert(rig_is_halted(r));
}

bool rig_is_halted(struct rig *r)
{
    return (rig_read(r, DHCSR) & S_HALT) != 0;
}

void rig_run_to_halt(struct rig *r)
{
    rig_resume(r);
    for (int i = 0; i < 1000; i++) {
        if (board_machine_run(r->m, 10000) == BOARD_RUN_HALTED) {
            return;
        }
    }
    rig_halt(r);
    cr_assert_fail("the core does not halt; it is at 0x%08X", rig_reg(r, RIG_PC));
}

void rig_call(struct rig *r, const char *name)
{
    rig_goto(r, name);
    rig_run_to_halt(r);
}

void rig_run(struct rig *r, uint64_t instructions)
{
    board_machine_run(r->m, instructions);
}

uint32_t rig_log_count(struct rig *r)
{
    return rig_read(r, rig_symbol("log_count"));
}

uint32_t rig_log(struct rig *r, uint32_t i)
{
    return rig_read(r, rig_symbol("log_entries") + 4 * i);
}

void rig_set_vector(struct rig *r, unsigned exc, const char *name)
{
    rig_write(r, CODE_BASE + 4 * exc, rig_symbol(name) | 1u);
}

void rig_unlock_flash(struct rig *r)
{
    rig_write(r, 0x40023C04u, 0x45670123u);
    rig_write(r, 0x40023C04u, 0xCDEF89ABu);
}
