// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// How fast the board runs code in each timing mode, as a share of the Unicorn engine alone: the
// same code, in turns, in one process, the best of several rounds each.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unicorn/unicorn.h>

#include "probe/board/machine.h"

#define CODE_BASE 0x20010000u
#define RAM_BASE 0x20000000u
#define RAM_SIZE 0x50000u
#define SYSTEM_BASE 0xE000E000u
#define STACK_TOP 0x2004F000u
#define DHCSR 0xE000EDF0u
#define DCRSR 0xE000EDF4u
#define DCRDR 0xE000EDF8u
#define REGISTER_PC 15u
#define REGISTER_XPSR 16u
#define NUM_ENGINES 4

static const struct workload {
    const char *name;
    unsigned rounds;
    double required_fast;
    double required_memory;
} workloads[] = {
    {"convolution", 20, 0.75, 0.3},
    {"branchy C", 100, 0, 0},
};

struct image {
    uint8_t bytes[65536];
    size_t size;
    uint32_t end;
};

static void fail(const char *what)
{
    fprintf(stderr, "bench-board: %s\n", what);
    exit(1);
}

static double seconds(void)
{
    struct timespec now;

    // Processor time: others may be using the machine, too.
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void read_image(struct image *image)
{
    static const uint8_t breakpoint[2] = {0x00, 0xBE};
    FILE *f = fopen(BENCH_CODE, "rb");

    if (f == NULL) {
        fail("cannot open " BENCH_CODE);
    }
    image->size = fread(image->bytes, 1, sizeof image->bytes, f);
    fclose(f);
    for (size_t i = 0; i + 1 < image->size; i += 2) {
        if (memcmp(image->bytes + i, breakpoint, 2) == 0) {
            image->end = CODE_BASE + (uint32_t)i;
            return;
        }
    }
    fail("the code has no breakpoint");
}

/** One round on the engine alone; seconds. */
static double run_unicorn(const struct image *image, unsigned workload, unsigned rounds)
{
    uint32_t regs[2] = {workload, rounds};
    uint32_t sp = STACK_TOP;
    uc_engine *uc = NULL;
    double start;

    if (uc_open(UC_ARCH_ARM, (uc_mode)(UC_MODE_THUMB | UC_MODE_MCLASS), &uc) != UC_ERR_OK ||
        uc_ctl_set_cpu_model(uc, UC_CPU_ARM_CORTEX_M7) != UC_ERR_OK ||
        uc_mem_map(uc, RAM_BASE, RAM_SIZE, UC_PROT_ALL) != UC_ERR_OK ||
        uc_mem_map(uc, SYSTEM_BASE, 0x1000, UC_PROT_ALL) != UC_ERR_OK ||
        uc_mem_write(uc, CODE_BASE, image->bytes, image->size) != UC_ERR_OK) {
        fail("Unicorn does not start");
    }
    uc_reg_write(uc, UC_ARM_REG_R0, &regs[0]);
    uc_reg_write(uc, UC_ARM_REG_R1, &regs[1]);
    uc_reg_write(uc, UC_ARM_REG_SP, &sp);
    start = seconds();
    if (uc_emu_start(uc, CODE_BASE | 1u, image->end, 0, 0) != UC_ERR_OK) {
        fail("Unicorn does not run the code");
    }
    start = seconds() - start;
    uc_close(uc);
    return start;
}

static void write_word(struct board_machine *m, uint32_t addr, uint32_t value)
{
    if (board_machine_write(m, addr, 4, value) != BOARD_ACCESS_OK) {
        fail("the board refuses an access");
    }
}

static void write_register(struct board_machine *m, unsigned reg, uint32_t value)
{
    write_word(m, DCRDR, value);
    write_word(m, DCRSR, 0x10000u | reg);
}

struct outcome {
    double seconds;
    uint64_t instructions;
    uint64_t cycles;
};

/** One round on a board. */
static struct outcome run_board(const struct image *image, enum board_timing_mode mode,
                                unsigned workload, unsigned rounds)
{
    const struct board_machine_config config = {.timing = mode};
    const char *error = "";
    struct board_machine *m = board_machine_create(&config, &error);
    struct outcome o;
    size_t done;

    if (m == NULL) {
        fail(error);
    }
    write_word(m, DHCSR, 0xA05F0003u);
    if (board_machine_write_block(m, CODE_BASE, image->bytes, image->size, &done) !=
        BOARD_ACCESS_OK) {
        fail("the board refuses the code");
    }
    write_register(m, 0, workload);
    write_register(m, 1, rounds);
    write_register(m, 13, STACK_TOP);
    write_register(m, REGISTER_XPSR, 0x01000000u);
    write_register(m, REGISTER_PC, CODE_BASE);
    o.instructions = board_machine_instructions(m);
    o.cycles = board_machine_cycles(m);
    write_word(m, DHCSR, 0xA05F0001u);
    o.seconds = seconds();
    while (board_machine_run(m, 1000000) == BOARD_RUN_SLICE_DONE) {
    }
    o.seconds = seconds() - o.seconds;
    o.instructions = board_machine_instructions(m) - o.instructions;
    o.cycles = board_machine_cycles(m) - o.cycles;
    board_machine_destroy(m);
    return o;
}

/** Prints a workload's table; false when a required share is missed. */
static bool bench(const struct image *image, unsigned index, unsigned repeats)
{
    static const char *const names[NUM_ENGINES] = {"Unicorn alone", "count", "fast", "memory"};
    const struct workload *w = &workloads[index];
    double best[NUM_ENGINES] = {1e9, 1e9, 1e9, 1e9};
    struct outcome last[NUM_ENGINES] = {{0}};
    bool ok = true;

    for (unsigned r = 0; r < repeats; r++) {
        for (unsigned e = 0; e < NUM_ENGINES; e++) {
            double s;

            if (e == 0) {
                s = run_unicorn(image, index, w->rounds);
            } else {
                last[e] = run_board(image, (enum board_timing_mode)(e - 1), index, w->rounds);
                s = last[e].seconds;
            }
            best[e] = s < best[e] ? s : best[e];
        }
    }
    double instructions = (double)last[1].instructions;

    printf("%s: %.0f M instructions\n", w->name, instructions / 1e6);
    for (unsigned e = 0; e < NUM_ENGINES; e++) {
        double share = best[0] / best[e];
        double required = e == 2 ? w->required_fast : e == 3 ? w->required_memory : 0;

        printf("  %-14s %6.0f MIPS  %4.2f of Unicorn", names[e], instructions / best[e] / 1e6,
               share);
        if (e != 0) {
            printf("  %5.3f cycles an instruction", (double)last[e].cycles / instructions);
        }
        if (required > 0) {
            printf("  required %.2f: %s", required, share >= required ? "met" : "MISSED");
            ok = ok && share >= required;
        }
        printf("\n");
    }
    return ok;
}

int main(int argc, char **argv)
{
    static struct image image;
    unsigned repeats = argc > 1 ? (unsigned)atoi(argv[1]) : 5;
    bool ok = true;

    read_image(&image);
    for (unsigned i = 0; i < sizeof workloads / sizeof workloads[0]; i++) {
        ok = bench(&image, i, repeats) && ok;
    }
    return ok ? 0 : 1;
}
