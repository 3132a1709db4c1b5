"""Points, mirror and positions of whatever is played."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest

from explorer.picture.played import Played
from explorer.picture.sources import open_source
from explorer.picture.stills import write_png
from explorer.picture.video import VideoWriter
from explorer.records.errors import MediaError
from explorer.records.frame import Frame
from explorer.records.source import SourceInfo
from explorer.requests.source import SourceRequest


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """40 frames at 20 a second; frame k is grey of brightness 5 k."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with VideoWriter(path, 20, (64, 48)) as writer:
        for number in range(40):
            writer.write(np.full((48, 64, 3), 5 * number, np.uint8))
    return str(path)


def places(source):
    found = []
    while (frame := source.read()) is not None:
        assert abs(float(frame.rgb.mean()) - 5 * source.index) < 4  # the place and the picture agree
        found.append(source.index)
    return found


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        (0, 0, 0, 39),
        (0.5, 1.0, 10, 19),  # 1.0 s is the time of frame 20: it is outside
        (0.51, 1.01, 11, 20),
        (1.9, 0, 38, 39),
        (0, 0.05, 0, 0),
        (0.3, 0.3000001, 6, 6),  # never nothing
        (1.0, 100.0, 20, 39),
        (0.15, 0.45, 3, 8),  # 0.15 * 20 is 3.0000000000000004 or less: still frame 3
    ],
)
def test_the_frames_between_the_points(film, start, end, first, last):
    source = open_source(SourceRequest(kind="video", path=film, start=start, end=end))
    assert (source.first, source.last) == (first, last) and source.info.frames == 40
    assert places(source) == list(range(first, last + 1))
    source.close()


def test_seeking_stays_between_the_points(film):
    source = open_source(SourceRequest(kind="video", path=film, start=0.5, end=1.0))
    for wanted, got in ((0, 10), (15, 15), (39, 19), (-5, 10), (10**6, 19)):
        source.seek(wanted)
        assert source.index == got
    assert source.read() is None
    source.adopt(SourceRequest(kind="video", path=film, start=0.5, end=1.1))
    assert places(source) == [20, 21]
    source.close()


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [(1.0, 1.0, "behind the beginning"), (1.0, 0.5, "behind the beginning"), (2.5, 0, "over after 2 s")],
)
def test_points_that_cannot_be_are_refused_and_change_nothing(film, start, end, words):
    bad = SourceRequest(kind="video", path=film, start=start, end=end)
    with pytest.raises(MediaError, match=words) as caught:
        open_source(bad)
    assert caught.value.trouble.code == "source.points" and caught.value.trouble.exit_code == 2
    source = open_source(SourceRequest(kind="video", path=film, start=0.5, end=1.0))
    with pytest.raises(MediaError):
        source.adopt(bad)
    assert places(source) == list(range(10, 20))
    source.close()


def test_the_clip_and_a_folder_have_points_too(tmp_path):
    clip = open_source(SourceRequest(kind="clip", start=1, end=1.2))
    first = clip.read()
    assert first is not None and clip.index == clip.first and clip.last - clip.first + 1 == round(0.2 * clip.info.fps)
    for number in range(5):
        write_png(tmp_path / f"{number}.png", np.full((8, 8, 3), 5 * number, np.uint8))
    folder = open_source(SourceRequest(kind="folder", path=str(tmp_path), start=2, end=6))  # two seconds each
    assert places(folder) == [1, 2]
    folder.seek(0)
    assert folder.index == 1


def test_stills_and_cameras_have_no_points():
    still = open_source(SourceRequest(path="coffee", start=5, end=1))
    assert still.read() is not None and still.read() is None and not still.several


class Tape:
    """A source that cannot seek: ten frames, 0.1 s apart."""

    def __init__(self):
        self.info = SourceInfo("tape", fps=0.0)
        self.index, self.trouble, self.numbers = -1, None, count()
        self.closed = False

    def read(self):
        self.index += 1
        rgb = np.zeros((2, 3, 3), np.uint8)
        rgb[:, 0] = 5 * self.index
        return None if self.index == 10 else Frame(rgb, self.index, self.index / 10)

    def seek(self, index):
        raise AssertionError("it cannot")

    def close(self):
        self.closed = True


def test_what_cannot_seek_is_read_past_the_first_point_and_up_to_the_second():
    source = Played(Tape(), SourceRequest(kind="video", start=0.3, end=0.7))
    times = []
    while (frame := source.read()) is not None:
        times.append(frame.time)
    assert times == [0.3, 0.4, 0.5, 0.6]
    tape = Tape()
    with pytest.raises(MediaError):
        Played(tape, SourceRequest(kind="video", start=3, end=1))
    assert tape.closed


def test_mirror_can_be_changed_while_it_plays():
    source = Played(Tape(), SourceRequest(kind="plugin", mirror=True))
    source.read()
    frame = source.read()
    assert frame.rgb[0, :, 0].tolist() == [0, 0, 5] and frame.rgb.flags.c_contiguous
    source.adopt(SourceRequest(kind="plugin"))
    assert source.read().rgb[0, :, 0].tolist() == [10, 0, 0]
