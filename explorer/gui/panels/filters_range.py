"""Under a sheet of tiles: how its numbers spread, which colours they get, and its figures."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.numerals import figure, fixed
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.range_view import RangeView
from explorer.i18n import N_, tr
from explorer.picture.levels import Levels
from explorer.records.picture import Mosaic
from explorer.records.statistics import histogram_of

FIGURES_TIP = N_(
    "std: root of the mean squared distance from the mean. L1: sum of |x|. L2: root of the sum of x². "
    "Sparsity: (√n − L1/L2) / (√n − 1), 0 where all numbers are as large, 1 where one stands alone (Hoyer, 2004). "
    "Zero: how many are exactly 0."
)


class RangeStrip(QWidget):
    """Histogram and figures of the selected tile, or of all. `wanted(ends, settled)`: the person moved or held the range."""

    wanted = Signal(object, bool)  # (low, high) or None for automatic; whether it is settled

    def __init__(self, norms: bool = False) -> None:
        super().__init__()
        self._norms = norms
        self._mosaic: Mosaic | None = None
        self._channel: int | None = None
        self.view = RangeView()
        words.say(self.view, N_("Histogram and colour scale"), "name")
        words.say(
            self.view,
            N_(
                "How many numbers have which value (logarithmic bars) and which colour. Drag the ends; double-click: automatic."
            ),
            "tip",
        )
        self.figures = [OneLine() for _ in range(3 if norms else 1)]
        for part in self.figures:
            part.setProperty("kind", "muted")
            part.setFont(theme.tabular(part.font()))
            part.explained = FIGURES_TIP
        self.whole, self.hold = QToolButton(), QToolButton()
        for button, icon, tip in (
            (self.whole, "layers", N_("Histogram and figures of all tiles, or of the selected one")),
            (self.hold, "lock", N_("Hold this range for every tile and every picture from now on (H)")),
        ):
            button.setCheckable(True)
            set_icon(button, icon)
            words.say(button, tip, "tip")
        self.whole.toggled.connect(lambda _on: self.refresh())
        self.hold.clicked.connect(self._hold)
        self.view.moved.connect(lambda low, high: self.wanted.emit((low, high), False))
        self.view.settled.connect(lambda: self.wanted.emit(self.view.levels.ends, True))
        self.view.cleared.connect(lambda: self.wanted.emit(None, True))
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(1))
        line.addWidget(self.view, 1)
        line.addWidget(self.whole)
        line.addWidget(self.hold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(1), 0, 0)
        column.setSpacing(theme.px(0.5))
        column.addLayout(line)
        for part in self.figures:
            column.addWidget(part)

    def set_mosaic(self, mosaic: Mosaic | None, channel: int | None, held: bool) -> None:
        """Show a sheet and its selected tile; `held`: the range was chosen by the person."""
        if (mosaic, channel, held) != (self._mosaic, self._channel, self.hold.isChecked()):
            self._mosaic, self._channel = mosaic, channel
            self.hold.setChecked(held)
            self.refresh()

    def refresh(self) -> None:
        """Show again: another language, another choice of tiles."""
        mosaic, channel = self._mosaic, self._channel
        for part in (self.view, *self.figures, self.whole, self.hold):
            part.setEnabled(mosaic is not None)
        if mosaic is None or not len(mosaic.low):
            self.view.show_range(None, Levels(0.0, 1.0), "grey", False)
            for line in self.figures:
                line.setText("")
            return
        one = None if channel is None or self.whole.isChecked() or channel >= mosaic.grid.count else channel
        self.view.show_range(self._histogram(mosaic, one), self._levels(mosaic, one), mosaic.colour_map, self.hold.isChecked())
        self._fill(self._parts())

    def _fill(self, parts: list[str]) -> None:
        """As many as fit into each line, the rest into the last: the lines stay as many as they are."""
        for line in self.figures:
            metrics, said = line.fontMetrics(), ""
            while parts:
                longer = f"{said} · {parts[0]}" if said else parts[0]
                if said and line is not self.figures[-1] and metrics.horizontalAdvance(longer) > line.width():
                    break
                said = longer
                parts = parts[1:]
            line.setText(said)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other lines may hold other figures."""
        super().resizeEvent(event)
        self._fill(self._parts())

    def _histogram(self, mosaic: Mosaic, one: int | None) -> Any:
        if one is None or mosaic.values[one].size == 1:  # one number has no spread: its place among all
            return mosaic.histogram if mosaic.histogram is not None else histogram_of(mosaic.values)
        exact = mosaic.exact(one)
        return histogram_of(mosaic.values[one] if exact is None else exact)

    def _levels(self, mosaic: Mosaic, one: int | None) -> Levels:
        low, high = (mosaic.low, mosaic.high) if one is None else (mosaic.low[one], mosaic.high[one])
        symmetric = mosaic.colour_map in ("diverging", "")
        return Levels(float(np.min(low)), float(np.max(high)), symmetric, mosaic.gamma)

    def text(self) -> str:
        """The figures in words: of the selected tile, or of all."""
        return " · ".join(self._parts())

    def _parts(self) -> list[str]:
        mosaic, channel = self._mosaic, self._channel
        if mosaic is None or mosaic.stats is None:
            return []
        alone = channel is not None and not self.whole.isChecked() and channel < len(mosaic.stats)
        found = mosaic.stats.figures(channel) if alone and channel is not None else mosaic.stats.whole().figures()
        parts = [
            *([] if alone else [tr("all")]),
            f"min {figure(found['min'], 3)}",
            f"max {figure(found['max'], 3)}",
            tr("mean {value}").format(value=figure(found["mean"], 3)),
            tr("std {value}").format(value=figure(found["std"], 3)),
        ]
        if self._norms:
            parts += [f"L1 {figure(found['l1'], 3)}", f"L2 {figure(found['l2'], 3)}"]
        parts.append(tr("sparsity {value} %").format(value=fixed(100 * found["sparsity"], 0)))
        parts.append(tr("zero {value} %").format(value=fixed(100 * found["zero_share"], 1 if found["zero_share"] else 0)))
        if found["not_finite"]:
            parts.append(tr("{count} not finite").format(count=int(found["not_finite"])))
        return parts

    def _hold(self, on: bool) -> None:
        self.wanted.emit(self.view.levels.ends if on else None, True)
