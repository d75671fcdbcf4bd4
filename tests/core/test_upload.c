// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/session.h"
#include "tests/core/fixture.h"

static struct fixture f;

static void connect(void)
{
    fixture_connect(&f);
}

static void end(void)
{
    utvm_session_free(f.s);
}

TestSuite(upload, .init = connect, .fini = end);

static struct utvm_upload_result upload(bool verify)
{
    struct utvm_upload_result result = {0};
    fixture_ok(utvm_session_upload(f.s, verify, &result));
    return result;
}

Test(upload, sends_everything_the_first_time)
{
    struct utvm_upload_result result = upload(true);
    cr_expect_eq(result.total_bytes, TOY_FLASH_BYTES + TOY_RAM_BYTES);
    cr_expect_eq(result.sent_bytes, result.total_bytes);
    cr_expect_eq(result.flash_bytes, TOY_FLASH_BYTES);
    cr_expect(result.verified);
    cr_expect(utvm_session_status(f.s)->uploaded);
    cr_expect_eq(utvm_session_status(f.s)->next_layer, 0);
    const struct utvm_model *m = utvm_session_model(f.s);
    cr_expect_arr_eq(fake_target_at(f.fake, TOY_FLASH, TOY_FLASH_BYTES), m->segments[0].data,
                     TOY_FLASH_BYTES);
    cr_expect_arr_eq(fake_target_at(f.fake, TOY_RAM, TOY_RAM_BYTES), m->segments[1].data,
                     TOY_RAM_BYTES);
}

Test(upload, sends_nothing_that_is_already_there)
{
    (void)upload(true);
    struct utvm_upload_result again = upload(true);
    cr_expect_eq(again.sent_bytes, 0);
    cr_expect_eq(f.fake->num_resets, 3, "twice for the first, which programmed flash, once now");
}

Test(upload, sends_only_what_differs)
{
    (void)upload(true);
    *fake_target_at(f.fake, TOY_RAM + 100, 1) ^= 1;
    *fake_target_at(f.fake, TOY_RAM + 110, 1) ^= 1;
    *fake_target_at(f.fake, TOY_RAM + 4000, 1) ^= 1;
    struct utvm_upload_result again = upload(true);
    cr_expect_eq(again.sent_bytes, 11 + 1, "two runs: near differences are sent together");
    cr_expect_eq(again.flash_bytes, 0);
}

Test(upload, programs_a_flash_sector_as_a_whole)
{
    (void)upload(true);
    *fake_target_at(f.fake, TOY_FLASH + 0x300, 1) ^= 1;
    struct utvm_upload_result again = upload(true);
    cr_expect_eq(again.flash_bytes, TOY_FLASH_BYTES, "the erase takes the sector's other bytes");
    cr_expect_arr_eq(fake_target_at(f.fake, TOY_FLASH, TOY_FLASH_BYTES),
                     utvm_session_model(f.s)->segments[0].data, TOY_FLASH_BYTES);
}

Test(upload, notices_memory_that_does_not_keep_what_is_written)
{
    f.fake->ignore_writes = true;
    struct utvm_upload_result result;
    fixture_fails(utvm_session_upload(f.s, true, &result), UTVM_ERROR_TARGET,
                  "verification failed at 0x20008000");
    cr_expect_not(utvm_session_status(f.s)->uploaded);
}

Test(upload, can_leave_verification_out)
{
    struct utvm_upload_result result = upload(false);
    cr_expect_not(result.verified);
    cr_expect_eq(result.sent_bytes, result.total_bytes);
}

Test(upload, starts_the_image_with_its_own_stack_pointer)
{
    (void)upload(true);
    cr_expect_eq(f.fake->registers[UTVM_REG_MSP], TOY_STACK + TOY_STACK_BYTES);
    cr_expect_eq(f.fake->registers[UTVM_REG_PC], TOY_STOP);
}

Test(upload, refuses_an_image_that_does_not_start)
{
    f.fake->silent_start_up = true;
    struct utvm_upload_result result;
    fixture_fails(utvm_session_upload(f.s, true, &result), UTVM_ERROR_TARGET,
                  "cannot load 'toy': starting the image: the image's start-up left no sound "
                  "mailbox");
}

Test(upload, refuses_a_model_that_the_part_has_no_memory_for)
{
    static struct toy_elf elf;
    toy_elf_init(&elf);
    elf.segments[0].p_paddr = elf.segments[0].p_vaddr = 0x08180000; // in the F76x's second MiB
    elf.desc.vectors_addr += 0x180000;
    elf.desc.entry_addr += 0x180000;
    elf.desc.stop_addr += 0x180000;
    elf.flash[6] = 0x18; // the reset vector
    elf.regions[0].base += 0x180000;
    elf.regions[1].base += 0x180000;
    for (uint32_t i = 0; i < TOY_LAYERS; i++) {
        elf.layers[i].code_addr += i == 2 ? 0 : 0x180000;
    }
    size_t size = 0;
    uint8_t *bytes = toy_elf_build(&elf, &size);
    struct utvm_model *model = NULL;
    fixture_ok(utvm_model_parse("big", bytes, size, &model));
    free(bytes);
    utvm_session_set_model(f.s, model);
    struct utvm_upload_result result;
    fixture_fails(utvm_session_upload(f.s, true, &result), UTVM_ERROR_NO_SPACE,
                  "2048 bytes at 0x08180000, where fake board has no memory");
    cr_expect_eq(f.fake->flashed_bytes, 0);
}

Test(upload, reports_a_link_lost_on_the_way)
{
    f.fake->lost = true;
    struct utvm_upload_result result;
    fixture_fails(utvm_session_upload(f.s, true, &result), UTVM_ERROR_LOST, "cannot load 'toy'");
}

Test(upload, tells_the_device_where_the_breakdown_counters_are)
{
    f.fake->base.info.breakdown_addr = 0xE0043000;
    (void)upload(true);
    uint32_t addr = 0;
    memcpy(&addr,
           fake_target_at(f.fake, TOY_MAILBOX + offsetof(struct utvm_mailbox, breakdown_addr), 4),
           sizeof(addr));
    cr_expect_eq(addr, 0xE0043000);
}
