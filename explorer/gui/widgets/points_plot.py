"""A small plot of the points that a surface from data is made of: click adds one, drag moves it, right click takes it away.

A file with a table of points can be dropped on it, a table in the clipboard pasted.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.gui import theme
from explorer.gui.widgets.contour_view_trails import draw_marker
from explorer.i18n import tr
from explorer.picture.colour import Colour
from explorer.picture.race_chart import number, ticks

Points = tuple[tuple[float, ...], ...]
# A line that a method has come to: (colour, a, b, c) for all points with a x + b y + c = 0.
Line = tuple[Colour, float, float, float]
REACH = 9.0  # pixels
TABLES = (".csv", ".tsv", ".txt", ".dat")
LONGEST = 1_000_000  # letters that are pasted
LOOKS = ((QColor(86, 180, 233), "o"), (QColor(230, 159, 0), "s"))  # of class 0 and 1: colour and shape


class PointsPlot(QWidget):
    """`edited(points, done)`: (x, y) or (x, y, class) each; `done` is false while one is dragged. `tabled(path, text)`."""

    edited = Signal(object, bool)
    tabled = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.points: Points = ()
        self.classes = False
        self.active = 1  # class of the next point
        self.chosen = -1  # the point that keys act on
        self._lines: tuple[Line, ...] = ()
        self._domain = (-1.0, 1.0, -1.0, 1.0)
        self._held = -1
        self._moved = False
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def sizeHint(self) -> QSize:
        """Small."""
        return QSize(240, 190)

    def minimumSizeHint(self) -> QSize:
        """Still of use."""
        return QSize(120, 100)

    def set_points(self, points: Points, classes: bool) -> None:
        """Show points, without a signal; the window grows with them, not while one is dragged."""
        self.points, self.classes = points, classes
        self.chosen = min(self.chosen, len(points) - 1)
        if self._held < 0:
            self._domain = _domain_of(points)
        self.update()

    def set_lines(self, lines: tuple[Line, ...]) -> None:
        """What the methods make of the points now."""
        if lines != self._lines:
            self._lines = lines
            self.update()

    def area(self) -> QRectF:
        """The plot inside the axes."""
        left, bottom = self.fontMetrics().horizontalAdvance("−0.5") + theme.px(2.5), self.fontMetrics().height() + theme.px(1.5)
        return QRectF(
            left, theme.px(1), max(30, self.width() - left - theme.px(2)), max(30, self.height() - bottom - theme.px(1))
        )

    def place(self, x: float, y: float) -> QPointF:
        """Widget pixel of a point."""
        area, (x0, x1, y0, y1) = self.area(), self._domain
        return QPointF(area.left() + (x - x0) / (x1 - x0) * area.width(), area.top() + (y1 - y) / (y1 - y0) * area.height())

    def point(self, at: QPointF) -> tuple[float, float]:
        """Point under a widget pixel, kept inside the plot, to three digits."""
        area, (x0, x1, y0, y1) = self.area(), self._domain
        across = min(max((at.x() - area.left()) / area.width(), 0.0), 1.0)
        down = min(max((at.y() - area.top()) / area.height(), 0.0), 1.0)
        return round(x0 + across * (x1 - x0), 3), round(y1 - down * (y1 - y0), 3)

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Axes, lines, points."""
        painter, t, area = QPainter(self), theme.tokens(), self.area()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(area, QColor(t.canvas))
        painter.setFont(theme.tabular(self.font()))
        self._axes(painter, area)
        painter.save()
        painter.setClipRect(area)
        for line in self._lines:
            self._draw_line(painter, line)
        for index, point in enumerate(self.points):
            at = self.place(point[0], point[1])
            colour, shape = LOOKS[int(point[2]) if len(point) > 2 else 0]
            rim = QColor(t.text) if index == self.chosen and self.hasFocus() else QColor(10, 12, 16, 200)
            draw_marker(painter, shape, at.x(), at.y(), 6.0 if index == self.chosen else 4.6, colour, rim)
        painter.restore()
        if not self.points:
            painter.setPen(QColor(t.muted))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, tr("Click to add a point."))

    def _axes(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(QColor(theme.tokens().muted))
        x0, x1, y0, y1 = self._domain
        height = self.fontMetrics().height()
        for value in ticks(x0, x1, max(2, int(area.width() / 70))):
            x = self.place(value, 0.0).x()
            painter.drawText(QRectF(x - 30, area.bottom() + 2, 60, height), Qt.AlignmentFlag.AlignHCenter, number(value))
        for value in ticks(y0, y1, max(2, int(area.height() / 50))):
            box = QRectF(0, self.place(0.0, value).y() - height / 2, area.left() - 4, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(value))

    def _draw_line(self, painter: QPainter, line: Line) -> None:
        colour, a, b, c = line
        size = math.hypot(a, b)
        if not math.isfinite(a + b + c) or size < 1e-12:
            return
        x0, x1, y0, y1 = self._domain
        # The foot of the middle of the plot on the line, and far along it to both sides.
        mx, my = (x0 + x1) / 2, (y0 + y1) / 2
        off = (a * mx + b * my + c) / (size * size)
        far = 2 * math.hypot(x1 - x0, y1 - y0) / size
        fx, fy = mx - off * a, my - off * b
        if abs(off) * size > 1e6:
            return
        begin, end = self.place(fx - far * b, fy + far * a), self.place(fx + far * b, fy - far * a)
        for pen in (QPen(QColor(10, 12, 16, 130), 3.6), QPen(QColor(*colour), 1.8)):
            painter.setPen(pen)
            painter.drawLine(begin, end)

    # -- mouse and keys ----------------------------------------------------------------------------------------------
    def near(self, at: QPointF) -> int:
        """The point under a widget pixel, -1 where there is none."""
        best, found = REACH, -1
        for index, point in enumerate(self.points):
            away = self.place(point[0], point[1]) - at
            if math.hypot(away.x(), away.y()) < best:
                best, found = math.hypot(away.x(), away.y()), index
        return found

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a point, or add one here; Shift or the right button takes one away."""
        at = self.near(event.position())
        if event.button() == Qt.MouseButton.RightButton or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            if at >= 0:
                self.take_away(at)
            return
        if event.button() != Qt.MouseButton.LeftButton or not self.area().adjusted(-6, -6, 6, 6).contains(event.position()):
            return
        self._moved = at < 0
        if at < 0:
            self.points = (*self.points, self._new(*self.point(event.position())))
            at = len(self.points) - 1
            self.edited.emit(self.points, False)
        self._held = self.chosen = at
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is held."""
        if self._held < 0:
            over = self.near(event.position()) >= 0
            self.setCursor(Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.CrossCursor)
            return
        self._put(self._held, *self.point(event.position()), done=False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """It stands."""
        if self._held < 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        self._held = -1
        if self._moved:
            self.edited.emit(self.points, True)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button takes away; there is no menu."""
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A file with a table, or text."""
        data = event.mimeData()
        if _dropped(event) or (data.hasText() and not data.hasUrls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """It is read elsewhere."""
        path = _dropped(event)
        self.tabled.emit(path, "" if path else event.mimeData().text()[:LONGEST])
        event.acceptProposedAction()

    def event(self, event: QEvent) -> bool:
        """Ctrl+V is the window's key for a picture; text that comes while the plot has the focus is a table."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            pasted = event.matches(QKeySequence.StandardKey.Paste)
            event.setAccepted(pasted and QGuiApplication.clipboard().mimeData().hasText())
            if event.isAccepted():
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Insert adds a point, Page keys choose one, Ctrl and arrows move it, Delete takes it away, Ctrl+V pastes a table."""
        x0, x1, y0, y1 = self._domain
        steps = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.chosen >= 0:
            self.take_away(self.chosen)
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.tabled.emit("", QGuiApplication.clipboard().text()[:LONGEST])
        elif key == Qt.Key.Key_Insert:
            self.chosen = len(self.points)
            self.points = (*self.points, self._new(round((x0 + x1) / 2, 3), round((y0 + y1) / 2, 3)))
            self.edited.emit(self.points, True)
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) and self.points:
            self.chosen = (self.chosen + (1 if key == Qt.Key.Key_PageDown else -1)) % len(self.points)
            self.update()
        elif key in steps and event.modifiers() & Qt.KeyboardModifier.ControlModifier and self.chosen >= 0:
            across, up = steps[key]
            x, y = self.points[self.chosen][:2]
            x, y = min(max(x + across * (x1 - x0) / 50, x0), x1), min(max(y + up * (y1 - y0) / 50, y0), y1)
            self._put(self.chosen, round(x, 3), round(y, 3), done=True)
        else:
            super().keyPressEvent(event)

    def take_away(self, index: int) -> None:
        """One point less; two stay, or there is no line."""
        if len(self.points) <= 2:
            return
        self.points = (*self.points[:index], *self.points[index + 1 :])
        self.chosen = -1
        self.update()
        self.edited.emit(self.points, True)

    def _new(self, x: float, y: float) -> tuple[float, ...]:
        return (x, y, float(self.active)) if self.classes else (x, y)

    def _put(self, index: int, x: float, y: float, done: bool) -> None:
        old = self.points[index]
        if (x, y) == old[:2]:
            return
        self._moved = True
        self.points = (*self.points[:index], (x, y, *old[2:]), *self.points[index + 1 :])
        self.update()
        self.edited.emit(self.points, done)


def _dropped(event: QDropEvent) -> str:
    """The file with a table that is dragged here, "" for none."""
    paths = [url.toLocalFile() for url in event.mimeData().urls()]
    return paths[0] if len(paths) == 1 and paths[0].lower().endswith(TABLES) else ""


def _domain_of(points: Points) -> tuple[float, float, float, float]:
    """Room around all points, the origin's neighbourhood at least."""
    bounds: list[float] = []
    for axis in (0, 1):
        values = [point[axis] for point in points] or [0.0]
        low, high = min(*values, -1.0), max(*values, 1.0)
        room = 0.15 * (high - low)
        bounds += [low - room, high + room]
    return bounds[0], bounds[1], bounds[2], bounds[3]
