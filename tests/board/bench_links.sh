#!/bin/bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# How fast the links are, measured through the real OpenOCD: bench_links.sh BOARD-PROGRAM
# KB/s of load_image and dump_image of 240 KiB (16 KiB over bit-bang), the round trip of a read of one
# word, of a step, and of "set pc, resume, wait for the halt, read CYCCNT" in one procedure; then what
# OpenOCD's polling costs a running core.
set -eu

board_program=$(readlink -f "$1")
dir=$(mktemp -d /tmp/utvm-bench-XXXXXX)
board=
clean_up() {
    [ -n "$board" ] && kill "$board" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$dir"
}
trap clean_up EXIT

start_board() {
    rm -f "$dir/ready"
    mkfifo "$dir/ready"
    "$board_program" --ready-fd 9 "$@" 9>"$dir/ready" >/dev/null 2>&1 &
    board=$!
    local announced
    announced=$(timeout 10 cat "$dir/ready")
    port=$(sed -n 's/^utvm-board: st-link on 127\.0\.0\.1://p' <<<"$announced")
    bitbang=$(sed -n 's/^utvm-board: bit-bang on //p' <<<"$announced")
}

cat >"$dir/bench.tcl" <<'TCL'
proc rate {bytes body} {
    set best 0
    for {set i 0} {$i < 5} {incr i} {
        set us [lindex [time {uplevel #0 $body} 1] 0]
        set kbs [expr {$bytes * 1000.0 / 1024 / $us * 1000}]
        if {$kbs > $best} { set best $kbs }
    }
    format %.0f $best
}
proc per_call {count body} {
    set best 1e9
    for {set i 0} {$i < 3} {incr i} {
        set us [lindex [time {uplevel #0 $body} $count] 0]
        if {$us < $best} { set best $us }
    }
    format %.0f $best
}
proc one_layer {} {
    set_reg {pc 0x20000000}
    resume
    while {1} {
        [target current] arp_poll
        if {[[target current] curstate] eq "halted"} { break }
    }
    read_memory 0xE0001004 32 1
}
proc cycles_while {body} {
    set before [lindex [read_memory 0xE0001004 32 1] 0]
    set us [lindex [time {uplevel #0 $body} 1] 0]
    set after [lindex [read_memory 0xE0001004 32 1] 0]
    expr {(($after - $before) & 0xFFFFFFFF) / double($us)}
}
init
poll off
halt
catch {cortex_m maskisr off}
set load [rate $bytes {load_image $dir/data.bin 0x20010000 bin}]
set dump [rate $bytes {dump_image $dir/back.bin 0x20010000 $bytes}]
set word [per_call $count {read_memory 0x20000000 32 1}]
# 0: nop; nop; bkpt 0     8: a loop: adds, subs, branch
mww 0x20000000 0xBF00BF00
mww 0x20000004 0xBE00BE00
mww 0x20000008 0x38013001
mww 0x2000000C 0xBF00E7FC
mww 0xE000EDFC [expr {[lindex [read_memory 0xE000EDFC 32 1] 0] | 0x01000000}]
mww 0xE0001000 [expr {[lindex [read_memory 0xE0001000 32 1] 0] | 1}]
set_reg {pc 0x20000008 sp 0x20008000 xPSR 0x01000000}
set step [per_call $count {step}]
set layer [per_call $count one_layer]
echo [format "| %-22s | %10s | %10s | %8s | %8s | %8s |" $label $load $dump $word $step $layer]
if {$polled} {
    set_reg {pc 0x20000008}
    resume
    # The clock ticks with executed work, so cycles a microsecond are the emulation's speed.
    set alone [cycles_while {after 600}]
    set busy [cycles_while {for {set i 0} {$i < 1000} {incr i} {[target current] arp_poll}}]
    set now_and_then [cycles_while {for {set i 0} {$i < 300} {incr i} {[target current] arp_poll; after 1}}]
    halt
    echo [format "polled: %.0f Mcycle/s alone, %.0f polled every ms (%.2f), %.0f polled without pause (%.2f)" \
        $alone $now_and_then [expr {$now_and_then / $alone}] $busy [expr {$busy / $alone}]]
}
shutdown
TCL

measure() { # measure LABEL BYTES COUNT POLLED OPENOCD-OPTION...
    local label=$1 bytes=$2 count=$3 polled=$4
    shift 4
    head -c "$bytes" /dev/urandom >"$dir/data.bin"
    timeout 300 openocd "$@" -c 'gdb_port disabled; tcl_port disabled; telnet_port disabled' \
        -c "set dir $dir; set label {$label}; set bytes $bytes; set count $count; set polled $polled" \
        -f "$dir/bench.tcl" >"$dir/log" 2>&1 || { tail "$dir/log"; exit 1; }
    grep -E '^\| |^polled' "$dir/log" || { tail "$dir/log"; exit 1; }
    wait "$board" || true
    board=
}

echo "| link                   |  load KB/s |  dump KB/s |  word µs |  step µs | layer µs |"
echo "|------------------------|------------|------------|----------|----------|----------|"
start_board --stlink 0
measure 'ST-LINK, dapdirect_swd' 245760 500 1 -f interface/stlink-dap.cfg -c "st-link backend tcp $port" \
    -c 'transport select dapdirect_swd' -f target/stm32f7x.cfg -c 'reset_config none'
start_board --stlink 0
measure 'ST-LINK, hla_swd' 245760 500 0 -f interface/stlink.cfg -c "hla_stlink_backend tcp $port" \
    -c 'transport select hla_swd' -f target/stm32f7x.cfg
start_board --bitbang "$dir/sock"
measure 'bit-bang, Unix socket' 16384 50 0 -c "adapter driver remote_bitbang; remote_bitbang host $bitbang" \
    -c 'transport select jtag' -f target/stm32f7x.cfg -c 'reset_config none'
start_board --bitbang 0
measure 'bit-bang, TCP' 16384 50 0 -c 'adapter driver remote_bitbang; remote_bitbang host 127.0.0.1' \
    -c "remote_bitbang port ${bitbang##*:}" -c 'transport select jtag' -f target/stm32f7x.cfg -c 'reset_config none'
