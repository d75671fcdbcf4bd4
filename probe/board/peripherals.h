// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_PERIPHERALS_H
#define UTVM_BOARD_PERIPHERALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/board/hostio.h"
#include "probe/board/machine.h"

/**
 * The peripherals outside the core: their state, and the functions that state.h's machine is made
 * of. Each has a reset function and register accessors of one shape; peripherals.c knows where each
 * lives, which ones are only a name, and which clock of RCC it needs.
 */
struct board_machine;

/** An access to a register: who asks decides about locks and read side effects. */
struct board_io {
    uint32_t addr;   // as the core gave it
    uint32_t offset; // in the block; word-aligned unless the block says otherwise
    unsigned size_bytes;
    bool by_debugger;
};

#define BOARD_NUM_USARTS BOARD_NUM_SERIAL
#define BOARD_NUM_TIMERS 14u
#define BOARD_NUM_DMA_STREAMS 16u
#define BOARD_NUM_PORTS 11u
#define BOARD_NUM_EXTI_LINES 24u
#define BOARD_BACKUP_SRAM_SIZE 4096u
#define BOARD_NUM_RTC_BACKUP 32u

#define BOARD_NUM_ADCS 3u
#define BOARD_ADC_QUEUE 64u
#define BOARD_NUM_SPIS 6u
#define BOARD_NUM_I2CS 4u
#define BOARD_NUM_OTGS 2u
#define BOARD_NUM_CANS 2u
#define BOARD_CAN_FIFO 3u

struct board_usart {
    uint32_t cr1, cr2, cr3, brr, gtpr, rtor;
    bool tc_cleared;
    bool idle; // the line fell idle behind a byte
    struct board_hostio *host;
    uint8_t rx[256]; // from rx_head on: what has arrived, and then what is on its way
    size_t rx_head, rx_arrived, rx_coming;
    bool line_busy;
    uint64_t line_at; // cycle at which the next byte has arrived, or the line is idle
};

struct board_timer {
    uint32_t cr1, cr2, smcr, dier, sr, ccmr1, ccmr2, ccer, psc, psc_active, arr, rcr, bdtr, dcr,
        option;
    uint32_t ccr[4];
    uint32_t repeats;   // wraps before the one that is an update event
    uint64_t count;     // CNT at synced_at
    uint64_t synced_at; // cycle, on a tick
};

struct board_gpio_port {
    uint32_t moder, otyper, ospeedr, pupdr, odr, lckr, afrl, afrh;
};

struct board_exti {
    uint32_t imr, emr, rtsr, ftsr, pr;
};

struct board_dma_stream {
    uint32_t cr, ndtr, par, m0ar, m1ar, fcr;
    uint32_t flags;      // as in LISR, from bit 0
    uint32_t at, length; // items done of those that NDTR said when it was enabled
};

struct board_rng {
    uint32_t cr;
    uint32_t state; // never 0
};

struct board_crc {
    uint32_t value, idr, cr, init, pol;
};

struct board_adc {
    uint32_t regs[0x50 / 4];
    bool converting, injecting;
    unsigned rank;     // in the sequence, of the conversion under way or the next one
    unsigned in_group; // done of a group in discontinuous mode
    uint64_t due, injected_due;
    uint16_t dma[BOARD_ADC_QUEUE]; // values that DMA will fetch
    unsigned dma_first, dma_count;
};

struct board_spi {
    uint32_t cr1, cr2, crcpr, i2scfgr, i2spr;
    unsigned tx_bytes, rx_bytes; // in the FIFOs
    bool overrun, data_read;
};

struct board_i2c {
    uint32_t cr1, cr2, oar1, oar2, timingr, timeoutr, isr, txdr;
};

struct board_otg {
    uint32_t regs[0x1000 / 4];
};

struct board_can_fifo {
    uint32_t frame[BOARD_CAN_FIFO][4]; // RIR, RDTR, RDLR, RDHR
    unsigned count;
    bool overrun;
};

struct board_can {
    uint32_t regs[0x320 / 4];
    struct board_can_fifo fifo[2];
};

struct board_dac {
    uint32_t cr, held[2], out[2];
};

struct board_quadspi {
    uint32_t regs[13];
    uint32_t flags;     // of SR that stay until they are cleared
    uint64_t remaining; // bytes of data, to be sent or fetched
    bool is_busy;
};

struct board_sdmmc {
    uint32_t regs[0x4C / 4];
};

struct board_lptim {
    uint32_t isr, ier, cfgr, cr, cmp, arr, option;
    bool started, is_single;
    uint64_t started_at; // cycle
    uint64_t before;     // ticks up to then
    uint64_t seen;       // ticks that have been looked at
};

struct board_watchdog {
    uint32_t pr, rlr;
    bool unlocked, started;
    uint64_t deadline; // cycle at which it resets
};

struct board_window_watchdog {
    uint32_t cr, cfr, sr;
    uint64_t synced_at;
};

struct board_rtc {
    uint32_t cr, prer, wutr, alarm[2], alarm_ss[2], calr, tafcr;
    uint32_t backup[BOARD_NUM_RTC_BACKUP];
    unsigned key_step;
    bool unlocked, init, initialised;
    uint64_t base_s;        // seconds since 2000-01-01 at base_at
    uint64_t base_at;       // cycle
    uint32_t first_weekday; // of 2000-01-01, by what DR was told; Monday is 0
    uint32_t flags;         // of alarms and the wake-up timer, as in ISR
    uint64_t alarms_at;     // second up to which alarms have been looked for
    uint64_t wakeup_at;     // cycle
};

/** True the first time that it is asked about a key: what the user is told once. */
bool board_is_news(struct board_machine *m, uint32_t key);
// peripherals.c: 0x40000000 to 0x5FFFFFFF, and 0xA0000000
uint32_t board_peripheral_read(struct board_machine *m, struct board_io *io);
void board_peripheral_write(struct board_machine *m, struct board_io *io, uint32_t value);
/** Power-on or system reset of all of them. */
void board_peripherals_reset(struct board_machine *m, bool power_on);
/** A cycle before which none of them does anything by itself; UINT64_MAX = never. */
uint64_t board_peripherals_next(const struct board_machine *m);
/** Works off what is due at now. */
void board_peripherals_sync(struct board_machine *m, uint64_t now);
/** Takes in what has arrived from the host. */
void board_peripherals_service(struct board_machine *m);

// usart.c
/** Opens what USART index is connected to; NULL = nothing. */
bool board_usart_create(struct board_machine *m, unsigned index, const char *host,
                        const char **error);
void board_usart_reset(struct board_machine *m, unsigned index);
uint32_t board_usart_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_usart_write(struct board_machine *m, unsigned index, const struct board_io *io,
                       uint32_t value);
/** Takes in what has arrived from the host. */
void board_usart_service(struct board_machine *m, unsigned index);
/** When the next byte will have come, if anybody waits for it; UINT64_MAX = not at all. */
uint64_t board_usart_next(const struct board_machine *m, unsigned index);
void board_usart_sync(struct board_machine *m, unsigned index, uint64_t now);
/** For DMA: sends a byte; false when the USART asks for none. */
bool board_usart_dma_send(struct board_machine *m, unsigned index, uint8_t byte);
/** For DMA: takes a received byte; false when there is none or the USART offers none. */
bool board_usart_dma_take(struct board_machine *m, unsigned index, uint8_t *byte);

// timers.c: index is the timer's number less one
void board_timer_reset(struct board_machine *m, unsigned index);
uint32_t board_timer_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_timer_write(struct board_machine *m, unsigned index, const struct board_io *io,
                       uint32_t value);
void board_timer_sync(struct board_machine *m, unsigned index, uint64_t now);
uint64_t board_timer_next(const struct board_machine *m, unsigned index);

// gpio.c: ports and DBGMCU
void board_gpio_reset(struct board_machine *m, unsigned port);
uint32_t board_gpio_read(struct board_machine *m, unsigned port, const struct board_io *io);
void board_gpio_write(struct board_machine *m, unsigned port, const struct board_io *io,
                      uint32_t value);
uint32_t board_dbgmcu_read(struct board_machine *m, uint32_t offset);
void board_dbgmcu_write(struct board_machine *m, uint32_t offset, uint32_t value);

// exti.c: SYSCFG and EXTI
void board_exti_reset(struct board_machine *m);
/** Pins of a port went from one set of levels to another. */
void board_exti_pins(struct board_machine *m, unsigned port, uint32_t before, uint32_t after);
/** Lines from inside the chip rise. */
void board_exti_rise(struct board_machine *m, uint32_t lines);
uint32_t board_exti_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_exti_write(struct board_machine *m, unsigned index, const struct board_io *io,
                      uint32_t value);
uint32_t board_syscfg_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_syscfg_write(struct board_machine *m, unsigned index, const struct board_io *io,
                        uint32_t value);

// dma.c: index 0 is DMA1
void board_dma_reset(struct board_machine *m, unsigned index);
uint32_t board_dma_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_dma_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value);
/** Moves what can be moved; between blocks. */
void board_dma_run(struct board_machine *m);

// units.c: RNG, CRC and the backup SRAM
void board_units_reset(struct board_machine *m);
void board_rng_reset(struct board_machine *m);
uint32_t board_rng_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_rng_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value);
uint32_t board_crc_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_crc_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value);
uint32_t board_backup_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_backup_write(struct board_machine *m, unsigned index, const struct board_io *io,
                        uint32_t value);

// adc.c: the three of them, and what they share
void board_adc_reset(struct board_machine *m, unsigned index);
uint32_t board_adc_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_adc_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value);
uint64_t board_adc_next(const struct board_machine *m);
void board_adc_sync(struct board_machine *m, uint64_t now);
/** An ADC waits for this timer's TRGO. */
bool board_adc_listens(const struct board_machine *m, unsigned timer);
/** A timer's TRGO, at a cycle that has come or is past. */
void board_adc_trigger(struct board_machine *m, unsigned timer, uint64_t at);
/** For DMA: takes a converted value; false when there is none. */
bool board_adc_dma_take(struct board_machine *m, unsigned index, uint32_t *value);

// spi.c
void board_spi_reset(struct board_machine *m, unsigned index);
uint32_t board_spi_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_spi_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value);
/** For DMA: sends an item; false when the SPI asks for none. */
bool board_spi_dma_send(struct board_machine *m, unsigned index, uint32_t value);
/** For DMA: takes a received item; false when there is none or the SPI offers none. */
bool board_spi_dma_take(struct board_machine *m, unsigned index, uint32_t *value);

// i2c.c
void board_i2c_reset(struct board_machine *m, unsigned index);
uint32_t board_i2c_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_i2c_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value);

// can.c
void board_can_reset(struct board_machine *m, unsigned index);
uint32_t board_can_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_can_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value);

// otg.c: index 0 is OTG_FS
void board_otg_reset(struct board_machine *m, unsigned index);
uint32_t board_otg_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_otg_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value);

// dac.c
void board_dac_reset(struct board_machine *m, unsigned index);
uint32_t board_dac_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_dac_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value);

// quadspi.c
void board_quadspi_reset(struct board_machine *m, unsigned index);
uint32_t board_quadspi_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_quadspi_write(struct board_machine *m, unsigned index, const struct board_io *io,
                         uint32_t value);

// sdmmc.c
void board_sdmmc_reset(struct board_machine *m, unsigned index);
uint32_t board_sdmmc_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_sdmmc_write(struct board_machine *m, unsigned index, const struct board_io *io,
                       uint32_t value);

// lptim.c
void board_lptim_reset(struct board_machine *m, unsigned index);
uint32_t board_lptim_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_lptim_write(struct board_machine *m, unsigned index, const struct board_io *io,
                       uint32_t value);
uint64_t board_lptim_next(const struct board_machine *m);
void board_lptim_sync(struct board_machine *m, uint64_t now);
/** The core's clock is about to change: the ticks so far are kept. */
void board_lptim_keep(struct board_machine *m);

// watchdogs.c
void board_watchdogs_reset(struct board_machine *m);
uint32_t board_iwdg_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_iwdg_write(struct board_machine *m, unsigned index, const struct board_io *io,
                      uint32_t value);
uint32_t board_wwdg_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_wwdg_write(struct board_machine *m, unsigned index, const struct board_io *io,
                      uint32_t value);
uint64_t board_watchdogs_next(const struct board_machine *m);
void board_watchdogs_sync(struct board_machine *m, uint64_t now);
/** The core's clock is about to change from hclk_hz. */
void board_watchdogs_rescale(struct board_machine *m, uint64_t old_hz, uint64_t new_hz);

// rtc.c
void board_rtc_reset(struct board_machine *m);
uint32_t board_rtc_read(struct board_machine *m, unsigned index, const struct board_io *io);
void board_rtc_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value);
/** The clock that cycles are counted in changes: what has passed so far is kept. */
void board_rtc_keep(struct board_machine *m);
bool board_rtc_is_running(const struct board_machine *m);
/** TR and DR of a second since 2000-01-01. */
uint32_t board_rtc_time(uint64_t s);
uint32_t board_rtc_date(const struct board_machine *m, uint64_t s);

// rtc_events.c: alarms and the wake-up timer
uint64_t board_rtc_next(const struct board_machine *m);
void board_rtc_sync(struct board_machine *m, uint64_t now);
/** A write of CR. */
void board_rtc_control(struct board_machine *m, uint32_t value, uint64_t now);
/** The core's clock is about to change. */
void board_rtc_rescale(struct board_machine *m, uint64_t old_hz, uint64_t new_hz);

#endif
