// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/profile.h"
#include "tests/core/fixture.h"

static struct fixture f;

static void load(void)
{
    fixture_load(&f);
}

static void end(void)
{
    utvm_session_free(f.s);
}

TestSuite(profile, .init = load, .fini = end);

Test(profile, takes_one_resume_a_repeat_and_one_for_causes)
{
    struct utvm_breakpoint *bp = NULL;
    fixture_ok(utvm_session_break(f.s, "sum", UTVM_BREAK_BEFORE, false, &bp));
    f.fake->num_calls = 0;
    struct utvm_profile p;
    fixture_ok(utvm_profile_run(f.s, 3, &p));
    cr_expect_eq(f.fake->num_calls, 4, "breakpoints do not stop it");
    cr_expect_eq(p.layers[3].cycles_median, fake_cycles(3));
    cr_expect_eq(p.layers[3].cycles_min, fake_cycles(3));
    cr_expect_eq(p.layers[3].stack_bytes, 67);
    cr_expect_eq(p.layers[2].cycles_median, 0);
    cr_expect_eq(p.total_cycles, fake_cycles(0) + fake_cycles(1) + fake_cycles(3) + fake_cycles(4));
    cr_expect_eq(p.between_cycles, 5 * 10 + 4 * FAKE_OVERHEAD);
    cr_expect(p.has_events);
    cr_expect_not(p.has_breakdown);
    utvm_profile_deinit(&p);
    fixture_expect(&f, TOY_STATE, (int8_t[]){1, 1, 1, 1}); // all repeats start from one state
}

Test(profile, is_the_same_across_the_wrap_of_the_counter)
{
    f.fake->now = 0xFFFFFFFF - 1500;
    struct utvm_profile p;
    fixture_ok(utvm_profile_run(f.s, 1, &p));
    cr_expect_eq(p.between_cycles, 5 * 10 + 4 * FAKE_OVERHEAD);
    cr_expect_eq(p.layers[0].cycles_cold, fake_cycles(0));
    utvm_profile_deinit(&p);
}

Test(profile, reads_the_breakdown_only_where_the_board_has_it)
{
    f.fake->base.info.breakdown_addr = 0xE0043000;
    struct utvm_profile p;
    fixture_ok(utvm_profile_run(f.s, 1, &p));
    cr_expect(p.has_breakdown);
    cr_expect_eq(p.layers[1].record.breakdown[UTVM_BREAKDOWN_ISSUE], fake_cycles(1));
    char *text = fixture_text(utvm_profile_document(f.s, &p), UTVM_OUTPUT_TEXT, NULL);
    fixture_has(text, "Where the cycles go");
    free(text);
    utvm_profile_deinit(&p);
}

Test(profile, refuses_no_repeats)
{
    struct utvm_profile p;
    fixture_fails(utvm_profile_run(f.s, 0, &p), UTVM_ERROR_INVALID, "1 to 1000 repeats");
}

Test(profile, is_cancelled_by_ctrl_c)
{
    f.fake->hang_layer = 1;
    f.cancelled = 1;
    struct utvm_profile p;
    fixture_fails(utvm_profile_run(f.s, 1, &p), UTVM_ERROR_CANCELLED, "interrupted");
}

Test(profile, says_where_its_cycles_come_from)
{
    struct utvm_profile p;
    fixture_ok(utvm_profile_run(f.s, 2, &p));
    char *text = fixture_text(utvm_profile_document(f.s, &p), UTVM_OUTPUT_TEXT, NULL);
    fixture_has(text, "modelled (fast, ±6 %)");
    fixture_has(text, "4,800");
    free(text);
    f.fake->base.info.cycle_source = UTVM_CYCLES_MEASURED;
    text = fixture_text(utvm_profile_document(f.s, &p), UTVM_OUTPUT_JSON, NULL);
    fixture_has(text, "\"cycle_source\": \"measured\"");
    fixture_has(text, "\"clock_hz\": 216000000"); // the model's, before the target's
    free(text);
    utvm_session_set_clock(f.s, 100000000);
    text = fixture_text(utvm_profile_document(f.s, &p), UTVM_OUTPUT_JSON, NULL);
    fixture_has(text, "\"ms\": 0.048");
    free(text);
    utvm_profile_deinit(&p);
}

Test(documents, show_layers_with_the_position_marked)
{
    fixture_load(&f);
    fixture_ok(utvm_session_step(f.s, 1));
    char *text = fixture_text(utvm_layers_document(f.s), UTVM_OUTPUT_TEXT, NULL);
    fixture_has(text, "> 1  conv2");
    fixture_has(text, "in #1");
    fixture_has(text, "cycles are modelled (fast, ±6 %)");
    free(text);
    text = fixture_text(utvm_tensors_document(f.s), UTVM_OUTPUT_CSV, NULL);
    fixture_has(text, "1,a,activation,int8,\"[1, 4]\",4,valid,0x20001010,arena,0.5,-1,0,3,11\n");
    fixture_has(text, "absent");
    free(text);
    end();
}

Test(documents, do_not_count_constants_that_only_the_file_has_as_memory)
{
    static struct toy_elf elf;
    toy_elf_init(&elf);
    elf.tensors[TOY_W].region = TOY_HOST;
    fixture_connect_to(&f, &elf);
    char *text =
        fixture_text(utvm_memory_document(utvm_session_model(f.s)), UTVM_OUTPUT_TEXT, NULL);
    fixture_has(text, "flash used          2.0 KiB");
    fixture_has(text, "constants in file   8 B");
    cr_expect_null(strstr(text, "0x00000000"), "%s", text);
    free(text);
    text = fixture_text(utvm_tensors_document(f.s), UTVM_OUTPUT_CSV, NULL);
    fixture_has(text, ",w,constant,int8,\"[1, 4]\",4,valid,,constants,");
    free(text);
    end();
}

Test(documents, show_the_arena_over_time_and_its_peak)
{
    fixture_load(&f);
    char *text =
        fixture_text(utvm_memory_document(utvm_session_model(f.s)), UTVM_OUTPUT_TEXT, NULL);
    fixture_has(text, "peak of live bytes  24 B");
    fixture_has(text, "its name            conv2");
    fixture_has(text, "(workspace)");
    fixture_has(text, "wwww");
    free(text);
    end();
}

static char *report(const char *name, const struct utvm_profile *p)
{
    char path[256];
    fixture_path(name, path, sizeof(path));
    fixture_ok(utvm_report_write(f.s, p, NULL, path));
    uint8_t *bytes = NULL;
    size_t size = 0;
    fixture_ok(utvm_file_read(path, &bytes, &size));
    unlink(path);
    char *text = strndup((char *)bytes, size);
    free(bytes);
    return text;
}

Test(report, follows_the_ending_of_its_path)
{
    fixture_load(&f);
    struct utvm_profile p;
    fixture_ok(utvm_profile_run(f.s, 1, &p));
    char *json = report("r.json", &p);
    fixture_has(json, "\"kind\": \"report\"");
    fixture_has(json, "\"provenance\": {");
    fixture_has(json, "\"sha256\"");
    free(json);
    char *csv = report("r.csv", &p);
    fixture_has(csv, "index,name,operator,shape,cycles,share");
    free(csv);
    char *page = report("r.html", &p);
    fixture_has(page, "<!DOCTYPE html>");
    fixture_has(page, "<h2>Memory</h2>");
    free(page);
    char *trace = report("r.trace.json", &p);
    fixture_has(trace, "\"traceEvents\":[");
    cr_expect_null(strstr(trace, "provenance"));
    free(trace);
    char *text = report("r.TXT", NULL);
    fixture_has(text, "Arena over time");
    cr_expect_null(strstr(text, "cycles, all layers"), "no profile was given");
    free(text);
    utvm_profile_deinit(&p);
    end();
}

Test(report, refuses_other_endings_and_places)
{
    fixture_load(&f);
    fixture_fails(utvm_report_check("/tmp/x.pdf"), UTVM_ERROR_INVALID, "a report ends in .txt,");
    fixture_fails(utvm_report_write(f.s, NULL, NULL, "/tmp/x.pdf"), UTVM_ERROR_INVALID,
                  "'/tmp/x.pdf': a report ends in .txt, .json, .csv, .html or .trace.json");
    fixture_fails(utvm_report_write(f.s, NULL, NULL, "/tmp/x.trace.json"), UTVM_ERROR_INVALID,
                  "only a profile can become a trace");
    fixture_fails(utvm_report_write(f.s, NULL, NULL, "/no/such/dir/x.txt"), UTVM_ERROR_OS,
                  "cannot write '/no/such/dir/x.txt'");
    end();
}
