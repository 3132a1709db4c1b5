"""What is known of the units of a layer: the pictures that they like best, and the pictures grown for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.records.frame import RGB
from explorer.records.picture import Grid

XYXY = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class BestPicture:
    """One picture that a unit likes, and where.

    `path`: the file. `score`: the unit's answer. `place`: (row, column) of the strongest number of its map.
    `box`: left, top, right, bottom in pixels of the picture: what the unit sees from that place (the theoretical receptive
    field, clipped to the picture). `crop`: (H, W, 3) uint8 RGB, the box cut out, shrunk to at most the requested side.
    """

    path: str
    score: float
    place: tuple[int, int]
    box: XYXY
    crop: RGB


@dataclass(frozen=True, eq=False)
class BestPictures:
    """The ranking of a folder for every channel of a layer, and the crops of one channel.

    `paths`: the pictures that could be read. `index`: (C, K) int32 into `paths`, best first, -1 where there are fewer than K.
    `score`: (C, K) float32. `place`: (C, K, 2) int32, row and column of the strongest number. `map_hw`: size of the maps.
    `entries`: the best pictures of `channel`; empty where no channel was asked for.
    `unreadable`: (file name, English reason) of the files that are no pictures. `done` of `total` files were read.
    """

    layer: str
    measure: str
    folder: str
    channel: int | None
    paths: tuple[str, ...]
    index: npt.NDArray[np.int32]
    score: npt.NDArray[np.float32]
    place: npt.NDArray[np.int32]
    map_hw: tuple[int, int]
    entries: tuple[BestPicture, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    done: int = 0
    total: int = 0
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Gallery:
    """The maximised pictures of a layer as one sheet of tiles; tile k belongs to channel `channels[k]`.

    `sheet`: (grid.height, grid.width, 3) uint8 RGB, empty tiles middle grey; tiles may be smaller than the pictures grown.
    `done`: (count,) bool. `objective`: (count,) float32, the mean activation of the channel for its picture (NaN: not there).
    `of`: how many channels the layer has. `facts`: what made them (model, layer, size, steps, seed, recipe, ...).
    """

    layer: str
    channels: tuple[int, ...]
    grid: Grid
    sheet: RGB
    done: npt.NDArray[np.bool_]
    objective: npt.NDArray[np.float32]
    of: int
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Atlas:
    """An atlas on disk. `index`: its first page. `layers`: (name, units there, units of the layer). `grown`: made this time."""

    index: str
    layers: tuple[tuple[str, int, int], ...]
    grown: int = 0
    kept: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
