"""The gallery of a layer: a tile for every unit, what is not grown yet is an empty one with its number."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from explorer.gui import theme
from explorer.gui.numerals import figure
from explorer.gui.widgets.picture_view import image_of
from explorer.i18n import N_, tr
from explorer.records.units import Gallery

CHANNEL = Qt.ItemDataRole.UserRole + 1
OBJECTIVE = Qt.ItemDataRole.UserRole + 2
DONE = Qt.ItemDataRole.UserRole + 3
SORTS = (("number", N_("By number")), ("strong", N_("Strongest first")), ("weak", N_("Weakest first")))
SIDES = (40, 56, 72, 96, 128, 176)  # of a tile on the screen, in pixels
Index = QModelIndex | QPersistentModelIndex


class Units(QAbstractListModel):
    """The units of one layer. `labels`: their names where they have some (classes)."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = ""
        self.gallery: Gallery | None = None
        self.labels: tuple[str, ...] = ()
        self._count = 0
        self._sheet = QImage()
        self._tiles: dict[int, int] = {}
        self._alone: dict[int, Gallery] = {}  # units that were grown one by one

    def set_layer(self, layer: str, count: int, labels: tuple[str, ...] = ()) -> None:
        """Empty tiles for the units of another layer."""
        self.beginResetModel()
        self.layer, self._count, self.labels = layer, count, labels
        self.gallery, self._sheet, self._tiles, self._alone = None, QImage(), {}, {}
        self.endResetModel()

    def set_gallery(self, gallery: Gallery) -> None:
        """What has been grown so far; one of another layer is passed over."""
        if gallery.layer != self.layer:
            return
        if gallery.of != self._count:
            self.set_layer(gallery.layer, gallery.of, self.labels)
        self.gallery, self._sheet = gallery, image_of(gallery.sheet)
        self._tiles = {channel: tile for tile, channel in enumerate(gallery.channels)}
        if self._count:
            self.dataChanged.emit(self.index(0), self.index(self._count - 1))

    def set_unit(self, unit: Gallery) -> None:
        """One unit that was grown by itself."""
        (channel,) = unit.channels
        if unit.layer == self.layer and channel < self._count:
            self._alone[channel] = unit
            self.dataChanged.emit(self.index(channel), self.index(channel))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One row a unit."""
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Number, name, objective, and words for whoever does not see the tile."""
        channel = index.row()
        if role == Qt.ItemDataRole.DisplayRole:
            return str(channel)
        if role == CHANNEL:
            return channel
        if role == OBJECTIVE:
            return self.objective(channel)
        if role == DONE:
            return self.done(channel)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.words(channel)
        return None

    def _found(self, channel: int) -> tuple[Gallery, int] | None:
        """Where the unit's tile is: in the gallery if it is finished there, else by itself, else as it grows."""
        tile = self._tiles.get(channel)
        in_gallery = (self.gallery, tile) if self.gallery is not None and tile is not None else None
        if in_gallery is not None and in_gallery[0].done[in_gallery[1]]:
            return in_gallery
        alone = self._alone.get(channel)
        return in_gallery if alone is None else (alone, 0)

    def objective(self, channel: int) -> float:
        """The mean activation of the grown picture; NaN where there is none."""
        found = self._found(channel)
        return math.nan if found is None else float(found[0].objective[found[1]])

    def done(self, channel: int) -> bool:
        """Whether the picture is finished."""
        found = self._found(channel)
        return found is not None and bool(found[0].done[found[1]])

    def silent(self, channel: int) -> bool:
        """Whether nothing in a picture moves this unit."""
        found = self._found(channel)
        return found is not None and channel in found[0].facts.get("silent", ())

    def words(self, channel: int) -> str:
        """A unit in words: "unit 12 · espresso · mean activation 3.4"."""
        parts = [tr("unit {channel}").format(channel=channel)]
        if channel < len(self.labels):
            parts.append(self.labels[channel])
        if self.silent(channel):
            parts.append(tr("no picture moves it"))
        elif self.done(channel):
            parts.append(tr("mean activation {value}").format(value=figure(self.objective(channel))))
        else:
            parts.append(tr("not grown yet"))
        return " · ".join(parts)

    def picture(self, channel: int) -> tuple[QImage, QRect] | None:
        """A sheet and where the unit's tile lies in it, also while it grows; None for an empty tile."""
        found = self._found(channel)
        if found is None:
            return None
        gallery, tile = found
        top, left = gallery.grid.corner(tile)
        wide, high = gallery.grid.tile_w, gallery.grid.tile_h
        if not gallery.done[tile] and not np.ptp(gallery.sheet[top : top + high, left : left + wide]):
            return None
        sheet = self._sheet if gallery is self.gallery else image_of(gallery.sheet)
        return sheet, QRect(left, top, wide, high)


class Order(QSortFilterProxyModel):
    """Units sorted by number or objective (those without one last), and found by number, range ("10-20") or name."""

    def __init__(self, units: Units) -> None:
        super().__init__()
        self.units = units
        self.how = "number"
        self._wanted: set[int] | None = None
        self._word = ""
        self.setSourceModel(units)

    def sort_by(self, how: str) -> None:
        """ "number", "strong" or "weak"."""
        self.how = how
        self.invalidate()
        self.sort(0 if how != "number" else -1)

    def find(self, text: str) -> None:
        """Show only the units that `text` names; "" shows all."""
        self._word = text.strip().casefold()
        self._wanted = numbers_in(self._word, self.units.rowCount())
        self.beginFilterChange()
        self.endFilterChange()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        """Whether a unit is among those that are looked for."""
        if not self._word:
            return True
        if self._wanted is not None:
            return source_row in self._wanted
        labels = self.units.labels
        return source_row < len(labels) and self._word in labels[source_row].casefold()

    def lessThan(self, left: Index, right: Index) -> bool:
        """Strongest or weakest first; what has no number comes last either way."""
        one, other = self.units.objective(left.row()), self.units.objective(right.row())
        if math.isnan(one) or math.isnan(other):
            return not math.isnan(one) if math.isnan(other) != math.isnan(one) else left.row() < right.row()
        if one == other:
            return left.row() < right.row()
        return one > other if self.how == "strong" else one < other


def numbers_in(text: str, count: int) -> set[int] | None:
    """The units of "3", "3, 7" or "10-20"; None where that is not what `text` says."""
    found: set[int] = set()
    for part in text.replace(",", " ").split():
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and last and not last.isdecimal()):
            return None
        low = int(first)
        high = (int(last) if last else count - 1) if dash else low
        found.update(range(low, min(high, count - 1) + 1))
    return found if text else None


class Tiles(QStyledItemDelegate):
    """Paints one tile."""

    def __init__(self, units: Units) -> None:
        super().__init__()
        self.units = units
        self.side = SIDES[2]

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """A square, whatever is in it."""
        return QSize(self.side, self.side)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The picture, or the number alone; a frame around the selected one."""
        t, channel = theme.tokens(), int(index.data(CHANNEL))
        choice: Any = option  # the stub hides rect and state
        box = QRectF(choice.rect).adjusted(1, 1, -1, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        found = self.units.picture(channel)
        if found is None or self.units.silent(channel):
            painter.fillRect(box, QColor(t.sunken))
            painter.setPen(QColor(t.muted))
            text = str(channel) if found is None else "∅"
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        else:
            sheet, where = found
            painter.setOpacity(1.0 if self.units.done(channel) else 0.6)
            painter.drawImage(box, sheet, QRectF(where))
            painter.setOpacity(1.0)
            self._number(painter, box, str(channel), choice)
        state = choice.state
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(t.canvas), 5))
            painter.drawRect(box.adjusted(1.5, 1.5, -1.5, -1.5))
            painter.setPen(QPen(QColor(t.accent), 3))
            painter.drawRect(box.adjusted(1.5, 1.5, -1.5, -1.5))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(QColor(t.accent), 1))
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.restore()

    def _number(self, painter: QPainter, box: QRectF, text: str, choice: Any) -> None:
        if self.side < 56 or not choice.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected):
            return
        t = theme.tokens()
        label = QRectF(painter.fontMetrics().boundingRect(text)).adjusted(-3, -1, 3, 1)
        label.moveBottomLeft(box.bottomLeft() + QRectF(4, -4, 0, 0).topLeft())
        painter.fillRect(label, theme.colour(t.surface, 0.85))
        painter.setPen(QColor(t.text))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)


class GalleryView(QListView):
    """The tiles. Arrows move, Enter opens, + and - change their size, as do Ctrl and the wheel."""

    chosen = Signal(int)
    opened = Signal(int)
    FIRST: ClassVar[int] = 2

    def __init__(self) -> None:
        super().__init__()
        self.units = Units()
        self.order = Order(self.units)
        self.tiles = Tiles(self.units)
        self._size = self.FIRST
        self._chosen: int | None = None  # also while the search hides it
        self._quiet = False
        self.setModel(self.order)
        self.setItemDelegate(self.tiles)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSpacing(1)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # it would come and go while tiles fill a row
        self.selectionModel().currentChanged.connect(self._current)
        self.activated.connect(lambda index: self.opened.emit(int(index.data(CHANNEL))))

    def select(self, channel: int | None) -> None:
        """Show a unit as the selected one, without a signal."""
        self._chosen = channel
        self._quiet = True
        if channel is None or not 0 <= channel < self.units.rowCount():
            self.selectionModel().clear()
        else:
            index = self.order.mapFromSource(self.units.index(channel))
            if index.isValid():
                self.setCurrentIndex(index)
                self.scrollTo(index)
            else:
                self.selectionModel().clear()
        self._quiet = False

    def look_for(self, text: str) -> None:
        """Show only the units that `text` names. What is selected stays selected, seen or not."""
        self._quiet = True
        self.order.find(text)
        self.select(self._chosen)

    @property
    def channel(self) -> int | None:
        """The selected unit, if it can be seen."""
        index = self.currentIndex()
        return int(index.data(CHANNEL)) if index.isValid() else None

    def resize_tiles(self, by: int) -> None:
        """Larger (1) or smaller (-1) tiles."""
        self._size = min(max(self._size + by, 0), len(SIDES) - 1)
        self._fill()

    def _fill(self) -> None:
        """As many tiles of about the chosen size as fill a row."""
        room = self.viewport().width() - 2 * self.spacing() - 1
        pitch = round(SIDES[self._size] * theme.scale()) + self.spacing()
        side = max(16, room // max(1, round(room / pitch)) - self.spacing())
        if side != self.tiles.side:
            self.tiles.side = side
            self.scheduleDelayedItemsLayout()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows stay full."""
        super().resizeEvent(event)
        self._fill()

    def _current(self, now: QModelIndex, _before: QModelIndex) -> None:
        if now.isValid() and not self._quiet:
            self._chosen = int(now.data(CHANNEL))
            self.chosen.emit(int(now.data(CHANNEL)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl change the size of the tiles."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.resize_tiles(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """+ and -; digits are the search field's, not Qt's search for letters."""
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.resize_tiles(1)
        elif event.key() == Qt.Key.Key_Minus:
            self.resize_tiles(-1)
        elif event.text().isalnum() or event.text() == "/":
            event.ignore()
        else:
            super().keyPressEvent(event)
