"""A formula set as in a book, painted from the LaTeX of descent/formula_print.py: fractions, powers, roots, bars, cases."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen

SMALLER = 0.72  # raised, lowered
SMALLEST = 8.0  # pixels
SIGNS = {
    "cdot": "·", "le": "≤", "ge": "≥", "dots": "…", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "-": "−",
}  # fmt: skip
BRACKETS = {"lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉"}
SPACED = {"+", "−", "·", "≤", "≥", "<", ">", "="}
_TOKEN = re.compile(r"\\\\|\\[A-Za-z]+|\\,|\d+(?:\.\d+)?|\s+|.")


@dataclass(frozen=True)
class Box:
    """A piece of a formula: its size in pixels and how it is painted with its left end at (x, baseline)."""

    width: float
    up: float
    down: float
    paint: Callable[[QPainter, float, float], None]
    atom: bool = True  # no space is put around it

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.up + self.down


def typeset(latex: str, font: QFont) -> Box:
    """The box of a formula in `font` (its pixel size counts). What is not understood is shown as it is written."""
    return _Setter(_TOKEN.findall(latex)).row(font, stop=())


def _text(text: str, font: QFont, *, slanted: bool = False, gap: float = 0.0) -> Box:
    own = QFont(font)
    own.setItalic(slanted)
    metrics = QFontMetricsF(own)
    width = metrics.horizontalAdvance(text) + (0.06 * metrics.height() if slanted else 0.0)

    def paint(painter: QPainter, x: float, y: float) -> None:
        painter.setFont(own)
        painter.drawText(QPointF(x + gap, y), text)

    return Box(width + 2 * gap, 0.78 * metrics.ascent(), 0.75 * metrics.descent(), paint, gap == 0)


def _beside(boxes: list[Box]) -> Box:
    if len(boxes) == 1:
        return boxes[0]

    def paint(painter: QPainter, x: float, y: float) -> None:
        for box in boxes:
            box.paint(painter, x, y)
            x += box.width

    width = sum(box.width for box in boxes)
    return Box(width, max((b.up for b in boxes), default=0.0), max((b.down for b in boxes), default=0.0), paint)


def _smaller(font: QFont) -> QFont:
    own = QFont(font)
    own.setPixelSize(max(round(SMALLEST), round(SMALLER * _size(font))))
    return own


def _size(font: QFont) -> float:
    return float(font.pixelSize()) if font.pixelSize() > 0 else QFontMetricsF(font).height() / 1.2


def _scripts(base: Box, raised: Box | None, lowered: Box | None, font: QFont) -> Box:
    lift = max(0.0, base.up - 0.25 * _size(font)) if raised else 0.0
    drop = max(0.28 * _size(font), base.down) if lowered else 0.0
    wide = max(raised.width if raised else 0.0, lowered.width if lowered else 0.0)

    def paint(painter: QPainter, x: float, y: float) -> None:
        base.paint(painter, x, y)
        if raised:
            raised.paint(painter, x + base.width + 1, y - lift)
        if lowered:
            lowered.paint(painter, x + base.width, y + drop)

    up = max(base.up, lift + raised.up if raised else 0.0)
    return Box(base.width + wide + 1, up, max(base.down, drop + lowered.down if lowered else 0.0), paint)


def _fraction(above: Box, below: Box, font: QFont) -> Box:
    axis, gap = 0.28 * _size(font), 0.14 * _size(font)
    width = max(above.width, below.width) + 2 * gap

    def paint(painter: QPainter, x: float, y: float) -> None:
        middle = y - axis
        painter.drawLine(QPointF(x + 1, middle), QPointF(x + width - 1, middle))
        above.paint(painter, x + (width - above.width) / 2, middle - gap - above.down)
        below.paint(painter, x + (width - below.width) / 2, middle + gap + below.up)

    return Box(width, axis + gap + above.height, gap - axis + below.height, paint)


def _root(inside: Box, font: QFont) -> Box:
    size = _size(font)
    sign, gap = 0.62 * size, 0.14 * size
    up, down = inside.up + gap + 1.5, inside.down + 1

    def paint(painter: QPainter, x: float, y: float) -> None:
        path = QPainterPath(QPointF(x + 1, y - 0.3 * size))
        path.lineTo(x + 0.3 * sign, y - 0.36 * size)
        path.lineTo(x + 0.55 * sign, y + down)
        path.lineTo(x + 0.95 * sign, y - up + 1)
        path.lineTo(x + sign + inside.width + gap, y - up + 1)
        painter.drawPath(path)
        inside.paint(painter, x + sign + 0.5 * gap, y)

    return Box(sign + inside.width + gap, up, down, paint)


def _bracketed(left: str, inside: Box, right: str, font: QFont) -> Box:
    """Brackets as high as what they hold; plain ones where that is a line high."""
    size = _size(font)
    wide, pad = 0.34 * size, 0.06 * size

    def sign(painter: QPainter, which: str, x: float, y: float) -> None:
        top, bottom = y - inside.up - 1, y + inside.down + 1
        path = QPainterPath()
        if which in ("(", ")"):
            far, near = (x + 0.8 * wide, x + 0.05 * wide) if which == "(" else (x + 0.2 * wide, x + 0.95 * wide)
            path.moveTo(far, top)
            path.quadTo(near, top + 0.25 * (bottom - top), near, (top + bottom) / 2)
            path.quadTo(near, bottom - 0.25 * (bottom - top), far, bottom)
        elif which == "{":
            middle = (top + bottom) / 2
            path.moveTo(x + wide, top)
            path.quadTo(x + 0.4 * wide, top, x + 0.5 * wide, (top + middle) / 2)
            path.quadTo(x + 0.55 * wide, middle, x, middle)
            path.quadTo(x + 0.55 * wide, middle, x + 0.5 * wide, (bottom + middle) / 2)
            path.quadTo(x + 0.4 * wide, bottom, x + wide, bottom)
        elif which:
            at = x + 0.5 * wide
            path.moveTo(at, top)
            path.lineTo(at, bottom)
            if which in "⌊⌋":
                path.lineTo(at + (0.5 if which == "⌊" else -0.5) * wide, bottom)
            elif which in "⌈⌉":
                path.moveTo(at, top)
                path.lineTo(at + (0.5 if which == "⌈" else -0.5) * wide, top)
        painter.drawPath(path)

    def paint(painter: QPainter, x: float, y: float) -> None:
        sign(painter, left, x, y)
        inside.paint(painter, x + wide + pad, y)
        sign(painter, right, x + wide + inside.width + 2 * pad, y)

    return Box(inside.width + (2 if right else 1) * wide + 2 * pad, inside.up + 2, inside.down + 2, paint)


def _cases(rows: list[list[Box]], font: QFont) -> Box:
    gap, axis = 0.3 * _size(font), 0.28 * _size(font)
    first = max(row[0].width for row in rows) + 2 * gap
    width = first + max((row[1].width for row in rows if len(row) > 1), default=0.0)
    heights = [(max(box.up for box in row), max(box.down for box in row)) for row in rows]
    total = sum(up + down for up, down in heights) + gap * (len(rows) - 1)

    def paint(painter: QPainter, x: float, y: float) -> None:
        top = y - axis - total / 2
        for row, (up, down) in zip(rows, heights, strict=True):
            row[0].paint(painter, x, top + up)
            for box in row[1:]:
                box.paint(painter, x + first, top + up)
            top += up + down + gap

    return _bracketed("{", Box(width, total / 2 + axis, total / 2 - axis, paint), "", font)


class _Setter:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def _next(self) -> str:
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next()
        self._at += 1
        return token

    def row(self, font: QFont, stop: tuple[str, ...]) -> Box:
        """Boxes side by side up to a token of `stop`, which is left alone."""
        boxes: list[Box] = []
        while (token := self._next()) and token not in stop:
            box = self._one(font, first=not boxes or not boxes[-1].atom)
            raised = lowered = None
            while self._next() in ("^", "_"):
                if self._take() == "^":
                    raised = self._argument(_smaller(font))
                else:
                    lowered = self._argument(_smaller(font))
            boxes.append(_scripts(box, raised, lowered, font) if raised or lowered else box)
        return _beside(boxes) if boxes else _text("", font)

    def _argument(self, font: QFont) -> Box:
        if self._next() != "{":
            return self._one(font, first=True)
        self._take()
        box = self.row(font, stop=("}",))
        self._take()
        return box

    def _word(self) -> str:
        """The letters of an argument like {sin}."""
        self._take()
        word = ""
        while self._next() not in ("}", ""):
            word += self._take()
        self._take()
        return word

    def _one(self, font: QFont, first: bool) -> Box:
        token = self._take()
        name = token[1:] if token.startswith("\\") and len(token) > 1 else token
        if name == "frac":
            smaller = font if _size(font) < 12 else _scaled(font, 0.92)
            above = self._argument(smaller)
            return _fraction(above, self._argument(smaller), font)
        if name == "sqrt":
            return _root(self._argument(font), font)
        if name == "left":
            left = self._bracket()
            inside = self.row(font, stop=("\\right",))
            self._take()
            return _bracketed(left, inside, self._bracket(), font)
        if name == "begin":
            return self._table(font)
        if name in ("operatorname", "text", "mathrm"):
            return _text(self._word(), font, slanted=name == "mathrm")
        shown = SIGNS.get(name, name)
        if shown == ",":
            return _text(", " if token == "," else "\u2009", font)
        if shown in SPACED:
            return _text(shown, font, gap=0.0 if first and shown == "−" else 0.24 * _size(font))
        return _text(shown, font, slanted=len(shown) == 1 and shown.isalpha() and shown.isascii())

    def _bracket(self) -> str:
        sign = self._take()
        return BRACKETS.get(sign[1:], sign)

    def _table(self, font: QFont) -> Box:
        self._word()
        rows: list[list[Box]] = [[]]
        ends = ("&", "\\\\", "\\end")
        while True:
            rows[-1].append(self.row(font, stop=ends))
            end = self._take()
            if end == "\\\\":
                rows.append([])
            elif end != "&":
                break
        self._word()
        return _cases(rows, font)


def _scaled(font: QFont, by: float) -> QFont:
    own = QFont(font)
    own.setPixelSize(max(round(SMALLEST), round(by * _size(font))))
    return own


def draw(painter: QPainter, box: Box, x: float, baseline: float, pen: QPen) -> None:
    """Paint a box with its left end at (x, baseline)."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(pen)
    pen.setWidthF(1.2)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    box.paint(painter, x, baseline)


def fitted(latex: str, font: QFont, room: QRectF) -> Box:
    """The box of a formula, in smaller type where it would be larger than `room`, not below SMALLEST pixels."""
    own = QFont(font)
    own.setPixelSize(round(_size(font)))
    box = typeset(latex, own)
    while (box.width > room.width() or box.height > room.height()) and own.pixelSize() > SMALLEST:
        own.setPixelSize(own.pixelSize() - 1)
        box = typeset(latex, own)
    return box
