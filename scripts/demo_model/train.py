#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
"""Trains the demo model in float32 and writes its parameters, rounded to float16.

Everything random is seeded. The float sums depend on the BLAS library and on the processor it chose its kernels for,
so a repeated training gives the same bits on the same machine and about the same network elsewhere.
"""
import argparse
import time

import numpy as np

import draw
import network
import npz

BATCH = 50
RATE = 2e-3
DECAY = 1e-4  # of the weights, decoupled from the gradient
SEED = 20200
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def loss_and_gradient(logits, labels):
    """Softmax cross-entropy, mean over the batch."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    e = np.exp(shifted)
    p = e / e.sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    loss = -np.log(p[rows, labels] + 1e-12).mean()
    p[rows, labels] -= 1
    return loss, p / np.float32(len(labels))


def _varied(rng, pixels):
    """Mirrors a batch and permutes its colours: no class depends on either."""
    flip_y, flip_x = (slice(None, None, 1 - 2 * rng.randint(2)) for _ in range(2))
    return pixels[:, flip_y, flip_x][..., rng.permutation(3)]


class Adam:
    """Adam with decoupled weight decay."""

    def __init__(self, params):
        self.mean = {k: np.zeros_like(v) for k, v in params.items()}
        self.square = {k: np.zeros_like(v) for k, v in params.items()}
        self.steps = 0

    def step(self, params, gradients, rate):
        self.steps += 1
        correct1, correct2 = 1 - BETA1 ** self.steps, 1 - BETA2 ** self.steps
        for name, gradient in gradients.items():
            self.mean[name] += np.float32(1 - BETA1) * (gradient - self.mean[name])
            self.square[name] += np.float32(1 - BETA2) * (gradient * gradient - self.square[name])
            move = self.mean[name] / (np.sqrt(self.square[name]) / np.float32(np.sqrt(correct2)) + np.float32(EPSILON))
            params[name] -= np.float32(rate / correct1) * move
            if name.endswith("_weights"):
                params[name] *= np.float32(1 - rate * DECAY)


def train(count, epochs):
    """Returns the parameters after `epochs` passes over `count` training images."""
    rng = np.random.RandomState(SEED)
    start = time.monotonic()
    pixels, labels = draw.images(draw.TRAIN_SEED, count)
    print(f"drew {count} images in {time.monotonic() - start:.0f} s", flush=True)
    params = network.initial_parameters(rng)
    adam = Adam(params)
    batches = count // BATCH
    for epoch in range(epochs):
        order = rng.permutation(count)
        losses = []
        for b in range(batches):
            chosen = order[b * BATCH:(b + 1) * BATCH]
            outputs = network.forward(params, network.as_input(_varied(rng, pixels[chosen])))
            loss, d_logits = loss_and_gradient(outputs["fc"], labels[chosen])
            progress = (epoch + b / batches) / epochs
            adam.step(params, network.backward(params, outputs, d_logits), RATE * 0.5 * (1 + np.cos(np.pi * progress)))
            losses.append(loss)
            if b % 40 == 39:
                print(f"epoch {epoch + 1}/{epochs} batch {b + 1}/{batches} loss {np.mean(losses[-40:]):.4f} "
                      f"at {time.monotonic() - start:.0f} s", flush=True)
    return params


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=20000)
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("output", help="the parameters, .npz")
    args = parser.parse_args()
    params = train(args.images, args.epochs)
    half = {name: value.astype(np.float16) for name, value in params.items()}
    npz.write(args.output, half)
    pixels, labels = draw.images(draw.TEST_SEED, 1000)
    right = (network.classify({k: v.astype(np.float32) for k, v in half.items()}, pixels) == labels).mean()
    print(f"{right:.2%} of 1000 unseen images right")


if __name__ == "__main__":
    main()
