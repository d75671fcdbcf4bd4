# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
"""Writes an int8 network as a .tflite file.

A FlatBuffer is written front to back: an object that refers to others is laid down with holes in the place of their
offsets, then the others follow and the holes are filled. Offsets therefore always point forwards, as they must.
"""
import dataclasses
import struct

import numpy as np

import schema

BUFFER_ALIGNMENT = 16  # the schema's force_align of Buffer.data


@dataclasses.dataclass
class Tensor:
    """scale: float32 [1] or one per channel along `axis`; empty where the tensor is not quantised."""
    name: str
    shape: tuple
    scale: np.ndarray = ()
    zero_point: int = 0
    axis: int = 0
    data: np.ndarray = None  # constants only: int8 or int32

    @property
    def type(self):
        is_int32 = self.data is not None and self.data.dtype == np.int32
        return schema.TYPE_INT32 if is_int32 else schema.TYPE_INT8


@dataclasses.dataclass
class Operator:
    """inputs, outputs: names of tensors. options: {field of the options' table: value as in _Table}."""
    code: int
    version: int
    inputs: list
    outputs: list
    options: dict


class _Table:
    """fields: {number: (struct format of a scalar, value)} or {number: object}."""

    def __init__(self, fields):
        self.fields = fields

    def write(self, out):
        """Appends vtable and table; returns the table's place and its holes as [(place, object)]."""
        inline = {n: f if isinstance(f, tuple) else ("I", 0) for n, f in self.fields.items()}
        size, offsets = 4, {}
        # Wide scalars first: each then falls on a multiple of its size.
        for number in sorted(inline, key=lambda n: (-struct.calcsize(inline[n][0]), n)):
            offsets[number] = size
            size += struct.calcsize(inline[number][0])
        slots = max(inline, default=-1) + 1
        _align(out, 4, 4 + 2 * slots)
        vtable = len(out)
        out += struct.pack("<HH", 4 + 2 * slots, size)
        out += b"".join(struct.pack("<H", offsets.get(n, 0)) for n in range(slots))
        place = len(out)
        out += struct.pack("<i", place - vtable) + bytes(size - 4)
        for number, (form, value) in inline.items():
            struct.pack_into("<" + form, out, place + offsets[number], value)
        return place, [(place + offsets[n], f) for n, f in self.fields.items() if not isinstance(f, tuple)]


class _Scalars:
    def __init__(self, array, alignment=None, terminator=b""):
        self.array = np.asarray(array)
        self.alignment = alignment or max(4, self.array.itemsize)
        self.terminator = terminator

    def write(self, out):
        _align(out, self.alignment, 4)
        place = len(out)
        out += struct.pack("<I", self.array.size) + self.array.astype(self.array.dtype.newbyteorder("<")).tobytes()
        out += self.terminator
        return place, []


def _string(text):
    return _Scalars(np.frombuffer(text.encode(), np.uint8), terminator=b"\0")


def ints(values):
    """A vector of int32, as a table's value."""
    return _Scalars(np.array(values, np.int32))


class _Objects:
    def __init__(self, objects):
        self.objects = objects

    def write(self, out):
        _align(out, 4)
        place = len(out)
        out += struct.pack("<I", len(self.objects)) + bytes(4 * len(self.objects))
        return place, [(place + 4 + 4 * i, o) for i, o in enumerate(self.objects)]


def _align(out, alignment, ahead=0):
    """Pads so that the place `ahead` bytes behind the padding is aligned."""
    out += bytes(-(len(out) + ahead) % alignment)


def _serialise(root, identifier):
    out = bytearray(struct.pack("<I4s", 0, identifier))
    holes = [(0, root)]
    while holes:
        hole, target = holes.pop(0)
        place, more = target.write(out)
        struct.pack_into("<I", out, hole, place - hole)
        holes += more
    _align(out, BUFFER_ALIGNMENT)
    return bytes(out)


def _fields(numbers, **values):
    return _Table({numbers[name]: value for name, value in values.items()})


def _tensor_table(tensor, buffer):
    fields = {"shape": ints(tensor.shape), "type": ("b", tensor.type), "buffer": ("I", buffer),
              "name": _string(tensor.name)}
    if len(tensor.scale):
        fields["quantization"] = _fields(
            schema.QUANTIZATION, scale=_Scalars(np.array(tensor.scale, np.float32)),
            zero_point=_Scalars(np.full(len(tensor.scale), tensor.zero_point, np.int64)),
            quantized_dimension=("i", tensor.axis))
    return _fields(schema.TENSOR, **fields)


def _operator_table(operator, codes, index_of):
    kind, numbers = schema.OPTIONS[operator.code]
    return _fields(
        schema.OPERATOR, opcode_index=("I", codes.index((operator.code, operator.version))),
        inputs=ints([index_of[n] for n in operator.inputs]),
        outputs=ints([index_of[n] for n in operator.outputs]),
        builtin_options_type=("B", kind), builtin_options=_fields(numbers, **operator.options))


def model_bytes(description, tensors, operators, inputs, outputs):
    """Returns the file's bytes. A tensor's TFLite index is its place in `tensors`."""
    index_of = {t.name: i for i, t in enumerate(tensors)}
    codes = sorted({(o.code, o.version) for o in operators})
    # Buffer 0 is empty by convention and serves every tensor without data.
    constants = [t for t in tensors if t.data is not None]
    buffer_of = {t.name: i for i, t in enumerate(constants, 1)}
    buffers = [_Table({})] + [
        _fields(schema.BUFFER, data=_Scalars(np.frombuffer(t.data.astype(t.data.dtype.newbyteorder("<")).tobytes(),
                                                           np.uint8), BUFFER_ALIGNMENT)) for t in constants]
    subgraph = _fields(
        schema.SUBGRAPH, tensors=_Objects([_tensor_table(t, buffer_of.get(t.name, 0)) for t in tensors]),
        inputs=ints([index_of[n] for n in inputs]), outputs=ints([index_of[n] for n in outputs]),
        operators=_Objects([_operator_table(o, codes, index_of) for o in operators]), name=_string("main"))
    code_tables = [_fields(schema.OPERATOR_CODE, deprecated_builtin_code=("b", min(code, 127)), version=("i", version),
                           builtin_code=("i", code)) for code, version in codes]
    return _serialise(_fields(
        schema.MODEL, version=("I", schema.VERSION), operator_codes=_Objects(code_tables),
        subgraphs=_Objects([subgraph]), description=_string(description), buffers=_Objects(buffers)),
        schema.IDENTIFIER)
