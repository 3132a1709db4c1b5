"""A number that changes often: figures of one width, a unit, no dancing."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from explorer.gui import theme
from explorer.gui.numerals import localised


def shown(value: float, figures: int = 3) -> str:
    """A number with `figures` figures that count, a real minus sign, powers of ten only where they help."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if -4 <= size < 6:
        text = f"{value:.{min(12, max(0, figures - 1 - size))}f}"
    else:
        text = f"{value:.{figures - 1}e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    return localised(text)


class NumberLabel(QLabel):
    """`set_number(value)` shows it with its unit; `widest` is the longest text it must have room for."""

    def __init__(self, unit: str = "", widest: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unit = unit
        self._widest = widest
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFont(theme.tabular(self.font()))
        if widest:
            self.setMinimumWidth(self.fontMetrics().horizontalAdvance(widest))

    def set_number(self, value: float | None, figures: int = 3) -> None:
        """Show `value`; None shows a dash."""
        text = "–" if value is None else shown(value, figures)
        self.setText(f"{text} {self._unit}".strip())
