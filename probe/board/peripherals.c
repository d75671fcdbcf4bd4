// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/peripherals.h"

#include <stdio.h>
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385 2.2.2 (boundary addresses), 5.3 (clock enables).

#define KB 0x400u
#define AHB1 0x30u
#define AHB2 0x34u
#define AHB3 0x38u
#define APB1 0x40u
#define APB2 0x44u
#define ALWAYS 0u
#define SPIN_READS 1000000u

/** How narrow stores reach a block's registers. */
enum lanes {
    LANES_ZERO, // the other lanes count as zero
    LANES_KEPT, // they keep what the register holds
    LANES_OWN,  // the block wants to know the width
};

/** A block of registers. One without functions is only a name. */
struct block {
    uint32_t base;
    uint32_t size;
    const char *name;
    uint8_t enable_register; // of RCC; ALWAYS = none needed
    uint8_t enable_bit;
    uint8_t index;
    enum lanes lanes;
    uint32_t (*read)(struct board_machine *m, unsigned index, const struct board_io *io);
    void (*write)(struct board_machine *m, unsigned index, const struct board_io *io,
                  uint32_t value);
};

static uint32_t read_rcc(struct board_machine *m, unsigned index, const struct board_io *io)
{
    (void)index;
    return board_rcc_read(m, io->offset);
}

static void write_rcc(struct board_machine *m, unsigned index, const struct board_io *io,
                      uint32_t value)
{
    (void)index;
    board_rcc_write(m, io, value);
}

static uint32_t read_pwr(struct board_machine *m, unsigned index, const struct board_io *io)
{
    (void)index;
    return board_pwr_read(m, io->offset);
}

static void write_pwr(struct board_machine *m, unsigned index, const struct board_io *io,
                      uint32_t value)
{
    (void)index;
    board_pwr_write(m, io->offset, value);
}

static uint32_t read_flash(struct board_machine *m, unsigned index, const struct board_io *io)
{
    (void)index;
    return board_flash_read(m, io->offset);
}

static void write_flash(struct board_machine *m, unsigned index, const struct board_io *io,
                        uint32_t value)
{
    (void)index;
    board_flash_write(m, io->offset, value);
}

#define TIMER(address, number, bus, bit)                                                           \
    {                                                                                              \
        address, KB, "TIM" #number, bus, bit, (number)-1, LANES_KEPT, board_timer_read,            \
            board_timer_write                                                                      \
    }
#define USART(address, name, number, bus, bit)                                                     \
    {                                                                                              \
        address, KB, name, bus, bit, (number)-1, LANES_ZERO, board_usart_read, board_usart_write   \
    }
#define PORT(address, letter, number)                                                              \
    {                                                                                              \
        address, KB, "GPIO" letter, AHB1, number, number, LANES_KEPT, board_gpio_read,             \
            board_gpio_write                                                                       \
    }
#define BLOCK(address, size, name, bus, bit, index, lanes, functions)                              \
    {                                                                                              \
        address, size, name, bus, bit, index, lanes, board_##functions##_read,                     \
            board_##functions##_write                                                              \
    }
#define NAME(address, size, name)                                                                  \
    {                                                                                              \
        address, size, name, ALWAYS, 0, 0, LANES_ZERO, NULL, NULL                                  \
    }

/** In the order of their addresses. */
static const struct block blocks[] = {
    TIMER(0x40000000u, 2, APB1, 0),
    TIMER(0x40000400u, 3, APB1, 1),
    TIMER(0x40000800u, 4, APB1, 2),
    TIMER(0x40000C00u, 5, APB1, 3),
    TIMER(0x40001000u, 6, APB1, 4),
    TIMER(0x40001400u, 7, APB1, 5),
    TIMER(0x40001800u, 12, APB1, 6),
    TIMER(0x40001C00u, 13, APB1, 7),
    TIMER(0x40002000u, 14, APB1, 8),
    BLOCK(0x40002400u, KB, "LPTIM1", APB1, 9, 0, LANES_ZERO, lptim),
    BLOCK(0x40002800u, KB, "RTC", ALWAYS, 0, 0, LANES_ZERO, rtc),
    BLOCK(0x40002C00u, KB, "WWDG", APB1, 11, 0, LANES_ZERO, wwdg),
    BLOCK(0x40003000u, KB, "IWDG", ALWAYS, 0, 0, LANES_ZERO, iwdg),
    BLOCK(0x40003800u, KB, "SPI2", APB1, 14, 1, LANES_OWN, spi),
    BLOCK(0x40003C00u, KB, "SPI3", APB1, 15, 2, LANES_OWN, spi),
    NAME(0x40004000u, KB, "SPDIFRX"),
    USART(0x40004400u, "USART2", 2, APB1, 17),
    USART(0x40004800u, "USART3", 3, APB1, 18),
    USART(0x40004C00u, "UART4", 4, APB1, 19),
    USART(0x40005000u, "UART5", 5, APB1, 20),
    BLOCK(0x40005400u, KB, "I2C1", APB1, 21, 0, LANES_ZERO, i2c),
    BLOCK(0x40005800u, KB, "I2C2", APB1, 22, 1, LANES_ZERO, i2c),
    BLOCK(0x40005C00u, KB, "I2C3", APB1, 23, 2, LANES_ZERO, i2c),
    BLOCK(0x40006000u, KB, "I2C4", APB1, 24, 3, LANES_ZERO, i2c),
    BLOCK(0x40006400u, KB, "CAN1", APB1, 25, 0, LANES_KEPT, can),
    BLOCK(0x40006800u, KB, "CAN2", APB1, 26, 1, LANES_KEPT, can),
    NAME(0x40006C00u, KB, "HDMI-CEC"),
    {0x40007000u, KB, "PWR", APB1, 28, 0, LANES_KEPT, read_pwr, write_pwr},
    BLOCK(0x40007400u, KB, "DAC", APB1, 29, 0, LANES_ZERO, dac),
    USART(0x40007800u, "UART7", 7, APB1, 30),
    USART(0x40007C00u, "UART8", 8, APB1, 31),
    TIMER(0x40010000u, 1, APB2, 0),
    TIMER(0x40010400u, 8, APB2, 1),
    USART(0x40011000u, "USART1", 1, APB2, 4),
    USART(0x40011400u, "USART6", 6, APB2, 5),
    BLOCK(0x40012000u, 0x100u, "ADC1", APB2, 8, 0, LANES_KEPT, adc),
    BLOCK(0x40012100u, 0x100u, "ADC2", APB2, 9, 1, LANES_KEPT, adc),
    BLOCK(0x40012200u, 0x100u, "ADC3", APB2, 10, 2, LANES_KEPT, adc),
    BLOCK(0x40012300u, 0x100u, "ADC common", ALWAYS, 0, BOARD_NUM_ADCS, LANES_KEPT, adc),
    BLOCK(0x40012C00u, KB, "SDMMC1", APB2, 11, 0, LANES_ZERO, sdmmc),
    BLOCK(0x40013000u, KB, "SPI1", APB2, 12, 0, LANES_OWN, spi),
    BLOCK(0x40013400u, KB, "SPI4", APB2, 13, 3, LANES_OWN, spi),
    BLOCK(0x40013800u, KB, "SYSCFG", APB2, 14, 0, LANES_KEPT, syscfg),
    BLOCK(0x40013C00u, KB, "EXTI", ALWAYS, 0, 0, LANES_ZERO, exti),
    TIMER(0x40014000u, 9, APB2, 16),
    TIMER(0x40014400u, 10, APB2, 17),
    TIMER(0x40014800u, 11, APB2, 18),
    BLOCK(0x40015000u, KB, "SPI5", APB2, 20, 4, LANES_OWN, spi),
    BLOCK(0x40015400u, KB, "SPI6", APB2, 21, 5, LANES_OWN, spi),
    NAME(0x40015800u, KB, "SAI1"),
    NAME(0x40015C00u, KB, "SAI2"),
    NAME(0x40016800u, KB, "LTDC"),
    PORT(0x40020000u, "A", 0),
    PORT(0x40020400u, "B", 1),
    PORT(0x40020800u, "C", 2),
    PORT(0x40020C00u, "D", 3),
    PORT(0x40021000u, "E", 4),
    PORT(0x40021400u, "F", 5),
    PORT(0x40021800u, "G", 6),
    PORT(0x40021C00u, "H", 7),
    PORT(0x40022000u, "I", 8),
    PORT(0x40022400u, "J", 9),
    PORT(0x40022800u, "K", 10),
    BLOCK(0x40023000u, KB, "CRC", AHB1, 12, 0, LANES_OWN, crc),
    {0x40023800u, KB, "RCC", ALWAYS, 0, 0, LANES_KEPT, read_rcc, write_rcc},
    {0x40023C00u, KB, "FLASH", ALWAYS, 0, 0, LANES_KEPT, read_flash, write_flash},
    BLOCK(0x40024000u, 4 * KB, "backup SRAM", AHB1, 18, 0, LANES_KEPT, backup),
    BLOCK(0x40026000u, KB, "DMA1", AHB1, 21, 0, LANES_KEPT, dma),
    BLOCK(0x40026400u, KB, "DMA2", AHB1, 22, 1, LANES_KEPT, dma),
    NAME(0x40028000u, 5 * KB, "ETH"),
    NAME(0x4002B000u, 4 * KB, "DMA2D"),
    BLOCK(0x40040000u, 256 * KB, "USB OTG HS", AHB1, 29, 1, LANES_ZERO, otg),
    BLOCK(0x50000000u, 256 * KB, "USB OTG FS", AHB2, 7, 0, LANES_ZERO, otg),
    NAME(0x50050000u, KB, "DCMI"),
    BLOCK(0x50060800u, KB, "RNG", AHB2, 6, 0, LANES_ZERO, rng),
    NAME(0xA0000000u, 4 * KB, "FMC"),
    BLOCK(0xA0001000u, KB, "QUADSPI", AHB3, 1, 0, LANES_OWN, quadspi),
};
#define NUM_BLOCKS (sizeof blocks / sizeof blocks[0])

static const struct block *find(uint32_t addr)
{
    size_t first = 0;
    size_t end = NUM_BLOCKS;

    while (first < end) {
        size_t middle = (first + end) / 2;

        if (addr < blocks[middle].base) {
            end = middle;
        } else if (addr - blocks[middle].base < blocks[middle].size) {
            return &blocks[middle];
        } else {
            first = middle + 1;
        }
    }
    return NULL;
}

// ---------------------------------------------------------------------------------------------
// What the user is told

bool board_is_news(struct board_machine *m, uint32_t key)
{
    for (size_t i = 0; i < m->num_logged; i++) {
        if (m->logged[i] == key) {
            return false;
        }
    }
    if (m->num_logged == BOARD_LOG_SLOTS) {
        return false;
    }
    m->logged[m->num_logged++] = key;
    return true;
}

static void log_unknown(struct board_machine *m, const struct block *b, const struct board_io *io,
                        bool is_write)
{
    uint32_t base = b != NULL ? b->base : io->addr & ~(KB - 1);

    if (board_is_news(m, base)) {
        fprintf(stderr,
                "utvm-board: the firmware %s 0x%08X (%s + 0x%02X) at pc 0x%08X; this peripheral "
                "is not emulated and reads zero\n",
                is_write ? "writes" : "reads", io->addr, b != NULL ? b->name : "reserved",
                io->addr - base, board_access_pc(m, io->addr, is_write));
    }
}

/** A loop around a flag that will never be set looks like a hang: say what it waits for. */
static void log_spinning(struct board_machine *m, const struct block *b, const struct board_io *io)
{
    if (io->addr != m->spin_addr) {
        m->spin_addr = io->addr;
        m->spin_reads = 0;
    }
    if (++m->spin_reads == SPIN_READS && board_is_news(m, io->addr | 1u)) {
        fprintf(stderr,
                "utvm-board: the firmware keeps reading 0x%08X (%s) at pc 0x%08X, which stays "
                "zero: it may wait there for ever\n",
                io->addr, b != NULL ? b->name : "reserved", board_access_pc(m, io->addr, false));
    }
}

static void check_clock(struct board_machine *m, const struct block *b, const struct board_io *io,
                        bool is_write)
{
    if (b->enable_register == ALWAYS || io->by_debugger ||
        (m->rcc.regs[b->enable_register / 4] >> b->enable_bit & 1u) != 0) {
        return;
    }
    if (board_is_news(m, b->base | 2u)) {
        fprintf(stderr,
                "utvm-board: the firmware uses %s at pc 0x%08X although its clock is off in RCC: "
                "works here, not on silicon\n",
                b->name, board_access_pc(m, io->addr, is_write));
    }
}

// ---------------------------------------------------------------------------------------------
// What they do by themselves

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/** Looking at all of them takes a while, and nothing but what calls this makes one due earlier. */
static void update_due(struct board_machine *m)
{
    uint64_t next = earlier(board_watchdogs_next(m), board_adc_next(m));

    next = earlier(next, board_rtc_next(m));
    next = earlier(next, board_lptim_next(m));
    for (unsigned i = 0; i < BOARD_NUM_USARTS; i++) {
        next = earlier(next, board_usart_next(m, i));
    }
    for (unsigned i = 0; m->timers_on != 0 && i < BOARD_NUM_TIMERS; i++) {
        next = earlier(next, board_timer_next(m, i));
    }
    m->peripherals_due = next;
}

// ---------------------------------------------------------------------------------------------
// Access

uint32_t board_peripheral_read(struct board_machine *m, struct board_io *io)
{
    const struct block *b = find(io->addr);

    if (b != NULL && b->read != NULL) {
        io->offset = (io->addr - b->base) & ~3u;
        check_clock(m, b, io, false);
        return b->read(m, b->index, io);
    }
    if (!io->by_debugger) {
        log_unknown(m, b, io, false);
        log_spinning(m, b, io);
    }
    return 0;
}

void board_peripheral_write(struct board_machine *m, struct board_io *io, uint32_t value)
{
    const struct block *b = find(io->addr);
    unsigned shift = 8 * (io->addr & 3u);

    if (b == NULL || b->write == NULL) {
        if (!io->by_debugger) {
            log_unknown(m, b, io, true);
        }
        return;
    }
    io->offset = (io->addr - b->base) & ~3u;
    check_clock(m, b, io, true);
    if (io->size_bytes < 4 && b->lanes != LANES_OWN) {
        uint32_t mask = ((1u << (8 * io->size_bytes)) - 1) << shift;

        value = value << shift & mask;
        // BSRR of a port only sets and resets: there the other lanes are zero.
        if (b->lanes == LANES_KEPT && !(b->write == board_gpio_write && io->offset == 0x18u)) {
            value |= b->read(m, b->index, io) & ~mask;
        }
        io->size_bytes = 4;
    }
    b->write(m, b->index, io, value);
    update_due(m);
}

// ---------------------------------------------------------------------------------------------
// All of them

/** What a system reset puts back, and how many there are of it. */
static const struct {
    void (*reset)(struct board_machine *m, unsigned index);
    unsigned count;
} parts[] = {
    {board_usart_reset, BOARD_NUM_USARTS},
    {board_timer_reset, BOARD_NUM_TIMERS},
    {board_gpio_reset, BOARD_NUM_PORTS},
    {board_dma_reset, 2},
    {board_spi_reset, BOARD_NUM_SPIS},
    {board_i2c_reset, BOARD_NUM_I2CS},
    {board_can_reset, BOARD_NUM_CANS},
    {board_otg_reset, BOARD_NUM_OTGS},
    {board_adc_reset, 1},
    {board_dac_reset, 1},
    {board_sdmmc_reset, 1},
    {board_quadspi_reset, 1},
    {board_lptim_reset, 1},
};

void board_peripherals_reset(struct board_machine *m, bool power_on)
{
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        for (unsigned index = 0; index < parts[i].count; index++) {
            parts[i].reset(m, index);
        }
    }
    board_exti_reset(m);
    board_units_reset(m);
    board_watchdogs_reset(m);
    m->dma_due = false;
    if (power_on) {
        board_rtc_reset(m);
        memset(m->backup_sram, 0, sizeof m->backup_sram);
    }
    update_due(m);
}

uint64_t board_peripherals_next(const struct board_machine *m)
{
    return m->peripherals_due;
}

void board_peripherals_sync(struct board_machine *m, uint64_t now)
{
    for (unsigned i = 0; i < BOARD_NUM_TIMERS; i++) {
        board_timer_sync(m, i, now);
    }
    for (unsigned i = 0; i < BOARD_NUM_USARTS; i++) {
        board_usart_sync(m, i, now);
    }
    board_adc_sync(m, now);
    board_rtc_sync(m, now);
    board_lptim_sync(m, now);
    board_watchdogs_sync(m, now);
    update_due(m);
}

void board_peripherals_service(struct board_machine *m)
{
    for (unsigned i = 0; i < BOARD_NUM_USARTS; i++) {
        board_usart_service(m, i);
    }
    update_due(m);
}
