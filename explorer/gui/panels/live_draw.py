"""Objects drawn over a picture: boxes, labels and masks as vectors, in whole pixels of the screen itself.

All is painted in device pixels, whatever the display scale: an edge of a box lies within half a pixel of its place. What a
record and a transform decide is worked out once and kept until either changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPixmap, QTransform

from explorer.gui import theme
from explorer.gui.panels.live_labels import Fragments, fragments, lettering, paint_fragments
from explorer.gui.panels.live_outline import Borders, Loop, borders
from explorer.gui.panels.live_overlay import percent
from explorer.gui.panels.live_strokes import (
    Ints,
    Shape,
    brush,
    cut,
    device_painting,
    frames_of,
    grown,
    mapped,
    paint_outlines,
    paint_rects,
    paint_tinted,
    polygons,
    qrects,
)
from explorer.i18n import tr
from explorer.picture.box_frame import bars, kinds, rims, strokes
from explorer.picture.colour import ClassLook, Colour, class_look
from explorer.picture.label_room import label_corners
from explorer.records.vision import Detections
from explorer.requests.live import LiveLook

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
    """One record under one transform, in device pixels.

    `frames`: of the boxes of each colour, thin rims and strokes as `qrects`. `labels`: parts of the `sheet`, the best object's
    last; `label_of`: the object each belongs to.
    """

    boxes: Ints
    thick: int
    area: QRect
    masks: list[tuple[int, Shape]] = field(default_factory=list)
    frames: list[tuple[QBrush, Ints, Ints]] = field(default_factory=list)
    sheet: QPixmap | None = None
    labels: Fragments = field(default_factory=lambda: np.zeros((0, 10)))
    label_of: Ints = field(default_factory=lambda: np.zeros(0, np.int32))


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
    def _classes(self) -> tuple[list[int], Ints]:
        """The classes there are, and for each object the place of its own among them."""
        classes = self.found.class_index.tolist()
        places: dict[int, int] = {one: at for at, one in enumerate(dict.fromkeys(classes))}
        return list(places), np.array([places[one] for one in classes], np.int32)

    @cached_property
    def _looks(self) -> list[ClassLook]:
        """The looks of these classes."""
        return [class_look(self.found.labels[one]) for one in self._classes[0]]

    def _look(self, number: int) -> ClassLook:
        return self._looks[int(self._classes[1][number])]

    @cached_property
    def _borders(self) -> Borders | None:
        return None if self.found.masks is None else borders(self.found.masks, many=MANY)

    def paint(self, painter: QPainter, to_widget: QTransform, marks: Marks | None = None) -> None:
        """Masks, then boxes, then labels, the best object on top; those a person marked above all."""
        marks = marks or Marks()
        font, area = painter.font(), QRectF(painter.viewport())
        here = device_painting(painter)
        ratio = (here.m11() ** 2 + here.m12() ** 2) ** 0.5
        laid = self._lay(to_widget * here, here.mapRect(area).toAlignedRect(), font, ratio)
        marked = [n for n in dict.fromkeys((marks.pinned, marks.pointed)) if n is not None and n < len(laid.boxes)]
        faint = marks.pointed is not None
        painter.setOpacity(DIM if faint else 1.0)
        self._paint_masks(painter, laid, [shape for _, shape in laid.masks], faint)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        for filled, around, made in laid.frames:
            for colour, rects in ((RIM, around), (filled, made)):
                painter.setBrush(colour)
                paint_rects(painter, cut(rects) if faint else rects)
        if laid.sheet is not None:
            paint_fragments(painter, laid.labels, laid.sheet)
        painter.setOpacity(1.0)
        for number in marked:
            self._paint_marked(painter, laid, number, marks.pinned == number)

    def _lay(self, to_device: QTransform, area: QRect, font: QFont, ratio: float) -> _Laid:
        key = (to_device, area, font.key(), ratio, theme.scale())
        if self._laid is not None and key == self._key:
            return self._laid
        thick = max(1, round(self.look.line * self._size * ratio * theme.scale()))
        laid = _Laid(mapped(self.found.xyxy, to_device), thick, area)
        if len(self.found):
            if self.look.boxes:
                self._lay_boxes(laid)
            if self.look.names or self.look.scores or (self.look.numbers and self.found.track is not None):
                self._lay_labels(laid, font, ratio)
            if self.look.fill or self.look.outline:
                self._lay_masks(laid)
        self._key, self._laid = key, laid
        return laid

    def _lay_boxes(self, laid: _Laid) -> None:
        """Colour by colour, that of the best object last: what is painted next to each other is then also painted in a row."""
        frames, of_object = frames_of(laid.boxes, laid.thick), self._classes[1]
        numbers: dict[Colour, int] = {}
        of_class = [numbers.setdefault(look.colour, len(numbers)) for look in self._looks]
        colours = np.array(of_class)[of_object]
        order = colours.argsort(kind="stable")
        around = qrects(rims(grown(frames[order]), 1))
        owner, made = strokes(kinds([look.frame for look in self._looks])[of_object[order]], frames[order], laid.thick)
        made = qrects(made)
        ends = colours[order].searchsorted(np.arange(len(numbers)), side="right")
        pieces = zip(numbers, pairwise([0, *ends.tolist()]), pairwise([0, *owner.searchsorted(ends).tolist()]), strict=True)
        for colour, (begin, end), (first, last) in pieces:
            laid.frames.append((brush(colour), around[4 * begin : 4 * end], made[first:last]))
        laid.frames.reverse()

    def _lay_labels(self, laid: _Laid, font: QFont, ratio: float) -> None:
        letters = lettering(font, ratio, self.look.text * self._size)
        classes, of_object = self._classes
        scored, looks = self.look.scores, self._looks
        if self.found.track is not None and self.look.numbers:  # each has a name of its own
            names = label_names(self.found, range(len(self.found)), self.look)
            plates = [np.array([letters.name(name, looks[at]) for name, at in zip(names, of_object.tolist(), strict=True)])]
            nameless = np.array([not name for name in names])
        else:
            names = [tr(self.found.labels[one]) if self.look.names else "" for one in classes]
            plates = [np.array([letters.name(name, look) for name, look in zip(names, looks, strict=True)])[of_object]]
            nameless = np.array([not name for name in names])[of_object]
        if scored:
            shares = np.rint(100 * self.found.score.astype(np.float64)).astype(np.int64).clip(0, 100)
            plates.append(np.array([letters.scores(look.colour) for look in looks])[of_object] + shares)
        parts = letters.plates[np.stack(plates)]  # (1 or 2, N, 3)
        sizes = np.empty((len(self.found), 2), np.int32)
        sizes[:, 0], sizes[:, 1] = parts[:, :, 2].sum(axis=0), letters.tall
        if not scored:
            sizes[nameless] = 0
        area = laid.area
        edges = area.left(), area.top(), area.right() + 1, area.bottom() + 1
        corners, shown = label_corners(edges, laid.boxes, sizes)
        seen = np.flatnonzero(shown)[::-1]
        left, top = corners[seen].T
        halves = [fragments(parts[0, seen], letters.tall, left, top)]
        if scored:
            halves.append(fragments(parts[1, seen], letters.tall, left + parts[0, seen, 2], top))
        laid.labels = np.stack(halves, axis=1).reshape(-1, 10)
        laid.label_of = seen.repeat(len(halves)).astype(np.int32)
        laid.sheet = letters.sheet

    def _lay_masks(self, laid: _Laid) -> None:
        made = self._borders
        if made is None or not made.ends:
            return
        begins = [0, *made.ends[:-1]]
        boxes = laid.boxes[made.owner.repeat(np.diff([0, *made.ends]))]
        points: Loop = made.points * (boxes[:, 2:] - boxes[:, :2]) + boxes[:, :2]
        tops = np.floor(np.minimum.reduceat(points[:, 1], begins)).astype(int).tolist()
        bottoms = np.ceil(np.maximum.reduceat(points[:, 1], begins)).astype(int).tolist()
        lines = polygons(points, made.ends)
        for number, at in zip(made.owner.tolist(), range(len(lines)), strict=True):
            if laid.masks and laid.masks[-1][0] == number:  # a second piece, or a hole, of the same object
                last = laid.masks.pop()[1]
                shape = Shape(last.colour, [*last.lines, lines[at]], min(last.top, tops[at]), max(last.bottom, bottoms[at]))
            else:
                shape = Shape(self._look(number).colour, [lines[at]], tops[at], bottoms[at])
            laid.masks.append((number, shape))
        laid.masks.reverse()  # the best object above

    # -- painting ----------------------------------------------------------------------------------------------------
    def _paint_masks(self, painter: QPainter, laid: _Laid, shapes: Sequence[Shape], faint: bool = False) -> None:
        if self.look.fill and self.look.opacity:
            paint_tinted(painter, shapes, self.look.opacity, laid.area)
        if self.look.outline:
            paint_outlines(painter, shapes, max(1, round(laid.thick / 3)), laid.area if faint else None)

    def _paint_marked(self, painter: QPainter, laid: _Laid, number: int, pinned: bool) -> None:
        """Again, above all others: twice as wide, with its label; a pinned one has a white rim."""
        look, thick = self._look(number), 2 * laid.thick
        frame = frames_of(laid.boxes[number : number + 1], thick)
        self._paint_masks(painter, laid, [shape for owner, shape in laid.masks if owner == number])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        rim = max(1, laid.thick) if pinned else 1
        painter.setBrush(PINNED if pinned else RIM)
        paint_rects(painter, qrects(rims(grown(frame, rim), rim)))
        painter.setBrush(brush(look.colour))
        paint_rects(painter, qrects(bars((look.frame,), frame, thick)[1]))
        if laid.sheet is not None:
            paint_fragments(painter, laid.labels[laid.label_of == number], laid.sheet)


def paint_detections(painter: QPainter, to_widget: QTransform, found: Detections, marked: int | None = None) -> None:
    """Boxes, labels and masks once; whoever paints one record again and again keeps an ObjectsPaint."""
    painter.save()
    ObjectsPaint(found).paint(painter, to_widget, Marks(pointed=marked))
    painter.restore()
