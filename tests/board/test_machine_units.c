// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "tests/board/machine_rig.h"

// The peripherals that firmware of other people touches on its way to its main loop. A debugger
// accesses their registers here; what the core sees of them are interrupts and resets.

#define TIM1 0x40010000u
#define TIM3 0x40000400u
#define TIM6 0x40001000u
#define TIM10 0x40014400u
#define USART1 0x40011000u
#define USART2 0x40004400u
#define RTC 0x40002800u
#define WWDG 0x40002C00u
#define IWDG 0x40003000u
#define PWR 0x40007000u
#define SYSCFG 0x40013800u
#define EXTI 0x40013C00u
#define GPIOC 0x40020800u
#define CRC 0x40023000u
#define RCC 0x40023800u
#define DMA1 0x40026000u
#define DMA2 0x40026400u
#define RNG 0x50060800u
#define USART_CR1 0x00u
#define USART_CR3 0x08u
#define ISR 0x1Cu
#define ICR 0x20u
#define TDR 0x28u
#define DIER 0x0Cu
#define SR 0x10u
#define EGR 0x14u
#define CNT 0x24u
#define ARR 0x2Cu
#define CSR 0x74u
#define BDCR 0x70u
#define RAM 0x20020000u

static struct rig r;

static void set_up(void)
{
    rig_init(&r);
}

static void tear_down(void)
{
    rig_deinit(&r);
}

TestSuite(machine_units, .init = set_up, .fini = tear_down);

static void clear_pending(void)
{
    for (unsigned i = 0; i < 4; i++) {
        rig_write(&r, 0xE000E280u + 4 * i, 0xFFFFFFFFu);
    }
}

Test(machine_units, timers_have_the_width_of_their_kind)
{
    rig_write(&r, TIM3 + ARR, 0x12345678u);
    cr_expect_eq(rig_read(&r, TIM3 + ARR), 0x5678u);
    cr_expect_eq(rig_read(&r, TIM6 + ARR), 0xFFFFu); // as reset
    rig_write(&r, 0x40000C00u + ARR, 0x12345678u);   // TIM5
    cr_expect_eq(rig_read(&r, 0x40000C00u + ARR), 0x12345678u);
    rig_write(&r, TIM3 + CNT, 0x10001u);
    cr_expect_eq(rig_read(&r, TIM3 + CNT), 1);
}

Test(machine_units, timers_share_interrupts)
{
    rig_write(&r, TIM1 + DIER, 1);
    rig_write(&r, TIM10 + DIER, 1);
    rig_write(&r, TIM10 + EGR, 1);
    cr_expect(rig_is_pending(&r, 25));
    rig_write(&r, TIM10 + SR, 0);
    clear_pending();
    cr_expect_not(rig_is_pending(&r, 25));
    rig_write(&r, TIM1 + EGR, 1);
    rig_write(&r, TIM10 + EGR, 1);
    rig_write(&r, TIM1 + SR, 0);
    clear_pending();
    cr_expect(rig_is_pending(&r, 25)); // TIM10 still asks
}

Test(machine_units, a_basic_timer_counts_with_its_bus)
{
    uint64_t before;

    rig_write(&r, RCC + 0x08, 5u << 10); // APB1 = HCLK / 4: timers at HCLK / 2
    before = board_machine_cycles(r.m);
    rig_write(&r, TIM6, 1);
    rig_write(&r, TIM1, 1);
    rig_goto(&r, "nothing");
    rig_resume(&r);
    rig_run(&r, 2000);
    rig_halt(&r);
    cr_expect_eq(rig_read(&r, TIM6 + CNT), (board_machine_cycles(r.m) - before) / 2 & 0xFFFFu);
    cr_expect_eq(rig_read(&r, TIM1 + CNT), (board_machine_cycles(r.m) - before) & 0xFFFFu);
}

Test(machine_units, a_counter_of_edges_stands_still)
{
    rig_write(&r, TIM3 + 0x08, 3); // encoder
    rig_write(&r, TIM3, 1);
    rig_write(&r, TIM1 + 0x08, 7u | 5u << 4); // edges of a pin
    rig_write(&r, TIM1, 1);
    rig_goto(&r, "nothing");
    rig_resume(&r);
    rig_run(&r, 100);
    rig_halt(&r);
    cr_expect_eq(rig_read(&r, TIM3 + CNT), 0);
    cr_expect_eq(rig_read(&r, TIM1 + CNT), 0);
    rig_write(&r, TIM3 + 0x08, 0);
    rig_resume(&r);
    rig_run(&r, 100);
    rig_halt(&r);
    cr_expect_neq(rig_read(&r, TIM3 + CNT), 0);
}

Test(machine_units, an_advanced_timer_repeats_before_an_update)
{
    rig_write(&r, TIM1 + ARR, 999);
    rig_write(&r, TIM1 + 0x30, 2);
    rig_write(&r, TIM1 + EGR, 1);
    rig_write(&r, TIM1 + SR, 0);
    rig_write(&r, TIM1 + DIER, 1);
    rig_write(&r, TIM1, 1);
    rig_goto(&r, "nothing");
    rig_resume(&r);
    rig_run(&r, 2500);
    rig_halt(&r);
    cr_assert_leq(rig_read(&r, TIM1 + CNT), 999);
    cr_expect_not(rig_is_pending(&r, 25), "two wraps of three");
    rig_resume(&r);
    rig_run(&r, 1000);
    rig_halt(&r);
    cr_expect(rig_is_pending(&r, 25));
    rig_write(&r, TIM6 + 0x30, 2);
    cr_expect_eq(rig_read(&r, TIM6 + 0x30), 0);
}

Test(machine_units, every_usart_is_ready_to_send)
{
    rig_write(&r, USART2 + USART_CR1, 0xD);
    cr_expect_eq(rig_read(&r, USART2 + ISR) & 0xC0u, 0xC0u);
    rig_write(&r, USART2 + USART_CR1, 0x8D); // TXEIE
    cr_expect(rig_is_pending(&r, 38));
}

Test(machine_units, edges_of_own_pins_and_software_trigger_lines)
{
    rig_write(&r, SYSCFG + 0x14, 2u << 4); // EXTI13 on port C
    rig_write(&r, EXTI + 0x00, 1u << 13 | 1u << 3);
    rig_write(&r, EXTI + 0x0C, 1u << 13); // falling
    rig_write(&r, GPIOC, 1u << 26);       // output
    rig_write(&r, GPIOC + 0x18, 1u << 13);
    cr_expect_eq(rig_read(&r, EXTI + 0x14), 0); // rising
    rig_write(&r, GPIOC + 0x18, 1u << 29);
    cr_expect_eq(rig_read(&r, EXTI + 0x14), 1u << 13);
    cr_expect(rig_is_pending(&r, 40));
    rig_write(&r, EXTI + 0x14, 1u << 13);
    cr_expect_eq(rig_read(&r, EXTI + 0x14), 0);
    rig_write(&r, EXTI + 0x10, 1u << 3);
    cr_expect(rig_is_pending(&r, 9));
    rig_write(&r, EXTI + 0x10, 1u << 4); // masked
    cr_expect_eq(rig_read(&r, EXTI + 0x14), 1u << 3);
}

Test(machine_units, random_numbers_come_when_the_generator_is_on)
{
    uint32_t first;

    cr_expect_eq(rig_read(&r, RNG + 4), 0);
    rig_write(&r, RNG, 4);
    cr_expect_eq(rig_read(&r, RNG + 4), 1);
    rig_goto(&r, "nothing"); // a debugger does not consume one
    first = rig_read(&r, RNG + 8);
    cr_expect_neq(first, 0);
    cr_expect_eq(rig_read(&r, RNG + 8), first);
    rig_write(&r, RNG, 0xC);
    cr_expect(rig_is_pending(&r, 80));
}

Test(machine_units, checks_sums_as_published)
{
    static const char text[] = "123456789";

    for (unsigned i = 0; i < 9; i++) {
        cr_assert_eq(board_machine_write(r.m, CRC, 1, (uint8_t)text[i]), BOARD_ACCESS_OK);
    }
    cr_expect_eq(rig_read(&r, CRC), 0x0376E6E7u); // CRC-32/MPEG-2
    rig_write(&r, CRC + 8, 0xA1);                 // bytes and result reversed, start over
    for (unsigned i = 0; i < 9; i++) {
        cr_assert_eq(board_machine_write(r.m, CRC, 1, (uint8_t)text[i]), BOARD_ACCESS_OK);
    }
    cr_expect_eq(rig_read(&r, CRC) ^ 0xFFFFFFFFu, 0xCBF43926u); // CRC-32
    rig_write(&r, CRC + 8, 0x01);
    rig_write(&r, CRC, 0x12345678u);
    cr_expect_eq(rig_read(&r, CRC), 0xDF8A8A2Bu);
}

Test(machine_units, the_watchdog_resets_a_core_that_does_not_feed_it)
{
    rig_write(&r, IWDG, 0x5555);
    rig_write(&r, IWDG + 8, 9); // 10 ticks of 125 us at 16 MHz
    rig_write(&r, IWDG, 0xAAAA);
    rig_write(&r, RCC + CSR, 1u << 24);
    rig_write(&r, IWDG, 0xCCCC);
    rig_goto(&r, "nothing");
    rig_write(&r, DEMCR, 1); // catches the reset
    rig_resume(&r);
    rig_run(&r, 15000);
    cr_expect_not(rig_is_halted(&r));
    rig_run_to_halt(&r);
    cr_expect_eq(rig_read(&r, RCC + CSR) >> 29 & 3u, 1);
    cr_expect_eq(rig_read(&r, DFSR) & 8u, 8);
    rig_write(&r, DEMCR, 0);
    rig_goto(&r, "nothing");
    rig_resume(&r);
    rig_run(&r, 100000); // the reset has stopped it
    cr_expect_eq(rig_read(&r, RCC + CSR) & 3u << 28, 1u << 29);
}

Test(machine_units, the_window_watchdog_warns_and_resets)
{
    rig_write(&r, WWDG + 4, 0x27F); // early warning, window open
    rig_write(&r, WWDG, 0xC1);
    rig_goto(&r, "nothing");
    rig_resume(&r);
    rig_run(&r, 4200);
    rig_halt(&r);
    cr_expect_eq(rig_read(&r, WWDG + 8), 1);
    cr_expect(rig_is_pending(&r, 0));
    rig_write(&r, DEMCR, 1);
    rig_run_to_halt(&r);
    cr_expect_eq(rig_read(&r, RCC + CSR) >> 29 & 3u, 2);
}

Test(machine_units, the_calendar_runs_on_modelled_time_and_keeps_through_a_reset)
{
    rig_write(&r, PWR, 1u << 8);
    rig_write(&r, RCC + BDCR, 0x8201);
    cr_expect_eq(rig_read(&r, RCC + BDCR) & 2u, 2);
    rig_write(&r, RTC + 0x24, 0xCA);
    rig_write(&r, RTC + 0x24, 0x53);
    rig_write(&r, RTC + 0x0C, 0x80);
    cr_expect_eq(rig_read(&r, RTC + 0x0C) & 0x40u, 0x40);
    rig_write(&r, RTC, 0x235959);
    rig_write(&r, RTC + 4, 0x20A228); // 2020-02-28, a Friday
    rig_write(&r, RTC + 0x0C, 0);
    rig_write(&r, RTC + 0x50, 0xABCD);
    rig_goto(&r, "nothing");
    rig_resume(&r);
    rig_run(&r, 17000000); // a second at 16 MHz
    rig_halt(&r);
    cr_expect_eq(rig_read(&r, RTC) & 0xFFFF00u, 0);
    cr_expect_eq(rig_read(&r, RTC + 4), 0x20C229); // a Saturday in a leap year
    board_machine_set_srst(r.m, true);
    board_machine_set_srst(r.m, false);
    cr_expect_eq(rig_read(&r, RTC + 4), 0x20C229);
    cr_expect_eq(rig_read(&r, RTC + 0x50), 0xABCD);
}

static void set_calendar(uint32_t time, uint32_t date)
{
    rig_write(&r, PWR, 1u << 8);
    rig_write(&r, RCC + BDCR, 0x8101);
    rig_write(&r, RTC + 0x24, 0xCA);
    rig_write(&r, RTC + 0x24, 0x53);
    rig_write(&r, RTC + 0x0C, 0x80);
    rig_write(&r, RTC, time);
    rig_write(&r, RTC + 4, date);
    rig_write(&r, RTC + 0x0C, 0);
}

static void sleep_long(uint64_t instructions)
{
    rig_goto(&r, "nothing");
    rig_resume(&r);
    rig_run(&r, instructions);
    rig_halt(&r);
}

Test(machine_units, the_day_of_the_week_is_what_software_says)
{
    cr_expect_eq(rig_read(&r, RTC + 4), 0x2101, "a Monday after a reset");
    set_calendar(0, 0x24E102); // 2024-01-02, said to be a Sunday
    cr_expect_eq(rig_read(&r, RTC + 4), 0x24E102);
}

Test(machine_units, an_alarm_goes_off_at_its_time)
{
    set_calendar(0x115958, 0x24A101);
    rig_write(&r, EXTI, 1u << 17);
    rig_write(&r, EXTI + 8, 1u << 17);
    cr_expect_eq(rig_read(&r, RTC + 0x0C) & 7u, 7);
    rig_write(&r, RTC + 0x1C, 1u << 31 | 0x120000); // any day
    rig_write(&r, RTC + 0x08, 1u << 12 | 1u << 8);
    cr_expect_eq(rig_read(&r, RTC + 0x0C) & 7u, 6, "an alarm that is on cannot be changed");
    sleep_long(17000000);
    cr_expect_eq(rig_read(&r, RTC + 0x0C) & 0x100u, 0);
    cr_expect_not(rig_is_pending(&r, 41));
    sleep_long(16000000);
    cr_expect_eq(rig_read(&r, RTC + 0x0C) & 0x100u, 0x100);
    cr_expect(rig_is_pending(&r, 41));
    rig_write(&r, RTC + 0x0C, ~0x180u);
    cr_expect_eq(rig_read(&r, RTC + 0x0C) & 0x100u, 0);
}

Test(machine_units, the_wake_up_timer_repeats)
{
    set_calendar(0, 0x24A101);
    rig_write(&r, EXTI, 1u << 22);
    rig_write(&r, EXTI + 8, 1u << 22);
    rig_write(&r, RTC + 0x14, 2047); // with RTCCLK / 16 a second
    rig_write(&r, RTC + 0x08, 1u << 14 | 1u << 10);
    sleep_long(15000000);
    cr_expect_not(rig_is_pending(&r, 3));
    for (unsigned i = 0; i < 2; i++) {
        sleep_long(2000000 + i * 14000000);
        cr_expect(rig_is_pending(&r, 3));
        cr_expect_eq(rig_read(&r, RTC + 0x0C) & 0x400u, 0x400);
        rig_write(&r, RTC + 0x0C, ~0x480u);
        rig_write(&r, EXTI + 0x14, 1u << 22);
        clear_pending();
        cr_expect_not(rig_is_pending(&r, 3));
    }
}

Test(machine_units, the_wake_up_timer_outpaces_a_slow_core)
{
    set_calendar(0, 0x24A101);
    rig_write(&r, 0x40023800u + 0x70, 1u << 15 | 3u << 8); // RTC on HSE / 2
    rig_write(&r, RTC + 0x14, 0);
    rig_write(&r, 0x40023800u + 0x08, 15u << 4); // HPRE: 31,250 Hz
    rig_write(&r, RTC + 0x08, 1u << 14 | 1u << 10 | 3u);
    cr_expect_eq(rig_read(&r, RTC + 0x0C) & 0x400u, 0);
    sleep_long(100);
    cr_expect_eq(rig_read(&r, RTC + 0x0C) & 0x400u, 0x400);
}

static void set_stream(uint32_t dma, unsigned stream, uint32_t par, uint32_t memory, uint32_t count)
{
    rig_write(&r, dma + 0x14 + 0x18 * stream, count);
    rig_write(&r, dma + 0x18 + 0x18 * stream, par);
    rig_write(&r, dma + 0x1C + 0x18 * stream, memory);
}

Test(machine_units, copies_memory)
{
    for (uint32_t i = 0; i < 8; i++) {
        rig_write(&r, RAM + 4 * i, 0x1000 + i);
    }
    set_stream(DMA2, 0, RAM, RAM + 0x100, 8);
    rig_write(&r, DMA2 + 0x10, 0x5691); // words, both advance, memory to memory, interrupt at end
    cr_expect_eq(rig_read(&r, RAM + 0x11C), 0x1007);
    cr_expect_eq(rig_read(&r, DMA2), 0x30);          // half and whole
    cr_expect_eq(rig_read(&r, DMA2 + 0x10) & 1u, 0); // has switched itself off
    cr_expect_eq(rig_read(&r, DMA2 + 0x14), 0);
    cr_expect(rig_is_pending(&r, 56));
    set_stream(DMA2, 0, 0x30000000u, RAM, 1);
    rig_write(&r, DMA2 + 8, 0x3D);
    rig_write(&r, DMA2 + 0x10, 0x5681);
    cr_expect_eq(rig_read(&r, DMA2), 8); // transfer error
}

Test(machine_units, a_dma_keeps_to_words_and_to_the_count_it_began_with)
{
    rig_write(&r, RAM, 0x11111111);
    rig_write(&r, RAM + 4, 0x22222222);
    rig_write(&r, RAM + 0x100, 0);
    rig_write(&r, RAM + 0x104, 0x33333333);
    set_stream(DMA2, 0, RAM, RAM + 0x100, 1);
    rig_write(&r, DMA2 + 0x10, 0x7E81); // sizes that are reserved
    cr_expect_eq(rig_read(&r, RAM + 0x100), 0x11111111);
    cr_expect_eq(rig_read(&r, RAM + 0x104), 0x33333333);
    set_stream(DMA2, 7, USART1 + 0x28, RAM, 2);
    rig_write(&r, DMA2 + 0x10 + 0x18 * 7, 4u << 25 | 0x441); // nobody asks for anything yet
    rig_write(&r, DMA2 + 0x14 + 0x18 * 7, 0);
    cr_expect_eq(rig_read(&r, DMA2 + 0x14 + 0x18 * 7), 2);
}

/** A board with USART1 on a pseudo-terminal; the descriptor of its other end. */
static int open_terminal(struct rig *serial)
{
    const struct board_machine_config config = {.serial = {"pty"}};
    char log[] = "/tmp/utvm-pty-XXXXXX";
    int to = mkstemp(log);
    int saved = dup(STDERR_FILENO);
    char text[256] = "";
    struct termios raw;

    cr_assert_geq(to, 0);
    dup2(to, STDERR_FILENO);
    rig_init_with(serial, &config);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    cr_assert_gt(pread(to, text, sizeof text - 1, 0), 0);
    close(to);
    unlink(log);
    char *path = strstr(text, "/dev/pts/");

    cr_assert_not_null(path, "no path in '%s'", text);
    path[strcspn(path, " \n")] = '\0';
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);

    cr_assert_geq(fd, 0);
    tcgetattr(fd, &raw);
    cfmakeraw(&raw);
    tcsetattr(fd, TCSANOW, &raw);
    return fd;
}

// A terminal hands on in its own time what is written to its other end.
static void wait_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    cr_assert_eq(poll(&p, 1, 10000), 1);
}

static void receive(int fd, char *got, size_t size_bytes)
{
    for (size_t at = 0; at < size_bytes;) {
        wait_readable(fd);
        ssize_t num = read(fd, got + at, size_bytes - at);
        cr_assert_gt(num, 0);
        at += (size_t)num;
    }
}

Test(machine_units, a_terminal_carries_both_directions)
{
    struct rig serial;
    int fd = open_terminal(&serial);
    char got[16] = "";

    rig_write(&serial, USART1 + USART_CR1, 0xD);
    for (const char *c = "ping\n"; *c != '\0'; c++) {
        rig_write(&serial, USART1 + TDR, (uint8_t)*c);
    }
    receive(fd, got, 5);
    cr_expect_str_eq(got, "ping\n");
    cr_expect_eq(write(fd, "ok\r", 3), 3);
    wait_readable(board_machine_poll_fd(serial.m, 0));
    cr_expect_eq(rig_read(&serial, USART1 + ISR) & 0x20u, 0);
    board_machine_service(serial.m);
    cr_expect_eq(rig_read(&serial, USART1 + ISR) & 0x20u, 0x20); // RXNE
    cr_expect_eq(rig_read(&serial, USART1 + 0x24), 'o');
    close(fd);
    rig_deinit(&serial);
}

Test(machine_units, bytes_come_in_at_the_baud_rate)
{
    struct rig serial;
    int fd = open_terminal(&serial);

    rig_write(&serial, USART1 + 0x0C, 1000); // a byte is 10,000 cycles
    rig_write(&serial, USART1 + USART_CR1, 0xD);
    cr_expect_eq(write(fd, "ab", 2), 2);
    wait_readable(board_machine_poll_fd(serial.m, 0));
    board_machine_service(serial.m);
    cr_expect_eq(rig_read(&serial, USART1 + ISR) & 0x30u, 0);
    rig_goto(&serial, "nothing");
    rig_resume(&serial);
    rig_run(&serial, 15000);
    rig_halt(&serial);
    cr_expect_eq(rig_read(&serial, USART1 + ISR) & 0x30u, 0x20, "one, and another on its way");
    rig_set_reg(&serial, 0, USART1 + 0x24);
    rig_call(&serial, "peek");
    cr_expect_eq(rig_reg(&serial, 2), 'a');
    cr_expect_eq(rig_read(&serial, USART1 + ISR) & 0x30u, 0);
    rig_goto(&serial, "nothing");
    rig_resume(&serial);
    rig_run(&serial, 10000);
    rig_halt(&serial);
    cr_expect_eq(rig_read(&serial, USART1 + ISR) & 0x30u, 0x20);
    rig_resume(&serial);
    rig_run(&serial, 10000);
    rig_halt(&serial);
    cr_expect_eq(rig_read(&serial, USART1 + ISR) & 0x30u, 0x30, "and then the line is idle");
    close(fd);
    rig_deinit(&serial);
}

Test(machine_units, dma_carries_a_usart_in_both_directions)
{
    struct rig serial;
    int fd = open_terminal(&serial);
    char got[16] = "";
    uint32_t word;

    rig_write(&serial, USART1 + USART_CR1, 0x1D); // IDLE interrupt
    rig_write(&serial, USART1 + USART_CR3, 0xC0);
    rig_write(&serial, RAM, 0x64636261u);
    rig_write(&serial, DMA2 + 0x14 + 0x18 * 7, 4);
    rig_write(&serial, DMA2 + 0x18 + 0x18 * 7, USART1 + TDR);
    rig_write(&serial, DMA2 + 0x1C + 0x18 * 7, RAM);
    rig_write(&serial, DMA2 + 0x10 + 0x18 * 7, 4u << 25 | 0x451);
    receive(fd, got, 4);
    cr_expect_str_eq(got, "abcd");
    cr_expect_eq(rig_read(&serial, DMA2 + 4) >> 22 & 0x20u, 0x20);

    rig_write(&serial, DMA2 + 0x14 + 0x18 * 2, 8);
    rig_write(&serial, DMA2 + 0x18 + 0x18 * 2, USART1 + 0x24);
    rig_write(&serial, DMA2 + 0x1C + 0x18 * 2, RAM + 0x40);
    rig_write(&serial, DMA2 + 0x10 + 0x18 * 2, 4u << 25 | 0x501); // circular
    cr_expect_eq(write(fd, "0123456789", 10), 10);
    wait_readable(board_machine_poll_fd(serial.m, 0));
    board_machine_service(serial.m);
    word = rig_read(&serial, RAM + 0x40);
    cr_expect_eq(word, 0x33323938u); // the ring has come round
    cr_expect_eq(rig_read(&serial, DMA2 + 0x14 + 0x18 * 2), 6);
    cr_expect_eq(rig_read(&serial, USART1 + ISR) & 0x30u, 0x10); // taken, and the line idle
    rig_write(&serial, USART1 + ICR, 0x10);
    cr_expect_eq(rig_read(&serial, USART1 + ISR) & 0x30u, 0);
    close(fd);
    rig_deinit(&serial);
}

Test(machine_units, clocks_in_sleep_are_on_after_a_reset)
{
    cr_expect_eq(rig_read(&r, RCC + 0x50), 0x7EF7B7FFu);
    cr_expect_eq(rig_read(&r, RCC + 0x54), 0x000000F1u);
    cr_expect_eq(rig_read(&r, RCC + 0x58), 0x00000003u);
    cr_expect_eq(rig_read(&r, RCC + 0x60), 0xFFFFCBFFu);
    cr_expect_eq(rig_read(&r, RCC + 0x64), 0x04F77F33u);
}

Test(machine_units, the_backup_regulator_becomes_ready)
{
    cr_expect_eq(rig_read(&r, PWR + 0x04), 1u << 14);
    rig_write(&r, PWR + 0x04, 1u << 9);
    cr_expect_eq(rig_read(&r, PWR + 0x04), 1u << 14 | 1u << 9 | 1u << 3);
    rig_write(&r, PWR + 0x04, 0);
    cr_expect_eq(rig_read(&r, PWR + 0x04), 1u << 14);
}
