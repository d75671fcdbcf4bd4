// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/board/machine_rig.h"

/*
 * An image that is linked for silicon, programmed into flash and left alone: no debugger, its only
 * word to the world is its UART.
 */

static void program(struct board_machine *m, const char *path)
{
    static uint8_t image[65536];
    FILE *f = fopen(path, "rb");
    size_t size;
    size_t done;

    cr_assert_not_null(f, "cannot open %s", path);
    memset(image, 0xFF, sizeof image);
    size = fread(image, 1, sizeof image, f);
    fclose(f);
    cr_assert_gt(size, 0);
    board_machine_write(m, 0x40023C04u, 4, 0x45670123u);
    board_machine_write(m, 0x40023C04u, 4, 0xCDEF89ABu);
    board_machine_write(m, 0x40023C10u, 4, 0x201u);
    cr_assert_eq(board_machine_write_block(m, 0x08000000u, image, (size + 3) & ~(size_t)3, &done),
                 BOARD_ACCESS_OK);
    board_machine_power_cycle(m);
}

struct serial {
    char path[32];
    int fd;
};

static void open_serial(struct serial *s)
{
    strcpy(s->path, "/tmp/utvm-usart-XXXXXX");
    s->fd = mkstemp(s->path);
    cr_assert_geq(s->fd, 0);
}

static void expect_output(struct serial *s, const char *expected)
{
    char got[256] = "";
    ssize_t n = pread(s->fd, got, sizeof got - 1, 0);

    cr_expect_geq(n, 0);
    cr_expect_str_eq(got, expected);
    close(s->fd);
    unlink(s->path);
}

static void boot(enum board_timing_mode timing)
{
    struct serial serial;
    const char *error = "";

    open_serial(&serial);
    const struct board_machine_config config = {.timing = timing, .serial = {[2] = serial.path}};
    struct board_machine *m = board_machine_create(&config, &error);

    cr_assert_not_null(m, "%s", error);
    program(m, MACHINE_FIRMWARE_BIN);
    for (int i = 0; i < 60; i++) {
        board_machine_run(m, 100000);
    }
    uint32_t led;

    cr_expect_eq(board_machine_read(m, 0x40020414u, 4, &led), BOARD_ACCESS_OK);
    expect_output(&serial, "hello from part 3111\r\nsums 239912 239955 switched\r\n");
    board_machine_destroy(m);
}

Test(machine_firmware, boots_talks_ticks_and_switches_tasks)
{
    boot(BOARD_TIMING_COUNT);
}

Test(machine_firmware, does_so_in_the_other_modes)
{
    boot(BOARD_TIMING_FAST);
    boot(BOARD_TIMING_MEMORY);
}
