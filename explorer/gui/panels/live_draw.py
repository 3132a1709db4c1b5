"""Objects drawn over a picture: boxes, labels and masks as vectors, in whole pixels of the screen itself.

All is painted in device pixels, whatever the display scale: an edge of a box lies within half a pixel of its place. What a
record and a transform decide is worked out once and kept until either changes.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from functools import cached_property

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPolygonF, QTransform

from explorer.gui import theme
from explorer.gui.panels.live_labels import Places, label_font, plate
from explorer.gui.panels.live_outline import outlines
from explorer.gui.panels.live_overlay import percent
from explorer.gui.panels.live_strokes import (
    Edges,
    bars,
    device_painting,
    frame_of,
    grown,
    mapped,
    paint_outlines,
    polygon,
    tint,
)
from explorer.i18n import tr
from explorer.picture.colour import ClassLook, Colour, class_look
from explorer.records.vision import Detections
from explorer.requests.live import LiveLook

DIM = 0.4
MANY = 48
RIM = QColor(16, 18, 20)
PINNED = QColor(255, 255, 255)


@dataclass(frozen=True)
class Marks:
    """Objects a person points at: `pointed` while the mouse or a list says so (the others grow faint), `pinned` for good."""

    pointed: int | None = None
    pinned: int | None = None


@dataclass
class _Laid:
    """One record under one transform, in device pixels. `rims`: of all boxes; `strokes`: of all boxes, by colour."""

    boxes: list[Edges]
    labels: list[tuple[QPointF, QImage] | None]
    masks: list[tuple[int, list[QPolygonF]]]
    thick: int
    rims: list[QRect] = field(default_factory=list)
    strokes: dict[Colour, list[QRect]] = field(default_factory=dict)


def label_text(found: Detections, number: int, look: LiveLook) -> str:
    """ "cup 3  53 %": name, number of the followed object, score; what `look` leaves out is not there."""
    parts = [tr(found.label(number))] if look.names else []
    if look.numbers and found.track is not None and found.track[number] > 0:
        parts.append(str(int(found.track[number])))
    name = " ".join(parts)
    return "  ".join(part for part in (name, percent(float(found.score[number])) if look.scores else "") if part)


class ObjectsPaint:
    """Draws one record. `size`: lines and letters so many times as large (pictures that are saved in their own size)."""

    def __init__(self, found: Detections, look: LiveLook | None = None, size: float = 1.0) -> None:
        self.found = found
        self.look = look or LiveLook()
        self._size = size
        self._laid: _Laid | None = None
        self._key: object = None

    @cached_property
    def looks(self) -> list[ClassLook]:
        """The look of each object's class."""
        return [class_look(self.found.label(number)) for number in range(len(self.found))]

    @cached_property
    def _outlines(self) -> list[tuple[int, list[QPolygonF]]]:
        """(number, closed lines in parts of its box) of the objects with a mask."""
        if self.found.masks is None:
            return []
        loops = outlines(self.found.masks)
        # Of a long line every second point: they are half a cell of the mask apart.
        thinned = [[loop[::2] if len(loop) > MANY else loop for loop in some] for some in loops]
        return [(number, [polygon(loop) for loop in some]) for number, some in enumerate(thinned) if some]

    def paint(self, painter: QPainter, to_widget: QTransform, marks: Marks | None = None) -> None:
        """Masks, then boxes, then labels, the best object on top; those a person marked above all."""
        marks = marks or Marks()
        font, area = painter.font(), QRectF(painter.viewport())
        here = device_painting(painter)
        ratio = (here.m11() ** 2 + here.m12() ** 2) ** 0.5
        laid = self._lay(to_widget * here, here.mapRect(area).toAlignedRect(), font, ratio)
        marked = [n for n in dict.fromkeys((marks.pinned, marks.pointed)) if n is not None and n < len(laid.boxes)]
        painter.setOpacity(DIM if marks.pointed is not None else 1.0)
        self._paint_masks(painter, laid, range(len(laid.boxes)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.look.boxes:
            painter.setBrush(RIM)
            painter.drawRects(laid.rims)
            for colour, strokes in laid.strokes.items():
                painter.setBrush(QColor(*colour))
                painter.drawRects(strokes)
        for label in reversed(laid.labels):
            if label is not None:
                painter.drawImage(*label)
        painter.setOpacity(1.0)
        for number in marked:
            self._paint_marked(painter, laid, number, marks.pinned == number)

    def _lay(self, to_device: QTransform, area: QRect, font: QFont, ratio: float) -> _Laid:
        key = (to_device, area, font.key(), ratio, theme.scale())
        if self._laid is not None and key == self._key:
            return self._laid
        thick = max(1, round(self.look.line * self._size * ratio * theme.scale()))
        laid = _Laid([], [], [], thick)
        places = Places(area)
        large = label_font(font, ratio, self.look.text * self._size)
        named = large.key()
        for number, box in enumerate(mapped(self.found.xyxy.tolist(), to_device)):
            laid.boxes.append(box)
            frame = frame_of(box, thick)
            laid.rims += bars("solid", *grown(frame), 1)
            laid.strokes.setdefault(self.looks[number].colour, []).extend(bars(self.looks[number].frame, *frame, thick))
            text = label_text(self.found, number, self.look)
            image = plate(text, self.looks[number], large, named) if text else None
            spot = places.put(box, image.width(), image.height()) if image is not None else None
            laid.labels.append(None if image is None or spot is None else (QPointF(*spot), image))
        if self.look.fill or self.look.outline:
            for number, loops in self._outlines:
                x0, y0, x1, y1 = laid.boxes[number]
                stretch = QTransform(x1 - x0, 0, 0, y1 - y0, x0, y0)
                laid.masks.append((number, [stretch.map(loop) for loop in loops]))
        self._key, self._laid = key, laid
        return laid

    # -- painting ----------------------------------------------------------------------------------------------------
    def _paint_masks(self, painter: QPainter, laid: _Laid, which: Container[int]) -> None:
        chosen = [(self.looks[number].colour, loops) for number, loops in reversed(laid.masks) if number in which]
        if self.look.fill and self.look.opacity:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(Qt.PenStyle.NoPen)
            for colour, loops in chosen:
                painter.setBrush(tint(colour, self.look.opacity))
                for loop in loops:
                    painter.drawPolygon(loop)
        if self.look.outline:
            paint_outlines(painter, chosen, max(1, round(laid.thick / 3)))

    def _paint_marked(self, painter: QPainter, laid: _Laid, number: int, pinned: bool) -> None:
        """Again, above all others: twice as wide, with its label; a pinned one has a white rim."""
        look, thick = self.looks[number], 2 * laid.thick
        frame = frame_of(laid.boxes[number], thick)
        self._paint_masks(painter, laid, (number,))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        rim = max(1, laid.thick) if pinned else 1
        painter.setBrush(PINNED if pinned else RIM)
        painter.drawRects(bars("solid", *grown(frame, rim), rim))
        painter.setBrush(QColor(*look.colour))
        painter.drawRects(bars(look.frame, *frame, thick))
        label = laid.labels[number]
        if label is not None:
            painter.drawImage(*label)


def paint_detections(painter: QPainter, to_widget: QTransform, found: Detections, marked: int | None = None) -> None:
    """Boxes, labels and masks once; whoever paints one record again and again keeps an ObjectsPaint."""
    painter.save()
    ObjectsPaint(found).paint(painter, to_widget, Marks(pointed=marked))
    painter.restore()
