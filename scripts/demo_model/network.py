# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
"""The demo model's layers in float32, forwards and backwards.

The topology is the CIFAR-10 network of CMSIS-NN and of the microTVM work: three 5x5 convolutions of 32, 32 and 64
channels, each with a 3x3 pooling of stride 2, and one fully connected layer. Its ReLU after the first max-pool stands
in front of it here: the two commute, and the convolution's int8 output then needs no range for negative values.
Activations are [N, H, W, C], convolution weights [out, 5, 5, in], dense weights [out, in]. Padding is TFLite's SAME:
the odd row and column of zeros stand below and to the right.
"""
import numpy as np

KERNEL = 5
POOL, POOL_STRIDE = 3, 2
CONVOLUTIONS = (("conv1", 3, 32, "max"), ("conv2", 32, 32, "average"), ("conv3", 32, 64, "average"))
CLASSES = 10
FLAT = 4 * 4 * 64


def initial_parameters(rng):
    """He's initialisation. Returns {name: float32 array}."""
    params = {}
    for name, fan_in, fan_out, _ in CONVOLUTIONS:
        deviation = np.sqrt(2.0 / (KERNEL * KERNEL * fan_in))
        shape = (fan_out, KERNEL, KERNEL, fan_in)
        params[name + "_weights"] = (rng.standard_normal(shape) * deviation).astype(np.float32)
        params[name + "_bias"] = np.zeros(fan_out, np.float32)
    params["fc_weights"] = (rng.standard_normal((CLASSES, FLAT)) * np.sqrt(1.0 / FLAT)).astype(np.float32)
    params["fc_bias"] = np.zeros(CLASSES, np.float32)
    return params


def _columns(x):
    """[N, H, W, C] to [N*H*W, 5*5*C]: each output pixel's receptive field as a row."""
    n, height, width, channels = x.shape
    pad = KERNEL // 2
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    cols = np.empty((n, height, width, KERNEL, KERNEL, channels), np.float32)
    for i in range(KERNEL):
        for j in range(KERNEL):
            cols[:, :, :, i, j] = padded[:, i:i + height, j:j + width]
    return cols.reshape(n * height * width, -1)


def convolve(x, weights, bias):
    """Returns the convolution before its activation, and the columns for the way back."""
    cols = _columns(x)
    out = cols @ weights.reshape(len(weights), -1).T + bias
    return out.reshape(x.shape[:3] + (len(weights),)), cols


def _convolve_back(gradient, cols, weights, x_shape):
    """Returns the gradients of weights, bias and input (None where x_shape is None)."""
    flat = gradient.reshape(-1, len(weights))
    d_weights = (flat.T @ cols).reshape(weights.shape)
    if x_shape is None:
        return d_weights, flat.sum(axis=0), None
    n, height, width, channels = x_shape
    d_cols = (flat @ weights.reshape(len(weights), -1)).reshape(n, height, width, KERNEL, KERNEL, channels)
    pad = KERNEL // 2
    d_x = np.zeros((n, height + 2 * pad, width + 2 * pad, channels), np.float32)
    for i in range(KERNEL):
        for j in range(KERNEL):
            d_x[:, i:i + height, j:j + width] += d_cols[:, :, :, i, j]
    return d_weights, flat.sum(axis=0), d_x[:, pad:-pad, pad:-pad]


def _pool_views(padded, side):
    """The nine shifted views of a padded [N, H, W, C] that a 3x3 pooling of stride 2 combines."""
    for i in range(POOL):
        for j in range(POOL):
            yield padded[:, i:i + POOL_STRIDE * side:POOL_STRIDE, j:j + POOL_STRIDE * side:POOL_STRIDE]


def _pool_counts(side):
    """How many elements inside the input each average covers: padding does not count. [1, H, W, 1]"""
    line = np.minimum(np.arange(side) * POOL_STRIDE + POOL, side * POOL_STRIDE) - np.arange(side) * POOL_STRIDE
    return np.outer(line, line).astype(np.float32)[None, :, :, None]


def _padded(x, value):
    return np.pad(x, ((0, 0), (0, 1), (0, 1), (0, 0)), constant_values=value)


def pool(x, kind):
    """3x3 pooling, stride 2, SAME, of an input with even sides."""
    side = x.shape[1] // POOL_STRIDE
    if kind == "max":
        return np.maximum.reduce(list(_pool_views(_padded(x, -np.inf), side)))
    return sum(_pool_views(_padded(x, 0), side)) / _pool_counts(side)


def _pool_back(gradient, x, out, kind):
    side = out.shape[1]
    d_padded = np.zeros_like(_padded(x, 0))
    if kind == "average":
        share = gradient / _pool_counts(side)
        for view in _pool_views(d_padded, side):
            view += share
    else:
        left = gradient.copy()  # the first element that equals the maximum takes it all
        for view, source in zip(_pool_views(d_padded, side), _pool_views(_padded(x, -np.inf), side)):
            hit = source == out
            view += np.where(hit, left, 0)
            left[hit] = 0
    return d_padded[:, :-1, :-1]


def as_input(pixels):
    """uint8 pixels to the network's real input, 0..1."""
    return pixels.astype(np.float32) / np.float32(255)


def forward(params, x):
    """Returns every layer's output by name; 'fc' holds the logits. `x`: as_input(pixels)."""
    outputs = {"input": x}
    for number, (name, _, _, kind) in enumerate(CONVOLUTIONS, 1):
        out, outputs[name + "_columns"] = convolve(x, params[name + "_weights"], params[name + "_bias"])
        outputs[name] = np.maximum(out, 0)
        x = outputs[f"pool{number}"] = pool(outputs[name], kind)
    outputs["flatten"] = x.reshape(len(x), -1)
    outputs["fc"] = outputs["flatten"] @ params["fc_weights"].T + params["fc_bias"]
    return outputs


def backward(params, outputs, d_logits):
    """Returns {name: gradient} for every parameter."""
    gradients = {"fc_weights": d_logits.T @ outputs["flatten"], "fc_bias": d_logits.sum(axis=0)}
    gradient = (d_logits @ params["fc_weights"]).reshape(outputs["pool3"].shape)
    for number in (3, 2, 1):
        name, _, _, kind = CONVOLUTIONS[number - 1]
        gradient = _pool_back(gradient, outputs[name], outputs[f"pool{number}"], kind)
        gradient *= outputs[name] > 0
        x_shape = outputs[f"pool{number - 1}"].shape if number > 1 else None
        gradients[name + "_weights"], gradients[name + "_bias"], gradient = _convolve_back(
            gradient, outputs[name + "_columns"], params[name + "_weights"], x_shape)
    return gradients


def classify(params, pixels, batch=100):
    """Returns the class of each uint8 image."""
    return np.concatenate([forward(params, as_input(pixels[i:i + batch]))["fc"].argmax(axis=1)
                           for i in range(0, len(pixels), batch)])
