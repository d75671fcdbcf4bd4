// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/fault.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRINGIFY_(x) #x
#define STRINGIFY(x) STRINGIFY_(x)

/** How one kind is written: the names of its numbers, which of them may be left out, and limits. */
struct fault_syntax {
    const char *name;
    const char *form;     /**< as a person types it */
    const char *arg_name; /**< NULL = the kind takes no argument besides N and COUNT */
    uint64_t at_min;
    uint64_t at_max;
    uint64_t arg_max;
    bool counted; /**< takes :COUNT at its end */
};

#define MAX_EVENTS UINT64_C(0xFFFFFFFFFFFF)
#define MAX_MS UINT64_C(3600000)
#define MAX_COUNT UINT64_C(1000000)

static const struct fault_syntax syntaxes[] = {
    [BOARD_FAULT_STLINK_DROP] = {"stlink-drop", "stlink-drop=N", NULL, 1, MAX_EVENTS, 0, false},
    [BOARD_FAULT_STLINK_DELAY] = {"stlink-delay", "stlink-delay=N:MS", "MS", 1, MAX_EVENTS, MAX_MS,
                                  false},
    [BOARD_FAULT_STLINK_STATUS] = {"stlink-status", "stlink-status=N:CODE[:COUNT]", "CODE", 1,
                                   MAX_EVENTS, 255, true},
    [BOARD_FAULT_STLINK_SHORT] = {"stlink-short", "stlink-short=N:BYTES", "BYTES", 1, MAX_EVENTS,
                                  10240, false},
    [BOARD_FAULT_BITBANG_DROP] = {"bitbang-drop", "bitbang-drop=N", NULL, 1, MAX_EVENTS, 0, false},
    [BOARD_FAULT_BITBANG_DELAY] = {"bitbang-delay", "bitbang-delay=N:MS", "MS", 1, MAX_EVENTS,
                                   MAX_MS, false},
    [BOARD_FAULT_BITBANG_TDO] = {"bitbang-tdo", "bitbang-tdo=N[:COUNT]", NULL, 1, MAX_EVENTS, 0,
                                 true},
    [BOARD_FAULT_WAIT] = {"wait", "wait=N[:COUNT]", NULL, 1, MAX_EVENTS, 0, true},
    [BOARD_FAULT_ACK_FAULT] = {"ack-fault", "ack-fault=N[:COUNT]", NULL, 1, MAX_EVENTS, 0, true},
    [BOARD_FAULT_RESET_ACCESS] = {"reset-access", "reset-access=N", NULL, 1, MAX_EVENTS, 0, false},
    [BOARD_FAULT_RESET_CYCLES] = {"reset-cycles", "reset-cycles=N", NULL, 1, MAX_EVENTS, 0, false},
    [BOARD_FAULT_RESET_MS] = {"reset-ms", "reset-ms=MS", NULL, 0, MAX_MS, 0, false},
    [BOARD_FAULT_BROWN_OUT] = {"brown-out", "brown-out=N", NULL, 1, MAX_EVENTS, 0, false},
    [BOARD_FAULT_FLASH_WORD] = {"flash-word", "flash-word=ADDRESS", NULL, 0x08000000, 0x080FFFFC, 0,
                                false},
};

#define NUM_KINDS (sizeof(syntaxes) / sizeof(syntaxes[0]))

const char *board_faults_describe(void)
{
    return "  stlink-drop=N            close the ST-LINK connection after N bytes from the client\n"
           "  stlink-delay=N:MS        leave it unanswered for MS ms after N bytes from the "
           "client\n"
           "  stlink-status=N:CODE[:COUNT]\n"
           "                           answer the Nth ST-LINK command with status CODE (0x10 AP\n"
           "                           WAIT, 0x11 AP fault, 0x12 AP error, 0x13 parity, 0x14 DP\n"
           "                           WAIT, 0x15 DP fault ...) and do not execute it\n"
           "  stlink-short=N:BYTES     cut the reply to the Nth ST-LINK command to BYTES bytes\n"
           "  bitbang-drop=N           close the bit-bang connection after N bytes\n"
           "  bitbang-delay=N:MS       leave it unanswered for MS ms after N bytes\n"
           "  bitbang-tdo=N[:COUNT]    invert the Nth TDO sample\n"
           "  wait=N[:COUNT]           answer the Nth memory transfer with WAIT before it is done\n"
           "  ack-fault=N[:COUNT]      refuse the Nth memory transfer with FAULT\n"
           "  reset-access=N           the board resets itself after the Nth memory transfer\n"
           "  reset-cycles=N           ... when the core has counted N cycles\n"
           "  reset-ms=MS              ... MS ms after its start (wall time)\n"
           "  brown-out=N              power fails for a moment after the debugger wrote N bytes:\n"
           "                           RAM and debug registers are lost, flash is kept\n"
           "  flash-word=ADDRESS       the flash word at ADDRESS (0x08000000 ...) does not "
           "program\n";
}

static bool parse_number(const char **cursor, uint64_t *value)
{
    // strtoull would take signs and spaces; a fault spec has neither.
    if (!isdigit((unsigned char)**cursor)) {
        return false;
    }
    char *end = NULL;
    errno = 0;
    *value = strtoull(*cursor, &end, 0);
    if (errno != 0) {
        return false;
    }
    *cursor = end;
    return true;
}

static const struct fault_syntax *find_kind(const char *spec, size_t name_length)
{
    for (size_t i = 0; i < NUM_KINDS; i++) {
        if (strlen(syntaxes[i].name) == name_length &&
            strncmp(syntaxes[i].name, spec, name_length) == 0) {
            return &syntaxes[i];
        }
    }
    return NULL;
}

static bool range_error(const struct fault_syntax *syntax, const char *what, uint64_t value,
                        uint64_t min, uint64_t max, char *error, size_t error_size)
{
    (void)snprintf(error, error_size, "fault '%s': %s is %llu, must be %llu to %llu", syntax->name,
                   what, (unsigned long long)value, (unsigned long long)min,
                   (unsigned long long)max);
    return false;
}

static bool form_error(const struct fault_syntax *syntax, const char *spec, char *error,
                       size_t error_size)
{
    (void)snprintf(error, error_size, "fault '%s': write it as %s", spec, syntax->form);
    return false;
}

/** Parses what follows the '=' of a known kind. */
static bool parse_numbers(const struct fault_syntax *syntax, const char *spec, const char *cursor,
                          struct board_fault *fault, char *error, size_t error_size)
{
    if (!parse_number(&cursor, &fault->at)) {
        return form_error(syntax, spec, error, error_size);
    }
    if (fault->at < syntax->at_min || fault->at > syntax->at_max) {
        return range_error(syntax, "the first number", fault->at, syntax->at_min, syntax->at_max,
                           error, error_size);
    }
    if (syntax->arg_name) {
        if (*cursor++ != ':' || !parse_number(&cursor, &fault->arg)) {
            return form_error(syntax, spec, error, error_size);
        }
        if (fault->arg > syntax->arg_max) {
            return range_error(syntax, syntax->arg_name, fault->arg, 0, syntax->arg_max, error,
                               error_size);
        }
    }
    fault->left = 1;
    if (syntax->counted && *cursor == ':') {
        cursor++;
        if (!parse_number(&cursor, &fault->left)) {
            return form_error(syntax, spec, error, error_size);
        }
        if (fault->left < 1 || fault->left > MAX_COUNT) {
            return range_error(syntax, "COUNT", fault->left, 1, MAX_COUNT, error, error_size);
        }
    }
    return *cursor == '\0' || form_error(syntax, spec, error, error_size);
}

bool board_faults_add(struct board_faults *faults, const char *spec, char *error, size_t error_size)
{
    if (faults->num == BOARD_FAULTS_MAX) {
        (void)snprintf(error, error_size,
                       "fault '%s': at most " STRINGIFY(BOARD_FAULTS_MAX) " faults at a time",
                       spec);
        return false;
    }
    size_t name_length = strcspn(spec, "=");
    const struct fault_syntax *syntax = find_kind(spec, name_length);
    if (!syntax) {
        (void)snprintf(error, error_size, "fault '%s': no such kind; --help lists them", spec);
        return false;
    }
    if (spec[name_length] == '\0') {
        return form_error(syntax, spec, error, error_size);
    }
    struct board_fault fault = {.kind = (enum board_fault_kind)(syntax - syntaxes)};
    if (!parse_numbers(syntax, spec, spec + name_length + 1, &fault, error, error_size)) {
        return false;
    }
    if (fault.kind == BOARD_FAULT_FLASH_WORD && (fault.at & 3) != 0) {
        (void)snprintf(error, error_size, "fault '%s': the address must be a multiple of 4", spec);
        return false;
    }
    faults->list[faults->num++] = fault;
    switch (fault.kind) {
    case BOARD_FAULT_WAIT:
    case BOARD_FAULT_ACK_FAULT:
    case BOARD_FAULT_RESET_ACCESS:
    case BOARD_FAULT_BROWN_OUT:
        faults->transfers_armed = true;
        break;
    case BOARD_FAULT_BITBANG_TDO:
        faults->tdo_armed = true;
        break;
    case BOARD_FAULT_STLINK_DROP:
    case BOARD_FAULT_STLINK_DELAY:
    case BOARD_FAULT_STLINK_STATUS:
    case BOARD_FAULT_STLINK_SHORT:
    case BOARD_FAULT_BITBANG_DROP:
    case BOARD_FAULT_BITBANG_DELAY:
    case BOARD_FAULT_RESET_CYCLES:
    case BOARD_FAULT_RESET_MS:
    case BOARD_FAULT_FLASH_WORD:
        break;
    }
    return true;
}

uint32_t board_faults_flash_word(const struct board_faults *faults)
{
    for (size_t i = 0; i < faults->num; i++) {
        if (faults->list[i].kind == BOARD_FAULT_FLASH_WORD) {
            return (uint32_t)faults->list[i].at;
        }
    }
    return 0;
}

static bool concerns_link(const struct board_fault *fault, enum board_link_id link)
{
    if (fault->left == 0) {
        return false;
    }
    if (link == BOARD_LINK_STLINK) {
        return fault->kind == BOARD_FAULT_STLINK_DROP || fault->kind == BOARD_FAULT_STLINK_DELAY;
    }
    return fault->kind == BOARD_FAULT_BITBANG_DROP || fault->kind == BOARD_FAULT_BITBANG_DELAY;
}

size_t board_faults_link_budget(const struct board_faults *faults, enum board_link_id link)
{
    size_t budget = SIZE_MAX;
    for (size_t i = 0; i < faults->num; i++) {
        const struct board_fault *fault = &faults->list[i];
        if (concerns_link(fault, link) && fault->at - faults->link_bytes[link] < budget) {
            budget = (size_t)(fault->at - faults->link_bytes[link]);
        }
    }
    return budget;
}

enum board_link_action board_faults_link_took(struct board_faults *faults, enum board_link_id link,
                                              size_t num_bytes, uint64_t *delay_ms)
{
    faults->link_bytes[link] += num_bytes;
    enum board_link_action action = BOARD_LINK_GO_ON;
    for (size_t i = 0; i < faults->num; i++) {
        struct board_fault *fault = &faults->list[i];
        if (!concerns_link(fault, link) || faults->link_bytes[link] < fault->at) {
            continue;
        }
        fault->left = 0;
        if (fault->kind == BOARD_FAULT_STLINK_DROP || fault->kind == BOARD_FAULT_BITBANG_DROP) {
            return BOARD_LINK_DROP;
        }
        *delay_ms = fault->arg;
        action = BOARD_LINK_DELAY;
    }
    return action;
}

void board_faults_stlink_command(struct board_faults *faults, uint8_t *status, size_t *reply_bytes)
{
    faults->stlink_commands++;
    for (size_t i = 0; i < faults->num; i++) {
        struct board_fault *fault = &faults->list[i];
        if (fault->left == 0 || faults->stlink_commands < fault->at) {
            continue;
        }
        if (fault->kind == BOARD_FAULT_STLINK_STATUS) {
            *status = (uint8_t)fault->arg;
            fault->left--;
        } else if (fault->kind == BOARD_FAULT_STLINK_SHORT) {
            if (fault->arg < *reply_bytes) {
                *reply_bytes = (size_t)fault->arg;
            }
            fault->left--;
        }
    }
}

/** Strikes the first armed fault of a kind whose count has come. */
static bool strike(struct board_faults *faults, enum board_fault_kind kind, uint64_t now)
{
    for (size_t i = 0; i < faults->num; i++) {
        struct board_fault *fault = &faults->list[i];
        if (fault->kind == kind && fault->left != 0 && now >= fault->at) {
            fault->left--;
            return true;
        }
    }
    return false;
}

bool board_faults_tdo(struct board_faults *faults)
{
    if (!faults->tdo_armed) {
        return false;
    }
    faults->tdo_samples++;
    return strike(faults, BOARD_FAULT_BITBANG_TDO, faults->tdo_samples);
}

bool board_faults_wait(struct board_faults *faults)
{
    return faults->transfers_armed && strike(faults, BOARD_FAULT_WAIT, faults->transfers + 1);
}

bool board_faults_ack_fault(struct board_faults *faults)
{
    if (!faults->transfers_armed || !strike(faults, BOARD_FAULT_ACK_FAULT, faults->transfers + 1)) {
        return false;
    }
    faults->transfers++;
    return true;
}

enum board_strike board_faults_transferred(struct board_faults *faults, size_t bytes_written)
{
    faults->transfers++;
    faults->bytes_written += bytes_written;
    if (!faults->transfers_armed) {
        return BOARD_STRIKE_NONE;
    }
    if (strike(faults, BOARD_FAULT_BROWN_OUT, faults->bytes_written)) {
        return BOARD_STRIKE_BROWN_OUT;
    }
    if (strike(faults, BOARD_FAULT_RESET_ACCESS, faults->transfers)) {
        return BOARD_STRIKE_RESET;
    }
    return BOARD_STRIKE_NONE;
}

bool board_faults_reset_due(struct board_faults *faults, uint64_t cycles, uint64_t elapsed_ms)
{
    return strike(faults, BOARD_FAULT_RESET_CYCLES, cycles) ||
           strike(faults, BOARD_FAULT_RESET_MS, elapsed_ms);
}

static uint64_t next_of(const struct board_faults *faults, enum board_fault_kind kind)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < faults->num; i++) {
        const struct board_fault *fault = &faults->list[i];
        if (fault->kind == kind && fault->left != 0 && fault->at < next) {
            next = fault->at;
        }
    }
    return next;
}

uint64_t board_faults_reset_ms(const struct board_faults *faults)
{
    return next_of(faults, BOARD_FAULT_RESET_MS);
}

uint64_t board_faults_reset_cycles(const struct board_faults *faults)
{
    return next_of(faults, BOARD_FAULT_RESET_CYCLES);
}
