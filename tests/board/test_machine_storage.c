// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>

#include "tests/board/machine_rig.h"

// Interfaces of memories that are not there: an SD card, a serial flash.

#define RCC 0x40023800u
#define SDMMC 0x40012C00u

static struct rig r;

static void set_up(void)
{
    rig_init(&r);
}

static void tear_down(void)
{
    rig_deinit(&r);
}

TestSuite(machine_storage, .init = set_up, .fini = tear_down);

Test(machine_storage, there_is_no_card_to_answer_a_command)
{
    rig_write(&r, SDMMC + 0x3C, 1u << 2);
    rig_write(&r, SDMMC + 0x0C, 1u << 10); // CMD0 wants no response
    cr_expect_eq(rig_read(&r, SDMMC + 0x34), 1u << 7);
    rig_write(&r, SDMMC + 0x38, 0x5FF);
    cr_expect_eq(rig_read(&r, SDMMC + 0x34), 0);
    rig_write(&r, SDMMC + 0x0C, 1u << 10 | 1u << 6 | 8);
    cr_expect_eq(rig_read(&r, SDMMC + 0x34), 1u << 2);
    cr_expect(rig_is_pending(&r, 49));
}

#define QUADSPI 0xA0001000u
#define QUADSPI_SR (QUADSPI + 0x08)
#define QUADSPI_CCR (QUADSPI + 0x14)
#define QUADSPI_DR (QUADSPI + 0x20)

static void start_quadspi(void)
{
    rig_write(&r, RCC + 0x38, 1u << 1);
    rig_write(&r, QUADSPI, 1u << 17 | 3u << 8 | 1); // interrupt at the end, threshold of 4 bytes
}

Test(machine_storage, no_memory_on_the_quadspi_has_an_identity_of_ones)
{
    start_quadspi();
    rig_write(&r, QUADSPI + 0x10, 5); // six bytes
    rig_write(&r, QUADSPI_CCR, 1u << 26 | 1u << 24 | 1u << 8 | 0x9F);
    cr_expect_eq(rig_read(&r, QUADSPI_SR), 6u << 8 | 1u << 5 | 1u << 2 | 1u << 1);
    cr_expect(rig_is_pending(&r, 92));
    cr_expect_eq(rig_peek(&r, QUADSPI_DR), 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, QUADSPI_SR) >> 8, 2);
    cr_expect_eq(rig_peek(&r, QUADSPI_DR) & 0xFFFFu, 0xFFFFu);
    cr_expect_eq(rig_read(&r, QUADSPI_SR), 1u << 1);
    rig_write(&r, QUADSPI + 0x0C, 0x1B);
    cr_expect_eq(rig_read(&r, QUADSPI_SR), 0);
}

Test(machine_storage, the_quadspi_writes_commands_and_data_and_polls_for_ever_for_a_zero)
{
    start_quadspi();
    rig_write(&r, QUADSPI_CCR, 1u << 8 | 0x06); // no address, no data
    cr_expect_eq(rig_read(&r, QUADSPI_SR), 1u << 1);
    rig_write(&r, QUADSPI + 0x0C, 0x1B);
    rig_write(&r, QUADSPI + 0x10, 7);
    rig_write(&r, QUADSPI_CCR, 1u << 24 | 2u << 12 | 1u << 10 | 1u << 8 | 0x02);
    cr_expect_eq(rig_read(&r, QUADSPI_SR), 0, "waits for its address");
    rig_write(&r, QUADSPI + 0x18, 0x1000);
    cr_expect_eq(rig_read(&r, QUADSPI_SR), 1u << 5 | 1u << 2);
    rig_write(&r, QUADSPI_DR, 1);
    cr_expect_eq(rig_read(&r, QUADSPI_SR), 1u << 5 | 1u << 2);
    rig_write(&r, QUADSPI_DR, 2);
    cr_expect_eq(rig_read(&r, QUADSPI_SR), 1u << 1);
    rig_write(&r, QUADSPI + 0x0C, 0x1B);
    rig_write(&r, QUADSPI + 0x24, 1); // until the busy bit of a flash is clear
    rig_write(&r, QUADSPI + 0x28, 0);
    rig_write(&r, QUADSPI_CCR, 2u << 26 | 1u << 24 | 1u << 8 | 0x05);
    cr_expect_eq(rig_read(&r, QUADSPI_SR), 1u << 5);
    rig_write(&r, QUADSPI, 1u << 1 | 1);
    cr_expect_eq(rig_read(&r, QUADSPI_SR), 1u << 1, "aborted");
    rig_write(&r, QUADSPI + 0x28, 1); // until the write enable bit is set
    rig_write(&r, QUADSPI_CCR, 2u << 26 | 1u << 24 | 1u << 8 | 0x05);
    cr_expect_eq(rig_read(&r, QUADSPI_SR), 1u << 3 | 1u << 1);
    rig_write(&r, RCC + 0x18, 1u << 1);
    cr_expect_eq(rig_read(&r, QUADSPI_SR), 0, "reset");
    cr_expect_eq(rig_read(&r, QUADSPI_CCR), 0);
}
