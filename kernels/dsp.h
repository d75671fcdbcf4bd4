// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_KERNELS_DSP_H
#define UTVM_KERNELS_DSP_H

#include <stdint.h>

/**
 * The DSP instructions that the fast paths use: the instruction where there is one, its meaning in
 * C elsewhere, so that a host runs the same kernels with the same results.
 *
 * Two int16 in a word are written (low, high); an int8 word has the bytes b0 (lowest) to b3.
 * Source: Armv7-M ARM A7.7.
 */

/** The word at p, which need not be aligned (an aligned one is faster). */
static inline uint32_t utvm_load_word(const void *p)
{
    uint32_t word;
    __builtin_memcpy(&word, p, sizeof(word));
    return word;
}

static inline void utvm_store_word(void *p, uint32_t word)
{
    __builtin_memcpy(p, &word, sizeof(word));
}

#ifdef __ARM_FEATURE_DSP

/** (b0, b2), sign-extended. */
static inline uint32_t utvm_sxtb16(uint32_t x)
{
    uint32_t result;
    __asm__("sxtb16 %0, %1" : "=r"(result) : "r"(x));
    return result;
}

/** (b1, b3), sign-extended. */
static inline uint32_t utvm_sxtb16_odd(uint32_t x)
{
    uint32_t result;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(result) : "r"(x));
    return result;
}

/** (a.low + b0, a.high + b2), each modulo 2^16. */
static inline uint32_t utvm_sxtab16(uint32_t a, uint32_t x)
{
    uint32_t result;
    __asm__("sxtab16 %0, %1, %2" : "=r"(result) : "r"(a), "r"(x));
    return result;
}

/** (a.low + b1, a.high + b3), each modulo 2^16. */
static inline uint32_t utvm_sxtab16_odd(uint32_t a, uint32_t x)
{
    uint32_t result;
    __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(result) : "r"(a), "r"(x));
    return result;
}

/** sum + a.low * b.low + a.high * b.high, modulo 2^32. */
static inline int32_t utvm_smlad(uint32_t a, uint32_t b, int32_t sum)
{
    int32_t result;
    __asm__("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

/** sum + a.low * b.low, modulo 2^32. */
static inline int32_t utvm_smlabb(uint32_t a, uint32_t b, int32_t sum)
{
    int32_t result;
    __asm__("smlabb %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

/** sum + a.high * b.high, modulo 2^32. */
static inline int32_t utvm_smlatt(uint32_t a, uint32_t b, int32_t sum)
{
    int32_t result;
    __asm__("smlatt %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

/** sum + a.low * b.high, modulo 2^32. */
static inline int32_t utvm_smlabt(uint32_t a, uint32_t b, int32_t sum)
{
    int32_t result;
    __asm__("smlabt %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

/** sum + a.high * b.low, modulo 2^32. */
static inline int32_t utvm_smlatb(uint32_t a, uint32_t b, int32_t sum)
{
    int32_t result;
    __asm__("smlatb %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

/** (a.low, b.low). */
static inline uint32_t utvm_pkhbt(uint32_t a, uint32_t b)
{
    uint32_t result;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(result) : "r"(a), "r"(b));
    return result;
}

/** (a.high, b.high). */
static inline uint32_t utvm_pkhtb(uint32_t a, uint32_t b)
{
    uint32_t result;
    __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(result) : "r"(b), "r"(a));
    return result;
}

/** round(a * b / 2^32), ties towards +infinity. */
static inline int32_t utvm_smmulr(int32_t a, int32_t b)
{
    int32_t result;
    __asm__("smmulr %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
    return result;
}

/** x saturated to an int8. */
static inline int32_t utvm_ssat8(int32_t x)
{
    int32_t result;
    __asm__("ssat %0, #8, %1" : "=r"(result) : "r"(x));
    return result;
}

/** The greater of each two int8: (max(a.b0, b.b0), ..., max(a.b3, b.b3)). */
static inline uint32_t utvm_max_int8x4(uint32_t a, uint32_t b)
{
    uint32_t result;
    __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(result) : "r"(a), "r"(b));
    return result;
}

#else

static inline uint32_t utvm_max_int8x4(uint32_t a, uint32_t b)
{
    uint32_t result = 0;
    for (int i = 0; i < 32; i += 8) {
        uint32_t x = (a >> i) & 0xFFu;
        uint32_t y = (b >> i) & 0xFFu;
        result |= ((int8_t)(uint8_t)x >= (int8_t)(uint8_t)y ? x : y) << i;
    }
    return result;
}

static inline uint32_t utvm_pack_halves(int32_t low, int32_t high)
{
    return ((uint32_t)low & 0xFFFFu) | (uint32_t)high << 16;
}

static inline int32_t utvm_low_half(uint32_t x)
{
    return (int16_t)(uint16_t)x;
}

static inline int32_t utvm_high_half(uint32_t x)
{
    return (int16_t)(uint16_t)(x >> 16);
}

static inline uint32_t utvm_sxtb16(uint32_t x)
{
    return utvm_pack_halves((int8_t)(uint8_t)x, (int8_t)(uint8_t)(x >> 16));
}

static inline uint32_t utvm_sxtb16_odd(uint32_t x)
{
    return utvm_sxtb16(x >> 8);
}

static inline uint32_t utvm_sxtab16(uint32_t a, uint32_t x)
{
    uint32_t b = utvm_sxtb16(x);
    return utvm_pack_halves(utvm_low_half(a) + utvm_low_half(b),
                            utvm_high_half(a) + utvm_high_half(b));
}

static inline uint32_t utvm_sxtab16_odd(uint32_t a, uint32_t x)
{
    return utvm_sxtab16(a, x >> 8);
}

static inline int32_t utvm_smlabb(uint32_t a, uint32_t b, int32_t sum)
{
    return (int32_t)((uint32_t)sum + (uint32_t)(utvm_low_half(a) * utvm_low_half(b)));
}

static inline int32_t utvm_smlatt(uint32_t a, uint32_t b, int32_t sum)
{
    return (int32_t)((uint32_t)sum + (uint32_t)(utvm_high_half(a) * utvm_high_half(b)));
}

static inline int32_t utvm_smlabt(uint32_t a, uint32_t b, int32_t sum)
{
    return (int32_t)((uint32_t)sum + (uint32_t)(utvm_low_half(a) * utvm_high_half(b)));
}

static inline int32_t utvm_smlatb(uint32_t a, uint32_t b, int32_t sum)
{
    return utvm_smlabt(b, a, sum);
}

static inline int32_t utvm_smlad(uint32_t a, uint32_t b, int32_t sum)
{
    return utvm_smlatt(a, b, utvm_smlabb(a, b, sum));
}

static inline uint32_t utvm_pkhbt(uint32_t a, uint32_t b)
{
    return (a & 0xFFFFu) | b << 16;
}

static inline uint32_t utvm_pkhtb(uint32_t a, uint32_t b)
{
    return a >> 16 | (b & 0xFFFF0000u);
}

static inline int32_t utvm_smmulr(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b + (INT64_C(1) << 31)) >> 32);
}

static inline int32_t utvm_ssat8(int32_t x)
{
    return x < INT8_MIN ? INT8_MIN : x > INT8_MAX ? INT8_MAX : x;
}

#endif

/** The same int16 in both halves. */
static inline uint32_t utvm_both_halves(int32_t x)
{
    return ((uint32_t)x & 0xFFFFu) | (uint32_t)x << 16;
}

#endif
