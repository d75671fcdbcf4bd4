// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// What ordinary bare-metal programs for an STM32F746 do, as such programs do it: clock set-up to
// 216 MHz with over-drive, caches on, a UART that talks, a blinking LED on SysTick, an echo by
// receive interrupt, and two tasks that PendSV switches, both using the FPU.

#include <stdbool.h>
#include <stdint.h>

#define REG(addr) (*(volatile uint32_t *)(addr))
#define RCC_CR REG(0x40023800u)
#define RCC_PLLCFGR REG(0x40023804u)
#define RCC_CFGR REG(0x40023808u)
#define RCC_AHB1ENR REG(0x40023830u)
#define RCC_APB1ENR REG(0x40023840u)
#define PWR_CR1 REG(0x40007000u)
#define PWR_CSR1 REG(0x40007004u)
#define FLASH_ACR REG(0x40023C00u)
#define USART3_CR1 REG(0x40004800u)
#define USART3_BRR REG(0x4000480Cu)
#define USART3_ISR REG(0x4000481Cu)
#define USART3_RDR REG(0x40004824u)
#define USART3_TDR REG(0x40004828u)
#define GPIOB_MODER REG(0x40020400u)
#define GPIOB_ODR REG(0x40020414u)
#define GPIOB_BSRR REG(0x40020418u)
#define SYST_CSR REG(0xE000E010u)
#define SYST_RVR REG(0xE000E014u)
#define SYST_CVR REG(0xE000E018u)
#define NVIC_ISER1 REG(0xE000E104u)
#define SCB_ICSR REG(0xE000ED04u)
#define SCB_CCR REG(0xE000ED14u)
#define SCB_SHPR3 REG(0xE000ED20u)
#define SCB_CCSIDR REG(0xE000ED80u)
#define SCB_CPACR REG(0xE000ED88u)
#define SCB_ICIALLU REG(0xE000EF50u)
#define SCB_DCISW REG(0xE000EF60u)

extern uint32_t data_start, data_end, data_load, bss_start, bss_end;

static volatile uint32_t ticks;
static volatile uint32_t switches;
static uint32_t stacks[2][256];
static uint32_t *saved_sp[2];
static uint32_t running;
static volatile float results[2];
static volatile bool done[2];

void reset(void);

static void put(const char *s)
{
    for (; *s != '\0'; s++) {
        while ((USART3_ISR & 0x80u) == 0) {
        }
        USART3_TDR = (uint8_t)*s;
    }
}

static void put_number(uint32_t n)
{
    char text[11];
    char *at = text + 10;

    *at = '\0';
    do {
        *--at = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    put(at);
}

static void set_up_clock(void)
{
    RCC_CR |= 1u << 16;
    while ((RCC_CR & 1u << 17) == 0) {
    }
    RCC_APB1ENR |= 1u << 28;
    PWR_CR1 |= 1u << 16;
    while ((PWR_CSR1 & 1u << 16) == 0) {
    }
    PWR_CR1 |= 1u << 17;
    while ((PWR_CSR1 & 1u << 17) == 0) {
    }
    FLASH_ACR = 7u | 1u << 8 | 1u << 9;
    while ((FLASH_ACR & 15u) != 7) {
    }
    RCC_PLLCFGR = 9u << 24 | 1u << 22 | 216u << 6 | 4u;
    RCC_CR |= 1u << 24;
    while ((RCC_CR & 1u << 25) == 0) {
    }
    RCC_CFGR = 2u | 5u << 10 | 4u << 13;
    while ((RCC_CFGR & 12u) != 8) {
    }
}

static void enable_caches(void)
{
    uint32_t shape = SCB_CCSIDR;

    SCB_ICIALLU = 0;
    SCB_CCR |= 1u << 17;
    for (uint32_t set = 0; set <= (shape >> 13 & 0x7FFFu); set++) {
        for (uint32_t way = 0; way <= (shape >> 3 & 0x3FFu); way++) {
            SCB_DCISW = way << 30 | set << 5;
        }
    }
    SCB_CCR |= 1u << 16;
    __asm__ volatile("dsb\n isb" ::: "memory");
}

static void set_up_serial(void)
{
    RCC_AHB1ENR |= 1u << 1;
    RCC_APB1ENR |= 1u << 18;
    GPIOB_MODER |= 1u;
    USART3_BRR = 54000000u / 115200u;
    USART3_CR1 = 1u | 1u << 2 | 1u << 3 | 1u << 5;
    NVIC_ISER1 = 1u << (39 - 32);
}

// ---------------------------------------------------------------------------------------------
// Two tasks

static float work(uint32_t seed)
{
    float sum = 0.0f;

    for (uint32_t i = 1; i <= 20000; i++) {
        sum += (float)((i * seed) % 97u) * 0.25f;
    }
    return sum;
}

static void task(uint32_t index)
{
    results[index] = work(index + 3);
    done[index] = true;
    for (;;) {
        __asm__ volatile("wfi");
    }
}

static void task_0(void)
{
    task(0);
}

static void task_1(void)
{
    task(1);
}

static uint32_t *prepare(uint32_t *stack, void (*entry)(void))
{
    uint32_t *sp = stack + 256 - 8;

    sp[6] = (uint32_t)entry;
    sp[7] = 0x01000000u;
    sp -= 9;
    sp[8] = 0xFFFFFFFDu;
    return sp;
}

uint32_t *switch_stacks(uint32_t *sp);
uint32_t *switch_stacks(uint32_t *sp)
{
    saved_sp[running] = sp;
    running ^= 1u;
    switches++;
    return saved_sp[running];
}

__attribute__((naked)) static void pend_sv(void)
{
    __asm__ volatile("mrs r0, psp\n"
                     "tst lr, #0x10\n"
                     "it eq\n"
                     "vstmdbeq r0!, {s16-s31}\n"
                     "stmdb r0!, {r4-r11, lr}\n"
                     "bl switch_stacks\n"
                     "ldmia r0!, {r4-r11, lr}\n"
                     "tst lr, #0x10\n"
                     "it eq\n"
                     "vldmiaeq r0!, {s16-s31}\n"
                     "msr psp, r0\n"
                     "isb\n"
                     "bx lr\n");
}

__attribute__((naked)) static void start_tasks(__attribute__((unused)) uint32_t *sp)
{
    __asm__ volatile("adds r0, #36\n"
                     "msr psp, r0\n"
                     "movs r1, #2\n"
                     "msr control, r1\n"
                     "isb\n"
                     "cpsie i\n"
                     "b task_entry\n");
}

void task_entry(void);
void task_entry(void)
{
    task_0();
}

// ---------------------------------------------------------------------------------------------
// Handlers

static void sys_tick(void)
{
    static const float pi = 3.14159265f;
    volatile float scratch = pi * (float)ticks; // the handler uses the FPU, too

    (void)scratch;
    ticks++;
    GPIOB_BSRR = (ticks & 1u) != 0 ? 1u : 1u << 16;
    SCB_ICSR = 1u << 28;
    if (done[0] && done[1]) {
        put("sums ");
        put_number((uint32_t)results[0]);
        put(" ");
        put_number((uint32_t)results[1]);
        put(switches > 3 ? " switched\r\n" : " not switched\r\n");
        done[0] = false;
    }
}

static void usart3(void)
{
    while ((USART3_ISR & 0x20u) != 0) {
        USART3_TDR = USART3_RDR ^ 0x20u;
    }
}

static void unexpected(void)
{
    put("unexpected exception\r\n");
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) static void (*const vectors[16 + 98])(void) = {
    (void (*)(void))0x20010000u,
    reset,
    [2 ... 13] = unexpected,
    [14] = pend_sv,
    [15] = sys_tick,
    [16 ... 54] = unexpected,
    [55] = usart3,
    [56 ... 113] = unexpected,
};

int main(void);
int main(void)
{
    SCB_CPACR |= 0x00F00000u;
    __asm__ volatile("dsb\n isb");
    set_up_clock();
    enable_caches();
    set_up_serial();
    put("hello from part ");
    put_number(REG(0xE000ED00u) >> 4 & 0xFFFu);
    put("\r\n");
    saved_sp[0] = prepare(stacks[0], task_0);
    saved_sp[1] = prepare(stacks[1], task_1);
    SCB_SHPR3 = 0xF0u << 24 | 0xF0u << 16;
    SYST_RVR = 216000u / 10 - 1;
    SYST_CVR = 0;
    SYST_CSR = 7;
    start_tasks(saved_sp[0]);
    return 0;
}

void reset(void)
{
    uint32_t *from = &data_load;

    for (uint32_t *to = &data_start; to < &data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = &bss_start; to < &bss_end;) {
        *to++ = 0;
    }
    main();
    for (;;) {
    }
}
