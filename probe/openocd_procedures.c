// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "probe/openocd_target.h"

/*
 * What runs inside OpenOCD, so that a step is one round trip.
 *
 * utvm_wait looks at the core by arp_poll, which is what OpenOCD's own background polling does, so
 * its picture of the core (and GDB's through it) is right when it answers. A short layer is over
 * within the first looks, which spin_ms is for; then it sleeps a millisecond between looks, because
 * busy polling takes half of the processor from an emulated core. wait_halt is not used: it never
 * sleeps.
 *
 * utvm_call gives the PC to resume as an address: with the PC set as a register instead, OpenOCD
 * first reads the memory at the old PC to step over a breakpoint there.
 * Source: OpenOCD User's Guide, "CPU Configuration" (arp_poll, curstate, get_reg, set_reg,
 * read_memory), "General Commands" (resume).
 */
static const char procedures[] =
    // A core that locked up makes the look that finds it fail, and is halted then; a second look
    // tells that from a link that does not work.
    "proc utvm_poll {t} {"
    " if {[catch {$t arp_poll}]} {$t arp_poll};"
    " $t curstate"
    "};"
    "proc utvm_wait {t addr words wait_ms spin_ms} {"
    " set start [clock milliseconds];"
    " while {1} {"
    "  set state [utvm_poll $t];"
    "  if {$state eq \"halted\"} break;"
    "  set waited [expr {[clock milliseconds] - $start}];"
    "  if {$waited >= $wait_ms} {return [list $state]};"
    "  if {$waited >= $spin_ms} {after 1}"
    " };"
    " set pc [lindex [$t get_reg pc] 1];"
    " if {$words == 0} {return [list halted $pc {}]};"
    " list halted $pc [$t read_memory $addr 32 $words]"
    "};"
    "proc utvm_call {t pc registers addr words wait_ms spin_ms} {"
    " targets $t;"
    " $t set_reg $registers;"
    " resume $pc;"
    " utvm_wait $t $addr $words $wait_ms $spin_ms"
    "};"
    "proc utvm_file {name} {"
    " set f [open $name r];"
    " set text [$f read 64];"
    " $f close;"
    " return $text"
    "};"
    // The line protocol ends a message with 0x1a, so that byte cannot be in one.
    "proc utvm_monitor {script} {"
    " string map [list \\x1a ^Z] [capture {uplevel #0 $script}]"
    "}";

struct utvm_error *utvm_openocd_define_procedures(struct utvm_openocd *o)
{
    return utvm_tcl_eval(o->tcl, procedures, 5000, 0, NULL);
}
