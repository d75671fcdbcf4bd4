// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_PROBE_IDENTIFY_H
#define UTVM_PROBE_IDENTIFY_H

#include "probe/openocd_target.h"
#include "probe/probe.h"

/**
 * Fills o->base.info from what the target itself says: CPUID, DBGMCU_IDCODE, the emulated board's
 * vendor block.
 * @return UNSUPPORTED if the core is no Cortex-M7; else as a read
 */
UTVM_MUST_CHECK struct utvm_error *utvm_identify(struct utvm_openocd *o,
                                                 const struct utvm_probe_options *options);

#endif
