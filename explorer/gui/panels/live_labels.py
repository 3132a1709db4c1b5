"""Labels on boxes: small plates in the colour of a class, painted once and kept."""

from __future__ import annotations

import math
from collections import OrderedDict

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPixmap
from shiboken6 import Shiboken

from explorer.gui.panels.live_overlay import percent
from explorer.picture.colour import ClassLook, Colour, ink_on

Ints = npt.NDArray[np.int32]
Fragments = npt.NDArray[np.float64]  # (K, 10) as QPainter.PixmapFragment has them
WIDE, TALL = 2048, 4096  # a sheet of plates; one that has grown taller than that is given up for a new one
FONTS = 4  # letterings that are kept: a window, another screen, a saved picture
_letterings: OrderedDict[tuple[str, float, float], Lettering] = OrderedDict()


def label_font(font: QFont, ratio: float, size: float) -> QFont:
    """`font` for labels, `size` times as large, in device pixels of a screen with `ratio` of them to a pixel."""
    made = QFont(font)
    made.setPixelSize(max(6, round(QFontInfo(font).pixelSize() * ratio * size)))
    made.setWeight(QFont.Weight.DemiBold)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


class Lettering:
    """Labels of one font in device pixels. A label is two plates side by side, the name and the score: there are few of either,
    of their pairs many. What was painted once is kept on one `sheet`, so that Qt draws all labels of a picture by one call.

    `plates`: left, top and width of each on the sheet (K, 3).
    """

    def __init__(self, font: QFont) -> None:
        self._font = font
        self._metrics = QFontMetricsF(font)
        self.tall = math.ceil(self._metrics.height() * 1.1)
        self._pad = self.tall * 0.25
        self._side = self._metrics.capHeight()
        self._line = (self.tall + self._metrics.ascent() - self._metrics.descent()) / 2
        self._gap = max(0.0, self._metrics.horizontalAdvance("  ") - self._pad)
        self.clear()

    def clear(self) -> None:
        """An empty sheet. Who has drawn with the old one keeps it."""
        self.sheet = _sheet(16 * self.tall)
        self.plates: Ints = np.zeros((256, 3), np.int32)
        self._count, self._free = 0, (0, 0)
        self._names: dict[tuple[str, Colour, str], int] = {}
        self._scores: dict[tuple[str, Colour], int] = {}

    def name(self, text: str, look: ClassLook) -> int:
        """The plate with the marker of the class and `text`, which may be empty, in the colour of the class."""
        key = (text, look.colour, look.marker)
        found = self._names.get(key)
        if found is None:
            found = self._names[key] = self._named(text, look)
        return found

    def scores(self, colour: Colour) -> int:
        """The plate of 0 % as it stands at the right of a name; the hundred after it are those up to 100 %."""
        key = percent(0.0), colour  # the words differ from language to language
        if key not in self._scores:
            texts = [percent(number / 100) for number in range(101)]
            made = [self._plate(math.ceil(self._metrics.horizontalAdvance(text) + self._pad)) for text in texts]
            painter = QPainter(self.sheet)
            for text, plate in zip(texts, made, strict=True):
                self._write(painter, plate, 0.0, text, colour)
            painter.end()
            self._scores[key] = made[0]
        return self._scores[key]

    def _named(self, text: str, look: ClassLook) -> int:
        side, pad = self._side, self._pad
        left = side + 2 * pad
        plate = self._plate(math.ceil(left + (self._metrics.horizontalAdvance(text) + pad + self._gap if text else 0.0)))
        painter = QPainter(self.sheet)
        self._write(painter, plate, left, text, look.colour)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x, y, _ = self.plates[plate].tolist()
        marker = QRectF(x + pad, y + (self.tall - side) / 2, side, side)
        paint_marker(painter, look.marker, marker, QColor(*ink_on(look.colour)))
        painter.end()
        return plate

    def _plate(self, wide: int) -> int:
        """A free place on the sheet, which grows if need be."""
        wide = min(wide, WIDE)
        left, top = self._free
        if left + wide > WIDE:
            left, top = 0, top + self.tall
        if top + self.tall > self.sheet.height():
            larger = _sheet(2 * self.sheet.height())
            painter = QPainter(larger)
            painter.drawPixmap(0, 0, self.sheet)
            painter.end()
            self.sheet = larger
        if self._count == len(self.plates):
            self.plates = np.concatenate([self.plates, np.zeros_like(self.plates)])
        self.plates[self._count] = left, top, wide
        self._free = left + wide, top
        self._count += 1
        return self._count - 1

    def _write(self, painter: QPainter, plate: int, x: float, text: str, colour: Colour) -> None:
        left, top, wide = self.plates[plate].tolist()
        place = QRect(left, top, wide, self.tall)
        painter.setClipRect(place)
        painter.fillRect(place, QColor(*colour))
        painter.setPen(QColor(*ink_on(colour)))
        painter.setFont(self._font)
        painter.drawText(QPointF(left + x, top + self._line), text)


def _sheet(tall: int) -> QPixmap:
    """Without alpha: such plates are copied, not mixed in."""
    return QPixmap.fromImage(QImage(WIDE, tall, QImage.Format.Format_RGB32))


def fragments(plates: Ints, tall: int, left: Ints, top: Ints) -> Fragments:
    """The `plates` (K, 3) as they are drawn with their left upper corners at `left` and `top` (K,)."""
    wide = plates[:, 2]
    made = np.empty((len(plates), 10))
    made[:, 0], made[:, 1] = left + wide / 2, top + tall / 2  # Qt wants the middle
    made[:, 2:5], made[:, 5] = plates, tall
    made[:, 6:] = 1.0, 1.0, 0.0, 1.0  # not scaled, not turned, opaque
    return made


def paint_fragments(painter: QPainter, made: Fragments, sheet: QPixmap) -> None:
    """Draw parts of `sheet`. Qt reads the numbers themselves: no object is made for each."""
    if len(made):
        first = Shiboken.wrapInstance(made.ctypes.data, QPainter.PixmapFragment)
        assert isinstance(first, QPainter.PixmapFragment)
        painter.drawPixmapFragments(first, len(made), sheet)


def lettering(font: QFont, ratio: float, size: float) -> Lettering:
    """The labels in `font`, `size` times as large, on a screen with `ratio` device pixels to a pixel. Asked for once a picture:
    only then is a sheet given up that has grown too large."""
    key = (font.key(), ratio, size)
    if key not in _letterings:
        _letterings[key] = Lettering(label_font(font, ratio, size))
        if len(_letterings) > FONTS:
            _letterings.popitem(last=False)
    _letterings.move_to_end(key)
    if _letterings[key].sheet.height() > TALL:
        _letterings[key].clear()
    return _letterings[key]


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
