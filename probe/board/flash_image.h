// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_FLASH_IMAGE_H
#define UTVM_BOARD_FLASH_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "probe/board/machine.h"

/**
 * Programs a raw binary at 0x08000000 through the flash controller, as a production programmer
 * does, and powers the board up anew, so that the core starts from it.
 * @return false with a message for a person: the file cannot be read, is empty, is larger than the
 *         flash, or a word did not program
 */
bool board_flash_image(struct board_machine *machine, const char *path, char *error,
                       size_t error_size);

#endif
