"""The map of a plane of inputs as a picture: answers in class colours, their probability as strength, borders between pieces.

Numpy alone: the window and the command line draw the same picture.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.picture.colour import CLASS_COLOURS, Colour
from explorer.records.frame import RGB
from explorer.records.regions import Regions

GROUND = (236, 238, 240)
LINE = (24, 26, 30)


def class_colours(record: Regions) -> dict[int, Colour]:
    """A colour for each class of the map: the picture's own has the first, the rest by their share; eight differ."""
    order = [index for index, _ in record.shares() if index != record.own_answer]
    own = [record.own_answer] if record.own_answer >= 0 else []
    return {index: CLASS_COLOURS[at % len(CLASS_COLOURS)] for at, index in enumerate([*own, *order])}


def cell_size(record: Regions, longest: int = 720) -> int:
    """Pixels of a point so that the map has about `longest` a side, an odd number from 3 up."""
    return max(3, (longest // record.size) | 1)


def region_map(record: Regions, cell: int) -> RGB:
    """(size * cell, size * cell, 3) uint8 RGB. Thin lines part linear pieces, thick ones answers."""
    colours = class_colours(record)
    made = np.empty((*record.answer.shape, 3), np.float32)
    made[:] = GROUND
    for index, colour in colours.items():
        made[record.answer == index] = colour
    strength = 0.3 + 0.7 * record.score[..., None]
    ground = np.asarray(GROUND, np.float32)
    made = np.where(record.answer[..., None] >= 0, ground + (made - ground) * strength, made)
    pieces = (record.pattern >= 0).any() and record.seen <= record.size**2 // 2  # else every point is a piece of its own
    if pieces:  # those that touch differ a little even where no line is seen
        shade = 1.0 - 0.12 * ((record.pattern * 40503 & 0xFFFF) / 65535.0)
        made = made * shade[..., None].astype(np.float32)
    sheet = np.clip(np.rint(made), 0, 255).astype(np.uint8).repeat(cell, axis=0).repeat(cell, axis=1)
    if pieces:
        _lines(sheet, record.pattern, cell, 1, 0.55)
    _lines(sheet, record.answer, cell, min(3, max(2, cell // 8)), 1.0)
    return np.ascontiguousarray(sheet)


def _lines(sheet: RGB, values: npt.NDArray[np.int32], cell: int, width: int, strength: float) -> None:
    """Draw the borders between cells of different value into `sheet`, half on either side."""
    before, behind = width // 2, width - width // 2
    for axis in (0, 1):
        differs = np.diff(values, axis=axis) != 0
        for at in np.flatnonzero(differs.any(axis=1 - axis)):
            edge = (int(at) + 1) * cell
            along = np.take(differs, at, axis=axis).repeat(cell)
            band = sheet[edge - before : edge + behind] if axis == 0 else sheet[:, edge - before : edge + behind]
            part = band[:, along] if axis == 0 else band[along]
            mixed = (part * (1 - strength) + np.asarray(LINE, np.float32) * strength).astype(np.uint8)
            if axis == 0:
                band[:, along] = mixed
            else:
                band[along] = mixed
