"""What hangs over the trails of a race: changes and snapshots, memory at the heads, the terms of one step, many thin trails."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from explorer.gui import theme
from explorer.gui.widgets.contour_overlay import Layer, Overlay, SurfaceMap
from explorer.gui.widgets.contour_view_trails import casing_of, draw_marker, qcolour
from explorer.picture.colour import CLASS_COLOURS, Colour, optimizer_colour, optimizer_look
from explorer.picture.race_chart import shown_steps
from explorer.records.descent import Race, StepTerms
from explorer.records.starts import LEFT, Swarm

LONGEST = 0.2  # of the smaller side of the plot: the longest arrow that has no length of its own
MARKS = 60  # snapshots at most that a frame marks
NAMED = 4.0  # pixels: shorter arrows have no head


def draw_arrow(painter: QPainter, start: QPointF, end: QPointF, colour: QColor, casing: QColor, width: float) -> None:
    """An arrow with a rim, so that it is seen on any band."""
    dx, dy = end.x() - start.x(), end.y() - start.y()
    length = math.hypot(dx, dy)
    if not 0.5 < length < 1e5:
        return
    ux, uy = dx / length, dy / length
    tip = min(4.0 * width, 0.6 * length)
    neck = QPointF(end.x() - ux * tip, end.y() - uy * tip)
    head = QPolygonF(
        [end, QPointF(neck.x() - uy * tip * 0.55, neck.y() + ux * tip * 0.55),
         QPointF(neck.x() + uy * tip * 0.55, neck.y() - ux * tip * 0.55)]
    )  # fmt: skip
    for ink, wide in ((casing, width + 2.4), (colour, width)):
        pen = QPen(ink, wide)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLine(start, neck if length > NAMED else end)
        painter.setPen(QPen(ink, wide - width + 0.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(ink)
        painter.drawPolygon(head)


class PathMarks(Overlay):
    """Rings where a hyper-parameter was changed, diamonds where a snapshot was taken, a square around their mean point."""

    place: Layer = "above"

    def __init__(self) -> None:
        self.race: Race | None = None
        self.step = 0.0

    def paint(self, painter: QPainter, to: SurfaceMap) -> None:
        """Only what the playing has reached."""
        if self.race is None:
            return
        scale = theme.scale()
        means = self.race.facts.get("ensembles", {})
        apart = max(1, sum(len(run.snapshots) for run in self.race.runs) // MARKS)
        for run in self.race.runs:
            colour = optimizer_colour(run.optimizer)
            ink, casing = qcolour(colour), casing_of(colour)
            last = min(math.floor(self.step), shown_steps(run))
            for at in dict.fromkeys(min(int(np.searchsorted(run.numbers, step - 1)), run.steps) for step, _, _ in run.changes):
                if at <= last:
                    painter.setPen(QPen(ink, 2.0 * scale))
                    painter.setBrush(casing)
                    painter.drawEllipse(to.to_screen(*run.points[at].tolist()), 4.6 * scale, 4.6 * scale)
            for at in run.snapshots[::apart]:
                if at <= last:
                    place = to.to_screen(*run.points[at].tolist())
                    draw_marker(painter, "d", place.x(), place.y(), 4.2 * scale, ink, casing)
            told = means.get(run.optimizer)
            if told and len(run.snapshots) > 1 and run.snapshots[-1] <= last:
                place = to.to_screen(told["x"], told["y"])
                side = 7.0 * scale
                for pen in (QPen(casing, 4.0), QPen(ink, 2.0)):
                    painter.setPen(pen)
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRect(QRectF(place.x() - side, place.y() - side, 2 * side, 2 * side))


class Memories(Overlay):
    """At each head its velocity as an arrow and the root of its squared gradients as a rectangle; each method's own scale."""

    place: Layer = "above"
    visible = False

    def __init__(self) -> None:
        self.race: Race | None = None
        self.step = 0.0
        self._tops: dict[tuple[str, str], float] = {}

    def set_race(self, race: Race | None) -> None:
        """Another race: the longest velocity and the widest rectangle of each method."""
        self.race, self._tops = race, {}
        for run in race.runs if race is not None else ():
            for name, values in run.state.items():
                top = float(np.abs(values[: shown_steps(run) + 1]).max(initial=0.0))
                self._tops[run.optimizer, name] = top if math.isfinite(top) else 0.0

    def paint(self, painter: QPainter, to: SurfaceMap) -> None:
        """Roots of lengths, so that small ones are seen beside large ones."""
        if self.race is None:
            return
        room = LONGEST * 0.7 * min(to.area.width(), to.area.height())
        for run in self.race.runs:
            at = min(math.floor(self.step), shown_steps(run))
            head = to.to_screen(*run.points[at].tolist())
            colour = optimizer_colour(run.optimizer)
            ink, casing = qcolour(colour), casing_of(colour)
            top = self._tops.get((run.optimizer, "squares"), 0.0)
            if top > 0.0:
                wide, tall = (room * 0.5 * (abs(one) / top) ** 0.25 for one in run.state["squares"][at].tolist())
                painter.setBrush(qcolour(colour, 40))
                for pen in (QPen(casing, 2.6), QPen(ink, 1.2)):
                    painter.setPen(pen)
                    painter.drawRect(QRectF(head.x() - wide, head.y() - tall, 2 * wide, 2 * tall))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
            for name, sign in (("velocity", -1.0), ("direction", 1.0)):  # velocities collect gradients and are stepped against
                top = self._tops.get((run.optimizer, name), 0.0)
                if top > 0.0:
                    vx, vy = (sign * one for one in run.state[name][at].tolist())
                    size = math.hypot(vx, vy)
                    if size > 0.0 and math.isfinite(size):
                        length = room * math.sqrt(min(1.0, size / top))
                        end = QPointF(head.x() + vx / size * length, head.y() - vy / size * length)
                        draw_arrow(painter, head, end, ink, casing, 2.0 * theme.scale())


def term_colour(terms: StepTerms, index: int) -> Colour:
    """The colour of one term, in the list and on the contour: the step has its method's, the others those that are left."""
    own = optimizer_colour(terms.optimizer)
    if index == len(terms.terms) - 1:
        return own
    free = [colour for colour in CLASS_COLOURS[:7] if colour != own]
    return free[index % len(free)]


class StepArrows(Overlay):
    """The terms of one step at the place it starts from: the step in its true length, the others on a scale of their own."""

    place: Layer = "above"
    visible = False

    def __init__(self) -> None:
        self.terms: StepTerms | None = None

    def paint(self, painter: QPainter, to: SurfaceMap) -> None:
        """Rectangles first, then arrows, the step last."""
        told = self.terms
        if told is None or not told.terms:
            return
        scale, start = theme.scale(), to.to_screen(*told.before)
        room = LONGEST * min(to.area.width(), to.area.height())
        flat = [math.hypot(term.x, term.y) for term in told.terms[:-1] if term.kind == "arrow"]
        longest = max((one for one in flat if math.isfinite(one)), default=0.0)
        for index, term in enumerate(told.terms[:-1]):
            colour = term_colour(told, index)
            ink, casing = qcolour(colour), casing_of(colour)
            if term.kind == "axes":
                top = max(abs(term.x), abs(term.y))
                if top > 0.0 and math.isfinite(top):
                    wide, tall = (0.6 * room * math.sqrt(abs(one) / top) for one in (term.x, term.y))
                    painter.setBrush(qcolour(colour, 36))
                    painter.setPen(QPen(ink, 1.6 * scale, Qt.PenStyle.DashLine))
                    painter.drawRect(QRectF(start.x() - wide, start.y() - tall, 2 * wide, 2 * tall))
            elif term.kind == "arrow" and longest > 0.0 and math.isfinite(math.hypot(term.x, term.y)):
                end = QPointF(start.x() + room * term.x / longest, start.y() - room * term.y / longest)
                draw_arrow(painter, start, end, ink, casing, 2.4 * scale)
        colour = term_colour(told, len(told.terms) - 1)
        draw_arrow(painter, start, to.to_screen(*told.after), qcolour(colour), casing_of(colour), 3.4 * scale)


class ThinTrails(Overlay):
    """Every path of a swarm, thin, its start as a dot and its end as the method's marker; minima by their letters."""

    place: Layer = "below"
    visible = False

    def __init__(self) -> None:
        self.swarm: Swarm | None = None

    def paint(self, painter: QPainter, to: SurfaceMap) -> None:
        """Painted once and kept."""
        swarm, scale = self.swarm, theme.scale()
        if swarm is None:
            return
        area = to.area
        for row, name in enumerate(swarm.optimizers):
            look = optimizer_look(name)
            ink = qcolour(look.colour, 190)
            for at in range(len(swarm.starts)):
                places = to.many(swarm.paths[row, at].astype(np.float64))
                places = np.clip(places, (area.left() - 3 * area.width(), area.top() - 3 * area.height()),
                                 (area.right() + 3 * area.width(), area.bottom() + 3 * area.height()))  # fmt: skip
                pen = QPen(ink, 1.1 * scale)
                if look.dash:
                    pen.setDashPattern([float(one) for one in look.dash])
                painter.setPen(pen)
                painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in places.tolist()]))
                if swarm.fates[row, at] < LEFT:
                    end = places[-1]
                    draw_marker(painter, look.marker, end[0], end[1], 2.6 * scale, ink, casing_of(look.colour))
        t = theme.tokens()
        painter.setPen(QPen(QColor(t.window), 1.0))
        painter.setBrush(QColor(t.text))
        for x, y in to.many(swarm.starts).tolist():
            painter.drawEllipse(QPointF(x, y), 2.2 * scale, 2.2 * scale)
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        for index, mark in enumerate(swarm.landmarks):
            place = to.to_screen(mark.x, mark.y)
            box = QRectF(place.x() + 5, place.y() - 20, 24, 18)
            for dx, dy, colour in ((1, 1, t.window), (-1, -1, t.window), (0, 0, t.text)):
                painter.setPen(QColor(colour))
                painter.drawText(
                    box.translated(dx, dy), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, letter(index)
                )


def letter(index: int) -> str:
    """A, B, ... Z, then A1, B1, ..."""
    return chr(ord("A") + index % 26) + (str(index // 26) if index >= 26 else "")
