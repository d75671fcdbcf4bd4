// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/board/machine_rig.h"

#define RCC 0x40023800u
#define PWR 0x40007000u
#define FLASH_KEYR 0x40023C04u
#define FLASH_OPTKEYR 0x40023C08u
#define FLASH_SR 0x40023C0Cu
#define FLASH_CR 0x40023C10u
#define FLASH_OPTCR 0x40023C14u
#define CR_PG_X32 0x201u
#define CR_PG_X8 0x001u
#define TIM2 0x40000000u
#define TIM5 0x40000C00u
#define GPIOB 0x40020400u
#define USART3 0x40004800u

static struct rig r;

static void set_up(void)
{
    rig_init(&r);
}

static void tear_down(void)
{
    rig_deinit(&r);
}

TestSuite(machine_peripherals, .init = set_up, .fini = tear_down);

Test(machine_peripherals, names_the_device)
{
    uint32_t size;

    cr_expect_eq(board_machine_read(r.m, 0x1FF0F442u, 2, &size), BOARD_ACCESS_OK);
    cr_expect_eq(size, 1024);
    cr_expect_neq(rig_read(&r, 0x1FF0F420u), 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, 0x1FF0F000u), 0xFFFFFFFFu); // one-time programmable, empty
}

Test(machine_peripherals, programs_what_is_unlocked_and_erased)
{
    rig_unlock_flash(&r);
    rig_write(&r, FLASH_CR, CR_PG_X32);
    rig_write(&r, 0x08000100u, 0x12345678u);
    cr_expect_eq(rig_read(&r, 0x08000100u), 0x12345678u);
    cr_expect_eq(rig_read(&r, 0x00200100u), 0x12345678u);
    cr_expect_eq(rig_read(&r, FLASH_SR), 0);
    rig_write(&r, 0x00200104u, 0xCAFEF00Du);
    cr_expect_eq(rig_read(&r, 0x08000104u), 0xCAFEF00Du);
}

Test(machine_peripherals, only_clears_bits_when_programming)
{
    rig_unlock_flash(&r);
    rig_write(&r, FLASH_CR, CR_PG_X32);
    rig_write(&r, 0x08000100u, 0xFFFF00F0u);
    rig_write(&r, 0x08000100u, 0x1234FFFFu);
    cr_expect_eq(rig_read(&r, 0x08000100u), 0x123400F0u);
}

Test(machine_peripherals, refuses_to_program_while_locked)
{
    rig_write(&r, FLASH_CR, CR_PG_X32);
    cr_expect_eq(rig_read(&r, FLASH_CR), 0x80000000u);
    rig_write(&r, 0x08000100u, 0);
    cr_expect_eq(rig_read(&r, 0x08000100u), 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, FLASH_SR), 0x80);
    rig_write(&r, FLASH_SR, 0x80);
    cr_expect_eq(rig_read(&r, FLASH_SR), 0);
}

Test(machine_peripherals, stays_locked_after_a_wrong_key_until_reset)
{
    rig_write(&r, FLASH_KEYR, 0x45670123u);
    rig_write(&r, FLASH_KEYR, 0x12345678u);
    rig_unlock_flash(&r);
    cr_expect_eq(rig_read(&r, FLASH_CR) >> 31, 1);
    rig_write(&r, AIRCR, 0x05FA0004u);
    rig_unlock_flash(&r);
    cr_expect_eq(rig_read(&r, FLASH_CR) >> 31, 0);
}

Test(machine_peripherals, refuses_a_width_that_is_not_set)
{
    rig_unlock_flash(&r);
    rig_write(&r, FLASH_CR, CR_PG_X8);
    rig_write(&r, 0x08000100u, 0);
    cr_expect_eq(rig_read(&r, FLASH_SR), 0x40);
    cr_expect_eq(board_machine_write(r.m, 0x08000100u, 1, 0x7Fu), BOARD_ACCESS_OK);
    cr_expect_eq(rig_read(&r, 0x08000100u), 0xFFFFFF7Fu);
}

static void fill_sectors(void)
{
    static const uint32_t at[] = {0x08000000u, 0x08007FFCu, 0x08008000u, 0x0801FFFCu,
                                  0x08020000u, 0x0803FFFCu, 0x080C0000u, 0x080FFFFCu};

    rig_unlock_flash(&r);
    rig_write(&r, FLASH_CR, CR_PG_X32);
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        rig_write(&r, at[i], 0);
    }
}

Test(machine_peripherals, erases_sectors_of_three_sizes)
{
    fill_sectors();
    rig_write(&r, FLASH_CR, 0x10202u); // sector 0
    cr_expect_eq(rig_read(&r, 0x08000000u), 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, 0x08007FFCu), 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, 0x08008000u), 0);
    rig_write(&r, FLASH_CR, 0x10202u | 4u << 3);
    cr_expect_eq(rig_read(&r, 0x0801FFFCu), 0);
    cr_expect_eq(rig_read(&r, 0x08020000u), 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, 0x0803FFFCu), 0xFFFFFFFFu);
    rig_write(&r, FLASH_CR, 0x10202u | 7u << 3);
    cr_expect_eq(rig_read(&r, 0x080C0000u), 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, 0x080FFFFCu), 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, FLASH_SR), 0);
    rig_write(&r, FLASH_CR, 0x10202u | 9u << 3);
    cr_expect_eq(rig_read(&r, FLASH_SR), 0x80); // no such sector
}

Test(machine_peripherals, erases_everything)
{
    fill_sectors();
    rig_write(&r, FLASH_CR, 0x10204u);
    for (uint32_t at = 0x08000000u; at < 0x08100000u; at += 0x1000u) {
        cr_expect_eq(rig_read(&r, at), 0xFFFFFFFFu);
    }
}

Test(machine_peripherals, protects_sectors_by_option_bytes)
{
    rig_unlock_flash(&r);
    cr_expect_eq(rig_read(&r, FLASH_OPTCR), 0xC0FFAAFDu);
    rig_write(&r, FLASH_OPTCR, 0xC0FEAAFCu); // locked: no effect
    cr_expect_eq(rig_read(&r, FLASH_OPTCR), 0xC0FFAAFDu);
    rig_write(&r, FLASH_OPTKEYR, 0x08192A3Bu);
    rig_write(&r, FLASH_OPTKEYR, 0x4C5D6E7Fu);
    rig_write(&r, FLASH_OPTCR, 0xC0FEAAFCu);
    rig_write(&r, FLASH_OPTCR, 0xC0FEAAFEu); // start
    rig_write(&r, FLASH_CR, CR_PG_X32);
    rig_write(&r, 0x08000100u, 0);
    cr_expect_eq(rig_read(&r, FLASH_SR), 0x10);
    cr_expect_eq(rig_read(&r, 0x08000100u), 0xFFFFFFFFu);
    rig_write(&r, 0x08008000u, 0);
    cr_expect_eq(rig_read(&r, 0x08008000u), 0);
    board_machine_power_cycle(r.m);
    cr_expect_eq(rig_read(&r, FLASH_OPTCR), 0xC0FEAAFDu);
}

Test(machine_peripherals, boots_from_where_the_option_bytes_say)
{
    rig_write(&r, FLASH_OPTKEYR, 0x08192A3Bu);
    rig_write(&r, FLASH_OPTKEYR, 0x4C5D6E7Fu);
    rig_write(&r, FLASH_OPTCR + 4, 0x00408004u); // SRAM1, 0x20010000
    rig_write(&r, FLASH_OPTCR, 0xC0FFAAFEu);
    rig_write(&r, DEMCR, 1u << 24 | 1u);
    rig_write(&r, AIRCR, 0x05FA0004u);
    cr_expect_eq(rig_reg(&r, RIG_PC), rig_symbol("nothing"));
}

Test(machine_peripherals, hides_protected_flash_and_erases_it_to_open)
{
    fill_sectors();
    rig_write(&r, FLASH_OPTKEYR, 0x08192A3Bu);
    rig_write(&r, FLASH_OPTKEYR, 0x4C5D6E7Fu);
    rig_write(&r, FLASH_OPTCR, 0xC0FF55FEu);
    uint32_t value;

    cr_expect_eq(board_machine_read(r.m, 0x08000000u, 4, &value), BOARD_ACCESS_FAULT);
    rig_write(&r, FLASH_OPTCR, 0xC0FFAAFEu);
    cr_expect_eq(rig_read(&r, 0x08000000u), 0xFFFFFFFFu);
}

static void call_on_flash(const char *code, uint32_t addr, uint32_t first, uint32_t second)
{
    rig_set_reg(&r, 0, addr);
    rig_set_reg(&r, 1, first);
    rig_set_reg(&r, 2, second);
    rig_call(&r, code);
}

Test(machine_peripherals, lets_the_program_write_flash)
{
    rig_unlock_flash(&r);
    call_on_flash("program_word", 0x08000200u, 0x12345678u, 0);
    cr_expect_eq(rig_read(&r, 0x08000200u), 0xFFFFFFFFu); // PG is not set
    cr_expect_eq(rig_read(&r, FLASH_SR), 0x80);
    rig_write(&r, FLASH_SR, 0xF3);
    rig_write(&r, FLASH_CR, CR_PG_X32);
    call_on_flash("program_word", 0x08000200u, 0x12345678u, 0);
    cr_expect_eq(rig_read(&r, 0x08000200u), 0x12345678u);
    cr_expect_eq(rig_read(&r, FLASH_SR), 0);
}

Test(machine_peripherals, clears_bits_in_every_store_of_a_block)
{
    rig_unlock_flash(&r);
    rig_write(&r, FLASH_CR, CR_PG_X32);
    rig_write(&r, 0x08000300u, 0xFFFFFF0Fu);
    call_on_flash("program_twice", 0x08000300u, 0xF0FFFFFFu, 0xFFF0FFFFu);
    cr_expect_eq(rig_read(&r, 0x08000300u), 0xF0F0FF0Fu);
}

Test(machine_peripherals, runs_what_was_programmed_over_old_code)
{
    static const uint16_t first[2] = {0x2001, 0xBE00};
    static const uint16_t second[2] = {0x2002, 0xBE00};
    uint32_t word;

    rig_unlock_flash(&r);
    rig_write(&r, FLASH_CR, CR_PG_X32);
    memcpy(&word, first, 4);
    rig_write(&r, 0x08000000u, word);
    for (uint32_t alias = 0x00200000u; alias <= 0x08000000u; alias += 0x07E00000u) {
        rig_set_reg(&r, RIG_PC, alias);
        rig_run_to_halt(&r);
        cr_expect_eq(rig_reg(&r, 0), 1);
    }
    rig_write(&r, FLASH_CR, 0x10202u);
    rig_write(&r, FLASH_CR, CR_PG_X32);
    memcpy(&word, second, 4);
    rig_write(&r, 0x08000000u, word);
    for (uint32_t alias = 0x00200000u; alias <= 0x08000000u; alias += 0x07E00000u) {
        rig_set_reg(&r, RIG_PC, alias);
        rig_run_to_halt(&r);
        cr_expect_eq(rig_reg(&r, 0), 2, "alias 0x%08X", alias);
    }
}

Test(machine_peripherals, keeps_a_weak_word_erased)
{
    struct rig weak;
    const struct board_machine_config config = {.flash_fail_addr = 0x08000104u};

    rig_init_with(&weak, &config);
    rig_unlock_flash(&weak);
    rig_write(&weak, FLASH_CR, CR_PG_X32);
    rig_write(&weak, 0x08000100u, 0x11111111u);
    rig_write(&weak, 0x08000104u, 0x11111111u);
    rig_write(&weak, 0x08000108u, 0x11111111u);
    cr_expect_eq(rig_read(&weak, 0x08000100u), 0x11111111u);
    cr_expect_eq(rig_read(&weak, 0x08000104u), 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&weak, 0x08000108u), 0x11111111u);
    rig_deinit(&weak);
}

static void clock_216_mhz(void)
{
    rig_write(&r, RCC, rig_read(&r, RCC) | 1u << 16);
    cr_expect_eq(rig_read(&r, RCC) >> 17 & 1u, 1);
    rig_write(&r, PWR, rig_read(&r, PWR) | 1u << 16);
    cr_expect_eq(rig_read(&r, PWR + 4) >> 16 & 1u, 1);
    rig_write(&r, PWR, rig_read(&r, PWR) | 1u << 17);
    cr_expect_eq(rig_read(&r, PWR + 4) >> 17 & 1u, 1);
    rig_write(&r, RCC + 4, 9u << 24 | 1u << 22 | 216u << 6 | 4u); // 8 MHz / 4 * 216 / 2
    rig_write(&r, RCC, rig_read(&r, RCC) | 1u << 24);
    cr_expect_eq(rig_read(&r, RCC) >> 25 & 1u, 1);
    rig_write(&r, RCC + 8, 2u | 5u << 10 | 4u << 13); // PLL, APB1 / 4, APB2 / 2
    cr_expect_eq(rig_read(&r, RCC + 8) >> 2 & 3u, 2);
}

Test(machine_peripherals, derives_the_clock_from_the_pll)
{
    cr_expect_eq(rig_read(&r, 0xF0000010u), 16000000);
    clock_216_mhz();
    cr_expect_eq(rig_read(&r, 0xF0000010u), 216000000);
    rig_write(&r, RCC, rig_read(&r, RCC) & ~(1u << 24));
    cr_expect_eq(rig_read(&r, RCC) >> 24 & 1u, 1); // in use: stays on
    rig_write(&r, RCC + 8, 0x80u);
    cr_expect_eq(rig_read(&r, 0xF0000010u), 8000000); // HSI / 2
}

static void run_cycles(uint64_t cycles)
{
    uint64_t end = board_machine_cycles(r.m) + cycles;

    rig_set_reg(&r, 5, 0x20020000u);
    rig_goto(&r, "count_up");
    rig_resume(&r);
    while (board_machine_cycles(r.m) < end) {
        rig_run(&r, end - board_machine_cycles(r.m));
    }
    rig_halt(&r);
}

Test(machine_peripherals, counts_time_with_tim2)
{
    clock_216_mhz(); // timer clock 108 MHz: two cycles a tick
    rig_write(&r, TIM2 + 0x28, 107);
    rig_write(&r, TIM2 + 0x14, 1); // update: loads the prescaler
    rig_write(&r, TIM2, 1);
    uint64_t start = board_machine_cycles(r.m);

    run_cycles(216000);
    cr_expect_eq(rig_read(&r, TIM2 + 0x24), (board_machine_cycles(r.m) - start) / 216);
}

Test(machine_peripherals, interrupts_on_update_and_compare)
{
    rig_write(&r, TIM5 + 0x2C, 999);
    rig_write(&r, TIM5 + 0x34, 500);
    rig_write(&r, TIM5 + 0x0C, 1); // update only
    rig_write(&r, 0xE000E104u, 1u << (50 - 32));
    rig_write(&r, TIM5, 1);
    rig_set_reg(&r, 5, 0x20020000u);
    rig_goto(&r, "count_up");
    rig_resume(&r);
    for (int i = 0; i < 10 && rig_log_count(&r) == 0; i++) {
        rig_run(&r, 200);
    }
    cr_expect_eq(rig_log(&r, 0), 16 + 50);
    cr_expect_eq(rig_read(&r, TIM5 + 0x10) & 3u, 3);
    rig_run(&r, 200);
    cr_expect_gt(rig_log_count(&r), 1); // the flag is still set: the line stays active
    rig_write(&r, TIM5 + 0x10, 0);
    rig_run(&r, 50);
    uint32_t count = rig_log_count(&r);

    rig_run(&r, 200);
    cr_expect_eq(rig_log_count(&r), count);
}

Test(machine_peripherals, stops_after_one_pulse)
{
    rig_write(&r, TIM2 + 0x2C, 99);
    rig_write(&r, TIM2, 9);
    run_cycles(1000);
    cr_expect_eq(rig_read(&r, TIM2) & 1u, 0);
    cr_expect_eq(rig_read(&r, TIM2 + 0x24), 0);
    cr_expect_eq(rig_read(&r, TIM2 + 0x10) & 1u, 1);
}

Test(machine_peripherals, drives_and_reads_pins)
{
    rig_write(&r, GPIOB, 0x00000001u | 1u << 28); // PB0, PB14 outputs
    rig_write(&r, GPIOB + 0x18, 1u << 0 | 1u << 14 | 1u << 3);
    cr_expect_eq(rig_read(&r, GPIOB + 0x14), 0x4009u);
    cr_expect_eq(rig_read(&r, GPIOB + 0x10) & 0x4009u, 0x4001u);
    rig_write(&r, GPIOB + 0x18, 1u << 16);
    cr_expect_eq(rig_read(&r, GPIOB + 0x10) & 1u, 0);
    rig_write(&r, GPIOB + 0x0C, 1u << 10);
    cr_expect_eq(rig_read(&r, GPIOB + 0x10) & 32u, 32); // pulled up
}

Test(machine_peripherals, reads_zero_where_no_peripheral_is_emulated)
{
    rig_write(&r, 0x40028000u, 5);
    cr_expect_eq(rig_read(&r, 0x40028000u), 0);
    cr_expect_eq(rig_read(&r, 0x50050000u), 0);
}

Test(machine_peripherals, sends_and_receives_over_a_file_and_a_terminal)
{
    char path[] = "/tmp/utvm-usart-XXXXXX";
    int fd = mkstemp(path);
    struct rig serial;
    char got[8] = "";

    cr_assert_geq(fd, 0);
    const struct board_machine_config config = {.serial = {[2] = path}};

    rig_init_with(&serial, &config);
    rig_write(&serial, USART3 + 0x28, 'x'); // not enabled: lost
    rig_write(&serial, USART3, 0xD);
    cr_expect_eq(rig_read(&serial, USART3 + 0x1C) & 0xC0u, 0xC0);
    rig_write(&serial, USART3 + 0x28, 'o');
    rig_write(&serial, USART3 + 0x28, 'k');
    cr_expect_eq(read(fd, got, sizeof got), 2);
    cr_expect_str_eq(got, "ok");
    cr_expect_eq(board_machine_poll_fd(serial.m, 0), -1); // a file has no input
    rig_deinit(&serial);
    close(fd);
    unlink(path);
}

Test(machine_peripherals, refuses_a_file_that_cannot_be_opened)
{
    const struct board_machine_config config = {.serial = {"/nonexistent/serial"}};
    const char *error = NULL;

    cr_expect_null(board_machine_create(&config, &error));
    cr_expect_not_null(error);
}
