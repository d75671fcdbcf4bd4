// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385 8.5 (registers), tables 25 and 26 (requests). Served are the USARTs, SPIs, ADCs
// and memory-to-memory; a transfer takes no time: what can be moved moves before the next block.
// No bursts, no FIFO.

#define LISR 0x00u
#define HISR 0x04u
#define LIFCR 0x08u
#define HIFCR 0x0Cu
#define STREAM0 0x10u
#define STREAM_SIZE 0x18u
#define STREAMS_OF_ONE 8u
#define CR_EN (1u << 0)
#define CR_TEIE (1u << 2)
#define CR_HTIE (1u << 3)
#define CR_TCIE (1u << 4)
#define CR_CIRC (1u << 8)
#define CR_PINC (1u << 9)
#define CR_MINC (1u << 10)
#define CR_DBM (1u << 18)
#define CR_CT (1u << 19)
#define FLAG_TE (1u << 3)
#define FLAG_HT (1u << 4)
#define FLAG_TC (1u << 5)
#define FLAGS 0x3Du

enum direction {
    FROM_PERIPHERAL,
    TO_PERIPHERAL,
    MEMORY_TO_MEMORY,
};

static const uint8_t stream_irq[BOARD_NUM_DMA_STREAMS] = {
    11, 12, 13, 14, 15, 16, 17, 47, 56, 57, 58, 59, 60, 68, 69, 70,
};

enum device {
    USART,
    SPI,
    ADC,
};

/** Who asks a stream on which channel. */
struct request {
    uint8_t stream;
    uint8_t channel;
    uint8_t device; // enum device
    uint8_t index;
    bool sends;
};

static const struct request requests[] = {
    {0, 0, SPI, 2, false},    {0, 4, USART, 4, false},  {0, 5, USART, 7, true},
    {1, 4, USART, 2, false},  {1, 5, USART, 6, true},   {2, 0, SPI, 2, false},
    {2, 4, USART, 3, false},  {3, 0, SPI, 1, false},    {3, 4, USART, 2, true},
    {3, 5, USART, 6, false},  {4, 0, SPI, 1, true},     {4, 4, USART, 3, true},
    {4, 7, USART, 2, true},   {5, 0, SPI, 2, true},     {5, 4, USART, 1, false},
    {6, 4, USART, 1, true},   {6, 5, USART, 7, false},  {7, 0, SPI, 2, true},
    {7, 4, USART, 4, true},   {8, 0, ADC, 0, false},    {8, 2, ADC, 2, false},
    {8, 3, SPI, 0, false},    {8, 4, SPI, 3, false},    {9, 2, ADC, 2, false},
    {9, 4, SPI, 3, true},     {9, 5, USART, 5, false},  {10, 1, ADC, 1, false},
    {10, 3, SPI, 0, false},   {10, 4, USART, 0, false}, {10, 5, USART, 5, false},
    {11, 1, ADC, 1, false},   {11, 2, SPI, 4, false},   {11, 3, SPI, 0, true},
    {11, 5, SPI, 3, false},   {12, 0, ADC, 0, false},   {12, 2, SPI, 4, true},
    {12, 5, SPI, 3, true},    {13, 1, SPI, 5, true},    {13, 3, SPI, 0, true},
    {13, 4, USART, 0, false}, {13, 7, SPI, 4, false},   {14, 1, SPI, 5, false},
    {14, 5, USART, 5, true},  {14, 7, SPI, 4, true},    {15, 4, USART, 0, true},
    {15, 5, USART, 5, true},
};
#define NUM_REQUESTS (sizeof requests / sizeof requests[0])

static enum direction direction_of(const struct board_dma_stream *s)
{
    return (enum direction)(s->cr >> 6 & 3u);
}

static void update_line(struct board_machine *m, unsigned stream)
{
    const struct board_dma_stream *s = &m->dma[stream];
    bool raised = ((s->flags & FLAG_TC) != 0 && (s->cr & CR_TCIE) != 0) ||
                  ((s->flags & FLAG_HT) != 0 && (s->cr & CR_HTIE) != 0) ||
                  ((s->flags & FLAG_TE) != 0 && (s->cr & CR_TEIE) != 0);

    board_nvic_set_line(m, stream_irq[stream], raised);
}

void board_dma_reset(struct board_machine *m, unsigned index)
{
    for (unsigned i = 0; i < STREAMS_OF_ONE; i++) {
        unsigned stream = index * STREAMS_OF_ONE + i;

        m->dma[stream] = (struct board_dma_stream){.fcr = 0x21u};
        update_line(m, stream);
    }
}

// ---------------------------------------------------------------------------------------------
// Moving

static bool load(struct board_machine *m, uint32_t addr, unsigned size_bytes, uint32_t *value)
{
    return board_machine_read(m, addr, size_bytes, value) == BOARD_ACCESS_OK;
}

static bool store(struct board_machine *m, uint32_t addr, unsigned size_bytes, uint32_t value)
{
    return board_machine_write(m, addr, size_bytes, value) == BOARD_ACCESS_OK;
}

/** Bytes of an item, by a field of CR; what is reserved is taken for words. */
static unsigned item_size(uint32_t field)
{
    return 1u << ((field & 3u) == 3 ? 2 : field & 3u);
}

static unsigned memory_size(const struct board_dma_stream *s)
{
    return item_size(s->cr >> 13);
}

/** One item is done: counters and flags. */
static void count_item(struct board_machine *m, unsigned stream)
{
    struct board_dma_stream *s = &m->dma[stream];

    s->at++;
    s->ndtr--;
    if (s->at * 2 == s->length || (s->length == 1 && s->at == 1)) {
        s->flags |= FLAG_HT;
    }
    if (s->ndtr == 0) {
        s->flags |= FLAG_TC;
        s->at = 0;
        if ((s->cr & CR_DBM) != 0) {
            s->cr ^= CR_CT;
        }
        if ((s->cr & (CR_CIRC | CR_DBM)) != 0 && direction_of(s) != MEMORY_TO_MEMORY) {
            s->ndtr = s->length;
        } else {
            s->cr &= ~CR_EN;
        }
    }
}

static void give_up(struct board_dma_stream *s)
{
    s->flags |= FLAG_TE;
    s->cr &= ~CR_EN;
}

static bool take_item(struct board_machine *m, const struct request *r, uint32_t *value)
{
    uint8_t byte;

    switch ((enum device)r->device) {
    case USART:
        *value = 0;
        if (!board_usart_dma_take(m, r->index, &byte)) {
            return false;
        }
        *value = byte;
        return true;
    case SPI:
        return board_spi_dma_take(m, r->index, value);
    case ADC:
        return board_adc_dma_take(m, r->index, value);
    default:
        return false;
    }
}

static bool send_item(struct board_machine *m, const struct request *r, uint32_t value)
{
    return r->device == USART ? board_usart_dma_send(m, r->index, (uint8_t)value)
                              : board_spi_dma_send(m, r->index, value);
}

static uint32_t item_address(const struct board_dma_stream *s)
{
    uint32_t base = (s->cr & (CR_DBM | CR_CT)) == (CR_DBM | CR_CT) ? s->m1ar : s->m0ar;

    return base + ((s->cr & CR_MINC) != 0 ? s->at * memory_size(s) : 0);
}

/** From a device, until one of them has enough; from an SPI, which may never, once round a ring. */
static void receive(struct board_machine *m, const struct request *r)
{
    struct board_dma_stream *s = &m->dma[r->stream];
    uint32_t guard = s->length;
    uint32_t value;

    while ((s->cr & CR_EN) != 0 && (r->device != SPI || guard-- != 0) && take_item(m, r, &value)) {
        if (store(m, item_address(s), memory_size(s), value)) {
            count_item(m, r->stream);
        } else {
            give_up(s);
        }
    }
}

static bool is_asked(const struct board_machine *m, const struct request *r)
{
    const struct board_dma_stream *s = &m->dma[r->stream];

    return (s->cr & CR_EN) != 0 && (s->cr >> 25 & 7u) == r->channel &&
           direction_of(s) == (r->sends ? TO_PERIPHERAL : FROM_PERIPHERAL);
}

/** What an SPI sends brings in as much, which has to be fetched before the next item goes. */
static void receive_beside(struct board_machine *m, const struct request *sender)
{
    for (size_t i = 0; i < NUM_REQUESTS; i++) {
        const struct request *r = &requests[i];

        if (!r->sends && r->device == sender->device && r->index == sender->index &&
            is_asked(m, r)) {
            receive(m, r);
            update_line(m, r->stream);
        }
    }
}

/** To a device, until it has enough; of a ring once round. */
static void transmit(struct board_machine *m, const struct request *r)
{
    struct board_dma_stream *s = &m->dma[r->stream];
    uint32_t guard = s->length;
    uint32_t value;

    while ((s->cr & CR_EN) != 0 && guard-- != 0) {
        if (!load(m, item_address(s), memory_size(s), &value)) {
            give_up(s);
        } else if (send_item(m, r, value)) {
            count_item(m, r->stream);
            if (r->device == SPI) {
                receive_beside(m, r);
            }
        } else {
            return;
        }
    }
}

static void copy(struct board_machine *m, unsigned stream)
{
    struct board_dma_stream *s = &m->dma[stream];
    unsigned size = item_size(s->cr >> 11);

    while ((s->cr & CR_EN) != 0) {
        uint32_t from = s->par + ((s->cr & CR_PINC) != 0 ? s->at * size : 0);
        uint32_t to = s->m0ar + ((s->cr & CR_MINC) != 0 ? s->at * size : 0);
        uint32_t value;

        if (load(m, from, size, &value) && store(m, to, size, value)) {
            count_item(m, stream);
        } else {
            give_up(s);
        }
    }
}

static void run_stream(struct board_machine *m, unsigned stream)
{
    if (direction_of(&m->dma[stream]) == MEMORY_TO_MEMORY) {
        copy(m, stream);
        return;
    }
    for (size_t i = 0; i < NUM_REQUESTS; i++) {
        const struct request *r = &requests[i];

        if (r->stream == stream && is_asked(m, r)) {
            if (r->sends) {
                transmit(m, r);
            } else {
                receive(m, r);
            }
        }
    }
}

void board_dma_run(struct board_machine *m)
{
    m->dma_due = false;
    for (unsigned i = 0; i < BOARD_NUM_DMA_STREAMS; i++) {
        if ((m->dma[i].cr & CR_EN) != 0) {
            run_stream(m, i);
            update_line(m, i);
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Registers

/** Where a stream's flags stand in LISR and HISR. */
static unsigned flag_shift(unsigned stream)
{
    static const uint8_t shifts[4] = {0, 6, 16, 22};

    return shifts[stream % 4];
}

static uint32_t *stream_register(struct board_dma_stream *s, uint32_t offset)
{
    switch (offset) {
    case 0x00u:
        return &s->cr;
    case 0x04u:
        return &s->ndtr;
    case 0x08u:
        return &s->par;
    case 0x0Cu:
        return &s->m0ar;
    case 0x10u:
        return &s->m1ar;
    default:
        return &s->fcr;
    }
}

uint32_t board_dma_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    unsigned first = index * STREAMS_OF_ONE + (io->offset == HISR ? 4 : 0);
    uint32_t value = 0;

    if (io->offset <= HISR) {
        for (unsigned i = 0; i < 4; i++) {
            value |= m->dma[first + i].flags << flag_shift(i);
        }
        return value;
    }
    if (io->offset < STREAM0 || io->offset >= STREAM0 + STREAMS_OF_ONE * STREAM_SIZE) {
        return 0;
    }
    return *stream_register(&m->dma[first + (io->offset - STREAM0) / STREAM_SIZE],
                            (io->offset - STREAM0) % STREAM_SIZE);
}

static void write_control(struct board_machine *m, unsigned stream, uint32_t value)
{
    struct board_dma_stream *s = &m->dma[stream];
    bool starts = (value & CR_EN) != 0 && (s->cr & CR_EN) == 0;

    s->cr = value & 0x0FFFFFFFu;
    if (starts && s->ndtr == 0) {
        s->cr &= ~CR_EN;
    } else if (starts) {
        s->at = 0;
        s->length = s->ndtr;
        m->dma_due = true;
        board_attention(m);
    }
    update_line(m, stream);
}

void board_dma_write(struct board_machine *m, unsigned index, const struct board_io *io,
                     uint32_t value)
{
    unsigned first = index * STREAMS_OF_ONE;
    uint32_t at = io->offset - STREAM0;

    if (io->offset == LIFCR || io->offset == HIFCR) {
        for (unsigned i = 0; i < 4; i++) {
            unsigned stream = first + i + (io->offset == HIFCR ? 4 : 0);

            m->dma[stream].flags &= ~(value >> flag_shift(i) & FLAGS);
            update_line(m, stream);
        }
        return;
    }
    if (io->offset < STREAM0 || at >= STREAMS_OF_ONE * STREAM_SIZE) {
        return;
    }
    if (at % STREAM_SIZE == 0) {
        write_control(m, first + at / STREAM_SIZE, value);
    } else {
        struct board_dma_stream *s = &m->dma[first + at / STREAM_SIZE];
        uint32_t *r = stream_register(s, at % STREAM_SIZE);

        if (r != &s->ndtr) {
            *r = value;
        } else if ((s->cr & CR_EN) == 0) { // only to be read while the stream is on
            *r = value & 0xFFFFu;
        }
    }
}
