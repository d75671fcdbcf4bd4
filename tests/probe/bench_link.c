// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// What the client costs on top of OpenOCD, as ratios measured side by side in one run:
//   upload  a write of 256 KiB to RAM against OpenOCD's own load_image of a file with the same
//   bytes step    a call (set registers, resume, wait for the halt, read one block) against the
//   same
//           written as one plain Tcl procedure
// Ours and theirs alternate, so that a busy machine slows both. The ratio to look at is that of the
// fastest rounds: on a shared machine the median of a few says more about the neighbours than
// about us. It is printed beside it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/clock.h"
#include "probe/openocd_target.h"
#include "probe/probe.h"

#define IMAGE_BYTES ((size_t)256 << 10)
#define IMAGE_ADDR 0x20010000u
#define CODE_ADDR 0x20008000u
#define BLOCK_WORDS 23u // a run's mailbox and one layer's record
#define MAX_ROUNDS 400

struct link {
    const char *name;
    enum utvm_probe_kind kind;
    size_t upload_rounds;
    size_t step_rounds;
    double upload_limit;
    double step_limit;
};

static const struct link links[] = {
    {"ST-LINK", UTVM_PROBE_EMULATED, 61, 301, 1.25, 1.5},
    {"bit-bang", UTVM_PROBE_EMULATED_BITBANG, 13, 101, 1.05, 1.5},
};

struct samples {
    uint64_t us[MAX_ROUNDS];
    size_t num;
};

static void fail_on(struct utvm_error *error, const char *what)
{
    if (error) {
        fprintf(stderr, "bench_link: %s: %s\n", what, error->message);
        utvm_error_free(error);
        exit(1);
    }
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void add(struct samples *s, uint64_t begin_us)
{
    s->us[s->num++] = utvm_clock_us() - begin_us;
}

static void raw(struct utvm_target *t, const char *script)
{
    fail_on(utvm_tcl_eval(utvm_openocd_of(t)->tcl, script, 60000, 0, NULL), script);
}

static double ratio_at(const struct samples *ours, const struct samples *theirs, size_t divisor)
{
    size_t i = divisor ? ours->num / divisor : 0;
    return (double)ours->us[i] / (double)theirs->us[i];
}

static void print_ratio(const char *link, const char *what, struct samples *ours,
                        struct samples *theirs, double limit, double round_trips)
{
    qsort(ours->us, ours->num, sizeof(ours->us[0]), compare);
    qsort(theirs->us, theirs->num, sizeof(theirs->us[0]), compare);
    double ratio = ratio_at(ours, theirs, 0);
    printf("%-9s %-15s %9.3f ms %9.3f ms   %5.2f %7.2f   %.2f%-10s %11.1f\n", link, what,
           (double)ours->us[0] / 1000, (double)theirs->us[0] / 1000, ratio,
           ratio_at(ours, theirs, 2), limit, ratio <= limit ? "" : " EXCEEDED", round_trips);
}

static void bench_upload(struct utvm_target *t, const struct link *link, const char *file,
                         const uint8_t *image)
{
    char script[200];
    snprintf(script, sizeof(script), "load_image %s 0x%x bin", file, IMAGE_ADDR);
    static struct samples ours;
    static struct samples theirs;
    ours.num = theirs.num = 0;
    uint64_t requests = 0;
    for (size_t i = 0; i < link->upload_rounds; i++) {
        uint64_t begin_us = utvm_clock_us();
        uint64_t before = utvm_probe_num_requests(t);
        fail_on(t->ops->write(t, IMAGE_ADDR, image, IMAGE_BYTES), "upload");
        requests += utvm_probe_num_requests(t) - before;
        add(&ours, begin_us);
        begin_us = utvm_clock_us();
        raw(t, script);
        add(&theirs, begin_us);
    }
    print_ratio(link->name, "upload 256 KiB", &ours, &theirs, link->upload_limit,
                (double)requests / (double)link->upload_rounds);
}

static void bench_step(struct utvm_target *t, const struct link *link)
{
    // adds r1, r1, r2; bkpt 0
    static const uint8_t code[] = {0x89, 0x18, 0x00, 0xbe};
    uint32_t words[BLOCK_WORDS];
    struct utvm_call call = {CODE_ADDR, {1, 2, 3}, IMAGE_ADDR, BLOCK_WORDS};
    struct utvm_call_result result = {.words = words};
    fail_on(t->ops->write(t, CODE_ADDR, code, sizeof(code)), "code");
    raw(t, "proc bench_floor {pc a0 a1 a2 addr num} { set t [target current];"
           " $t set_reg \"r0 $a0 r1 $a1 r2 $a2 pc $pc\"; resume; wait_halt 5000;"
           " $t read_memory $addr 32 $num }");
    char script[200];
    snprintf(script, sizeof(script), "bench_floor 0x%x 1 2 3 0x%x %u", CODE_ADDR, IMAGE_ADDR,
             BLOCK_WORDS);
    static struct samples ours;
    static struct samples theirs;
    ours.num = theirs.num = 0;
    uint64_t requests = 0;
    for (size_t i = 0; i < link->step_rounds; i++) {
        uint64_t begin_us = utvm_clock_us();
        uint64_t before = utvm_probe_num_requests(t);
        fail_on(t->ops->call(t, &call, 5000, &result), "step");
        requests += utvm_probe_num_requests(t) - before;
        add(&ours, begin_us);
        if (result.state != UTVM_TARGET_HALTED || result.pc != CODE_ADDR + 2) {
            fail_on(utvm_error_create(UTVM_ERROR_TARGET, "stopped at 0x%x", result.pc), "step");
        }
        begin_us = utvm_clock_us();
        raw(t, script);
        add(&theirs, begin_us);
    }
    print_ratio(link->name, "step", &ours, &theirs, link->step_limit,
                (double)requests / (double)link->step_rounds);
}

// The same bytes in a file of OpenOCD's own, in memory like the client's.
static void make_file(char *path, const uint8_t *image)
{
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, image, IMAGE_BYTES) != (ssize_t)IMAGE_BYTES || close(fd) < 0) {
        perror("bench_link: image file");
        exit(1);
    }
}

int main(int argc, char **argv)
{
    char path[] = "/dev/shm/utvm-bench-XXXXXX";
    uint8_t *image = malloc(IMAGE_BYTES);
    if (!image) {
        return 1;
    }
    for (size_t i = 0; i < IMAGE_BYTES; i++) {
        image[i] = (uint8_t)(i * 2654435761u >> 13);
    }
    make_file(path, image);
    printf("%-9s %-15s %12s %12s   %5s %7s   %-14s %11s\n", "link", "", "utvm", "OpenOCD", "ratio",
           "median", "at most", "round trips");
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        struct utvm_probe_options options = {.kind = links[i].kind,
                                             .board_path = argc > 1 ? argv[1] : NULL};
        struct utvm_target *t = NULL;
        fail_on(utvm_probe_connect(&options, NULL, NULL, NULL, &t), links[i].name);
        fail_on(t->ops->reset_halt(t), "reset");
        bench_upload(t, &links[i], path, image);
        bench_step(t, &links[i]);
        t->ops->destroy(t);
    }
    unlink(path);
    free(image);
    return 0;
}
