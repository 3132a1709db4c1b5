"""A number box that writes the language's decimal mark and reads both, the point and the comma."""

from __future__ import annotations

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox


class DecimalBox(QDoubleSpinBox):
    """The locale comes from the window (`numerals.locale`); who types the other mark is understood, too."""

    def valueFromText(self, text: str) -> float:
        """Read either mark."""
        return super().valueFromText(self._own(text))

    def validate(self, text: str, at: int) -> tuple[QValidator.State, str, int]:
        """The other mark becomes ours while it is typed."""
        return super().validate(self._own(text), at)

    def _own(self, text: str) -> str:
        mark = self.locale().decimalPoint()
        return text.replace("," if mark == "." else ".", mark)
