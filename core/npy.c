// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/file.h"
#include "core/text.h"

#define MAGIC_BYTES 6
static const uint8_t magic[MAGIC_BYTES] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

enum element {
    ELEMENT_AS_IS,
    ELEMENT_FLOAT16,
    ELEMENT_FLOAT64,
};

struct header {
    enum utvm_dtype dtype; /**< in memory */
    enum element element;  /**< in the file */
    size_t file_elem_bytes;
    bool fortran_order;
    uint32_t rank;
    uint32_t dims[UTVM_MAX_DIMS];
    bool has_descr;
    bool has_order;
    bool has_shape;
};

/** A cursor over the header's Python dictionary; every look is bounded by end. */
struct cursor {
    const char *name;
    const uint8_t *start; /**< of the file */
    const uint8_t *at;
    const uint8_t *end;
};

static struct utvm_error *malformed(const struct cursor *c, const char *what)
{
    return utvm_error_create(UTVM_ERROR_FORMAT, "%s: .npy header, byte %zu: %s", c->name,
                             (size_t)(c->at - c->start), what);
}

static void skip_space(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t')) {
        c->at++;
    }
}

static bool accept(struct cursor *c, char expected)
{
    skip_space(c);
    if (c->at < c->end && *c->at == (uint8_t)expected) {
        c->at++;
        return true;
    }
    return false;
}

static bool accept_word(struct cursor *c, const char *word)
{
    size_t length = strlen(word);
    skip_space(c);
    if ((size_t)(c->end - c->at) >= length && memcmp(c->at, word, length) == 0) {
        c->at += length;
        return true;
    }
    return false;
}

// A quoted string without escapes: all that NumPy writes for plain types.
static struct utvm_error *parse_string(struct cursor *c, char *buf, size_t size)
{
    skip_space(c);
    uint8_t quote = c->at < c->end ? *c->at : '\0';
    if (quote != '\'' && quote != '"') {
        return malformed(c, "a quoted string was expected");
    }
    c->at++;
    size_t n = 0;
    while (c->at < c->end && *c->at != quote) {
        if (n + 1 >= size) {
            return malformed(c, "the string is too long");
        }
        buf[n++] = (char)*c->at++;
    }
    if (c->at == c->end) {
        return malformed(c, "the string does not end");
    }
    c->at++;
    buf[n] = '\0';
    return NULL;
}

static struct utvm_error *parse_descr(struct cursor *c, struct header *h)
{
    static const struct {
        const char *descr;
        enum utvm_dtype dtype;
        enum element element;
        size_t bytes;
    } types[] = {
        {"|b1", UTVM_DTYPE_BOOL, ELEMENT_AS_IS, 1},
        {"|i1", UTVM_DTYPE_INT8, ELEMENT_AS_IS, 1},
        {"<i1", UTVM_DTYPE_INT8, ELEMENT_AS_IS, 1},
        {"|u1", UTVM_DTYPE_UINT8, ELEMENT_AS_IS, 1},
        {"<u1", UTVM_DTYPE_UINT8, ELEMENT_AS_IS, 1},
        {"<i2", UTVM_DTYPE_INT16, ELEMENT_AS_IS, 2},
        {"<u2", UTVM_DTYPE_UINT16, ELEMENT_AS_IS, 2},
        {"<i4", UTVM_DTYPE_INT32, ELEMENT_AS_IS, 4},
        {"<u4", UTVM_DTYPE_UINT32, ELEMENT_AS_IS, 4},
        {"<i8", UTVM_DTYPE_INT64, ELEMENT_AS_IS, 8},
        {"<f4", UTVM_DTYPE_FLOAT32, ELEMENT_AS_IS, 4},
        {"<f2", UTVM_DTYPE_FLOAT32, ELEMENT_FLOAT16, 2},
        {"<f8", UTVM_DTYPE_FLOAT32, ELEMENT_FLOAT64, 8},
    };
    if (accept(c, '[')) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED,
                                 "%s: structured NumPy types are not supported", c->name);
    }
    char descr[32];
    struct utvm_error *error = parse_string(c, descr, sizeof(descr));
    if (error) {
        return error;
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(descr, types[i].descr) == 0) {
            h->dtype = types[i].dtype;
            h->element = types[i].element;
            h->file_elem_bytes = types[i].bytes;
            h->has_descr = true;
            return NULL;
        }
    }
    char *shown = utvm_text_printable(descr, strlen(descr));
    error = utvm_error_create(
        UTVM_ERROR_UNSUPPORTED,
        descr[0] == '>' ? "%s: big-endian type '%s' is not supported; save it little-endian"
                        : "%s: NumPy type '%s' is not supported",
        c->name, shown ? shown : "?");
    free(shown);
    return error;
}

static struct utvm_error *parse_shape(struct cursor *c, struct header *h)
{
    if (!accept(c, '(')) {
        return malformed(c, "the shape is not a tuple");
    }
    while (!accept(c, ')')) {
        uint64_t dim = 0;
        skip_space(c);
        const uint8_t *digits = c->at;
        while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
            dim = dim * 10 + (uint64_t)(*c->at++ - '0');
            if (dim > UINT32_MAX) {
                return malformed(c, "a dimension exceeds 32 bits");
            }
        }
        if (c->at == digits) {
            return malformed(c, "a dimension was expected");
        }
        if (h->rank == UTVM_MAX_DIMS) {
            return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "%s: more than %u dimensions", c->name,
                                     UTVM_MAX_DIMS);
        }
        h->dims[h->rank++] = (uint32_t)dim;
        if (!accept(c, ',')) {
            if (!accept(c, ')')) {
                return malformed(c, "',' or ')' was expected in the shape");
            }
            break;
        }
    }
    h->has_shape = true;
    return NULL;
}

static struct utvm_error *parse_entry(struct cursor *c, struct header *h)
{
    char key[32];
    struct utvm_error *error = parse_string(c, key, sizeof(key));
    if (error) {
        return error;
    }
    if (!accept(c, ':')) {
        return malformed(c, "':' was expected");
    }
    if (strcmp(key, "descr") == 0 && !h->has_descr) {
        return parse_descr(c, h);
    }
    if (strcmp(key, "shape") == 0 && !h->has_shape) {
        return parse_shape(c, h);
    }
    if (strcmp(key, "fortran_order") == 0 && !h->has_order) {
        h->has_order = true;
        h->fortran_order = accept_word(c, "True");
        if (!h->fortran_order && !accept_word(c, "False")) {
            return malformed(c, "fortran_order is neither True nor False");
        }
        return NULL;
    }
    return malformed(c, "an unknown or repeated key");
}

static struct utvm_error *parse_dictionary(struct cursor *c, struct header *h)
{
    if (!accept(c, '{')) {
        return malformed(c, "'{' was expected");
    }
    while (!accept(c, '}')) {
        struct utvm_error *error = parse_entry(c, h);
        if (error) {
            return error;
        }
        if (!accept(c, ',')) {
            if (!accept(c, '}')) {
                return malformed(c, "',' or '}' was expected");
            }
            break;
        }
    }
    if (!h->has_descr || !h->has_order || !h->has_shape) {
        return malformed(c, "descr, fortran_order or shape is missing");
    }
    return NULL;
}

static struct utvm_error *parse_header(const char *name, const uint8_t *bytes, size_t size_bytes,
                                       struct header *h, size_t *ret_data_offset)
{
    struct cursor c = {name, bytes, bytes, bytes + size_bytes};
    if (size_bytes < MAGIC_BYTES + 4 || memcmp(bytes, magic, MAGIC_BYTES) != 0) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: this is not a .npy file", name);
    }
    uint8_t version = bytes[MAGIC_BYTES];
    if (version < 1 || version > 3) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "%s: .npy format version %u is unknown",
                                 name, version);
    }
    size_t length_bytes = version == 1 ? 2 : 4;
    size_t start = MAGIC_BYTES + 2 + length_bytes;
    if (size_bytes < start) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: truncated in the .npy header", name);
    }
    size_t length = version == 1 ? utvm_le16(bytes + 8) : utvm_le32(bytes + 8);
    if (length > size_bytes - start) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "%s: truncated: the .npy header has %zu bytes, the file %zu", name,
                                 length, size_bytes);
    }
    c.at = bytes + start;
    c.end = c.at + length;
    *ret_data_offset = start + length;
    return parse_dictionary(&c, h);
}

// IEEE 754 half precision.
static double half_to_double(uint16_t bits)
{
    int exponent = bits >> 10 & 0x1F;
    double mantissa = bits & 0x3FF;
    double value = exponent == 0 ? ldexp(mantissa, -24) : ldexp(1024 + mantissa, exponent - 25);
    if (exponent == 0x1F) {
        value = mantissa > 0 ? (double)NAN : (double)INFINITY;
    }
    return bits & 0x8000 ? -value : value;
}

static void convert_element(struct utvm_array *array, uint64_t i, const uint8_t *from,
                            enum element element)
{
    size_t elem_bytes = utvm_dtype_size(array->dtype);
    if (element == ELEMENT_AS_IS) {
        memcpy((uint8_t *)array->data + i * elem_bytes, from, elem_bytes);
    } else if (element == ELEMENT_FLOAT16) {
        utvm_array_set(array, i, half_to_double(utvm_le16(from)));
    } else {
        uint64_t bits = utvm_le64(from);
        double value;
        memcpy(&value, &bits, sizeof(value));
        utvm_array_set(array, i, value);
    }
}

static void convert(struct utvm_array *array, const struct header *h, const uint8_t *data)
{
    bool reorder = h->fortran_order && h->rank > 1;
    if (h->element == ELEMENT_AS_IS && !reorder) {
        memcpy(array->data, data, array->size_bytes);
        return;
    }
    uint32_t index[UTVM_MAX_DIMS] = {0};
    for (uint64_t i = 0; i < array->num_elems; i++) {
        uint64_t source = i;
        if (reorder) {
            source = 0;
            for (uint32_t d = h->rank; d-- > 0;) {
                source = source * h->dims[d] + index[d];
            }
        }
        convert_element(array, i, data + source * h->file_elem_bytes, h->element);
        for (uint32_t d = h->rank; d-- > 0;) {
            if (++index[d] < h->dims[d]) {
                break;
            }
            index[d] = 0;
        }
    }
}

struct utvm_error *utvm_npy_parse(const char *name, const void *bytes, size_t size_bytes,
                                  struct utvm_array *ret)
{
    struct header h = {0};
    size_t offset = 0;
    struct utvm_error *error = parse_header(name, bytes, size_bytes, &h, &offset);
    if (error) {
        return error;
    }
    // The size is checked before the array is made, so that a lying header costs no memory.
    uint64_t needed = h.file_elem_bytes;
    for (uint32_t i = 0; i < h.rank; i++) {
        if (__builtin_mul_overflow(needed, (uint64_t)h.dims[i], &needed)) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "%s: the shape overflows", name);
        }
    }
    if (needed != size_bytes - offset) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "%s: the shape needs %llu bytes of data, the file has %zu", name,
                                 (unsigned long long)needed, size_bytes - offset);
    }
    struct utvm_array array = {0};
    error = utvm_array_init(&array, h.dtype, h.rank, h.dims);
    if (error) {
        return utvm_error_prefix(error, "%s", name);
    }
    convert(&array, &h, (const uint8_t *)bytes + offset);
    *ret = array;
    return NULL;
}

struct utvm_error *utvm_npy_read(const char *path, struct utvm_array *ret)
{
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    struct utvm_error *error = utvm_file_read(path, &bytes, &size_bytes);
    if (error) {
        return error;
    }
    error = utvm_npy_parse(path, bytes, size_bytes, ret);
    free(bytes);
    return error;
}

static const char *descr_of(enum utvm_dtype dtype)
{
    switch (dtype) {
    case UTVM_DTYPE_BOOL:
        return "|b1";
    case UTVM_DTYPE_INT8:
        return "|i1";
    case UTVM_DTYPE_UINT8:
        return "|u1";
    case UTVM_DTYPE_INT16:
        return "<i2";
    case UTVM_DTYPE_UINT16:
        return "<u2";
    case UTVM_DTYPE_INT32:
        return "<i4";
    case UTVM_DTYPE_UINT32:
        return "<u4";
    case UTVM_DTYPE_INT64:
        return "<i8";
    case UTVM_DTYPE_FLOAT32:
        return "<f4";
    case UTVM_DTYPE_NONE:
        break;
    }
    return NULL;
}

struct utvm_error *utvm_npy_format(const struct utvm_array *array, uint8_t **ret,
                                   size_t *ret_size_bytes)
{
    const char *descr = descr_of(array->dtype);
    if (!descr) {
        return utvm_error_create(UTVM_ERROR_INVALID, "the array has no element type");
    }
    struct utvm_text text = {0};
    utvm_text_addf(&text, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
    for (uint32_t i = 0; i < array->rank; i++) {
        utvm_text_addf(&text, i ? " %u," : "%u,", (unsigned)array->dims[i]);
    }
    utvm_text_addf(&text, "), }");
    // Magic, version, length and dictionary together fill a multiple of 64 and end in a newline.
    size_t preamble = MAGIC_BYTES + 4;
    while (!text.failed && (preamble + text.length + 1) % 64 != 0) {
        utvm_text_add(&text, " ", 1);
    }
    utvm_text_add(&text, "\n", 1);
    size_t size_bytes = preamble + text.length + array->size_bytes;
    uint8_t *bytes = text.failed ? NULL : malloc(size_bytes);
    if (!bytes) {
        utvm_text_deinit(&text);
        return utvm_error_no_memory();
    }
    memcpy(bytes, magic, MAGIC_BYTES);
    bytes[MAGIC_BYTES] = 1;
    bytes[MAGIC_BYTES + 1] = 0;
    utvm_put_le16(bytes + MAGIC_BYTES + 2, (uint16_t)text.length);
    memcpy(bytes + preamble, text.data, text.length);
    memcpy(bytes + preamble + text.length, array->data, array->size_bytes);
    utvm_text_deinit(&text);
    *ret = bytes;
    *ret_size_bytes = size_bytes;
    return NULL;
}

struct utvm_error *utvm_npy_write(const char *path, const struct utvm_array *array)
{
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    struct utvm_error *error = utvm_npy_format(array, &bytes, &size_bytes);
    if (error) {
        return error;
    }
    error = utvm_file_write(path, bytes, size_bytes);
    free(bytes);
    return error;
}
