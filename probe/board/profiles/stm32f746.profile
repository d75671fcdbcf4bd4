# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# STM32F746 at 216 MHz. The format is described in probe/board/profile.h. To fit the four costs to
# a board, count the cycles of a loop that reads, and of one that writes, one word of each line of a
# buffer four times as large as the D-cache, and subtract the loop's cycles on a small buffer.
device stm32f746

# Source: RM0385 2.1 (4 + 4 KB), Cortex-M7 TRM 5.9 (2 and 4 ways, 32-byte lines).
icache 4096 2 32
dcache 4096 4 32
# The adaptive real-time accelerator: 64 lines of 256 bits (RM0385 3.3); 4 ways are an assumption.
art 2048 4 32

# No figure is published. About 11 cycles a line from SRAM and 4 a store miss agree with published
# run times of whole networks; flash adds its 7 wait states to the same way.
fill flash 18
fill sram 11
store_miss 4
# Source: jnk0le/random, cortex_m7.md: 3 in the older slot, 4 in the younger.
unaligned 3

# Source: RM0385 2.2.
region tcm   0x00000000 0x00004000
region art   0x00200000 0x00100000
region flash 0x08000000 0x00100000
region tcm   0x20000000 0x00010000
region sram  0x20010000 0x00040000
