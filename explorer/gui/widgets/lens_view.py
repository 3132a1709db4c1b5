"""What a unit sees: the picture, the part that the network takes, the theoretical field as a box, the effective one as heat."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QWidget

from explorer.gui import theme
from explorer.gui.widgets.picture_view import PictureView
from explorer.picture.colour import palette
from explorer.records.frame import Frame
from explorer.records.receptive import Box, Receptive

STEPS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
LOUPE = 0.42  # of the smaller side of the view
FAINTEST = 0.02  # of the hottest pixel: less is not drawn


def heat_image(heat: npt.NDArray[np.float32], strength: float) -> QImage:
    """(H, W) heat as an image: magma, the more opaque the hotter (by the square root, so that faint heat is seen)."""
    peak = float(heat.max())
    share = np.sqrt(heat / peak) if peak > 0 else np.zeros_like(heat)
    share[share * share < FAINTEST] = 0.0
    height, width = heat.shape
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[..., :3] = palette("magma")[(64 + share * 191).astype(np.uint8)]
    pixels[..., 3] = (share * 255 * strength).astype(np.uint8)
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


class LensView(PictureView):
    """Shows a frame and a Receptive of it; a box known by the formula alone is dashed until the probed one is there."""

    pixel_chosen = Signal(float, float)  # x, y in pixels of the frame: who sees this?

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.record: Receptive | None = None
        self.guessed: Box | None = None
        self.pixel: tuple[float, float] | None = None
        self.strength = 0.85
        self._heat: QImage | None = None
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.add_overlay(self._paint_input)
        self.add_overlay(self._paint_loupe)
        self.add_overlay(self._paint_pixel)
        self.clicked.connect(self.pixel_chosen)

    def set_frame(self, frame: Frame | None) -> None:
        """The picture."""
        self.set_rgb(None if frame is None else frame.rgb)

    def set_record(self, record: Receptive | None) -> None:
        """Box and heat of a unit; None for no unit."""
        self.record, self.guessed = record, None
        self._heat = None if record is None or record.silent else heat_image(record.heat, self.strength)
        self.update()

    def set_guess(self, box: Box | None) -> None:
        """The box of another unit of the same layer, before its own record has come."""
        self.guessed, self._heat = box, None
        self.update()

    def set_strength(self, strength: float) -> None:
        """How much of the heat is seen, 0 to 1."""
        self.strength = strength
        if self._heat is not None and self.record is not None:
            self._heat = heat_image(self.record.heat, strength)
        self.update()

    def set_pixel(self, pixel: tuple[float, float] | None) -> None:
        """The place whose watchers are shown."""
        self.pixel = pixel
        self.update()

    def _input_rect(self) -> QRectF:
        assert self.record is not None
        left, top, right, bottom = self.record.input_xyxy
        return QRectF(left, top, right - left, bottom - top)

    def box_rect(self) -> QRectF | None:
        """The box in pixels of the frame: the guessed one, else the probed one; None where there is none."""
        record = self.record
        if record is None:
            return None
        box = self.guessed or (record.box if self._heat is not None or self.guessed is None else None)
        if box is None:
            return None
        where = self._input_rect()
        height, width = record.input_hw
        across, down = where.width() / width, where.height() / height
        left, top, right, bottom = box
        return QRectF(where.left() + left * across, where.top() + top * down, (right - left) * across, (bottom - top) * down)

    def _paint_input(self, painter: QPainter, transform: QTransform) -> None:
        if self.record is None:
            return
        t = theme.tokens()
        where = transform.mapRect(self._input_rect())
        picture = QRectF(transform.mapRect(QRectF(self.image.rect())))
        beyond = QPainterPath()
        beyond.addRect(picture)
        seen = QPainterPath()
        seen.addRect(where)
        painter.fillPath(beyond.subtracted(seen), theme.colour(t.canvas, 0.6))
        if self._heat is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
            painter.drawImage(where, self._heat)
        box = self.box_rect()
        if box is None:
            return
        self._paint_box(painter, transform.mapRect(box).intersected(QRectF(self.rect()).adjusted(1, 1, -1, -1)))

    def _paint_box(self, painter: QPainter, shown: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        shown = shown.adjusted(0, 0, -1, -1)
        painter.setPen(QPen(QColor(0, 0, 0, 170), 4))
        painter.drawRect(shown)
        painter.setPen(QPen(QColor("#ffffff"), 2, Qt.PenStyle.DashLine if self.guessed else Qt.PenStyle.SolidLine))
        painter.drawRect(shown)

    def loupe(self, transform: QTransform) -> tuple[QRectF, QRectF] | None:
        """(part of the frame, where it stands enlarged) for a small box: in the corner farthest from it; else None."""
        box = self.box_rect()
        if box is None or self.record is None or self.record.whole:
            return None
        shown = transform.mapRect(box)
        side = min(self.width(), self.height()) * LOUPE
        if max(shown.width(), shown.height()) * 2 > side or side < 48 or min(box.width(), box.height()) <= 0:
            return None
        half = max(box.width(), box.height()) * 0.75
        part = QRectF(box.center().x() - half, box.center().y() - half, 2 * half, 2 * half)
        margin = theme.px(1)
        left = margin if shown.center().x() > self.width() / 2 else self.width() - margin - side
        top = margin if shown.center().y() > self.height() / 2 else self.height() - margin - side
        return part, QRectF(left, top, side, side)

    def _paint_loupe(self, painter: QPainter, transform: QTransform) -> None:
        """The box and its heat once more, large enough to be seen."""
        found = self.loupe(transform)
        box = self.box_rect()
        if found is None or box is None or self.record is None:
            return
        part, place = found
        painter.setClipRect(place)
        painter.fillRect(place, QColor(theme.tokens().canvas))
        scale = place.width() / part.width()
        inner = QTransform(scale, 0, 0, scale, place.left() - part.left() * scale, place.top() - part.top() * scale)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(inner.mapRect(QRectF(self.image.rect())), self.image)
        if self._heat is not None:
            painter.drawImage(inner.mapRect(self._input_rect()), self._heat)
        self._paint_box(painter, inner.mapRect(box))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setClipping(False)
        painter.setPen(QPen(QColor(theme.tokens().strong_line), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter asks who sees the middle, then arrows move the place (with Shift by one pixel); the rest is the picture's."""
        key, frame = Qt.Key(event.key()), self.image
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not frame.isNull():
            place = self.pixel or (frame.width() / 2, frame.height() / 2)
            self.pixel_chosen.emit(*place)
        elif key in STEPS and self.pixel is not None and self.zoom == 1.0:
            one = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            step = 1.0 if one else max(1.0, round(max(frame.width(), frame.height()) / 64))
            x, y = self.pixel[0] + STEPS[key][0] * step, self.pixel[1] + STEPS[key][1] * step
            self.pixel_chosen.emit(min(max(x, 0.0), frame.width() - 0.5), min(max(y, 0.0), frame.height() - 0.5))
        else:
            super().keyPressEvent(event)

    def _paint_pixel(self, painter: QPainter, transform: QTransform) -> None:
        if self.pixel is None:
            return
        at = transform.map(QPointF(*self.pixel))
        for colour, width in (("#000000", 4), (theme.DARK.accent, 2)):
            painter.setPen(QPen(QColor(colour), width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, 6, 6)
            painter.drawLine(at + QPointF(-11, 0), at + QPointF(-6, 0))
            painter.drawLine(at + QPointF(6, 0), at + QPointF(11, 0))
