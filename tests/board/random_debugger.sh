#!/bin/bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# A debugger that halts, steps, sets breakpoints and watchpoints, writes registers and memory back
# and resets, at random and through the real OpenOCD, on a program that must end as it does when it
# is left alone: same instructions, same memory.
#   random_debugger.sh BOARD-PROGRAM [SECONDS [SEED [BOARD-OPTION]...]]
# Exit 0 no difference, 1 a difference, 77 a tool is missing (ctest takes that as skipped).
set -u

board_program=$(readlink -f "$1")
seconds=${2:-10}
seed=${3:-1}
shift $(($# < 3 ? $# : 3))
here=$(cd "$(dirname "$0")" && pwd)

for tool in openocd arm-none-eabi-gcc arm-none-eabi-nm; do
    if ! command -v "$tool" >/dev/null; then
        echo "skipped: $tool is not installed"
        exit 77
    fi
done

dir=$(mktemp -d /tmp/utvm-random-XXXXXX)
board=
clean_up() {
    [ -n "$board" ] && kill "$board" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$dir"
}
trap clean_up EXIT

arm-none-eabi-gcc -mcpu=cortex-m7 -mthumb -mfpu=fpv5-sp-d16 -mfloat-abi=hard -O2 -ffreestanding \
    -nostdlib -Wl,--defsym=code=0x08000000 -T "$here/firmware.ld" "$here/debugged_firmware.c" -lgcc \
    -o "$dir/firmware.elf" || exit 1
arm-none-eabi-objcopy -O binary "$dir/firmware.elf" "$dir/firmware.bin" || exit 1

{
    echo "set seed $seed; set seconds $seconds; set period 20011"
    arm-none-eabi-nm "$dir/firmware.elf" |
        sed -nE 's/^([0-9a-f]+) . (reset_handler|finished|tick_period|tick_control|ticks|digest|services|words)$/set \2 0x\1/p'
    # Where instructions begin: a breakpoint in the middle of one is nobody's business.
    arm-none-eabi-objdump -d "$dir/firmware.elf" |
        sed -nE '/\.(word|short)/d; s/^ +([0-9a-f]+):\t.*/lappend boundaries 0x\1/p'
    echo "set code_first 0x08000000"
} >"$dir/symbols.tcl"

mkfifo "$dir/ready"
"$board_program" --stlink 0 --flash "$dir/firmware.bin" --ready-fd 9 "$@" 9>"$dir/ready" \
    >"$dir/board.log" 2>&1 &
board=$!
port=$(timeout 10 sed -n 's/^utvm-board: st-link on 127\.0\.0\.1://p' "$dir/ready")

timeout $((seconds + 300)) openocd -f interface/stlink-dap.cfg -c "st-link backend tcp $port" \
    -c 'transport select dapdirect_swd' -f target/stm32f7x.cfg -c 'reset_config none' \
    -c 'gdb_port disabled; tcl_port disabled; telnet_port disabled' \
    -c 'init' -c "source $dir/symbols.tcl" -c "source $here/random_debugger.tcl" >"$dir/log" 2>&1
grep -E '^(NOT OK|free run|[0-9]+ runs)' "$dir/log"
if ! grep -q '^random debugger: passed' "$dir/log"; then
    tail -20 "$dir/log"
    cat "$dir/board.log"
    exit 1
fi
