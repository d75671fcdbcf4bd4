// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/profile.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/board/cache.h"

#define MAX_FILE_BYTES 65536u
#define MAX_WORDS 5u
#define MAX_WORD 48u
#define MAX_CYCLES 1000u
#define MAX_CACHE_BYTES 65536u
#define MAX_WAYS 16u

struct parser {
    const char *origin;
    unsigned line;
    char words[MAX_WORDS][MAX_WORD];
    unsigned num_words;
    unsigned seen; // bit per key
    char *error;
    size_t error_size;
};

__attribute__((format(printf, 2, 3))) static bool complain(struct parser *ps, const char *format,
                                                           ...)
{
    char what[192];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    (void)snprintf(ps->error, ps->error_size, "%s:%u: %s", ps->origin, ps->line, what);
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/** Cuts one line into words; a comment ends it. */
static bool split(struct parser *ps, const char *line, size_t size)
{
    size_t at = 0;

    ps->num_words = 0;
    for (;;) {
        size_t length = 0;

        while (at < size && is_space(line[at])) {
            at++;
        }
        if (at == size || line[at] == '#') {
            return true;
        }
        if (ps->num_words == MAX_WORDS) {
            return complain(ps, "too many words after '%s'", ps->words[0]);
        }
        while (at < size && !is_space(line[at]) && line[at] != '#') {
            if (line[at] <= ' ' || line[at] > '~') {
                return complain(ps, "byte 0x%02x; a profile is plain ASCII text",
                                (unsigned)(unsigned char)line[at]);
            }
            if (length == MAX_WORD - 1) {
                return complain(ps, "a word of more than %u characters", MAX_WORD - 1);
            }
            ps->words[ps->num_words][length++] = line[at++];
        }
        ps->words[ps->num_words++][length] = '\0';
    }
}

static bool parse_number(struct parser *ps, unsigned word, const char *what, uint32_t max,
                         uint32_t *value)
{
    const char *text = ps->words[word];
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? text + 2 : text;
    char *end = NULL;
    unsigned long long v;

    if (strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != strlen(digits) ||
        digits[0] == '\0') {
        return complain(ps, "%s '%s' is not a number", what, text);
    }
    errno = 0;
    v = strtoull(digits, &end, hex ? 16 : 10);
    if (errno != 0 || v > max) {
        return complain(ps, "%s '%s' is more than %lu", what, text, (unsigned long)max);
    }
    *value = (uint32_t)v;
    return true;
}

static bool is_power_of_two(uint32_t v)
{
    return v != 0 && (v & (v - 1)) == 0;
}

static bool parse_cache(struct parser *ps, struct board_cache_shape *c)
{
    if (!parse_number(ps, 1, "cache size", MAX_CACHE_BYTES, &c->size_bytes) ||
        !parse_number(ps, 2, "number of ways", MAX_WAYS, &c->ways) ||
        !parse_number(ps, 3, "line size", 128, &c->line_bytes)) {
        return false;
    }
    if (c->line_bytes < 16 || !is_power_of_two(c->line_bytes)) {
        return complain(ps, "line size %u is none of 16, 32, 64, 128", c->line_bytes);
    }
    if (c->ways == 0 || c->size_bytes % (c->line_bytes * c->ways) != 0 ||
        !is_power_of_two(c->size_bytes / (c->line_bytes * c->ways))) {
        return complain(ps,
                        "%u bytes in %u ways of %u-byte lines: the number of sets is no power "
                        "of two",
                        c->size_bytes, c->ways, c->line_bytes);
    }
    if (c->size_bytes / c->line_bytes > BOARD_CACHE_MAX_LINES) {
        return complain(ps, "%u lines; at most %u are possible", c->size_bytes / c->line_bytes,
                        BOARD_CACHE_MAX_LINES);
    }
    return true;
}

static bool parse_device(struct parser *ps, struct board_profile *p)
{
    if (strlen(ps->words[1]) >= sizeof p->device) {
        return complain(ps, "device name of more than %zu characters", sizeof p->device - 1);
    }
    memcpy(p->device, ps->words[1], strlen(ps->words[1]) + 1);
    return true;
}

static bool parse_icache(struct parser *ps, struct board_profile *p)
{
    return parse_cache(ps, &p->icache);
}

static bool parse_dcache(struct parser *ps, struct board_profile *p)
{
    return parse_cache(ps, &p->dcache);
}

static bool parse_art(struct parser *ps, struct board_profile *p)
{
    return parse_cache(ps, &p->art);
}

static bool parse_flash_fill(struct parser *ps, struct board_profile *p)
{
    return parse_number(ps, 2, "cycles", MAX_CYCLES, &p->flash_fill_cycles);
}

static bool parse_sram_fill(struct parser *ps, struct board_profile *p)
{
    return parse_number(ps, 2, "cycles", MAX_CYCLES, &p->sram_fill_cycles);
}

static bool parse_store_miss(struct parser *ps, struct board_profile *p)
{
    return parse_number(ps, 1, "cycles", MAX_CYCLES, &p->store_miss_cycles);
}

static bool parse_unaligned(struct parser *ps, struct board_profile *p)
{
    return parse_number(ps, 1, "cycles", MAX_CYCLES, &p->unaligned_cycles);
}

static bool parse_region(struct parser *ps, struct board_profile *p)
{
    static const struct {
        const char *name;
        enum board_memory kind;
    } kinds[] = {{"tcm", BOARD_MEMORY_FREE},
                 {"sram", BOARD_MEMORY_SRAM},
                 {"flash", BOARD_MEMORY_FLASH},
                 {"art", BOARD_MEMORY_ART}};
    const uint32_t granule = 1u << BOARD_PROFILE_GRANULE_BITS;
    struct board_region r = {BOARD_MEMORY_FREE, 0, 0};
    size_t kind = 0;

    while (kind < sizeof kinds / sizeof kinds[0] && strcmp(kinds[kind].name, ps->words[1]) != 0) {
        kind++;
    }
    if (kind == sizeof kinds / sizeof kinds[0]) {
        return complain(ps, "region kind '%s' is none of tcm, sram, flash, art", ps->words[1]);
    }
    r.kind = kinds[kind].kind;
    if (!parse_number(ps, 2, "base address", UINT32_MAX, &r.base) ||
        !parse_number(ps, 3, "size", UINT32_MAX, &r.size_bytes)) {
        return false;
    }
    if (r.base % granule != 0 || r.size_bytes % granule != 0 || r.size_bytes == 0 ||
        r.size_bytes - 1 > UINT32_MAX - r.base) {
        return complain(ps,
                        "region of 0x%x bytes at 0x%x: both must be multiples of 0x%x, inside "
                        "32 bits",
                        r.size_bytes, r.base, granule);
    }
    if (p->num_regions == BOARD_PROFILE_MAX_REGIONS) {
        return complain(ps, "more than %u regions", BOARD_PROFILE_MAX_REGIONS);
    }
    for (uint32_t i = 0; i < p->num_regions; i++) {
        const struct board_region *o = &p->regions[i];

        if (r.base - o->base < o->size_bytes || o->base - r.base < r.size_bytes) {
            return complain(ps, "region at 0x%x overlaps the one at 0x%x", r.base, o->base);
        }
    }
    p->regions[p->num_regions++] = r;
    return true;
}

static const struct key {
    const char *name;
    const char *second; // NULL: the key is one word
    unsigned num_words;
    bool required;
    bool repeats;
    bool (*parse)(struct parser *ps, struct board_profile *p);
} keys[] = {
    {"device", NULL, 2, true, false, parse_device},
    {"icache", NULL, 4, true, false, parse_icache},
    {"dcache", NULL, 4, true, false, parse_dcache},
    {"art", NULL, 4, false, false, parse_art},
    {"fill", "flash", 3, true, false, parse_flash_fill},
    {"fill", "sram", 3, true, false, parse_sram_fill},
    {"store_miss", NULL, 2, true, false, parse_store_miss},
    {"unaligned", NULL, 2, true, false, parse_unaligned},
    {"region", NULL, 4, false, true, parse_region},
};

#define NUM_KEYS (sizeof keys / sizeof keys[0])

static bool parse_line(struct parser *ps, struct board_profile *p)
{
    for (size_t k = 0; k < NUM_KEYS; k++) {
        const struct key *key = &keys[k];

        if (strcmp(ps->words[0], key->name) != 0 ||
            (key->second != NULL &&
             (ps->num_words < 2 || strcmp(ps->words[1], key->second) != 0))) {
            continue;
        }
        if (ps->num_words != key->num_words) {
            return complain(ps, "'%s%s%s' takes %u values, not %u", key->name,
                            key->second == NULL ? "" : " ", key->second == NULL ? "" : key->second,
                            key->num_words - (key->second == NULL ? 1u : 2u),
                            ps->num_words - (key->second == NULL ? 1u : 2u));
        }
        if (!key->repeats && (ps->seen & 1u << k) != 0) {
            return complain(ps, "a second '%s'", key->name);
        }
        ps->seen |= 1u << k;
        return key->parse(ps, p);
    }
    return complain(ps,
                    "'%s' is none of device, icache, dcache, art, fill flash, fill sram, "
                    "store_miss, unaligned, region",
                    ps->words[0]);
}

static bool check_complete(struct parser *ps, const struct board_profile *p)
{
    for (size_t k = 0; k < NUM_KEYS; k++) {
        if (keys[k].required && (ps->seen & 1u << k) == 0) {
            return complain(ps, "the file ends without a line '%s%s%s'", keys[k].name,
                            keys[k].second == NULL ? "" : " ",
                            keys[k].second == NULL ? "" : keys[k].second);
        }
    }
    for (uint32_t i = 0; i < p->num_regions; i++) {
        if (p->regions[i].kind == BOARD_MEMORY_ART && p->art.size_bytes == 0) {
            return complain(ps, "the region at 0x%x is of kind art, but there is no line 'art'",
                            p->regions[i].base);
        }
    }
    return true;
}

bool board_profile_parse(struct board_profile *p, const char *text, size_t size_bytes,
                         const char *origin, char *error, size_t error_size)
{
    struct parser ps = {.origin = origin, .error = error, .error_size = error_size};
    size_t at = 0;

    memset(p, 0, sizeof *p);
    while (at < size_bytes) {
        const char *end = memchr(text + at, '\n', size_bytes - at);
        size_t length = end == NULL ? size_bytes - at : (size_t)(end - (text + at));

        ps.line++;
        if (!split(&ps, text + at, length) || (ps.num_words != 0 && !parse_line(&ps, p))) {
            return false;
        }
        at += length + 1;
    }
    return check_complete(&ps, p);
}

bool board_profile_load(struct board_profile *p, const char *path, char *error, size_t error_size)
{
    FILE *f = fopen(path, "rb");
    char *text;
    size_t size;
    bool ok = false;

    if (f == NULL) {
        (void)snprintf(error, error_size, "cannot read device profile '%s': %s", path,
                       strerror(errno));
        return false;
    }
    text = malloc(MAX_FILE_BYTES + 1);
    if (text == NULL) {
        (void)snprintf(error, error_size, "out of memory for device profile '%s'", path);
        (void)fclose(f);
        return false;
    }
    errno = 0;
    size = fread(text, 1, MAX_FILE_BYTES + 1, f);
    if (ferror(f) != 0) {
        (void)snprintf(error, error_size, "cannot read device profile '%s': %s", path,
                       strerror(errno));
    } else if (size > MAX_FILE_BYTES) {
        (void)snprintf(error, error_size, "device profile '%s' has more than %u bytes", path,
                       MAX_FILE_BYTES);
    } else {
        ok = board_profile_parse(p, text, size, path, error, error_size);
    }
    (void)fclose(f);
    free(text);
    return ok;
}

// The reasons for the figures stand in profiles/stm32f746.profile.
void board_profile_builtin(struct board_profile *p)
{
    static const struct board_profile stm32f746 = {
        .device = "stm32f746",
        .icache = {4096, 2, 32},
        .dcache = {4096, 4, 32},
        .art = {2048, 4, 32},
        .flash_fill_cycles = 18,
        .sram_fill_cycles = 11,
        .store_miss_cycles = 4,
        .unaligned_cycles = 3,
        .num_regions = 5,
        .regions = {{BOARD_MEMORY_FREE, 0x00000000u, 0x4000u},
                    {BOARD_MEMORY_ART, 0x00200000u, 0x100000u},
                    {BOARD_MEMORY_FLASH, 0x08000000u, 0x100000u},
                    {BOARD_MEMORY_FREE, 0x20000000u, 0x10000u},
                    {BOARD_MEMORY_SRAM, 0x20010000u, 0x40000u}},
    };

    *p = stm32f746;
}
