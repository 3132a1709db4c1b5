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
        """The filter of a unit, where one convolution, or several side by side, have one kernel for each unit; else None."""
        found = kernel_of(network, layer, channel)
        if found is None:
            return None
        name, kernel, rgb = found
        return FiltersRequest(layer=name, view="kernels" if rgb else "inputs", kernel=kernel, **self._shared())

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
        if clean.min() == clean.max():  # silent: no place is the strongest
            return None
        row, column = np.unravel_index(int(clean.argmax()), values.shape)
        return int(row), int(column)

    def sight(self, layer: str, channel: int, place: tuple[int, int]) -> ReceptiveRequest:
        """What the unit sees from a place of its map."""
        return ReceptiveRequest(layer=layer, channel=channel, y=place[0], x=place[1], **self._shared())


def kernel_of(network: NetworkInfo, layer: str, channel: int) -> tuple[str, int, bool] | None:
    """(convolution, number of its kernel, whether it sees RGB) behind a unit of `layer`.

    The layer's own convolution or the one before it, where it has as many kernels as the layer has units; or the last ones
    inside the layer whose kernels, side by side, are as many (as in a Fire module, whose two outputs are concatenated).
    """
    taps = {tap.name: tap for tap in network.layers}
    count = taps[layer].shape[0] if layer in taps and taps[layer].shape else 0
    name = convolution_for(network, layer)
    kernel = taps[name].kernel if name in taps else None
    if kernel is not None and kernel[0] == count and channel < count:
        return name, channel, kernel[1] == 3
    inside = [(tap.name, tap.kernel) for tap in network.layers if tap.name.startswith(f"{layer}.") and tap.kernel is not None]
    first = count
    for name, kernel in reversed(inside):
        first -= kernel[0]
        if first < 0:
            return None
        if first <= channel < first + kernel[0] and _fills(inside, count):
            return name, channel - first, kernel[1] == 3
    return None


def _fills(inside: list[tuple[str, tuple[int, ...]]], count: int) -> bool:
    """Whether the kernels of the last convolutions of a list are exactly `count`."""
    for _, kernel in reversed(inside):
        count -= kernel[0]
        if count <= 0:
            return count == 0
    return False
