// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385, chapter on the ADC (ADC1 to ADC3 and what they share); the data sheet
// (temperature sensor, VBAT, internal reference). Software or the update of a timer (its TRGO)
// starts conversions, and they take the time of their sampling and bits; neither compares of timers
// nor pins trigger any, the three do not convert in step. VDDA and VBAT are 3.3 V, the chip has 25
// degrees, pins are at ground.

#define SR 0x00u
#define CR1 0x04u
#define CR2 0x08u
#define SMPR1 0x0Cu
#define SMPR2 0x10u
#define JOFR1 0x14u
#define HTR 0x24u
#define LTR 0x28u
#define SQR1 0x2Cu
#define SQR3 0x34u
#define JSQR 0x38u
#define JDR1 0x3Cu
#define DR 0x4Cu
#define CSR 0x00u // these three: of what they share
#define CCR 0x04u
#define CDR 0x08u
#define COMMON BOARD_NUM_ADCS // index of that
#define SR_AWD (1u << 0)
#define SR_EOC (1u << 1)
#define SR_JEOC (1u << 2)
#define SR_JSTRT (1u << 3)
#define SR_STRT (1u << 4)
#define SR_OVR (1u << 5)
#define CR1_EOCIE (1u << 5)
#define CR1_AWDIE (1u << 6)
#define CR1_JEOCIE (1u << 7)
#define CR1_SCAN (1u << 8)
#define CR1_AWDSGL (1u << 9)
#define CR1_DISCEN (1u << 11)
#define CR1_JAWDEN (1u << 22)
#define CR1_AWDEN (1u << 23)
#define CR1_OVRIE (1u << 26)
#define CR1_INTERRUPTS (CR1_EOCIE | CR1_AWDIE | CR1_JEOCIE | CR1_OVRIE)
#define CR1_WRITABLE 0x07C0FFFFu
#define CR2_ADON (1u << 0)
#define CR2_CONT (1u << 1)
#define CR2_DMA (1u << 8)
#define CR2_EOCS (1u << 10)
#define CR2_ALIGN (1u << 11)
#define CR2_JSWSTART (1u << 22)
#define CR2_SWSTART (1u << 30)
#define CR2_WRITABLE 0x3F3F0F03u
#define CCR_VBATE (1u << 22)
#define CCR_TSVREFE (1u << 23)
#define CCR_WRITABLE 0x00C3EF1Fu
#define ADC_IRQ 18u
#define CHANNEL_REFERENCE 17u
#define CHANNEL_TEMPERATURE 18u // and VBAT
#define VALUE_REFERENCE 1502u   // 1.21 V
#define VALUE_TEMPERATURE 943u  // 0.76 V: 25 degrees
#define VALUE_VBAT 1024u        // a quarter of 3.3 V

static uint32_t *reg(struct board_adc *a, uint32_t offset)
{
    return &a->regs[offset / 4];
}

static uint32_t get(const struct board_adc *a, uint32_t offset)
{
    return a->regs[offset / 4];
}

static void update_line(struct board_machine *m)
{
    bool raised = false;

    for (unsigned i = 0; i < BOARD_NUM_ADCS; i++) {
        uint32_t sr = get(&m->adc[i], SR);
        uint32_t cr1 = get(&m->adc[i], CR1);

        raised |= ((sr & SR_EOC) != 0 && (cr1 & CR1_EOCIE) != 0) ||
                  ((sr & SR_AWD) != 0 && (cr1 & CR1_AWDIE) != 0) ||
                  ((sr & SR_JEOC) != 0 && (cr1 & CR1_JEOCIE) != 0) ||
                  ((sr & SR_OVR) != 0 && (cr1 & CR1_OVRIE) != 0);
    }
    board_nvic_set_line(m, ADC_IRQ, raised);
}

void board_adc_reset(struct board_machine *m, unsigned index)
{
    (void)index; // a reset reaches all of them
    memset(m->adc, 0, sizeof m->adc);
    m->adc_ccr = 0;
    for (unsigned i = 0; i < BOARD_NUM_ADCS; i++) {
        *reg(&m->adc[i], HTR) = 0xFFFu;
    }
    update_line(m);
}

// ---------------------------------------------------------------------------------------------
// A conversion

static unsigned resolution_bits(const struct board_adc *a)
{
    return 12 - 2 * (get(a, CR1) >> 24 & 3u);
}

/** HCLK cycles that a channel takes. */
static uint64_t duration(const struct board_machine *m, const struct board_adc *a, unsigned channel)
{
    static const uint16_t sampling[8] = {3, 15, 28, 56, 84, 112, 144, 480};
    uint32_t times =
        channel < 10 ? get(a, SMPR2) >> (3 * channel) : get(a, SMPR1) >> (3 * (channel - 10));
    uint64_t adc_clocks = sampling[times & 7u] + (uint64_t)resolution_bits(a);
    uint64_t prescaler = UINT64_C(2) * ((m->adc_ccr >> 16 & 3u) + 1);

    return adc_clocks * prescaler * board_rcc_apb_divider(m, 2);
}

/** What a channel has, in 12 bits. Only ADC1 is connected to the inside. */
static uint32_t sample(const struct board_machine *m, const struct board_adc *a, unsigned channel)
{
    if (a != &m->adc[0]) {
        return 0;
    }
    if (channel == CHANNEL_TEMPERATURE && (m->adc_ccr & CCR_VBATE) != 0) {
        return VALUE_VBAT;
    }
    if ((m->adc_ccr & CCR_TSVREFE) == 0) {
        return 0;
    }
    return channel == CHANNEL_REFERENCE     ? VALUE_REFERENCE
           : channel == CHANNEL_TEMPERATURE ? VALUE_TEMPERATURE
                                            : 0;
}

static uint32_t aligned(const struct board_adc *a, uint32_t value, bool is_signed)
{
    unsigned bits = resolution_bits(a);

    if ((get(a, CR2) & CR2_ALIGN) == 0) {
        return value & 0xFFFFu;
    }
    // Injected values keep a bit for their sign; 6 bits are aligned within a byte.
    return value << ((bits == 6 ? 8 : 16) - bits - (is_signed ? 1 : 0)) & 0xFFFFu;
}

static void watch(struct board_adc *a, unsigned channel, uint32_t value, uint32_t enable)
{
    bool guarded = (get(a, CR1) & CR1_AWDSGL) == 0 || (get(a, CR1) & 31u) == channel;

    if ((get(a, CR1) & enable) != 0 && guarded && (value < get(a, LTR) || value > get(a, HTR))) {
        *reg(a, SR) |= SR_AWD;
    }
}

static unsigned sequence_length(const struct board_adc *a)
{
    return (get(a, CR1) & CR1_SCAN) != 0 ? (get(a, SQR1) >> 20 & 15u) + 1 : 1;
}

static unsigned sequence_channel(const struct board_adc *a, unsigned rank)
{
    return get(a, SQR3 - 4 * (rank / 6)) >> (5 * (rank % 6)) & 31u;
}

static void queue_for_dma(struct board_machine *m, struct board_adc *a, uint32_t value)
{
    if (a->dma_count == BOARD_ADC_QUEUE) {
        *reg(a, SR) |= SR_OVR;
        a->converting = false;
        return;
    }
    a->dma[(a->dma_first + a->dma_count++) % BOARD_ADC_QUEUE] = (uint16_t)value;
    m->dma_due = true;
    board_attention(m);
}

/** The conversion of the present rank ends; what comes next starts at that moment. */
static void finish_regular(struct board_machine *m, struct board_adc *a)
{
    unsigned channel = sequence_channel(a, a->rank);
    uint32_t value = sample(m, a, channel) >> (12 - resolution_bits(a));
    unsigned length = sequence_length(a);
    bool is_last = ++a->rank >= length;
    bool ends_group = is_last;

    if ((get(a, CR1) & CR1_DISCEN) != 0) {
        ends_group |= ++a->in_group > (get(a, CR1) >> 13 & 7u);
    }
    watch(a, channel, value, CR1_AWDEN);
    if ((get(a, CR2) & (CR2_DMA | CR2_EOCS)) == CR2_EOCS && (get(a, SR) & SR_EOC) != 0) {
        *reg(a, SR) |= SR_OVR; // the value of before was not read
    }
    *reg(a, DR) = aligned(a, value, false);
    if ((get(a, CR2) & CR2_EOCS) != 0 || ends_group) {
        *reg(a, SR) |= SR_EOC;
    }
    a->rank = is_last ? 0 : a->rank;
    a->in_group = ends_group ? 0 : a->in_group;
    a->converting =
        (!ends_group || ((get(a, CR2) & CR2_CONT) != 0 && is_last)) && (get(a, SR) & SR_OVR) == 0;
    if ((get(a, CR2) & CR2_DMA) != 0) {
        queue_for_dma(m, a, get(a, DR));
    }
    if (a->converting) {
        a->due += duration(m, a, sequence_channel(a, a->rank));
    }
}

/** All injected ones, at the end of the last. */
static void finish_injected(const struct board_machine *m, struct board_adc *a)
{
    unsigned length = (get(a, JSQR) >> 20 & 3u) + 1;

    for (unsigned i = 0; i < length; i++) {
        unsigned channel = get(a, JSQR) >> (5 * (4 - length + i)) & 31u;
        uint32_t value = sample(m, a, channel) >> (12 - resolution_bits(a));

        watch(a, channel, value, CR1_JAWDEN);
        *reg(a, JDR1 + 4 * i) = aligned(a, value - get(a, JOFR1 + 4 * i), true);
    }
    *reg(a, SR) |= SR_JEOC;
    a->injecting = false;
}

static void start_regular(const struct board_machine *m, struct board_adc *a, uint64_t now)
{
    if ((get(a, CR2) & CR2_ADON) != 0 && !a->converting && (get(a, SR) & SR_OVR) == 0) {
        a->converting = true;
        a->due = now + duration(m, a, sequence_channel(a, a->rank));
        *reg(a, SR) |= SR_STRT;
    }
}

static void start_injected(const struct board_machine *m, struct board_adc *a, uint64_t now)
{
    unsigned length = (get(a, JSQR) >> 20 & 3u) + 1;

    if ((get(a, CR2) & CR2_ADON) == 0 || a->injecting) {
        return;
    }
    a->injecting = true;
    a->injected_due = now;
    for (unsigned i = 0; i < length; i++) {
        unsigned channel = get(a, JSQR) >> (5 * (4 - length + i)) & 31u;

        a->injected_due += duration(m, a, channel);
    }
    *reg(a, SR) |= SR_JSTRT;
}

/** EXTSEL and JEXTSEL of a timer's TRGO, by its number less one; 16 = it triggers none. */
static const struct {
    uint8_t regular, injected;
} triggers[BOARD_NUM_TIMERS] = {
    {9, 0}, {11, 2},  {16, 16}, {12, 5},  {4, 12},  {13, 14}, {16, 16},
    {7, 9}, {16, 16}, {16, 16}, {16, 16}, {16, 16}, {16, 16}, {16, 16},
};

static bool starts_regular(const struct board_adc *a, unsigned timer)
{
    return (get(a, CR2) >> 28 & 3u) != 0 && (get(a, CR2) >> 24 & 15u) == triggers[timer].regular;
}

static bool starts_injected(const struct board_adc *a, unsigned timer)
{
    return (get(a, CR2) >> 20 & 3u) != 0 && (get(a, CR2) >> 16 & 15u) == triggers[timer].injected;
}

bool board_adc_listens(const struct board_machine *m, unsigned timer)
{
    for (unsigned i = 0; i < BOARD_NUM_ADCS; i++) {
        if ((get(&m->adc[i], CR2) & CR2_ADON) != 0 &&
            (starts_regular(&m->adc[i], timer) || starts_injected(&m->adc[i], timer))) {
            return true;
        }
    }
    return false;
}

void board_adc_trigger(struct board_machine *m, unsigned timer, uint64_t at)
{
    board_adc_sync(m, at);
    for (unsigned i = 0; i < BOARD_NUM_ADCS; i++) {
        if (starts_regular(&m->adc[i], timer)) {
            start_regular(m, &m->adc[i], at);
        }
        if (starts_injected(&m->adc[i], timer)) {
            start_injected(m, &m->adc[i], at);
        }
    }
}

uint64_t board_adc_next(const struct board_machine *m)
{
    uint64_t next = UINT64_MAX;

    for (unsigned i = 0; i < BOARD_NUM_ADCS; i++) {
        const struct board_adc *a = &m->adc[i];
        // Without anybody who hears of it, an end can wait until a register is looked at.
        bool is_heard = (get(a, CR1) & CR1_INTERRUPTS) != 0 || (get(a, CR2) & CR2_DMA) != 0;

        if (is_heard && a->converting && a->due < next) {
            next = a->due;
        }
        if (is_heard && a->injecting && a->injected_due < next) {
            next = a->injected_due;
        }
    }
    return next;
}

void board_adc_sync(struct board_machine *m, uint64_t now)
{
    bool changed = false;

    for (unsigned i = 0; i < BOARD_NUM_ADCS; i++) {
        struct board_adc *a = &m->adc[i];

        while (a->converting && a->due <= now) {
            finish_regular(m, a);
            changed = true;
        }
        if (a->injecting && a->injected_due <= now) {
            finish_injected(m, a);
            changed = true;
        }
    }
    if (changed) {
        update_line(m);
    }
}

bool board_adc_dma_take(struct board_machine *m, unsigned index, uint32_t *value)
{
    struct board_adc *a = &m->adc[index];

    if (a->dma_count == 0) {
        return false;
    }
    *value = a->dma[a->dma_first];
    a->dma_first = (a->dma_first + 1) % BOARD_ADC_QUEUE;
    a->dma_count--;
    *reg(a, SR) &= ~SR_EOC; // a read of DR like any other
    update_line(m);
    return true;
}

// ---------------------------------------------------------------------------------------------
// Registers

static uint32_t read_common(struct board_machine *m, uint32_t offset)
{
    uint32_t value = 0;

    switch (offset) {
    case CSR:
        for (unsigned i = 0; i < BOARD_NUM_ADCS; i++) {
            value |= get(&m->adc[i], SR) << (8 * i);
        }
        return value;
    case CCR:
        return m->adc_ccr;
    case CDR:
        return get(&m->adc[0], DR) | get(&m->adc[1], DR) << 16;
    default:
        return 0;
    }
}

uint32_t board_adc_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    uint32_t value;

    board_adc_sync(m, board_now(m, io->addr, false));
    if (index == COMMON) {
        return read_common(m, io->offset);
    }
    if (io->offset > DR) {
        return 0;
    }
    value = get(&m->adc[index], io->offset);
    if (io->offset == DR && !io->by_debugger) {
        *reg(&m->adc[index], SR) &= ~SR_EOC;
        update_line(m);
    }
    return value;
}

static void write_control(struct board_machine *m, struct board_adc *a, uint32_t value,
                          uint64_t now)
{
    *reg(a, CR2) = value & CR2_WRITABLE & ~(CR2_SWSTART | CR2_JSWSTART);
    if ((value & CR2_ADON) == 0) {
        a->converting = false;
        a->injecting = false;
        a->rank = 0;
        a->in_group = 0;
    }
    if ((value & CR2_DMA) == 0) {
        a->dma_count = 0;
    }
    if ((value & CR2_SWSTART) != 0) {
        start_regular(m, a, now);
    }
    if ((value & CR2_JSWSTART) != 0) {
        start_injected(m, a, now);
    }
}

void board_adc_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value)
{
    uint64_t now = board_now(m, io->addr, true);
    struct board_adc *a = &m->adc[index % BOARD_NUM_ADCS];

    board_adc_sync(m, now);
    if (index == COMMON) {
        m->adc_ccr = io->offset == CCR ? value & CCR_WRITABLE : m->adc_ccr;
    } else if (io->offset == SR) {
        *reg(a, SR) &= value; // cleared by writing zero
    } else if (io->offset == CR1) {
        *reg(a, CR1) = value & CR1_WRITABLE;
    } else if (io->offset == CR2) {
        write_control(m, a, value, now);
    } else if (io->offset < JDR1) {
        *reg(a, io->offset) = value;
    }
    update_line(m);
    board_attention(m);
}
