"""A piece of a method's trail: its colour, dash and marker, for legends and lists."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.gui import theme
from explorer.gui.widgets.contour_view_trails import casing_of, draw_marker, qcolour
from explorer.picture.colour import optimizer_look


class Swatch(QWidget):
    """A piece of the trail: colour, dash and marker."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._look = optimizer_look(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Long enough for two dashes."""
        return QSize(theme.px(9), theme.px(5))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line and marker."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y, width = self.height() / 2, self.width()
        casing = casing_of(self._look.colour)
        painter.setPen(QPen(casing, 4.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(0, y), QPointF(width, y))
        pen = QPen(qcolour(self._look.colour), 2.4)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if self._look.dash:
            pen.setDashPattern([float(length) for length in self._look.dash])
        painter.setPen(pen)
        painter.drawLine(QPointF(0, y), QPointF(width, y))
        draw_marker(painter, self._look.marker, width / 2, y, 5.0, qcolour(self._look.colour), casing)
