// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#ifndef UTVM_CORE_INPUT_H
#define UTVM_CORE_INPUT_H

#include "core/model.h"
#include "core/tensor.h"

/** How the pixels 0 to 255 of a picture become real values. */
enum utvm_pixels {
    UTVM_PIXELS_AUTO,   /**< from the tensor's quantisation, see utvm_input_read() */
    UTVM_PIXELS_RAW,    /**< 0 to 255 */
    UTVM_PIXELS_UNIT,   /**< pixel / 255 */
    UTVM_PIXELS_SIGNED, /**< pixel / 127.5 - 1 */
};

struct utvm_input_options {
    enum utvm_pixels pixels;
    bool resize; /**< pictures: nearest neighbour to the tensor's size instead of refusing */
    bool has_invocation; /**< .npz: take element `invocation` of seq_<index> */
    uint32_t invocation;
};

/**
 * Turns a file into a value of a tensor, by the file's ending:
 *
 * .npy  the array: the tensor's element count, and its type; float arrays for a quantised tensor
 *       hold real values and are quantised.
 * .npz  the array with the key in_<index in the model file>, else the tensor's name, else the only
 *       array; seq_<index> when an invocation is asked for.
 * .png  a picture for [1,H,W,C] or [H,W,C], C = 1 or 3; grey is repeated, colours become grey by
 *       Rec. 601 luma, transparency is dropped. Pixels become real values by options->pixels. AUTO:
 *       the range of real values that the tensor can hold decides. Greatest value above 2: 0 to
 *       255. Otherwise least value below -0.5: -1 to 1. Otherwise, and for float tensors: 0 to 1.
 *       So the usual image quantisation of int8 (scale 1 or 1/255, zero point -128) gives
 *       pixel - 128, exactly.
 * other raw bytes, exactly as many as the tensor has.
 *
 * @param ret      an array of the tensor's type and shape
 * @param ret_note what was decided ("pixels as 0 to 1"), malloc'd; NULL = nothing to say; may be
 *                 NULL
 * @return OS, FORMAT, INVALID (type, count or picture size: both are named), NOT_FOUND (.npz key)
 */
UTVM_MUST_CHECK struct utvm_error *utvm_input_read(const char *path,
                                                   const struct utvm_tensor *tensor,
                                                   const struct utvm_input_options *options,
                                                   struct utvm_array *ret, char **ret_note);

/** How many invocations seq_<index> of an .npz holds for the tensor; 0 = it has none. */
UTVM_MUST_CHECK struct utvm_error *
utvm_input_invocations(const char *path, const struct utvm_tensor *tensor, uint32_t *ret);

#endif
