"""The contour of an error surface with the paths of a race. Click or drag to choose where all of them start."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from explorer.gui import theme
from explorer.gui.widgets.contour_overlay import Layer, Overlay, SurfaceMap
from explorer.gui.widgets.contour_view_trails import TrailLayer, draw_marker
from explorer.gui.widgets.sized import Sized
from explorer.i18n import tr
from explorer.picture.race_chart import contour, number, pair, ticks
from explorer.records.descent import Race, SurfaceSamples

SETTLE_MS = 120  # a contour takes some 30 ms: not for every pixel of a resize
REACH = 14.0  # pixels within which a path is hovered


class ContourView(Sized):
    """Shows a Race at a step. Computes nothing but places: the paths are there whole.

    `start_moved(x, y, done)`: a start was chosen; `done` is false while it is dragged. `hovered(optimizer, step)`: a path is
    under the cursor ("" when none is). `menu_wanted(x, y, global position)`: right click at a point of the surface.
    `pointed(x, y)`: the point of the surface under the cursor; `left()`: it left the plot.
    """

    comfortable: ClassVar[tuple[int, int]] = (560, 520)
    least: ClassVar[tuple[int, int]] = (200, 160)
    start_moved = Signal(float, float, bool)
    hovered = Signal(str, int)
    menu_wanted = Signal(float, float, QPoint)
    pointed = Signal(float, float)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.race: Race | None = None
        self.step = 0.0
        self.layer = TrailLayer()
        self.highlight: tuple[str, int] | None = None
        self.hint = True
        self.message = ""  # why there is no race
        self.contours = 0  # contour pictures made so far (tests: a cached one is not made again)
        self._picture = QPixmap()
        self._picture_of: tuple[object, ...] = ()
        self._heights: tuple[SurfaceSamples | None, float] = None, 0.0  # a surface and the sum of its heights
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._rest)
        self._quick = False  # paths change again and again, by a resize or by new races
        self._cursor: QPointF | None = None
        self._pressed = False
        self._inside = False
        self._overlays: list[Overlay] = []
        self._taken: Overlay | None = None  # the overlay that took the press
        self._kept = QImage()  # contour, axes and what lies below the trails
        self._kept_of: tuple[object, ...] = ()
        self._start: tuple[float, float] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # -- content -----------------------------------------------------------------------------------------------------
    def set_race(self, race: Race | None) -> None:
        """Show another race; the step stays where it is."""
        self.race = race
        self._start = None if race is None else race.start
        self._place()

    def set_step(self, step: float) -> None:
        """Show the paths as they are at `step`."""
        if step != self.step:
            self.step = step
            self.update()

    def set_highlight(self, highlight: tuple[str, int] | None) -> None:
        """Ring one step of one path."""
        if highlight != self.highlight:
            self.highlight = highlight
            self.update()

    @property
    def surface(self) -> SurfaceSamples | None:
        """The surface under the paths."""
        return None if self.race is None else self.race.surface

    def area(self) -> QRectF:
        """The plot inside the axes, in widget pixels."""
        left = self.fontMetrics().horizontalAdvance("−0.55") + theme.px(4)
        bottom = self.fontMetrics().height() + theme.px(2.5)
        return QRectF(
            left, theme.px(2), max(40, self.width() - left - theme.px(3)), max(40, self.height() - bottom - theme.px(2))
        )

    def map(self) -> SurfaceMap:
        """Between points of the surface and widget pixels, as they are now."""
        s = self.surface
        assert s is not None
        return SurfaceMap(self.area(), float(s.x[0]), float(s.x[-1]), float(s.y[0]), float(s.y[-1]), self.devicePixelRatioF())

    def place(self, x: float, y: float) -> QPointF:
        """Widget pixel of a point of the surface."""
        return self.map().to_screen(x, y)

    def point(self, at: QPointF) -> tuple[float, float]:
        """Point of the surface under a widget pixel, kept inside the plot."""
        return self.map().to_surface(at)

    def height_at(self, x: float, y: float) -> float:
        """The surface's height at the nearest grid point; NaN in a hole."""
        s = self.surface
        assert s is not None
        column = round((x - s.x[0]) / (s.x[-1] - s.x[0]) * (len(s.x) - 1))
        row = round((y - s.y[0]) / (s.y[-1] - s.y[0]) * (len(s.y) - 1))
        return float(s.z[row, column])

    def _place(self) -> None:
        self._quick = self._settle.isActive()
        self._settle.start()
        self.layer.width = 2.4 * theme.scale()
        self.layer.set_race(self.race, self.area())
        self.update()

    def _rest(self) -> None:
        self._quick = False
        self.update()

    # -- overlays ----------------------------------------------------------------------------------------------------
    def add_overlay(self, overlay: Overlay) -> None:
        """Hang `overlay` on; later ones lie over earlier ones and are asked first about a press."""
        self._overlays.append(overlay)
        self.overlay_changed(overlay)

    def remove_overlay(self, overlay: Overlay) -> None:
        """Take it off."""
        self._overlays.remove(overlay)
        self.overlay_changed(overlay)

    def overlay_changed(self, overlay: Overlay) -> None:
        """Paint it anew. The trails are not drawn again for it; the contour is not made again."""
        if overlay.place == "below":
            self._kept_of = ()
        self.update()

    def _paint_overlays(self, painter: QPainter, place: Layer, to: SurfaceMap) -> None:
        for overlay in self._overlays:
            if overlay.visible and overlay.place == place:
                painter.save()
                painter.setClipRect(to.area)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                overlay.paint(painter, to)
                painter.restore()

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Contour from the cache, kept trails, heads."""
        painter = QPainter(self)
        t = theme.tokens()
        if self.race is None:
            painter.fillRect(self.rect(), QColor(t.surface))
            painter.setPen(QColor(t.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(24, 24, -24, -24), flags, self.message or tr("The race is being computed."))
            return
        to = self.map()
        area = to.area
        self.layer.advance(int(self.step), self.size(), to.ratio, self._backdrop(to), area, quick=self._quick)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.layer.paint(painter, self.step, area)
        self._paint_overlays(painter, "above", to)
        self._landmarks(painter, to)
        if self._start is not None:
            self._start_cross(painter, to.to_screen(*self._start))
        self.layer.heads(painter, self.step, area, 5.5 * theme.scale())
        self._ring(painter, area)
        self._words(painter, area)
        if self.hasFocus():
            painter.setPen(QPen(QColor(t.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(-1.5, -1.5, 1.5, 1.5))

    def _backdrop(self, to: SurfaceMap) -> QImage:
        """All that lies below the trails, in device pixels; painted anew when anything of it changed."""
        area, ratio = to.area, to.ratio
        contour = self._contour(area)
        key = (contour.cacheKey(), self.size(), ratio, self.font().key(), theme.tokens().name)
        if key != self._kept_of:
            self._kept = QImage(math.ceil(self.width() * ratio), math.ceil(self.height() * ratio), QImage.Format.Format_RGB32)
            self._kept.fill(QColor(theme.tokens().surface))
            self._kept.setDevicePixelRatio(ratio)
            painter = QPainter(self._kept)
            painter.setFont(self.font())
            painter.drawPixmap(area.topLeft(), contour)
            self._axes(painter, area)
            self._paint_overlays(painter, "below", to)
            painter.end()
            self._kept.setDevicePixelRatio(1.0)
            self._kept_of = key
        return self._kept

    def _contour(self, area: QRectF) -> QPixmap:
        race, ratio = self.race, self.devicePixelRatioF()
        assert race is not None
        s = race.surface
        width, height = round(area.width() * ratio), round(area.height() * ratio)
        if s is not self._heights[0]:
            self._heights = s, float(np.nansum(s.z))
        look = (s.name, s.z.shape, self._heights[1], s.facts.get("levels"), theme.tokens().name)
        key = (*look, width, height)
        if key == self._picture_of:
            return self._picture
        if look == self._picture_of[:-2] and self._settle.isActive():
            return self._picture.scaled(width, height)  # the edge of the window is being dragged: sharp again when it rests
        self.contours += 1
        rgb = contour(s, width, height, dark=theme.tokens().name == "dark")
        image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        self._picture = QPixmap.fromImage(image)  # a copy: `rgb` may go
        self._picture.setDevicePixelRatio(ratio)
        self._picture_of = key
        return self._picture

    def _axes(self, painter: QPainter, area: QRectF) -> None:
        s, t = self.surface, theme.tokens()
        assert s is not None
        painter.setPen(QColor(t.muted))
        painter.setFont(theme.tabular(self.font()))
        line = self.fontMetrics().height()
        for value in ticks(float(s.x[0]), float(s.x[-1]), max(2, int(area.width() / 90))):
            x = self.place(value, 0.0).x()
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 4))
            painter.drawText(QRectF(x - 40, area.bottom() + 5, 80, line), Qt.AlignmentFlag.AlignHCenter, number(value))
        for value in ticks(float(s.y[0]), float(s.y[-1]), max(2, int(area.height() / 80))):
            y = self.place(0.0, value).y()
            painter.drawLine(QPointF(area.left() - 4, y), QPointF(area.left(), y))
            box = QRectF(0, y - line / 2, area.left() - 7, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(value))

    def _landmarks(self, painter: QPainter, to: SurfaceMap) -> None:
        assert self.race is not None
        painter.save()
        painter.setClipRect(to.area)
        for mark in self.race.surface.landmarks:
            at = to.to_screen(mark.x, mark.y)
            shape = "+" if mark.kind == "minimum" else "x"
            draw_marker(painter, shape, at.x(), at.y(), 3.6 * theme.scale(), QColor(255, 255, 255), QColor(20, 24, 30, 200))
        painter.restore()

    def _start_cross(self, painter: QPainter, at: QPointF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(10, 12, 16, 170), 4), QPen(QColor(255, 255, 255), 1.6)):
            painter.setPen(pen)
            painter.drawEllipse(at, 9 * theme.scale(), 9 * theme.scale())

    def _ring(self, painter: QPainter, area: QRectF) -> None:
        trail = next((one for one in self.layer.trails if self.highlight and one.name == self.highlight[0]), None)
        if trail is None or self.highlight is None or self.highlight[1] > trail.last:
            return
        at = QPointF(*trail.at(self.highlight[1]))
        if not area.adjusted(-2, -2, 2, 2).contains(at):
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(10, 12, 16, 200), 4), QPen(QColor(255, 255, 255), 2)):
            painter.setPen(pen)
            painter.drawEllipse(at, 7, 7)
        self._label(painter, area, at, self._ring_text(self.highlight))

    def _ring_text(self, highlight: tuple[str, int]) -> str:
        assert self.race is not None
        run = next(one for one in self.race.runs if one.optimizer == highlight[0])
        step = min(highlight[1], run.steps)
        values = {"step": step, "value": number(float(run.values[step]), 4)}
        return tr("step {step}: {value}").format(**values)

    def _words(self, painter: QPainter, area: QRectF) -> None:
        if self._cursor is not None and area.contains(self._cursor):
            x, y = self.point(self._cursor)
            text = f"{pair(x, y)}   f = {number(self.height_at(x, y), 4)}"
            self._label(painter, area, area.topLeft() + QPointF(0, 4), text)
        if self.hint:
            self._label(painter, area, QPointF(area.center().x(), area.bottom() - theme.px(9)), tr("click to start here"), True)

    def _label(self, painter: QPainter, area: QRectF, at: QPointF, text: str, centred: bool = False) -> None:
        t = theme.tokens()
        width = self.fontMetrics().horizontalAdvance(text) + theme.px(4)
        height = self.fontMetrics().height() + theme.px(1.5)
        left = at.x() - width / 2 if centred else at.x() + theme.px(3)
        left = min(max(left, area.left() + 4), area.right() - width - 4)
        top = min(max(at.y() + theme.px(1), area.top() + 4), area.bottom() - height - 4)
        box = QRectF(left, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(t.surface, 0.9))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(QColor(t.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    # -- mouse and keys ----------------------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a start, unless an overlay takes the press; it can be dragged on."""
        if self.race is None or not self.area().contains(event.position()):
            return
        asked = (one for one in reversed(self._overlays) if one.visible)
        self._taken = next((one for one in asked if one.pressed(*self.point(event.position()), event)), None)
        if self._taken is None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = True
            self.hint = False
            self._choose(event.position(), False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the start or what an overlay took, or look at a path."""
        if self.race is None:
            return
        self._cursor = event.position()
        self._point(event.position())
        if self._taken is not None:
            self._taken.dragged(*self.point(event.position()), event)
            self.update()
            return
        if self._pressed:
            self._choose(event.position(), False)
            return
        near = self.layer.nearest(event.position().x(), event.position().y(), int(self.step), REACH)
        if near is not None:
            self.hovered.emit(*near)
        elif self.highlight is not None:
            self.hovered.emit("", 0)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The start stands."""
        if self._taken is not None:
            taken, self._taken = self._taken, None
            if self.race is not None:
                taken.released(*self.point(event.position()), event)
            self.update()
        elif event.button() == Qt.MouseButton.LeftButton and self._pressed:
            self._pressed = False
            self._choose(event.position(), True)

    def _point(self, at: QPointF | None) -> None:
        """Tell where on the surface the cursor is, or that it left."""
        if at is not None and self.area().contains(at):
            self._inside = True
            self.pointed.emit(*self.point(at))
        elif self._inside:
            self._inside = False
            self.left.emit()

    def _choose(self, at: QPointF, done: bool) -> None:
        x, y = (float(f"{number:.4g}") for number in self.point(at))
        self._start = (x, y)
        self.start_moved.emit(x, y, done)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the cursor any more."""
        self._cursor = None
        self._point(None)
        if self.highlight is not None:
            self.hovered.emit("", 0)
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with this point; by key at the start."""
        if self.race is None:
            return
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        x, y = self.point(QPointF(event.pos())) if by_mouse else self.race.start
        where = event.globalPos() if by_mouse else self.mapToGlobal(self.place(x, y).toPoint())
        self.menu_wanted.emit(x, y, where)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paths in pixels of the new size."""
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Theme or type size changed."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._place()
