// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <math.h>

#include "repl/human.h"
#include "repl/render/render.h"

void utvm_histogram_compute(const struct utvm_tensor *tensor, const struct utvm_array *array,
                            const struct utvm_slice *slice, uint32_t num_bins,
                            struct utvm_histogram *ret)
{
    struct utvm_stats stats;
    utvm_stats_compute(tensor, array, slice, &stats);
    struct utvm_histogram h = {.low = stats.min, .high = stats.max, .num_bins = num_bins};
    // Infinities would make every bin infinitely wide.
    h.low = isinf(h.low) ? -3.4e38 : h.low;
    h.high = isinf(h.high) ? 3.4e38 : h.high;
    double span = h.high - h.low;
    for (uint64_t i = 0; i < slice->num_elems; i++) {
        uint64_t flat = utvm_slice_flat(slice, i);
        double value = utvm_tensor_real(tensor, flat, utvm_array_get(array, flat));
        if (isnan(value)) {
            continue;
        }
        double place = span > 0 ? (value - h.low) / span * num_bins : 0;
        place = fmin(fmax(place, 0), num_bins - 1.0);
        uint64_t count = ++h.counts[(uint32_t)place];
        h.most = count > h.most ? count : h.most;
    }
    *ret = h;
}

void utvm_histogram_draw(FILE *out, const struct utvm_histogram *h, unsigned width)
{
    unsigned room = (width ? width : 80) > 50 ? (width ? width : 80) - 40 : 10;
    double step = (h->high - h->low) / h->num_bins;
    for (uint32_t i = 0; i < h->num_bins; i++) {
        char count[32];
        fprintf(out, "%11.4g … %-11.4g %10s ", h->low + i * step, h->low + (i + 1) * step,
                utvm_human_count(h->counts[i], count));
        unsigned bar =
            h->most ? (unsigned)((double)h->counts[i] / (double)h->most * room + 0.5) : 0;
        for (unsigned k = 0; k < bar; k++) {
            fputc('#', out);
        }
        fputc('\n', out);
    }
}
