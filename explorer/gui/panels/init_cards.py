"""Six ways of choosing the first weights, side by side: how activations spread through the layers, and what comes back."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from explorer.gui import theme
from explorer.gui.numerals import localised
from explorer.gui.panels.init_words import verdict
from explorer.gui.widgets.sized import Sized
from explorer.i18n import figures, tr
from explorer.picture.colour import paint
from explorer.records.descent import F64
from explorer.records.neural import Initialisation, Initialised

DECADES = (-12.0, 4.0)  # of the lines' axis: powers of ten
COLUMNS = 3


class SchemeCards(Sized):
    """`pointed(place)`: (way, layer) under the cursor, or None."""

    comfortable: ClassVar[tuple[int, int]] = (760, 480)
    least: ClassVar[tuple[int, int]] = (330, 240)
    pointed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.record: Initialisation | None = None
        self.place: tuple[int, int] | None = None
        self._images: list[QImage] = []
        self._heads = 2  # lines above the picture of a card
        self._message = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_record(self, record: Initialisation | None) -> None:
        """Show another measurement."""
        self.record = record
        self._images = [] if record is None else [_image(one) for one in record.schemes]
        self.point(self.place)
        self.update()

    def set_message(self, text: str) -> None:
        """Why there is nothing."""
        self._message = text
        self.update()

    def restyle(self) -> None:
        """The theme changed."""
        self.update()

    # -- geometry ----------------------------------------------------------------------------------------------------
    def card(self, index: int) -> QRectF:
        """The rectangle of a way."""
        columns = COLUMNS if self.width() >= theme.px(110) else 2
        rows = math.ceil(6 / columns)
        gap = theme.px(3)
        wide = (self.width() - (columns - 1) * gap) / columns
        high = (self.height() - (rows - 1) * gap) / rows
        return QRectF((index % columns) * (wide + gap), (index // columns) * (high + gap), wide, high)

    def parts(self, index: int) -> tuple[QRectF, QRectF]:
        """The picture of the activations and the chart of the lines of a way."""
        card, line = self.card(index), self.fontMetrics().height()
        inner = card.adjusted(theme.px(2), self._heads * line + theme.px(2), -theme.px(2), -theme.px(1.5))
        upper = inner.height() * 0.55
        return (
            QRectF(inner.left(), inner.top(), inner.width(), upper),
            QRectF(inner.left(), inner.top() + upper + theme.px(1), inner.width(), inner.height() - upper - theme.px(1)),
        )

    def _head(self, index: int) -> QRectF:
        """The first line of a card."""
        card = self.card(index)
        return QRectF(
            card.left() + theme.px(2), card.top() + theme.px(1), card.width() - theme.px(4), self.fontMetrics().height()
        )

    def _bold(self) -> QFont:
        bold = self.font()
        bold.setBold(True)
        return bold

    def _formula_room(self, index: int, one: Initialised) -> tuple[QRectF, bool]:
        """Where the formula stands: beside the title, else beside the verdict, else (True) in a line of its own."""
        assert self.record is not None
        head, gap, metrics = self._head(index), theme.px(3), self.fontMetrics()
        needed = metrics.horizontalAdvance(figures(one.formula)) + 1
        beside = (QFontMetrics(self._bold()).horizontalAdvance(tr(one.title)),
                  metrics.horizontalAdvance(verdict(one, self.record.activation)))  # fmt: skip
        for number, used in enumerate(beside):
            if needed <= head.width() - used - gap:
                return head.translated(0, number * head.height()), False
        return head.translated(0, 2 * head.height()), True

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Cards, or what is to be waited for."""
        painter, t = QPainter(self), theme.tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.record is None:
            painter.setPen(QColor(t.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._message or tr("The six ways are being measured."))
            return
        self._heads = 3 if any(self._formula_room(*one)[1] for one in enumerate(self.record.schemes)) else 2
        for index, one in enumerate(self.record.schemes):
            self._card(painter, index, one, self.record.activation)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(t.accent), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _card(self, painter: QPainter, index: int, one: Initialised, activation: str) -> None:
        t, card = theme.tokens(), self.card(index)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.window))
        painter.drawRoundedRect(card, 6, 6)
        head = self._head(index)
        painter.setFont(self._bold())
        painter.setPen(QColor(t.text))
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft, tr(one.title))
        painter.setFont(self.font())
        painter.setPen(QColor(t.accent))
        said = self._elided(verdict(one, activation), head.width())
        painter.drawText(head.translated(0, head.height()), Qt.AlignmentFlag.AlignLeft, said)
        rest, alone = self._formula_room(index, one)
        where = Qt.AlignmentFlag.AlignLeft if alone else Qt.AlignmentFlag.AlignRight
        painter.setPen(QColor(t.muted))
        painter.drawText(rest, where, self._elided(figures(one.formula), rest.width()))
        upper, lower = self.parts(index)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(upper, self._images[index])
        self._ends(painter, upper, one)
        self._lines(painter, lower, one)
        if self.place is not None and self.place[0] == index:
            wide = upper.width() / len(one.spread)
            left = upper.left() + self.place[1] * wide
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(t.accent), 1.5))
            painter.drawRect(QRectF(left, upper.top(), wide, lower.bottom() - upper.top()))

    def _elided(self, text: str, width: float) -> str:
        return self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(width)))

    def _ends(self, painter: QPainter, area: QRectF, one: Initialised) -> None:
        """What the picture's top and bottom stand for."""
        painter.setPen(QColor(255, 255, 255, 210))
        painter.drawText(
            area.adjusted(3, 1, -3, -1), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, localised(f"{one.high:g}")
        )
        low = localised(f"{one.low:g}")
        painter.drawText(area.adjusted(3, 1, -3, -1), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, low)

    def _lines(self, painter: QPainter, area: QRectF, one: Initialised) -> None:
        t = theme.tokens()
        low, high = DECADES
        painter.setPen(QPen(QColor(t.line), 1))
        for power in range(int(low), int(high) + 1, 4):
            y = area.bottom() - (power - low) / (high - low) * area.height()
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QColor(t.muted))
        painter.drawText(area.adjusted(3, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, "10⁴")
        painter.drawText(area.adjusted(3, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, "10⁻¹²")
        for values, style, colour in (
            (one.slopes, Qt.PenStyle.DashLine, QColor(t.warn)),
            (one.spread, Qt.PenStyle.SolidLine, QColor(t.accent)),
        ):
            painter.setPen(QPen(colour, 2.0, style))
            painter.drawPolyline(QPolygonF(self._points(area, values)))

    def _points(self, area: QRectF, values: F64) -> list[QPointF]:
        low, high = DECADES
        wide = area.width() / len(values)
        points = []
        for index, value in enumerate(values.tolist()):
            if not math.isfinite(value):
                continue
            power = min(max(math.log10(value) if value > 0 else low, low), high)
            points.append(
                QPointF(area.left() + (index + 0.5) * wide, area.bottom() - (power - low) / (high - low) * area.height())
            )
        return points

    # -- mouse and keys ----------------------------------------------------------------------------------------------
    def point(self, place: tuple[int, int] | None) -> None:
        """Tell of a layer of a way."""
        if place is not None and self.record is not None:
            last = len(self.record.schemes[0].spread) - 1
            place = (min(max(place[0], 0), len(self.record.schemes) - 1), min(max(place[1], 0), last))
        if place != self.place:
            self.place = place
            self.update()
        self.pointed.emit(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The layer under the cursor."""
        if self.record is None:
            return
        for index, one in enumerate(self.record.schemes):
            upper, lower = self.parts(index)
            if upper.united(lower).contains(event.position()):
                self.point((index, int((event.position().x() - upper.left()) / upper.width() * len(one.spread))))
                return
        self.point(None)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is told any more."""
        self.point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from layer to layer and from way to way."""
        moves = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        by = moves.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            way, layer = self.place or (0, 0)
            self.point((way + by[0], layer + by[1]))


def _image(one: Initialised) -> QImage:
    """(bins, layers) as a picture: each layer's histogram a column, bright where many are, high values on top."""
    counts = one.counts.astype(np.float64)
    share = np.sqrt(counts / np.maximum(1.0, counts.max(axis=1, keepdims=True)))  # the root shows thin tails too
    rgb = np.ascontiguousarray(paint((share.T[::-1] * 255).astype(np.uint8), "cividis"))
    return QImage(rgb.data, rgb.shape[1], rgb.shape[0], 3 * rgb.shape[1], QImage.Format.Format_RGB888).copy()
