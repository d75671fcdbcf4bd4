#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
"""Writes what is shipped beside the model: labelled images, golden cases, labels.txt and results.json.

The images are the first of their set, right or wrong: nobody has picked them.
"""
import glob
import json
import os

import numpy as np

import draw
import golden
import network
import npz
import png
import quantise

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL = os.path.join(HERE, "demo.tflite")
WEIGHTS = os.path.join(HERE, "weights.npz")
RESULTS = os.path.join(HERE, "results.json")
EXAMPLES = 20
GOLDEN_CASES = (1, 5, 18)  # a shape with a hole, one with corners, a texture
TEST_IMAGES = 2000


def name_of(index):
    return f"{index:02d}_{draw.LABELS[draw.label_of(index)]}"


def image_path(index):
    return os.path.join(HERE, "images", name_of(index) + ".png")


def golden_path(index):
    return os.path.join(HERE, "golden", name_of(index) + ".npz")


def int8_class(model, image):
    """The class that the int8 model gives an image: the first of equal maxima."""
    return int(golden.compute(model, image)[f"t{model.outputs[0]}"].argmax())


def _remove_old():
    for pattern in ("images/*.png", "golden/*.npz"):
        for path in glob.glob(os.path.join(HERE, pattern)):
            os.remove(path)


def _write_examples(model):
    """Returns the names of the examples that the int8 model gets wrong."""
    _remove_old()
    wrong = []
    for index in range(EXAMPLES):
        image = draw.image(draw.EXAMPLE_SEED, index)
        png.write(image_path(index), image)
        if int8_class(model, image) != draw.label_of(index):
            wrong.append(name_of(index))
        if index in GOLDEN_CASES:
            npz.write(golden_path(index), golden.compute(model, image))
    return wrong


def main():
    model = golden.Model(MODEL)
    for folder in ("images", "golden"):
        os.makedirs(os.path.join(HERE, folder), exist_ok=True)
    with open(os.path.join(HERE, "labels.txt"), "w", encoding="ascii") as file:
        file.write("".join(label + "\n" for label in draw.LABELS))
    wrong = _write_examples(model)
    pixels, labels = draw.images(draw.TEST_SEED, TEST_IMAGES)
    float_classes = network.classify(quantise.load_parameters(WEIGHTS), pixels)
    int8_classes = np.array([int8_class(model, image) for image in pixels])
    results = {
        "test_images": TEST_IMAGES,
        "float_right": int((float_classes == labels).sum()),
        "int8_right": int((int8_classes == labels).sum()),
        "same_class": int((int8_classes == float_classes).sum()),
        "int8_right_by_class": {name: int((int8_classes == labels)[labels == i].sum())
                                for i, name in enumerate(draw.LABELS)},
        "examples": EXAMPLES,
        "examples_wrong": wrong,
    }
    with open(RESULTS, "w", encoding="ascii") as file:
        json.dump(results, file, indent=2)
        file.write("\n")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
