// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/board/flash_image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLASH_BASE 0x08000000U
#define FLASH_BYTES ((size_t)1024 * 1024)

// Flash controller. Source: ST RM0385 chapter 3.7.
#define FLASH_KEYR 0x40023C04U
#define FLASH_SR 0x40023C0CU
#define FLASH_CR 0x40023C10U
#define KEY1 0x45670123U
#define KEY2 0xCDEF89ABU
#define CR_PG 0x00000001U
#define CR_PSIZE_32 0x00000200U
#define CR_LOCK 0x80000000U
#define SR_ERRORS 0x000000F0U

/** Reads the whole file, padded with 0xFF to a word. @return NULL with a message */
static uint8_t *read_image(const char *path, size_t *size, char *error, size_t error_size)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        (void)snprintf(error, error_size, "flash image '%s': %s", path, strerror(errno));
        return NULL;
    }
    // One byte more than fits, to notice an image that is too large.
    uint8_t *image = malloc(FLASH_BYTES + 4);
    if (!image) {
        (void)fclose(file);
        (void)snprintf(error, error_size, "flash image '%s': out of memory", path);
        return NULL;
    }
    memset(image, 0xFF, FLASH_BYTES + 4);
    size_t got = fread(image, 1, FLASH_BYTES + 1, file);
    bool failed = ferror(file) != 0;
    (void)fclose(file);
    const char *complaint = NULL;
    if (failed) {
        complaint = "cannot be read";
    } else if (got == 0) {
        complaint = "is empty";
    } else if (got > FLASH_BYTES) {
        complaint = "is larger than the flash of 1 MiB";
    }
    if (complaint) {
        (void)snprintf(error, error_size, "flash image '%s' %s", path, complaint);
        free(image);
        return NULL;
    }
    *size = (got + 3U) & ~(size_t)3U;
    return image;
}

static bool program(struct board_machine *machine, const uint8_t *image, size_t size,
                    size_t *done_bytes)
{
    uint32_t status = SR_ERRORS;
    *done_bytes = 0;
    bool ok = board_machine_write(machine, FLASH_KEYR, 4, KEY1) == BOARD_ACCESS_OK &&
              board_machine_write(machine, FLASH_KEYR, 4, KEY2) == BOARD_ACCESS_OK &&
              board_machine_write(machine, FLASH_CR, 4, CR_PG | CR_PSIZE_32) == BOARD_ACCESS_OK &&
              board_machine_write_block(machine, FLASH_BASE, image, size, done_bytes) ==
                  BOARD_ACCESS_OK &&
              board_machine_read(machine, FLASH_SR, 4, &status) == BOARD_ACCESS_OK;
    return board_machine_write(machine, FLASH_CR, 4, CR_LOCK) == BOARD_ACCESS_OK && ok &&
           (status & SR_ERRORS) == 0;
}

/** Offset of the first byte of flash that differs from the image; size = none does. */
static size_t first_difference(struct board_machine *machine, const uint8_t *image, size_t size)
{
    uint8_t *flash = malloc(size);
    size_t got = 0;
    size_t same = 0;
    if (flash) {
        (void)board_machine_read_block(machine, FLASH_BASE, flash, size, &got);
        while (same < got && flash[same] == image[same]) {
            same++;
        }
    }
    free(flash);
    return same;
}

bool board_flash_image(struct board_machine *machine, const char *path, char *error,
                       size_t error_size)
{
    size_t size = 0;
    uint8_t *image = read_image(path, &size, error, error_size);
    if (!image) {
        return false;
    }
    size_t done = 0;
    bool ok = program(machine, image, size, &done);
    size_t same = first_difference(machine, image, size);
    free(image);
    if (!ok || same != size) {
        (void)snprintf(error, error_size, "flash image '%s': programming failed at 0x%08lx", path,
                       (unsigned long)(FLASH_BASE + same));
        return false;
    }
    board_machine_power_cycle(machine);
    return true;
}
