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

        self._way, self._said = way, ""

    def text(self) -> str:
        """What it says."""
        return self._said

    def setText(self, text: str) -> None:
        """Say something else. Where the room does not depend on the text, no layout is asked to think again (live numbers)."""
        if text == self._said:
            return
        self._said = text
        if self._way == QSizePolicy.Policy.Ignored:
            self.setAccessibleName(text)
            self.update()
        else:
            super().setText(text)

    def sizeHint(self) -> QSize:
        """As long as the text, where that counts; always one line high."""
        wide = self.fontMetrics().horizontalAdvance(self._said) + 2 if self._way != QSizePolicy.Policy.Ignored else theme.px(12)
        return QSize(wide, self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Room for a word."""
        return QSize(theme.px(12), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, or as much of it as there is room for."""
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        tip = [self.text()] if text != self.text() else []
        self.setToolTip("\n".join([*tip, tr(self.explained)] if self.explained else tip))
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
