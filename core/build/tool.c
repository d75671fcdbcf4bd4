// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/build/build.h"
#include "core/import/prepare.h"

enum {
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

static const char usage[] =
    "usage: utvm-build MODEL.tflite -o MODEL.elf [options]\n"
    "       utvm-build MODEL.tflite --library DIR [options]\n"
    "       utvm-build MODEL.tflite --plan\n"
    "       utvm-build --list-operators\n"
    "\n"
    "Compiles a TFLite model to an image for an STM32F746 (Cortex-M7), which runs by itself after\n"
    "reset and which `utvm` debugs.\n"
    "\n"
    "  -o, --output FILE     the image\n"
    "      --library DIR     libmodel.a, model.h and an example, for use in an application\n"
    "      --name NAME       call the library libNAME.a, its functions NAME_...; for more than\n"
    "                        one in an application\n"
    "      --labels FILE     class names, one a line, that the debugger shows\n"
    "      --ram             everything in RAM: for trying out, nothing is written to flash\n"
    "      --arena WHERE     dtcm or sram; default: dtcm first, then sram\n"
    "      --code WHERE      where layers run from: flash (default) or itcm\n"
    "      --no-prune        compute channels too that no input of the model can change\n"
    "      --stack BYTES     default 4096\n"
    "      --clock HZ        core clock that start-up sets, default 216000000\n"
    "  -O, --optimize LEVEL  what the compiler gets as -O: 0, 1, 2 (default), 3, s,\n"
    "                        z or g\n"
    "      --plan            print the memory plan, a map over time, and build nothing\n"
    "      --keep DIR        keep the generated C, the objects and the linker's map there\n"
    "      --kernels DIR     kernel sources, when not the installed ones\n"
    "      --compiler FILE   default arm-none-eabi-gcc\n"
    "  -j, --jobs N          compilers at once; default one a CPU\n"
    "      --list-operators  print the table of operators and types\n"
    "  -q, --quiet           print errors only\n"
    "      --version         print the version\n"
    "  -h, --help            print this\n";

struct tool {
    struct utvm_build_options build;
    bool named;
    bool plan;
    bool list_operators;
    bool quiet;
    bool show_version;
    bool show_help;
};

static int wrong_usage(const char *what, const char *value)
{
    fprintf(stderr, "utvm-build: %s '%s'; try utvm-build --help\n", what, value);
    return EXIT_USAGE;
}

static bool parse_number(const char *text, uint32_t *ret)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 0);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value > UINT32_MAX) {
        return false;
    }
    *ret = (uint32_t)value;
    return true;
}

enum {
    OPTION_LIBRARY = 256,
    OPTION_NAME,
    OPTION_LABELS,
    OPTION_RAM,
    OPTION_ARENA,
    OPTION_CODE,
    OPTION_STACK,
    OPTION_CLOCK,
    OPTION_NO_PRUNE,
    OPTION_PLAN,
    OPTION_KEEP,
    OPTION_KERNELS,
    OPTION_COMPILER,
    OPTION_LIST_OPERATORS,
    OPTION_VERSION,
};

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"library", required_argument, NULL, OPTION_LIBRARY},
    {"name", required_argument, NULL, OPTION_NAME},
    {"labels", required_argument, NULL, OPTION_LABELS},
    {"ram", no_argument, NULL, OPTION_RAM},
    {"arena", required_argument, NULL, OPTION_ARENA},
    {"code", required_argument, NULL, OPTION_CODE},
    {"stack", required_argument, NULL, OPTION_STACK},
    {"clock", required_argument, NULL, OPTION_CLOCK},
    {"optimize", required_argument, NULL, 'O'},
    {"no-prune", no_argument, NULL, OPTION_NO_PRUNE},
    {"plan", no_argument, NULL, OPTION_PLAN},
    {"keep", required_argument, NULL, OPTION_KEEP},
    {"kernels", required_argument, NULL, OPTION_KERNELS},
    {"compiler", required_argument, NULL, OPTION_COMPILER},
    {"jobs", required_argument, NULL, 'j'},
    {"list-operators", no_argument, NULL, OPTION_LIST_OPERATORS},
    {"quiet", no_argument, NULL, 'q'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int parse_place(struct tool *tool, int option, const char *value)
{
    if (option == OPTION_ARENA) {
        if (strcmp(value, "dtcm") == 0) {
            tool->build.arena = UTVM_BUILD_ARENA_DTCM;
        } else if (strcmp(value, "sram") == 0) {
            tool->build.arena = UTVM_BUILD_ARENA_SRAM;
        } else {
            return wrong_usage("--arena takes dtcm or sram, not", value);
        }
        return 0;
    }
    tool->build.itcm_code = strcmp(value, "itcm") == 0;
    if (!tool->build.itcm_code && strcmp(value, "flash") != 0) {
        return wrong_usage("--code takes flash or itcm, not", value);
    }
    return 0;
}

static int parse_option(struct tool *tool, int option, const char *value)
{
    struct utvm_build_options *o = &tool->build;
    uint32_t jobs;
    switch (option) {
    case 'o':
        o->output_path = value;
        return 0;
    case 'O':
        o->optimize = value;
        return 0;
    case 'j':
        if (!parse_number(value, &jobs) || jobs == 0) {
            return wrong_usage("not a number of jobs:", value);
        }
        o->jobs = jobs;
        return 0;
    case 'q':
        tool->quiet = true;
        return 0;
    case 'h':
        tool->show_help = true;
        return 0;
    case OPTION_LIBRARY:
        o->library_dir = value;
        return 0;
    case OPTION_NAME:
        o->library_name = value;
        tool->named = true;
        return 0;
    case OPTION_LABELS:
        o->labels_path = value;
        return 0;
    case OPTION_RAM:
        o->ram = true;
        return 0;
    case OPTION_ARENA:
    case OPTION_CODE:
        return parse_place(tool, option, value);
    case OPTION_STACK:
        return parse_number(value, &o->stack_bytes) ? 0 : wrong_usage("not a size:", value);
    case OPTION_CLOCK:
        return parse_number(value, &o->clock_hz) ? 0 : wrong_usage("not a frequency:", value);
    case OPTION_NO_PRUNE:
        o->prune = false;
        return 0;
    case OPTION_PLAN:
        tool->plan = true;
        return 0;
    case OPTION_KEEP:
        o->keep_dir = value;
        return 0;
    case OPTION_KERNELS:
        o->kernels_dir = value;
        return 0;
    case OPTION_COMPILER:
        o->compiler = value;
        return 0;
    case OPTION_LIST_OPERATORS:
        tool->list_operators = true;
        return 0;
    case OPTION_VERSION:
        tool->show_version = true;
        return 0;
    default:
        fputs("try utvm-build --help\n", stderr);
        return EXIT_USAGE;
    }
}

static int parse_arguments(struct tool *tool, int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "o:O:j:qh", long_options, NULL)) != -1) {
        int status = parse_option(tool, option, optarg);
        if (status != 0) {
            return status;
        }
    }
    if (tool->list_operators || tool->show_version || tool->show_help) {
        return 0;
    }
    if (optind == argc) {
        fputs("utvm-build: no model file was given; try utvm-build --help\n", stderr);
        return EXIT_USAGE;
    }
    if (optind + 1 < argc) {
        return wrong_usage("one model at a time; what is", argv[optind + 1]);
    }
    tool->build.input_path = argv[optind];
    if (!tool->plan && !tool->build.output_path && !tool->build.library_dir) {
        fputs("utvm-build: where to? -o MODEL.elf or --library DIR is missing\n", stderr);
        return EXIT_USAGE;
    }
    if (tool->named && !tool->build.library_dir) {
        return wrong_usage("only a library has a name: --library DIR is missing for",
                           tool->build.library_name);
    }
    return 0;
}

static int fail(struct utvm_error *error)
{
    fprintf(stderr, "utvm-build: %s\n", error->message);
    utvm_error_free(error);
    return EXIT_FAILED;
}

static int finish_output(void)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "utvm-build: cannot write: %s\n", strerror(errno));
        return EXIT_FAILED;
    }
    return 0;
}

static int list_operators(void)
{
    printf("%3s  %-32s %-28s %s\n", "id", "operator", "types", "MACs of one run");
    const struct utvm_operator_row *row;
    for (uint32_t i = 0; (row = utvm_operator_row(i)) != NULL; i++) {
        printf("%3u  %-32s %-28s %s\n", row->id, row->name, row->types, row->mac_formula);
    }
    return finish_output();
}

static int print_plan(const struct utvm_build_options *options)
{
    struct utvm_text text = {0};
    struct utvm_error *error = utvm_build_plan(options, &text);
    if (error) {
        utvm_text_deinit(&text);
        return fail(error);
    }
    fputs(text.data ? text.data : "", stdout);
    utvm_text_deinit(&text);
    return finish_output();
}

static void show_progress(void *ctx, const char *what, unsigned done, unsigned total)
{
    (void)ctx;
    fprintf(stderr, "\r\033[K[%u/%u] %s", done + 1, total, what);
    fflush(stderr);
}

static void print_summary(const struct utvm_build_options *o, const struct utvm_build_result *r)
{
    printf("%s: %u layers", o->output_path ? o->output_path : o->library_dir, r->num_layers);
    if (r->num_executed != r->num_layers) {
        printf(" (%u with code of their own)", r->num_executed);
    }
    printf(", %llu MACs", (unsigned long long)r->macs);
    if (r->executed_macs != r->macs) {
        printf(" (%llu executed)", (unsigned long long)r->executed_macs);
    }
    if (r->num_constant_filters > 0) {
        printf("\n  %u of %u filters are constant and left out", r->num_constant_filters,
               r->num_filters);
    }
    double over =
        r->bound_bytes ? 100.0 * (double)r->arena_bytes / (double)r->bound_bytes - 100 : 0;
    if (!o->output_path) {
        printf("\n  constants %u bytes, activations and state %u bytes, lower bound %llu\n",
               r->weights_bytes, r->ram_bytes, (unsigned long long)r->bound_bytes);
        return;
    }
    printf("\n  flash %u bytes, %u of them constants; RAM %u bytes, %u of them DTCM\n"
           "  arena %llu bytes, %+.1f %% over the lower bound of %llu; state %u, stack %u\n",
           r->flash_bytes, o->ram ? 0 : r->weights_bytes, r->ram_bytes, r->dtcm_bytes,
           (unsigned long long)r->arena_bytes, over, (unsigned long long)r->bound_bytes,
           r->state_bytes, o->stack_bytes);
}

static int build(struct tool *tool)
{
    struct utvm_build_result result;
    bool terminal = !tool->quiet && isatty(STDERR_FILENO);
    struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    tool->build.cancelled = &interrupted;
    tool->build.progress = terminal ? show_progress : NULL;
    struct utvm_error *error = NULL;
    if (tool->build.library_dir) {
        error = utvm_build_library(&tool->build, &result);
    }
    if (!error && tool->build.output_path) {
        error = utvm_build(&tool->build, &result);
    }
    if (terminal) {
        fputs("\r\033[K", stderr);
    }
    if (error) {
        return fail(error);
    }
    if (!tool->quiet) {
        print_summary(&tool->build, &result);
    }
    return finish_output();
}

int main(int argc, char **argv)
{
    struct tool tool = {0};
    utvm_build_options_init(&tool.build);
    int status = parse_arguments(&tool, argc, argv);
    if (status != 0) {
        return status;
    }
    if (tool.show_help) {
        fputs(usage, stdout);
        return finish_output();
    }
    if (tool.show_version) {
        puts("utvm-build " UTVM_VERSION);
        return finish_output();
    }
    if (tool.list_operators) {
        return list_operators();
    }
    return tool.plan ? print_plan(&tool.build) : build(&tool);
}
