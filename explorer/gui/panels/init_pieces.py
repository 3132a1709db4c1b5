"""The linear pieces of a ReLU network over its two inputs: outlines, coloured by the slope; each told under the cursor."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from explorer.gui import theme
from explorer.gui.widgets.sized import Sized
from explorer.i18n import tr
from explorer.picture.pieces import piece_colours
from explorer.records.neural import LinearRegions


class PiecesView(Sized):
    """`pointed(piece)`: the number of the piece under the cursor, or None."""

    comfortable: ClassVar[tuple[int, int]] = (520, 520)
    least: ClassVar[tuple[int, int]] = (200, 200)
    pointed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.record: LinearRegions | None = None
        self.piece: int | None = None
        self._picture: QPixmap | None = None
        self._message = ""
        self._cursor = (0, 0)  # of the keyboard: row, column of the grid of labels
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_record(self, record: LinearRegions | None) -> None:
        """Show another network."""
        self.record = record
        self._picture = None
        self._cursor = (0, 0) if record is None else (record.labels.shape[0] // 2, record.labels.shape[1] // 2)
        self.point(None)
        self.update()

    def set_message(self, text: str) -> None:
        """Why there is nothing."""
        self._message = text
        self.update()

    def restyle(self) -> None:
        """The theme changed."""
        self._picture = None
        self.update()

    def area(self) -> QRectF:
        """The square of the plane."""
        side = min(self.width(), self.height()) - 2.0
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def polygon(self, piece: int) -> QPolygonF:
        """The outline of a piece in widget pixels."""
        record, area = self.record, self.area()
        assert record is not None
        scale = area.width() / (2 * record.extent)
        return QPolygonF(
            [
                QPointF(area.left() + (x + record.extent) * scale, area.bottom() - (y + record.extent) * scale)
                for x, y in record.polygons[piece].tolist()
            ]
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """The kept picture, and the piece under the cursor."""
        painter, t = QPainter(self), theme.tokens()
        if self.record is None:
            painter.setPen(QColor(t.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._message or tr("The pieces are being cut."))
            return
        if self._picture is None:
            self._picture = self._painted(self.record)
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.piece is not None:
            for colour, width in ((QColor(10, 12, 16), 5.0), (QColor(255, 255, 255), 2.0)):
                painter.setPen(QPen(colour, width))
                painter.drawPolygon(self.polygon(self.piece))
        if self.hasFocus():
            painter.setPen(QPen(QColor(t.accent), 1.5))
            painter.drawRect(self.area())

    def _painted(self, record: LinearRegions) -> QPixmap:
        ratio, t = self.devicePixelRatioF(), theme.tokens()
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(t.surface))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(t.surface), 0.8))
        for piece, colour in enumerate(piece_colours(record, dark=t.name == "dark").tolist()):
            painter.setBrush(QColor(*colour))
            painter.drawPolygon(self.polygon(piece))
        painter.end()
        return picture

    # -- mouse and keys ----------------------------------------------------------------------------------------------
    def point(self, piece: int | None) -> None:
        """Tell of a piece."""
        if piece != self.piece:
            self.piece = piece
            self.update()
        self.pointed.emit(piece)

    def _at(self, row: int, column: int) -> None:
        assert self.record is not None
        rows, columns = self.record.labels.shape
        self._cursor = (min(max(row, 0), rows - 1), min(max(column, 0), columns - 1))
        self.point(int(self.record.labels[self._cursor]))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The piece under the cursor."""
        area = self.area()
        if self.record is None or not area.contains(event.position()):
            self.point(None)
            return
        rows, columns = self.record.labels.shape
        across = (event.position().x() - area.left()) / area.width()
        up = (area.bottom() - event.position().y()) / area.height()
        self._at(round(up * (rows - 1)), round(across * (columns - 1)))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is told any more."""
        self.point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move over the plane."""
        moves = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (1, 0), Qt.Key.Key_Down: (-1, 0)}
        by = moves.get(Qt.Key(event.key()))
        if by is None or self.record is None:
            super().keyPressEvent(event)
            return
        far = max(1, self.record.labels.shape[0] // 32)
        self._at(self._cursor[0] + far * by[0], self._cursor[1] + far * by[1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The picture is painted anew."""
        self._picture = None
