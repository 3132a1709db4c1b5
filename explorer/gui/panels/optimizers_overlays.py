"""What lies over the contour of a surface: downhill arrows; the parabola that Newton's method jumps on, and its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QMouseEvent, QPainter, QPainterPath, QPen, QPolygonF

from explorer.gui import theme
from explorer.gui.numerals import figure
from explorer.gui.widgets.contour_overlay import Overlay, SurfaceMap
from explorer.i18n import tr
from explorer.records.descent import F64
from explorer.records.probe import SHAPES, Probe, SlopeField

SPACING = 34.0  # pixels between two arrows
SHORTEST = 0.28  # of an arrow's room, where the slope is a thousandth of the highest
FAR = 40.0  # plot diagonals: a curve is not followed beyond
CASING, INK = QColor(10, 12, 16, 150), QColor(255, 255, 255, 235)
UP, DOWN = QColor(255, 214, 102), QColor(125, 220, 255)  # axes along which the surface curves upwards, downwards


class SlopesOverlay(Overlay):
    """Arrows against the gradient, longer where the slope is steeper (by its logarithm: slopes differ by powers of ten)."""

    place = "below"
    visible = False

    def __init__(self) -> None:
        self.field: SlopeField | None = None

    @staticmethod
    def counts(area: QRectF) -> tuple[int, int]:
        """How many columns and rows of arrows suit a plot."""
        return max(4, round(area.width() / SPACING)), max(4, round(area.height() / SPACING))

    def paint(self, painter: QPainter, to: SurfaceMap) -> None:
        """All arrows at once: their casings, then their ink."""
        if self.field is None or not self.field.highest > 0:
            return
        shafts, heads = arrows(self.field, to)
        for colour, width in ((CASING, 3.4), (INK, 1.5)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(shafts)
            painter.setPen(QPen(colour, max(0.6, width - 1.5)))
            painter.setBrush(QBrush(colour))
            painter.drawPath(heads)


def arrows(field: SlopeField, to: SurfaceMap) -> tuple[QPainterPath, QPainterPath]:
    """Shafts and heads in widget pixels; none in holes, a dot where there is no slope."""
    x, y = np.meshgrid(field.x, field.y)
    middles = to.many(np.stack([x.ravel(), y.ravel()], axis=1))
    # The direction as it looks: axes may have different scales on the screen.
    across = -field.gx.ravel() * to.area.width() / (to.x1 - to.x0)
    down = field.gy.ravel() * to.area.height() / (to.y1 - to.y0)
    size = np.hypot(across, down)
    steep = np.hypot(field.gx, field.gy).ravel() / field.highest
    with np.errstate(all="ignore"):
        share = np.clip(1.0 + np.log10(steep) / 3.0 * (1.0 - SHORTEST), SHORTEST, 1.0)
        unit = np.stack([across, down], axis=1) / size[:, None]
    half = 0.42 * min(to.area.width() / len(field.x), to.area.height() / len(field.y)) * share
    shafts, heads = QPainterPath(), QPainterPath()
    for (mx, my), (ux, uy), reach in zip(middles.tolist(), unit.tolist(), half.tolist(), strict=True):
        if not math.isfinite(ux + uy):
            continue
        tip, tail = QPointF(mx + reach * ux, my + reach * uy), QPointF(mx - reach * ux, my - reach * uy)
        barb = min(5.0, 0.9 * reach)
        shafts.moveTo(tail)
        shafts.lineTo(tip.x() - 0.7 * barb * ux, tip.y() - 0.7 * barb * uy)
        side = QPointF(-uy, ux) * 0.55 * barb
        back = QPointF(tip.x() - barb * ux, tip.y() - barb * uy)
        heads.addPolygon(QPolygonF([tip, back + side, back - side, tip]))
    return shafts, heads


def level_curves(probe: Probe, part: float, reach: float) -> list[F64]:
    """Curves (K, 2) on which the parabola is `part` of its height at the point above (or below) the target; `reach`: how far
    from the target a hyperbola is followed. Ellipses, or the branches of a hyperbola; none without a target."""
    if probe.target is None:
        return []
    (low, high), middle = probe.eigenvalues, np.array(probe.target)
    axes = np.array(probe.directions)  # rows
    u, v = axes @ (np.array(probe.at) - middle)
    height = part * (low * u * u + high * v * v)
    if height == 0:
        return []
    a, b = height / low, height / high  # u^2 / a + v^2 / b = 1
    if a > 0 and b > 0:
        turns = np.linspace(0.0, 2.0 * math.pi, 121)
        return [middle + np.stack([math.sqrt(a) * np.cos(turns), math.sqrt(b) * np.sin(turns)], axis=1) @ axes]
    along, over = (0, 1) if a > 0 else (1, 0)
    first, second = math.sqrt(max(a, b)), math.sqrt(-min(a, b))
    t = np.linspace(-1.0, 1.0, 121) * math.asinh(max(reach / max(first, second), 1e-3))
    branch = np.empty((len(t), 2))
    branch[:, along], branch[:, over] = first * np.cosh(t), second * np.sinh(t)
    mirrored = branch.copy()
    mirrored[:, along] *= -1
    return [middle + branch @ axes, middle + mirrored @ axes]


def asymptotes(probe: Probe) -> list[tuple[float, float]]:
    """The two directions in which a saddle's parabola neither rises nor falls; none for other shapes."""
    low, high = probe.eigenvalues
    if probe.shape != "saddle":
        return []
    (a, b), (c, d) = probe.directions
    u, v = math.sqrt(high), math.sqrt(-low)  # low u^2 + high v^2 = 0
    size = math.hypot(u, v)
    return [((u * a + s * v * c) / size, (u * b + s * v * d) / size) for s in (1.0, -1.0)]


class ParabolaOverlay(Overlay):
    """The level line of Newton's parabola through the cursor and one nearer to its middle, its axes, and the jump."""

    place = "above"
    visible = False

    def __init__(self) -> None:
        self.probe: Probe | None = None

    def paint(self, painter: QPainter, to: SurfaceMap) -> None:
        """Nothing where the surface has a hole."""
        probe = self.probe
        if probe is None or probe.shape == "hole":
            return
        reach = FAR * math.hypot(to.x1 - to.x0, to.y1 - to.y0)
        for part, width in ((1.0, 1.8), (0.25, 1.2)):
            for curve in level_curves(probe, part, reach):
                self._line(painter, to, curve, INK, width)
        if probe.target is not None:
            for u, v in asymptotes(probe):
                ends = np.array([probe.target]) + np.array([[-reach * u, -reach * v], [reach * u, reach * v]])
                self._line(painter, to, ends, INK, 1.0, Qt.PenStyle.DashLine)
        self._axes(painter, to, probe)
        at = to.to_screen(*probe.at)
        if probe.target is not None:
            target = to.to_screen(*_near(probe.target, to))
            self._line(painter, to, np.array([probe.at, _near(probe.target, to)]), INK, 1.4, Qt.PenStyle.DotLine)
            for colour, width in ((CASING, 4.0), (INK, 1.8)):
                painter.setPen(QPen(colour, width))
                painter.drawLine(target + QPointF(-5, -5), target + QPointF(5, 5))
                painter.drawLine(target + QPointF(-5, 5), target + QPointF(5, -5))
        painter.setPen(QPen(CASING, 1.5))
        painter.setBrush(INK)
        painter.drawEllipse(at, 3.2, 3.2)

    def _axes(self, painter: QPainter, to: SurfaceMap, probe: Probe) -> None:
        """Eigendirections at the point: longer where the surface is flatter."""
        room = 0.16 * min(to.area.width(), to.area.height())
        largest = max(abs(value) for value in probe.eigenvalues)
        if not largest > 0:
            return
        at = to.to_screen(*probe.at)
        for value, (x, y) in zip(probe.eigenvalues, probe.directions, strict=True):
            across, down = x * to.area.width() / (to.x1 - to.x0), -y * to.area.height() / (to.y1 - to.y0)
            size = math.hypot(across, down)
            length = room * min(1.0, max(0.25, 0.25 * math.sqrt(largest / max(abs(value), 1e-300))))
            step = QPointF(across / size * length, down / size * length)
            for colour, width in ((CASING, 4.4), (UP if value >= 0 else DOWN, 2.2)):
                painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawLine(at - step, at + step)

    def _line(
        self,
        painter: QPainter,
        to: SurfaceMap,
        points: F64,
        ink: QColor,
        width: float,
        style: Qt.PenStyle = Qt.PenStyle.SolidLine,
    ) -> None:
        places = np.clip(to.many(points), -1e5, 1e5)
        line = QPolygonF([QPointF(x, y) for x, y in places.tolist()])
        for colour, size in ((CASING, width + 2.2), (ink, width)):
            painter.setPen(QPen(colour, size, style))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(line)


def _near(target: tuple[float, float], to: SurfaceMap) -> tuple[float, float]:
    """A target far away, kept within a few plots: pixels are no good for 1e9."""
    wide, tall = 3 * (to.x1 - to.x0), 3 * (to.y1 - to.y0)
    return min(max(target[0], to.x0 - wide), to.x1 + wide), min(max(target[1], to.y0 - tall), to.y1 + tall)


class NumbersOverlay(Overlay):
    """The numbers of a probe as a small table, in the corner that is farthest from it."""

    place = "above"
    visible = False

    def __init__(self) -> None:
        self.probe: Probe | None = None

    def paint(self, painter: QPainter, to: SurfaceMap) -> None:
        """A card that never covers the point it speaks of."""
        if self.probe is None:
            return
        rows, sentence = number_rows(self.probe), tr(SHAPES[self.probe.shape])
        painter.setFont(theme.tabular(painter.font()))
        metrics = QFontMetricsF(painter.font())
        pad, line = theme.px(2), metrics.height()
        first = max(metrics.horizontalAdvance(name) for name, _ in rows) + theme.px(3)
        width = first + max(metrics.horizontalAdvance(text) for _, text in rows)
        width = min(max(width, 190.0 * theme.scale()), to.area.width() - 2 * pad - 8)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        told = metrics.boundingRect(QRectF(0, 0, width, 1000), flags, sentence)
        size = QRectF(0, 0, width + 2 * pad, len(rows) * line + told.height() + 2.5 * pad)
        at = to.to_screen(*self.probe.at)
        left = to.area.left() + 4 if at.x() > to.area.center().x() else to.area.right() - size.width() - 4
        top = to.area.top() + 4 if at.y() > to.area.center().y() else to.area.bottom() - size.height() - 4
        if left < to.area.center().x() - size.width() / 2 and top < to.area.center().y():
            top += 2.4 * line  # the view says there what is under the cursor
        card = size.translated(left, top)
        t = theme.tokens()
        painter.setPen(QPen(QColor(t.line), 1))
        painter.setBrush(theme.colour(t.surface, 0.93))
        painter.drawRoundedRect(card, 6, 6)
        y = card.top() + pad
        for name, text in rows:
            painter.setPen(QColor(t.muted))
            painter.drawText(QPointF(card.left() + pad, y + metrics.ascent()), name)
            painter.setPen(QColor(t.text))
            painter.drawText(QPointF(card.left() + pad + first, y + metrics.ascent()), text)
            y += line
        painter.drawText(QRectF(card.left() + pad, y + 0.5 * pad, width, told.height() + 2), flags, sentence)


def number_rows(probe: Probe) -> list[tuple[str, str]]:
    """(name, text) of each line of the table."""

    def pair(two: tuple[float, float]) -> str:
        return f"({figure(two[0])}; {figure(two[1])})"

    low, high = probe.eigenvalues
    length = math.hypot(*probe.gradient)
    about = "" if probe.exact else "≈ "
    rows = [
        ("x; y", pair(probe.at)),
        ("f", figure(probe.value, 5)),
        ("∇f", pair(probe.gradient)),
        ("|∇f|", figure(length)),
        ("λ₁; λ₂", f"{about}{figure(low)}; {figure(high)}"),
    ]
    if probe.target is not None:
        rows.append((tr("Newton"), pair(probe.target)))
    return rows


def probe_text(probe: Probe) -> str:
    """All of it as text, for the clipboard and for screen readers."""
    rows = [f"{name}\t{text}" for name, text in number_rows(probe)]
    return "\n".join([*rows, tr(SHAPES[probe.shape])])


class CrossOverlay(Overlay):
    """A ring where the 3-D view is pointed at."""

    def __init__(self) -> None:
        self.at: tuple[float, float] | None = None

    def paint(self, painter: QPainter, to: SurfaceMap) -> None:
        """Nothing where nobody points."""
        if self.at is None:
            return
        at = to.to_screen(*self.at)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((CASING, 4.0), (INK, 1.8)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(at, 6.0, 6.0)
            painter.drawLine(at - QPointF(11, 0), at - QPointF(3, 0))
            painter.drawLine(at + QPointF(3, 0), at + QPointF(11, 0))


Domain = tuple[float, float, float, float]


class PanOverlay(Overlay):
    """Paints nothing; dragging with the middle button, or with Ctrl, moves the part that is shown."""

    def __init__(self, now: Callable[[], Domain], show: Callable[[Domain], None]) -> None:
        self._now, self._show = now, show
        self._from: tuple[QPointF, Domain, QRectF] | None = None

    def paint(self, painter: QPainter, to: SurfaceMap) -> None:
        """Remember where the plot is."""
        self._area = to.area

    def pressed(self, x: float, y: float, event: QMouseEvent) -> bool:
        """Take the middle button, or the left one with Ctrl."""
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        mine = event.button() == Qt.MouseButton.MiddleButton or (ctrl and event.button() == Qt.MouseButton.LeftButton)
        self._from = (event.position(), self._now(), QRectF(self._area)) if mine else None
        return mine

    def dragged(self, x: float, y: float, event: QMouseEvent) -> None:
        """Counted from the press: the map under the cursor changes meanwhile."""
        if self._from is None:
            return
        begin, (x0, x1, y0, y1), area = self._from
        by = event.position() - begin
        across, up = -by.x() / area.width() * (x1 - x0), by.y() / area.height() * (y1 - y0)
        self._show((x0 + across, x1 + across, y0 + up, y1 + up))
