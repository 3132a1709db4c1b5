"""Where the surface is seen: contour, the surface in space, both; below them the points that a surface from data is made of."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QSplitter, QToolButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.widgets.contour_view import ContourView
from explorer.gui.widgets.points_plot import Line, Points, PointsPlot
from explorer.gui.widgets.surface_3d import Surface3D, opengl_problem
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.picture.colour import optimizer_colour
from explorer.picture.race_chart import shown_steps
from explorer.records.descent import Race


class PointsPane(QWidget):
    """The plot of the points with its buttons. `edited(points, done)`; () are the surface's own."""

    edited = Signal(object, bool)

    def __init__(self) -> None:
        super().__init__()
        self.plot = PointsPlot()
        self.plot.edited.connect(self.edited)
        words.say(
            self.plot, N_("Points: click adds, drag moves, right click takes away (Ins, Page keys, Ctrl+arrows, Del)"), "tip"
        )
        words.say(self.plot, N_("Points that the surface is made of"), "name")
        self.kind = tool_button("point-in", N_("The next point belongs to the other class"), checkable=True)
        self.kind.setChecked(True)
        self.kind.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.kind.toggled.connect(self._class_chosen)
        self.presets = tool_button("shuffle", N_("Ready-made points"), N_("Points"))
        self.presets.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.presets)
        self._menu.aboutToShow.connect(self._fill)
        self.presets.setMenu(self._menu)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(1))
        buttons.addWidget(self.presets)
        buttons.addWidget(self.kind)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(buttons)
        column.addWidget(self.plot, 1)

    def show_race(self, race: Race) -> None:
        """The points of its surface."""
        points = tuple(tuple(float(v) for v in point) for point in race.surface.facts.get("points", ()))
        self.plot.set_points(points, bool(points) and len(points[0]) == 3)
        self.kind.setVisible(self.plot.classes)
        self._class_chosen()

    def show_step(self, race: Race, step: float) -> None:
        """The line that each method has come to."""
        bias = race.surface.facts.get("values", {}).get("bias", 0.0)
        lines: list[Line] = []
        for run in race.runs:
            x, y = (float(v) for v in run.points[min(int(step), shown_steps(run))])
            line = (x, y, bias) if self.plot.classes else (x, -1.0, y)
            lines.append((optimizer_colour(run.optimizer), *line))
        self.plot.set_lines(tuple(lines))

    def _class_chosen(self) -> None:
        self.plot.active = int(self.kind.isChecked())
        self.kind.setText(tr("Class {number}").format(number="■ 1" if self.plot.active else "● 0"))

    def _fill(self) -> None:
        self._menu.clear()
        for title, name in CLASS_PRESETS if self.plot.classes else LINE_PRESETS:
            self._menu.addAction(tr(title)).triggered.connect(partial(self._chosen, name))

    def _chosen(self, name: str) -> None:
        self.edited.emit(ready_made(name), True)

    def retranslate(self) -> None:
        """The button's word."""
        self._class_chosen()


LINE_PRESETS = (
    (N_("The surface's own"), ""),
    (N_("A line with noise"), "line"),
    (N_("One outlier"), "outlier"),
    (N_("Far from the origin"), "far"),
    (N_("Two points"), "two"),
)
CLASS_PRESETS = (
    (N_("The surface's own"), ""),
    (N_("Two clouds that overlap"), "clouds"),
    (N_("Two clouds apart"), "apart"),
    (N_("Crosswise (XOR)"), "crosswise"),
    (N_("Few against many"), "few"),
)


def ready_made(name: str) -> Points:
    """Points by name, always the same; () for the surface's own."""
    rng = np.random.default_rng(7)
    if name in ("line", "outlier", "far"):
        x = np.linspace(-1.5, 1.5, 14) + (6.0 if name == "far" else 0.0)
        y = 0.7 * x - 0.4 + rng.normal(0.0, 0.25, len(x))
        if name == "outlier":
            y[-2] += 5.0
        return _rounded(np.stack([x, y], axis=1))
    if name == "two":
        return ((-1.0, -0.5), (1.0, 1.0))
    if name in ("clouds", "apart", "few"):
        shift = 1.8 if name == "apart" else 0.7
        count = 4 if name == "few" else 20
        one, other = rng.normal((shift, shift), 0.6, (count, 2)), rng.normal((-shift, -shift), 0.6, (20, 2))
        return _rounded(np.concatenate([np.insert(one, 2, 1.0, axis=1), np.insert(other, 2, 0.0, axis=1)]))
    if name == "crosswise":
        corners = [(1, 1, 1), (-1, -1, 1), (1, -1, 0), (-1, 1, 0)]
        rows = [np.insert(rng.normal((x, y), 0.3, (8, 2)), 2, float(kind), axis=1) for x, y, kind in corners]
        return _rounded(np.concatenate(rows))
    return ()


def _rounded(rows: np.ndarray) -> Points:
    return tuple(tuple(float(v) for v in row) for row in np.round(rows, 3))


class GroundStage(QWidget):
    """`view`: "2-D", "3-D" or "both". `grown(space)`: the 3-D view was made; it is made when it is first asked for."""

    grown = Signal(object)

    def __init__(self, contour: ContourView) -> None:
        super().__init__()
        self.contour = contour
        self.space: Surface3D | None = None
        self.pane: PointsPane | None = None
        self.view = "2-D"
        self.said = QLabel()
        self.said.setProperty("kind", "muted")
        self.said.setWordWrap(True)
        self.said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.said.setContentsMargins(theme.px(2), theme.px(1), theme.px(2), theme.px(1))
        self.said.hide()
        self.views = QSplitter(Qt.Orientation.Horizontal)
        self.views.setChildrenCollapsible(False)
        self.views.addWidget(contour)
        self.parts = QSplitter(Qt.Orientation.Vertical)
        self.parts.setChildrenCollapsible(False)
        self.parts.addWidget(self.views)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.parts, 1)
        column.addWidget(self.said)

    def show_view(self, view: str) -> None:
        """Contour, space, or both; where there is no OpenGL, the contour and a sentence."""
        if view != "2-D" and self.space is None:
            problem = opengl_problem()
            if problem:
                self._refuse(problem)
            else:
                self._grow()
        self.view = view
        broken = self.space is None or self.space.broken
        if view == "2-D":
            self.said.hide()
        elif broken:
            self.said.show()
        self.contour.setVisible(view != "3-D" or broken)
        if self.space is not None:
            self.space.setVisible(view != "2-D" and not broken)
        self._arrange()

    def _grow(self) -> None:
        self.space = Surface3D()
        words.say(
            self.space,
            N_("The surface in space: drag turns it (Ctrl+arrows), the wheel zooms (+ and -), a click starts here"),
            "tip",
        )
        words.say(self.space, N_("The surface in space"), "name")
        self.space.failed.connect(self._failed, Qt.ConnectionType.QueuedConnection)  # it happens while it paints
        self.views.addWidget(self.space)
        self.views.setSizes([1000, 1000])
        self.grown.emit(self.space)

    def _failed(self, text: str) -> None:
        self._refuse(text)
        self.show_view(self.view)

    def _refuse(self, text: str) -> None:
        words.say(self.said, text)

    def show_points(self, race: Race | None) -> PointsPane | None:
        """The points of a race on a surface from data; None hides them."""
        if race is None:
            if self.pane is not None:
                self.pane.hide()
            return None
        if self.pane is None:
            self.pane = PointsPane()
            self.parts.addWidget(self.pane)
            self.parts.setStretchFactor(0, 3)
            self.parts.setStretchFactor(1, 2)
        self.pane.show_race(race)
        self.pane.show()
        return self.pane

    def _arrange(self) -> None:
        tall = self.height() > 0.9 * self.width()
        wanted = Qt.Orientation.Vertical if tall else Qt.Orientation.Horizontal
        if self.views.orientation() != wanted:
            self.views.setOrientation(wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside each other where there is room."""
        super().resizeEvent(event)
        self._arrange()
