"""Pictures from files: every format, every trap of the matrix's row 10, and what is written comes back."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from explorer.picture.stills import decode, jpeg_bytes, png_text, read_rgb, write_picture, write_png
from explorer.records.errors import MediaError


def ramp(h=40, w=60):
    y, x = np.mgrid[0:h, 0:w]
    return np.stack([x * 255 // (w - 1), y * 255 // (h - 1), (x + y) % 200], axis=-1).astype(np.uint8)


def saved(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "PPM", "WEBP"])
def test_lossless_formats_come_back_exactly(form):
    rgb = ramp()
    options = {"lossless": True} if form == "WEBP" else {}
    assert np.array_equal(decode(saved(Image.fromarray(rgb), form, **options), "x"), rgb)


def test_jpeg_is_rgb_and_near():
    got = decode(saved(Image.fromarray(ramp()), "JPEG", quality=95), "x")
    assert np.abs(got.astype(int) - ramp()).mean() < 6


def test_gif_gives_its_first_picture():
    first, second = Image.new("RGB", (9, 7), (255, 0, 0)), Image.new("RGB", (9, 7), (0, 0, 255))
    got = decode(saved(first, "GIF", save_all=True, append_images=[second]), "x")
    assert got.shape == (7, 9, 3) and (got == (255, 0, 0)).all()


def test_grey_palette_alpha_sixteen_bit_and_cmyk():
    grey = decode(saved(Image.fromarray(ramp()[..., 0]), "PNG"), "x")
    assert np.array_equal(grey, np.repeat(ramp()[..., :1], 3, axis=2))
    palette = Image.fromarray(ramp()).quantize(16)
    assert np.array_equal(decode(saved(palette, "PNG"), "x"), np.asarray(palette.convert("RGB")))
    rgba = np.zeros((4, 4, 4), np.uint8)
    rgba[..., 0] = 200
    rgba[:2, :, 3] = 255
    got = decode(saved(Image.fromarray(rgba), "PNG"), "x")
    assert (got[:2] == (200, 0, 0)).all() and (got[2:] == 255).all()
    deep = np.array([[0, 32768, 65535]], np.uint16)
    assert decode(saved(Image.fromarray(deep), "PNG"), "x")[0, :, 0].tolist() == [0, 128, 255]
    cmyk = decode(saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=95), "x")
    assert cmyk[4, 4, 0] > 200 and cmyk[4, 4, 1:].max() < 60


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(form, orientation):
    image = Image.fromarray(np.kron(ramp(4, 6), np.ones((16, 16, 1), np.uint8)))
    exif = Image.Exif()
    exif[274] = orientation
    options = {"JPEG": {"quality": 98, "subsampling": 0}, "WEBP": {"lossless": True}}.get(form, {})
    data = saved(image, form, exif=exif, **options)
    from PIL import ImageOps

    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    got = decode(data, "x")
    assert got.shape == upright.shape
    assert np.abs(got.astype(int) - upright).max() <= (12 if form == "JPEG" else 0)


def test_extremes_of_shape():
    assert decode(saved(Image.new("RGB", (1, 1), (1, 2, 3)), "PNG"), "x").tolist() == [[[1, 2, 3]]]
    assert decode(saved(Image.new("L", (1, 60000)), "PNG"), "x").shape == (60000, 1, 3)


def bomb(width=20000, height=20000):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = zlib.compressobj(9)
    body = b"".join(rows.compress(b"\0" * (width + 1)) for _ in range(16)) + rows.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_a_bomb_is_refused_before_decoding(monkeypatch):
    import cv2

    monkeypatch.setattr(cv2, "imdecode", lambda *args: pytest.fail("it was decoded"))
    with pytest.raises(MediaError, match=r"400 Mpx \(limit 100\)") as caught:
        decode(bomb(), "bomb.png")
    assert caught.value.trouble.code == "media.too-large" and caught.value.trouble.exit_code == 4


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "WEBP", "GIF", "TIFF", "PPM"])
@pytest.mark.parametrize("share", [0.999, 0.75, 0.5, 0.1])
def test_a_truncated_file_is_never_half_a_picture(form, share):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), form)
    with pytest.raises(MediaError) as caught:
        decode(data[: int(len(data) * share)], "part")
    assert caught.value.trouble.code in ("media.incomplete", "media.damaged")
    if form in ("PNG", "JPEG", "BMP", "WEBP", "GIF"):
        assert "incomplete file" in str(caught.value)


def test_a_wrong_ending_does_not_matter(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(saved(Image.fromarray(ramp()), "PNG"))
    assert np.array_equal(read_rgb(path), ramp())


@pytest.mark.parametrize(
    "text",
    ["concat:a.png|b.png", "subfile,,start,0,end,0,,:/etc/hostname", "http://127.0.0.1:9/a.png", "img%03d.png", "a\0b"],
)
def test_a_protocol_or_pattern_is_no_file(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "img001.png").write_bytes(saved(Image.fromarray(ramp()), "PNG"))
    with pytest.raises(MediaError):
        read_rgb(text)


@pytest.mark.parametrize(
    "data", [b"", b"<html><body>no</body></html>", b"#EXTM3U\n", b"\0" * 5000, b"\x89PNG\r\n\x1a\n", b"BM"]
)
def test_other_content_is_said_to_be_no_picture(data, tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(data)
    with pytest.raises(MediaError):
        read_rgb(path)
    with pytest.raises(MediaError):
        read_rgb(tmp_path)


def test_mutants_only_raise_media_error():
    rng = np.random.default_rng(7)
    for form in ("PNG", "JPEG", "BMP", "WEBP", "GIF", "TIFF", "PPM"):
        whole = bytearray(saved(Image.fromarray(ramp(12, 9)), form))
        for _ in range(300):
            mutant = bytearray(whole)
            for _ in range(int(rng.integers(1, 6))):
                mutant[int(rng.integers(len(mutant)))] = int(rng.integers(256))
            try:
                got = decode(bytes(mutant), "mutant")
            except MediaError:
                continue
            assert got.dtype == np.uint8 and got.ndim == 3 and got.shape[2] == 3


def test_written_pictures_carry_text_and_come_back(tmp_path):
    write_png(tmp_path / "a.png", ramp(), {"recipe": '{"kind": "árvíztűrő"}', "Software": "Explorer"})
    assert np.array_equal(read_rgb(tmp_path / "a.png"), ramp())
    assert png_text((tmp_path / "a.png").read_bytes())["recipe"] == '{"kind": "árvíztűrő"}'
    with Image.open(tmp_path / "a.png") as image:
        assert image.text["Software"] == "Explorer"
    write_picture(tmp_path / "a.jpg", ramp(), {"a": "b"})
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.info["comment"] == b'{"a": "b"}'
    assert np.array_equal(read_rgb(tmp_path / "a.jpg"), decode(jpeg_bytes(ramp()), "x"))
    with pytest.raises(MediaError, match="cannot be written"):
        write_picture(tmp_path / "a.xyz", ramp())
