"""Labels on boxes: small plates painted once and kept, and places for them where they do not cover each other."""

from __future__ import annotations

import math
from collections import OrderedDict

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from explorer.picture.colour import ClassLook, Colour, ink_on

KEPT = 1500  # plates: a hundred objects with all their scores
_plates: OrderedDict[tuple[str, ClassLook, str], QImage] = OrderedDict()


def label_font(font: QFont, ratio: float, size: float) -> QFont:
    """`font` for labels, `size` times as large, in device pixels of a screen with `ratio` of them to a pixel."""
    made = QFont(font)
    made.setPixelSize(max(6, round(QFontInfo(font).pixelSize() * ratio * size)))
    made.setWeight(QFont.Weight.DemiBold)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def plate(text: str, look: ClassLook, font: QFont, named: str = "") -> QImage:
    """A label in the colour of its class with the class's marker; in device pixels. `named`: the font's key, if known."""
    key = (text, look, named or font.key())
    found = _plates.get(key)
    if found is not None:
        _plates.move_to_end(key)
        return found
    metrics = QFontMetricsF(font)
    tall = math.ceil(metrics.height() * 1.1)
    pad = tall * 0.25
    side = metrics.capHeight()
    image = QImage(
        math.ceil(metrics.horizontalAdvance(text) + side + 3 * pad if text else side + 2 * pad),
        tall,
        QImage.Format.Format_RGB32,
    )
    image.fill(QColor(*look.colour))
    ink = QColor(*ink_on(look.colour))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_marker(painter, look.marker, QRectF(pad, (tall - side) / 2, side, side), ink)
    painter.setPen(ink)
    painter.setFont(font)
    painter.drawText(QPointF(side + 2 * pad, (tall + metrics.ascent() - metrics.descent()) / 2), text)
    painter.end()
    _plates[key] = image
    if len(_plates) > KEPT:
        _plates.popitem(last=False)
    return image


def paint_marker(painter: QPainter, marker: str, box: QRectF, colour: QColor) -> None:
    """The second mark of a class beside its colour: one of picture.colour's CLASS_MARKERS."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    middle, r = box.center(), min(box.width(), box.height()) / 2
    if marker == "disc":
        painter.drawEllipse(middle, r, r)
    elif marker == "ring":
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, r * 0.5))
        painter.drawEllipse(middle, r * 0.75, r * 0.75)
    elif marker in ("plus", "cross"):
        painter.setPen(QPen(colour, r * 0.55, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        turn = 0.0 if marker == "plus" else math.pi / 4
        for angle in (turn, turn + math.pi / 2):
            arm = QPointF(r * math.cos(angle), r * math.sin(angle))
            painter.drawLine(middle - arm, middle + arm)
    else:
        painter.drawPath(_shape(marker, middle, r))


# corners, turn in quarter circles, inner radius of a star
_SHAPES = {"square": (4, 0.5, 0.0), "triangle": (3, 0.0, 0.0), "diamond": (4, 0.0, 0.0), "star": (5, 0.0, 0.42)}
_SHAPES |= {"pentagon": (5, 0.0, 0.0), "wedge": (3, 2.0, 0.0)}


def _shape(marker: str, middle: QPointF, r: float) -> QPainterPath:
    corners, turn, inner = _SHAPES.get(marker, _SHAPES["square"])
    path = QPainterPath()
    count = 2 * corners if inner else corners
    for at in range(count):
        radius = r * 1.15 * (inner if inner and at % 2 else 1.0)
        angle = -math.pi / 2 + turn * math.pi / 2 + 2 * math.pi * at / count
        point = middle + QPointF(radius * math.cos(angle), radius * math.sin(angle))
        if at:
            path.lineTo(point)
        else:
            path.moveTo(point)
    path.closeSubpath()
    return path


class Places:
    """Finds room for plates of one height inside `area`, best object first."""

    MOST_COVERED = 0.35  # a label that others would cover more than this is left out: it could not be read

    def __init__(self, area: QRect) -> None:
        self._area = area
        self._rows: dict[int, list[tuple[int, int, int, int]]] = {}

    def put(self, box: tuple[int, int, int, int], wide: int, tall: int, *, must: bool = False) -> tuple[int, int] | None:
        """Left and top of a plate for `box` (left, top, right, bottom); None where there is no room (`must`: there is)."""
        low, high = self._area.left(), self._area.right() + 1 - wide
        first, last = self._area.top(), self._area.bottom() + 1 - tall
        x0, y0, x1, y1 = max(box[0], low), max(box[1], first), min(box[2], high + wide), min(box[3], last + tall)
        best, least = None, math.inf
        for x, y in ((x0, y0 - tall), (x0, y0), (x1 - wide, y0 - tall), (x0, y1), (x1 - wide, y0), (x0, y1 - tall), (x1, y0)):
            if (y < first or y > last) and best is not None:
                continue
            left, top = max(low, min(x, high)), max(first, min(y, last))
            covered = self._covered(left, top, left + wide, top + tall) + (0 if first <= y <= last else 1)
            if covered < least:
                best, least = (left, top), covered
            if not covered:
                break
        if best is None or (least > self.MOST_COVERED * wide * tall and not must):
            return None
        self._take(best[0], best[1], wide, tall)
        return best

    def _take(self, left: int, top: int, wide: int, tall: int) -> None:
        place = (left, top, left + wide, top + tall)
        for row in range(top >> 5, (top + tall - 1 >> 5) + 1):
            self._rows.setdefault(row, []).append(place)

    def _covered(self, x0: int, y0: int, x1: int, y1: int) -> int:
        """Pixels that earlier plates have already; the largest of the overlaps."""
        most = 0
        for row in range(y0 >> 5, (y1 - 1 >> 5) + 1):
            for left, top, right, bottom in self._rows.get(row, ()):
                if left < x1 and x0 < right and top < y1 and y0 < bottom:
                    most = max(most, (min(x1, right) - max(x0, left)) * (min(y1, bottom) - max(y0, top)))
        return most


def mixed(colour: Colour, other: Colour, part: float) -> QColor:
    """`colour` with `part` of `other` in it."""
    return QColor(*(round(one * (1 - part) + two * part) for one, two in zip(colour, other, strict=True)))
