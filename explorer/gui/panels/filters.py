"""Filters & Activations: what each layer looks for, and what it finds in the picture."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, ClassVar

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.gui import words
from explorer.gui.desk import Desk
from explorer.gui.notices import trouble_text
from explorer.gui.panels.filters_saving import save_numbers, save_picture, with_facts
from explorer.gui.panels.filters_view import FiltersView, forms
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.widgets.mosaic_view import MosaicView, Spot, copy_text
from explorer.gui.widgets.picture_view import image_of
from explorer.i18n import N_, tr
from explorer.jobs import Event, Failed, Result
from explorer.picture.grid import mosaic_rgb
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo
from explorer.records.picture import Mosaic
from explorer.records.vision import TopK
from explorer.requests.base import changed
from explorer.requests.network import ClassifyRequest
from explorer.session import Selection, Session

KERNELS, MAPS, CLASSES = "filters.kernels", "filters.maps", "filters.classes"
FRAMES_KEPT = 8  # pictures remembered until their maps arrive


class FiltersPanel(Panel):
    """Kernels of the convolution, maps of the layer, one map enlarged, the best classes; live while shown.

    The layer tree is the Models dock's: choosing a layer there selects it for the program, and this panel follows.
    """

    name: ClassVar[str] = "filters"
    title: ClassVar[str] = N_("Filters")
    icon: ClassVar[str] = "filters"
    channels: ClassVar[tuple[str, ...]] = (KERNELS, MAPS, CLASSES)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._frames: OrderedDict[int, Frame] = OrderedDict()
        self._kernels_of = ""
        self._form = forms(desk)
        self.view = FiltersView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.view.freeze.toggled.connect(desk.freeze)
        self.view.dream.clicked.connect(self._dream_selected)
        for view in (self.view.kernels, self.view.maps):
            view.selected.connect(self.choose_channel)
            view.spot_hovered.connect(self._tell_spot)
            view.menu_actions += [self._dream_action, self._picture_action, self._numbers_action]
        self.view.enlarged.spot_hovered.connect(self._tell_spot)
        self.view.maps.opened.connect(self._open_map)
        self.view.enlarged.double_clicked.connect(lambda _x, _y: self.view.enlarge(not self.view.is_large))
        desk.session_changed.connect(self._session_changed)
        desk.network_changed.connect(self._network_changed)
        desk.frozen_changed.connect(self._show_frozen)
        if desk.network is not None:
            self._network_changed(desk.network)
        self.view.say_empty()

    def form(self) -> QWidget:
        """Range, colours and input channel."""
        return self._form

    # -- live work ---------------------------------------------------------------------------------------------------
    def activate(self) -> None:
        """Kernels once, maps and classes on every newest picture."""
        self._ask_kernels()
        self._follow()

    def deactivate(self) -> None:
        """Nothing is computed for a panel that nobody sees."""
        self.desk.follow(MAPS, None)
        self.desk.follow(CLASSES, None)

    def _follow(self) -> None:
        if not self.active:
            return
        session, network = self.desk.session, self.desk.network
        self.desk.follow(MAPS, session.activations)
        says = network is not None and network.task == "classify"
        if says:
            fields = ("model", "weights", "device", "precision", "exact")
            shared = {field: getattr(session.activations, field) for field in fields}
            self.desk.follow(CLASSES, ClassifyRequest(**shared))
        else:
            self.desk.follow(CLASSES, None)
        self.view.show_scores(says)

    def _ask_kernels(self) -> None:
        network = self.desk.network
        if self.active and (network is None or any(layer.kernel for layer in network.layers)):
            self.desk.submit(KERNELS, self.desk.session.filters)

    def take(self, channel: str, event: Event) -> None:
        """Paint what came."""
        if isinstance(event, Failed):
            view = {KERNELS: self.view.kernels, MAPS: self.view.maps}.get(channel)
            if view is not None:
                view.set_mosaic(None)
                view.set_empty_text(trouble_text(event.trouble))
        elif isinstance(event, Result) and isinstance(event.record, Mosaic):
            if channel == KERNELS:
                self._take_kernels(event.record)
            else:
                self._take_maps(event.record)
        elif isinstance(event, Result) and isinstance(event.record, TopK):
            self.view.scores.set_scores(event.record)

    def _take_kernels(self, mosaic: Mosaic) -> None:
        self._kernels_of = str(mosaic.facts.get("layer", ""))
        self.view.kernels.set_mosaic(mosaic)
        self.view.kernels.select(self.desk.session.selection.channel if self._linked() else None)
        self._say_titles()

    def _take_maps(self, mosaic: Mosaic) -> None:
        self.view.maps.set_mosaic(mosaic)
        selection = self.desk.session.selection
        channel = selection.channel if selection.layer == mosaic.facts.get("layer") else None
        if channel is None or channel >= mosaic.grid.count:
            channel = self.view.maps.channel if self.view.maps.channel is not None else strongest(mosaic)
        self.view.maps.select(channel)
        self._show_map()
        self._say_titles()

    def take_frame(self, frame: Frame) -> None:
        """Remember the picture until its maps arrive."""
        self._frames[frame.seq] = frame
        while len(self._frames) > FRAMES_KEPT:
            self._frames.popitem(last=False)
        if self.view.maps.mosaic is not None and self.view.maps.mosaic.frame_seq == frame.seq:
            self._show_map()

    def _show_map(self) -> None:
        mosaic = self.view.maps.mosaic
        frame = None if mosaic is None else self._frames.get(mosaic.frame_seq)
        self.view.enlarged.set_map(mosaic, self.view.maps.channel, frame)

    # -- choosing ----------------------------------------------------------------------------------------------------
    def choose_layer(self, name: str) -> None:
        """Look at another layer; the kernels shown are its own or those of the convolution before it."""
        session, network = self.desk.session, self.desk.network
        if network is None or name == session.activations.layer:
            return
        kernels = convolution_for(network, name)
        fields: dict[str, Any] = {"activations": changed(session.activations, layer=name)}
        if session.selection.layer != name:
            fields["selection"] = Selection(layer=name)
        if kernels and kernels != session.filters.layer:
            fields["filters"] = changed(session.filters, layer=kernels, input_channel=0)
        self.view.maps.select(None)
        self.view.spot.setText("")
        self.desk.change(**fields)

    def step_layer(self, by: int) -> None:
        """The layer `by` places after the present one, in the order they run."""
        network = self.desk.network
        names = [layer.name for layer in network.layers] if network is not None else []
        if self._layer_now() in names:
            at = names.index(self._layer_now()) + by
            if 0 <= at < len(names):
                self.choose_layer(names[at])

    def choose_channel(self, channel: int) -> None:
        """Select a channel everywhere."""
        layer = self._layer_now()
        self.desk.change(undoable=False, selection=Selection(layer=layer, channel=channel))
        if self.view.maps.mosaic is not None and self._linked():
            self.view.maps.select(channel)
        self._show_map()
        self._say_titles()

    def _layer_now(self) -> str:
        network = self.desk.network
        first = network.layers[0].name if network is not None and network.layers else ""
        return self.desk.session.activations.layer or first

    def _linked(self) -> bool:
        """Whether kernel k and map k are the same channel: the layer is the convolution or keeps its channels."""
        one, other = self.view.kernels.mosaic, self.view.maps.mosaic
        network = self.desk.network
        if one is None or other is None or network is None or one.grid.count != other.grid.count:
            return False
        return convolution_for(network, self._layer_now()) == self._kernels_of

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.filters != old.filters:
            self._ask_kernels()
        if new.activations != old.activations:
            self._follow()
            self._say_titles()
        if new.selection.layer != old.selection.layer and new.selection.layer:
            self.choose_layer(new.selection.layer)
        if new.selection != old.selection and new.selection.channel is not None:
            if new.selection.layer in ("", self._layer_now()):
                self.view.maps.select(new.selection.channel)
                self._show_map()
            if self._linked():
                self.view.kernels.select(new.selection.channel)
            self._say_titles()

    def _network_changed(self, network: NetworkInfo | None) -> None:
        self.view.scores.set_scores(None)
        if self.active:
            self._ask_kernels()
            self._follow()
        self._say_titles()

    # -- words -------------------------------------------------------------------------------------------------------
    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._say_titles()
        self.view.say_empty()

    def _say_titles(self) -> None:
        name, network = self._layer_now(), self.desk.network
        layer = next((item for item in network.layers if item.name == name), None) if network is not None else None
        self.view.heading.setText(name)
        parts = [] if layer is None else [layer.kind, " × ".join(map(str, layer.shape))]
        maps = self.view.maps.mosaic
        if maps is not None and maps.facts.get("layer") == name:
            if maps.facts.get("dead"):
                parts.append(tr("{count} channels silent").format(count=len(maps.facts["dead"])))
            if maps.bad.any():
                parts.append(tr("{count} channels with NaN or infinity").format(count=int((maps.bad > 0).sum())))
        self.view.detail.setText(" · ".join(parts))
        words.say(
            self.view.kernels_title, N_("Filters of {layer}") if self._kernels_of else N_("Filters"), layer=self._kernels_of
        )
        channel = self.view.maps.channel
        title = "" if maps is None or channel is None else self.view.maps.summary(channel)
        said = "" if channel is None else self._class_of(channel)
        self.view.map_title.setText(f"{title} · {said}" if said else title)
        self.view.dream.setEnabled(self.view.maps.channel is not None)

    def _tell_spot(self, spot: Spot | None) -> None:
        said = "" if spot is None else self._class_of(spot.channel)
        self.view.spot.setText("" if spot is None else spot.text() + (f" · {said}" if said else ""))

    def _class_of(self, channel: int) -> str:
        """The class that a channel of the last layers stands for, "" elsewhere."""
        network, maps = self.desk.network, self.view.maps.mosaic
        if network is None or maps is None or len(network.classes) != maps.grid.count:
            return ""
        return network.classes[channel]

    def _show_frozen(self, on: bool) -> None:
        self.view.freeze.setChecked(on)

    # -- actions -----------------------------------------------------------------------------------------------------
    def _open_map(self, channel: int) -> None:
        self.view.maps.select(channel)
        self._show_map()
        self.view.enlarge(True)

    def keys(self) -> list[Key]:
        """See ux.md."""
        return [
            Key("E", N_("Enlarge the selected map, or show all"), lambda: self.view.enlarge(not self.view.is_large)),
            Key(
                "O", N_("Lay the map over the picture"), lambda: self.view.share.setValue(0 if self.view.share.value() else 55)
            ),
            Key("D", N_("Dream the selected channel"), self._dream_selected),
            Key("PgDown", N_("Next layer"), lambda: self.step_layer(1)),
            Key("PgUp", N_("Layer before"), lambda: self.step_layer(-1)),
            Key("Ctrl+C", N_("Copy the selected number"), self._copy),
        ]

    def _copy(self) -> None:
        if self.view.maps.mosaic is not None and self.view.maps.channel is not None:
            copy_text(self.view.maps.spot(self.view.maps.channel, 0, 0))

    def picture(self) -> QImage:
        """The maps, crisp and large enough to be shown, their recipe inside; the kernels where those have the focus."""
        view, _ = self._shown()
        mosaic = view.mosaic
        if mosaic is None:
            return super().picture()
        rgb = mosaic_rgb(mosaic, longest=1600)
        return with_facts(image_of(rgb), mosaic.facts)

    def numbers(self) -> str:
        """One line a channel: number, lowest, highest, mean, how many are not finite."""
        view, _ = self._shown()
        mosaic = view.mosaic
        if mosaic is None:
            return ""
        flat = mosaic.values.reshape(len(mosaic.values), -1)
        rows = zip(flat.min(1), flat.max(1), flat.mean(1), mosaic.bad, strict=True)
        lines = [f"{at}\t{low}\t{high}\t{mean}\t{bad}" for at, (low, high, mean, bad) in enumerate(rows)]
        return "\n".join(["channel\tlowest\thighest\tmean\tnot finite", *lines])

    def _dream_selected(self) -> None:
        if self.view.maps.channel is not None:
            self.dream_channel(self._layer_now(), self.view.maps.channel)

    def dream_channel(self, layer: str, channel: int) -> None:
        """Open the Dream panel on a channel and begin."""
        request = changed(self.desk.session.dream, layer=layer, channel=channel, start="noise", objective="")
        self.desk.change(dream=request, panel="dream")
        self.desk.submit("dream", request)

    def _dream_action(self, spot: Spot) -> Any:
        layer = self._kernels_of if self.view.kernels.hasFocus() else self._layer_now()
        return tr("Dream channel {channel} of {layer}").format(channel=spot.channel, layer=layer), lambda: self.dream_channel(
            layer, spot.channel
        )

    def _shown(self) -> tuple[MosaicView, str]:
        if self.view.kernels.hasFocus() and self.view.kernels.mosaic is not None:
            return self.view.kernels, f"filters-{self._kernels_of}"
        return self.view.maps, f"activations-{self._layer_now()}"

    def _picture_action(self, _spot: Spot) -> Any:
        view, name = self._shown()
        mosaic = view.mosaic
        return (
            None
            if mosaic is None
            else (
                tr("Save picture..."),
                lambda: save_picture(self.desk, self, self.picture(), name, mosaic.facts),
            )
        )

    def _numbers_action(self, _spot: Spot) -> Any:
        view, name = self._shown()
        mosaic = view.mosaic
        return None if mosaic is None else (tr("Save numbers..."), lambda: save_numbers(self.desk, self, mosaic, name))

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """The first layer on the picture that is there."""
        self.view.enlarge(False)

    def demo_ready(self) -> bool:
        """Kernels and maps are there."""
        return self.view.kernels.mosaic is not None and self.view.maps.mosaic is not None


def strongest(mosaic: Mosaic) -> int:
    """The channel with the highest finite mean: something to look at before anybody clicked."""
    means = np.nan_to_num(mosaic.values, nan=0.0, posinf=0.0, neginf=0.0).reshape(len(mosaic.values), -1).mean(axis=1)
    return int(means.argmax())


def convolution_for(network: NetworkInfo, name: str) -> str:
    """The convolution whose kernels belong beside layer `name`: itself or the last one before it; "" where there is none."""
    found = ""
    for layer in network.layers:
        if layer.kernel is not None:
            found = layer.name
        if layer.name == name:
            break
    return found or next((layer.name for layer in network.layers if layer.kernel), "")
