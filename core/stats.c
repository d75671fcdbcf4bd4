// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "core/stats.h"

#include <math.h>
#include <string.h>

// The index into scales and zero points: 0, or the element's place in the quantised dimension.
static uint32_t channel_of(const struct utvm_tensor *tensor, uint64_t i)
{
    if (tensor->num_scales == 1) {
        return 0;
    }
    uint64_t inner = 1;
    for (uint32_t d = tensor->quantized_dimension + 1; d < tensor->rank; d++) {
        inner *= tensor->dims[d];
    }
    return (uint32_t)(i / inner % tensor->num_scales);
}

static bool is_quantised(const struct utvm_tensor *tensor, const struct utvm_array *array)
{
    return tensor && tensor->num_scales > 0 && array->dtype != UTVM_DTYPE_FLOAT32;
}

double utvm_tensor_real(const struct utvm_tensor *tensor, const struct utvm_array *array,
                        uint64_t i)
{
    double raw = utvm_array_get(array, i);
    if (!is_quantised(tensor, array)) {
        return raw;
    }
    uint32_t c = channel_of(tensor, i);
    return (raw - tensor->zero_points[c]) * (double)tensor->scales[c];
}

double utvm_tensor_quantise(const struct utvm_tensor *tensor, const struct utvm_array *array,
                            uint64_t i, double real)
{
    if (!is_quantised(tensor, array)) {
        return real;
    }
    uint32_t c = channel_of(tensor, i);
    double raw = round(real / (double)tensor->scales[c]) + tensor->zero_points[c];
    double lowest = 0;
    double highest = 0;
    if (isnan(raw) || !utvm_dtype_range(array->dtype, &lowest, &highest)) {
        return 0;
    }
    return raw < lowest ? lowest : raw > highest ? highest : raw;
}

double utvm_saturated_share(const struct utvm_array *array)
{
    double lowest = 0;
    double highest = 0;
    if (array->dtype == UTVM_DTYPE_BOOL || array->num_elems == 0 ||
        !utvm_dtype_range(array->dtype, &lowest, &highest)) {
        return 0;
    }
    uint64_t count = 0;
    for (uint64_t i = 0; i < array->num_elems; i++) {
        double value = utvm_array_get(array, i);
        count += value <= lowest || value >= highest;
    }
    return (double)count / (double)array->num_elems;
}

/** Mean and deviation in one pass. Source: Welford, Technometrics 4 (1962). */
struct moments {
    uint64_t count;
    double mean;
    double squares;
    double min;
    double max;
};

static void add_value(struct moments *m, double value)
{
    if (m->count == 0 || value < m->min) {
        m->min = value;
    }
    if (m->count == 0 || value > m->max) {
        m->max = value;
    }
    m->count++;
    double delta = value - m->mean;
    m->mean += delta / (double)m->count;
    m->squares += delta * (value - m->mean);
}

static double deviation(const struct moments *m)
{
    return m->count ? sqrt(m->squares / (double)m->count) : NAN;
}

void utvm_stats_compute(const struct utvm_tensor *tensor, const struct utvm_array *array,
                        struct utvm_stats *ret)
{
    struct utvm_stats s = {.num_elems = array->num_elems};
    double lowest = 0;
    double highest = 0;
    bool is_integer = utvm_dtype_range(array->dtype, &lowest, &highest);
    struct moments raw = {0};
    struct moments real = {0};
    bool positive = false;
    bool negative = false;
    for (uint64_t i = 0; i < array->num_elems; i++) {
        double value = utvm_array_get(array, i);
        double real_value = utvm_tensor_real(tensor, array, i);
        s.num_nan += isnan(value) != 0;
        s.num_infinite += isinf(value) != 0;
        s.num_zero += real_value == 0;
        s.num_low += is_integer && value <= lowest;
        s.num_high += is_integer && value >= highest;
        positive = positive || (isinf(value) && value > 0);
        negative = negative || (isinf(value) && value < 0);
        if (isfinite(value)) {
            add_value(&raw, value);
            add_value(&real, real_value);
        }
    }
    s.min = negative ? -(double)INFINITY : raw.count ? raw.min : positive ? INFINITY : NAN;
    s.max = positive ? (double)INFINITY : raw.count ? raw.max : negative ? -INFINITY : NAN;
    s.mean = raw.count ? raw.mean : (double)NAN;
    s.std = deviation(&raw);
    s.real_min = real.count && !negative ? real.min : s.min;
    s.real_max = real.count && !positive ? real.max : s.max;
    s.real_mean = real.count ? real.mean : (double)NAN;
    s.real_std = deviation(&real);
    *ret = s;
}

struct utvm_document *utvm_stats_document(const struct utvm_tensor *tensor,
                                          const struct utvm_array *array)
{
    struct utvm_stats s;
    utvm_stats_compute(tensor, array, &s);
    struct utvm_document *doc = utvm_document_create("stats");
    char shape[UTVM_SHAPE_TEXT_BYTES];
    utvm_shape_text(array->rank, array->dims, shape, sizeof(shape));
    if (tensor) {
        utvm_document_fact_text(doc, NULL, "tensor", "tensor", "%s", tensor->name);
    }
    utvm_document_fact_text(doc, NULL, "dtype", "type", "%s", utvm_dtype_name(array->dtype));
    utvm_document_fact_text(doc, NULL, "shape", "shape", "%s", shape);
    const struct {
        const char *key;
        const char *title;
        double value;
    } reals[] = {
        {"min", "min (raw)", s.min},
        {"max", "max (raw)", s.max},
        {"mean", "mean (raw)", s.mean},
        {"std", "std (raw)", s.std},
        {"real_min", "min (real)", s.real_min},
        {"real_max", "max (real)", s.real_max},
        {"real_mean", "mean (real)", s.real_mean},
        {"real_std", "std (real)", s.real_std},
    };
    bool quantised = is_quantised(tensor, array);
    for (size_t i = 0; i < (quantised ? 8u : 4u); i++) {
        utvm_document_fact_number(doc, NULL, reals[i].key, reals[i].title, UTVM_CELL_REAL,
                                  reals[i].value);
    }
    utvm_document_fact_number(doc, NULL, "num_elems", "elements", UTVM_CELL_INT,
                              (double)s.num_elems);
    utvm_document_fact_number(doc, NULL, "num_zero", "zeros", UTVM_CELL_INT, (double)s.num_zero);
    if (array->dtype == UTVM_DTYPE_FLOAT32) {
        utvm_document_fact_number(doc, NULL, "num_nan", "NaN", UTVM_CELL_INT, (double)s.num_nan);
        utvm_document_fact_number(doc, NULL, "num_infinite", "infinite", UTVM_CELL_INT,
                                  (double)s.num_infinite);
    } else {
        utvm_document_fact_number(doc, NULL, "num_low", "saturated low", UTVM_CELL_INT,
                                  (double)s.num_low);
        utvm_document_fact_number(doc, NULL, "num_high", "saturated high", UTVM_CELL_INT,
                                  (double)s.num_high);
        utvm_document_fact_number(doc, NULL, "saturated", "saturated", UTVM_CELL_PERCENT,
                                  utvm_saturated_share(array));
    }
    return doc;
}

void utvm_histogram_compute(const struct utvm_array *array, uint32_t num_bins,
                            struct utvm_histogram *ret)
{
    UTVM_ASSERT(num_bins >= 1 && num_bins <= UTVM_MAX_BINS);
    struct moments range = {0};
    for (uint64_t i = 0; i < array->num_elems; i++) {
        double value = utvm_array_get(array, i);
        if (isfinite(value)) {
            add_value(&range, value);
        }
    }
    memset(ret, 0, sizeof(*ret));
    ret->num_bins = num_bins;
    ret->low = range.min;
    ret->high = range.max;
    double width = (range.max - range.min) / num_bins;
    if (array->dtype != UTVM_DTYPE_FLOAT32) {
        width = ceil((range.max - range.min + 1) / num_bins);
        ret->num_bins = (uint32_t)ceil((range.max - range.min + 1) / width);
        ret->high = ret->low + width * ret->num_bins - 1;
        ret->whole = true;
    }
    for (uint64_t i = 0; i < array->num_elems; i++) {
        double value = utvm_array_get(array, i);
        if (!isfinite(value)) {
            continue;
        }
        double place = width > 0 ? floor((value - ret->low) / width) : 0;
        uint32_t bin = place < ret->num_bins ? (uint32_t)place : ret->num_bins - 1;
        ret->bins[bin]++;
    }
}

struct utvm_document *utvm_histogram_document(const struct utvm_histogram *histogram)
{
    static const struct utvm_column columns[] = {
        {"low", "from", UTVM_CELL_REAL, false},   {"high", "to", UTVM_CELL_REAL, false},
        {"count", "count", UTVM_CELL_INT, false}, {"share", "share", UTVM_CELL_PERCENT, false},
        {"bar", "", UTVM_CELL_TEXT, false},
    };
    enum {
        BAR = 40
    };
    struct utvm_document *doc = utvm_document_create("histogram");
    struct utvm_table *table =
        utvm_document_table(doc, "bins", NULL, columns, sizeof(columns) / sizeof(columns[0]));
    uint64_t total = 0;
    uint64_t most = 0;
    for (uint32_t i = 0; i < histogram->num_bins; i++) {
        total += histogram->bins[i];
        most = histogram->bins[i] > most ? histogram->bins[i] : most;
    }
    double extent = histogram->high - histogram->low + (histogram->whole ? 1 : 0);
    double width = extent / histogram->num_bins;
    for (uint32_t i = 0; i < histogram->num_bins; i++) {
        char bar[BAR + 1] = "";
        size_t length = most ? (size_t)((histogram->bins[i] * BAR + most / 2) / most) : 0;
        memset(bar, '#', length);
        bar[length] = '\0';
        utvm_table_row(table);
        utvm_table_real(table, histogram->low + width * i);
        utvm_table_real(table, histogram->low + width * (i + 1) - (histogram->whole ? 1 : 0));
        utvm_table_int(table, (int64_t)histogram->bins[i]);
        utvm_table_real(table, total ? (double)histogram->bins[i] / (double)total : 0);
        utvm_table_text(table, "%s", bar);
    }
    return doc;
}
