"""Strokes of frames and places of labels: numbers worked out by hand."""

import numpy as np

from explorer.picture.box_frame import bars, rims
from explorer.picture.label_room import label_places


def strokes(kind, place, thick):
    owner, made = bars((kind,), np.array([place]), thick)
    assert not owner.any()
    return made.tolist()


def test_strokes_by_hand():
    solid = [[10, 20, 100, 2], [10, 68, 100, 2], [10, 20, 2, 50], [108, 20, 2, 50]]
    assert strokes("solid", (10, 20, 100, 50), 2) == solid == rims(np.array([[10, 20, 100, 50]]), 2).tolist()
    corners = strokes("corners", (10, 20, 100, 50), 2)
    assert corners[:4] == [[37, 20, 46, 1], [37, 69, 46, 1], [10, 34, 1, 22], [109, 34, 1, 22]], (
        "a thin line between the corners"
    )
    assert corners[4:8] == [[10, 20, 27, 2], [10, 68, 27, 2], [10, 20, 2, 14], [108, 20, 2, 14]]
    assert strokes("double", (0, 0, 40, 40), 4)[4:] == [[6, 6, 28, 2], [6, 32, 28, 2], [6, 6, 2, 28], [32, 6, 2, 28]]
    assert len(strokes("dashes", (0, 0, 100, 100), 3)) == 12
    for kind in ("corners", "dashes", "double", "of a plugin"):
        assert strokes(kind, (0, 0, 9, 9), 2) == strokes("solid", (0, 0, 9, 9), 2), "a small frame is solid"


def test_many_frames_are_those_of_each():
    rng = np.random.default_rng(0)
    kinds = [("solid", "corners", "dashes", "double")[number] for number in rng.integers(0, 4, 50)]
    places = rng.integers(0, 90, (50, 4))
    owner, made = bars(kinds, places, 3)
    for number, (kind, place) in enumerate(zip(kinds, places, strict=True)):
        assert made[owner == number].tolist() == strokes(kind, place, 3)
    assert [part.size for part in bars((), np.zeros((0, 4), np.int32), 3)] == [0, 0]


def test_labels_keep_apart_and_inside():
    rng = np.random.default_rng(1)
    corner = rng.integers(0, 500, (60, 2))
    boxes = np.concatenate([corner, corner + rng.integers(5, 200, (60, 2))], 1)
    sizes = [(int(wide), 18) for wide in rng.integers(30, 120, 60)]
    places = label_places((0, 0, 640, 480), boxes, sizes)
    assert places[0] is not None
    taken = np.zeros((480, 640), bool)
    for place, (wide, tall) in zip(places, sizes, strict=True):
        if place is not None:
            left, top = place
            assert 0 <= left <= 640 - wide and 0 <= top <= 480 - tall
            part = taken[top : top + tall, left : left + wide]
            assert part.mean() <= 0.35, "enough of each can be seen"
            part[:] = True
    assert label_places((0, 0, 640, 480), np.zeros((0, 4), np.int32), []) == []
    assert label_places((0, 0, 20, 10), np.array([[0, 0, 9, 9]]), [(90, 18)]) == [(0, 0)], "larger than the picture"
