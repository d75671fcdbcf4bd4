// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/build/network.h"

/*
 * How a layer gets its name. TFLite's converter joins the names of everything it fused into an
 * operator with ';', for example
 *
 *     model/activation/Relu;model/batch_normalization/FusedBatchNormV3;model/conv2d/BiasAdd/
 *     ReadVariableOp/resource;model/conv2d/BiasAdd;model/conv2d_2/Conv2D;model/conv2d/Conv2D1
 *
 * 1. Of each part, "/ReadVariableOp..." and the last component (the operation) are cut off; the
 *    component that is then last is the part's candidate: activation, batch_normalization, conv2d,
 *    conv2d, conv2d_2, conv2d. A part of one component is its own candidate.
 * 2. Candidates that every kind of layer may carry (activation, batch_normalization, re_lu, relu,
 *    dropout) count only if there is no other.
 * 3. The candidate that most parts have wins, among equals the last: conv2d.
 * 4. A name that says nothing (Identity, StatefulPartitionedCall, PartitionedCall, empty) becomes
 *    the operator's name in small letters: softmax.
 * 5. Only letters, digits, '_', '.' and '-' remain, at most 40 of them.
 * 6. A name that an earlier layer has gets the operator behind it, "dense.relu", and if need be a
 *    number, "dense.relu.2".
 */
#define MAX_NAME 40
#define MAX_CANDIDATES 32

struct candidate {
    unsigned parts;
    bool common;
    char text[MAX_NAME + 1];
};

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_common(const char *text)
{
    static const char *const common[] = {
        "activation", "batch_normalization", "re_lu", "relu", "Relu", "dropout"};
    for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
        if (starts_with(text, common[i])) {
            return true;
        }
    }
    return false;
}

static bool says_nothing(const char *text)
{
    return text[0] == '\0' || starts_with(text, "Identity") || starts_with(text, "StatefulPart") ||
           starts_with(text, "PartitionedCall");
}

static void clean(char *to, const char *from, size_t length)
{
    size_t n = 0;
    for (size_t i = 0; i < length && n < MAX_NAME; i++) {
        unsigned char c = (unsigned char)from[i];
        bool plain = c < 0x80 && (isalnum(c) || c == '_' || c == '.' || c == '-');
        to[n++] = (char)(plain ? c : '_');
    }
    to[n] = '\0';
}

// Rule 1: the candidate of one part.
static void part_candidate(const char *part, size_t length, char *ret)
{
    const char *end = part + length;
    const char *variable = memmem(part, length, "/ReadVariableOp", 15);
    if (variable) {
        end = variable;
    }
    // Names of TFLite's own making: "tfl.unidirectional_sequence_lstm".
    if (end - part > 4 && starts_with(part, "tfl.")) {
        part += 4;
    }
    const char *slash = memrchr(part, '/', (size_t)(end - part));
    if (slash && slash > part) {
        end = slash;
        slash = memrchr(part, '/', (size_t)(end - part));
    }
    const char *start = slash ? slash + 1 : part;
    clean(ret, start, (size_t)(end - start));
}

static size_t find_candidates(const char *name, struct candidate *candidates)
{
    size_t count = 0;
    while (*name != '\0') {
        size_t length = strcspn(name, ";");
        char text[MAX_NAME + 1];
        part_candidate(name, length, text);
        size_t i = 0;
        while (i < count && strcmp(candidates[i].text, text) != 0) {
            i++;
        }
        if (i == count && count < MAX_CANDIDATES) {
            memcpy(candidates[count].text, text, sizeof(text));
            candidates[count].parts = 0;
            candidates[count++].common = is_common(text);
        }
        if (i < count) {
            candidates[i].parts++;
        }
        name += length;
        name += *name == ';';
    }
    return count;
}

// Rules 1 to 5.
static void base_name(const struct utvm_graph *graph, const struct utvm_graph_operator *op,
                      const char *operator_name, char ret[MAX_NAME + 1])
{
    struct candidate candidates[MAX_CANDIDATES];
    size_t count = 0;
    if (op->num_outputs > 0) {
        count = find_candidates(graph->tensors[op->outputs[0]].name, candidates);
    }
    const struct candidate *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct candidate *c = &candidates[i];
        if (!best || (best->common && !c->common) ||
            (best->common == c->common && c->parts >= best->parts)) {
            best = c;
        }
    }
    if (!best || says_nothing(best->text)) {
        memcpy(ret, operator_name, strlen(operator_name) + 1);
        return;
    }
    memcpy(ret, best->text, MAX_NAME + 1);
}

static bool is_taken(char *const *names, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

// The operator's name in small letters, "op<id>" for one that is not in the list.
static void lower_operator_name(uint32_t operator_id, char ret[MAX_NAME + 1])
{
    const char *name = utvm_operator_name(operator_id);
    if (!name) {
        snprintf(ret, MAX_NAME + 1, "op%u", operator_id);
        return;
    }
    clean(ret, name, strlen(name));
    for (char *c = ret; *c != '\0'; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
}

struct utvm_error *utvm_layer_names(const struct utvm_graph *graph, char **names)
{
    for (uint32_t i = 0; i < graph->num_operators; i++) {
        const struct utvm_graph_operator *op = &graph->operators[i];
        char operator_name[MAX_NAME + 1];
        char base[MAX_NAME + 1];
        lower_operator_name(op->operator_id, operator_name);
        base_name(graph, op, operator_name, base);
        char *name = strdup(base);
        if (name && is_taken(names, i, name)) {
            free(name);
            if (asprintf(&name, "%s.%s", base, operator_name) < 0) {
                name = NULL;
            }
        }
        for (unsigned n = 2; name && is_taken(names, i, name); n++) {
            free(name);
            if (asprintf(&name, "%s.%s.%u", base, operator_name, n) < 0) {
                name = NULL;
            }
        }
        if (!name) {
            return utvm_error_no_memory();
        }
        names[i] = name;
    }
    return NULL;
}
