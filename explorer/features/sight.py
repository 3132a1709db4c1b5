"""Which part of a picture a unit sees: its theoretical receptive field, in the pixels of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from explorer.engine.memory import explained
from explorer.engine.reach import field_of, finite
from explorer.engine.taps import run_until
from explorer.features.cell import cell_of
from explorer.features.receptive import box_of

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.engine.prepare import Geometry
    from explorer.jobs import CancelToken
    from explorer.records.receptive import Box
    from explorer.records.units import XYXY


class Sight:
    """The receptive fields of one layer, found by probing one pass over an empty picture; each place is probed once.

    For many pictures at once: `features.receptive` follows the branches that a network takes for one picture.
    """

    def __init__(self, network: Network, layer: str, token: CancelToken | None = None) -> None:
        self.network = network
        self.layer = layer
        self._token = token
        self._pass: tuple[torch.Tensor, torch.Tensor] | None = None  # input, output with its graph
        self._known: dict[tuple[int, int], Box | None] = {}

    def box(self, geometry: Geometry, place: tuple[int, int]) -> XYXY:
        """Left, top, right, bottom in pixels of the picture: what the unit at (row, column) of a map sees of it, clipped.

        A unit that depends on no pixel sees all that the network sees.
        """
        size = self.network.recipe.size
        seen = self.seen(place) or (0, 0, size, size)
        left, top, right, bottom = geometry.to_frame_xyxy(np.array([seen], np.float64))[0].tolist()
        return left, top, right, bottom

    def seen(self, place: tuple[int, int]) -> Box | None:
        """The field of a place in pixels of the network's input, right and bottom exclusive; None for none."""
        if place not in self._known:
            with explained(self.network.device), torch.enable_grad():
                if self._pass is None:
                    x = self.network.blank().requires_grad_(True)
                    self._pass = x, run_until(finite(self.network.module), x, self.layer, self._token)
                x, output = self._pass
                field = field_of(output, x, cell_of(output, self.layer, None, *place).index)
            self._known[place] = None if field is None else box_of(field)
        return self._known[place]
