"""Painting where to dream: a brush on the picture, by mouse or by keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QTransform
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.panels.dream_mask import MaskImage
from explorer.gui.widgets.picture_view import PictureView
from explorer.gui.widgets.slider import NumberSlider
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_
from explorer.records.frame import RGB

MOVES = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
STAMPS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
WIPES = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
VEIL = 0.72


class BrushView(PictureView):
    """The picture under a veil where it stays as it is. `painted` after every stroke.

    Left button paints, right button wipes; arrows move the brush, Enter paints and Delete wipes under it.
    """

    painted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.area: MaskImage | None = None
        self.radius = 0.06
        self.erasing = False
        self._at: QPointF | None = None  # the brush, in parts of the picture
        self._stroke: tuple[QPointF, bool] | None = None
        self.smooth = True
        self.add_overlay(self._paint_mask)
        words.say(self, N_("The picture to paint on: arrows move the brush, Enter paints, Delete wipes"), "name")

    def set_area(self, mask: MaskImage | None) -> None:
        """Another mask."""
        self.area = mask
        self.update()

    def _paint_mask(self, painter: QPainter, transform: QTransform) -> None:
        t = theme.tokens()
        area = transform.mapRect(QRectF(self.image.rect()))
        if self.area is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(area, self.area.veil(t.canvas, VEIL))
        if self._at is not None:
            reach = self.radius * max(area.width(), area.height())
            centre = QPointF(area.left() + self._at.x() * area.width(), area.top() + self._at.y() * area.height())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, width in ((t.canvas, 3.5), (t.accent, 1.75)):
                painter.setPen(QPen(QColor(colour), width))
                painter.drawEllipse(centre, reach, reach)

    def _part(self, point: QPointF) -> QPointF:
        at = self.to_picture(point)
        return QPointF(at.x() / max(1, self.image.width()), at.y() / max(1, self.image.height()))

    def _touch(self, start: QPointF, end: QPointF, erase: bool) -> None:
        if self.area is not None:
            self.area.stroke(start, end, self.radius, erase)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A stroke begins."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton) and not self.image.isNull():
            erase = self.erasing or event.button() == Qt.MouseButton.RightButton
            at = self._part(event.position())
            self._stroke = (at, erase)
            self._touch(at, at, erase)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """It goes on."""
        self._at = None if self.image.isNull() else self._part(event.position())
        if self._stroke is not None and self._at is not None:
            start, erase = self._stroke
            self._touch(start, self._at, erase)
            self._stroke = (self._at, erase)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """It ends."""
        if self._stroke is not None:
            self._stroke = None
            self.painted.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two dabs, not "fit"."""
        self.mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        """The brush's keys are its own while it has the focus."""
        asks = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if asks and isinstance(event, QKeyEvent) and event.key() in (*MOVES, *STAMPS, *WIPES):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, paint, wipe; the rest zooms."""
        key = event.key()
        if key in MOVES:
            here = self._at or QPointF(0.5, 0.5)
            dx, dy = MOVES[Qt.Key(key)]
            step = self.radius / 2
            self._at = QPointF(min(max(here.x() + dx * step, 0.0), 1.0), min(max(here.y() + dy * step, 0.0), 1.0))
            self.update()
        elif key in STAMPS or key in WIPES:
            self._at = self._at or QPointF(0.5, 0.5)
            self._touch(self._at, self._at, key in WIPES)
            self.painted.emit()
        else:
            super().keyPressEvent(event)


class BrushPage(QWidget):
    """The picture with the brush, and its tools. `edited` after every change, `closed`, `object_wanted`."""

    edited = Signal()
    closed = Signal()
    object_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.view = BrushView()
        self.view.painted.connect(self.edited)
        self.hint = QLabel()
        self.hint.setProperty("kind", "muted")
        self.hint.setWordWrap(True)
        words.say(self.hint, N_("Paint where the network may dream; the veiled part stays as it is."))
        self.size_ = NumberSlider(1.0, 30.0, 6.0, whole=True, unit="%")
        words.say(self.size_, N_("Brush"), "name")
        words.say(self.size_, N_("Size of the brush, as a share of the picture"), "tip")
        self.size_.changed.connect(self._resize)
        self.size_.slider.setMinimumWidth(theme.px(10))
        self.size_.setMaximumWidth(theme.px(44))
        self.erase = tool_button("eraser", N_("Wipe instead of paint (right button)"), checkable=True)
        self.erase.toggled.connect(self._set_erasing)
        self.whole = tool_button("object", N_("Paint the whole object, found by U2-Net"))
        self.whole.clicked.connect(self.object_wanted)
        self.invert = tool_button("invert", N_("Swap painted and unpainted"))
        self.invert.clicked.connect(self._invert)
        self.clear = tool_button("reset", N_("Clear: nothing painted"))
        self.clear.clicked.connect(self._clear)
        self.done = QPushButton()
        words.say(self.done, N_("Done"))
        words.say(self.done, N_("Back to the dream (M)"), "tip")
        self.done.clicked.connect(self.closed)
        tools = QHBoxLayout()
        tools.setSpacing(theme.px(1))
        for widget in (self.size_, self.erase, self.whole, self.invert, self.clear):
            tools.addWidget(widget)
        tools.addStretch(1)
        tools.addWidget(self.done)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addWidget(self.hint)
        column.addWidget(self.view, 1)
        column.addLayout(tools)

    def open_on(self, rgb: RGB, mask: MaskImage | None) -> None:
        """Paint on this picture; None is an empty mask."""
        self.view.set_rgb(rgb)
        self.view.set_area(mask or MaskImage(rgb.shape[1], rgb.shape[0]))

    def _resize(self, percent: float) -> None:
        self.view.radius = percent / 100
        self.view.update()

    def _set_erasing(self, on: bool) -> None:
        self.view.erasing = on

    def _invert(self) -> None:
        if self.view.area is not None:
            self.view.area.invert()
            self._changed()

    def _clear(self) -> None:
        if self.view.area is not None:
            self.view.area.fill(0)
            self._changed()

    def _changed(self) -> None:
        self.view.update()
        self.edited.emit()
