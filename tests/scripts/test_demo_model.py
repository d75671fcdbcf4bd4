#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
"""The demo model that is shipped is the one its scripts make, and it does what its README says."""
import contextlib
import io
import json
import os
import sys
import tempfile
import unittest
from unittest import mock

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEMO = os.path.join(ROOT, "scripts", "demo_model")
sys.path.insert(0, DEMO)

import draw  # noqa: E402
import examples  # noqa: E402
import golden  # noqa: E402
import network  # noqa: E402
import npz  # noqa: E402
import png  # noqa: E402
import quantise  # noqa: E402
import schema  # noqa: E402
import train  # noqa: E402

DRAWING_SHA256 = "913ffdb4e0b52fb97c1d9addb317999b0c2f2bde5d34afa29290e39367a8ecc1"
SAMPLE = 100  # of the test images: classifying them all takes too long here


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def results():
    return json.loads(read_bytes(examples.RESULTS))


class Drawing(unittest.TestCase):
    def test_gives_the_same_pixels_everywhere(self):
        self.assertEqual(draw.digest(draw.TEST_SEED, 30), DRAWING_SHA256)

    def test_makes_no_two_images_alike(self):
        seen = {draw.image(seed, i).tobytes() for seed in (draw.TRAIN_SEED, draw.TEST_SEED) for i in range(20)}
        self.assertEqual(len(seen), 40)

    def test_shipped_images_are_the_first_of_their_set(self):
        self.assertEqual(sorted(os.listdir(os.path.join(DEMO, "images"))),
                         [examples.name_of(i) + ".png" for i in range(examples.EXAMPLES)])
        for i in range(examples.EXAMPLES):
            with self.subTest(examples.name_of(i)):
                np.testing.assert_array_equal(png.read(examples.image_path(i)), draw.image(draw.EXAMPLE_SEED, i))


class Training(unittest.TestCase):
    def test_gradients_match_finite_differences(self):
        params = network.initial_parameters(np.random.RandomState(0))
        pixels, labels = draw.images(draw.TRAIN_SEED, 4)
        x = network.as_input(pixels)

        def loss():
            return train.loss_and_gradient(network.forward(params, x)["fc"].astype(np.float64), labels)[0]

        outputs = network.forward(params, x)
        gradients = network.backward(params, outputs, train.loss_and_gradient(outputs["fc"], labels)[1])
        self.assertEqual(sorted(gradients), sorted(params))
        for name, value in params.items():
            with self.subTest(name):
                steepest = np.unravel_index(np.abs(gradients[name]).argmax(), value.shape)
                middle, step, losses = value[steepest], 1e-3, []
                for sign in (1, -1):
                    value[steepest] = middle + sign * step
                    losses.append(loss())
                value[steepest] = middle
                slope = (losses[0] - losses[1]) / (2 * step)
                self.assertLess(abs(slope - gradients[name][steepest]), 0.03 * abs(slope))

    def test_repeats_bit_for_bit_and_learns(self):
        with mock.patch.object(train, "BATCH", 10), contextlib.redirect_stdout(io.StringIO()) as log:
            first, second = train.train(20, 4), train.train(20, 4)
        for name, value in first.items():
            np.testing.assert_array_equal(value, second[name], err_msg=name)
        self.assertEqual(log.getvalue().count("drew 20 images"), 2)
        pixels, labels = draw.images(draw.TRAIN_SEED, 20)
        losses = [train.loss_and_gradient(network.forward(p, network.as_input(pixels))["fc"], labels)[0]
                  for p in (network.initial_parameters(np.random.RandomState(train.SEED)), first)]
        self.assertLess(losses[1], losses[0])


class Model(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data = read_bytes(examples.MODEL)
        cls.model = golden.Model(examples.MODEL)

    def test_is_what_the_shipped_weights_quantise_to(self):
        self.assertEqual(quantise.quantise(quantise.load_parameters(examples.WEIGHTS)), self.data)

    def test_names_its_tensors_in_the_order_of_execution(self):
        names = ["input", "conv1", "pool1", "conv2", "pool2", "conv3", "pool3", "flatten", "fc", "softmax"]
        self.assertEqual([t.name for t in self.model.tensors[:10]], names)
        self.assertEqual([o.outputs for o in self.model.operators], [[i] for i in range(1, 10)])

    def test_weights_are_aligned_to_16_bytes(self):
        constants = [t for t in self.model.tensors if t.data is not None]
        self.assertEqual(len(constants), 9)
        for tensor in constants:
            raw = tensor.data.tobytes()
            places = [p for p in range(0, len(self.data), 16) if self.data.startswith(raw, p)]
            self.assertTrue(places, f"{tensor.name} is not at a multiple of 16")

    def test_quantises_as_tflite_specifies(self):
        by_name = {t.name: t for t in self.model.tensors}
        self.assertEqual((by_name["input"].scale, by_name["input"].zero_point), (np.float32(1 / 255), -128))
        self.assertEqual((by_name["softmax"].scale, by_name["softmax"].zero_point), (np.float32(1 / 256), -128))
        for source, kept in (("conv1", "pool1"), ("conv2", "pool2"), ("conv3", "pool3"), ("pool3", "flatten")):
            self.assertEqual((by_name[source].scale, by_name[source].zero_point),
                             (by_name[kept].scale, by_name[kept].zero_point))
        for layer, source in (("conv1", "input"), ("conv2", "pool1"), ("conv3", "pool2"), ("fc", "flatten")):
            weights, bias = by_name[layer + "_weights"], by_name[layer + "_bias"]
            self.assertGreaterEqual(weights.data.min(), -127)
            products = by_name[source].scale.astype(float) * weights.scales.astype(float)
            np.testing.assert_array_equal(bias.scales, products.astype(np.float32))

    def test_reader_refuses_another_file(self):
        with self.assertRaisesRegex(ValueError, "not a TFLite model"):
            golden.Table.root(self.data[:4] + b"XXXX" + self.data[8:], schema.MODEL)


class Golden(unittest.TestCase):
    def test_recomputes_the_shipped_cases(self):
        model = golden.Model(examples.MODEL)
        shipped = sorted(os.listdir(os.path.join(DEMO, "golden")))
        self.assertEqual(shipped, [examples.name_of(i) + ".npz" for i in examples.GOLDEN_CASES])
        for i in examples.GOLDEN_CASES:
            case = golden.compute(model, png.read(examples.image_path(i)))
            with self.subTest(examples.name_of(i)), np.load(examples.golden_path(i)) as archive:
                self.assertEqual(sorted(archive.files), sorted(case))
                self.assertEqual(sorted(case), sorted(["in_0"] + [f"t{t}" for t in range(1, 10)]))
                for key, value in case.items():
                    self.assertEqual(archive[key].dtype, np.int8)
                    np.testing.assert_array_equal(archive[key], value, err_msg=key)

    def test_fixed_point_functions_are_near_the_real_ones(self):
        a = -np.random.RandomState(2).randint(0, 2**31, 2000)
        error = golden.exp_of_negative(a) / 2**31 - np.exp(a / 2**26)
        self.assertLess(np.abs(error).max(), 2**-21)  # what is left of the Taylor series
        self.assertEqual(golden.exp_of_negative(np.array([0])), 2**31 - 1)
        for x in range(0, 2**31, 2**25 - 1):
            self.assertLess(abs(golden.one_over_one_plus(x) / 2**31 - 1 / (1 + x / 2**31)), 2**-24)

    def test_softmax_is_within_one_step_of_the_real_one(self):
        model = golden.Model(examples.MODEL)
        operator = model.operators[-1]
        scale = float(model.tensors[operator.inputs[0]].scale)
        logits = np.random.RandomState(1).randint(-128, 128, (500, 10)).astype(np.int8)
        logits[:250] //= 8  # close together, so that several classes share the probability
        exps = np.exp(scale * (logits - logits.max(axis=1, keepdims=True).astype(float)))
        real = np.clip(np.round(256 * exps / exps.sum(axis=1, keepdims=True)) - 128, -128, 127)
        self.assertLessEqual(np.abs(golden.softmax(model, operator, [logits]) - real).max(), 1)

    def test_agrees_with_tflite_micro(self):
        models = os.environ.get("UTVM_MODELS", os.path.join(os.path.dirname(ROOT), "shared", "models"))
        if not os.path.isdir(models):
            self.skipTest(f"no golden models at {models}; set UTVM_MODELS")
        for name in ("resnet8_int8", "kws_dscnn_int8", "micro_speech_int8"):
            with self.subTest(name):
                self.assertEqual(golden.check(os.path.join(models, name)), 0)


class Accuracy(unittest.TestCase):
    def test_shipped_images_are_classified_as_stated(self):
        model = golden.Model(examples.MODEL)
        wrong = [examples.name_of(i) for i in range(examples.EXAMPLES)
                 if examples.int8_class(model, png.read(examples.image_path(i))) != draw.label_of(i)]
        self.assertEqual(wrong, results()["examples_wrong"])

    def test_unseen_images_are_classified_about_as_well_as_stated(self):
        stated = results()["int8_right"] / results()["test_images"]
        self.assertGreater(stated, 0.95)
        model = golden.Model(examples.MODEL)
        right = sum(examples.int8_class(model, draw.image(draw.TEST_SEED, i)) == draw.label_of(i)
                    for i in range(SAMPLE))
        self.assertLess(abs(right / SAMPLE - stated), 0.05)

    def test_readme_states_the_recorded_figures(self):
        record = results()
        readme = read_bytes(os.path.join(DEMO, "README.md")).decode()
        for key in ("float_right", "int8_right"):
            self.assertIn(f"{record[key]} of {record['test_images']}", readme)
        right = record["examples"] - len(record["examples_wrong"])
        self.assertIn(f"{right} of the {record['examples']} images", readme)


class Files(unittest.TestCase):
    def test_npz_bytes_depend_on_the_arrays_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("a.npz", "b.npz")]
            arrays = {"t1": np.arange(6, dtype=np.int8), "in_0": np.zeros((2, 2), np.int8)}
            npz.write(paths[0], arrays)
            npz.write(paths[1], dict(reversed(arrays.items())))
            self.assertEqual(read_bytes(paths[0]), read_bytes(paths[1]))

    def test_png_with_a_changed_byte_is_refused(self):
        data = bytearray(read_bytes(examples.image_path(0)))
        data[60] ^= 1
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "changed.png")
            with open(path, "wb") as file:
                file.write(data)
            with self.assertRaisesRegex(ValueError, "damaged"):
                png.read(path)


if __name__ == "__main__":
    unittest.main()
