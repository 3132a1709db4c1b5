"""The best classes as bars."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.gui import theme
from explorer.gui.numerals import fixed
from explorer.i18n import tr
from explorer.records.vision import TopK


class ScoreBars(QWidget):
    """One line a class: its name, a bar, its probability in percent. Never colour alone: the number stands beside it."""

    ROWS = 5

    def __init__(self) -> None:
        super().__init__()
        self._top: TopK | None = None
        self._empty = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_scores(self, top: TopK | None, empty: str = "") -> None:
        """Show `top`, or the sentence `empty` (already translated)."""
        self._top, self._empty = top, empty
        said = [] if top is None else [f"{row.label} {self._percent(row.score)}" for row in top.top]
        self.setAccessibleDescription(", ".join(said) or empty)
        self.update()

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What is shown: (class, percent)."""
        return [] if self._top is None else [(row.label, self._percent(row.score)) for row in self._top.top[: self.ROWS]]

    @staticmethod
    def _percent(score: float) -> str:
        return tr("{number} %").format(number=fixed(100 * score))

    def sizeHint(self) -> QSize:
        """Five lines."""
        return QSize(theme.px(48), self.ROWS * self._line())

    def minimumSizeHint(self) -> QSize:
        """Narrow, but never without one of the lines."""
        return QSize(theme.px(30), self.ROWS * self._line())

    def _line(self) -> int:
        return self.fontMetrics().height() + theme.px(1.5)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Names on the bars, numbers at the right."""
        painter = QPainter(self)
        t = theme.tokens()
        if not self.lines or self._top is None:
            painter.setPen(QColor(t.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)
            return
        painter.setFont(theme.tabular(self.font()))
        metrics = painter.fontMetrics()
        wide = metrics.horizontalAdvance(self._percent(1.0)) + theme.px(2)
        height, gap = self._line(), theme.px(0.5)
        for at, ((label, percent), row) in enumerate(zip(self.lines, self._top.top, strict=False)):
            box = QRectF(0, at * height + gap, self.width() - wide, height - 2 * gap)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.sunken))
            painter.drawRoundedRect(box, 3, 3)
            painter.setBrush(QColor(t.accent_soft))
            part = QRectF(box.left(), box.top(), box.width() * row.score, box.height())
            if part.width() >= 6:  # narrower than its own corners it would be drawn beside the bar
                painter.drawRoundedRect(part, 3, 3)
            painter.setBrush(QColor(t.accent))
            painter.drawRect(QRectF(box.left(), box.bottom() - 2, box.width() * row.score, 2))
            painter.setPen(QColor(t.text))
            inside = box.adjusted(theme.px(1.5), 0, -theme.px(1), 0)
            text = metrics.elidedText(label, Qt.TextElideMode.ElideRight, int(inside.width()))
            painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            right = QRectF(self.width() - wide, box.top(), wide, box.height())
            painter.drawText(right, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, percent)
