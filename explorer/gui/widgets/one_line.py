"""A label of one line that never asks for more room than there is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from explorer.gui import theme
from explorer.i18n import tr


class OneLine(QLabel):
    """A label that moves nothing: what does not fit ends in an ellipsis, the whole text is its tooltip.

    `explained`: an English key that the tooltip says besides.
    """

    explained = ""

    def __init__(self, way: QSizePolicy.Policy = QSizePolicy.Policy.Ignored) -> None:
        super().__init__()
        self.setSizePolicy(way, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """Room for a word."""
        return QSize(theme.px(12), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, or as much of it as there is room for."""
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        tip = [self.text()] if text != self.text() else []
        self.setToolTip("\n".join([*tip, tr(self.explained)] if self.explained else tip))
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
