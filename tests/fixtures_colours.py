"""A film whose truth is known: squares of plain colours that cross, and one that nobody sees for a while."""

from __future__ import annotations

import numpy as np

from explorer.picture.video import VideoWriter

SIZE, FPS, FRAMES, SIDE = (320, 240), 20, 30, 40
HIDDEN = range(12, 17)
RED, GREEN, BLUE = (220, 20, 20), (20, 200, 20), (20, 20, 230)


def places(k):
    """(colour, left, top) of each square in frame k: two red ones cross, green is not there in five of the frames."""
    moving = [("red", RED, 8 + 8 * k, 16), ("red", RED, 264 - 8 * k, 80), ("blue", BLUE, 136, 124)]
    return moving if k in HIDDEN else [*moving, ("green", GREEN, 16 + 8 * k, 184)]


def picture(k):
    rgb = np.full((SIZE[1], SIZE[0], 3), 128, np.uint8)
    for _, colour, left, top in places(k):
        rgb[top : top + SIDE, left : left + SIDE] = colour
    return rgb


def write_film(path):
    with VideoWriter(path, FPS, SIZE) as writer:
        for k in range(FRAMES):
            writer.write(picture(k))
    return path


def check_numbers(rows):
    """Each square keeps one number over the whole film, told by where they truly are."""
    said = {}
    for k, row in enumerate(rows):
        for at, (name, _, left, top) in enumerate(places(k)):
            middle = np.array([left + SIDE / 2, top + SIDE / 2])
            for one in row["detections"]:
                x0, y0, x1, y1 = one["xyxy"]
                if one["label"] == name and np.abs(middle - [(x0 + x1) / 2, (y0 + y1) / 2]).max() < 12 and x1 - x0 > 30:
                    said.setdefault(at, []).append(one["track"])
    assert [len(numbers) for _, numbers in sorted(said.items())] == [FRAMES, FRAMES, FRAMES, FRAMES - len(HIDDEN)]
    assert [len(set(numbers)) for numbers in said.values()] == [1, 1, 1, 1], said
    assert len({numbers[0] for numbers in said.values()}) == 4
