"""The requests of the Units panel, made from the Session."""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.gui.desk import Desk
from explorer.gui.panels.filters_kernels import convolution_for
from explorer.records.network import NetworkInfo
from explorer.records.picture import Mosaic
from explorer.requests.base import changed
from explorer.requests.look import ActivationsRequest, FiltersRequest
from explorer.requests.receptive import ReceptiveRequest
from explorer.requests.units import BestRequest, GalleryRequest

LARGE = {"size": 256, "steps": 256}
LIVE_VALUES = 200_000  # more numbers than that come as means, except those of the selected unit


class Asking:
    """Makes requests; knows which ranking was asked for last."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._ranking: BestRequest | None = None

    def _shared(self) -> dict[str, Any]:
        base = self.desk.session.gallery
        return {name: getattr(base, name) for name in ("model", "weights", "device", "precision", "exact")}

    def gallery(self, layer: str, cached_only: bool = False, first: int | None = None) -> GalleryRequest:
        """All units of a layer, beginning with `first`."""
        channels: tuple[int, ...] = ()
        tap = next((tap for tap in self.desk.network.layers if tap.name == layer), None) if self.desk.network else None
        if first is not None and tap is not None:
            count = tap.shape[0]
            channels = (*range(first, count), *range(first))
        return changed(self.desk.session.gallery, layer=layer, channels=channels, cached_only=cached_only)

    def small(self, layer: str, channel: int) -> GalleryRequest:
        """One unit as the gallery has it."""
        return changed(self.desk.session.gallery, layer=layer, channels=(channel,), cached_only=False)

    def large(self, layer: str, channel: int, cached_only: bool = False) -> GalleryRequest:
        """One unit, larger and with more steps."""
        return changed(self.desk.session.gallery, layer=layer, channels=(channel,), cached_only=cached_only, **LARGE)

    def best(self, layer: str, channel: int) -> BestRequest:
        """The best pictures of a unit."""
        self._ranking = changed(self.desk.session.best, layer=layer, channel=channel)
        return self._ranking

    def ranks_already(self, layer: str) -> bool:
        """Whether the ranking that was asked for last serves this layer too, as the Session has it now."""
        now = changed(self.desk.session.best, layer=layer)
        return self._ranking is not None and changed(self._ranking, channel=None) == changed(now, channel=None)

    def kernels(self, network: NetworkInfo, layer: str, channel: int) -> FiltersRequest | None:
        """The filter of a unit: its convolution's, where the layer is one or keeps its channels; else None."""
        name = convolution_for(network, layer)
        kernel = next((tap.kernel for tap in network.layers if tap.name == name), None)
        shape = next((tap.shape for tap in network.layers if tap.name == layer), ())
        if kernel is None or not shape or kernel[0] != shape[0] or channel >= kernel[0]:
            return None
        rgb = kernel[1] == 3
        return FiltersRequest(layer=name, view="kernels" if rgb else "inputs", kernel=channel, **self._shared())

    def maps(self, layer: str, channel: int) -> ActivationsRequest:
        """The maps of the layer on the newest picture; the unit's own with all its numbers."""
        return ActivationsRequest(layer=layer, live_values=LIVE_VALUES, detail=channel, **self._shared())

    def place(self, mosaic: Mosaic, channel: int | None) -> tuple[int, int] | None:
        """The place of the map that is looked from: the selected one, else the strongest."""
        values = None if channel is None or channel >= mosaic.grid.count else mosaic.exact(channel)
        if values is None or values.ndim != 2:
            return None
        chosen = self.desk.session.selection.pixel
        if chosen is not None and chosen[0] < values.shape[0] and chosen[1] < values.shape[1]:
            return chosen
        clean = np.nan_to_num(values, nan=-np.inf, posinf=-np.inf, neginf=-np.inf)
        row, column = np.unravel_index(int(clean.argmax()), values.shape)
        return int(row), int(column)

    def sight(self, layer: str, channel: int, place: tuple[int, int]) -> ReceptiveRequest:
        """What the unit sees from a place of its map."""
        return ReceptiveRequest(layer=layer, channel=channel, y=place[0], x=place[1], **self._shared())
