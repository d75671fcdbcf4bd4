// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>

#include "tests/board/machine_rig.h"

// Peripherals that stand in for a board with nothing on its pins: what drivers wait for comes, and
// says that nobody is there.

#define I2C1 0x40005400u
#define SPI2 0x40003800u
#define SPI1 0x40013000u
#define ADC1 0x40012000u
#define ADC3 0x40012200u
#define ADC_CCR 0x40012304u
#define TIM6 0x40001000u
#define DMA1 0x40026000u
#define DMA2 0x40026400u
#define RCC 0x40023800u
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

TestSuite(machine_unconnected, .init = set_up, .fini = tear_down);

static uint32_t peek_byte(uint32_t addr)
{
    rig_set_reg(&r, 0, addr);
    rig_call(&r, "peek_byte");
    return rig_reg(&r, 2);
}

static void write_byte(uint32_t addr, uint8_t value)
{
    cr_assert_eq(board_machine_write(r.m, addr, 1, value), BOARD_ACCESS_OK);
}

static void pass_time(uint64_t instructions)
{
    rig_goto(&r, "nothing");
    rig_resume(&r);
    rig_run(&r, instructions);
    rig_halt(&r);
}

// ---------------------------------------------------------------------------------------------
// I2C

#define I2C_CR2 0x04u
#define I2C_ISR 0x18u
#define I2C_ICR 0x1Cu
#define I2C_TXDR 0x28u

Test(machine_unconnected, no_address_on_an_i2c_bus_is_acknowledged)
{
    cr_expect_eq(rig_read(&r, I2C1 + I2C_ISR), 1, "TXE, and not busy");
    rig_write(&r, I2C1, 1u << 5 | 1u << 4 | 1); // PE, interrupts for NACK and STOP
    rig_write(&r, I2C1 + I2C_CR2, 1u << 25 | 1u << 16 | 1u << 13 | 0xA0);
    cr_expect_eq(rig_read(&r, I2C1 + I2C_ISR), 1u << 5 | 1u << 4 | 1);
    cr_expect_eq(rig_read(&r, I2C1 + I2C_CR2) >> 13 & 1u, 0, "START clears itself");
    cr_expect(rig_is_pending(&r, 31));
    rig_write(&r, I2C1 + I2C_ICR, 1u << 5 | 1u << 4);
    cr_expect_eq(rig_read(&r, I2C1 + I2C_ISR), 1);
}

Test(machine_unconnected, an_i2c_that_is_off_starts_nothing_and_forgets)
{
    rig_write(&r, I2C1 + I2C_CR2, 1u << 13 | 0xA0);
    cr_expect_eq(rig_read(&r, I2C1 + I2C_ISR), 1);
    rig_write(&r, I2C1, 1);
    rig_write(&r, I2C1 + I2C_TXDR, 0x55);
    cr_expect_eq(rig_read(&r, I2C1 + I2C_ISR), 0);
    rig_write(&r, I2C1 + I2C_ISR, 1); // flush
    cr_expect_eq(rig_read(&r, I2C1 + I2C_ISR), 1);
    rig_write(&r, I2C1 + I2C_CR2, 1u << 13 | 0xA0);
    rig_write(&r, I2C1, 0);
    cr_expect_eq(rig_read(&r, I2C1 + I2C_ISR), 1);
}

// ---------------------------------------------------------------------------------------------
// SPI

#define SPI_CR2 0x04u
#define SPI_SR 0x08u
#define SPI_DR 0x0Cu
#define SPI_MASTER (1u << 6 | 3u << 8 | 1u << 2)
#define SPI_BYTES (7u << 8 | 1u << 12) // 8 bits, RXNE from one byte on
#define SPI_TXE 2u
#define SPI_RXNE 1u
#define SPI_OVR (1u << 6)

Test(machine_unconnected, an_spi_master_receives_ones_for_what_it_sends)
{
    cr_expect_eq(rig_read(&r, SPI1 + SPI_CR2), 0x700);
    cr_expect_eq(rig_read(&r, SPI1 + SPI_SR), SPI_TXE);
    rig_write(&r, SPI1 + SPI_CR2, SPI_BYTES);
    rig_write(&r, SPI1, SPI_MASTER);
    write_byte(SPI1 + SPI_DR, 0x12);
    cr_expect_eq(rig_read(&r, SPI1 + SPI_SR), 1u << 9 | SPI_TXE | SPI_RXNE);
    cr_expect_eq(peek_byte(SPI1 + SPI_DR), 0xFF);
    cr_expect_eq(rig_read(&r, SPI1 + SPI_SR), SPI_TXE);
    cr_assert_eq(board_machine_write(r.m, SPI1 + SPI_DR, 2, 0x3412), BOARD_ACCESS_OK);
    cr_expect_eq(rig_read(&r, SPI1 + SPI_SR) >> 9 & 3u, 2, "two packed bytes went");
    cr_expect_eq(rig_peek(&r, SPI1 + SPI_DR), 0xFFFF);
    cr_expect_eq(rig_read(&r, SPI1 + SPI_SR), SPI_TXE);
}

Test(machine_unconnected, an_spi_that_nobody_reads_overruns)
{
    rig_write(&r, SPI1 + SPI_CR2, SPI_BYTES);
    rig_write(&r, SPI1, SPI_MASTER);
    for (unsigned i = 0; i < 5; i++) {
        write_byte(SPI1 + SPI_DR, 0);
    }
    cr_expect_eq(rig_read(&r, SPI1 + SPI_SR), SPI_OVR | 3u << 9 | SPI_TXE | SPI_RXNE);
    rig_peek(&r, SPI1 + SPI_SR);
    cr_expect_eq(rig_read(&r, SPI1 + SPI_SR) & SPI_OVR, SPI_OVR, "SR alone does not clear it");
    rig_peek(&r, SPI1 + SPI_DR);
    rig_peek(&r, SPI1 + SPI_SR);
    cr_expect_eq(rig_read(&r, SPI1 + SPI_SR) & SPI_OVR, 0);
}

Test(machine_unconnected, an_spi_frame_of_16_bits_takes_two_bytes)
{
    rig_write(&r, SPI1 + SPI_CR2, 15u << 8);
    rig_write(&r, SPI1, SPI_MASTER);
    cr_assert_eq(board_machine_write(r.m, SPI1 + SPI_DR, 2, 0x1234), BOARD_ACCESS_OK);
    cr_expect_eq(rig_read(&r, SPI1 + SPI_SR), 2u << 9 | SPI_TXE | SPI_RXNE);
    cr_expect_eq(rig_peek(&r, SPI1 + SPI_DR), 0xFFFF);
    cr_expect_eq(rig_read(&r, SPI1 + SPI_SR), SPI_TXE);
}

Test(machine_unconnected, an_spi_slave_waits_for_a_clock)
{
    rig_write(&r, SPI1 + SPI_CR2, SPI_BYTES);
    rig_write(&r, SPI1, 1u << 6);
    for (unsigned i = 0; i < 4; i++) {
        write_byte(SPI1 + SPI_DR, 0);
    }
    cr_expect_eq(rig_read(&r, SPI1 + SPI_SR), 3u << 11, "full, and nothing goes");
    rig_write(&r, SPI1, 0);
    cr_expect_eq(rig_read(&r, SPI1 + SPI_SR), SPI_TXE);
}

Test(machine_unconnected, an_spi_master_that_only_receives_does_so_as_long_as_it_is_on)
{
    rig_write(&r, SPI1 + SPI_CR2, SPI_BYTES);
    rig_write(&r, SPI1, SPI_MASTER | 1u << 10);
    for (unsigned i = 0; i < 10; i++) {
        cr_expect_eq(rig_read(&r, SPI1 + SPI_SR) & SPI_RXNE, SPI_RXNE);
        cr_expect_eq(peek_byte(SPI1 + SPI_DR), 0xFF);
    }
    rig_write(&r, SPI1, 0);
    cr_expect_eq(rig_read(&r, SPI1 + SPI_SR), SPI_TXE);
}

Test(machine_unconnected, dma_carries_an_spi_in_both_directions)
{
    uint32_t receive = DMA1 + 0x10 + 3 * 0x18;
    uint32_t send = DMA1 + 0x10 + 4 * 0x18;

    for (uint32_t i = 0; i < 24; i += 4) {
        rig_write(&r, RAM + i, 0);
    }
    rig_write(&r, SPI2 + SPI_CR2, SPI_BYTES | 3); // requests for both
    rig_write(&r, receive + 0x04, 20);
    rig_write(&r, receive + 0x08, SPI2 + SPI_DR);
    rig_write(&r, receive + 0x0C, RAM);
    rig_write(&r, receive, 1u << 10 | 1u << 4 | 1);
    rig_write(&r, send + 0x04, 20);
    rig_write(&r, send + 0x08, SPI2 + SPI_DR);
    rig_write(&r, send + 0x0C, RAM + 0x100);
    rig_write(&r, send, 1u << 10 | 1u << 6 | 1u << 4 | 1);
    rig_write(&r, SPI2, SPI_MASTER);
    pass_time(10);
    cr_expect_eq(rig_read(&r, receive + 0x04), 0);
    cr_expect_eq(rig_read(&r, send + 0x04), 0);
    cr_expect_eq(rig_read(&r, RAM + 16), 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, RAM + 20), 0);
    cr_expect_eq(rig_read(&r, SPI2 + SPI_SR), SPI_TXE, "no overrun");
    cr_expect(rig_is_pending(&r, 14));
    cr_expect(rig_is_pending(&r, 15));
}

// ---------------------------------------------------------------------------------------------
// CAN

#define CAN1 0x40006400u
#define CAN_MSR 0x04u
#define CAN_TSR 0x08u
#define CAN_RF0R 0x0Cu
#define CAN_IER 0x14u
#define CAN_ESR 0x18u
#define CAN_BTR 0x1Cu
#define CAN_TI0R 0x180u
#define CAN_RI0R 0x1B0u
#define CAN_FMR 0x200u
#define ALL_FREE (7u << 26)

/** Out of sleep and of initialisation, filter bank 0 for one identifier, or a mask of them. */
static void start_can(uint32_t mode, uint32_t id, uint32_t mask)
{
    rig_write(&r, CAN1, 1);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_MSR) & 3u, 1, "initialising");
    rig_write(&r, CAN1 + CAN_BTR, 0x00230000u | mode);
    rig_write(&r, CAN1 + CAN_FMR, 0x2A1C0E01u);
    rig_write(&r, CAN1 + 0x20C, 1); // 32 bits
    rig_write(&r, CAN1 + 0x240, id << 21);
    rig_write(&r, CAN1 + 0x244, mask << 21);
    rig_write(&r, CAN1 + 0x21C, 1);
    rig_write(&r, CAN1 + CAN_FMR, 0x2A1C0E00u);
    rig_write(&r, CAN1, 0);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_MSR) & 3u, 0, "on the bus");
}

static void send_can(uint32_t id)
{
    rig_write(&r, CAN1 + CAN_TI0R + 4, 3);
    rig_write(&r, CAN1 + CAN_TI0R + 8, 0x00CCBBAAu);
    rig_write(&r, CAN1 + CAN_TI0R, id << 21 | 1);
}

Test(machine_unconnected, can_sleeps_after_a_reset)
{
    cr_expect_eq(rig_read(&r, CAN1), 0x00010002u);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_MSR), 0xC02u);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_TSR), ALL_FREE);
}

Test(machine_unconnected, a_can_frame_comes_back_through_the_loop)
{
    start_can(1u << 30, 0x123, 0x7FF);
    rig_write(&r, CAN1 + CAN_IER, 1u << 1 | 1);
    send_can(0x122); // filtered out
    cr_expect_eq(rig_read(&r, CAN1 + CAN_TSR), ALL_FREE | 3);
    cr_expect(rig_is_pending(&r, 19));
    cr_expect_eq(rig_read(&r, CAN1 + CAN_RF0R), 0);
    rig_write(&r, CAN1 + CAN_TSR, 1);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_TSR), ALL_FREE);
    send_can(0x123);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_RF0R), 1);
    cr_expect(rig_is_pending(&r, 20));
    cr_expect_eq(rig_read(&r, CAN1 + CAN_RI0R), 0x123u << 21);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_RI0R + 4), 3);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_RI0R + 8), 0x00CCBBAAu);
    rig_write(&r, CAN1 + CAN_RF0R, 1u << 5);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_RF0R), 0);
}

Test(machine_unconnected, a_master_reset_of_a_can_keeps_what_is_set_up)
{
    start_can(1u << 30, 0x123, 0x7FF);
    send_can(0x123);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_RF0R), 1);
    rig_write(&r, CAN1 + CAN_IER, 1u << 1);
    rig_write(&r, CAN1, 1u << 15);
    cr_expect_eq(rig_read(&r, CAN1), 0x00010002u);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_RF0R), 0);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_IER), 1u << 1);
}

Test(machine_unconnected, a_can_fifo_overruns_behind_three_frames)
{
    start_can(1u << 30, 0, 0);
    for (uint32_t id = 1; id < 5; id++) {
        send_can(id);
    }
    cr_expect_eq(rig_read(&r, CAN1 + CAN_RF0R), 3u | 1u << 3 | 1u << 4);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_RI0R), 1u << 21, "the oldest first");
    rig_write(&r, CAN1 + CAN_RF0R, 1u << 5 | 1u << 4);
    rig_write(&r, CAN1 + CAN_RF0R, 1u << 5);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_RI0R), 4u << 21, "the newest has replaced the third");
}

Test(machine_unconnected, nobody_acknowledges_a_can_frame)
{
    start_can(0, 0, 0);
    send_can(5);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_TSR) & ALL_FREE, 6u << 26, "on its way for ever");
    cr_expect_eq(rig_read(&r, CAN1 + CAN_ESR), 0x00800033u, "error passive");
    rig_write(&r, CAN1 + CAN_TSR, 1u << 7);
    cr_expect_eq(rig_read(&r, CAN1 + CAN_TSR), ALL_FREE | 1, "aborted");
}

// ---------------------------------------------------------------------------------------------
// USB

#define OTG_FS 0x50000000u
#define OTG_HS 0x40040000u

Test(machine_unconnected, a_usb_core_initialises_without_a_cable)
{
    cr_expect_eq(rig_read(&r, OTG_FS + 0x3C), 0x2000);
    cr_expect_eq(rig_read(&r, OTG_HS + 0x3C), 0x2100);
    cr_expect_eq(rig_read(&r, OTG_FS + 0x40), 0x4F54320Au);
    rig_write(&r, OTG_FS + 0x10, 1u | 1u << 4 | 1u << 5 | 16u << 6); // reset, flush the FIFOs
    cr_expect_eq(rig_read(&r, OTG_FS + 0x10), 1u << 31 | 16u << 6, "idle, and all done");
    rig_write(&r, OTG_FS + 0x0C, 1u << 30);
    cr_expect_eq(rig_read(&r, OTG_FS + 0x14) & 1u, 0, "device mode");
    rig_write(&r, OTG_FS + 0x0C, 1u << 29);
    cr_expect_eq(rig_read(&r, OTG_FS + 0x14) & 1u, 1, "host mode");
    rig_write(&r, OTG_FS + 0x440, 1u << 12);
    cr_expect_eq(rig_read(&r, OTG_FS + 0x440), 1u << 12, "powered, and nobody attached");
}

Test(machine_unconnected, usb_endpoints_follow_their_commands)
{
    uint32_t in = OTG_FS + 0x920;

    rig_write(&r, in, 1u << 31 | 1u << 27 | 1u << 15);
    cr_expect_eq(rig_read(&r, in), 1u << 31 | 1u << 17 | 1u << 15, "enabled, NAK");
    rig_write(&r, in, 1u << 30 | 1u << 27 | 1u << 15);
    cr_expect_eq(rig_read(&r, in), 1u << 17 | 1u << 15);
    cr_expect_eq(rig_read(&r, in + 8), 0x82);
    rig_write(&r, in + 8, 0xFFFFFFFFu);
    cr_expect_eq(rig_read(&r, in + 8), 0x80, "the FIFO stays empty");
    rig_write(&r, OTG_FS + 0x804, 1u << 9); // global NAK for OUT
    cr_expect_eq(rig_read(&r, OTG_FS + 0x14) >> 7 & 1u, 1);
    rig_write(&r, OTG_FS + 0x18, 1u << 7);
    rig_write(&r, OTG_FS + 0x08, 1);
    cr_expect(rig_is_pending(&r, 67));
    rig_write(&r, OTG_FS + 0x804, 1u << 10);
    cr_expect_eq(rig_read(&r, OTG_FS + 0x14) >> 7 & 1u, 0);
}

// ---------------------------------------------------------------------------------------------
// ADC

#define ADC_CR1 0x04u
#define ADC_CR2 0x08u
#define ADC_SMPR1 0x0Cu
#define ADC_JDR1 0x3Cu
#define ADC_SQR1 0x2Cu
#define ADC_SQR3 0x34u
#define ADC_JSQR 0x38u
#define ADC_DR 0x4Cu
#define ADC_EOC 2u
#define ADON 1u
#define SWSTART (1u << 30)

Test(machine_unconnected, the_reference_and_the_temperature_are_as_calibrated)
{
    rig_write(&r, ADC_CCR, 1u << 23);
    rig_write(&r, ADC1 + ADC_CR2, ADON);
    rig_write(&r, ADC1 + ADC_SQR3, 17);
    rig_write(&r, ADC1 + ADC_CR2, ADON | SWSTART);
    cr_expect_eq(rig_read(&r, ADC1 + ADC_CR2), ADON, "SWSTART clears itself");
    pass_time(200);
    cr_expect_eq(rig_read(&r, ADC1) & ADC_EOC, ADC_EOC);
    cr_expect_eq(rig_peek(&r, ADC1 + ADC_DR), rig_read(&r, 0x1FF0F448u) >> 16); // VREFINT_CAL
    cr_expect_eq(rig_read(&r, ADC1) & ADC_EOC, 0);
    rig_write(&r, ADC1 + ADC_SQR3, 18);
    rig_write(&r, ADC1 + ADC_CR2, ADON | SWSTART);
    pass_time(200);
    uint32_t at_30 = rig_read(&r, 0x1FF0F44Cu) & 0xFFFFu;
    uint32_t at_110 = rig_read(&r, 0x1FF0F44Cu) >> 16;
    int32_t degrees = 80 * ((int32_t)rig_peek(&r, ADC1 + ADC_DR) - (int32_t)at_30) /
                          ((int32_t)at_110 - (int32_t)at_30) +
                      30;
    cr_expect_eq(degrees, 25);
}

Test(machine_unconnected, a_conversion_takes_its_time_and_interrupts)
{
    rig_write(&r, ADC1 + ADC_SMPR1, 7u << 18); // channel 16: 480 + 12 cycles of HCLK / 2
    rig_write(&r, ADC1 + ADC_SQR3, 16);
    rig_write(&r, ADC1 + ADC_CR1, 1u << 5);
    rig_write(&r, ADC1 + ADC_CR2, ADON);
    rig_write(&r, ADC1 + ADC_CR2, ADON | SWSTART);
    pass_time(500);
    cr_expect_not(rig_is_pending(&r, 18));
    pass_time(1000);
    cr_expect(rig_is_pending(&r, 18));
}

/** ADC1 converts the internal reference, which DMA is to bring to RAM; returns the stream. */
static uint32_t fetch_reference(uint32_t num_items)
{
    uint32_t stream = DMA2 + 0x10;

    rig_write(&r, ADC_CCR, 1u << 23);
    rig_write(&r, ADC1 + ADC_SQR3, 17);
    rig_write(&r, stream + 0x04, num_items);
    rig_write(&r, stream + 0x08, ADC1 + ADC_DR);
    rig_write(&r, stream + 0x0C, RAM);
    return stream;
}

Test(machine_unconnected, a_timer_triggers_conversions)
{
    uint32_t stream = fetch_reference(8);

    rig_write(&r, stream, 1u << 13 | 1u << 11 | 1u << 10 | 1);
    rig_write(&r, ADC1 + ADC_CR2, ADON | 1u << 28 | 13u << 24 | 1u << 9 | 1u << 8); // TIM6
    rig_write(&r, TIM6 + 0x04, 2u << 4);                                            // TRGO: update
    rig_write(&r, TIM6 + 0x2C, 999);
    rig_write(&r, TIM6, 1);
    pass_time(500);
    cr_expect_eq(rig_read(&r, stream + 0x04), 8);
    pass_time(2700);
    cr_expect_eq(rig_read(&r, stream + 0x04), 5, "one a period");
    cr_expect_eq(rig_read(&r, RAM), 1502u << 16 | 1502u);
}

Test(machine_unconnected, a_sequence_ends_with_its_last_conversion)
{
    rig_write(&r, ADC_CCR, 1u << 23);
    rig_write(&r, ADC1 + ADC_CR1, 1u << 8); // scan
    rig_write(&r, ADC1 + ADC_SQR1, 1u << 20);
    rig_write(&r, ADC1 + ADC_SQR3, 17u << 5 | 3);
    rig_write(&r, ADC1 + ADC_CR2, ADON);
    rig_write(&r, ADC1 + ADC_CR2, ADON | SWSTART);
    pass_time(500);
    cr_expect_eq(rig_read(&r, ADC1) & ADC_EOC, ADC_EOC);
    cr_expect_eq(rig_read(&r, ADC1 + ADC_DR), 1502);
}

Test(machine_unconnected, injected_conversions_have_registers_of_their_own)
{
    rig_write(&r, ADC_CCR, 1u << 23);
    rig_write(&r, ADC1 + ADC_JSQR, 1u << 20 | 17u << 15 | 5u << 10);
    rig_write(&r, ADC1 + ADC_CR2, ADON);
    rig_write(&r, ADC1 + ADC_CR2, ADON | 1u << 22);
    pass_time(500);
    cr_expect_eq(rig_read(&r, ADC1) & 4u, 4);
    cr_expect_eq(rig_read(&r, ADC1 + ADC_JDR1), 0);
    cr_expect_eq(rig_read(&r, ADC1 + ADC_JDR1 + 4), 1502);
}

Test(machine_unconnected, dma_fetches_what_an_adc_converts)
{
    uint32_t stream = fetch_reference(8);

    rig_write(&r, stream, 1u << 13 | 1u << 11 | 1u << 10 | 1u << 4 | 1); // halfwords
    rig_write(&r, RAM + 16, 0);
    rig_write(&r, ADC1 + ADC_CR2, ADON | 1u << 9 | 1u << 8 | 2);
    rig_write(&r, ADC1 + ADC_CR2, ADON | 1u << 9 | 1u << 8 | 2 | SWSTART);
    pass_time(3000);
    cr_expect_eq(rig_read(&r, stream + 0x04), 0);
    cr_expect_eq(rig_read(&r, RAM + 12), 1502u << 16 | 1502u);
    cr_expect_eq(rig_read(&r, RAM + 16), 0);
    cr_expect(rig_is_pending(&r, 56));
}

Test(machine_unconnected, dma_fills_two_buffers_in_turn)
{
    uint32_t stream = fetch_reference(2);

    rig_write(&r, stream + 0x10, RAM + 16);
    for (uint32_t i = 0; i < 32; i += 4) {
        rig_write(&r, RAM + i, 0);
    }
    rig_write(&r, stream, 1u << 18 | 1u << 13 | 1u << 11 | 1u << 10 | 1);
    rig_write(&r, ADC1 + ADC_CR2, ADON | 1u << 9 | 1u << 8);
    for (unsigned i = 0; i < 3; i++) {
        rig_write(&r, ADC1 + ADC_CR2, ADON | 1u << 9 | 1u << 8 | SWSTART);
        pass_time(200);
        cr_expect_eq(rig_read(&r, stream) >> 19 & 1u, i < 1 ? 0 : 1);
    }
    cr_expect_eq(rig_read(&r, RAM), 1502u << 16 | 1502u);
    cr_expect_eq(rig_read(&r, RAM + 4), 0);
    cr_expect_eq(rig_read(&r, RAM + 16), 1502);
    cr_expect_eq(rig_read(&r, stream + 0x04), 1);
}

Test(machine_unconnected, a_reset_of_the_adcs_reaches_all_of_them)
{
    rig_write(&r, ADC3 + ADC_CR2, ADON);
    rig_write(&r, ADC1 + ADC_SQR3, 3);
    rig_write(&r, RCC + 0x24, 1u << 8);
    cr_expect_eq(rig_read(&r, ADC3 + ADC_CR2), 0);
    cr_expect_eq(rig_read(&r, ADC1 + ADC_SQR3), 0);
    cr_expect_eq(rig_read(&r, ADC1 + 0x24), 0xFFF);
}

// ---------------------------------------------------------------------------------------------
// DAC, LPTIM

#define DAC 0x40007400u
#define LPTIM 0x40002400u
#define EXTI 0x40013C00u

Test(machine_unconnected, a_dac_puts_out_what_it_holds_at_once_or_by_trigger)
{
    rig_write(&r, DAC, 1);
    rig_write(&r, DAC + 0x08, 1234);
    cr_expect_eq(rig_read(&r, DAC + 0x2C), 1234);
    rig_write(&r, DAC + 0x10, 0xAB);
    cr_expect_eq(rig_read(&r, DAC + 0x2C), 0xAB0);
    rig_write(&r, DAC, 1u << 16 | 0x3Cu << 16); // channel 2 waits for software
    rig_write(&r, DAC + 0x18, 0x1230);
    cr_expect_eq(rig_read(&r, DAC + 0x14), 0x123);
    cr_expect_eq(rig_read(&r, DAC + 0x30), 0);
    rig_write(&r, DAC + 0x04, 2);
    cr_expect_eq(rig_read(&r, DAC + 0x30), 0x123);
    rig_write(&r, DAC, 0);
    rig_write(&r, DAC + 0x20, 0x02220111);
    cr_expect_eq(rig_read(&r, DAC + 0x2C), 0x111);
    cr_expect_eq(rig_read(&r, DAC + 0x30), 0x222);
}

Test(machine_unconnected, the_low_power_timer_counts_its_clock)
{
    rig_write(&r, RCC + 0x90, 1u << 24); // LSI: a tick is 500 cycles
    rig_write(&r, LPTIM + 0x08, 2);      // interrupt at the end of a period
    rig_write(&r, EXTI, 1u << 23);
    rig_write(&r, EXTI + 8, 1u << 23);
    rig_write(&r, LPTIM + 0x10, 1);
    rig_write(&r, LPTIM + 0x18, 99);
    cr_expect_eq(rig_read(&r, LPTIM), 1u << 4, "ARR has been taken");
    rig_write(&r, LPTIM + 0x14, 10);
    rig_write(&r, LPTIM + 0x04, 0x7F);
    rig_write(&r, LPTIM + 0x10, 5);
    pass_time(30000);
    cr_expect_not(rig_is_pending(&r, 93));
    cr_expect_eq(rig_read(&r, LPTIM) & 3u, 1, "compared, not over");
    cr_expect_gt(rig_read(&r, LPTIM + 0x1C), 55);
    cr_expect_lt(rig_read(&r, LPTIM + 0x1C), 99);
    pass_time(30000);
    cr_expect(rig_is_pending(&r, 93));
    cr_expect_eq(rig_read(&r, LPTIM) & 3u, 3);
    rig_write(&r, LPTIM + 0x10, 0);
    cr_expect_eq(rig_read(&r, LPTIM + 0x1C), 0);
}

Test(machine_unconnected, the_low_power_timer_stands_where_a_single_count_ends)
{
    rig_write(&r, RCC + 0x90, 1u << 24); // LSI: a tick is 500 cycles
    rig_write(&r, EXTI, 1u << 23);
    rig_write(&r, EXTI + 8, 1u << 23);
    rig_write(&r, LPTIM + 0x10, 1);
    rig_write(&r, LPTIM + 0x18, 9);
    rig_write(&r, LPTIM + 0x10, 3);
    pass_time(12000);
    cr_expect_eq(rig_read(&r, LPTIM + 0x1C), 9);
    cr_expect_eq(rig_read(&r, LPTIM) & 2u, 2);
    cr_expect_not(rig_is_pending(&r, 93));
    rig_write(&r, LPTIM + 0x08, 2); // an interrupt for what has been
    cr_expect(rig_is_pending(&r, 93));
}

Test(machine_unconnected, the_low_power_timer_keeps_its_count_when_the_core_gets_slower)
{
    uint32_t count;

    rig_write(&r, RCC + 0x90, 1u << 24); // LSI: a tick is 500 cycles
    rig_write(&r, LPTIM + 0x10, 1);
    rig_write(&r, LPTIM + 0x18, 0xFFFF);
    rig_write(&r, LPTIM + 0x10, 5);
    pass_time(50000);
    count = rig_read(&r, LPTIM + 0x1C);
    cr_expect_gt(count, 50);
    rig_write(&r, RCC + 0x08, 15u << 4); // HPRE: a tick is a cycle, about
    cr_expect_eq(rig_read(&r, LPTIM + 0x1C), count);
    pass_time(1000);
    cr_expect_gt(rig_read(&r, LPTIM + 0x1C), count + 500);
    cr_expect_lt(rig_read(&r, LPTIM + 0x1C), count + 5000);
}
