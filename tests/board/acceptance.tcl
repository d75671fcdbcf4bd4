# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# What the acceptance test does inside OpenOCD, the same on every link. Variables given before:
# dir (scratch directory with random.bin, flash.bin, ram.bin), adapter (dap, hla or jtag), and addresses
# in the images: ram_entry and flash_entry (reset_handler), ram_next, ram_counter, flash_counter.

set failures 0

proc check {what condition} {
    global failures
    if {[uplevel 1 [list expr $condition]]} {
        echo "ok - $what"
    } else {
        echo "NOT OK - $what"
        incr failures
    }
}

proc state {} {
    [target current] curstate
}

proc register {name} {
    dict get [get_reg -force [list $name]] $name
}

proc read_word {addr} {
    lindex [read_memory $addr 32 1] 0
}

proc wait_for_halt {} {
    if {[catch {wait_halt 5000} why]} {
        echo "wait_halt: $why"
    }
}

proc memory_tests {} {
    global dir adapter
    check "CPUID is a Cortex-M7 r0p1" {[read_word 0xE000ED00] == 0x410FC271}
    mww 0x20000000 0x11223344 4
    check "words" {[read_memory 0x20000000 32 4] eq "0x11223344 0x11223344 0x11223344 0x11223344"}
    mwb 0x20000001 0xAA 2
    check "bytes within a word" {[read_word 0x20000000] == 0x11AAAA44}
    mwh 0x20000006 0xBEEF
    check "half-words" {[read_word 0x20000004] == 0xBEEF3344}
    check "bytes one by one" {[read_memory 0x20000001 8 5] eq "0xaa 0xaa 0x11 0x44 0x33"}
    load_image $dir/random.bin 0x20010000 bin
    dump_image $dir/back.bin 0x20010000 262144
    check "verification of 256 KiB" {![catch {verify_image $dir/random.bin 0x20010000 bin}]}
    mww 0x20020000 [expr {[read_word 0x20020000] ^ 1}]
    check "verification notices one bit" {[catch {verify_image $dir/random.bin 0x20010000 bin}]}
    check "unmapped memory is an error" {[catch {read_memory 0x30000000 32 1}]}
    check "and the next access is fine" {[read_word 0xE000ED00] == 0x410FC271}
    if {$adapter ne "hla"} {
        check "ROM table" {[string match "*Cortex-M7*" [capture {dap info}]]}
    }
}

proc core_tests {} {
    global dir ram_entry adapter
    halt
    wait_for_halt
    check "halts" {[state] eq "halted"}
    load_image $dir/ram.bin 0x20010000 bin
    set_reg {r8 0x12345678 r12 0xCAFEF00D}
    set_reg [list sp 0x20008000 pc $ram_entry]
    # Registers pass through OpenOCD's cache; a step flushes it to the core and reads it back.
    step
    check "registers survive a step" {[register r12] == 0xCAFEF00D && [register r8] == 0x12345678}
    check "a step moves the program counter" {[register pc] > $ram_entry && [register pc] <= $ram_entry + 4}
    set before [register pc]
    step
    check "and again" {[register pc] != $before}

    set where $::ram_next
    bp $where 2 hw
    set_reg [list pc $ram_entry]
    resume
    wait_for_halt
    check "stops at a hardware breakpoint" {[state] eq "halted" && [register pc] == $where}
    rbp $where
    bp $where 2
    resume
    wait_for_halt
    check "stops at a software breakpoint" {[state] eq "halted" && [register pc] == $where}
    check "one turn of the loop later" {[read_word $::ram_counter] == 1}
    rbp $where
    wp $::ram_counter 4 w
    resume
    wait_for_halt
    check "stops at a watchpoint" {[state] eq "halted"}
    rwp $::ram_counter

    resume
    check "runs" {[state] eq "running"}
    set first [read_word $::ram_counter]
    sleep 20
    set second [read_word $::ram_counter]
    check "memory is read while it runs" {$second > $first}
    mww 0x20005000 0x5A5AA5A5
    check "and written" {[read_word 0x20005000] == 0x5A5AA5A5}
    if {$adapter eq "dap"} {
        check "profiles" {![catch {profile 1 $dir/gmon.out}]}
    }
    halt
    wait_for_halt
    check "halts again" {[state] eq "halted"}
    set now [read_word $::ram_counter]
    sleep 5
    check "and stays" {[read_word $::ram_counter] == $now}
}

proc flash_tests {} {
    global dir flash_entry
    flash probe 0
    flash write_image erase $dir/flash.bin 0x08000000
    check "flash holds what was written" {![catch {verify_image $dir/flash.bin 0x08000000}]}
    check "so does its other address" {![catch {verify_image $dir/flash.bin 0x00200000}]}
    reset halt
    check "reset stops at the reset handler" {[state] eq "halted" && ([register pc] | 1) == ($flash_entry | 1)}
    check "with the stack pointer of the vectors" {[register sp] == 0x20008000}
    reset run
    sleep 50
    check "reset run runs" {[state] eq "running" && [read_word $::flash_counter] > 0}
    reset init
    check "reset init raises the clock" {[state] eq "halted" && ([read_word 0x40023808] & 0xC) == 8}
}

if {[catch {
    init
    memory_tests
    core_tests
    flash_tests
} why]} {
    echo "NOT OK - $why"
    incr failures
}
echo "acceptance failures: $failures"
shutdown
