// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdio.h>
#include <string.h>

#include "probe/board/state.h"

// Source: RM0385 31.8, and RCC (DCKCFGR2: kernel clocks). A byte is sent at once. Bytes come in one
// after the other at the rate that BRR says, so that a ring that DMA fills can be read in time; in
// the time of a byte behind the last one the line is idle. What RDR cannot take waits and is not
// lost.

#define CR1 0x00u
#define CR2 0x04u
#define CR3 0x08u
#define BRR 0x0Cu
#define GTPR 0x10u
#define RTOR 0x14u
#define RQR 0x18u
#define ISR 0x1Cu
#define ICR 0x20u
#define RDR 0x24u
#define TDR 0x28u
#define CR1_UE (1u << 0)
#define CR1_RE (1u << 2)
#define CR1_TE (1u << 3)
#define CR1_IDLEIE (1u << 4)
#define CR1_RXNEIE (1u << 5)
#define CR1_TCIE (1u << 6)
#define CR1_TXEIE (1u << 7)
#define CR3_DMAR (1u << 6)
#define CR3_DMAT (1u << 7)
#define CR1_OVER8 (1u << 15)
#define DCKCFGR2 0x90u
#define HSI_HZ 16000000u
#define LSE_HZ 32768u
#define BITS_A_BYTE 10u
#define ISR_IDLE (1u << 4)
#define ISR_RXNE (1u << 5)
#define ISR_TC (1u << 6)
#define ISR_TXE (1u << 7)
#define RQR_RXFRQ (1u << 3)

static const uint8_t irqs[BOARD_NUM_USARTS] = {37, 38, 39, 52, 53, 71, 82, 83};

static const char *const names[BOARD_NUM_USARTS] = {
    "usart1", "usart2", "usart3", "uart4", "uart5", "usart6", "uart7", "uart8",
};

static uint32_t status(const struct board_usart *u)
{
    uint32_t value = ISR_TXE | ISR_TC;

    if ((u->cr1 & CR1_UE) != 0) {
        value |= (u->cr1 & CR1_TE) << (21 - 3) | (u->cr1 & CR1_RE) << (22 - 2);
    }
    if (u->tc_cleared) {
        value &= ~ISR_TC;
    }
    value |= u->idle ? ISR_IDLE : 0;
    return value | (u->rx_arrived != 0 ? ISR_RXNE : 0);
}

static void update_line(struct board_machine *m, const struct board_usart *u)
{
    unsigned irq = irqs[u - m->usart];
    uint32_t raised = status(u) & u->cr1 & (CR1_IDLEIE | CR1_RXNEIE | CR1_TCIE | CR1_TXEIE);

    board_nvic_set_line(m, irq, raised != 0 && (u->cr1 & CR1_UE) != 0);
}

bool board_usart_create(struct board_machine *m, unsigned index, const char *host,
                        const char **error)
{
    struct board_usart *u = &m->usart[index];

    if (host == NULL) {
        return true;
    }
    u->host = board_hostio_open(names[index], host, error);
    return u->host != NULL;
}

void board_usart_reset(struct board_machine *m, unsigned index)
{
    struct board_usart *u = &m->usart[index];
    struct board_hostio *host = u->host;

    memset(u, 0, sizeof *u);
    u->host = host;
    board_nvic_set_line(m, irqs[index], false);
}

/** Takes the oldest received byte out of RDR. */
static void take(struct board_machine *m, struct board_usart *u)
{
    u->rx_head = (u->rx_head + 1) % sizeof u->rx;
    u->rx_arrived--;
    update_line(m, u);
}

/** HCLK cycles that a byte takes on the line; 0 when the rate is not set. */
static uint64_t byte_cycles(const struct board_machine *m, unsigned index)
{
    const struct board_usart *u = &m->usart[index];
    uint64_t divider =
        (u->cr1 & CR1_OVER8) != 0 ? ((u->brr & 0xFFF0u) | (u->brr & 7u) << 1) / 2 : u->brr;

    switch (m->rcc.regs[DCKCFGR2 / 4] >> (2 * index) & 3u) {
    case 0: // the clock of its bus
        return BITS_A_BYTE * divider * board_rcc_apb_divider(m, index == 0 || index == 5 ? 2 : 1);
    case 1: // SYSCLK, taken for HCLK
        return BITS_A_BYTE * divider;
    case 2:
        return BITS_A_BYTE * divider * m->rcc.hclk_hz / HSI_HZ;
    default:
        return BITS_A_BYTE * divider * m->rcc.hclk_hz / LSE_HZ;
    }
}

void board_usart_sync(struct board_machine *m, unsigned index, uint64_t now)
{
    struct board_usart *u = &m->usart[index];
    bool changed = u->line_busy && now >= u->line_at;

    while (u->line_busy && now >= u->line_at) {
        if (u->rx_coming == 0) {
            u->line_busy = false;
            u->idle = true;
            break;
        }
        u->rx_coming--;
        u->rx_arrived++;
        u->line_at += byte_cycles(m, index);
        m->dma_due |= (u->cr3 & CR3_DMAR) != 0;
    }
    if (changed) {
        update_line(m, u);
        board_attention(m);
    }
}

uint64_t board_usart_next(const struct board_machine *m, unsigned index)
{
    const struct board_usart *u = &m->usart[index];
    bool is_heard = (u->cr1 & (CR1_IDLEIE | CR1_RXNEIE)) != 0 || (u->cr3 & CR3_DMAR) != 0;

    return u->line_busy && is_heard ? u->line_at : UINT64_MAX;
}

uint32_t board_usart_read(struct board_machine *m, unsigned index, const struct board_io *io)
{
    struct board_usart *u = &m->usart[index];
    uint32_t value;

    board_usart_sync(m, index, board_now(m, io->addr, false));
    switch (io->offset) {
    case CR1:
        return u->cr1;
    case CR2:
        return u->cr2;
    case CR3:
        return u->cr3;
    case BRR:
        return u->brr;
    case GTPR:
        return u->gtpr;
    case RTOR:
        return u->rtor;
    case ISR:
        return status(u);
    case RDR:
        value = u->rx[u->rx_head];
        if (u->rx_arrived != 0 && !io->by_debugger) {
            take(m, u);
        }
        return value;
    default:
        return 0;
    }
}

/** What a firmware says is not lost without a word. */
static void log_lost(struct board_machine *m, const struct board_usart *u)
{
    const char *name = names[u - m->usart];

    if (board_is_news(m, (uint32_t)(u - m->usart))) {
        fprintf(stderr,
                "utvm-board: the firmware sends on %s, which goes nowhere: start with --%s TO to "
                "see it\n",
                name, name);
    }
}

static void transmit(struct board_machine *m, struct board_usart *u, uint32_t value)
{
    uint8_t byte = (uint8_t)value;

    if ((u->cr1 & (CR1_UE | CR1_TE)) != (CR1_UE | CR1_TE)) {
        return;
    }
    u->tc_cleared = false;
    if (u->host != NULL) {
        board_hostio_write(u->host, &byte, 1);
    } else {
        log_lost(m, u);
    }
}

void board_usart_write(struct board_machine *m, unsigned index, const struct board_io *io,
                       uint32_t value)
{
    struct board_usart *u = &m->usart[index];

    board_usart_sync(m, index, board_now(m, io->addr, true));
    switch (io->offset) {
    case CR1:
        u->cr1 = value & 0x1FFFFFFFu;
        break;
    case CR2:
        u->cr2 = value;
        break;
    case CR3:
        u->cr3 = value;
        break;
    case BRR:
        u->brr = value & 0xFFFFu;
        break;
    case GTPR:
        u->gtpr = value & 0xFFFFu;
        break;
    case RTOR:
        u->rtor = value;
        break;
    case RQR:
        if ((value & RQR_RXFRQ) != 0) {
            u->rx_head = (u->rx_head + u->rx_arrived) % sizeof u->rx;
            u->rx_arrived = 0;
        }
        break;
    case ICR:
        u->tc_cleared |= (value & ISR_TC) != 0;
        u->idle = u->idle && (value & ISR_IDLE) == 0;
        break;
    case TDR:
        transmit(m, u, value);
        break;
    default:
        break;
    }
    m->dma_due |= (u->cr3 & (CR3_DMAT | CR3_DMAR)) != 0;
    if (m->dma_due) {
        board_attention(m);
    }
    update_line(m, u);
}

bool board_usart_dma_send(struct board_machine *m, unsigned index, uint8_t byte)
{
    struct board_usart *u = &m->usart[index];

    if ((u->cr3 & CR3_DMAT) == 0 || (u->cr1 & (CR1_UE | CR1_TE)) != (CR1_UE | CR1_TE)) {
        return false;
    }
    transmit(m, u, byte);
    update_line(m, u);
    return true;
}

bool board_usart_dma_take(struct board_machine *m, unsigned index, uint8_t *byte)
{
    struct board_usart *u = &m->usart[index];

    if ((u->cr3 & CR3_DMAR) == 0 || u->rx_arrived == 0) {
        return false;
    }
    *byte = u->rx[u->rx_head];
    take(m, u);
    return true;
}

void board_usart_service(struct board_machine *m, unsigned index)
{
    struct board_usart *u = &m->usart[index];
    uint64_t now = board_engine_now(m->engine);

    if (u->host == NULL || (u->cr1 & (CR1_UE | CR1_RE)) != (CR1_UE | CR1_RE)) {
        return;
    }
    board_usart_sync(m, index, now);
    while (u->rx_arrived + u->rx_coming < sizeof u->rx) {
        size_t at = (u->rx_head + u->rx_arrived + u->rx_coming) % sizeof u->rx;

        if (board_hostio_read(u->host, &u->rx[at], 1) == 0) {
            break;
        }
        u->rx_coming++;
    }
    if (u->rx_coming != 0 && !u->line_busy) {
        u->line_busy = true;
        u->line_at = now + byte_cycles(m, index);
        board_usart_sync(m, index, now);
        board_attention(m); // when to look again has changed
    }
}
