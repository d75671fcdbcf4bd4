# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
"""Draws the demo model's images: 32x32 RGB, ten classes of shapes and textures.

Image i of the set `seed` depends on (seed, i) alone. Bits are the same on every machine: the numbers come from
numpy's RandomState, whose stream is frozen, and the pixels from operations that IEEE 754 rounds exactly (no array
sine, exponential or normal deviate, whose last bit depends on the processor).
"""
import hashlib
import math

import numpy as np

LABELS = ("disc", "ring", "square", "triangle", "cross", "star", "hstripes", "vstripes", "checker", "dots")
TEXTURES = ("hstripes", "vstripes", "checker", "dots")
SIDE = 32
FINE = 3  # samples per pixel and axis, for smooth edges
MIN_CONTRAST = 55.0  # least distance of foreground and background in luminance

TRAIN_SEED, CALIBRATION_SEED, TEST_SEED, EXAMPLE_SEED = 1, 2, 3, 4

_AXIS = (np.arange(SIDE * FINE) + 0.5) / FINE - SIDE / 2
_X = np.tile(_AXIS, (SIDE * FINE, 1))
_Y = _X.T


def label_of(index):
    """Classes take turns, so every set is balanced."""
    return index % len(LABELS)


def _uniform(rng, low, high):
    return low + (high - low) * rng.random_sample()


def _half_planes(x, y, count):
    """Distances along `count` directions, evenly spread around the circle."""
    for k in range(count):
        angle = 2 * math.pi * k / count
        yield x * math.cos(angle) + y * math.sin(angle)


def _shape_mask(rng, label, x, y):
    """x, y: coordinates in units of the shape's radius. Returns a boolean mask."""
    if label == "disc":
        return x * x + y * y < 0.81
    if label == "ring":
        inner = _uniform(rng, 0.5, 0.68)
        square = x * x + y * y
        return (square < 1) & (square > inner * inner)
    if label == "square":
        return np.maximum(abs(x), abs(y)) < 0.8
    if label == "triangle":
        return np.maximum.reduce(list(_half_planes(x, y, 3))) < 0.55
    if label == "cross":
        arm = _uniform(rng, 0.2, 0.33)
        return np.minimum(np.maximum(abs(x) / arm, abs(y)), np.maximum(abs(y) / arm, abs(x))) < 1
    # A pentagram: the points that lie inside at least four of its five sides.
    inside = sum((d < 0.34).astype(np.int8) for d in _half_planes(x, y, 5))
    return inside >= 4


def _texture_mask(rng, label, x, y):
    """x, y: coordinates in pixels. Returns a boolean mask."""
    if label in ("hstripes", "vstripes"):
        period = _uniform(rng, 4.0, 10.0)
        along = (y if label == "hstripes" else x) / period + rng.random_sample()
        return along - np.floor(along) < _uniform(rng, 0.35, 0.65)
    pitch = _uniform(rng, 3.5, 7.5) if label == "checker" else _uniform(rng, 5.5, 9.0)
    u, v = x / pitch + rng.random_sample(), y / pitch + rng.random_sample()
    if label == "checker":
        return (np.floor(u) + np.floor(v)) % 2 == 0
    u, v = u - np.floor(u) - 0.5, v - np.floor(v) - 0.5
    radius = _uniform(rng, 0.26, 0.38)
    return u * u + v * v < radius * radius


def _rotated(rng, max_degrees, x, y):
    angle = math.radians(_uniform(rng, -max_degrees, max_degrees))
    c, s = math.cos(angle), math.sin(angle)
    return c * x + s * y, c * y - s * x


def _mask(rng, label):
    stretch = _uniform(rng, 0.85, 1.15)
    if label in TEXTURES:
        x, y = _rotated(rng, 15, _X, _Y)
        return _texture_mask(rng, label, x * stretch, y / stretch)
    radius = _uniform(rng, 8.0, 14.0)
    room = max(15.5 - radius, 2.0)
    cx, cy = _uniform(rng, -room, room), _uniform(rng, -room, room)
    x, y = _rotated(rng, 180, _X - cx, _Y - cy)
    return _shape_mask(rng, label, x * stretch / radius, y / stretch / radius)


def _luminance(colour):
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]


def _two_colours(rng):
    """Foreground and background that a human can tell apart."""
    while True:
        a, b = 255 * rng.random_sample(3), 255 * rng.random_sample(3)
        if abs(_luminance(a) - _luminance(b)) >= MIN_CONTRAST:
            return a, b


def _scratch(rng, canvas):
    """A thin line of any colour across the picture: something to overlook."""
    angle = _uniform(rng, 0, math.pi)
    offset = _uniform(rng, -14, 14)
    distance = _X * math.cos(angle) + _Y * math.sin(angle) - offset
    canvas[abs(distance) < _uniform(rng, 0.3, 0.9)] = 255 * rng.random_sample(3)


def image(seed, index):
    """Returns image `index` of set `seed`: uint8 [32, 32, 3]."""
    rng = np.random.RandomState([seed, index])
    label = LABELS[label_of(index)]
    foreground, background = _two_colours(rng)
    mask = _mask(rng, label)
    canvas = np.where(mask[:, :, None], foreground, background)
    if rng.random_sample() < 0.4:
        _scratch(rng, canvas)
    # Light falls off to one side.
    gx, gy = _uniform(rng, -1.5, 1.5), _uniform(rng, -1.5, 1.5)
    canvas += (gx * _X + gy * _Y)[:, :, None]
    pixels = canvas.reshape(SIDE, FINE, SIDE, FINE, 3).transpose(1, 3, 0, 2, 4)
    total = np.zeros((SIDE, SIDE, 3))
    for row in pixels:
        for sample in row:
            total += sample
    # The sum of four dice is nearly normal and, unlike a normal deviate, needs no logarithm.
    dice = rng.randint(-100, 101, size=(4, SIDE, SIDE, 3)).sum(axis=0)
    noisy = total / (FINE * FINE) + dice * (_uniform(rng, 4, 20) / 116.0)
    return np.clip(np.floor(noisy + 0.5), 0, 255).astype(np.uint8)


def images(seed, count):
    """Returns images 0..count-1 of a set and their labels: uint8 [count, 32, 32, 3], int64 [count]."""
    return (np.stack([image(seed, i) for i in range(count)]),
            np.array([label_of(i) for i in range(count)]))


def digest(seed, count):
    """A fingerprint of a set, to see that the drawing has not changed."""
    return hashlib.sha256(images(seed, count)[0].tobytes()).hexdigest()
