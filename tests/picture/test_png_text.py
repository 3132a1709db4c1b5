"""Texts of PNG files: ours, Qt's, packed ones, damaged ones, and those that want memory."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.picture.png_text import LONGEST, MARK, png_texts
from explorer.picture.stills import png_bytes, write_png


def chunk(kind, data):
    return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks):
    body = png_bytes(np.zeros((2, 2, 3), np.uint8))
    return body[:33] + b"".join(chunks) + body[33:]


def test_what_is_written_is_read(tmp_path):
    wanted = {"explorer-session": "{}", "explorer-facts": "árvíztűrő " * 100}
    write_png(tmp_path / "a.png", np.zeros((2, 2, 3), np.uint8), wanted)
    assert png_texts(tmp_path / "a.png") == wanted


def test_every_kind_of_text_before_and_behind_the_picture(tmp_path):
    path = tmp_path / "a.png"
    international = chunk(b"iTXt", b"c\0\1\0hu\0x\0" + zlib.compress("ő".encode()))
    path.write_bytes(png(chunk(b"tEXt", b"a\0caf\xe9"), chunk(b"zTXt", b"b\0\0" + zlib.compress(b"packed")), international))
    assert png_texts(path) == {"a": "café", "b": "packed", "c": "ő"}
    whole = png_bytes(np.zeros((2, 2, 3), np.uint8))
    path.write_bytes(whole[:-12] + chunk(b"tEXt", b"late\0yes") + whole[-12:])
    assert png_texts(path) == {"late": "yes"}


def test_bombs_and_damage_are_left_out(tmp_path):
    path = tmp_path / "a.png"
    bomb = chunk(b"zTXt", b"bomb\0\0" + zlib.compress(b"x" * (LONGEST + 1)))
    path.write_bytes(
        png(bomb, chunk(b"zTXt", b"bad\0\0nothing packed"), chunk(b"tEXt", b"no end"), chunk(b"tEXt", b"good\0yes"))
    )
    assert png_texts(path) == {"no end": "", "good": "yes"}
    path.write_bytes(MARK + struct.pack(">I4s", 2**31 - 1, b"tEXt") + b"short")
    assert png_texts(path) == {}
    path.write_bytes(b"GIF89a")
    assert png_texts(path) == {}


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 60))
def test_no_bytes_raise(tmp_path_factory, noise, at):
    path = tmp_path_factory.mktemp("noise") / "a.png"
    whole = png(chunk(b"iTXt", b"c\0\1\0hu\0x\0" + zlib.compress(b"text")))
    path.write_bytes(whole[: 33 + at] + noise + whole[33 + at :])
    assert isinstance(png_texts(path), dict)
