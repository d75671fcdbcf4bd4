// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// Random bytes go through the real OpenOCD's interpreter, without a board, and must come back.
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "probe/process.h"
#include "probe/tcl_connection.h"

#define ROUNDS 400
#define MAX_BYTES 200

static struct utvm_process *server;
static struct utvm_tcl *tcl;
static uint32_t random_state;

static uint32_t next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

// Mostly bytes that mean something to Tcl or to the line protocol.
static size_t random_bytes(unsigned char *bytes)
{
    static const char nasty[] = "{}[]$\\\"; \n\t#\0\x1a\r()=eval";
    size_t size = next_random() % MAX_BYTES;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = next_random() % 2 ? (unsigned char)nasty[next_random() % (sizeof(nasty) - 1)]
                                     : (unsigned char)next_random();
    }
    return size;
}

static void start(void)
{
    static const char *const argv[] = {
        "openocd", "-c",
        "bindto 127.0.0.1; tcl_port 0; telnet_port disabled; gdb_port disabled; noinit", NULL};
    char port[16];
    struct utvm_process_line line = {"Listening on port ", " for tcl connections", port,
                                     sizeof(port)};
    static const struct utvm_tcl_watch watch = {0};
    struct utvm_error *error = utvm_process_start("OpenOCD", argv, &server);
    if (!error) {
        error = utvm_process_wait_line(server, &line, 20000, NULL);
    }
    if (!error) {
        error = utvm_tcl_connect("127.0.0.1", port, &watch, 20000, &tcl);
    }
    static const char hex[] = "proc hex {s} {set r {}; foreach c [split $s {}] {append r [format "
                              "%02x [scan $c %c]]}; return $r}";
    if (!error) {
        error = utvm_tcl_eval(tcl, hex, 20000, 0, NULL);
    }
    cr_assert_null(error, "%s", error ? error->message : "");
    random_state = 1;
}

static void stop(void)
{
    utvm_tcl_destroy(tcl);
    utvm_process_destroy(server, 1000);
}

TestSuite(tcl_quote, .init = start, .fini = stop);

static struct utvm_tcl_reply eval(struct utvm_tcl_text *script)
{
    struct utvm_tcl_reply reply = {0};
    struct utvm_error *error = utvm_tcl_text_check(script);
    if (!error) {
        error = utvm_tcl_eval(tcl, script->bytes, 20000, 0, &reply);
    }
    cr_assert_null(error, "%s: %s", script->bytes, error ? error->message : "");
    utvm_tcl_text_deinit(script);
    return reply;
}

Test(tcl_quote, any_bytes_arrive_as_one_word_at_any_depth)
{
    for (int round = 0; round < ROUNDS; round++) {
        unsigned char bytes[MAX_BYTES];
        size_t size = random_bytes(bytes);
        char expected[2 * MAX_BYTES + 1] = "";
        for (size_t i = 0; i < size; i++) {
            snprintf(expected + 2 * i, 3, "%02x", bytes[i]);
        }
        struct utvm_tcl_text script;
        utvm_tcl_text_init(&script);
        utvm_tcl_text_format(&script, round % 2 ? "if 1 {catch {set x " : "set x ");
        utvm_tcl_text_quote(&script, bytes, size);
        utvm_tcl_text_format(&script, round % 2 ? "}}; hex $x" : "; hex $x");
        struct utvm_tcl_reply reply = eval(&script);
        cr_assert_str_eq(reply.value, expected, "round %d", round);
        utvm_tcl_reply_deinit(&reply);
    }
}

Test(tcl_quote, lists_of_any_bytes_come_back_as_they_were)
{
    for (int round = 0; round < ROUNDS; round++) {
        unsigned char bytes[3][MAX_BYTES];
        size_t sizes[3];
        struct utvm_tcl_text script;
        utvm_tcl_text_init(&script);
        utvm_tcl_text_format(&script, "list");
        for (size_t k = 0; k < 3; k++) {
            sizes[k] = random_bytes(bytes[k]);
            for (size_t i = 0; i < sizes[k]; i++) {
                // The protocol's end mark cannot be in a reply.
                bytes[k][i] = bytes[k][i] == 0x1a ? '{' : bytes[k][i];
            }
            utvm_tcl_text_format(&script, " ");
            utvm_tcl_text_quote(&script, bytes[k], sizes[k]);
        }
        struct utvm_tcl_reply reply = eval(&script);
        struct utvm_tcl_list list = {0};
        struct utvm_error *error = utvm_tcl_list_parse(reply.value, reply.value_bytes, 3, &list);
        cr_assert_null(error, "round %d: %s", round, error ? error->message : "");
        cr_assert_eq(list.num_words, 3);
        for (size_t k = 0; k < 3; k++) {
            cr_assert_eq(list.words[k].size_bytes, sizes[k], "round %d word %zu", round, k);
            cr_assert_eq(memcmp(list.words[k].text, bytes[k], sizes[k]), 0, "round %d", round);
        }
        utvm_tcl_list_deinit(&list);
        utvm_tcl_reply_deinit(&reply);
    }
}

Test(tcl_quote, a_quoted_command_is_data)
{
    static const char attack[] = "\"]; set owned 1; #{[set owned 1]} $owned";
    struct utvm_tcl_text script;
    utvm_tcl_text_init(&script);
    utvm_tcl_text_format(&script, "catch {load_image ");
    utvm_tcl_text_quote(&script, attack, strlen(attack));
    utvm_tcl_text_format(&script, " 0 bin}; info exists owned");
    struct utvm_tcl_reply reply = eval(&script);
    cr_expect_str_eq(reply.value, "0");
    utvm_tcl_reply_deinit(&reply);
}

Test(tcl_quote, a_failing_command_carries_openocds_own_message)
{
    struct utvm_error *error =
        utvm_tcl_eval(tcl, "echo \"what the log says\"; expr {1 +", 20000, 0, NULL);
    utvm_error_free(error);
    error = utvm_tcl_eval(tcl, "flash info 77", 20000, 0, NULL);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, UTVM_ERROR_TARGET);
    cr_expect_not_null(strstr(error->message, "flash"), "%s", error->message);
    utvm_error_free(error);
    error = utvm_tcl_eval(tcl, "no_such_command", 20000, 0, NULL);
    cr_assert_not_null(error);
    cr_expect_not_null(strstr(error->message, "no_such_command"), "%s", error->message);
    utvm_error_free(error);
}
