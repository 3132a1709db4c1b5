"""What can be done with a channel: dream it, ask why, pin it, mute it, save it. The entries of the tiles' menus."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QInputDialog

from explorer.gui.panels import ROWS
from explorer.gui.panels.filters_saving import save_numbers, save_picture
from explorer.gui.widgets.mosaic_view import MosaicView, Spot
from explorer.i18n import tr
from explorer.records.picture import Mosaic
from explorer.requests.base import changed
from explorer.requests.surgery import Edit, is_muted, toggled
from explorer.session import Selection

if TYPE_CHECKING:
    from explorer.gui.panels.filters import FiltersPanel

Entry = tuple[str, Callable[[], None]] | None


def there_is(panel: str) -> bool:
    """Whether this program has a panel of that name."""
    return panel in ROWS


class Deeds:
    """The deeds of a FiltersPanel on the tile under the cursor or the selected one."""

    def __init__(self, panel: FiltersPanel) -> None:
        self.panel, self.desk = panel, panel.desk

    def entries(self, view: MosaicView) -> list[Callable[[Spot], Entry]]:
        """What the menu of a view offers beside its own entries; each says None where it does not apply."""
        kernels = view is self.panel.view.kernels
        own = [self._slices, self._all_kernels] if kernels else [self._pin]

        def on_unit(deed: Callable[[str, int], Entry]) -> Callable[[Spot], Entry]:
            def entry(spot: Spot) -> Entry:
                layer = self._layer_of(view)
                return None if layer is None else deed(layer, spot.channel)

            return entry

        units = [self._dream, self._why, self._best, self._mute, self._keep, self._scale]
        return [*own, *(on_unit(deed) for deed in units), lambda _s: self._picture(view), lambda _s: self._numbers(view)]

    def _layer_of(self, view: MosaicView) -> str | None:
        """The layer whose output channels the tiles stand for; None where they stand for inputs."""
        if view is not self.panel.view.kernels:
            return self.panel.layer_now()
        mosaic = view.mosaic
        return None if mosaic is None or mosaic.facts.get("view") == "inputs" else self.panel.kernels.layer

    # -- tiles -------------------------------------------------------------------------------------------------------
    def _slices(self, spot: Spot) -> Entry:
        mosaic = self.panel.view.kernels.mosaic
        if mosaic is None or mosaic.facts.get("view") == "inputs":
            return None
        text = tr("Show all inputs of kernel {channel}").format(channel=spot.channel)
        return text, lambda: self.panel.kernels.show_kernel(spot.channel)

    def _all_kernels(self, spot: Spot) -> Entry:
        mosaic = self.panel.view.kernels.mosaic
        if mosaic is None or mosaic.facts.get("view") != "inputs":
            return None
        text = tr("Show input {channel} of all kernels").format(channel=spot.channel)
        return text, lambda: self.panel.kernels.show_input(spot.channel)

    def _pin(self, spot: Spot) -> Entry:
        looking = self.panel.looking
        text = tr("Take the pin out of channel {channel}") if spot.channel in looking.pins else tr("Pin channel {channel}")
        return text.format(channel=spot.channel), lambda: looking.pin(spot.channel)

    # -- other panels ------------------------------------------------------------------------------------------------
    def dream(self, layer: str, channel: int) -> None:
        """Open the Dream panel on a channel and begin."""
        request = changed(self.desk.session.dream, layer=layer, channel=channel, start="noise", objective="", goals=())
        self.desk.change(dream=request, panel="dream")
        self.desk.submit("dream", request)

    def _dream(self, layer: str, channel: int) -> Entry:
        text = tr("Dream channel {channel} of {layer}").format(channel=channel, layer=layer)
        return text, lambda: self.dream(layer, channel)

    def _go(self, panel: str, layer: str, channel: int) -> None:
        self.desk.change(undoable=False, selection=Selection(layer=layer, channel=channel), panel=panel)

    def _why(self, layer: str, channel: int) -> Entry:
        return (tr("Where does this answer come from?"), lambda: self._go("why", layer, channel)) if there_is("why") else None

    def _best(self, layer: str, channel: int) -> Entry:
        return (tr("Best pictures for this channel"), lambda: self._go("units", layer, channel)) if there_is("units") else None

    # -- surgery -----------------------------------------------------------------------------------------------------
    def mute(self, layer: str, channel: int) -> None:
        """Set a channel to zero from now on; a channel that is muted speaks again."""
        self.desk.change(surgery=toggled(self.desk.session.surgery, layer, channel))

    def _mute(self, layer: str, channel: int) -> Entry:
        muted = is_muted(self.desk.session.surgery, layer, channel)
        text = tr("Let this channel speak again") if muted else tr("Mute this channel")
        return text, lambda: self.mute(layer, channel)

    def _keep(self, layer: str, channel: int) -> Entry:
        edit = Edit(kind="keep", layer=layer, channels=(channel,))
        return tr("Keep only this channel"), lambda: self.desk.change(surgery=(*self.desk.session.surgery, edit))

    def _scale(self, layer: str, channel: int) -> Entry:
        return tr("Scale this channel..."), lambda: self.ask_scale(layer, channel)

    def ask_scale(self, layer: str, channel: int) -> None:
        """Ask for the factor; the program goes on meanwhile."""
        dialog = QInputDialog(self.panel)
        dialog.setInputMode(QInputDialog.InputMode.DoubleInput)
        dialog.setDoubleRange(-100.0, 100.0)
        dialog.setDoubleDecimals(2)
        dialog.setDoubleValue(2.0)
        dialog.setWindowTitle(tr("Scale this channel"))
        dialog.setLabelText(tr("Multiply channel {channel} of {layer} by").format(channel=channel, layer=layer))
        dialog.doubleValueSelected.connect(
            lambda factor: self.desk.change(
                surgery=(*self.desk.session.surgery, Edit(kind="scale", layer=layer, channels=(channel,), factor=factor))
            )
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # -- taking home -------------------------------------------------------------------------------------------------
    def _picture(self, view: MosaicView) -> Entry:
        mosaic = view.mosaic
        if mosaic is None:
            return None
        return tr("Save picture..."), lambda: self._save_picture(view, mosaic)

    def _save_picture(self, view: MosaicView, mosaic: Mosaic) -> None:
        save_picture(self.desk, self.panel, self.panel.picture_of(view), self.panel.name_of(view), mosaic.facts)

    def _numbers(self, view: MosaicView) -> Entry:
        mosaic = view.mosaic
        if mosaic is None:
            return None
        if mosaic.reduced > 1:  # a file holds every number, not the means of a live picture
            return tr("Save numbers..."), lambda: self.panel.ask_whole(mosaic.frame_seq)
        return tr("Save numbers..."), lambda: self.save_numbers(mosaic, self.panel.name_of(view))

    def save_numbers(self, mosaic: Mosaic, name: str) -> None:
        """Ask where, write every number."""
        save_numbers(self.desk, self.panel, mosaic, name)
