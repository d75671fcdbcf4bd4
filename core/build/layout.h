// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_BUILD_LAYOUT_H
#define UTVM_CORE_BUILD_LAYOUT_H

#include "core/build/build.h"
#include "core/build/emit.h"
#include "core/build/network.h"

/**
 * Decides which memories the parts of an image use, and sets net->regions to what is left of them
 * for the arena. Needs the packed weights.
 * @return NO_SPACE when the constants alone are larger than their memory
 */
UTVM_MUST_CHECK struct utvm_error *utvm_layout_decide(struct utvm_network *net,
                                                      const struct utvm_build_options *options,
                                                      struct utvm_layout *ret);

/** The plan as text: one row per layer with a bar for the arena, and where each tensor lies. */
void utvm_plan_text(const struct utvm_network *net, struct utvm_text *out);

#endif
