"""Units: the gallery of a whole layer, and the microscope page of the unit that is selected."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from explorer.assets import assets_dir
from explorer.gui.desk import Desk
from explorer.gui.notices import trouble_text
from explorer.gui.panels.filters_saving import with_facts
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.panels.units_asking import Asking
from explorer.gui.panels.units_ranking import CHANNEL as BEST
from explorer.gui.panels.units_ranking import Ranking
from explorer.gui.panels.units_saving import page_facts, page_numbers, saving_menu
from explorer.gui.panels.units_view import UnitsView, forms
from explorer.gui.panels.units_words import gallery_note, page_texts
from explorer.i18n import N_, tr
from explorer.jobs import CancelledJob, Event, Failed, Preview, Result, Started
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo, TapInfo
from explorer.records.picture import Mosaic
from explorer.records.receptive import Receptive
from explorer.records.units import BestPictures, Gallery
from explorer.requests.base import changed
from explorer.requests.source import SourceRequest
from explorer.requests.surgery import is_muted, toggled
from explorer.session import Selection, Session

LOOK, GROW, UNIT = "units.look", "units.grow", "units.picture"
KERNEL, MAPS, SIGHT = "units.filter", "units.maps", "units.sight"


class UnitsPanel(Panel):
    """Left the gallery of the selected layer, right the page of the selected unit. The selection is the program's."""

    name: ClassVar[str] = "units"
    channels: ClassVar[tuple[str, ...]] = (LOOK, GROW, UNIT, BEST, KERNEL, MAPS, SIGHT)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.view = UnitsView()
        self.asking = Asking(desk)
        self.page, self.tiles = self.view.page, self.view.tiles
        self._form = forms(desk)
        self._growing = ""  # the layer whose gallery grows
        self._unit: Gallery | None = None
        self.ranking = Ranking(desk, self.asking, self.page)
        self._maps: Mosaic | None = None
        self._frames: dict[int, Frame] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.tiles.chosen.connect(self.choose)
        self.tiles.opened.connect(lambda _channel: self.make_larger())
        self.view.grow.clicked.connect(self.toggle)
        for strip in (self.view.strip, self.page.best_strip, self.page.picture_strip):
            strip.stopped.connect(desk.stop)
        self.page.larger.clicked.connect(self.make_larger)
        self.page.picture.double_clicked.connect(lambda _x, _y: self.make_larger())
        self.page.folder.clicked.connect(self.choose_folder)
        self.page.samples.clicked.connect(lambda: self.rank_folder(""))
        self.page.again.clicked.connect(self.rank_again)
        self.page.crops.wanted.connect(self.open_picture)
        self.page.sight.place_chosen.connect(lambda row, column: desk.select(pixel=(row, column)))
        self.page.dream.clicked.connect(self.dream)
        self.page.mute.clicked.connect(self.mute)
        self.page.why.clicked.connect(self.why)
        self.page.save.setMenu(saving_menu(self))
        desk.session_changed.connect(self._session_changed)
        desk.network_changed.connect(self._network_changed)
        desk.jobs_changed.connect(self._jobs_changed)
        self._say()

    def form(self) -> QWidget:
        """How the gallery grows, and how folders are ranked."""
        return self._form

    # -- what is selected --------------------------------------------------------------------------------------------
    @property
    def layer(self) -> str:
        """The layer in view: the selected one, else that of Filters, else the first."""
        network, session = self.desk.network, self.desk.session
        names = [tap.name for tap in network.layers] if network is not None else []
        wanted = (session.selection.layer, session.activations.layer)
        return next((name for name in wanted if name in names), names[0] if names else "")

    @property
    def channel(self) -> int | None:
        """The selected unit of that layer."""
        selection = self.desk.session.selection
        here = selection.layer in ("", self.layer) and selection.channel is not None
        return selection.channel if here and (selection.channel or 0) < self.tiles.units.rowCount() else None

    def tap(self) -> TapInfo | None:
        """What is known of the layer in view."""
        network = self.desk.network
        return next((tap for tap in network.layers if tap.name == self.layer), None) if network is not None else None

    def choose(self, channel: int) -> None:
        """Select a unit for the whole program."""
        self.desk.select(layer=self.layer, channel=channel, pixel=None)

    def step_layer(self, by: int) -> None:
        """The layer `by` places after this one."""
        network = self.desk.network
        name = network.neighbour(self.layer, by) if network is not None else ""
        if name:
            self.desk.select(layer=name, channel=None, pixel=None)

    # -- asking ------------------------------------------------------------------------------------------------------
    def activate(self) -> None:
        """Look for what is there; follow the picture."""
        self._show_layer()
        self._show_unit()

    def deactivate(self) -> None:
        """What grows goes on; the picture is not followed for a panel that nobody sees."""
        self.desk.follow(MAPS, None)

    def _show_layer(self) -> None:
        tap, network = self.tap(), self.desk.network
        count = tap.shape[0] if tap is not None and len(tap.shape) in (1, 3) else 0
        units = self.tiles.units
        if (units.layer, units.rowCount()) != (self.layer, count):
            classes = network.classes if network is not None and len(network.classes) == count else ()
            units.set_layer(self.layer, count, classes)
            self.view.search.clear()
            self.tiles.select(self.channel)
        if self.active and count:
            self.desk.submit(LOOK, self.asking.gallery(self.layer, cached_only=True))
        self._say()

    def _show_unit(self) -> None:
        """Ask for everything on the page of the selected unit."""
        layer, channel, network = self.layer, self.channel, self.desk.network
        self.tiles.select(channel)
        self.ranking.show(layer, channel)
        if self._unit is not None and (self._unit.layer, self._unit.channels) != (layer, (channel,)):
            self._unit = None
        self._say()
        self._paint_picture()
        if not self.active or network is None:
            return
        if channel is None:
            self.desk.follow(MAPS, None)
            self.page.filter.set_mosaic(None)
            return
        self.desk.follow(MAPS, self.asking.maps(layer, channel))
        self.desk.submit(UNIT, self.asking.large(layer, channel, cached_only=True))
        kernels = self.asking.kernels(network, layer, channel)
        if kernels is None:
            self.page.filter.set_mosaic(None)
            self.page.filter.set_empty_text(tr("No convolution with one kernel for each of these units stands before them."))
        else:
            self.desk.submit(KERNEL, kernels)
        self._rank()

    def _rank(self) -> None:
        if self.active:
            self.ranking.ask(self.layer, self.channel)

    def toggle(self) -> None:
        """Start the gallery of this layer, or stop it."""
        if self.desk.jobs.get(GROW) is not None:
            self.desk.stop(GROW)
        elif self.tiles.units.rowCount():
            self._growing = self.layer
            self.desk.submit(GROW, self.asking.gallery(self.layer, first=self.channel))

    def make_larger(self) -> None:
        """Grow the selected unit at 256 px in 256 steps."""
        if self.channel is not None:
            self.desk.submit(UNIT, self.asking.large(self.layer, self.channel))

    def choose_folder(self) -> None:
        """Ask for a folder of pictures."""
        start = self.desk.session.best.folder or str(assets_dir() / "samples")
        path = QFileDialog.getExistingDirectory(self, tr("Folder of pictures to rank"), start)
        if path:
            self.rank_folder(path)

    def rank_folder(self, path: str) -> None:
        """Rank another folder; "" is the samples'."""
        self.ranking.use_folder(path)
        self._rank()

    def rank_again(self) -> None:
        """After a stop: begin anew."""
        self.ranking.stopped = False
        self._rank()

    # -- what comes back ---------------------------------------------------------------------------------------------
    def take(self, channel: str, event: Event) -> None:
        """Paint what came."""
        record = getattr(event, "record", None)
        if isinstance(record, Gallery):
            self._take_gallery(channel, event, record)
        elif isinstance(record, BestPictures):
            self.ranking.take(event, record, self.layer, self.channel)
        elif isinstance(record, Mosaic) and channel == KERNEL:
            self.page.show_filter(record, self.channel)
            self._say()
        elif isinstance(record, Mosaic):
            self._take_maps(record)
        elif isinstance(record, Receptive):
            self.page.sight.set_sight(record if (record.layer, record.channel) == (self.layer, self.channel) else None)
            self._say()
        elif isinstance(event, Failed):
            self._failed(channel, event)
        elif channel == GROW and isinstance(event, (Started, CancelledJob)):
            self._say()

    def _take_gallery(self, channel: str, event: Event, record: Gallery) -> None:
        if channel in (LOOK, GROW):
            self.tiles.units.set_gallery(record)
            if isinstance(event, (Result, CancelledJob)):
                self.tiles.order.invalidate()
            self._paint_picture()
        elif (record.layer, record.channels) == (self.layer, (self.channel,)):
            self._take_unit(event, record)
        self._say()

    def _take_unit(self, event: Event, record: Gallery) -> None:
        size = int(record.facts["size"])
        if bool(record.done[0]) or isinstance(event, Preview):
            self._unit = record
            if size == self.desk.session.gallery.size:
                self.tiles.units.set_unit(record)
        elif isinstance(event, Result):  # there is no large picture on disk: take or grow the gallery's at once
            self.desk.submit(UNIT, self.asking.small(self.layer, record.channels[0]))
        self._paint_picture()

    def _paint_picture(self) -> None:
        unit, channel = self._unit, self.channel
        if unit is not None and (unit.layer, unit.channels) == (self.layer, (channel,)):
            self.page.picture.set_rgb(unit.sheet)
            return
        found = self.tiles.units.picture(channel) if channel is not None else None
        self.page.picture.set_image(found[0].copy(found[1]) if found is not None else QImage())

    def _take_maps(self, mosaic: Mosaic) -> None:
        if mosaic.facts.get("layer") != self.layer or self.channel is None:
            return
        self._maps = mosaic
        frame = self._frames.get(mosaic.frame_seq)
        if frame is not None:
            self._show_sight(mosaic, frame)
        self._say()

    def _show_sight(self, mosaic: Mosaic, frame: Frame) -> None:
        place = self.asking.place(mosaic, self.channel)
        self.page.sight.set_frame(frame)
        self.page.sight.set_map(mosaic, self.channel, place)
        if place is None:
            self.page.sight.set_sight(None)
        elif self.channel is not None and self.desk.jobs.get(SIGHT) is None:
            known = self.page.sight.sight
            wanted = (self.layer, self.channel, *place, (frame.height, frame.width))
            if known is None or (known.layer, known.channel, known.y, known.x, known.frame_hw) != wanted:
                self.desk.submit(SIGHT, self.asking.sight(self.layer, self.channel, place), frame)

    def take_frame(self, frame: Frame) -> None:
        """Remember the picture until its maps arrive."""
        self._frames[frame.seq] = frame
        for old in list(self._frames)[:-8]:
            del self._frames[old]
        if self._maps is not None and self._maps.frame_seq == frame.seq:
            self._take_maps(self._maps)

    def _failed(self, channel: str, event: Failed) -> None:
        text = trouble_text(event.trouble)
        if channel == KERNEL:
            self.page.filter.set_mosaic(None)
            self.page.filter.set_empty_text(text)
        elif channel == BEST:
            self.ranking.clear(text)
        elif channel == UNIT:
            self.page.picture.set_empty_text(text)
        elif channel in (LOOK, GROW):
            self.view.note.setText(text)

    # -- what changes ------------------------------------------------------------------------------------------------
    def _session_changed(self, new: Session, old: Session) -> None:
        layer_moved = self.layer != self.tiles.units.layer
        if layer_moved or new.gallery != old.gallery or new.surgery != old.surgery:
            self._show_layer()
        if layer_moved:
            self.ranking.stopped = False
        if layer_moved or (new.selection.layer, new.selection.channel) != (old.selection.layer, old.selection.channel):
            self._show_unit()
        elif new.selection.pixel != old.selection.pixel and self._maps is not None:
            self._take_maps(self._maps)
        if new.best != old.best:
            self._rank()
        if new.surgery != old.surgery:
            self._show_unit()

    def _network_changed(self, _network: NetworkInfo | None) -> None:
        self._maps, self._unit = None, None
        self.ranking.clear()
        self.page.sight.set_map(None, None, None)
        self.page.sight.set_sight(None)
        self.tiles.units.set_layer("", 0)
        self._show_layer()
        self._show_unit()

    def _jobs_changed(self) -> None:
        jobs = self.desk.jobs
        self.view.strip.show_job(jobs.get(GROW))
        self.page.best_strip.show_job(jobs.get(BEST))
        self.page.picture_strip.show_job(jobs.get(UNIT))
        self.view.show_growing(jobs.get(GROW) is not None)
        self._say()

    # -- words -------------------------------------------------------------------------------------------------------
    def retranslate(self) -> None:
        """Texts that are put together here."""
        self.view.retranslate()
        self._say()
        self.ranking.show(self.layer, self.channel)

    def _say(self) -> None:
        running = self.desk.jobs.get(GROW) is not None
        self.view.heading.setText(self.layer or tr("Units"))
        self.view.note.setText(gallery_note(self.tiles.units, self.tap(), self._growing if running else ""))
        self.page.show_texts(page_texts(self))
        self.page.mute.setChecked(self.muted)

    # -- actions -----------------------------------------------------------------------------------------------------
    @property
    def muted(self) -> bool:
        """Whether surgery has muted the selected unit."""
        return self.channel is not None and is_muted(self.desk.session.surgery, self.layer, self.channel)

    def mute(self) -> None:
        """Take the selected unit out of the network, or put it back; one step for undo."""
        if self.channel is not None:
            self.desk.change(surgery=toggled(self.desk.session.surgery, self.layer, self.channel))
        self._say()

    def dream(self) -> None:
        """Open the Dream panel on the selected unit and begin."""
        if self.channel is not None:
            fields = {"layer": self.layer, "channel": self.channel, "start": "noise", "objective": "", "goals": ()}
            request = changed(self.desk.session.dream, **fields)
            self.desk.change(dream=request, panel="dream")
            self.desk.submit("dream", request)

    def why(self) -> None:
        """Open the Why panel on the selected unit."""
        if self.channel is not None:
            self.desk.change(undoable=False, selection=Selection(layer=self.layer, channel=self.channel), panel="why")

    def open_picture(self, path: str) -> None:
        """Show one of the best pictures in the strip, for every panel."""
        self.desk.open_source(SourceRequest(kind="file", path=path))

    def keys(self) -> list[Key]:
        """See ux.md; arrows and Enter are the tiles' own."""
        return [
            Key("Space", N_("Grow the gallery of the layer, or stop it"), self.toggle),
            Key("/", N_("Find a unit"), self.view.search.setFocus),
            Key("L", N_("Make the unit's picture larger"), self.make_larger),
            Key("O", N_("Choose the folder of pictures to rank"), self.choose_folder),
            Key("D", N_("Dream the selected unit"), self.dream),
            Key("M", N_("Mute the selected unit, or let it speak again"), self.mute),
            Key("W", N_("Explain the selected unit"), self.why),
            Key("PgDown", N_("Next layer"), lambda: self.step_layer(1)),
            Key("PgUp", N_("Layer before"), lambda: self.step_layer(-1)),
        ]

    def picture(self) -> QImage:
        """The whole page of the unit, also what has to be scrolled to; its facts inside."""
        return with_facts(self.page.whole_picture(), page_facts(self))

    def numbers(self) -> str:
        """The unit's facts and best pictures, then a line for every unit of the layer."""
        return page_numbers(self)

    @property
    def records(self) -> tuple[Gallery | None, BestPictures | None, Mosaic | None]:
        """What the page shows: the unit's picture, its best pictures, the maps of the layer on the current picture."""
        return self._unit, self.ranking.of(self.layer, self.channel), self._maps

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """The strongest unit of the layer on the picture that is there, or the first."""
        if self.channel is None and self.tiles.units.rowCount():
            self.choose(0)

    def demo_ready(self) -> bool:
        """Picture, crops and activation can be seen."""
        unit, best, maps = self.records
        return unit is not None and bool(unit.done[0]) and best is not None and maps is not None
