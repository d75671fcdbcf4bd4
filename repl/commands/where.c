// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdlib.h>

#include "repl/commands/common.h"
#include "repl/human.h"

static void describe(struct utvm_shell *sh, const struct utvm_session_status *status, FILE *out)
{
    const struct utvm_model *model = utvm_shell_model(sh);
    if (status->next_layer >= model->num_layers) {
        fputs("At the end of the model", out);
    } else {
        const struct utvm_layer *layer = &model->layers[status->next_layer];
        fprintf(out, "%s layer %u '%s' (%s)",
                status->interrupted || status->faulted ? "In" : "Before", status->next_layer,
                layer->name, layer->operator_name);
    }
    if (status->interrupted || status->faulted) {
        fprintf(out, " at 0x%08x", status->stop_pc);
        char *line = utvm_source_line(sh, status->stop_pc);
        fputs(line ? ", " : "", out);
        utvm_human_write(out, line ? line : "", false);
        free(line);
    }
    if (status->last_layer != UTVM_NO_INDEX && !status->interrupted && !status->faulted) {
        fprintf(out, ", after layer %u '%s'", status->last_layer,
                model->layers[status->last_layer].name);
    }
    fputs(status->faulted ? "; the core stands in a fault\n" : "\n", out);
}

static struct utvm_error *run(struct utvm_shell *sh, const struct utvm_args *args, FILE *out)
{
    const struct utvm_session_status *status = utvm_session_status(sh->session);
    const struct utvm_model *model = utvm_shell_model(sh);
    (void)args;
    if (sh->format == UTVM_OUTPUT_TEXT) {
        describe(sh, status, out);
        return NULL;
    }
    bool at_layer = status->next_layer < model->num_layers;
    struct utvm_document *doc = utvm_document_create("where");
    utvm_document_fact_number(doc, NULL, "next_layer", "next layer", UTVM_CELL_INT,
                              status->next_layer);
    utvm_document_fact_text(doc, NULL, "name", "name", "%s",
                            at_layer ? model->layers[status->next_layer].name : "");
    utvm_document_fact_number(doc, NULL, "interrupted", "interrupted", UTVM_CELL_BOOL,
                              status->interrupted);
    utvm_document_fact_number(doc, NULL, "faulted", "in a fault", UTVM_CELL_BOOL, status->faulted);
    return utvm_shell_emit(sh, doc, out);
}

const struct utvm_command utvm_command_where = {
    .name = "where",
    .alias = "bt",
    .group = UTVM_GROUP_LOOKING,
    .summary = "which layer is next, and which has just run",
    .detail = "After Ctrl-C or a fault also the address and the line of source in the layer.",
    .example = "where",
    .needs = UTVM_NEEDS_UPLOADED,
    .run = run,
};
