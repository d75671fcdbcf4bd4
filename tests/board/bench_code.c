// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// What bench_timing.c runs on the core: a quantised convolution as a neural network's inner loops
// are, and code that decides a lot. Freestanding; each workload ends in a breakpoint.
#include <stdint.h>

#define SIDE 16
#define CHANNELS 32
#define KERNEL 3
#define ITEMS 1024

static int8_t image[SIDE][SIDE][CHANNELS];
static int8_t weights[CHANNELS][KERNEL][KERNEL][CHANNELS];
static int8_t result[SIDE][SIDE][CHANNELS];
static uint32_t items[ITEMS];
static volatile uint32_t sink;

static uint32_t random_state;

static uint32_t next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

static uint32_t read_word(const int8_t *p)
{
    return *(const uint32_t *)(const void *)p;
}

/** Dot product of two runs of bytes, four at a time, as CMSIS-like kernels do it. */
__attribute__((noinline)) static int32_t dot(const int8_t *a, const int8_t *b, unsigned count,
                                             int32_t sum)
{
    for (unsigned i = 0; i < count; i += 4) {
        uint32_t x = read_word(a + i);
        uint32_t y = read_word(b + i);
        uint32_t x0;
        uint32_t x1;
        uint32_t y0;
        uint32_t y1;

        __asm__("sxtb16 %0, %1" : "=r"(x0) : "r"(x));
        __asm__("sxtb16 %0, %1, ror #8" : "=r"(x1) : "r"(x));
        __asm__("sxtb16 %0, %1" : "=r"(y0) : "r"(y));
        __asm__("sxtb16 %0, %1, ror #8" : "=r"(y1) : "r"(y));
        __asm__("smlad %0, %1, %2, %0" : "+r"(sum) : "r"(x0), "r"(y0));
        __asm__("smlad %0, %1, %2, %0" : "+r"(sum) : "r"(x1), "r"(y1));
    }
    return sum;
}

static void convolve(void)
{
    for (int y = 1; y < SIDE - 1; y++) {
        for (int x = 1; x < SIDE - 1; x++) {
            for (int c = 0; c < CHANNELS; c++) {
                int32_t sum = 0;

                for (int i = 0; i < KERNEL; i++) {
                    sum = dot(image[y + i - 1][x - 1], weights[c][i][0], KERNEL * CHANNELS, sum);
                }
                sum >>= 10;
                result[y][x][c] = (int8_t)(sum > 127 ? 127 : sum < -128 ? -128 : sum);
            }
        }
    }
}

static void sort(uint32_t *v, int low, int high)
{
    while (low < high) {
        uint32_t pivot = v[(low + high) / 2];
        int i = low;
        int j = high;

        while (i <= j) {
            while (v[i] < pivot) {
                i++;
            }
            while (v[j] > pivot) {
                j--;
            }
            if (i <= j) {
                uint32_t held = v[i];

                v[i++] = v[j];
                v[j--] = held;
            }
        }
        sort(v, low, j);
        low = i;
    }
}

/** A little machine of states that is led by random letters. */
static uint32_t parse(unsigned count)
{
    uint32_t state = 0;
    uint32_t words = 0;

    for (unsigned i = 0; i < count; i++) {
        uint32_t letter = next_random() % 40;

        switch (state) {
        case 0:
            state = letter < 26 ? 1 : letter < 36 ? 2 : 0;
            break;
        case 1:
            if (letter >= 36) {
                words++;
                state = 0;
            } else if (letter >= 30) {
                state = 3;
            }
            break;
        case 2:
            state = letter < 26 ? 3 : letter >= 36 ? 0 : 2;
            words += state == 0;
            break;
        default:
            state = letter > 20 ? 0 : 3;
            break;
        }
    }
    return words;
}

void bench_cnn(unsigned rounds)
{
    for (unsigned i = 0; i < sizeof image; i++) {
        ((int8_t *)image)[i] = (int8_t)next_random();
    }
    for (unsigned i = 0; i < sizeof weights; i++) {
        ((int8_t *)weights)[i] = (int8_t)next_random();
    }
    for (unsigned r = 0; r < rounds; r++) {
        convolve();
    }
    sink = (uint32_t)result[3][4][5];
}

void bench_branchy(unsigned rounds)
{
    uint32_t sum = 0;

    for (unsigned r = 0; r < rounds; r++) {
        for (unsigned i = 0; i < ITEMS; i++) {
            items[i] = next_random();
        }
        sort(items, 0, ITEMS - 1);
        sum += parse(4000) + items[r % ITEMS];
    }
    sink = sum;
}

// Where the host starts: r0 = workload, r1 = rounds. Turns both caches on first.
__attribute__((naked, section(".start"))) void bench_start(void)
{
    __asm__ volatile("ldr r2, =0xE000ED14\n"
                     "ldr r3, [r2]\n"
                     "orr r3, r3, #0x30000\n"
                     "str r3, [r2]\n"
                     "dsb\n"
                     "isb\n"
                     "cmp r0, #0\n"
                     "mov r0, r1\n"
                     "bne 1f\n"
                     "bl bench_cnn\n"
                     "b bench_end\n"
                     "1: bl bench_branchy\n"
                     "b bench_end\n"
                     ".ltorg\n"
                     ".global bench_end\n"
                     ".balign 4\n"
                     "bench_end: bkpt #0\n");
}
