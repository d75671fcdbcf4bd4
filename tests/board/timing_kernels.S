// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// Micro-kernels for test_timing_kernels.c: straight-line code, the cycles that the pipeline's rules
// give for it from an empty pipeline, and how many instructions issue in a younger slot. The counts
// are worked out by hand from the rules that probe/board/pipeline.c cites, one kernel for each row
// of its tables at least. The first cycle counts: one instruction alone takes 1.
//
// The linked image begins with the kernels' records, 16 bytes each: name, first byte of the code,
// its end, and cycles | folded << 16; a record of zeros ends the list.
    .syntax unified
    .cpu cortex-m7
    .fpu fpv5-sp-d16
    .thumb

    .macro kernel cycles, folded, name:vararg
    .section .records, "a"
    .word 91f, 92f, 93f, \cycles + (\folded << 16)
    .section .names, "a"
91: .asciz \name
    .section .code, "ax"
    .balign 8
92:
    .endm
    .macro end
93:
    .endm

// --- Late ALU result to each stage ------------------------------------------------------------
    kernel 1, 0, "one late ALU operation"
    eor.w r0, r1, r2
    end
    kernel 2, 0, "late ALU to late ALU: +1"
    eor.w r0, r1, r2
    orr.w r3, r0, r4
    end
    kernel 3, 0, "late ALU to shifted operand: +2"
    eor.w r0, r1, r2
    orr.w r3, r4, r0, lsl #1
    end
    kernel 2, 0, "late ALU to the other operand of a shifted operation: +1"
    eor.w r0, r1, r2
    orr.w r3, r0, r4, lsl #1
    end
    kernel 2, 0, "late ALU to multiplicand: +1"
    eor.w r0, r1, r2
    mul r3, r0, r4
    end
    kernel 1, 1, "late ALU to accumulator: 0"
    eor.w r0, r1, r2
    mla r3, r4, r5, r0
    end
    kernel 1, 1, "late ALU to store data: 0"
    eor.w r0, r1, r2
    str r0, [r4]
    end
    kernel 3, 0, "late ALU to address: +2"
    eor.w r0, r1, r2
    ldr r3, [r0]
    end

// --- Early add, sub, mov, shift ---------------------------------------------------------------
    kernel 1, 1, "early add to late ALU: 0"
    add.w r0, r1, r2
    eor.w r3, r0, r4
    end
    kernel 1, 1, "early sub to late ALU: 0"
    sub.w r0, r1, r2
    eor.w r3, r0, r4
    end
    kernel 1, 1, "early mov to late ALU: 0"
    mov r0, r9
    eor.w r3, r0, r4
    end
    kernel 1, 1, "movw and movt pair on one register"
    movw r0, #4660
    movt r0, #4660
    end
    kernel 2, 0, "early add to shifted operand: +1"
    add.w r0, r1, r2
    orr.w r3, r4, r0, lsl #1
    end
    kernel 1, 1, "early add to multiplicand: 0"
    add.w r0, r1, r2
    mul r3, r0, r4
    end
    kernel 1, 1, "early add to accumulator: 0"
    add.w r0, r1, r2
    mla r3, r4, r5, r0
    end
    kernel 1, 1, "early add to store data: 0"
    add.w r0, r1, r2
    str r0, [r4]
    end
    kernel 2, 0, "early add to address: +1"
    add.w r0, r1, r2
    ldr r3, [r0]
    end
    kernel 2, 1, "an add in the younger slot runs late: its consumer waits"
    nop
    add.w r0, r1, r2
    eor.w r3, r0, r4
    end
    kernel 2, 1, "a shift in the younger slot runs early"
    nop
    lsl.w r0, r1, #3
    eor.w r3, r0, r4
    end
    kernel 2, 0, "early shift to address: +1"
    lsl.w r0, r1, #3
    ldr r3, [r0]
    end
    kernel 3, 1, "a younger shift beside a shifted operation runs late"
    add.w r4, r5, r6, lsl #1
    lsl.w r0, r1, #3
    ldr r3, [r0]
    end
    kernel 2, 1, "a younger shift beside a plain operation runs early: address +1"
    nop
    lsl.w r0, r1, #3
    ldr r3, [r0]
    end
    kernel 3, 0, "an add whose operand is not there yet runs late"
    eor.w r0, r1, r2
    add.w r3, r0, r4
    eor.w r5, r3, r6
    end
    kernel 2, 0, "an add of a shifted constant is never early"
    add.w r0, r1, #0x1fc00
    eor.w r3, r0, r4
    end
    kernel 1, 1, "an add of a pattern constant is"
    add.w r0, r1, #0x00ff00ff
    eor.w r3, r0, r4
    end
    kernel 3, 2, "flags do not come early: adc waits for adds"
    adds r0, r1, r2
    adc.w r3, r4, r5
    adds r0, r1, r2
    nop
    adc.w r3, r4, r5
    end

// --- Base write-back --------------------------------------------------------------------------
    kernel 1, 1, "write-back to late ALU: 0"
    str r0, [r1], #4
    eor.w r3, r1, r4
    end
    kernel 2, 0, "write-back to shifted operand: +1"
    str r0, [r1], #4
    eor.w r3, r4, r1, lsl #1
    end
    kernel 2, 0, "write-back to multiplicand: 0, but a MAC and a store do not pair"
    str r0, [r1], #4
    mul r3, r1, r4
    end
    kernel 1, 1, "write-back of a load to multiplicand: 0"
    ldr r0, [r1], #4
    mul r3, r1, r4
    end
    kernel 1, 1, "write-back of a load to accumulator: 0"
    ldr r0, [r1], #4
    mla r3, r4, r5, r1
    end
    kernel 1, 1, "write-back of a load to store data: 0"
    ldr r0, [r1], #4
    str r1, [r4]
    end
    kernel 2, 0, "write-back to address: +1"
    ldr r0, [r1], #4
    ldr r3, [r1]
    end
    kernel 2, 1, "write-back into an early add: +2, so the add runs late"
    ldr r0, [r1], #4
    nop
    add.w r2, r1, r4
    end
    kernel 3, 1, "and its consumer waits"
    ldr r0, [r1], #4
    nop
    add.w r2, r1, r4
    eor.w r5, r2, r6
    end

// --- Word load --------------------------------------------------------------------------------
    kernel 2, 0, "word load to late ALU: +1"
    ldr r0, [r1]
    eor.w r3, r0, r4
    end
    kernel 3, 0, "word load to shifted operand: +2"
    ldr r0, [r1]
    eor.w r3, r4, r0, lsl #1
    end
    kernel 3, 0, "word load to the other operand of a shifted operation: +2"
    ldr r0, [r1]
    eor.w r3, r0, r4, lsl #1
    end
    kernel 3, 0, "word load to multiplicand: +2"
    ldr r0, [r1]
    mul r3, r0, r4
    end
    kernel 1, 1, "word load to accumulator: 0"
    ldr r0, [r1]
    mla r3, r4, r5, r0
    end
    kernel 1, 1, "word load to store data: 0"
    ldr r0, [r1]
    str r0, [r4]
    end
    kernel 3, 0, "word load to address: +2"
    ldr r0, [r1]
    ldr r3, [r0]
    end
    kernel 4, 0, "word load to index: +3"
    ldr r0, [r1]
    ldr r3, [r4, r0]
    end
    kernel 9, 0, "word load to a division: +2"
    ldr r0, [r1]
    udiv r3, r0, r4
    end

// --- A load behind a store --------------------------------------------------------------------
    kernel 5, 0, "a load waits for a store of the same word: +4"
    str r0, [r1]
    ldr r2, [r1]
    end
    kernel 5, 0, "and of the other word of its doubleword"
    str r0, [sp, #12]
    ldr r2, [sp, #8]
    end
    kernel 1, 1, "and not of the next doubleword"
    str r0, [r1]
    ldr r2, [r1, #8]
    end
    kernel 5, 0, "bytes are told apart by their doublewords, too"
    strb r0, [r1, #1]
    ldrb r2, [r1, #6]
    end
    kernel 5, 0, "a pair of words may reach the next doubleword"
    strd r0, r2, [r1, #4]
    ldr r3, [r1, #8]
    end
    kernel 5, 0, "a pair is loaded from the next doubleword, too"
    str r0, [r1, #8]
    ldrd r2, r3, [r1, #4]
    end
    kernel 5, 4, "after 4 cycles it does not wait"
    str r0, [r1]
    nop
    nop
    nop
    nop
    nop
    nop
    nop
    ldr r2, [r1]
    end
    kernel 8, 0, "the latest of several stores counts"
    str r0, [r1]
    str r2, [r1, #8]
    str r3, [r1, #16]
    str r4, [r1]
    ldr r2, [r1]
    end
    kernel 3, 1, "a register that has changed tells nothing"
    str r0, [r1]
    add.w r1, r2, #4
    ldr r2, [r1]
    end
    kernel 1, 1, "nor do two registers"
    str r0, [r1]
    ldr r2, [r3]
    end
    kernel 2, 0, "nor does one that is written back"
    str r0, [r1], #4
    ldr r2, [r1, #-4]
    end
    kernel 5, 0, "FP stores and loads wait as well"
    vstr s0, [r1]
    vldr s1, [r1]
    end

// --- Byte and halfword load -------------------------------------------------------------------
    kernel 3, 0, "byte load to late ALU: +2"
    ldrb r0, [r1]
    eor.w r3, r0, r4
    end
    kernel 3, 0, "signed halfword load to late ALU: +2"
    ldrsh r0, [r1, r2]
    eor.w r3, r0, r4
    end
    kernel 4, 0, "byte load to shifted operand: +3"
    ldrb r0, [r1]
    eor.w r3, r4, r0, lsl #1
    end
    kernel 3, 0, "halfword load to multiplicand: +2"
    ldrh r0, [r1]
    mul r3, r0, r4
    end
    kernel 2, 0, "signed byte load to accumulator: +1"
    ldrsb r0, [r1, r2]
    mla r3, r4, r5, r0
    end
    kernel 1, 1, "byte load to store data: 0"
    ldrb r0, [r1]
    strb r0, [r4]
    end
    kernel 4, 0, "byte load to address: +3"
    ldrb r0, [r1]
    ldr r3, [r0]
    end

// --- Multiplication ---------------------------------------------------------------------------
    kernel 3, 0, "mul to late ALU: +2"
    mul r0, r1, r2
    eor.w r3, r0, r4
    end
    kernel 4, 0, "smulbb to shifted operand: +3"
    smulbb r0, r1, r2
    eor.w r3, r4, r0, lsl #1
    end
    kernel 3, 0, "mul to multiplicand: +2"
    mul r0, r1, r2
    mul r3, r0, r4
    end
    kernel 2, 0, "mla to accumulator: +1"
    mla r0, r1, r2, r0
    mla r0, r3, r4, r0
    end
    kernel 4, 0, "smlad chain: one a cycle"
    smlad r0, r1, r2, r0
    smlad r0, r3, r4, r0
    smlad r0, r5, r6, r0
    smlad r0, r7, r8, r0
    end
    kernel 2, 0, "smull to smlal's sums: +1"
    smull r0, r1, r2, r3
    smlal r0, r1, r4, r5
    end
    kernel 2, 0, "umaal to umaal: +1"
    umaal r0, r1, r2, r3
    umaal r0, r1, r4, r5
    end
    kernel 2, 0, "mul to store data: 0, but they do not pair"
    mul r0, r1, r2
    str r0, [r4]
    end
    kernel 5, 0, "mul to address: +4"
    mul r0, r1, r2
    ldr r3, [r0]
    end
    kernel 5, 0, "mul to index: +4"
    mul r0, r1, r2
    ldr r3, [r4, r0]
    end

// --- Extend, bit field, parallel add, SEL, CLZ -------------------------------------------------
    kernel 2, 0, "sxtb to late ALU: +1"
    sxtb r0, r1
    eor.w r3, r0, r4
    end
    kernel 3, 0, "ubfx to shifted operand: +2"
    ubfx r0, r1, #3, #5
    eor.w r3, r4, r0, lsl #1
    end
    kernel 2, 0, "uxtb to multiplicand: +1"
    uxtb r0, r1
    mul r3, r0, r4
    end
    kernel 1, 1, "clz to accumulator: 0"
    clz r0, r1
    mla r3, r4, r5, r0
    end
    kernel 1, 1, "sadd16 to store data: 0"
    sadd16 r0, r1, r2
    str r0, [r4]
    end
    kernel 3, 0, "uxth to address: +2"
    uxth r0, r1
    ldr r3, [r0]
    end
    kernel 2, 0, "sel needs the flags of uadd8, which come with the late ALU"
    uadd8 r0, r1, r2
    sel r3, r4, r5
    end
    kernel 3, 0, "ubfx reads its source early: late ALU +2"
    eor.w r0, r1, r2
    ubfx r3, r0, #3, #5
    end
    kernel 3, 0, "sxtab16 reads the rotated source early: late ALU +2"
    eor.w r0, r1, r2
    sxtab16 r3, r4, r0
    end
    kernel 2, 0, "and its other source late: late ALU +1"
    eor.w r0, r1, r2
    sxtab16 r3, r0, r4
    end
    kernel 3, 0, "and that one +2 after a word load"
    ldr r0, [r1]
    sxtab16 r3, r0, r4
    end
    kernel 3, 0, "bfi reads what it inserts early: late ALU +2"
    eor.w r0, r1, r2
    bfi r3, r0, #3, #5
    end
    kernel 2, 0, "bfi reads what it inserts into late: late ALU +1"
    eor.w r0, r1, r2
    bfi r0, r3, #3, #5
    end
    kernel 3, 0, "pkhbt reads its second source early: late ALU +2"
    eor.w r0, r1, r2
    pkhbt r3, r4, r0, lsl #16
    end
    kernel 3, 0, "pkhtb reads both early: late ALU +2"
    eor.w r0, r1, r2
    pkhtb r3, r0, r4, asr #16
    end

// --- Saturating operations --------------------------------------------------------------------
    kernel 3, 0, "ssat to late ALU: +2"
    ssat r0, #8, r1
    eor.w r3, r0, r4
    end
    kernel 4, 0, "usat to shifted operand: +3"
    usat r0, #8, r1
    eor.w r3, r4, r0, lsl #1
    end
    kernel 3, 0, "qadd to multiplicand: +2"
    qadd r0, r1, r2
    mul r3, r0, r4
    end
    kernel 2, 0, "usad8 to accumulator: +1"
    usad8 r0, r1, r2
    mla r3, r4, r5, r0
    end
    kernel 1, 1, "ssat to store data: 0"
    ssat r0, #8, r1
    strb r0, [r4]
    end
    kernel 4, 0, "qsub to address: +3"
    qsub r0, r1, r2
    ldr r3, [r0]
    end
    kernel 3, 0, "ssat reads its source early: late ALU +2"
    eor.w r0, r1, r2
    ssat r3, #8, r0
    end

// --- REV, RBIT --------------------------------------------------------------------------------
    kernel 1, 1, "rev to late ALU: 0"
    rev r0, r1
    eor.w r3, r0, r4
    end
    kernel 3, 0, "rbit to shifted operand: +2"
    rbit r0, r1
    eor.w r3, r4, r0, lsl #1
    end
    kernel 1, 1, "rev16 to multiplicand: 0"
    rev16 r0, r1
    mul r3, r0, r4
    end
    kernel 1, 1, "revsh to accumulator: 0"
    revsh r0, r1
    mla r3, r4, r5, r0
    end
    kernel 1, 1, "rev to store data: 0"
    rev r0, r1
    str r0, [r4]
    end
    kernel 3, 0, "rev to address: +2"
    rev r0, r1
    ldr r3, [r0]
    end

// --- What cannot pair -------------------------------------------------------------------------
    kernel 1, 1, "two late ALU operations pair"
    eor.w r0, r1, r2
    orr.w r3, r4, r5
    end
    kernel 2, 1, "three take two cycles"
    eor.w r0, r1, r2
    orr.w r3, r4, r5
    and.w r6, r7, r8
    end
    kernel 2, 0, "two multiplications do not pair"
    mul r0, r1, r2
    mul r3, r4, r5
    end
    kernel 2, 0, "a multiplication and a store do not pair"
    mul r0, r1, r2
    str r3, [r4]
    end
    kernel 2, 0, "a store and a multiplication do not pair"
    str r3, [r4]
    mul r0, r1, r2
    end
    kernel 1, 1, "a multiplication and a load pair"
    mul r0, r1, r2
    ldr r3, [r4]
    end
    kernel 2, 0, "two stores do not pair"
    str r0, [r1]
    str r2, [r3, #4]
    end
    kernel 1, 1, "a load and a store pair"
    ldr r0, [r1]
    str r2, [r3]
    end
    kernel 1, 1, "two loads from different banks pair"
    ldr r0, [r1]
    ldr r2, [r1, #4]
    end
    kernel 2, 1, "two loads from the same bank stall as a pair"
    ldr r0, [r1]
    ldr r2, [r1, #8]
    end
    kernel 3, 1, "what follows them does not join their second cycle"
    ldr r0, [r1]
    ldr r2, [r1, #8]
    eor.w r3, r4, r5
    end
    kernel 3, 1, "their values come from the second cycle on"
    ldr r0, [r1]
    ldr r2, [r1, #8]
    eor.w r3, r2, r5
    end
    kernel 1, 1, "bytes of neighbouring words are in different banks"
    ldrb r0, [r1, #3]
    ldrb r2, [r1, #4]
    end
    kernel 2, 1, "bytes of one word are in the same bank"
    ldrb r0, [r1, #1]
    ldrb r2, [r1, #2]
    end
    kernel 1, 1, "literals are told apart by their addresses"
    ldr r0, [pc, #16]
    ldr r1, [pc, #20]
    end
    kernel 3, 2, "of loads whose addresses are unknown every other pair collides"
    ldr r0, [r1]
    ldr r2, [r3]
    ldr r4, [r5]
    ldr r6, [r7]
    end
    kernel 4, 0, "a word load whose offset is no multiple of 4 is taken for unaligned: +3"
    ldr r0, [r1, #3]
    end
    kernel 4, 0, "a halfword load at an odd offset, too"
    ldrh r0, [r1, #3]
    end
    kernel 1, 0, "not one at an even offset"
    ldrh r0, [r1, #2]
    end
    kernel 1, 1, "nor a load of a byte, nor a store"
    ldrb r0, [r1, #3]
    str r2, [r1, #7]
    end
    kernel 1, 1, "two shifts pair: EX1 and EX2 have a shifter each"
    lsl.w r0, r1, #2
    lsl.w r2, r3, #1
    end
    kernel 3, 1, "the second one then runs late: address +2"
    lsl.w r0, r1, #2
    lsl.w r2, r3, #1
    ldr r4, [r2]
    end
    kernel 3, 1, "two shifts that both come too late for EX1 do not pair"
    ldr r0, [r4]
    nop
    lsl.w r1, r0, #2
    lsl.w r2, r0, #1
    end
    kernel 2, 2, "one that comes too late for it and one that does not do"
    ldr r0, [r4]
    nop
    lsl.w r1, r0, #2
    lsl.w r2, r5, #1
    end
    kernel 2, 0, "a shifted operand does not pair behind a plain shift"
    lsl.w r0, r1, #2
    add.w r3, r4, r5, lsl #1
    end
    kernel 2, 0, "nor behind a shifted operation"
    add.w r0, r1, r2, lsl #2
    add.w r3, r4, r5, lsl #1
    end
    kernel 2, 0, "nor behind a shifted constant"
    add.w r0, r1, #0x1fc00
    add.w r3, r4, r5, lsl #1
    end
    kernel 2, 0, "nor behind a bit field"
    ubfx r0, r1, #3, #5
    add.w r3, r4, r5, lsl #1
    end
    kernel 2, 0, "a shifted constant does not pair behind a plain shift"
    lsr.w r0, r1, #2
    add.w r3, r4, #0x1fc00
    end
    kernel 2, 0, "nor behind a shifted operation (constant)"
    add.w r0, r1, r2, lsl #2
    mov.w r3, #0x1fc00
    end
    kernel 1, 1, "a plain shift pairs behind a shifted operation"
    add.w r0, r1, r2, lsl #2
    lsl.w r3, r4, #1
    end
    kernel 1, 1, "a shifted operation pairs behind a plain one"
    eor.w r0, r1, r2
    add.w r3, r4, r5, lsl #1
    end
    kernel 1, 1, "a bit field pairs in the older slot"
    ubfx r0, r1, #3, #5
    eor.w r3, r4, r5
    end
    kernel 2, 0, "and not in the younger"
    eor.w r3, r4, r5
    ubfx r0, r1, #3, #5
    end
    kernel 2, 0, "neither does an extension"
    eor.w r3, r4, r5
    sxth r0, r1
    end
    kernel 2, 0, "nor a parallel addition"
    eor.w r3, r4, r5
    uadd8 r0, r1, r2
    end
    kernel 2, 0, "two DSP operations do not pair"
    sxtb r0, r1
    sxtb r2, r3
    end
    kernel 1, 1, "a multiplication is no DSP operation: it pairs in the younger slot"
    sxtb r0, r1
    smlad r2, r3, r4, r5
    end
    kernel 2, 2, "nop takes a slot"
    nop
    eor.w r0, r1, r2
    nop.w
    eor.w r3, r4, r5
    end
    kernel 2, 1, "IT takes a slot, what it predicates costs as if executed"
    cmp r0, #1
    it eq
    addeq r2, r2, #1
    end

// --- Under an IT ------------------------------------------------------------------------------
    kernel 4, 1, "what an IT writes comes a cycle later outside of it: late ALU +2"
    cmp r0, #1
    it eq
    addeq r2, r2, #1
    eor.w r3, r2, r4
    end
    kernel 3, 1, "and not inside of it: late ALU +1"
    cmp r0, #1
    itt eq
    addeq r2, r2, #1
    eoreq r3, r2, r4
    end
    kernel 5, 1, "to an address +3"
    cmp r0, #1
    it eq
    addeq r2, r2, #1
    ldr r3, [r2]
    end
    kernel 5, 1, "two cycles later to the other operand of a shifted operation: +3"
    cmp r0, #1
    it eq
    addeq r2, r2, #1
    orr.w r3, r2, r4, lsl #1
    end
    kernel 3, 1, "to store data +1"
    cmp r0, #1
    it eq
    addeq r2, r2, #1
    str r2, [r4]
    end
    kernel 5, 1, "3 at most: a byte load to an address +3"
    cmp r0, #1
    it eq
    ldrbeq r2, [r5]
    ldr r3, [r2]
    end
    kernel 2, 1, "a condition has the flags of a multiplication a cycle later"
    muls r0, r1, r0
    it eq
    addeq r2, r2, #1
    end
    kernel 3, 0, "and adc two cycles later"
    muls r0, r1, r0
    adc.w r3, r4, r5
    end

// --- What issues alone ------------------------------------------------------------------------
    kernel 5, 0, "late ALU to the address of an LDM of more than two registers: +3"
    eor.w r0, r1, r2
    ldm r0, {r3, r4, r5, r6}
    end
    kernel 4, 0, "early add to it: +2"
    add.w r0, r1, r2
    ldm r0, {r3, r4, r5, r6}
    end
    kernel 3, 0, "late ALU to the address of an LDRD: +2"
    eor.w r0, r1, r2
    ldrd r3, r4, [r0]
    end
    kernel 3, 0, "late ALU to the address of an STM: +2 at least"
    eor.w r0, r1, r2
    stm r0, {r3, r4}
    end
    kernel 3, 0, "LDM of one register: 1 cycle alone"
    nop
    ldm r0!, {r1}
    nop
    end
    kernel 1, 0, "LDM of two registers: 1 cycle"
    ldm r0, {r1, r2}
    end
    kernel 2, 0, "LDM of three registers: 2 cycles"
    ldm r0, {r1, r2, r3}
    end
    kernel 4, 0, "STM of eight registers: 4 cycles"
    stm r0!, {r1-r8}
    end
    kernel 3, 0, "PUSH of five registers: 3 cycles"
    push {r4-r7, lr}
    end
    kernel 2, 0, "POP of four registers: 2 cycles"
    pop {r4-r7}
    end
    kernel 3, 0, "LDRD: 1 cycle alone"
    nop
    ldrd r0, r1, [r2]
    nop
    end
    kernel 3, 0, "STRD: 1 cycle alone"
    nop
    strd r0, r1, [r2]
    nop
    end
    kernel 3, 0, "the last register of an LDM comes as after a word load: late ALU +1"
    ldm r0, {r1-r4}
    eor.w r5, r4, r6
    end
    kernel 4, 0, "to the address stage +2"
    ldm r0, {r1-r4}
    ldr r5, [r4]
    end
    kernel 3, 0, "its first registers come a cycle earlier"
    ldm r0, {r1-r4}
    ldr r5, [r1]
    end
    kernel 8, 0, "division: 7 cycles alone, its result at the end"
    sdiv r0, r1, r2
    eor.w r3, r0, r4
    end
    kernel 9, 0, "nothing issues beside a division"
    nop
    udiv r0, r1, r2
    nop
    end
    kernel 5, 0, "system: 3 cycles alone"
    nop
    dsb
    nop
    end
    kernel 3, 0, "STREX: alone"
    nop
    strex r0, r1, [r2]
    nop
    end
    kernel 2, 1, "LDREX: in the older slot only"
    nop
    ldrex r0, [r1]
    nop
    end

// --- Single-precision FPU ---------------------------------------------------------------------
    kernel 4, 0, "vadd to vadd: +3"
    vadd.f32 s0, s1, s2
    vadd.f32 s3, s0, s4
    end
    kernel 4, 0, "vmul to vmul: +3"
    vmul.f32 s0, s1, s2
    vmul.f32 s3, s0, s4
    end
    kernel 4, 0, "vmul to an FMA's sum: +3"
    vmul.f32 s0, s1, s2
    vfma.f32 s0, s3, s4
    end
    kernel 3, 0, "vmul to an MLA's sum: +2"
    vmul.f32 s0, s1, s2
    vmla.f32 s0, s3, s4
    end
    kernel 2, 0, "vadd to vstr: +1"
    vadd.f32 s0, s1, s2
    vstr s0, [r0]
    end
    kernel 6, 0, "vfma to vmul: +5"
    vfma.f32 s0, s1, s2
    vmul.f32 s3, s0, s4
    end
    kernel 6, 0, "vfma to a multiplicand: +5"
    vfma.f32 s0, s1, s2
    vfma.f32 s3, s0, s4
    end
    kernel 4, 0, "vfma to the sum of the next: +3"
    vfma.f32 s0, s1, s2
    vfma.f32 s0, s3, s4
    end
    kernel 7, 0, "vmla to vmul: +6"
    vmla.f32 s0, s1, s2
    vmul.f32 s3, s0, s4
    end
    kernel 4, 0, "vmla to the sum of the next: +3"
    vmla.f32 s0, s1, s2
    vmla.f32 s0, s3, s4
    end
    kernel 2, 0, "vldr to vadd: +1"
    vldr s0, [r0]
    vadd.f32 s1, s0, s2
    end
    kernel 4, 0, "vldr to an FMA's sum: +3"
    vldr s0, [r0]
    vfma.f32 s0, s1, s2
    end
    kernel 4, 0, "core register to S to vadd: +3"
    vmov s0, r0
    vadd.f32 s1, s0, s2
    end
    kernel 2, 0, "S to core register to late ALU: +1"
    vmov r0, s0
    eor.w r1, r0, r2
    end
    kernel 4, 0, "vadd to core register: +3"
    vadd.f32 s0, s1, s2
    vmov r0, s0
    end
    kernel 2, 0, "late ALU to S: +1"
    eor.w r0, r1, r2
    vmov s0, r0
    end
    kernel 17, 0, "vdiv: 16 cycles, blocking"
    vdiv.f32 s0, s1, s2
    vadd.f32 s3, s4, s5
    end
    kernel 16, 1, "one integer instruction issues beside a vdiv"
    vdiv.f32 s0, s1, s2
    eor.w r0, r1, r2
    end
    kernel 17, 0, "vdiv to vmul: at its end"
    vdiv.f32 s0, s1, s2
    vmul.f32 s3, s0, s4
    end
    kernel 15, 0, "vsqrt: 14 cycles, blocking"
    vsqrt.f32 s0, s1
    vadd.f32 s3, s4, s5
    end
    kernel 2, 0, "two FP arithmetic operations do not pair"
    vadd.f32 s0, s1, s2
    vmul.f32 s3, s4, s5
    end
    kernel 1, 1, "FP and integer arithmetic pair"
    vadd.f32 s0, s1, s2
    eor.w r0, r1, r2
    end
    kernel 2, 0, "an FMA and a vldr do not pair"
    vfma.f32 s0, s1, s2
    vldr s3, [r0]
    end
    kernel 2, 0, "an FMA and a vmov do not pair"
    vmov s3, r0
    vfma.f32 s0, s1, s2
    end
    kernel 1, 1, "a vadd and a vldr pair"
    vadd.f32 s0, s1, s2
    vldr s3, [r0]
    end
    kernel 3, 0, "a double VLDR issues alone"
    nop
    vldr d0, [r0]
    nop
    end
    kernel 5, 0, "a vadd waits for three cycles behind a vfma"
    vfma.f32 s0, s1, s2
    vadd.f32 s3, s4, s5
    end
    kernel 5, 0, "so does a vmov of a constant"
    vfma.f32 s0, s1, s2
    vmov.f32 s3, #1.0
    end
    kernel 6, 0, "and a VLDM, behind a vmla, too"
    vmla.f32 s0, s1, s2
    vldm r0, {s4, s5, s6, s7}
    end
    kernel 2, 0, "a vmul does not"
    vfma.f32 s0, s1, s2
    vmul.f32 s3, s4, s5
    end
    kernel 3, 1, "a vldr behind a vfma does not issue in the younger slot"
    vfma.f32 s0, s1, s2
    nop
    nop
    vldr s3, [r0]
    end
    kernel 3, 0, "an independent vfma waits for a cycle behind a vmla"
    vmla.f32 s0, s1, s2
    vfma.f32 s3, s4, s5
    end
    kernel 2, 0, "but a vmla does not behind a vfma"
    vfma.f32 s0, s1, s2
    vmla.f32 s3, s4, s5
    end
    kernel 2, 0, "two vmov of constants do not pair"
    vmov.f32 s0, #1.0
    vmov.f32 s1, #2.0
    end
    kernel 2, 0, "VLDM of four registers: 2 cycles"
    vldm r0, {s0-s3}
    end

    .section .records
    .word 0, 0, 0, 0
