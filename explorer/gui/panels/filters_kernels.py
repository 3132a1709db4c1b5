"""The sheet of kernels: all of them by one input, or one of them by all its inputs."""

from __future__ import annotations

from typing import Any

from explorer.gui.desk import Desk
from explorer.gui.panels.filters_view import FiltersView
from explorer.i18n import tr
from explorer.records.network import NetworkInfo
from explorer.records.picture import Mosaic
from explorer.requests.base import changed


class KernelSheet:
    """What the sheet shows, and what a click, a double-click and the buttons over it do."""

    def __init__(self, desk: Desk, view: FiltersView) -> None:
        self.desk, self.view = desk, view
        self.layer = ""  # whose kernels are shown
        view.spectrum.clicked.connect(lambda on: self.set(spectrum=on, range=None))
        view.slices.clicked.connect(self._toggle)
        view.kernels.opened.connect(self._open)

    @property
    def shows_inputs(self) -> bool:
        """Whether the tiles are the inputs of one kernel."""
        mosaic = self.view.kernels.mosaic
        return mosaic is not None and mosaic.facts.get("view") == "inputs"

    def is_of(self, layer: str) -> bool:
        """Whether the kernels shown make `layer`, or are the last ones before it."""
        network = self.desk.network
        return network is not None and convolution_for(network, layer) == self.layer

    def linked(self, layer: str) -> bool:
        """Whether kernel k and map k are the same channel: the layer is the convolution or keeps its channels."""
        one, other = self.view.kernels.mosaic, self.view.maps.mosaic
        if one is None or other is None or one.grid.count != other.grid.count or self.shows_inputs:
            return False
        return self.is_of(layer)

    def ask(self, channel: str) -> None:
        """Ask for the kernels of the Session; a network without convolutions has none, and that is said."""
        network = self.desk.network
        if network is None or any(layer.kernel for layer in network.layers):
            self.desk.submit(channel, self.desk.session.filters)
        else:
            self.layer = ""
            self.view.kernels.set_mosaic(None)
            text = tr("{network} has no convolution, so it has no filters to show.").format(network=network.title)
            self.view.kernels.set_empty_text(text)

    def take(self, mosaic: Mosaic, layer: str) -> None:
        """Show kernels that came while the maps of `layer` are looked at."""
        self.layer = str(mosaic.facts.get("layer", ""))
        self.view.kernels.set_mosaic(mosaic)
        if self.shows_inputs:
            self.view.kernels.select(self.desk.session.filters.input_channel)
        else:
            self.view.kernels.select(self.desk.session.selection.channel if self.linked(layer) else None)

    def follow(self, channel: int, layer: str) -> None:
        """Channel `channel` of `layer` was selected: so is its kernel, or its inputs are shown."""
        mosaic = self.view.kernels.mosaic
        if self.linked(layer):
            self.view.kernels.select(channel)
        elif mosaic is not None and self.shows_inputs and self.is_of(layer) and channel < int(mosaic.facts.get("kernels", 0)):
            self.set(undoable=False, kernel=channel)

    def set(self, undoable: bool = True, **fields: Any) -> None:
        """Change the request."""
        self.desk.change(undoable=undoable, filters=changed(self.desk.session.filters, **fields))

    def show_kernel(self, kernel: int) -> None:
        """All slices of one kernel: start from filter k."""
        self.set(view="inputs", kernel=kernel, range=None)

    def show_input(self, channel: int | None = None) -> None:
        """One slice of every kernel."""
        fields: dict[str, Any] = {} if channel is None else {"input_channel": channel}
        self.set(view="kernels", range=None, **fields)

    def _open(self, tile: int) -> None:
        if self.shows_inputs:
            self.show_input(tile)
        else:
            self.show_kernel(tile)

    def _toggle(self, on: bool) -> None:
        if on:
            self.show_kernel(self.view.kernels.channel or 0)
        else:
            self.show_input()


def convolution_for(network: NetworkInfo, name: str) -> str:
    """The convolution whose kernels belong beside layer `name`: itself or the last one before it; "" where there is none."""
    found = ""
    for layer in network.layers:
        if layer.kernel is not None:
            found = layer.name
        if layer.name == name:
            break
    return found or next((layer.name for layer in network.layers if layer.kernel), "")
