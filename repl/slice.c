// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "repl/slice.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t product(const struct utvm_slice *slice)
{
    uint64_t n = 1;
    for (uint32_t i = 0; i < slice->rank; i++) {
        n *= slice->axes[i].count;
    }
    return n;
}

void utvm_slice_all(uint32_t rank, const uint32_t *dims, struct utvm_slice *ret)
{
    struct utvm_slice slice = {.rank = rank};
    for (uint32_t i = 0; i < rank; i++) {
        slice.dims[i] = dims[i];
        slice.axes[i] = (struct utvm_slice_axis){.step = 1, .count = dims[i], .keep = true};
    }
    slice.num_elems = product(&slice);
    *ret = slice;
}

static void skip_blanks(const char **p)
{
    while (isspace((unsigned char)**p)) {
        (*p)++;
    }
}

// An optional integer; *given tells whether there was one.
static struct utvm_error *read_integer(const char **p, bool *given, int64_t *ret)
{
    skip_blanks(p);
    *given = false;
    if (**p != '-' && **p != '+' && !isdigit((unsigned char)**p)) {
        return NULL;
    }
    char *end = NULL;
    errno = 0;
    long long value = strtoll(*p, &end, 10);
    if (end == *p || errno == ERANGE || value > INT32_MAX || value < -INT32_MAX) {
        return utvm_error_create(UTVM_ERROR_INVALID, "bad index");
    }
    *p = end;
    *given = true;
    *ret = value;
    skip_blanks(p);
    return NULL;
}

static int64_t clip(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

// start:stop:step with numpy's defaults and clipping.
static struct utvm_error *read_range(const char **p, bool has_start, int64_t start, uint32_t dim,
                                     struct utvm_slice_axis *ret)
{
    bool has_stop = false;
    bool has_step = false;
    int64_t stop = 0;
    int64_t step = 1;
    (*p)++; // the first colon
    struct utvm_error *error = read_integer(p, &has_stop, &stop);
    if (!error && **p == ':') {
        (*p)++;
        error = read_integer(p, &has_step, &step);
    }
    if (error) {
        return error;
    }
    if (step == 0) {
        return utvm_error_create(UTVM_ERROR_INVALID, "slice step cannot be zero");
    }
    int64_t size = dim;
    int64_t low = step > 0 ? 0 : -1;
    int64_t high = step > 0 ? size : size - 1;
    if (!has_start) {
        start = step > 0 ? low : high;
    } else {
        start = clip(start < 0 ? start + size : start, low, high);
    }
    if (!has_stop) {
        stop = step > 0 ? high : low;
    } else {
        stop = clip(stop < 0 ? stop + size : stop, low, high);
    }
    int64_t span = step > 0 ? stop - start : start - stop;
    int64_t stride = step > 0 ? step : -step;
    int64_t count = span > 0 ? (span + stride - 1) / stride : 0;
    *ret = (struct utvm_slice_axis){start, step, (uint32_t)count, true};
    return NULL;
}

static struct utvm_error *read_axis(const char **p, uint32_t dim, struct utvm_slice_axis *ret)
{
    bool given = false;
    int64_t value = 0;
    struct utvm_error *error = read_integer(p, &given, &value);
    if (error) {
        return error;
    }
    if (**p == ':') {
        return read_range(p, given, value, dim, ret);
    }
    if (!given) {
        return utvm_error_create(UTVM_ERROR_INVALID,
                                 "expected an index or a slice such as 2, -1, 2:5 or ::2");
    }
    int64_t index = value < 0 ? value + dim : value;
    if (index < 0 || index >= dim) {
        return utvm_error_create(UTVM_ERROR_INVALID, "index %lld is out of range for size %u",
                                 (long long)value, dim);
    }
    *ret = (struct utvm_slice_axis){index, 1, 1, false};
    return NULL;
}

// Number of axes that the text names, the ellipsis left out.
static uint32_t count_axes(const char *text, bool *has_ellipsis)
{
    uint32_t commas = 0;
    for (const char *c = text; *c; c++) {
        commas += *c == ',';
    }
    *has_ellipsis = strstr(text, "...") != NULL;
    return commas + 1 - (*has_ellipsis ? 1 : 0);
}

struct utvm_error *utvm_slice_parse(const char *text, uint32_t rank, const uint32_t *dims,
                                    struct utvm_slice *ret)
{
    struct utvm_slice slice;
    utvm_slice_all(rank, dims, &slice);
    const char *p = text;
    skip_blanks(&p);
    if (*p == '\0') {
        return utvm_error_create(UTVM_ERROR_INVALID, "nothing between the brackets");
    }
    bool ellipsis = false;
    uint32_t named = count_axes(p, &ellipsis);
    if (named > rank) {
        return utvm_error_create(UTVM_ERROR_INVALID, "%u indices for a tensor of %u axes", named,
                                 rank);
    }
    uint32_t axis = 0;
    for (;;) {
        skip_blanks(&p);
        if (strncmp(p, "...", 3) == 0) {
            if (!ellipsis) {
                return utvm_error_create(UTVM_ERROR_INVALID, "only one '...' is allowed");
            }
            ellipsis = false;
            axis += rank - named;
            p += 3;
        } else if (axis >= rank) {
            return utvm_error_create(UTVM_ERROR_INVALID, "too many indices");
        } else {
            struct utvm_error *error = read_axis(&p, dims[axis], &slice.axes[axis]);
            if (error) {
                return utvm_error_prefix(error, "axis %u", axis);
            }
            axis++;
        }
        skip_blanks(&p);
        if (*p == '\0') {
            break;
        }
        if (*p != ',') {
            return utvm_error_create(UTVM_ERROR_INVALID, "axis %u: expected ',' or ']'",
                                     axis ? axis - 1 : 0);
        }
        p++;
    }
    slice.num_elems = product(&slice);
    *ret = slice;
    return NULL;
}

uint32_t utvm_slice_shape(const struct utvm_slice *slice, uint32_t dims[UTVM_MAX_DIMS])
{
    uint32_t rank = 0;
    for (uint32_t i = 0; i < slice->rank; i++) {
        if (slice->axes[i].keep) {
            dims[rank++] = slice->axes[i].count;
        }
    }
    return rank;
}

void utvm_slice_index(const struct utvm_slice *slice, uint64_t i, uint32_t index[UTVM_MAX_DIMS])
{
    for (uint32_t k = slice->rank; k-- > 0;) {
        const struct utvm_slice_axis *axis = &slice->axes[k];
        int64_t at = (int64_t)(i % axis->count);
        i /= axis->count;
        index[k] = (uint32_t)(axis->start + at * axis->step);
    }
}

uint64_t utvm_slice_flat(const struct utvm_slice *slice, uint64_t i)
{
    uint32_t index[UTVM_MAX_DIMS];
    utvm_slice_index(slice, i, index);
    uint64_t flat = 0;
    for (uint32_t k = 0; k < slice->rank; k++) {
        flat = flat * slice->dims[k] + index[k];
    }
    return flat;
}
