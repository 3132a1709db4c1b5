"""Matrix row 32: headers that lie. Each is named, and the library never sees them."""

import json
import time

import numpy as np
import pytest
from safetensors.numpy import save

from explorer.records.errors import ModelFileError
from explorer.weights.safetensors_header import check_path

ONE = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def file(path, header, data=b"\0" * 8, length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + data)
    return path


LIES = {
    "header longer than the file": ({"x": ONE}, b"\0" * 8, 10**6, "longer than the file"),
    "header of 2^63": ({"x": ONE}, b"\0" * 8, 1 << 63, "longer than the file"),
    "no JSON": (b"{not json", b"\0" * 8, None, "not JSON"),
    "not text": (b"{\xff\xff\xff}", b"\0" * 8, None, "not JSON"),
    "a list": (b"[1, 2]", b"\0" * 8, None, "no table"),
    "very deep": (b"[" * 100_000, b"", None, "not JSON"),
    "overlap": ({"x": ONE, "y": {**ONE, "data_offsets": [4, 12]}}, b"\0" * 12, None, "offset of 'y'"),
    "hole": ({"x": ONE, "y": {**ONE, "data_offsets": [12, 20]}}, b"\0" * 20, None, "offset of 'y'"),
    "hole at the start": ({"x": {**ONE, "data_offsets": [4, 12]}}, b"\0" * 12, None, "offset of 'x'"),
    "bytes left over": ({"x": ONE}, b"\0" * 9, None, "1 bytes too many"),
    "bytes missing": ({"x": ONE}, b"\0" * 7, None, "1 bytes are missing"),
    "reversed": ({"x": {**ONE, "data_offsets": [8, 0]}}, b"\0" * 8, None, "offset of 'x'"),
    "doubled name": (
        b'{"x": {"dtype":"F32","shape":[1],"data_offsets":[0,4]}, "x": {"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        b"\0" * 8,
        None,
        "'x' is there twice",
    ),
    "unknown type": ({"x": {**ONE, "dtype": "F7"}}, b"\0" * 8, None, "number type F7"),
    "shape overflows": ({"x": {**ONE, "shape": [1 << 40, 1 << 40]}}, b"\0" * 8, None, "offset of 'x'"),
    "negative shape": ({"x": {**ONE, "shape": [-1, -2]}}, b"\0" * 8, None, "shape of 'x'"),
    "shape of fractions": ({"x": {**ONE, "shape": [2.0]}}, b"\0" * 8, None, "shape of 'x'"),
    "shape of truth": ({"x": {**ONE, "shape": [True, 2]}}, b"\0" * 8, None, "shape of 'x'"),
    "too many dimensions": ({"x": {**ONE, "shape": [1] * 9 + [2]}}, b"\0" * 8, None, "shape of 'x'"),
    "no offsets": ({"x": {"dtype": "F32", "shape": [2]}}, b"\0" * 8, None, "entry of 'x'"),
    "entry is text": ({"x": "hello"}, b"\0" * 8, None, "entry of 'x'"),
    "type is a list": ({"x": {**ONE, "dtype": ["F32"]}}, b"\0" * 8, None, "number type"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_named(lie, tmp_path):
    header, data, length, words = LIES[lie]
    path = file(tmp_path / "w.safetensors", header, data, length)
    with pytest.raises(ModelFileError) as caught:
        check_path(path)
    assert caught.value.trouble.code == "weights.damaged"
    assert words in str(caught.value)
    path.unlink()  # nothing holds the file open


def test_a_hundred_thousand_names_are_refused_quickly(tmp_path):
    header = {f"layer.{index}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for index in range(100_000)}
    path = file(tmp_path / "many.safetensors", header, b"")
    start = time.process_time()
    with pytest.raises(ModelFileError, match="header"):
        check_path(path)
    assert time.process_time() - start < 2


def test_an_honest_file_passes(tmp_path):
    path = tmp_path / "w.safetensors"
    path.write_bytes(save({"a": np.zeros((2, 3), np.float32), "b": np.zeros((), np.int64)}, metadata={"from": "test"}))
    assert {name: (dtype, shape) for name, (dtype, shape, _, _) in check_path(path).items()} == {
        "a": ("F32", (2, 3)),
        "b": ("I64", ()),
    }
