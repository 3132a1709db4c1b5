"""The lens of Filters & Activations: what the unit under the mouse sees, who sees a place, the way to its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from explorer.gui import theme
from explorer.gui.newest import Newest
from explorer.gui.notices import trouble_text
from explorer.gui.panels.filters_lens_box import LensBox
from explorer.gui.panels.filters_lens_words import cells_text, field_text, field_tip
from explorer.gui.panels.filters_numbers import NUMBERS, NumbersPage
from explorer.gui.panels.filters_walk import Walk
from explorer.gui.panels.panel import Key
from explorer.gui.widgets.mosaic_view import Spot
from explorer.i18n import N_, tr
from explorer.jobs import Event, Failed
from explorer.records.frame import Frame
from explorer.records.receptive import Receptive, SeenBy
from explorer.requests.base import changed
from explorer.requests.receptive import ReceptiveRequest, SeenByRequest
from explorer.session import Session

if TYPE_CHECKING:
    from explorer.gui.panels.filters import FiltersPanel

FIELD, SEEN = "filters.field", "filters.seen"
LENS_CHANNELS = (FIELD, SEEN, NUMBERS)
Unit = tuple[str, int, int, int]  # layer, channel, row, column


class Lens:
    """Follows the mouse over the maps, the selected pixel, or the unit that G holds; lives while the panel is on the screen."""

    def __init__(self, panel: FiltersPanel) -> None:
        self.panel, self.desk = panel, panel.desk
        self.view = panel.view
        self.field, self.seen = Newest(self.desk, FIELD), Newest(self.desk, SEEN)
        self.hovered: Unit | None = None
        self.held: Unit | None = None  # by G
        self.pixel: tuple[float, float] | None = None  # of the frame: whose watchers are shown
        self.cells: SeenBy | None = None
        self._border: list[QLineF] = []
        self.box = LensBox()
        self.page = NumbersPage(panel)
        self.view.beside.addWidget(self.box)
        self.view.pages.addWidget(self.page)
        enlarged = self.view.enlarged
        enlarged.add_overlay(self._paint_cells)
        enlarged.add_overlay(self._paint_unit)
        for view in (self.view.maps, enlarged):
            view.spot_hovered.connect(self._hover)
        enlarged.clicked.connect(self._select)
        enlarged.double_clicked.connect(self._open)
        self.view.maps.menu_actions.append(self._numbers_action)
        self.walk = Walk(enlarged)
        self.walk.moved.connect(self._step)
        self.walk.opened.connect(self.open_numbers)
        self.box.picture.pixel_chosen.connect(self.look_back)
        self.box.strength.valueChanged.connect(lambda value: self.box.picture.set_strength(value / 100))
        self.box.hold.toggled.connect(self.hold)
        self.box.habit.toggled.connect(self._habit)
        self.box.numbers.clicked.connect(self.open_numbers)
        self.box.forget.clicked.connect(lambda: self.look_back(None, None))
        self.box.list.layer_chosen.connect(lambda layer: self.desk.select(layer=layer, channel=None, pixel=None))
        self.page.closed.connect(self.close_numbers)
        self.desk.session_changed.connect(self._session_changed)
        self.desk.network_changed.connect(lambda _network: self._start_over())
        self.desk.frame_arrived.connect(self._frame)
        self.retranslate()

    # -- which unit --------------------------------------------------------------------------------------------------
    @property
    def pinned(self) -> Unit | None:
        """The selected pixel of the selected channel of the layer that is shown."""
        chosen, layer = self.desk.session.selection, self.panel.layer_now()
        if chosen.pixel is None or chosen.channel is None or chosen.layer not in ("", layer):
            return None
        return (layer, chosen.channel, *chosen.pixel)

    @property
    def unit(self) -> Unit | None:
        """The unit that is looked through: held, under the mouse, or selected."""
        return self.held or self.hovered or self.pinned

    def _hover(self, spot: Spot | None) -> None:
        if self.page.isVisible():
            return
        layer = self._layer_of_maps()
        unit = None if spot is None or not layer else (layer, spot.channel, spot.y + spot.side // 2, spot.x + spot.side // 2)
        if unit != self.hovered:
            self.hovered = unit
            self._look()

    def _layer_of_maps(self) -> str:
        mosaic = self.view.maps.mosaic
        return "" if mosaic is None else str(mosaic.facts.get("layer", ""))

    def _select(self, x: float, y: float) -> None:
        """A click on the enlarged map selects the pixel."""
        enlarged, layer = self.view.enlarged, self._layer_of_maps()
        if enlarged.channel is not None and layer:
            row, column = int(y) * enlarged.side, int(x) * enlarged.side
            self.desk.select(layer=layer, channel=enlarged.channel, pixel=(row, column))

    def _step(self, rows: int, columns: int) -> None:
        """The neighbour of the selected pixel; the first step selects the middle of the map."""
        unit, enlarged = self.pinned, self.view.enlarged
        here = unit if unit is not None else self._any_unit()
        if here is None or enlarged.mosaic is None:
            return
        height, width = enlarged.values.shape[:2]
        side = enlarged.side
        y, x = (here[2] + rows * side, here[3] + columns * side) if unit is not None else here[2:]
        self.hovered = None
        y, x = min(max(y, 0), height * side - 1), min(max(x, 0), width * side - 1)
        self.desk.select(layer=here[0], channel=here[1], pixel=(y, x))

    def _open(self, x: float, y: float) -> None:
        self._select(x, y)
        self.open_numbers()

    def hold(self, on: bool) -> None:
        """Keep looking through the present unit, wherever the mouse goes and whichever layer is shown (G)."""
        self.held = self.unit if on else None
        self.box.hold.setChecked(self.held is not None)
        self._look()

    # -- what it sees ------------------------------------------------------------------------------------------------
    def request(self, unit: Unit) -> ReceptiveRequest:
        """The field of a unit, on pictures as large as those of the maps."""
        layer, channel, y, x = unit
        session = self.desk.session
        size = session.activations.input_size
        return changed(session.receptive, layer=layer, channel=channel, y=y, x=x, input_size=size)

    def _look(self) -> None:
        """Draw at once what the formula says; ask for what probing and the gradient say."""
        unit = self.unit
        self.view.enlarged.update()
        self.box.numbers.setEnabled(unit is not None)
        if unit is None:
            self.field.want(None)
            self.box.picture.set_record(None)
            self._say()
            return
        shown = self.box.picture.record
        if shown is None or (shown.layer, shown.channel, shown.y, shown.x) != unit:
            fits = shown is not None and shown.layer == unit[0]
            self.box.picture.set_guess(shown.guess(unit[2], unit[3]) if fits and shown is not None else None)
        self.field.live = self.desk.session.receptive.over == "picture"  # a habit is the same for every picture
        if self.panel.active:
            self.field.want(None if self.page.isVisible() else self.request(unit))
        self._say()

    def _habit(self, on: bool) -> None:
        over = "random" if on else "picture"
        self.desk.change(receptive=changed(self.desk.session.receptive, over=over))

    def take(self, channel: str, event: Event) -> bool:
        """An event of one of LENS_CHANNELS; whether it was."""
        if channel == FIELD:
            found = self.field.heard(event)
            if found is not None and isinstance(found.record, Receptive) and self._is_wanted(found.record):
                self._show(found.record)
            elif isinstance(event, Failed):
                self.box.say(trouble_text(event.trouble))
        elif channel == SEEN:
            found = self.seen.heard(event)
            if found is not None and isinstance(found.record, SeenBy):
                self._show_cells(found.record)
            elif isinstance(event, Failed):
                self._show_cells(None)
        elif channel == NUMBERS:
            self.page.take(event)
        else:
            return False
        return True

    def _is_wanted(self, record: Receptive) -> bool:
        """While the mouse moves, any unit of the layer shown is better than none; a guess is not covered by an older unit."""
        return self.unit is not None and record.layer == self.unit[0]

    def _show(self, record: Receptive) -> None:
        picture = self.box.picture
        picture.set_frame(self.panel.looking.frame_of(record.frame_seq) or self.desk.frame)
        picture.set_record(record)
        unit = self.unit
        if unit is not None and (record.layer, record.channel, record.y, record.x) != unit:
            picture.set_guess(record.guess(unit[2], unit[3]))
        self._say()

    # -- who sees a place --------------------------------------------------------------------------------------------
    def look_back(self, x: float | None, y: float | None) -> None:
        """Show who sees the place (x, y) of the picture; None: nobody is asked any more."""
        self.pixel = None if x is None or y is None else (x, y)
        self.box.picture.set_pixel(self.pixel)
        self._ask_seen()

    def _ask_seen(self) -> None:
        if self.pixel is None:
            self.seen.want(None)
            self._show_cells(None)
            return
        fields: dict[str, Any] = {"pixel_x": self.pixel[0], "pixel_y": self.pixel[1], "layer": self.panel.layer_now()}
        fields["input_size"] = self.desk.session.activations.input_size
        request: SeenByRequest = changed(self.desk.session.seen_by, **fields)
        self.seen.live = False  # geometry: the same for every picture of this size
        self.seen.want(request)

    def _show_cells(self, record: SeenBy | None) -> None:
        self.cells, self._border = record, [] if record is None else outline(record)
        self.box.list.set_record(record)
        self.box.show_list(record is not None)
        self.view.enlarged.update()
        self._say()

    def map_changed(self) -> None:
        """Another map is enlarged, or the same one on a newer picture."""
        if self.page.isVisible():
            self.page.show_map()

    # -- painting over the enlarged map --------------------------------------------------------------------------------
    def _paint_cells(self, painter: QPainter, transform: QTransform) -> None:
        record, enlarged = self.cells, self.view.enlarged
        if record is None or record.layer != self._layer_of_maps() or enlarged.mosaic is None:
            return
        side = enlarged.side
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for colour, width in (("#000000", 4), (theme.DARK.accent, 2)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawLines([transform.map(QLineF(line.p1() / side, line.p2() / side)) for line in self._border])

    def _paint_unit(self, painter: QPainter, transform: QTransform) -> None:
        unit, enlarged = self.held or self.pinned, self.view.enlarged
        if unit is None or unit[0] != self._layer_of_maps() or enlarged.channel != unit[1]:
            return
        side = enlarged.side
        cell = transform.mapRect(QRectF(unit[3] // side, unit[2] // side, 1, 1)).adjusted(-1, -1, 1, 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in (("#000000", 4), ("#ffffff", 2)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawRect(cell)

    # -- the numbers -------------------------------------------------------------------------------------------------
    def open_numbers(self) -> None:
        """The third zoom level: the numbers behind the unit that is looked through."""
        unit = self.unit or self._any_unit()
        if unit is None:
            return
        self.hovered = None
        if unit[0] != self.panel.layer_now():  # held in another layer
            self.desk.select(layer=unit[0])
        self.desk.select(layer=unit[0], channel=unit[1], pixel=(unit[2], unit[3]))
        self.view.pages.setCurrentWidget(self.page)
        self.field.want(None)
        self.page.open()

    def _numbers_action(self, spot: Spot) -> tuple[str, Callable[[], None]] | None:
        """For the menu of a tile."""
        layer = self._layer_of_maps()
        place = (spot.y + spot.side // 2, spot.x + spot.side // 2)

        def show() -> None:
            self.desk.select(layer=layer, channel=spot.channel, pixel=place)
            self.hovered = None
            self.open_numbers()

        return (tr("The numbers behind this pixel"), show) if layer else None

    def _any_unit(self) -> Unit | None:
        """The middle of the enlarged map: N works before anything was pointed at."""
        enlarged, layer = self.view.enlarged, self._layer_of_maps()
        if enlarged.channel is None or not layer:
            return None
        rows, columns = enlarged.values.shape[:2]
        return (layer, enlarged.channel, rows // 2 * enlarged.side, columns // 2 * enlarged.side)

    def close_numbers(self) -> None:
        """Back to the enlarged map."""
        self.view.pages.setCurrentIndex(0)
        self.view.enlarged.setFocus()
        self._look()

    def picture(self) -> QImage | None:
        """The numbers as they are painted; None while they are not shown."""
        return self.page.view.grab().toImage() if self.page.isVisible() and self.page.view.record is not None else None

    def text(self) -> str:
        """The numbers shown, tab-separated; "" while they are not."""
        return self.page.text() if self.page.isVisible() else ""

    def copy(self) -> bool:
        """Copy the numbers shown; whether there are any."""
        if self.text():
            self.page.copy_numbers()
        return bool(self.text())

    # -- the house ---------------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """See ux.md."""
        return [
            Key("N", N_("The numbers behind the pixel, or back to the map"), self._toggle_numbers),
            Key("G", N_("Hold the unit that is looked through, or let it go"), self.box.hold.click),
        ]

    def _toggle_numbers(self) -> None:
        if self.page.isVisible():
            self.close_numbers()
        else:
            self.open_numbers()

    def set_active(self, on: bool) -> None:
        """Nothing is asked for a panel that nobody sees."""
        if on:
            self._look()
            self.page.look()
        else:
            self.field.want(None)
            self.page.rest()

    def _frame(self, frame: Frame) -> None:
        if not self.panel.active:
            return
        self.field.frame(frame)
        self.page.frame(frame)
        if self.box.picture.record is None or self.field.wanted is None:
            self.box.picture.set_frame(frame)

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.surgery != old.surgery:
            for newest in (self.field, self.seen, self.page.newest):
                newest.again()
        if (new.selection, new.receptive, new.activations) != (old.selection, old.receptive, old.activations):
            self.box.habit.setChecked(new.receptive.over == "random")
            self._look()
            self.page.look()
        if new.activations.layer != old.activations.layer and self.pixel is not None:
            self._ask_seen()
        if not new.picture.same_as(old.picture):
            self.look_back(None, None)

    def _start_over(self) -> None:
        """Another network: its units are others."""
        self.held = self.hovered = None
        self.box.hold.setChecked(False)
        self.field.again()
        self.look_back(None, None)
        self._look()

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self.box.picture.set_empty_text(tr("The picture, and what a unit sees of it, appear here."))
        self.page.retranslate()
        self._say()

    def _say(self) -> None:
        record = self.box.picture.record
        unit = self.unit
        if self.cells is not None and self.hovered is None:
            lines = [cells_text(self.cells)]
            if unit is not None:
                lines.append(field_text(record, unit, self.held is not None))
            self.box.say("\n".join(lines))
        elif unit is None:
            self.box.say(tr("Point at a pixel of a map: what it sees appears here. Click here: who sees this place."))
        else:
            text = field_text(record, unit, self.held is not None)
            self.box.say(text, field_tip(record, text))


def outline(record: SeenBy) -> list[QLineF]:
    """The border of the cells that see the place, in cells of the map."""
    framed = np.pad(record.cells, 1)
    flat = np.argwhere(framed[1:, 1:-1] != framed[:-1, 1:-1]).tolist()
    upright = np.argwhere(framed[1:-1, 1:] != framed[1:-1, :-1]).tolist()
    return [QLineF(x, y, x + 1, y) for y, x in flat] + [QLineF(x, y, x, y + 1) for y, x in upright]
