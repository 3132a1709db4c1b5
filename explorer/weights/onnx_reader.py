"""Reads the weights out of an ONNX file: a small protobuf reader of our own, no graph is ever run.

What is kept: initialisers with their numbers inside the file, and the order of convolutions in the graph. Every node is
checked against the operators a feed-forward network of this zoo is exported with.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from explorer.i18n import N_
from explorer.weights.troubles import damaged, refusal

Array = np.ndarray[Any, np.dtype[Any]]
MAX_BYTES = 1 << 31
MAX_NODES = 50_000
DTYPES = {1: "<f4", 6: "<i4", 7: "<i8", 10: "<f2", 11: "<f8"}
OPERATORS = frozenset(
    {
        *("Conv", "BatchNormalization", "Gemm", "MatMul", "Add", "Sub", "Mul", "Div", "Constant", "Identity"),
        *("Relu", "LeakyRelu", "Clip", "Sigmoid", "Tanh", "Softmax", "Dropout"),
        *("MaxPool", "AveragePool", "GlobalAveragePool", "Pad", "Resize", "Upsample"),
        *("Concat", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Shape", "Gather", "Slice", "Cast", "Floor"),
    }
)


@dataclass
class OnnxWeights:
    """`tensors`: initialisers by name; `convolutions`: (weight name, bias name or "") in graph order."""

    tensors: dict[str, Array] = field(default_factory=dict)
    convolutions: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class _Node:
    name: str = ""
    operator: str = ""
    domain: str = ""
    inputs: list[str] = field(default_factory=list)


def read(data: bytes) -> OnnxWeights:
    """Read a whole ONNX file. Raises ModelFileError naming the node or tensor."""
    if len(data) > MAX_BYTES:
        raise damaged(N_("The file is too large for ONNX: 2 GiB is the limit."))
    found = OnnxWeights()
    try:
        graphs = [value for number, value in _fields(memoryview(data)) if number == 7 and isinstance(value, memoryview)]
        if len(graphs) != 1:
            raise damaged(N_("The file is damaged: there is no graph in it."))
        nodes = 0
        for number, value in _fields(graphs[0]):
            if number == 1 and isinstance(value, memoryview):
                nodes += 1
                if nodes > MAX_NODES:
                    raise damaged(N_("The file is damaged: the graph has too many nodes."))
                _enter(found, _node(value))
            elif number == 5 and isinstance(value, memoryview):
                name, array = _tensor(value)
                if name in found.tensors:
                    raise damaged(N_("The file is damaged: '{name}' is there twice."), name=name[:60])
                found.tensors[name] = array
    except (ValueError, OverflowError, UnicodeDecodeError) as error:
        raise damaged() from error
    if not found.tensors:
        raise damaged(N_("There are no weights in the file."))
    return found


def _enter(found: OnnxWeights, node: _Node) -> None:
    if node.domain not in ("", "ai.onnx") or node.operator not in OPERATORS:
        raise refusal(
            "operator",
            N_("Refused: node '{node}' uses the operator {operator}, which the networks here do not have."),
            N_("Export the network without custom or shape-making operators, or as .safetensors."),
            node=node.name or "?",
            operator=f"{node.domain}::{node.operator}" if node.domain else node.operator,
        )
    if node.operator == "Conv" and len(node.inputs) >= 2:
        found.convolutions.append((node.inputs[1], node.inputs[2] if len(node.inputs) > 2 else ""))


def _node(data: memoryview) -> _Node:
    node = _Node()
    for number, value in _fields(data):
        if isinstance(value, memoryview) and number in (1, 3, 4, 7):
            text = bytes(value).decode("utf-8")
            if number == 1:
                node.inputs.append(text)
            elif number == 3:
                node.name = text
            elif number == 4:
                node.operator = text
            else:
                node.domain = text
    return node


def _tensor(data: memoryview) -> tuple[str, Array]:
    name, kind, outside = "", 0, False
    dims: list[int] = []
    raw: memoryview | None = None
    floats: list[memoryview] = []
    for number, value in _fields(data):
        if isinstance(value, memoryview):
            if number == 1:
                dims += _packed(value)
            elif number == 4:
                floats.append(value)
            elif number == 8:
                name = bytes(value).decode("utf-8")
            elif number == 9:
                raw = value
            elif number == 13:
                outside = True
        elif number == 1:
            dims.append(value)
        elif number == 2:
            kind = value
        elif number == 14:
            outside = outside or value == 1
    if outside:
        raise refusal(
            "external-data",
            N_("Refused: tensor '{name}' keeps its numbers in another file."),
            N_("Save the network as one file."),
            name=name or "?",
        )
    if kind not in DTYPES or len(dims) > 8:
        raise damaged(N_("The number type or shape of tensor '{name}' is not supported."), name=name[:60])
    dtype = np.dtype(DTYPES[kind])
    count = math.prod(dims)
    if raw is None and floats and kind == 1:
        raw = memoryview(b"".join(floats))
    if any(side < 0 for side in dims) or count * dtype.itemsize != (len(raw) if raw is not None else 0):
        raise damaged(
            N_("The file is damaged: tensor '{name}' does not have as many numbers as its shape says."), name=name[:60]
        )
    return name, np.frombuffer(raw or b"", dtype).reshape(dims).copy()


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """(field number, value) of one protobuf message; a value is a whole number or the bytes of a nested thing."""
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == 2:
            size, at = _varint(data, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire}")
        if size > end - at:
            raise ValueError("cut short")
        yield number, data[at : at + size]
        at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("cut short")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value - (1 << 64) if value >= 1 << 63 else value), at
        shift += 7


def _packed(data: memoryview) -> list[int]:
    values, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        values.append(value)
        if len(values) > 8:
            raise ValueError("too many dimensions")
    return values
