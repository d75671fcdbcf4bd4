// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/identify.h"

#include <stdio.h>
#include <string.h>

#include "probe/board/vendor.h"

#define CPUID_ADDR 0xE000ED00u
#define DBGMCU_IDCODE_ADDR 0xE0042000u

// Source: Armv7-M ARM B3.2.3 (CPUID: implementer 0x41, part number), Arm's core manuals.
#define CPUID_PART(cpuid) (((cpuid) >> 4) & 0xFFFu)
#define CPUID_IMPLEMENTER(cpuid) ((cpuid) >> 24)
#define IMPLEMENTER_ARM 0x41u
#define PART_CORTEX_M7 0xC27u

struct chip {
    uint32_t dev_id; // DBGMCU_IDCODE bits 11:0
    const char *name;
    uint32_t highest_clock_hz;
};

// Source: RM0385 40.6.1, RM0410 40.6.1, RM0431 33.6.1 (DEV_ID); the chips' data sheets (clock).
static const struct chip chips[] = {
    {0x449, "STM32F74x/F75x", 216000000},
    {0x451, "STM32F76x/F77x", 216000000},
    {0x452, "STM32F72x/F73x", 216000000},
};

static const char *core_name(uint32_t cpuid)
{
    static const struct {
        uint32_t part;
        const char *name;
    } cores[] = {{0xC20, "Cortex-M0"},  {0xC60, "Cortex-M0+"}, {0xC21, "Cortex-M1"},
                 {0xC23, "Cortex-M3"},  {0xC24, "Cortex-M4"},  {0xD20, "Cortex-M23"},
                 {0xD21, "Cortex-M33"}, {0xD22, "Cortex-M55"}, {0xD23, "Cortex-M85"}};
    for (size_t i = 0; i < sizeof(cores) / sizeof(cores[0]); i++) {
        if (cores[i].part == CPUID_PART(cpuid)) {
            return cores[i].name;
        }
    }
    return "core of an unknown kind";
}

static struct utvm_error *read_word(struct utvm_openocd *o, utvm_addr addr, uint32_t *ret)
{
    uint8_t bytes[4];
    struct utvm_error *error = utvm_openocd_read(&o->base, addr, bytes, sizeof(bytes));
    if (!error) {
        *ret = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
               (uint32_t)bytes[3] << 24;
    }
    return error;
}

// A word that not every chip has: a refused access leaves *ret as it is and is no error.
static struct utvm_error *probe_word(struct utvm_openocd *o, utvm_addr addr, uint32_t *ret)
{
    struct utvm_error *error = read_word(o, addr, ret);
    if (error && error->code == UTVM_ERROR_TARGET) {
        utvm_error_drop(error);
        return NULL;
    }
    return error;
}

static struct utvm_error *check_core(struct utvm_openocd *o)
{
    uint32_t cpuid = 0;
    struct utvm_error *error = read_word(o, CPUID_ADDR, &cpuid);
    if (error) {
        return utvm_error_prefix(error, "cannot identify the core; is the board powered and "
                                        "connected?");
    }
    if (CPUID_IMPLEMENTER(cpuid) != IMPLEMENTER_ARM || CPUID_PART(cpuid) != PART_CORTEX_M7) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "the core is a %s (CPUID 0x%08x), not a Cortex-M7",
                                 core_name(cpuid), cpuid);
    }
    o->base.info.cpuid = cpuid;
    return NULL;
}

// The emulated board tells by its vendor block, which hardware does not have. Its modes in words,
// with the deviation from silicon that their timing rules are known to reach.
static struct utvm_error *find_vendor_block(struct utvm_openocd *o)
{
    static const struct {
        const char *name;
        const char *band;
    } modes[] = {
        {"count", BOARD_VENDOR_ERROR_COUNT},
        {"fast", BOARD_VENDOR_ERROR_FAST},
        {"memory", BOARD_VENDOR_ERROR_MEMORY},
    };
    struct utvm_target_info *info = &o->base.info;
    uint32_t magic = 0;
    uint32_t version = 0;
    uint32_t mode = 0;
    struct utvm_error *error = probe_word(o, BOARD_VENDOR_BASE + BOARD_VENDOR_ID, &magic);
    if (error || magic != BOARD_VENDOR_MAGIC) {
        info->cycle_source = UTVM_CYCLES_MEASURED;
        return error;
    }
    error = read_word(o, BOARD_VENDOR_BASE + BOARD_VENDOR_VERSION, &version);
    if (!error) {
        error = read_word(o, BOARD_VENDOR_BASE + BOARD_VENDOR_MODE, &mode);
    }
    if (!error) {
        error = read_word(o, BOARD_VENDOR_BASE + BOARD_VENDOR_NUM_SLOTS, &info->num_slots);
    }
    if (error) {
        return error;
    }
    info->cycle_source = UTVM_CYCLES_MODELLED;
    if (version != BOARD_VENDOR_VERSION_NUMBER || mode >= sizeof(modes) / sizeof(modes[0])) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "the emulated board is of another version than this program "
                                 "(vendor block version %u, timing mode %u)",
                                 version, mode);
    }
    snprintf(info->timing_mode, sizeof(info->timing_mode), "%s", modes[mode].name);
    snprintf(info->error_band, sizeof(info->error_band), "%s", modes[mode].band);
    info->breakdown_addr = BOARD_VENDOR_BASE;
    info->slots_addr = BOARD_VENDOR_BASE + BOARD_VENDOR_SLOT_SAVE;
    return NULL;
}

static void describe(struct utvm_openocd *o, const struct utvm_probe_options *options)
{
    struct utvm_target_info *info = &o->base.info;
    const struct chip *chip = NULL;
    for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
        if (chips[i].dev_id == (info->device_id & 0xFFFu)) {
            chip = &chips[i];
        }
    }
    info->clock_hz = options->clock_hz ? options->clock_hz : chip ? chip->highest_clock_hz : 0;
    bool emulated = info->cycle_source == UTVM_CYCLES_MODELLED;
    const char *link = options->kind == UTVM_PROBE_EMULATED           ? "ST-LINK"
                       : options->kind == UTVM_PROBE_EMULATED_BITBANG ? "remote_bitbang (JTAG)"
                                                                      : "OpenOCD";
    snprintf(info->description, sizeof(info->description), "%s%s (Cortex-M7 r%up%u) over %s",
             emulated ? "emulated " : "", chip ? chip->name : "unknown chip",
             (info->cpuid >> 20) & 0xFu, info->cpuid & 0xFu, link);
}

// "Open On-Chip Debugger 0.12.0 at 127.0.0.1:40001, gdb 40003".
static struct utvm_error *describe_server(struct utvm_openocd *o)
{
    struct utvm_tcl_reply reply = {0};
    struct utvm_error *error = utvm_openocd_eval(o, UTVM_OPENOCD_LONG(5000), &reply, "version");
    if (error) {
        return error;
    }
    char gdb[32] = "";
    char port[16];
    struct utvm_process_line line = {"Listening on port ", " for gdb connections", port,
                                     sizeof(port)};
    if (o->server && utvm_process_find_line(o->server, &line)) {
        snprintf(gdb, sizeof(gdb), ", gdb port %s", port);
    }
    snprintf(o->base.info.server, sizeof(o->base.info.server), "%.32s at %s%s", reply.value,
             utvm_tcl_endpoint(o->tcl), gdb);
    utvm_tcl_reply_deinit(&reply);
    return NULL;
}

struct utvm_error *utvm_identify(struct utvm_openocd *o, const struct utvm_probe_options *options)
{
    struct utvm_error *error = check_core(o);
    if (!error) {
        error = probe_word(o, DBGMCU_IDCODE_ADDR, &o->base.info.device_id);
    }
    if (!error) {
        error = find_vendor_block(o);
    }
    if (!error) {
        error = describe_server(o);
    }
    if (!error) {
        describe(o, options);
    }
    return error;
}
