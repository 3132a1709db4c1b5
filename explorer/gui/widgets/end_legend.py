"""What the colours of a map of ends mean: a swatch, and words that may be long, line by line."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.gui import theme
from explorer.picture.colour import Colour


class EndLegend(QWidget):
    """`set_rows([(colour, words), ...])`; a row without a colour is a line of words alone."""

    def __init__(self, reserved: int = 0) -> None:
        super().__init__()
        self.reserved = reserved  # rows that have their room even while they are not there: what stands above keeps still
        self.rows: list[tuple[Colour | None, str]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def reserve(self, rows: int) -> None:
        """Keep the room of so many rows."""
        if rows != self.reserved:
            self.reserved = rows
            self.updateGeometry()

    def set_rows(self, rows: list[tuple[Colour | None, str]]) -> None:
        """Show these."""
        if rows != self.rows:
            grown = len(rows) > max(len(self.rows), self.reserved) or len(self.rows) > max(len(rows), self.reserved)
            self.rows = rows
            words = "\n".join(text for _, text in rows)
            self.setToolTip(words)
            self.setAccessibleDescription(words)
            if grown:
                self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(160, max(len(self.rows), self.reserved) * self._line())

    def minimumSizeHint(self) -> QSize:
        """The same height, however narrow."""
        return QSize(60, max(len(self.rows), self.reserved) * self._line())

    def _line(self) -> int:
        return self.fontMetrics().height() + theme.px(0.5)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Row by row; what is too long ends in an ellipsis, the whole stands in the tip."""
        painter, t, metrics, line = QPainter(self), theme.tokens(), self.fontMetrics(), self._line()
        side = round(metrics.ascent() * 0.9)
        for index, (colour, words) in enumerate(self.rows):
            top, left = index * line, 0
            if colour is not None:
                box = QRectF(0.5, top + (line - side) / 2, side * 1.5, side)
                painter.setPen(QColor(t.strong_line))
                painter.setBrush(QColor(*colour))
                painter.drawRect(box)
                left = round(side * 1.5) + theme.px(2)
            painter.setPen(QColor(t.text if colour is not None else t.muted))
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width() - left)
            painter.drawText(left, top + (line + metrics.ascent() - metrics.descent()) // 2, shown)
