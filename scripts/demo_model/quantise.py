#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
"""Turns the trained float parameters into an int8 .tflite model, the way TFLite's post-training quantisation does.

Source: TensorFlow Lite 8-bit quantization specification. Activations are asymmetric per tensor, from the range seen on
calibration images; convolution weights symmetric per output channel, dense weights symmetric per tensor; biases int32
at the scale of the products; pooling and reshape keep their input's quantisation; softmax gives 1/256 and -128.
"""
import argparse

import numpy as np

import draw
import network
import write_tflite
from schema import (ACTIVATION_NONE, ACTIVATION_RELU, AVERAGE_POOL_2D, CONV_2D, FULLY_CONNECTED, MAX_POOL_2D,
                    PADDING_SAME, RESHAPE, SOFTMAX)
from write_tflite import Operator, Tensor

CALIBRATION_IMAGES = 500
# Ranges are rounded outwards to a multiple of this, so that the last bits of a BLAS's sums change nothing.
RANGE_STEP = 1 / 64


def _round(x):
    """To the nearest, halves away from zero."""
    return np.sign(x) * np.floor(np.abs(x) + 0.5)


def _ranges(params):
    """Returns {layer: (least, greatest)} over the calibration images."""
    seen = {}
    pixels, _ = draw.images(draw.CALIBRATION_SEED, CALIBRATION_IMAGES)
    for i in range(0, CALIBRATION_IMAGES, 100):
        outputs = network.forward(params, network.as_input(pixels[i:i + 100]))
        for name in ("conv1", "conv2", "conv3", "fc"):
            low, high = seen.get(name, (0, 0))
            seen[name] = min(low, outputs[name].min()), max(high, outputs[name].max())
    return {name: (np.floor(low / RANGE_STEP) * RANGE_STEP, np.ceil(high / RANGE_STEP) * RANGE_STEP)
            for name, (low, high) in seen.items()}


def _activation(low, high):
    """Returns (float32 scale [1], zero point) of a range that holds zero."""
    scale = np.float32((high - low) / 255)
    return np.array([scale]), int(np.clip(_round(-128 - low / np.float64(scale)), -128, 127))


def _weights(name, values, per_channel):
    """Returns the int8 tensor of symmetric weights, +-127 at most; channels along axis 0."""
    rows = values.reshape(len(values) if per_channel else 1, -1).astype(np.float64)
    scale = (np.abs(rows).max(axis=1) / 127).astype(np.float32)
    quantised = np.clip(_round(rows / scale[:, None].astype(np.float64)), -127, 127)
    return Tensor(name, values.shape, scale, 0, 0, quantised.reshape(values.shape).astype(np.int8))


def _bias(name, values, input_scale, weights):
    scale = (input_scale.astype(np.float64) * weights.scale.astype(np.float64)).astype(np.float32)
    quantised = _round(values.astype(np.float64) / scale.astype(np.float64)).astype(np.int32)
    return Tensor(name, values.shape, scale, 0, 0, quantised)


CONV_OPTIONS = {"padding": ("b", PADDING_SAME), "stride_w": ("i", 1), "stride_h": ("i", 1),
                "fused_activation_function": ("b", ACTIVATION_RELU),
                "dilation_w_factor": ("i", 1), "dilation_h_factor": ("i", 1)}
POOL_OPTIONS = {"padding": ("b", PADDING_SAME), "stride_w": ("i", network.POOL_STRIDE),
                "stride_h": ("i", network.POOL_STRIDE), "filter_width": ("i", network.POOL),
                "filter_height": ("i", network.POOL), "fused_activation_function": ("b", ACTIVATION_NONE)}


def quantise(params):
    """params: {name: float32 array}. Returns the .tflite file's bytes."""
    ranges = _ranges(params)
    activations = [Tensor("input", (1, 32, 32, 3), np.array([1 / 255], np.float32), -128)]
    constants, operators = [], []
    side = draw.SIDE
    for number, (name, _, channels, kind) in enumerate(network.CONVOLUTIONS, 1):
        source, pooled = activations[-1], f"pool{number}"
        scale, zero_point = _activation(*ranges[name])
        weights = _weights(name + "_weights", params[name + "_weights"], per_channel=True)
        constants += [weights, _bias(name + "_bias", params[name + "_bias"], source.scale, weights)]
        activations += [Tensor(name, (1, side, side, channels), scale, zero_point),
                        Tensor(pooled, (1, side // 2, side // 2, channels), scale, zero_point)]
        operators += [Operator(CONV_2D, 3, [source.name, name + "_weights", name + "_bias"], [name], CONV_OPTIONS),
                      Operator(MAX_POOL_2D if kind == "max" else AVERAGE_POOL_2D, 2, [name], [pooled], POOL_OPTIONS)]
        side //= 2
    pooled = activations[-1]
    scale, zero_point = _activation(*ranges["fc"])
    weights = _weights("fc_weights", params["fc_weights"], per_channel=False)
    flat_shape = np.array([1, network.FLAT], np.int32)
    activations += [Tensor("flatten", (1, network.FLAT), pooled.scale, pooled.zero_point),
                    Tensor("fc", (1, network.CLASSES), scale, zero_point),
                    Tensor("softmax", (1, network.CLASSES), np.array([1 / 256], np.float32), -128)]
    constants += [weights, _bias("fc_bias", params["fc_bias"], pooled.scale, weights),
                  Tensor("flatten_shape", (2,), data=flat_shape)]
    operators += [
        Operator(RESHAPE, 1, [pooled.name, "flatten_shape"], ["flatten"], {"new_shape": write_tflite.ints(flat_shape)}),
        Operator(FULLY_CONNECTED, 4, ["flatten", "fc_weights", "fc_bias"], ["fc"],
                 {"fused_activation_function": ("b", ACTIVATION_NONE)}),
        Operator(SOFTMAX, 2, ["fc"], ["softmax"], {"beta": ("f", 1.0)})]
    description = "utvm demo: ten kinds of shapes and textures, int8. Classes: " + " ".join(draw.LABELS)
    return write_tflite.model_bytes(description, activations + constants, operators, ["input"], ["softmax"])


def load_parameters(path):
    with np.load(path) as archive:
        return {name: archive[name].astype(np.float32) for name in archive.files}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", help="what train.py wrote, .npz")
    parser.add_argument("output", help="the model, .tflite")
    args = parser.parse_args()
    data = quantise(load_parameters(args.weights))
    with open(args.output, "wb") as file:
        file.write(data)
    print(f"{args.output}: {len(data)} bytes")


if __name__ == "__main__":
    main()
