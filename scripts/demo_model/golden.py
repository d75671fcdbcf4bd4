#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
"""Computes every layer of an int8 .tflite model in integers, as TFLite's reference kernels define them.

    golden.py MODEL.tflite IMAGE.png CASE.npz     compute an image's tensors and write them
    golden.py --check DIRECTORY                   compare with DIRECTORY/*.npz computed by TFLite Micro

A case holds `in_<i>`, the input tensor with TFLite index i, and `t<i>`, tensor i right after the operator that writes
it. This computation is independent of utvm and of the model's writer: it reads the file for itself.
Sources: TFLite's int8 reference kernels, default (double) rounding; gemmlowp's fixed-point functions.
"""
import argparse
import glob
import math
import os
import struct
import sys

import numpy as np

import npz
import png
import schema

INT8_MIN, INT8_MAX = -128, 127
INT32_MIN, INT32_MAX = -2**31, 2**31 - 1


class Table:
    """A FlatBuffer table at `place` of `data`. Fields are named as in `numbers`."""

    def __init__(self, data, place, numbers):
        self.data, self.place, self.numbers = data, place, numbers

    @staticmethod
    def root(data, numbers):
        if data[4:8] != schema.IDENTIFIER:
            raise ValueError("not a TFLite model: the identifier is missing")
        return Table(data, struct.unpack_from("<I", data, 0)[0], numbers)

    def _slot(self, name):
        vtable = self.place - struct.unpack_from("<i", self.data, self.place)[0]
        entry = 4 + 2 * self.numbers[name]
        if entry >= struct.unpack_from("<H", self.data, vtable)[0]:
            return 0
        offset = struct.unpack_from("<H", self.data, vtable + entry)[0]
        return self.place + offset if offset else 0

    def scalar(self, name, form, default=0):
        slot = self._slot(name)
        return struct.unpack_from("<" + form, self.data, slot)[0] if slot else default

    def _target(self, name):
        slot = self._slot(name)
        return slot + struct.unpack_from("<I", self.data, slot)[0] if slot else 0

    def table(self, name, numbers):
        place = self._target(name)
        return Table(self.data, place, numbers) if place else None

    def vector(self, name, dtype):
        place = self._target(name)
        if not place:
            return np.empty(0, dtype)
        return np.frombuffer(self.data, dtype, struct.unpack_from("<I", self.data, place)[0], place + 4)

    def tables(self, name, numbers):
        place = self._target(name)
        for i, offset in enumerate(self.vector(name, "<u4")):
            slot = place + 4 + 4 * i
            yield Table(self.data, slot + int(offset), numbers)


class Tensor:
    def __init__(self, table, buffers):
        self.name = table.vector("name", "u1").tobytes().decode()
        self.shape = tuple(int(n) for n in table.vector("shape", "<i4"))
        self.dtype = {schema.TYPE_INT8: "i1", schema.TYPE_INT32: "<i4"}.get(table.scalar("type", "b"))
        quantisation = table.table("quantization", schema.QUANTIZATION)
        self.scales = quantisation.vector("scale", "<f4") if quantisation else np.empty(0, "<f4")
        zero_points = quantisation.vector("zero_point", "<i8") if quantisation else ()
        self.zero_point = int(zero_points[0]) if len(zero_points) else 0
        data = buffers[table.scalar("buffer", "I")].vector("data", "u1")
        self.data = data.view(self.dtype).reshape(self.shape) if len(data) and self.dtype else None

    @property
    def scale(self):
        """The one scale of a tensor that has not several: float32."""
        return self.scales[0]


class Operator:
    def __init__(self, table, codes):
        code = codes[table.scalar("opcode_index", "I")]
        self.code = max(code.scalar("deprecated_builtin_code", "b"), code.scalar("builtin_code", "i"))
        self.inputs = [int(i) for i in table.vector("inputs", "<i4")]
        self.outputs = [int(i) for i in table.vector("outputs", "<i4")]
        numbers = schema.OPTIONS.get(self.code, (0, {}))[1]
        self.options = table.table("builtin_options", numbers)

    def option(self, name, form="i", default=0):
        return self.options.scalar(name, form, default) if self.options else default


class Model:
    def __init__(self, path):
        with open(path, "rb") as file:
            root = Table.root(file.read(), schema.MODEL)
        graph = next(root.tables("subgraphs", schema.SUBGRAPH))
        buffers = list(root.tables("buffers", schema.BUFFER))
        codes = list(root.tables("operator_codes", schema.OPERATOR_CODE))
        self.tensors = [Tensor(t, buffers) for t in graph.tables("tensors", schema.TENSOR)]
        self.operators = [Operator(o, codes) for o in graph.tables("operators", schema.OPERATOR)]
        self.inputs = [int(i) for i in graph.vector("inputs", "<i4")]
        self.outputs = [int(i) for i in graph.vector("outputs", "<i4")]


# ---- fixed point; arrays are int64 that hold int32 values

def quantise_multiplier(real):
    """Returns (int32 mantissa, power of two) of a double: real = mantissa / 2**31 * 2**power."""
    if real == 0:
        return 0, 0
    fraction, power = math.frexp(real)
    mantissa = math.floor(fraction * 2**31 + 0.5)
    if mantissa == 2**31:
        mantissa, power = mantissa // 2, power + 1
    return (0, 0) if power < -31 else (mantissa, power)


def doubling_high_mul(a, b):
    """SaturatingRoundingDoublingHighMul: a*b / 2**31, halves away from zero for a*b > 0, up for a*b < 0."""
    product = np.asarray(a, np.int64) * np.asarray(b, np.int64)
    nudged = product + np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    quotient = np.where(nudged >= 0, nudged >> 31, -((-nudged) >> 31))
    return np.minimum(quotient, INT32_MAX)  # only INT32_MIN * INT32_MIN exceeds it


def rounding_divide_by_pot(x, exponent):
    """x / 2**exponent, halves away from zero."""
    x = np.asarray(x, np.int64)
    exponent = np.asarray(exponent, np.int64)
    mask = (np.int64(1) << exponent) - 1
    threshold = (mask >> 1) + (x < 0)
    return (x >> exponent) + ((x & mask) > threshold)


def _fixed(real, fraction_bits):
    return math.floor(real * 2**fraction_bits + 0.5)


def _saturated(x):
    return np.clip(x, INT32_MIN, INT32_MAX)


def _as_int32(x):
    """What is left of x in 32 bits."""
    return np.asarray(x, np.int64).astype(np.int32).astype(np.int64)


def scale_down(x, multipliers):
    """MultiplyByQuantizedMultiplier; `multipliers`: (mantissas, powers), scalars or one per last axis."""
    mantissa, power = (np.asarray(part, np.int64) for part in multipliers)
    shifted = _as_int32(x << np.maximum(power, 0))
    return rounding_divide_by_pot(doubling_high_mul(shifted, mantissa), np.maximum(-power, 0))


def exp_of_negative(a):
    """exp(a) for a <= 0. a: 5 integer and 26 fraction bits; the result has 31 fraction bits."""
    quarter = 1 << 24
    within = (a & (quarter - 1)) - quarter  # in [-1/4, 0)
    # Taylor around -1/8.
    x = (within << 5) + (1 << 28)
    x2 = doubling_high_mul(x, x)
    x3 = doubling_high_mul(x2, x)
    x4_over_4 = rounding_divide_by_pot(doubling_high_mul(x2, x2), 2)
    tail = rounding_divide_by_pot(doubling_high_mul(x4_over_4 + x3, _fixed(1 / 3, 31)) + x2, 1)
    exp_minus_eighth = _fixed(math.exp(-1 / 8), 31)
    result = exp_minus_eighth + doubling_high_mul(exp_minus_eighth, x + tail)
    # The remaining quarters, bit by bit: exp(-2**k) for k = -2 .. 4.
    remainder = within - a
    for k in range(-2, 5):
        has_bit = (remainder >> (26 + k)) & 1 != 0
        result = np.where(has_bit, doubling_high_mul(result, _fixed(math.exp(-2.0**k), 31)), result)
    return np.where(a == 0, INT32_MAX, result)


def one_over_one_plus(x):
    """1 / (1 + x) for x in [0, 1), 31 fraction bits, by three steps of Newton's division."""
    total = x + INT32_MAX
    half_denominator = (total + 1) // 2  # total is never negative
    # 48/17 - 32/17 d, with 29 fraction bits.
    guess = _fixed(48 / 17, 29) + int(doubling_high_mul(half_denominator, _fixed(-32 / 17, 29)))
    for _ in range(3):
        rest = (1 << 29) - int(doubling_high_mul(half_denominator, guess))
        guess += int(_saturated(int(doubling_high_mul(guess, rest)) << 2))
    return int(_saturated(guess << 1))


# ---- operators; each takes the model, the operator and its inputs' values, and returns the output's value

def _limits(activation, output):
    """Least and greatest quantised value that a fused activation lets through."""
    def quantised(real):
        return output.zero_point + int(math.floor(real / np.float64(output.scale) + 0.5))
    low, high = {schema.ACTIVATION_NONE: (None, None), schema.ACTIVATION_RELU: (0, None),
                 schema.ACTIVATION_RELU6: (0, 6), schema.ACTIVATION_RELU_N1_TO_1: (-1, 1)}[activation]
    return (INT8_MIN if low is None else max(INT8_MIN, quantised(low)),
            INT8_MAX if high is None else min(INT8_MAX, quantised(high)))


def _clamped(values, operator, output):
    return np.clip(values, *_limits(operator.option("fused_activation_function", "b"), output)).astype(np.int8)


def _geometry(size, window, stride, dilation, padding):
    """Returns (output size, padding in front) along one axis."""
    reach = (window - 1) * dilation + 1
    if padding == schema.PADDING_VALID:
        return (size - reach + stride) // stride, 0
    out = (size + stride - 1) // stride
    return out, max((out - 1) * stride + reach - size, 0) // 2


def _windows(x, window, strides, dilations, padding):
    """Yields, per window element (i, j), the input value under it for each output pixel, and whether it is inside.

    The values are [N, out H, out W, C], those outside undefined; the flags [out H, out W].
    """
    outs, fronts = zip(*(_geometry(x.shape[1 + a], window[a], strides[a], dilations[a], padding) for a in (0, 1)))
    for i in range(window[0]):
        rows = np.arange(outs[0]) * strides[0] - fronts[0] + i * dilations[0]
        for j in range(window[1]):
            cols = np.arange(outs[1]) * strides[1] - fronts[1] + j * dilations[1]
            inside = np.outer((rows >= 0) & (rows < x.shape[1]), (cols >= 0) & (cols < x.shape[2]))
            yield i, j, x[:, np.clip(rows, 0, x.shape[1] - 1)][:, :, np.clip(cols, 0, x.shape[2] - 1)], inside


def conv_2d(model, operator, values):
    source, weights, output = (model.tensors[i] for i in (*operator.inputs[:2], operator.outputs[0]))
    x = values[0].astype(np.int64) - source.zero_point
    kernel = values[1].astype(np.int64)
    total = 0
    for i, j, under, inside in _windows(
            x, kernel.shape[1:3], (operator.option("stride_h"), operator.option("stride_w")),
            (operator.option("dilation_h_factor", default=1), operator.option("dilation_w_factor", default=1)),
            operator.option("padding", "b")):
        total = total + np.where(inside[:, :, None], under, 0) @ kernel[:, i, j].T
    if len(values) > 2:
        total = total + values[2]
    real = np.float64(source.scale) * weights.scales.astype(np.float64) / np.float64(output.scale)
    multipliers = np.array([quantise_multiplier(float(r)) for r in real]).T
    return _clamped(scale_down(total, multipliers) + output.zero_point, operator, output)


def fully_connected(model, operator, values):
    source, weights, output = (model.tensors[i] for i in (*operator.inputs[:2], operator.outputs[0]))
    kernel = values[1].astype(np.int64) - weights.zero_point
    x = values[0].astype(np.int64).reshape(-1, kernel.shape[1]) - source.zero_point
    total = x @ kernel.T
    if len(values) > 2:
        total = total + values[2]
    # The product of the scales is a float product here, unlike in a convolution.
    multiplier = quantise_multiplier(float(np.float64(source.scale * weights.scale) / np.float64(output.scale)))
    result = _clamped(scale_down(total, multiplier) + output.zero_point, operator, output)
    return result.reshape(output.shape)


def _pool_windows(operator, x):
    return _windows(x, (operator.option("filter_height"), operator.option("filter_width")),
                    (operator.option("stride_h"), operator.option("stride_w")), (1, 1),
                    operator.option("padding", "b"))


def max_pool_2d(model, operator, values):
    greatest = INT8_MIN
    for _, _, under, inside in _pool_windows(operator, values[0]):
        greatest = np.maximum(greatest, np.where(inside[:, :, None], under, INT8_MIN))
    return _clamped(greatest, operator, model.tensors[operator.outputs[0]])


def average_pool_2d(model, operator, values):
    total, count = 0, 0
    for _, _, under, inside in _pool_windows(operator, values[0].astype(np.int64)):
        total = total + np.where(inside[:, :, None], under, 0)
        count = count + inside[:, :, None].astype(np.int64)
    mean = np.sign(total) * ((np.abs(total) + count // 2) // count)  # halves away from zero
    return _clamped(mean, operator, model.tensors[operator.outputs[0]])


def reshape(model, operator, values):
    return values[0].reshape(model.tensors[operator.outputs[0]].shape)


def softmax(model, operator, values):
    source = model.tensors[operator.inputs[0]]
    beta = float(operator.option("beta", "f", 0.0))
    # Differences to the maximum get 5 integer bits.
    mantissa, power = quantise_multiplier(min(beta * float(source.scale) * 2**26, 2**31 - 1.0))
    least = -math.floor(31 * 2**26 / 2**power)
    rows = values[0].reshape(-1, values[0].shape[-1]).astype(np.int64)
    result = np.full(rows.shape, INT8_MIN, np.int64)
    for row, out in zip(rows, result):
        difference = row - row.max()
        counted = difference >= least
        exps = exp_of_negative(doubling_high_mul(difference[counted] << power, mantissa))
        total = int(rounding_divide_by_pot(exps, 12).sum())  # 12 integer bits
        headroom = 32 - total.bit_length()
        reciprocal = one_over_one_plus((total << headroom) - 2**31)
        quotient = rounding_divide_by_pot(doubling_high_mul(reciprocal, exps), 12 - headroom + 31 - 8)
        out[counted] = np.clip(quotient + INT8_MIN, INT8_MIN, INT8_MAX)
    return result.astype(np.int8).reshape(values[0].shape)


KERNELS = {schema.AVERAGE_POOL_2D: average_pool_2d, schema.CONV_2D: conv_2d,
           schema.FULLY_CONNECTED: fully_connected, schema.MAX_POOL_2D: max_pool_2d, schema.RESHAPE: reshape,
           schema.SOFTMAX: softmax}


def _computes(model, operator):
    """Whether every value that the operator touches is of a type this program knows."""
    ends = [model.tensors[operator.inputs[0]], model.tensors[operator.outputs[0]]]
    return operator.code in KERNELS and all(t.dtype == "i1" for t in ends)


def _run(model, operator, values):
    """values: {tensor index: array} of what has been computed."""
    inputs = [model.tensors[i].data if model.tensors[i].data is not None else values[i]
              for i in operator.inputs if i >= 0]
    return KERNELS[operator.code](model, operator, inputs)


def compute(model, image):
    """image: uint8 [H, W, C]. Returns the case: {key: array}."""
    start = model.inputs[0]
    values = {start: (image.astype(np.int16) - 128).astype(np.int8)[None]}
    case = {f"in_{start}": values[start]}
    for operator in model.operators:
        out = operator.outputs[0]
        values[out] = case[f"t{out}"] = _run(model, operator, values)
    return case


def check(directory):
    """Returns the number of unequal tensors; prints what was compared and what left out."""
    model = Model(os.path.join(directory, "model.tflite"))
    left_out = sum(not _computes(model, o) for o in model.operators)
    equal = unequal = 0
    for path in sorted(glob.glob(os.path.join(directory, "*.npz"))):
        with np.load(path) as case:
            values = {int(key.removeprefix("in_").removeprefix("t")): case[key] for key in case.files if key[0] in "it"}
            for operator in model.operators:
                if not _computes(model, operator):
                    continue
                out = operator.outputs[0]
                wrong = np.count_nonzero(_run(model, operator, values) != case[f"t{out}"])
                equal, unequal = equal + (wrong == 0), unequal + (wrong != 0)
                if wrong:
                    print(f"{path}: t{out} of operator {operator.code}: {wrong} elements differ")
    print(f"{directory}: {equal} tensors equal, {unequal} unequal; "
          f"{left_out} of {len(model.operators)} operators are not computed here")
    return unequal


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="append", metavar="DIRECTORY", help="compare with a directory of cases")
    parser.add_argument("files", nargs="*", metavar="MODEL IMAGE CASE")
    args = parser.parse_args()
    if args.check and not args.files:
        return 1 if sum(check(d) for d in args.check) else 0
    if args.check or len(args.files) != 3:
        parser.error("give MODEL.tflite IMAGE.png CASE.npz, or --check DIRECTORY")
    npz.write(args.files[2], compute(Model(args.files[0]), png.read(args.files[1])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
