"""Objects drawn over a picture: boxes, labels and masks as vectors, in whole pixels of the screen itself.

All is painted in device pixels, whatever the display scale: an edge of a box lies within half a pixel of its place. What a
record and a transform decide is worked out once and kept until either changes.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPolygonF, QTransform

from explorer.gui import theme
from explorer.gui.panels.live_labels import Plate, lettering
from explorer.gui.panels.live_outline import outlines
from explorer.gui.panels.live_overlay import percent
from explorer.gui.panels.live_strokes import (
    Ints,
    device_painting,
    frames_of,
    grown,
    mapped,
    paint_outlines,
    paint_rects,
    polygons,
    tint,
)
from explorer.i18n import tr
from explorer.picture.box_frame import bars, rims
from explorer.picture.colour import ClassLook, class_look
from explorer.picture.label_room import label_places
from explorer.records.vision import Detections
from explorer.requests.live import LiveLook

Label = list[tuple[QPoint, QImage, QRect]]  # upper left corner, image, part of the image
DIM = 0.4
MANY = 48
RIM = QBrush(QColor(16, 18, 20))
PINNED = QBrush(QColor(255, 255, 255))


@dataclass(frozen=True)
class Marks:
    """Objects a person points at: `pointed` while the mouse or a list says so (the others grow faint), `pinned` for good."""

    pointed: int | None = None
    pinned: int | None = None


@dataclass
class _Laid:
    """One record under one transform, in device pixels. `rims`: around all boxes; `strokes`: of all boxes, by colour."""

    boxes: Ints
    thick: int
    masks: list[tuple[int, list[QPolygonF]]] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    rims: Ints = field(default_factory=lambda: np.zeros((0, 4), np.int32))
    strokes: list[tuple[QBrush, Ints]] = field(default_factory=list)


def label_text(found: Detections, number: int, look: LiveLook) -> str:
    """ "cup 3  53 %": name, number of the followed object, score; what `look` leaves out is not there."""
    score = percent(float(found.score[number])) if look.scores else ""
    return "  ".join(part for part in (label_names(found, (number,), look)[0], score) if part)


def label_names(found: Detections, numbers: Sequence[int], look: LiveLook) -> list[str]:
    """The names of some objects, with their numbers where they are followed."""
    classes = found.class_index.tolist()
    names = {one: tr(found.labels[one]) if look.names else "" for one in {classes[number] for number in numbers}}
    if found.track is None or not look.numbers:
        return [names[classes[number]] for number in numbers]
    tracks = found.track.tolist()
    return [
        " ".join(part for part in (names[classes[number]], str(tracks[number]) if tracks[number] > 0 else "") if part)
        for number in numbers
    ]


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
        classes = self.found.class_index.tolist()
        looks = {one: class_look(self.found.labels[one]) for one in set(classes)}
        return [looks[one] for one in classes]

    @cached_property
    def _outlines(self) -> list[tuple[int, list[QPolygonF]]]:
        """(number, closed lines in parts of its box) of the objects with a mask."""
        if self.found.masks is None:
            return []
        loops = outlines(self.found.masks, many=MANY)
        lines = iter(polygons([loop for some in loops for loop in some]))
        return [(number, [next(lines) for _ in some]) for number, some in enumerate(loops) if some]

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
            paint_rects(painter, laid.rims)
            for brush, strokes in laid.strokes:
                painter.setBrush(brush)
                paint_rects(painter, strokes)
        for label in reversed(laid.labels):
            for part in label:
                painter.drawImage(*part)
        painter.setOpacity(1.0)
        for number in marked:
            self._paint_marked(painter, laid, number, marks.pinned == number)

    def _lay(self, to_device: QTransform, area: QRect, font: QFont, ratio: float) -> _Laid:
        key = (to_device, area, font.key(), ratio, theme.scale())
        if self._laid is not None and key == self._key:
            return self._laid
        thick = max(1, round(self.look.line * self._size * ratio * theme.scale()))
        laid = _Laid(mapped(self.found.xyxy, to_device), thick)
        if self.look.boxes:
            self._lay_boxes(laid)
        self._lay_labels(laid, area, font, ratio)
        if self.look.fill or self.look.outline:
            for number, loops in self._outlines:
                x0, y0, x1, y1 = laid.boxes[number].tolist()
                stretch = QTransform(x1 - x0, 0, 0, y1 - y0, x0, y0)
                laid.masks.append((number, [stretch.map(loop) for loop in loops]))
        self._key, self._laid = key, laid
        return laid

    def _lay_boxes(self, laid: _Laid) -> None:
        frames = frames_of(laid.boxes, laid.thick)
        laid.rims = rims(grown(frames), 1)
        owner, strokes = bars([look.frame for look in self.looks], frames, laid.thick)
        colours = {look.colour: number for number, look in enumerate(self.looks)}
        drawn_as = np.array([colours[look.colour] for look in self.looks], np.int32)[owner]
        for colour, number in colours.items():
            laid.strokes.append((QBrush(QColor(*colour)), strokes[drawn_as == number]))

    def _lay_labels(self, laid: _Laid, area: QRect, font: QFont, ratio: float) -> None:
        letters = lettering(font, ratio, self.look.text * self._size)
        shares = np.rint(100 * self.found.score.astype(float)).astype(int).clip(0, 100).tolist() if self.look.scores else None
        names = label_names(self.found, range(len(self.found)), self.look)
        strips = {colour: letters.scores(colour) for colour in {look.colour for look in self.looks}} if shares else {}
        images: list[list[Plate]] = []
        sizes = []
        for number, (name, look) in enumerate(zip(names, self.looks, strict=True)):
            some = [letters.name(name, look)] if name or shares is not None else []
            if shares is not None:
                some.append(strips[look.colour][shares[number]])
            images.append(some)
            sizes.append((sum([wide for _, _, wide in some]), letters.tall if some else 0))
        edges = area.left(), area.top(), area.right() + 1, area.bottom() + 1
        for place, some in zip(label_places(edges, laid.boxes, sizes), images, strict=True):
            parts: Label = []
            if place is not None:
                left, top = place
                for image, part, wide in some:
                    parts.append((QPoint(left, top), image, part))
                    left += wide
            laid.labels.append(parts)

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
        frame = frames_of(laid.boxes[number : number + 1], thick)
        self._paint_masks(painter, laid, (number,))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        rim = max(1, laid.thick) if pinned else 1
        painter.setBrush(PINNED if pinned else RIM)
        paint_rects(painter, rims(grown(frame, rim), rim))
        painter.setBrush(QColor(*look.colour))
        paint_rects(painter, bars((look.frame,), frame, thick)[1])
        for part in laid.labels[number]:
            painter.drawImage(*part)


def paint_detections(painter: QPainter, to_widget: QTransform, found: Detections, marked: int | None = None) -> None:
    """Boxes, labels and masks once; whoever paints one record again and again keeps an ObjectsPaint."""
    painter.save()
    ObjectsPaint(found).paint(painter, to_widget, Marks(pointed=marked))
    painter.restore()
