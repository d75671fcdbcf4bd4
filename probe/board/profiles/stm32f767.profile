# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# STM32F767 at 216 MHz: the STM32F746's buses with larger caches and memories. An example; the
# costs are the STM32F746's and have not been compared with a device.
device stm32f767

# Source: RM0410 2.1.
icache 16384 2 32
dcache 16384 4 32
art 2048 4 32

fill flash 18
fill sram 11
store_miss 4
unaligned 3

# Source: RM0410 2.2.
region tcm   0x00000000 0x00004000
region art   0x00200000 0x00200000
region flash 0x08000000 0x00200000
region tcm   0x20000000 0x00020000
region sram  0x20020000 0x00060000
