# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# STM32H743 at 400 MHz: larger caches, and buses at half the core's clock, so that a wait costs
# twice the core cycles. An example; the costs have not been compared with a device.
device stm32h743

# Source: RM0433 2.1.
icache 16384 2 32
dcache 16384 4 32

fill flash 30
fill sram 22
store_miss 8
unaligned 3

# Source: RM0433 2.3: ITCM, flash, DTCM, AXI SRAM, SRAM1 to SRAM3, SRAM4.
region tcm   0x00000000 0x00010000
region flash 0x08000000 0x00200000
region tcm   0x20000000 0x00020000
region sram  0x24000000 0x00080000
region sram  0x30000000 0x00048000
region sram  0x38000000 0x00010000
