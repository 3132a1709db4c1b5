"""The line of figures under the live picture: another text four times a second, and the window is not laid out anew for it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from explorer.gui import theme

WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft


class FlowText(QLabel):
    """Words on as many lines as they need. It keeps the room of the longest text so far, until its width changes."""

    def __init__(self) -> None:
        super().__init__()
        self._said = ""
        self._tall = 0
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def text(self) -> str:
        """What it says."""
        return self._said

    def setText(self, text: str) -> None:
        """Say something else. The layout is asked to think again only where that needs another line."""
        if text == self._said:
            return
        self._said = text
        self.setAccessibleName(text)
        if self._needed(self.width()) > self._tall:
            self.updateGeometry()
        self.update()

    def _needed(self, width: int) -> int:
        metrics = self.fontMetrics()
        return max(metrics.height(), metrics.boundingRect(QRect(0, 0, width, 10_000), int(WRAPPED), self._said).height())

    def hasHeightForWidth(self) -> bool:
        """It wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as the text, or as one before it at this width."""
        return max(self._needed(width), self._tall if width == self.width() else 0)

    def sizeHint(self) -> QSize:
        """Room for some words."""
        return QSize(theme.px(40), self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """Room for a word."""
        return QSize(theme.px(12), self.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width counts anew."""
        super().resizeEvent(event)
        kept = self._tall if event.oldSize().width() == self.width() else 0
        self._tall = max(kept, self._needed(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.rect(), int(WRAPPED), self._said)
