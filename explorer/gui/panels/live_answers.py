"""Answers about the whole picture, written over it: the best classes with bars, the share of the object."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QPainter

from explorer.gui import theme
from explorer.gui.numerals import fixed
from explorer.gui.panels.live_overlay import OUTLINE, percent
from explorer.i18n import tr
from explorer.picture.colour import label_colour
from explorer.records.vision import Mask, TopK
from explorer.requests.live import LiveLook

GROUND = QColor(12, 14, 17, 190)
WHITE = QColor(255, 255, 255)
Row = tuple[str, str, float, tuple[int, int, int]]  # name, number, length of the bar 0..1, its colour


def answer_rows(record: TopK | Mask) -> list[Row]:
    """What is written: the classes best first, or the share of the object."""
    if isinstance(record, Mask):
        share = share_of(record)
        return [(tr("Object"), percent(share), share, OUTLINE)]
    number = tr("{number} %")
    return [(row.label, number.format(number=fixed(100 * row.score)), row.score, label_colour(row.label)) for row in record.top]


def share_of(mask: Mask) -> float:
    """The part of the picture that belongs to the object, 0..1."""
    return float((mask.alpha > 0.5).mean())


def paint_answers(painter: QPainter, inside: QRectF, record: TopK | Mask, look: LiveLook, size: float = 1.0) -> None:
    """At the top left of `inside`, the visible part of the picture; as many lines as have room."""
    font = QFont(painter.font())
    large = 1.3 if theme.scale() == 1.0 else 1.6  # the projector's last row
    font.setPixelSize(max(8, round(QFontInfo(font).pixelSize() * large * look.text * size)))
    font = theme.tabular(font)
    metrics = QFontMetricsF(font)
    line, pad = metrics.height() * 1.45, metrics.height() * 0.5
    rows = answer_rows(record)[: max(0, int((inside.height() - 3 * pad) / line))]
    if not rows:
        return
    number = max(metrics.horizontalAdvance(row[1]) for row in rows)
    name = max(metrics.horizontalAdvance(row[0]) for row in rows)
    wide = min(name + number + 4 * pad, inside.width() - 2 * pad)
    box = QRectF(inside.left() + pad, inside.top() + pad, wide, line * len(rows) + pad)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(GROUND)
    painter.drawRoundedRect(box, pad / 2, pad / 2)
    painter.setFont(font)
    for at, (label, value, length, colour) in enumerate(rows):
        row = QRectF(box.left() + pad, box.top() + pad / 2 + at * line, box.width() - 2 * pad, line)
        text = metrics.elidedText(label, Qt.TextElideMode.ElideRight, row.width() - number - pad)
        painter.setPen(WHITE)
        above = row.adjusted(0, 0, 0, -line * 0.14)
        painter.drawText(above, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.drawText(above, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, value)
        painter.fillRect(QRectF(row.left(), row.bottom() - line * 0.14, row.width(), line * 0.09), QColor(255, 255, 255, 60))
        painter.fillRect(QRectF(row.left(), row.bottom() - line * 0.14, row.width() * length, line * 0.09), QColor(*colour))
