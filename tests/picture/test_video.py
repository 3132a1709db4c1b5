"""Written videos: complete or not there, the right colours, sizes and times."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageSequence

from explorer.picture.film import Film
from explorer.picture.video import VideoWriter
from explorer.records.errors import MediaError

COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (240, 240, 240), (12, 12, 12), (128, 128, 128)]


def flat(colour, height=40, width=60):
    return np.full((height, width, 3), colour, np.uint8)


@pytest.mark.parametrize("ending", [".mp4", ".gif"])
def test_colours_and_times_come_back(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    with VideoWriter(path, 10, (60, 40)) as writer:
        for colour in COLOURS:
            writer.write(flat(colour))
    assert writer.frames == len(COLOURS)
    with Film(path) as film:
        for number, colour in enumerate(COLOURS):
            rgb, time = film.read()
            assert np.abs(rgb.astype(int) - colour).max() <= 6
            assert abs(time - number * 0.1) < 0.011
        assert film.read() is None and film.trouble is None
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("size", [(61, 41), (1, 1), (2, 3), (1280, 720)])
def test_any_size(tmp_path, size):
    width, height = size
    for ending in (".mp4", ".gif"):
        path = tmp_path / f"a{ending}"
        with VideoWriter(path, 25, size) as writer:
            for _ in range(2):
                writer.write(flat((120, 60, 200), height, width))
        with Film(path) as film:
            rgb, _ = film.read()
        even = ending == ".mp4"
        assert rgb.shape == (height + height % 2 * even, width + width % 2 * even, 3)
        assert np.abs(rgb.astype(int) - (120, 60, 200)).max() <= 6


def test_a_gif_loops_has_one_palette_and_its_timing(tmp_path):
    y, x = np.mgrid[0:48, 0:64]
    path = tmp_path / "a.gif"
    with VideoWriter(path, 20, (64, 48)) as writer:
        for k in range(12):
            writer.write(np.stack([x * 4, y * 5, (x + y + 9 * k) % 256], axis=-1).astype(np.uint8))
    with Image.open(path) as image:
        assert image.n_frames == 12 and image.info.get("loop") == 0
        durations = [frame.info["duration"] for frame in ImageSequence.Iterator(image)]
        image.seek(5)
        got = np.asarray(image.convert("RGB")).astype(int)
    assert durations == [50] * 12
    want = np.stack([x * 4, y * 5, (x + y + 45) % 256], axis=-1)
    assert np.abs(got - want).mean() < 12


def test_explicit_times_and_an_edge_of_standing_still(tmp_path):
    path = tmp_path / "a.mp4"
    with VideoWriter(path, 30, (60, 40)) as writer:
        for at in (0.0, 0.5, 0.5, 0.4, 2.0):  # a clock that stands or goes back is pushed on by a millisecond
            writer.write(flat((9, 9, 9)), at)
    with Film(path) as film:
        times = []
        while (found := film.read()) is not None:
            times.append(round(found[1], 3))
    assert times == [0.0, 0.5, 0.501, 0.502, 2.0]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    for ending in (".mp4", ".gif"):
        path = tmp_path / f"a{ending}"
        path.write_text("old")
        with pytest.raises(ZeroDivisionError), VideoWriter(path, 25, (60, 40)) as writer:
            writer.write(flat((1, 2, 3)))
            raise ZeroDivisionError
        with pytest.raises(MediaError, match="does not fit"), VideoWriter(path, 25, (60, 40)) as writer:
            writer.write(flat((1, 2, 3), 41, 60))
        with pytest.raises(MediaError, match="no frame"), VideoWriter(path, 25, (60, 40)):
            pass
        assert path.read_text() == "old"
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.gif", "a.mp4"]


def test_other_endings_are_refused_before_any_work(tmp_path):
    with pytest.raises(MediaError, match=r"\.avi"):
        VideoWriter(tmp_path / "a.avi", 25, (60, 40))
    assert not list(tmp_path.iterdir())


def test_a_cut_off_recording_still_plays(tmp_path):
    path = tmp_path / "a.mp4"
    rng = np.random.default_rng(0)
    with VideoWriter(path, 10, (60, 40)) as writer:
        for _ in range(60):
            writer.write(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8))
    (tmp_path / "cut.mp4").write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    with Film(tmp_path / "cut.mp4") as film:
        count = 0
        while film.read() is not None:
            count += 1
    assert 30 <= count < 60


def test_same_frames_same_bytes(tmp_path):
    for ending in (".mp4", ".gif"):
        for name in "ab":
            with VideoWriter(tmp_path / f"{name}{ending}", 25, (60, 40)) as writer:
                for colour in COLOURS:
                    writer.write(flat(colour))
        assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()
