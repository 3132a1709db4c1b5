"""Which part of a picture a unit sees: its theoretical receptive field, in the pixels of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.engine.prepare import Geometry
    from explorer.records.units import XYXY


class Sight:
    """The receptive fields of one layer."""

    def __init__(self, network: Network, layer: str) -> None:
        self.network = network
        self.layer = layer

    def box(self, geometry: Geometry, map_hw: tuple[int, int], place: tuple[int, int]) -> XYXY:
        """Left, top, right, bottom in pixels of the picture: what the unit at (row, column) of the map sees of it."""
        size = self.network.recipe.size
        left, top, right, bottom = geometry.to_frame_xyxy(np.array([[0, 0, size, size]]))[0].tolist()
        return left, top, right, bottom
