"""The picture with what the taught network says of it: a bar for each class, and on request where it looks."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QTransform
from PySide6.QtWidgets import QWidget

from explorer.gui import theme
from explorer.gui.panels.live_overlay import percent
from explorer.gui.panels.why_tile import HeatView
from explorer.picture.colour import class_colour
from explorer.records.vision import TopK

MOST_BARS = 8


class TaughtView(HeatView):
    """`set_answer(top)` paints the bars in the order of the classes, so that they never change places."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answer: TopK | None = None
        self.recording = ""
        self.add_overlay(self._paint_bars)

    def set_answer(self, top: TopK | None) -> None:
        """What is said of the picture; None takes the bars away."""
        self.answer = top
        said = [] if top is None else [f"{one.label} {percent(one.score)}" for one in top.top]
        self.setAccessibleDescription(", ".join(said))
        self.update()

    @property
    def bars(self) -> list[tuple[int, str, float]]:
        """(class, name, probability) in the order of the classes; of many the best."""
        top = () if self.answer is None else self.answer.top[:MOST_BARS]
        return sorted((one.index, one.label, one.score) for one in top)

    def set_recording(self, name: str) -> None:
        """Say over the picture which class is being recorded; "" for none."""
        if name != self.recording:
            self.recording = name
            self.update()

    def _paint_bars(self, painter: QPainter, transform: QTransform) -> None:
        if self.recording:
            self._plate(painter, self.recording)
        bars = self.bars
        if not bars:
            return
        font = theme.tabular(painter.font())
        font.setPixelSize(round(font.pixelSize() * 1.15))
        painter.setFont(font)
        metrics = painter.fontMetrics()
        high, pad = metrics.height() + theme.px(1), theme.px(2)
        names = min(max(metrics.horizontalAdvance(name) for _, name, _ in bars) + 2, self.width() // 3)
        number = metrics.horizontalAdvance("100 %")
        wide = min(self.width() - 2 * pad, theme.px(110))
        plate = QRectF(pad, self.height() - pad - len(bars) * high - pad, wide, len(bars) * high + pad)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 165))
        painter.drawRoundedRect(plate, 6, 6)
        best = max(score for _, _, score in bars)
        for at, (index, name, score) in enumerate(bars):
            line = QRectF(plate.left() + pad, plate.top() + pad / 2 + at * high, plate.width() - 2 * pad, high)
            painter.setPen(QColor(255, 255, 255, 255 if score == best else 190))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(
                line, middle | Qt.AlignmentFlag.AlignLeft, metrics.elidedText(name, Qt.TextElideMode.ElideRight, names)
            )
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, percent(score))
            slot = line.adjusted(names + pad, high * 0.25, -number - pad, -high * 0.25)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(255, 255, 255, 45))
            painter.drawRoundedRect(slot, 3, 3)
            slot.setWidth(max(2.0, slot.width() * score))
            painter.setBrush(QColor(*class_colour(index)))
            painter.drawRoundedRect(slot, 3, 3)

    def _plate(self, painter: QPainter, text: str) -> None:
        painter.save()
        wide = painter.fontMetrics().horizontalAdvance(text) + theme.px(8)
        plate = QRectF(theme.px(2), theme.px(2), wide, painter.fontMetrics().height() + theme.px(2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(168, 38, 28, 230))
        painter.drawRoundedRect(plate, 6, 6)
        painter.setBrush(QColor(255, 255, 255))
        painter.drawEllipse(QRectF(plate.left() + theme.px(1.5), plate.center().y() - theme.px(1), theme.px(2), theme.px(2)))
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(plate.adjusted(theme.px(5), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()
