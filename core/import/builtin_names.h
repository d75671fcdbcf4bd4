// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_IMPORT_BUILTIN_NAMES_H
#define UTVM_CORE_IMPORT_BUILTIN_NAMES_H

#include <stdint.h>

/**
 * The name of a TFLite builtin operator, supported or not: "WHILE" for 119; NULL for a code that
 * the schema does not have. Source: BuiltinOperator in tensorflow/lite/schema/schema.fbs.
 */
const char *utvm_builtin_name(uint32_t code);

#endif
