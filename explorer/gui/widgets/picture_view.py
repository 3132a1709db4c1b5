"""One picture, as large as it fits: zoom at the cursor, pan, crisp or smooth pixels, the value under the cursor, overlays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.gui import theme
from explorer.records.frame import RGB

Overlay: TypeAlias = Callable[[QPainter, QTransform], None]
ZOOM_STEP = 1.25
MOST = 64.0


def image_of(rgb: RGB) -> QImage:
    """A QImage over a (H, W, 3) uint8 array; the array must be kept and never written while the image lives."""
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        raise ValueError(f"a picture is (H, W, 3) uint8, not {rgb.shape} {rgb.dtype}")
    rgb = np.ascontiguousarray(rgb)
    height, width = rgb.shape[:2]
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)


def rgb_of(image: QImage) -> RGB:
    """(H, W, 3) uint8 RGB of an image, a copy; ValueError for a null image."""
    if image.isNull():
        raise ValueError("no picture")
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def indexed_image(sheet: npt.NDArray[np.uint8], palette: npt.NDArray[np.uint8]) -> QImage:
    """An Indexed8 QImage of (H, W) uint8 with a (256, 3) uint8 palette; a copy, free of the arrays."""
    if sheet.dtype != np.uint8 or sheet.ndim != 2 or 0 in sheet.shape or palette.shape != (256, 3):
        raise ValueError(f"a sheet is (H, W) uint8 with a (256, 3) palette, not {sheet.shape}, {palette.shape}")
    sheet = np.ascontiguousarray(sheet)
    height, width = sheet.shape
    image = QImage(sheet.data, width, height, width, QImage.Format.Format_Indexed8)
    p = palette.astype(np.uint32)
    image.setColorTable((0xFF000000 | p[:, 0] << 16 | p[:, 1] << 8 | p[:, 2]).tolist())
    return image.copy()


class PictureView(QWidget):
    """Set a picture with `set_rgb` (or `set_image`); draw over it with `overlay(painter, transform)`, in picture coordinates
    through `transform.map`. `smooth`: None decides by zoom (nearest from 2x on), True or False forces.
    """

    hovered = Signal(object)  # (x, y, (r, g, b)) of the pixel under the cursor, or None
    clicked = Signal(float, float)  # picture coordinates
    double_clicked = Signal(float, float)
    zoom_changed = Signal(float)
    moved = Signal(float, float, float)  # zoom, and the picture's part (x, y in 0..1) in the middle; by the person's hand

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._fast: QImage | None = None  # the same pixels as Qt scales them in a third of the time
        self._rgb: RGB | None = None
        self._zoom = 1.0  # times "fit"
        self._centre = QPointF(0.5, 0.5)  # of the widget, in parts of the picture
        self._drag: QPointF | None = None
        self._moved = False
        self._overlays: list[Overlay] = []
        self._empty = ""
        self._stale = ""
        self.smooth: bool | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # it fills itself: nothing behind it is painted
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 72)

    # -- content -----------------------------------------------------------------------------------------------------
    def set_rgb(self, rgb: RGB | None) -> None:
        """Show (H, W, 3) uint8 RGB; the array is kept and must not be written again. None shows the empty text."""
        self._rgb = None if rgb is None else np.ascontiguousarray(rgb)
        self._set(QImage() if self._rgb is None else image_of(self._rgb))

    def set_image(self, image: QImage) -> None:
        """Show a QImage that owns its pixels (an Indexed8 sheet, a pixmap's image)."""
        self._rgb = None
        self._set(image)

    def _set(self, image: QImage) -> None:
        if image.size() != self._image.size() and self._zoom == 1.0:
            self._centre = QPointF(0.5, 0.5)
        self._image, self._fast = image, None
        self.update()

    def set_empty_text(self, text: str) -> None:
        """What to say (already translated) while there is no picture."""
        self._empty = text
        self.update()

    def set_badge(self, text: str) -> None:
        """Grey the picture and say why ("no signal 3 s"); "" takes it away."""
        if text != self._stale:
            self._stale = text
            self.update()

    def add_overlay(self, overlay: Overlay) -> None:
        """Call `overlay(painter, transform)` after the picture at each paint; `transform` maps picture to widget pixels."""
        self._overlays.append(overlay)

    @property
    def image(self) -> QImage:
        """The picture as it is shown, without overlays."""
        return self._image

    @property
    def zoom(self) -> float:
        """1.0 = the whole picture fits."""
        return self._zoom

    def sizeHint(self) -> QSize:
        """A middling size; layouts decide."""
        return QSize(480, 360)

    # -- geometry ----------------------------------------------------------------------------------------------------
    def _scale(self) -> float:
        if self._image.isNull():
            return 1.0
        fit = min(self.width() / self._image.width(), self.height() / self._image.height())
        return max(fit, 1e-6) * self._zoom

    def transform(self) -> QTransform:
        """Picture coordinates (x right, y down, pixel corners) to widget coordinates."""
        scale = self._scale()
        left = self.width() / 2 - self._centre.x() * self._image.width() * scale
        top = self.height() / 2 - self._centre.y() * self._image.height() * scale
        return QTransform(scale, 0, 0, scale, round(left), round(top))

    def to_picture(self, point: QPointF) -> QPointF:
        """Widget coordinates to picture coordinates; may lie outside."""
        inverse, _ = self.transform().inverted()
        return inverse.map(point)

    def pixel_at(self, point: QPointF) -> tuple[int, int] | None:
        """(x, y) of the picture's pixel under a widget point, None outside."""
        if self._image.isNull():
            return None
        at = self.to_picture(point)
        x, y = math.floor(at.x()), math.floor(at.y())
        return (x, y) if 0 <= x < self._image.width() and 0 <= y < self._image.height() else None

    def fit(self) -> None:
        """Show the whole picture."""
        self._zoom, self._centre = 1.0, QPointF(0.5, 0.5)
        self.zoom_changed.emit(self._zoom)
        self._tell_moved()
        self.update()

    def look(self, zoom: float, x: float, y: float) -> None:
        """Show the same place as another view did in `moved`; says nothing itself."""
        self._zoom = min(max(zoom, 1.0), MOST)
        if not self._image.isNull():
            self._look_at(x, y, tell=False)

    def _tell_moved(self) -> None:
        self.moved.emit(self._zoom, self._centre.x(), self._centre.y())

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom so that the picture point under `at` (default: the middle) stays there."""
        if self._image.isNull():
            return
        here = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        fixed = self.to_picture(here)
        self._zoom = min(max(self._zoom * factor, 1.0), MOST)
        scale = self._scale()
        x = (fixed.x() * scale + self.width() / 2 - here.x()) / (scale * self._image.width())
        y = (fixed.y() * scale + self.height() / 2 - here.y()) / (scale * self._image.height())
        self._look_at(x, y)
        self.zoom_changed.emit(self._zoom)

    def _look_at(self, x: float, y: float, tell: bool = True) -> None:
        scale = self._scale()
        half_x = min(0.5, self.width() / 2 / (scale * self._image.width()))
        half_y = min(0.5, self.height() / 2 / (scale * self._image.height()))
        self._centre = QPointF(min(max(x, half_x), 1 - half_x), min(max(y, half_y), 1 - half_y))
        if tell:
            self._tell_moved()
        self.update()

    # -- events ------------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, picture, overlays, badge."""
        painter = QPainter(self)
        t = theme.tokens()
        painter.fillRect(self.rect(), QColor(t.canvas))
        if self._image.isNull():
            painter.setPen(QColor(t.muted))
            painter.drawText(
                self.rect().adjusted(16, 16, -16, -16), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty
            )
            return
        transform = self.transform()
        device_scale = self._scale() * self.devicePixelRatioF()
        smooth = device_scale < 2.0 if self.smooth is None else self.smooth
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        if smooth and self._fast is None and self._image.format() == QImage.Format.Format_RGB888:
            self._fast = self._image.convertToFormat(QImage.Format.Format_RGB32)
        painter.drawImage(transform.mapRect(QRectF(self._image.rect())), self._fast if smooth and self._fast else self._image)
        if self._stale:
            painter.fillRect(self.rect(), theme.colour(t.canvas, 0.6))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for overlay in self._overlays:
            painter.save()
            overlay(painter, transform)
            painter.restore()
        if self._stale:
            self._paint_badge(painter)
        if self.hasFocus() and self._focus_by_key:
            painter.setPen(QPen(QColor(t.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    _focus_by_key = False

    def _paint_badge(self, painter: QPainter) -> None:
        t = theme.tokens()
        box = painter.fontMetrics().boundingRect(self._stale).adjusted(-10, -6, 10, 6)
        box.moveCenter(self.rect().center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.surface))
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(QColor(t.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._stale)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor."""
        notches = event.angleDelta().y() / 120
        if notches:
            self.zoom_by(ZOOM_STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan, or to click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag, self._moved = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, and say what is under the cursor."""
        if self._drag is not None and not self._image.isNull():
            step = event.position() - self._drag
            if self._moved or step.manhattanLength() >= QGuiApplication.styleHints().startDragDistance():
                self._moved, self._drag = True, event.position()
                scale = self._scale()
                x = self._centre.x() - step.x() / (scale * self._image.width())
                self._look_at(x, self._centre.y() - step.y() / (scale * self._image.height()))
        found = self.pixel_at(event.position())
        if found is None:
            self.hovered.emit(None)
        else:
            pixel = self._image.pixelColor(*found)
            self.hovered.emit((*found, (pixel.red(), pixel.green(), pixel.blue())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press that did not move is a click."""
        if event.button() == Qt.MouseButton.LeftButton and self._drag is not None:
            moved, self._drag = self._moved, None
            if not moved and self.pixel_at(event.position()) is not None:
                at = self.to_picture(event.position())
                self.clicked.emit(at.x(), at.y())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit again after a zoom; report the place."""
        at = self.to_picture(event.position())
        if self.pixel_at(event.position()) is not None:
            self.double_clicked.emit(at.x(), at.y())
        if self._zoom != 1.0:
            self.fit()

    def leaveEvent(self, event: object) -> None:
        """Nothing is under the cursor any more."""
        self.hovered.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """+ and - zoom, 0 fits, arrows pan."""
        key, step = event.key(), 0.1 / self._zoom
        moves = {
            Qt.Key.Key_Left: (-step, 0.0),
            Qt.Key.Key_Right: (step, 0.0),
            Qt.Key.Key_Up: (0.0, -step),
            Qt.Key.Key_Down: (0.0, step),
        }
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif self._zoom > 1.0 and key in moves:
            dx, dy = moves[Qt.Key(key)]
            self._look_at(self._centre.x() + dx, self._centre.y() + dy)
        else:
            super().keyPressEvent(event)
