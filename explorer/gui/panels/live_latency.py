"""The latency bar: one stacked bar, a part for each stage of a picture's way from the camera to the screen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.gui import theme
from explorer.gui.panels.live_stats import MEANINGS, STAGES, Latencies, ms_figure, ms_text, stage_text
from explorer.i18n import tr
from explorer.picture.colour import CLASS_COLOURS, ink_on

COLOURS = {"capture": 7, "prepare": 1, "forward": 0, "decode": 2, "draw": 6}


class LatencyBar(QWidget):
    """`show_figures` after each picture. The bar is as long as the 95th percentile; its parts are medians."""

    def __init__(self) -> None:
        super().__init__()
        self._stages: list[tuple[str, float]] = []
        self._totals: tuple[float, float] | None = None
        self._stale = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_figures(self, figures: Latencies, stale: bool) -> None:
        """The figures of the last seconds; `stale`: the picture is held, they are of before."""
        self._stages, self._totals, self._stale = figures.stages(), figures.totals(), stale
        self.setAccessibleDescription(", ".join(stage_text(name, ms) for name, ms in self._stages))
        self.update()

    @property
    def texts(self) -> list[str]:
        """What is shown: "network 4.0 ms" for each stage."""
        return [stage_text(name, ms) for name, ms in self._stages]

    def sizeHint(self) -> QSize:
        """One line of text high."""
        return QSize(theme.px(120), self.fontMetrics().height() + theme.px(2))

    def minimumSizeHint(self) -> QSize:
        """Narrow."""
        return QSize(theme.px(40), self.sizeHint().height())

    def parts(self) -> list[tuple[str, float, QRectF]]:
        """(stage, ms, place) from left to right; each at least so wide that it can be pointed at."""
        if self._totals is None:
            return []
        least = theme.px(0.75)
        middle = sum(ms for _, ms in self._stages) or 1.0
        room = self.width() * min(1.0, middle / max(self._totals[1], middle)) - least * len(self._stages)
        left, made = 0.0, []
        for name, ms in self._stages:
            wide = least + max(0.0, room) * ms / middle
            made.append((name, ms, QRectF(left, 0, wide, self.height())))
            left += wide
        return made

    def paintEvent(self, event: QPaintEvent) -> None:
        """Parts with their names where there is room; the rest up to the 95th percentile as an empty frame."""
        painter, t = QPainter(self), theme.tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(theme.tabular(self.font()))
        painter.fillRect(self.rect(), QColor(t.sunken))
        parts = self.parts()
        if not parts:
            painter.setPen(QColor(t.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("Latency: no picture yet"))
            return
        metrics = painter.fontMetrics()
        painter.setOpacity(0.45 if self._stale else 1.0)
        for name, ms, box in parts:
            colour = CLASS_COLOURS[COLOURS.get(name, 3)]
            painter.fillRect(box, QColor(*colour))
            painter.fillRect(QRectF(box.right() - 1, box.top(), 1, box.height()), QColor(t.surface))
            room = int(box.width() - theme.px(2))
            text = next((words for words in _wordings(name, ms) if metrics.horizontalAdvance(words) <= room), "")
            if text:
                painter.setPen(QColor(*ink_on(colour)))
                painter.drawText(box.adjusted(theme.px(1), 0, -theme.px(1), 0), Qt.AlignmentFlag.AlignCenter, text)
        painter.setOpacity(1.0)
        painter.setPen(QPen(QColor(t.strong_line), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def event(self, event: QEvent) -> bool:
        """A tooltip for the stage under the mouse: what it is, and the whole list."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().x()), self)
            return True
        return super().event(event)

    def tip_at(self, x: float) -> str:
        """The words of the tooltip at `x`."""
        here = next(((name, ms) for name, ms, box in self.parts() if box.left() <= x < box.right()), None)
        lines = [stage_text(*here), tr(MEANINGS.get(here[0], "")), ""] if here is not None else []
        lines += self.texts
        if self._totals is not None:
            middle, high = (ms_text(value) for value in self._totals)
            lines.append(tr("together {middle}; 95 of 100 pictures need at most {high}").format(middle=middle, high=high))
        return "\n".join(lines)


def _wordings(name: str, ms: float) -> tuple[str, ...]:
    short = ms_figure(ms)
    return stage_text(name, ms), f"{tr(STAGES.get(name, name))} {short}", short
