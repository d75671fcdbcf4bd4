# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# A debugger that does what comes to its mind, inside OpenOCD. Variables given before: seed, seconds,
# period (cycles between SysTick interrupts in half of the runs), and the addresses in the firmware:
# reset_handler finished tick_period tick_control ticks digest services words code_first
# boundaries (where instructions begin).

set failures 0
set operations 0
set runs 0

proc random {below} {
    global seed
    set seed [expr {($seed * 1103515245 + 12345) & 0x7FFFFFFF}]
    expr {($seed >> 8) % $below}
}

proc read_word {addr} {
    lindex [read_memory $addr 32 1] 0
}

proc instructions {} {
    lindex [read_memory 0xF0000140 32 1] 0
}

# Halts at the reset vector with the counters where this run's begin.
proc start {cycles} {
    global tick_period tick_control first
    reset halt
    mww $tick_period $cycles
    mww $tick_control [expr {$cycles != 0 ? 7 : 0}]
    set first [instructions]
}

# What a finished run has left: instructions, ticks, digest, services, and the sorted words.
proc outcome {} {
    global first ticks digest services words
    list [expr {([instructions] - $first) & 0xFFFFFFFF}] [read_word $ticks] [read_word $digest] \
        [read_word $services] [read_memory $words 32 256]
}

proc free_run {cycles} {
    global finished
    start $cycles
    bp $finished 2 hw
    resume
    wait_halt 60000
    rbp $finished
    outcome
}

proc halted {} {
    expr {[[target current] curstate] eq "halted"}
}

proc pc {} {
    dict get [get_reg -force pc] pc
}

proc some_register {} {
    lindex {r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 sp lr pc xPSR msp psp d0 d3 d7 d8 d15 fpscr} \
        [random 25]
}

# Everything below leaves the program as it was. The core is halted before and after.
proc meddle {} {
    global words code_first
    switch [random 8] {
        0 {
            for {set i [random 12]} {$i >= 0} {incr i -1} {
                step
            }
        }
        1 {
            set name [some_register]
            set_reg [list $name [dict get [get_reg -force [list $name]] $name]]
        }
        2 {
            set addr [expr {$words + 4 * [random 256]}]
            mww $addr [read_word $addr]
        }
        3 {
            set addr [expr {$words + [random 1024]}]
            mwb $addr [lindex [read_memory $addr 8 1] 0]
        }
        4 {
            set addr [expr {[dict get [get_reg -force sp] sp] & ~3}]
            write_memory $addr 32 [read_memory $addr 32 8]
        }
        5 {
            read_memory [expr {$code_first + 4 * [random 64]}] 32 16
            read_word 0xE0001004
        }
        6 {
            set addr [expr {$words + 4 * [random 256]}]
            wp $addr 4 [lindex {r w a} [random 3]]
            resume
            catch {wait_halt 20}
            halt
            rwp $addr
        }
        7 {
            set addr [lindex $::boundaries [random [llength $::boundaries]]]
            if {$addr == $::finished || $addr == [pc]} {
                return
            }
            bp $addr 2 hw
            resume
            catch {wait_halt 20}
            halt
            rbp $addr
        }
    }
}

# One run with everything in between. Half of the time the core runs, and is looked at meanwhile.
proc meddled_run {cycles} {
    global finished operations deadline
    start $cycles
    while {1} {
        incr operations
        if {[halted] && [pc] == $finished} {
            return [outcome]
        }
        if {[clock seconds] > $deadline + 30} {
            return "late at [pc]"
        }
        if {[random 3] == 0} {
            resume
            read_word 0xE000101C
            read_word $::digest
            after [random 4]
            halt
        } elseif {[random 400] == 0} {
            start $cycles
        } else {
            meddle
        }
    }
}

# Interrupts come at the same instructions however a program is stopped; between programs with
# different interrupts only those may differ.
proc compare {what got wanted per_tick} {
    global failures seed_of_run operations
    set extra [expr {([lindex $got 1] - [lindex $wanted 1]) * $per_tick}]
    set same [expr {[lindex $got 0] == [lindex $wanted 0] + $extra}]
    foreach i {2 3 4} {
        if {[lindex $got $i] ne [lindex $wanted $i]} {
            set same 0
        }
    }
    if {!$same || ($per_tick == 0 && $got ne $wanted)} {
        echo "NOT OK - $what, seed $seed_of_run, $operations operations: got [lrange $got 0 3],\
            a free run [lrange $wanted 0 3] ($per_tick instructions a tick)"
        incr failures
    }
}

proc main {} {
    global period seconds deadline runs operations failures seed seed_of_run
    cortex_m maskisr off
    set quiet [free_run 0]
    set ticking [free_run $period]
    set faster [free_run [expr {$period / 2}]]
    set per_tick [expr {([lindex $ticking 0] - [lindex $quiet 0]) / [lindex $ticking 1]}]
    set seed_of_run $seed
    compare "free runs with different interrupts" $faster $ticking $per_tick
    compare "a free run without interrupts" $quiet $ticking $per_tick
    compare "a second free run" [free_run 0] $quiet 0
    echo "free run: [lindex $quiet 0] instructions, [lindex $ticking 1] ticks of $per_tick"
    set deadline [expr {[clock seconds] + $seconds}]
    bp $::finished 2 hw
    while {[clock seconds] < $deadline && $failures == 0} {
        set seed_of_run $seed
        if {[random 2] == 0} {
            compare "without interrupts" [meddled_run 0] $quiet 0
        } else {
            compare "with interrupts" [meddled_run $period] $ticking 0
        }
        incr runs
    }
    echo "$runs runs, $operations operations, $failures differences"
    if {$failures == 0 && $runs > 0} {
        echo "random debugger: passed"
    }
}

main
shutdown
