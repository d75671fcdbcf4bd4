// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/command.h"

// Every command has a file of its own in repl/commands/.
extern const struct utvm_command utvm_command_alias;
extern const struct utvm_command utvm_command_apropos;
extern const struct utvm_command utvm_command_back;
extern const struct utvm_command utvm_command_break;
extern const struct utvm_command utvm_command_build;
extern const struct utvm_command utvm_command_call;
extern const struct utvm_command utvm_command_commands;
extern const struct utvm_command utvm_command_compare;
extern const struct utvm_command utvm_command_condition;
extern const struct utvm_command utvm_command_connect;
extern const struct utvm_command utvm_command_continue;
extern const struct utvm_command utvm_command_define;
extern const struct utvm_command utvm_command_delete;
extern const struct utvm_command utvm_command_diff;
extern const struct utvm_command utvm_command_disable;
extern const struct utvm_command utvm_command_disassemble;
extern const struct utvm_command utvm_command_disconnect;
extern const struct utvm_command utvm_command_display;
extern const struct utvm_command utvm_command_document;
extern const struct utvm_command utvm_command_dump;
extern const struct utvm_command utvm_command_echo;
extern const struct utvm_command utvm_command_enable;
extern const struct utvm_command utvm_command_expect;
extern const struct utvm_command utvm_command_file;
extern const struct utvm_command utvm_command_fill;
extern const struct utvm_command utvm_command_finish;
extern const struct utvm_command utvm_command_help;
extern const struct utvm_command utvm_command_hist;
extern const struct utvm_command utvm_command_if;
extern const struct utvm_command utvm_command_ignore;
extern const struct utvm_command utvm_command_info;
extern const struct utvm_command utvm_command_input;
extern const struct utvm_command utvm_command_list;
extern const struct utvm_command utvm_command_load;
extern const struct utvm_command utvm_command_loop_break;
extern const struct utvm_command utvm_command_loop_continue;
extern const struct utvm_command utvm_command_memory;
extern const struct utvm_command utvm_command_monitor;
extern const struct utvm_command utvm_command_next;
extern const struct utvm_command utvm_command_print;
extern const struct utvm_command utvm_command_printf;
extern const struct utvm_command utvm_command_profile;
extern const struct utvm_command utvm_command_quit;
extern const struct utvm_command utvm_command_record;
extern const struct utvm_command utvm_command_regs;
extern const struct utvm_command utvm_command_report;
extern const struct utvm_command utvm_command_reset;
extern const struct utvm_command utvm_command_restart;
extern const struct utvm_command utvm_command_restore;
extern const struct utvm_command utvm_command_run;
extern const struct utvm_command utvm_command_save;
extern const struct utvm_command utvm_command_set;
extern const struct utvm_command utvm_command_shell;
extern const struct utvm_command utvm_command_show;
extern const struct utvm_command utvm_command_source;
extern const struct utvm_command utvm_command_stats;
extern const struct utvm_command utvm_command_step;
extern const struct utvm_command utvm_command_tbreak;
extern const struct utvm_command utvm_command_undisplay;
extern const struct utvm_command utvm_command_until;
extern const struct utvm_command utvm_command_watch;
extern const struct utvm_command utvm_command_where;
extern const struct utvm_command utvm_command_while;
extern const struct utvm_command utvm_command_x;

const struct utvm_command *const utvm_commands[] = {
    &utvm_command_alias,
    &utvm_command_apropos,
    &utvm_command_back,
    &utvm_command_break,
    &utvm_command_build,
    &utvm_command_call,
    &utvm_command_commands,
    &utvm_command_compare,
    &utvm_command_condition,
    &utvm_command_connect,
    &utvm_command_continue,
    &utvm_command_define,
    &utvm_command_delete,
    &utvm_command_diff,
    &utvm_command_disable,
    &utvm_command_disassemble,
    &utvm_command_disconnect,
    &utvm_command_display,
    &utvm_command_document,
    &utvm_command_dump,
    &utvm_command_echo,
    &utvm_command_enable,
    &utvm_command_expect,
    &utvm_command_file,
    &utvm_command_fill,
    &utvm_command_finish,
    &utvm_command_help,
    &utvm_command_hist,
    &utvm_command_if,
    &utvm_command_ignore,
    &utvm_command_info,
    &utvm_command_input,
    &utvm_command_list,
    &utvm_command_load,
    &utvm_command_loop_break,
    &utvm_command_loop_continue,
    &utvm_command_memory,
    &utvm_command_monitor,
    &utvm_command_next,
    &utvm_command_print,
    &utvm_command_printf,
    &utvm_command_profile,
    &utvm_command_quit,
    &utvm_command_record,
    &utvm_command_regs,
    &utvm_command_report,
    &utvm_command_reset,
    &utvm_command_restart,
    &utvm_command_restore,
    &utvm_command_run,
    &utvm_command_save,
    &utvm_command_set,
    &utvm_command_shell,
    &utvm_command_show,
    &utvm_command_source,
    &utvm_command_stats,
    &utvm_command_step,
    &utvm_command_tbreak,
    &utvm_command_undisplay,
    &utvm_command_until,
    &utvm_command_watch,
    &utvm_command_where,
    &utvm_command_while,
    &utvm_command_x,
    NULL,
};
