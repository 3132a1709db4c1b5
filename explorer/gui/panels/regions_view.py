"""The map of a plane of inputs with a cursor in it, and beside it the input at that place with what the network says."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.gui import theme
from explorer.gui.numerals import figure, percent
from explorer.gui.widgets.picture_view import PictureView
from explorer.i18n import tr
from explorer.picture.region_map import cell_size, class_colours, region_map
from explorer.records.regions import Regions

Cell = tuple[int, int]  # row, column


def levels_text(value: float) -> str:
    """A number of levels with three digits: "0.0235", "2.78e-06"."""
    return figure(value, 3)


class RegionMap(PictureView):
    """`pointed(cell)`: the (row, column) under the mouse or moved to by the arrow keys."""

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.record: Regions | None = None
        self.cell: Cell | None = None
        self._side = 1
        self.smooth = False
        self.add_overlay(self._paint_marks)
        self.hovered.connect(self._hovered)

    def set_record(self, record: Regions | None) -> None:
        """Show another map; the cursor stays where it was, or goes to the picture."""
        old = self.record
        self.record = record
        if record is None:
            self.cell = None
            self.set_rgb(None)
            return
        self._side = cell_size(record)
        self.set_rgb(region_map(record, self._side))
        if self.cell is None or old is None or old.size != record.size:
            self.point((record.size // 2, record.size // 2))

    def point(self, cell: Cell) -> None:
        """Move the cursor."""
        if self.record is not None:
            last = self.record.size - 1
            self.cell = (min(max(cell[0], 0), last), min(max(cell[1], 0), last))
            self.pointed.emit(self.cell)
            self.update()

    def _hovered(self, found: object) -> None:
        if isinstance(found, tuple) and self.record is not None:
            self.point((found[1] // self._side, found[0] // self._side))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the cursor, Home brings it back to the picture; the rest as in every picture."""
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        step = moves.get(Qt.Key(event.key()))
        if self.record is not None and self.cell is not None and step is not None:
            self.point((self.cell[0] + step[0], self.cell[1] + step[1]))
        elif self.record is not None and event.key() == Qt.Key.Key_Home:
            self.point((self.record.size // 2, self.record.size // 2))
        else:
            super().keyPressEvent(event)

    def _paint_marks(self, painter: QPainter, transform: QTransform) -> None:
        record = self.record
        if record is None:
            return
        side, half = self._side, record.size // 2
        middle = transform.map(QPointF((half + 0.5) * side, (half + 0.5) * side))
        for colour, width in ((Qt.GlobalColor.white, 4.0), (Qt.GlobalColor.black, 1.6)):
            painter.setPen(QPen(colour, width))
            for dx, dy in ((7, 0), (0, 7)):
                painter.drawLine(middle - QPointF(dx, dy), middle + QPointF(dx, dy))
        near = record.nearest
        if near is not None:
            scale = side * half / record.extent
            place = transform.map(QPointF((half + 0.5) * side + near.right * scale, (half + 0.5) * side + near.down * scale))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, width in ((Qt.GlobalColor.white, 4.0), (Qt.GlobalColor.black, 1.6)):
                painter.setPen(QPen(colour, width))
                painter.drawEllipse(place, 5, 5)
        if self.cell is not None:
            row, column = self.cell
            frame = transform.mapRect(QRectF(column * side, row * side, side, side))
            for colour, width in ((Qt.GlobalColor.white, 3.0), (Qt.GlobalColor.black, 1.2)):
                painter.setPen(QPen(colour, width))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(frame)


class AnswerLegend(QWidget):
    """Colour, class and share of the plane, a line each; the one under the cursor is marked."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[tuple[int, int, int], str, float, int]] = []
        self._marked = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def set_record(self, record: Regions | None) -> None:
        """The classes of a map."""
        colours = {} if record is None else class_colours(record)
        self._rows = []
        for index, share in record.shares() if record is not None else []:
            self._rows.append((colours[index], record.labels.get(index, str(index)) if record else "", share, index))
        del self._rows[8:]
        self.setMinimumHeight(len(self._rows) * self._line())
        self.setAccessibleDescription(", ".join(f"{label} {percent(share, 0)}" for _, label, share, _ in self._rows))
        self.update()

    def mark(self, index: int) -> None:
        """The class under the cursor."""
        self._marked = index
        self.update()

    def _line(self) -> int:
        return QFontMetrics(self.font()).height() + theme.px(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The lines."""
        painter = QPainter(self)
        t = theme.tokens()
        high = self._line()
        painter.setFont(theme.tabular(self.font()))
        for at, (colour, label, share, index) in enumerate(self._rows):
            rect = QRectF(0, at * high, self.width(), high)
            if index == self._marked:
                painter.fillRect(rect, QColor(t.accent_soft))
            painter.fillRect(QRectF(2, at * high + 3, high - 6, high - 6), QColor(*colour))
            painter.setPen(QColor(t.text))
            number = percent(share, 0) if share >= 0.005 else "< " + percent(0.01, 0)
            wide = painter.fontMetrics().horizontalAdvance(number)
            painter.drawText(rect.adjusted(0, 0, -4, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)
            room = rect.adjusted(high + 4, 0, -wide - 12, 0)
            said = painter.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, said)


def place_text(record: Regions, cell: Cell) -> str:
    """What the network says at a place, in words."""
    row, column = cell
    right, down = record.levels(column), record.levels(row)
    lines = [tr("{right} right, {down} down (levels)").format(right=levels_text(right), down=levels_text(down))]
    index = int(record.answer[row, column])
    if index >= 0:
        label = record.labels.get(index, str(index))
        lines.append(f"{label}, {percent(float(record.score[row, column]))}")
    piece = int(record.pattern[row, column])
    if piece >= 0:
        own = piece == int(record.pattern[record.size // 2, record.size // 2])
        lines.append(tr("the picture's own linear piece") if own else tr("linear piece {number}").format(number=piece))
    return "\n".join(lines)


def facts_lines(record: Regions) -> list[str]:
    """What the map as a whole tells, a sentence each."""
    said = []
    near = record.nearest
    if near is not None:
        text = tr("Nearest other answer in this plane (ring): {label}, {distance} levels away.")
        said.append(text.format(label=near.label, distance=levels_text(near.distance)))
    elif record.own_answer >= 0 and record.step == 1:
        said.append(tr("The answer is the same in all of this plane."))
    if record.on_edge:
        said.append(tr("The picture lies where linear pieces meet: values that are equal, or exactly zero."))
    if record.reach:
        left, right, up, down = (levels_text(one) for one in record.reach)
        text = tr("The linear piece reaches {left} to the left, {right} right, {up} up, {down} down (levels).")
        said.append(text.format(left=left, right=right, up=up, down=down))
    points = record.size**2
    if record.step == 1 and record.seen == points:
        said.append(tr("Every point lies in a linear piece of its own: zoom in, or choose a layer with fewer units."))
    elif record.seen:
        said.append(tr("{pieces} linear pieces among {points} points.").format(pieces=record.seen, points=points))
    return [*said, *record.notes]


def zoom_to(record: Regions) -> float:
    """The extent that shows the picture's own piece with its neighbours."""
    reach = [one for one in record.reach if one > 0]
    wanted = 3 * float(np.max(reach)) if reach else record.extent / 64
    return min(max(wanted, 1e-7), 255.0)
