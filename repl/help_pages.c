// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "repl/help.h"

struct program_option {
    const char *name;
    const char *help;
};

static const struct program_option program_options[] = {
    {"-x FILE", "run the commands in FILE (- is the standard input)"},
    {"-ex COMMAND", "run one command; -x and -ex run in the order given"},
    {"--batch", "do not ask anything, end after the commands; the exit code says how it went"},
    {"--keep-going", "report errors of commands and go on"},
    {"-n, --no-init", "do not read start-up files"},
    {"-q, --quiet", "no greeting"},
    {"--set NAME=VALUE", "change a setting before anything else runs"},
    {"--version", "print the version and end"},
    {"-h, --help", "print this and end"},
};

void utvm_help_program(FILE *out)
{
    fputs("usage: utvm [options] [MODEL.elf | MODEL.tflite]\n"
          "An interactive debugger and profiler for neural networks on Cortex-M7.\n\n",
          out);
    for (size_t i = 0; i < sizeof(program_options) / sizeof(program_options[0]); i++) {
        fprintf(out, "  %-18s %s\n", program_options[i].name, program_options[i].help);
    }
    fputs("\nExit codes: 0 fine, 1 a command failed, 2 wrong usage, 3 a comparison or expectation\n"
          "failed, 4 the target was lost or faulted.\n",
          out);
}

// Characters that Markdown would take for something else.
static void markdown(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("|<>*_`", *text)) {
            fputc('\\', out);
        }
        fputc(*text, out);
    }
}

// Inside a code span in a table cell only | needs care.
static void markdown_code(FILE *out, const char *text)
{
    fputc('`', out);
    for (; *text; text++) {
        fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
    }
    fputc('`', out);
}

static void markdown_group(FILE *out, enum utvm_group group)
{
    bool started = false;
    for (size_t i = 0; utvm_commands[i]; i++) {
        const struct utvm_command *command = utvm_commands[i];
        if (command->group != group) {
            continue;
        }
        if (!started) {
            fprintf(out, "\n### %c%s\n\n| command | what it does |\n|---|---|\n",
                    toupper((unsigned char)utvm_group_title(group)[0]),
                    utvm_group_title(group) + 1);
            started = true;
        }
        char *usage = utvm_command_usage(command);
        fputs("| ", out);
        markdown_code(out, usage ? usage : command->name);
        free(usage);
        if (command->alias) {
            fprintf(out, " (`%s`)", command->alias);
        }
        fputs(" | ", out);
        markdown(out, command->summary);
        fputs(" |\n", out);
    }
}

void utvm_help_markdown(FILE *out)
{
    fputs(
        "## Commands\n"
        "Unique prefixes will do; `help COMMAND` has the details and an example. Every command\n"
        "takes `-o json` or `-o csv`, `> FILE`, `>> FILE` and `| PROGRAM`. In JSON a command has\n"
        "exactly one document, an object with `kind`; that of a command that failed has `error`\n"
        "with `code`, `message` and `exit_code`.\n",
        out);
    for (unsigned group = 0; group < UTVM_GROUP_COUNT; group++) {
        markdown_group(out, (enum utvm_group)group);
    }
    fputs("\n### Settings\n\n| setting | default | meaning |\n|---|---|---|\n", out);
    for (unsigned i = 0; i < UTVM_SET_COUNT; i++) {
        const struct utvm_setting_row *row = utvm_setting_row((enum utvm_setting)i);
        fprintf(out, "| `%s` | ", row->name);
        if (row->initial[0]) {
            markdown_code(out, row->initial);
        }
        fputs(" | ", out);
        markdown(out, row->help);
        fputs(" |\n", out);
    }
}

// Text for roff: a leading dot or quote and every backslash and hyphen are special.
static void roff(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'') {
        fputs("\\&", out);
    }
    for (; *text; text++) {
        if (*text == '\\') {
            fputs("\\e", out);
        } else if (*text == '-') {
            fputs("\\-", out);
        } else {
            fputc(*text, out);
        }
    }
}

static void man_command(FILE *out, const struct utvm_command *command)
{
    char *usage = utvm_command_usage(command);
    fputs(".TP\n.B ", out);
    roff(out, usage ? usage : command->name);
    free(usage);
    fputs("\n", out);
    roff(out, command->summary);
    fputs(".\n", out);
    if (command->detail) {
        roff(out, command->detail);
        fputs("\n", out);
    }
    for (unsigned i = 0; command->options[i].name; i++) {
        fputs(".br\n.B ", out);
        roff(out, command->options[i].name);
        fputs("\n", out);
        roff(out, command->options[i].help);
        fputs("\n", out);
    }
}

void utvm_help_man(FILE *out)
{
    fputs(".TH UTVM 1 \"\" \"utvm " UTVM_VERSION "\" \"User Commands\"\n"
          ".SH NAME\nutvm \\- debugger and profiler for neural networks on Cortex\\-M7\n"
          ".SH SYNOPSIS\n.B utvm\n[options] [MODEL.elf | MODEL.tflite]\n"
          ".SH DESCRIPTION\n"
          "What GDB is for programs: loads a model's ELF, uploads it through OpenOCD, steps it\n"
          "layer by layer on the core, and shows tensors, cycles and memory per operator. Without\n"
          "a board it starts an emulated one; cycles of that board are modelled.\n"
          ".SH OPTIONS\n",
          out);
    for (size_t i = 0; i < sizeof(program_options) / sizeof(program_options[0]); i++) {
        fputs(".TP\n.B ", out);
        roff(out, program_options[i].name);
        fputs("\n", out);
        roff(out, program_options[i].help);
        fputs("\n", out);
    }
    fputs(".SH EXIT STATUS\n0 fine, 1 a command failed, 2 wrong usage, 3 a comparison or\n"
          "expectation failed, 4 the target was lost or faulted.\n.SH COMMANDS\n"
          "Every command takes\n.BR \"\\-o json\" ,\n.BR \"\\-o csv\" ,\n> FILE, >> FILE and | "
          "PROGRAM.\n"
          "In JSON a command has exactly one document, an object with \"kind\"; that of a command\n"
          "that failed has \"error\" with \"code\", \"message\" and \"exit_code\".\n",
          out);
    for (unsigned group = 0; group < UTVM_GROUP_COUNT; group++) {
        fprintf(out, ".SS %s\n", utvm_group_title((enum utvm_group)group));
        for (size_t i = 0; utvm_commands[i]; i++) {
            if (utvm_commands[i]->group == group) {
                man_command(out, utvm_commands[i]);
            }
        }
    }
    fputs(".SH SETTINGS\n", out);
    for (unsigned i = 0; i < UTVM_SET_COUNT; i++) {
        const struct utvm_setting_row *row = utvm_setting_row((enum utvm_setting)i);
        fputs(".TP\n.B ", out);
        roff(out, row->name);
        fputs("\n", out);
        roff(out, row->help);
        fprintf(out, " (%s)\n", row->initial[0] ? row->initial : "empty");
    }
    fputs(".SH FILES\n.TP\n.I ~/.utvminit\nor utvm/utvminit in $XDG_CONFIG_HOME: commands that\n"
          "run at the start.\n.TP\n.I ./.utvminit\nlikewise, if the setting\n"
          ".B auto\\-load\\-local\\-init\nis on and the file is yours.\n"
          ".TP\n.I ~/.utvm_history\nor utvm/history in $XDG_STATE_HOME: what was typed.\n",
          out);
}

void utvm_help_bash(FILE *out)
{
    fputs("# bash completion for utvm\n"
          "_utvm()\n{\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    case $prev in\n"
          "    -x) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
          "    -ex) COMPREPLY=($(compgen -W '",
          out);
    for (size_t i = 0; utvm_commands[i]; i++) {
        fprintf(out, "%s%s", i ? " " : "", utvm_commands[i]->name);
    }
    fputs("' -- \"$cur\")); return ;;\n    esac\n"
          "    case $cur in\n"
          "    -*) COMPREPLY=($(compgen -W '-x -ex --batch --keep-going -n --no-init -q --quiet "
          "--set "
          "--version --help' -- \"$cur\")) ;;\n"
          "    *) COMPREPLY=($(compgen -f -X '!*.@(elf|tflite)' -- \"$cur\")"
          " $(compgen -d -- \"$cur\")) ;;\n"
          "    esac\n}\n"
          "complete -o filenames -F _utvm utvm\n",
          out);
}

void utvm_help_examples(FILE *out)
{
    for (size_t i = 0; utvm_commands[i]; i++) {
        fprintf(out, "%s\n", utvm_commands[i]->example);
    }
}
