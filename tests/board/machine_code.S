// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// Programs for the machine's tests: linked at 0x20010000 (SRAM1), each reached by its symbol.
// Every handler appends its exception number to a log; fault handlers stop at a BKPT after that.

    .syntax unified
    .cpu cortex-m7
    .fpu fpv5-sp-d16
    .thumb

    .section .vectors, "ax"
    .global vectors
vectors:
    .word 0x20040000, nothing + 1, record + 1, record_fault + 1
    .word record_fault + 1, record_fault + 1, record_fault + 1, 0
    .word 0, 0, 0, record + 1
    .word record + 1, 0, record + 1, record + 1
    .rept 98
    .word record + 1
    .endr

    .text
    .balign 4

.macro function name
    .global \name
    .thumb_func
\name:
.endm

function nothing
    b nothing

// Handlers keep r4 and up untouched.
function record
    mrs r0, ipsr
    ldr r1, =log_count
    ldr r2, [r1]
    ldr r3, =log_entries
    str r0, [r3, r2, lsl #2]
    adds r2, #1
    str r2, [r1]
    bx lr

function record_fault
    mrs r0, ipsr
    ldr r1, =log_count
    ldr r2, [r1]
    ldr r3, =log_entries
    str r0, [r3, r2, lsl #2]
    adds r2, #1
    str r2, [r1]
    bkpt #0xF0
    bx lr

// A handler that pends PendSV and both test IRQs before it returns.
function record_and_pend
    mrs r0, ipsr
    ldr r1, =log_count
    ldr r2, [r1]
    ldr r3, =log_entries
    str r0, [r3, r2, lsl #2]
    adds r2, #1
    str r2, [r1]
    ldr r1, =0xE000ED04
    movs r0, #1
    lsls r0, r0, #28
    str r0, [r1]
    ldr r1, =0xE000E200
    movs r0, #3
    str r0, [r1]
    bx lr

// A handler that pends a more urgent IRQ (number 1) in its middle.
function record_pend_record
    push {r4, lr}
    mrs r4, ipsr
    ldr r1, =0xE000E200
    movs r0, #2
    str r0, [r1]
    dsb
    isb
    ldr r1, =log_count
    ldr r2, [r1]
    ldr r3, =log_entries
    str r4, [r3, r2, lsl #2]
    adds r2, #1
    str r2, [r1]
    pop {r4, pc}

// The floating-point unit is used by the handler, too.
function record_with_fpu
    vmov.f32 s0, #2.0
    vmov.f32 s15, #3.0
    vmrs r0, fpscr
    b record

function bad_exc_return
    mvn lr, #0x1F
    bx lr

function enable_fpu
    ldr r0, =0xE000ED88
    ldr r1, =0x00F00000
    str r1, [r0]
    dsb
    isb
    bkpt #0

function count_up
    movs r0, #0
1:  adds r0, #1
    str r0, [r5]
    b 1b

function straight
    movs r0, #1
    movs r1, #2
    adds r2, r0, r1
    lsls r3, r2, #4
    movw r4, #0x1234
    bkpt #1

function it_block
    movs r0, #5
    cmp r0, #5
    itete eq
    moveq r1, #1
    movne r2, #2
    moveq r3, #3
    movne r4, #4
    movs r5, #9
    bkpt #2

function self_branch
    b self_branch

function stores
    str r1, [r0]
    movs r2, #7
    ldr r3, [r0]
    strb r2, [r0, #8]
    ldrh r3, [r0, #2]
    bkpt #3

function read_cycles_twice
    ldr r2, =0xE0001000
    nop
    ldr r0, [r2, #4]
    nop
    nop
    nop
    nop
    ldr r1, [r2, #4]
    bkpt #4

// A loop with calls, conditions, memory and long instructions: about 900 instructions.
function mixed_work
    push {r4, r5, r6, lr}
    movs r4, #20
    movs r5, #0
    ldr r6, =scratch
1:  mov r0, r4
    bl mixed_leaf
    adds r5, r5, r0
    str r5, [r6, r4, lsl #2]
    tst r4, #1
    ite ne
    addne.w r5, r5, #0x1100
    subeq r5, #3
    ldr r1, [r6, r4, lsl #2]
    umull r2, r3, r1, r5
    eors r5, r2
    subs r4, #1
    bne 1b
    mov r0, r5
    pop {r4, r5, r6, lr}
    bkpt #5

function mixed_leaf
    cbz r0, 2f
    movs r1, #1
3:  muls r1, r0, r1
    subs r0, #1
    cmp r0, #17
    bhi 3b
2:  mov r0, r1
    bx lr

function call_svc
    movs r0, #10
    movs r1, #11
    movs r2, #12
    movs r3, #13
    svc #42
    adds r4, r4, #1
    bkpt #6

function unmask
    cpsid i
    nop
    cpsie i
    movs r4, #1
    bkpt #7

function drop_basepri
    movs r0, #0
    msr basepri, r0
    movs r4, #1
    bkpt #8

function pend_sv
    ldr r1, =0xE000ED04
    movs r0, #1
    lsls r0, r0, #28
    str r0, [r1]
    dsb
    isb
    movs r4, #1
    bkpt #9

// Without a barrier behind the store.
function pend_sv_in_passing
    ldr r1, =0xE000ED04
    movs r0, #1
    lsls r0, r0, #28
    str r0, [r1]
    adds r4, #1
    adds r4, #1
    bkpt #9

// The same instruction three times: which of them pends is told by what is in r1.
function pend_sv_among_stores
    ldr r1, =scratch
    movs r0, #1
    lsls r0, r0, #28
    str r0, [r1]
    ldr r1, =0xE000ED04
    str r0, [r1]
    adds r4, #1
    ldr r1, =scratch + 4
    str r0, [r1]
    adds r4, #1
    bkpt #9

// And which of them faults.
function fault_among_stores
    ldr r1, =scratch
    movs r0, #1
    str r0, [r1]
    movw r1, #4
    movt r1, #0x6000
    str r0, [r1]
    ldr r1, =scratch + 4
    str r0, [r1]
    bkpt #10

// The last thing written to r1 in front of the store has not been executed.
function fault_by_choice
    movs r0, #1
    cmp r0, #1
    ite eq
    ldreq r1, =0x60000004
    ldrne r1, =scratch
    str r0, [r1]
    bkpt #10

function pend_irq_under_it
    ldr r1, =0xE000E200
    movs r0, #1
    cmp r0, #1
    ite eq
    streq r0, [r1]
    addne r4, #1
    adds r4, #1
    b 1f
1:  adds r4, #1
    bkpt #9

function load_fault
    movs r0, #1
    ldr r3, =0x60000000
    movs r1, #2
    ldr r2, [r3, #4]
    movs r0, #3
    bkpt #10

function store_fault_in_it
    cmp r0, r0
    ittt eq
    moveq r1, #1
    streq r1, [r3]
    moveq r1, #2
    bkpt #11

function undefined_instruction
    movs r0, #1
    udf #5
    bkpt #12

function to_arm_state
    ldr r0, =nothing
    bic r0, #1
    bx r0

function jump_to_peripheral
    ldr r0, =0x40000001
    bx r0

function jump_to_nowhere
    ldr r0, =0x60000001
    bx r0

function jump_to_exc_return
    ldr r0, =0xFFFFFFF9
    bx r0

function divide
    movs r0, #10
    sdiv r2, r0, r1
    movs r3, #1
    bkpt #13

// Traps from the instruction behind the store on.
function arm_and_divide
    ldr r1, =0xE000ED14
    movs r0, #0x10
    movs r3, #0
    str r0, [r1]
    sdiv r2, r0, r3
    bkpt #13

function unaligned_load
    ldr r1, =scratch + 1
    ldr r0, [r1]
    bkpt #14

function float_add
    vadd.f32 s2, s0, s1
    bkpt #15

function push_forever
    push {r0, r1, r2, r3, r4, r5, r6, r7}
    b push_forever

function coprocessor
    mcr p15, 0, r0, c1, c0, 0
    bkpt #16

function double_precision
    .inst.w 0xEE300B00
    bkpt #17

function wait_for_interrupt
    wfi
    movs r4, #1
    bkpt #18

function wait_for_event
    wfe
    movs r4, #1
    bkpt #19

function send_event_then_wait
    sev
    wfe
    b wait_for_event

function yields
    yield
    movs r4, #1
    bkpt #20

// A handler with floating point in the interrupted code: s0 = 1, s16 = 4.
function float_then_svc
    vmov.f32 s0, #1.0
    vmov.f32 s15, #1.5
    vmov.f32 s16, #4.0
    svc #1
    vadd.f32 s1, s0, s15
    bkpt #21

// What a comparison finds has to outlast an exception.
function compare_then_svc
    vmov.f32 s0, #1.0
    vcmp.f32 s0, s0
    svc #1
    vmrs r4, fpscr
    bkpt #21

function read_control
    mrs r4, control
    vmov.f32 s0, #1.0
    movs r5, #3
    mrs r5, control
    cmp r5, r5
    ite ne
    mrsne r6, control
    moveq r7, #9
    bkpt #22

function drop_privilege
    movs r0, #1
    msr control, r0
    isb
    movs r4, #1
    bkpt #22

function use_psp
    ldr r0, =0x20030000
    msr psp, r0
    movs r0, #2
    msr control, r0
    isb
    svc #2
    bkpt #23

function rewrite_code
    ldr r0, =patch_here
    movw r1, #0x2009
    strh r1, [r0]
    dsb
    isb
    b patched
    .ltorg
function patched
patch_here:
    movs r0, #1
    bkpt #24

function reset_itself
    ldr r0, =0xE000ED0C
    ldr r1, =0x05FA0004
    str r1, [r0]
    dsb
1:  b 1b

// r0 = flash address, r1 = value: one word, then one halfword of the same value.
function program_word
    str r1, [r0]
    dsb
    bkpt #25

function program_twice
    str r1, [r0]
    str r2, [r0]
    ldr r3, [r0]
    dsb
    bkpt #26

function write_dwt
    ldr r0, =0xE0001000
    movs r1, #0
    str r1, [r0, #4]
    bkpt #27
    .ltorg

// Stores r1 at r0 and reads it back into r2, as software and not as a debugger.
function poke
    str r1, [r0]
    ldr r2, [r0]
    bkpt #28
    .ltorg

// Reads a byte, and a word, as software: what reading does, it does.
function peek_byte
    ldrb r2, [r0]
    bkpt #29
function peek
    ldr r2, [r0]
    bkpt #29
    .ltorg

// Endless work for a debugger to disturb: r7 rounds, then a BKPT; the result is in r6.
function long_work
    movs r6, #0
    ldr r5, =scratch
1:  movs r4, #13
2:  mov r0, r4
    bl mixed_leaf
    add r6, r6, r0
    eor r6, r6, r6, ror #7
    str r6, [r5, r4, lsl #2]
    ldrb r1, [r5, r4]
    ldrd r2, r3, [r5, #8]
    umlal r2, r3, r1, r6
    it cs
    addcs r6, r3
    push {r1, r2, r3}
    cmp r1, #128
    itte hi
    addhi r6, #1
    subhi r6, r2
    movls r3, r3
    pop {r1, r2, r3}
    subs r4, #1
    bne 2b
    subs r7, #1
    bne 1b
    bkpt #28
    .ltorg

// What a memory protection unit may deny. r0 and r1 are addresses, both set by the test.
// The store to [r1] in the middle may be denied: what follows it must not have happened.
function mpu_store
    movs r2, #1
    movs r3, #0x55
    str r2, [r0], #4
    .global mpu_store_denied
mpu_store_denied:
    str r3, [r1]
    str r3, [r0], #4
    adds r2, #1
    cpsid i
    bkpt #30

function mpu_load
    movs r2, #1
    ldr r2, [r1]
    str r2, [r0]
    bkpt #31

function mpu_jump
    orr r1, #1
    bx r1

// The same store without privilege.
function mpu_user_store
    movs r2, #1
    movs r3, #0x55
    msr control, r2
    isb
    str r3, [r1]
    bkpt #32

// A loop of stores, for its speed and its count.
function mpu_loop
    movs r2, #100
1:  str r2, [r1]
    ldr r3, [r1]
    subs r2, #1
    bne 1b
    bkpt #33

// Switches the unit off and on again, with a store between that only a unit in use would deny.
function mpu_switch
    ldr r0, =0xE000ED94
    ldr r2, [r0]
    movs r3, #0
    str r3, [r0]
    str r2, [r1]
    str r2, [r0]
    dsb
    isb
    bkpt #35
    .ltorg

function mpu_svc
    svc #3
    bkpt #34

// Counts in memory, and makes the count depend on what was interrupted.
function tick
    ldr r0, =ticks
    ldr r1, [r0]
    adds r1, #1
    str r1, [r0]
    ldr r2, [sp, #24]
    ldr r3, [r0, #4]
    eor r3, r2, r3, ror #3
    str r3, [r0, #4]
    bx lr
    .ltorg

    .data
    .balign 4
    .global ticks
ticks:
    .word 0
    .word 0
    .global log_count
log_count:
    .word 0
    .global log_entries
log_entries:
    .space 256
    .global scratch
scratch:
    .space 256
