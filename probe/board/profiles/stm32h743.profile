# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# STM32H743 at 400 to 480 MHz: larger caches, and buses at half the core's clock. An example; no line
# fill has been counted on a device.
device stm32h743

# Source: RM0433 2.1.
icache 16384 2 32
dcache 16384 4 32

# The STM32F746's costs; flash adds its 4 wait states (RM0433 table 17), 8 cycles of the core.
# Published for CoreMark (GCC, -O3, 480 MHz, data in a SRAM that is not named; apache/mynewt-core
# pull request 3656): 240,000 cycles an iteration, 698,690 with the D-cache off. Modelled with these
# costs: 246,000 and 753,000; with twice as much the latter is about 1,430,000.
fill flash 19
fill sram 11
store_miss 4
unaligned 3

# Source: RM0433 2.3: ITCM, flash, DTCM, AXI SRAM, SRAM1 to SRAM3, SRAM4.
region tcm   0x00000000 0x00010000
region flash 0x08000000 0x00200000
region tcm   0x20000000 0x00020000
region sram  0x24000000 0x00080000
region sram  0x30000000 0x00048000
region sram  0x38000000 0x00010000
