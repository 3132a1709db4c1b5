"""The pictures of a comparison: side by side with one zoom, or one over the other; boxes coloured by what they agree on."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QImage, QPainter, QTransform

from explorer.gui.panels.arena_words import KINDS, score_text
from explorer.gui.panels.live_overlay import MaskPaint
from explorer.gui.panels.xray_paint import outline, rect, rgba_image, tag
from explorer.gui.widgets.picture_view import PictureView
from explorer.i18n import tr
from explorer.picture.heat import heat_rgba
from explorer.records.arena import ArenaResult, Pair
from explorer.records.frame import Frame
from explorer.records.vision import Detections, Mask

MOST_TAGS = 40


class ArenaView(PictureView):
    """`side`: 0 for A, 1 for B, None for both over each other. `chosen(pair)` at a click on a box."""

    chosen = Signal(int)
    pointed = Signal(object)

    def __init__(self, side: int | None) -> None:
        super().__init__()
        self.side = side
        self.result: ArenaResult | None = None
        self.marked: int | None = None
        self._mask: MaskPaint | None = None
        self._heat: QImage | None = None
        self.add_overlay(self._paint)
        self.clicked.connect(self._clicked)
        self.hovered.connect(
            lambda spot: self.pointed.emit(None if spot is None else self.pair_at(spot[0] + 0.5, spot[1] + 0.5))
        )

    def set_result(self, result: ArenaResult | None, frame: Frame | None) -> None:
        """Show a result on its frame."""
        self.result = result
        self._mask = self._heat = None
        self.set_rgb(None if frame is None else frame.rgb)
        if result is None:
            return
        one, other = (side.answer for side in result.sides)
        if isinstance(one, Mask) and isinstance(other, Mask):
            if self.side is None:
                difference = (other.alpha - one.alpha).astype(np.float32)
                self._heat = rgba_image(heat_rgba(difference, 1.0, "diverging", signed=True, opacity=0.85))
            else:
                self._mask = MaskPaint((one, other)[self.side])

    def mark(self, pair: int | None) -> None:
        """Mark an object."""
        if pair != self.marked:
            self.marked = pair
            self.update()

    def shown(self) -> list[tuple[int, Pair, int, int]]:
        """(number of the pair, pair, side, object) of every box here, the marked one last."""
        if self.result is None:
            return []
        sides = (0, 1) if self.side is None else (self.side,)
        found = []
        for number, pair in enumerate(self.result.pairs):
            for side in sides:
                at = (pair.a, pair.b)[side]
                if at is not None:
                    found.append((number, pair, side, at))
        return sorted(found, key=lambda one: one[0] == self.marked)

    def _paint(self, painter: QPainter, to_widget: QTransform) -> None:
        if self._mask is not None:
            self._mask.paint(painter, to_widget)
        if self._heat is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
            painter.drawImage(to_widget.mapRect(QRectF(self._heat.rect())), self._heat)
        result, taken = self.result, list[QRectF]()
        rows = self.shown()
        for number, pair, side, at in rows:
            answer = result.sides[side].answer if result is not None else None
            if result is None or not isinstance(answer, Detections):
                continue
            mark, _, colour = KINDS[pair.kind]
            dashed = side == 1 if self.side is None else pair.kind.startswith("only")
            painter.setOpacity(1.0 if self.marked in (None, number) else 0.5)
            outline(painter, to_widget, answer.xyxy[at], colour, 4.0 if number == self.marked else 2.0, dashed)
            painter.setOpacity(1.0)
            if len(taken) < MOST_TAGS:
                name = f"{mark} {tr(answer.label(at))} {score_text(result.sides[side], at)}"
                text = f"{'AB'[side]}: {name}" if self.side is None and not pair.kind.startswith("only") else name
                tag(painter, to_widget.mapRect(rect(answer.xyxy[at])), text, colour, taken)
        painter.setOpacity(1.0)

    def pair_at(self, x: float, y: float) -> int | None:
        """The pair whose smallest box holds a place."""
        best, size = None, np.inf
        for number, _, side, at in self.shown():
            answer = self.result.sides[side].answer if self.result is not None else None
            if isinstance(answer, Detections):
                left, top, right, bottom = (float(edge) for edge in answer.xyxy[at])
                if left <= x <= right and top <= y <= bottom and (right - left) * (bottom - top) < size:
                    best, size = number, (right - left) * (bottom - top)
        return best

    def _clicked(self, x: float, y: float) -> None:
        found = self.pair_at(x, y)
        if found is not None:
            self.chosen.emit(found)
