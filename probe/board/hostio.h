// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_BOARD_HOSTIO_H
#define UTVM_BOARD_HOSTIO_H

#include <stddef.h>
#include <stdint.h>

/** The host's end of a serial line: a pseudo-terminal, stdin and stdout, or a file. */
struct board_hostio;

/**
 * @param name label for messages, for example "usart1"
 * @param where "pty" (its path is printed on stderr), "stdio", or a file to append to
 * @return NULL with a static message in *error
 */
struct board_hostio *board_hostio_open(const char *name, const char *where, const char **error);
void board_hostio_close(struct board_hostio *io);

/** Writes what the other side takes; the rest of a pty's bytes is lost, as on an unread line. */
void board_hostio_write(struct board_hostio *io, const void *bytes, size_t size_bytes);

/** @return number of bytes read without waiting, 0 when there are none */
size_t board_hostio_read(struct board_hostio *io, void *bytes, size_t size_bytes);

/** Descriptor that becomes readable when there is input, or -1. */
int board_hostio_fd(const struct board_hostio *io);

#endif
