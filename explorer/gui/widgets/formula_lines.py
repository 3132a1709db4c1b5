"""Updates of methods, which the tables write in one line of plain signs (v ← β₁ v + (1 − β₁) g), set as in a book."""

from __future__ import annotations

import re
from functools import lru_cache

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.gui import theme
from explorer.gui.widgets.typeset import Box, draw, typeset

LOW = dict(zip("₀₁₂₃₄₅₆₇₈₉ₖ", "0123456789k", strict=True))
HIGH = {**dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)), "⁻": "-", "ᵏ": "k", "ᵀ": "T", "*": "*"}
BETWEEN = {"+", "−", "=", "←", ",", "~", "<", ">"}  # what stands between terms
CLOSING = {"(": ")", "|": "|", "⌊": "⌋"}
_TOKEN = re.compile(r"[A-Za-z]{2,}|\d+(?:\.\d+)?|\S")


@lru_cache(maxsize=256)
def latex(formula: str) -> str:
    """LaTeX of one update, as descent/formula_print.py writes it: fractions, roots, raised and lowered signs."""
    return _Reader(_TOKEN.findall(formula)).sum(stop="")


class _Reader:
    """Reads tokens from left to right; what makes no sense is passed on as it is."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at = tokens, 0

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def sum(self, stop: str) -> str:
        """Terms with signs between them, up to `stop`, which is left alone."""
        parts: list[str] = []
        while (token := self._next()) and token != stop:
            if token in BETWEEN:
                self._take()
                parts.append(rf"\, {token} \," if token in "←~" else token)
            else:
                parts.append(self._product(stop))
        return " ".join(parts)

    def _product(self, stop: str) -> str:
        """Factors side by side; a stroke makes a fraction of all before it and the one behind it."""
        done: list[str] = []
        while (token := self._next()) and token != stop and token not in BETWEEN:
            if token == "/" and done:
                self._take()
                done = [rf"\frac{{{_plain(_together(done))}}}{{{_plain(self._factor())}}}"] if self._next() else [*done, "/"]
            else:
                done.append(self._factor())
        return _together(done)

    def _factor(self) -> str:
        token = self._take()
        if token == "√" and self._next():
            return rf"\sqrt{{{_plain(self._factor())}}}"
        if token in CLOSING:
            close = CLOSING[token]
            inside = self.sum(stop=close)
            if self._next():
                self._take()
            made = rf"\left{token}{inside}\right{close}"
        else:
            made = rf"\operatorname{{{token}}}" if token.isascii() and token.isalpha() and len(token) > 1 else token
        while self._next() == "′":
            made += self._take()
        return made + self._scripts("_", LOW) + self._scripts("^", HIGH)

    def _scripts(self, sign: str, table: dict[str, str]) -> str:
        found = ""
        while self._next() in table:
            found += table[self._take()]
        return f"{sign}{{{found}}}" if found else ""


def _together(factors: list[str]) -> str:
    return r" \, ".join(factors)


def _plain(text: str) -> str:
    """Brackets around a whole numerator, denominator or radicand say nothing."""
    inside = text.removeprefix(r"\left(").removesuffix(r"\right)")
    whole = text.startswith(r"\left(") and text.endswith(r"\right)") and r"\right)" not in inside
    return inside if whole else text


class FormulaLines(QWidget):
    """One update, or several with ";" between them, each on a line of its own; smaller type where there is little room."""

    def __init__(self, formula: str = "", larger: float = 1.2) -> None:
        super().__init__()
        self._larger = larger
        self._formula = ""
        self._boxes: list[Box] = []
        self._high = 0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.set_formula(formula)

    def text(self) -> str:
        """The formula in plain signs."""
        return self._formula

    def set_formula(self, formula: str) -> None:
        """Show another."""
        self._formula = formula
        self.setAccessibleName(formula)
        self._set(self.width() - 4 if self.isVisible() else 0)

    def _set(self, width: int) -> None:
        font = QFont(self.font())
        font.setFamilies(["STIX Two Text", "Cambria", "DejaVu Serif", "serif"])
        size = round(self._larger * max(font.pixelSize(), 10))
        lines = [latex(part.strip()) for part in self._formula.split(";") if part.strip()]
        while True:
            font.setPixelSize(size)
            self._boxes = [typeset(line, font) for line in lines]
            if width <= 0 or size <= 9 or max((box.width for box in self._boxes), default=0.0) <= width:
                break
            size -= 1
        hint = self.sizeHint()
        if hint.height() != self._high:
            self._high = hint.height()
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the longest line, as high as all."""
        wide = max((box.width for box in self._boxes), default=0.0)
        return QSize(round(wide) + 4, round(sum(box.height + theme.px(1.5) for box in self._boxes)) + 2)

    def minimumSizeHint(self) -> QSize:
        """Lines shrink."""
        return QSize(theme.px(20), self.sizeHint().height())

    def resizeEvent(self, event: QEvent) -> None:
        """Type that fits."""
        self._set(self.width() - 4)

    def changeEvent(self, event: QEvent) -> None:
        """Type of another size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_boxes"):
            self._set(self.width() - 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line under line."""
        painter = QPainter(self)
        pen, y = QPen(QColor(theme.tokens().text)), 1.0
        for box in self._boxes:
            draw(painter, box, 1.0, y + box.up, pen)
            y += box.height + theme.px(1.5)
