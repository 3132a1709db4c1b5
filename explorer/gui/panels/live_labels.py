"""Labels on boxes: small plates in the colour of a class, painted once and kept."""

from __future__ import annotations

import math
from collections import OrderedDict

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from explorer.gui.panels.live_overlay import percent
from explorer.picture.colour import ClassLook, Colour, ink_on

Plate = tuple[QImage, QRect, int]  # an image, the part of it that is meant, how wide that is
KEPT = 1000  # names of one font: of classes, and of objects that are followed
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
    """Labels of one font in device pixels. A label is two images side by side, the name and the score: there are few of either,
    of their pairs many. What was painted once is kept."""

    def __init__(self, font: QFont) -> None:
        self._font = font
        self._metrics = QFontMetricsF(font)
        self.tall = math.ceil(self._metrics.height() * 1.1)
        self._pad = self.tall * 0.25
        self._side = self._metrics.capHeight()
        self._line = (self.tall + self._metrics.ascent() - self._metrics.descent()) / 2
        self._gap = max(0.0, self._metrics.horizontalAdvance("  ") - self._pad)
        self._names: dict[tuple[str, Colour, str], Plate] = {}
        self._scores: dict[tuple[str, Colour], list[Plate]] = {}

    def name(self, text: str, look: ClassLook) -> Plate:
        """The marker of the class and `text`, which may be empty, in the colour of the class."""
        key = (text, look.colour, look.marker)
        found = self._names.get(key)
        if found is None:
            if len(self._names) >= KEPT:
                self._names.pop(next(iter(self._names)))  # the oldest
            image = self._named(text, look)
            found = self._names[key] = image, image.rect(), image.width()
        return found

    def scores(self, colour: Colour) -> list[Plate]:
        """All scores from 0 to 100 %, as they stand at the right of a name: parts of one image."""
        key = percent(0.0), colour  # the words differ from language to language
        if key not in self._scores:
            texts = [percent(number / 100) for number in range(101)]
            wide = [math.ceil(self._metrics.horizontalAdvance(text) + self._pad) for text in texts]
            image = self._plate(max(wide), len(texts) * self.tall, colour)
            painter = self._pen(image, colour)
            for number, text in enumerate(texts):
                painter.drawText(QPointF(0.0, number * self.tall + self._line), text)
            painter.end()
            self._scores[key] = [(image, QRect(0, at * self.tall, one, self.tall), one) for at, one in enumerate(wide)]
        return self._scores[key]

    def _named(self, text: str, look: ClassLook) -> QImage:
        side, pad = self._side, self._pad
        left = side + 2 * pad
        wide = left + (self._metrics.horizontalAdvance(text) + pad + self._gap if text else 0.0)
        image = self._plate(math.ceil(wide), self.tall, look.colour)
        painter = self._pen(image, look.colour)
        painter.drawText(QPointF(left, self._line), text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_marker(painter, look.marker, QRectF(pad, (self.tall - side) / 2, side, side), QColor(*ink_on(look.colour)))
        painter.end()
        return image

    def _plate(self, wide: int, tall: int, colour: Colour) -> QImage:
        image = QImage(wide, tall, QImage.Format.Format_RGB32)
        image.fill(QColor(*colour))
        return image

    def _pen(self, image: QImage, colour: Colour) -> QPainter:
        painter = QPainter(image)
        painter.setPen(QColor(*ink_on(colour)))
        painter.setFont(self._font)
        return painter


def lettering(font: QFont, ratio: float, size: float) -> Lettering:
    """The labels in `font`, `size` times as large, on a screen with `ratio` device pixels to a pixel."""
    key = (font.key(), ratio, size)
    if key not in _letterings:
        _letterings[key] = Lettering(label_font(font, ratio, size))
        if len(_letterings) > FONTS:
            _letterings.popitem(last=False)
    _letterings.move_to_end(key)
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
