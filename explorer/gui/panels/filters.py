"""Filters & Activations: what each layer looks for, and what it finds in the picture."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.gui.desk import Desk
from explorer.gui.notices import trouble_text
from explorer.gui.panels.filters_deeds import Deeds
from explorer.gui.panels.filters_kernels import KernelSheet, convolution_for
from explorer.gui.panels.filters_lens import LENS_CHANNELS, Lens
from explorer.gui.panels.filters_looking import SKIPPED, Looking, strongest
from explorer.gui.panels.filters_saving import numbers_text, with_facts
from explorer.gui.panels.filters_view import FiltersView, forms
from explorer.gui.panels.filters_words import class_of, kernels_text, layer_text, maps_text
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.widgets.mosaic_view import MosaicView, Spot, copy_text
from explorer.gui.widgets.picture_view import image_of
from explorer.i18n import N_
from explorer.jobs import Event, Failed, Result
from explorer.picture.grid import mosaic_rgb
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo
from explorer.records.picture import Mosaic
from explorer.records.vision import TopK
from explorer.requests.base import changed
from explorer.requests.look import ActivationsRequest
from explorer.requests.network import ClassifyRequest
from explorer.requests.surgery import silent
from explorer.session import Selection, Session

KERNELS, MAPS, CLASSES, WHOLE = "filters.kernels", "filters.maps", "filters.classes", "filters.whole"
WORDS_MS = 100  # nobody reads numbers that change more often


class FiltersPanel(Panel):
    """Kernels of the convolution, maps of the layer, one map enlarged, the best classes; live while shown.

    The layer tree is the Models dock's: choosing a layer there selects it for the program, and this panel follows.
    """

    name: ClassVar[str] = "filters"
    channels: ClassVar[tuple[str, ...]] = (KERNELS, MAPS, CLASSES, WHOLE, *LENS_CHANNELS)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._asked: ActivationsRequest | None = None
        self._top: TopK | None = None
        self._soon = QTimer(self, singleShot=True, interval=WORDS_MS)
        self._soon.timeout.connect(self._say_now)
        self._newest: Mosaic | None = None  # as it came, in the order of its own picture
        self._form = forms(desk)
        self.view = FiltersView()
        self.looking, self.kernels, self.deeds = Looking(desk), KernelSheet(desk, self.view), Deeds(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.view.freeze.toggled.connect(desk.freeze)
        self.view.dream.clicked.connect(self._dream_selected)
        self.view.pin.clicked.connect(self._pin_selected)
        self.view.sort_again.clicked.connect(self.sort_again)
        self.view.kernel_range.wanted.connect(lambda ends, firm: self._range("filters", ends, firm))
        self.view.map_range.wanted.connect(lambda ends, firm: self._range("activations", ends, firm))
        self.view.maps.selected.connect(self.choose_channel)
        self.view.kernels.selected.connect(self._choose_kernel)
        for view in (self.view.kernels, self.view.maps):
            view.spot_hovered.connect(self._tell_spot)
            view.menu_actions += self.deeds.entries(view)
        self.view.enlarged.spot_hovered.connect(self._tell_spot)
        self.view.maps.opened.connect(self._open_map)
        self.lens = Lens(self)
        desk.session_changed.connect(self._session_changed)
        desk.network_changed.connect(self._network_changed)
        desk.frozen_changed.connect(self._show_frozen)
        desk.source_changed.connect(lambda state: self._follow_maps(self.looking.paused and state.state == "opening"))
        if desk.network is not None:
            self._network_changed(desk.network)
        self._show_frozen(desk.frozen)
        self.view.say_empty()

    def form(self) -> QWidget:
        """Range, colours and input channel."""
        return self._form

    # -- live work ---------------------------------------------------------------------------------------------------
    def activate(self) -> None:
        """Kernels once, maps and classes on every newest picture."""
        self._ask_kernels()
        self._follow()
        self.lens.set_active(True)

    def deactivate(self) -> None:
        """Nothing is computed for a panel that nobody sees."""
        self.desk.follow(MAPS, None)
        self.desk.follow(CLASSES, None)
        self._asked = None
        self.lens.set_active(False)

    def _follow_maps(self, again: bool = False) -> None:
        """Ask for the maps of every newest picture, unless that is what was asked for."""
        request = self.looking.request(self.view.maps.channel)
        if self.active and (again or request != self._asked):
            self._asked = request
            self.desk.follow(MAPS, request)

    def _follow(self) -> None:
        if not self.active:
            return
        session, network = self.desk.session, self.desk.network
        self._follow_maps()
        model = session.activations.model
        says = network is not None and network.name == model and network.task == "classify"  # not the one that leaves
        if says:
            fields = ("model", "weights", "device", "precision", "exact")
            shared = {field: getattr(session.activations, field) for field in fields}
            self.desk.follow(CLASSES, ClassifyRequest(**shared))
        else:
            self.desk.follow(CLASSES, None)
        self.view.show_scores(says)

    def _ask_kernels(self) -> None:
        if self.active:
            self.kernels.ask(KERNELS)

    def take(self, channel: str, event: Event) -> None:
        """Paint what came."""
        if self.lens.take(channel, event):
            return
        if isinstance(event, Failed):
            self._failed(channel, event)
        elif channel == WHOLE and isinstance(event, Result):
            self.deeds.save_numbers(event.record, self.name_of(self.view.maps))
        elif isinstance(event, Result) and isinstance(event.record, Mosaic):
            if channel == KERNELS:
                self.kernels.take(event.record, self.layer_now())
                self._say_titles()
            else:
                self._take_maps(event.record)
        elif isinstance(event, Result) and isinstance(event.record, TopK):
            self._top = event.record
            self._say_soon()

    def _say_soon(self) -> None:
        """Words and figures: at once for a still, ten times a second and apart from the pictures while it is live."""
        if not self.looking.live:
            self._say_now()
        elif not self._soon.isActive():
            self._soon.start()

    def _say_now(self) -> None:
        self._say_titles()
        self.view.scores.set_scores(self._top)

    def _failed(self, channel: str, event: Failed) -> None:
        view = {KERNELS: self.view.kernels, MAPS: self.view.maps}.get(channel)
        skipped = channel == MAPS and event.trouble.code == SKIPPED
        if skipped:
            self.looking.missed(event.trouble)
        if view is not None and not (skipped and view.mosaic is not None):
            view.set_mosaic(None)
            view.set_empty_text(trouble_text(event.trouble))
        self._say_titles()

    def _take_maps(self, mosaic: Mosaic) -> None:
        self._newest = mosaic
        self.view.maps.set_mosaic(self.looking.arranged(mosaic))
        selection = self.desk.session.selection
        channel = selection.channel if selection.layer == mosaic.facts.get("layer") else None
        if channel is None or channel >= mosaic.grid.count:
            channel = self.view.maps.channel if self.view.maps.channel is not None else strongest(mosaic)
        self.view.maps.select(channel)
        self._show_map()
        self._say_soon()
        if mosaic.reduced > 1:
            self._follow_maps()  # with the selected map in full, once

    def take_frame(self, frame: Frame) -> None:
        """Remember the picture until its maps arrive."""
        self.looking.remember(frame)
        if self.view.maps.mosaic is not None and self.view.maps.mosaic.frame_seq == frame.seq:
            self.view.enlarged.set_frame(frame)
            self.lens.map_changed()

    def _show_map(self) -> None:
        mosaic = self.view.maps.mosaic
        frame = None if mosaic is None else self.looking.frame_of(mosaic.frame_seq)
        self.view.enlarged.set_map(mosaic, self.view.maps.channel, frame)
        self.lens.map_changed()

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
        name = network.neighbour(self.layer_now(), by) if network is not None else ""
        if name:
            self.choose_layer(name)

    def choose_channel(self, channel: int) -> None:
        """Select a channel everywhere."""
        layer = self.layer_now()
        self.desk.change(undoable=False, selection=Selection(layer=layer, channel=channel))
        if self.view.maps.mosaic is not None and self.kernels.linked(self.layer_now()):
            self.view.maps.select(channel)
        self._show_map()
        self._say_titles()

    def _choose_kernel(self, tile: int) -> None:
        if self.kernels.shows_inputs:
            self.kernels.set(undoable=False, input_channel=tile)
        else:
            self.choose_channel(tile)

    def _range(self, field: str, ends: tuple[float, float] | None, firm: bool) -> None:
        request = getattr(self.desk.session, field)
        self.desk.change(undoable=firm, **{field: changed(request, range=ends)})

    def layer_now(self) -> str:
        """The layer whose maps are shown."""
        network = self.desk.network
        first = network.layers[0].name if network is not None and network.layers else ""
        return self.desk.session.activations.layer or first

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.filters != old.filters:
            self._ask_kernels()
        if (new.activations, new.pins, new.surgery) != (old.activations, old.pins, old.surgery):
            self._follow()
            self._say_titles()
        if new.surgery != old.surgery:
            self._ask_kernels()
        if new.selection.layer != old.selection.layer and new.selection.layer:
            self.choose_layer(new.selection.layer)
        if new.selection != old.selection and new.selection.channel is not None:
            if new.selection.layer in ("", self.layer_now()):
                self.view.maps.select(new.selection.channel)
                self._show_map()
            self.kernels.follow(new.selection.channel, self.layer_now())
            if self.view.maps.mosaic is not None and self.view.maps.mosaic.reduced > 1:
                self._follow_maps()
            self._say_titles()

    def _network_changed(self, network: NetworkInfo | None) -> None:
        self._top = None
        self.view.scores.set_scores(None)
        self._asked = None
        if self.active:
            self._ask_kernels()
            self._follow()
        self._say_titles()

    # -- words -------------------------------------------------------------------------------------------------------
    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._say_titles()
        self.view.say_empty()
        self.lens.retranslate()

    def _say_titles(self) -> None:
        view, session, network = self.view, self.desk.session, self.desk.network
        name = self.layer_now()
        layer = next((item for item in network.layers if item.name == name), None) if network is not None else None
        maps, kernels = view.maps.mosaic, view.kernels.mosaic
        muted = silent(session.surgery, name, 0 if maps is None else maps.grid.count)
        view.maps.mark(self.looking.pins, muted)
        if kernels is not None and not self.kernels.shows_inputs:
            view.kernels.mark((), silent(session.surgery, self.kernels.layer, kernels.grid.count))
        view.heading.setText(name)
        view.detail.setText(layer_text(layer, name, maps, len(muted), self.looking.paused))
        view.kernels_title.setText(kernels_text(kernels))
        view.maps_title.setText(maps_text(session.activations, self.looking.order_is_held, len(self.looking.pins)))
        view.kernel_range.set_mosaic(kernels, view.kernels.channel, session.filters.range is not None)
        view.map_range.set_mosaic(maps, view.maps.channel, session.activations.range is not None)
        view.say_tools(session.filters, self.looking.order_is_held, view.maps.channel in self.looking.pins)
        channel = view.maps.channel
        title = "" if maps is None or channel is None else view.maps.summary(channel)
        said = "" if channel is None else class_of(network, maps, channel)
        view.map_title.setText(f"{title} · {said}" if said else title)
        view.dream.setEnabled(channel is not None)
        view.pin.setEnabled(channel is not None)

    def _tell_spot(self, spot: Spot | None) -> None:
        said = "" if spot is None else class_of(self.desk.network, self.view.maps.mosaic, spot.channel)
        self.view.spot.setText("" if spot is None else spot.text() + (f" · {said}" if said else ""))

    def _show_frozen(self, on: bool) -> None:
        self.view.freeze.setChecked(on)
        self._follow_maps()
        self._say_titles()

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
            Key("P", N_("Pin the selected channel, or take the pin out"), self._pin_selected),
            Key("M", N_("Mute the selected channel, or let it speak again"), self._mute_selected),
            Key("R", N_("Sort the maps again"), self.sort_again),
            Key("H", N_("Hold the range of the colours, or let it go"), self.view.map_range.hold.click),
            Key("T", N_("Spectrum of the filters, or the filters"), self.view.spectrum.click),
            Key("I", N_("All inputs of one kernel, or all kernels"), self.view.slices.click),
            *self.lens.keys(),
            Key("PgDown", N_("Next layer"), lambda: self.step_layer(1)),
            Key("PgUp", N_("Layer before"), lambda: self.step_layer(-1)),
            Key("Ctrl+C", N_("Copy the selected number"), self._copy),
        ]

    def _copy(self) -> None:
        if not self.lens.copy() and self.view.maps.mosaic is not None and self.view.maps.channel is not None:
            copy_text(self.view.maps.spot(self.view.maps.channel, 0, 0))

    def picture(self) -> QImage:
        """The maps, crisp and large enough to be shown, their recipe inside; the kernels where those have the focus."""
        return self.lens.picture() or self.picture_of(self._shown())

    def picture_of(self, view: MosaicView) -> QImage:
        """The sheet of a view likewise."""
        mosaic = view.mosaic
        if mosaic is None:
            return super().picture()
        rgb = mosaic_rgb(mosaic, longest=1600)
        return with_facts(image_of(rgb), mosaic.facts)

    def numbers(self) -> str:
        """One line a channel: its figures (explorer.records.statistics)."""
        return self.lens.text() or numbers_text(self._shown().mosaic)

    def ask_whole(self, frame_seq: int) -> None:
        """Every number of a live picture that was shown by means; then they are saved."""
        self.desk.submit(WHOLE, self.looking.whole_request(), self.looking.frame_of(frame_seq))

    def name_of(self, view: MosaicView) -> str:
        """What a file of this view is called."""
        return f"filters-{self.kernels.layer}" if view is self.view.kernels else f"activations-{self.layer_now()}"

    def sort_again(self) -> None:
        """Put the tiles into the order of the present picture."""
        self.looking.sort_again()
        if self._newest is not None:
            self.view.maps.set_mosaic(self.looking.arranged(self._newest))
        self._say_titles()

    def _pin_selected(self) -> None:
        if self.view.maps.channel is not None:
            self.looking.pin(self.view.maps.channel)

    def _mute_selected(self) -> None:
        if self.view.maps.channel is not None:
            self.deeds.mute(self.layer_now(), self.view.maps.channel)

    def _dream_selected(self) -> None:
        if self.view.maps.channel is not None:
            self.deeds.dream(self.layer_now(), self.view.maps.channel)

    def _shown(self) -> MosaicView:
        with_kernels = self.view.kernels.hasFocus() and self.view.kernels.mosaic is not None
        return self.view.kernels if with_kernels else self.view.maps

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """The first layer on the picture that is there."""
        self.view.enlarge(False)

    def demo_ready(self) -> bool:
        """Kernels and maps are there."""
        return self.view.kernels.mosaic is not None and self.view.maps.mosaic is not None
