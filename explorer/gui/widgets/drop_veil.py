""" "Drop to open": what lies over the window while files are dragged across it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QDragEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMainWindow, QWidget

from explorer.gui import theme
from explorer.i18n import tr

EVENTS = {QEvent.Type.DragEnter, QEvent.Type.DragLeave, QEvent.Type.Drop, QEvent.Type.Resize}


class DropVeil(QWidget):
    """Watches the window; takes no event away from it."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Come and go with the drag."""
        kind = event.type()
        if kind in EVENTS:
            if isinstance(event, QDragEnterEvent):
                self._begin([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])
            elif kind != QEvent.Type.Resize:
                self.hide()
            elif self.isVisible():
                self.setGeometry(self._window.rect())
        return False

    def _begin(self, paths: list[str]) -> None:
        if not paths:
            return
        name = paths[0].rstrip("/\\").replace("\\", "/").rpartition("/")[2]
        one = tr("Drop to open {name}").format(name=name)
        self._text = one if len(paths) == 1 else tr("Drop to open {count} files").format(count=len(paths))
        self.setAccessibleName(self._text)
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A frame in the accent colour, and the words on a card."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.colour(t.accent_soft, 0.55))
        gap = theme.px(2)
        painter.setPen(QPen(QColor(t.accent), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(gap, gap, -gap, -gap), 8, 8)
        font = painter.font()
        font.setPixelSize(round(self.fontInfo().pixelSize() * 1.5))
        painter.setFont(font)
        text = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideMiddle, self.width() - 12 * gap)
        box = QRectF(painter.fontMetrics().boundingRect(text)).adjusted(-3 * gap, -2 * gap, 3 * gap, 2 * gap)
        box.moveCenter(QRectF(self.rect()).center())
        painter.setPen(QPen(QColor(t.accent), 1))
        painter.setBrush(QColor(t.surface))
        painter.drawRoundedRect(box, 8, 8)
        painter.setPen(QColor(t.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
