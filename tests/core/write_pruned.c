// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
//
// Writes tests/golden/pruned.tflite, the network of the golden scripts about constant channels:
//     write_pruned FILE
#include <stdio.h>
#include <stdlib.h>

#include "kernels/operator_list.h"
#include "net_writer.h"

int main(int argc, char **argv)
{
    static const bool half[16] = {1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
    static const bool all[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    static const struct net_filters first = {
        .count = 16, .size = 1, .zero = half, .zero_bias = 3000};
    static const struct net_filters second = {.count = 8, .size = 3, .zero = all, .zero_bias = 900};
    static const struct net_filters last = {.count = 4};
    struct net n;
    net_init(&n, false, 11, 6, 6, 3);
    int32_t shared = net_pool(&n, net_conv(&n, 0, &first), UTVM_OPERATOR_MAX_POOL_2D);
    struct net_filters live = second;
    live.zero = NULL;
    int32_t constant = net_conv(&n, shared, &second);
    int32_t sum = net_elementwise(&n, UTVM_OPERATOR_ADD, constant, net_conv(&n, shared, &live));
    int32_t output = net_softmax(&n, net_matrix(&n, net_flatten(&n, sum), &last));
    size_t size_bytes;
    uint8_t *bytes = net_bytes(&n, output, -1, &size_bytes);
    FILE *file = argc == 2 ? fopen(argv[1], "wb") : NULL;
    bool written = file && fwrite(bytes, 1, size_bytes, file) == size_bytes;
    if (!file || fclose(file) != 0 || !written) {
        fprintf(stderr, "usage: write_pruned FILE\n");
        return 1;
    }
    free(bytes);
    net_deinit(&n);
    return 0;
}
