"""The points that a surface from data is made of: drawn, ready-made, or from a table of one's own."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.widgets.points_plot import TABLES, Line, Points, PointsPlot
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.picture.colour import optimizer_colour
from explorer.picture.race_chart import shown_steps
from explorer.records.descent import Race
from explorer.records.points import PointTable


class PointsPane(QWidget):
    """The plot of the points with its buttons. `edited(points, done)`; () are the surface's own.

    `tabled(path, text)`: a table of points was opened or dropped (a path), or pasted (its text).
    """

    edited = Signal(object, bool)
    tabled = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.plot = PointsPlot()
        self.plot.edited.connect(self.edited)
        self.plot.tabled.connect(self.tabled)
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
        self.open = tool_button("file", N_("Points from a table in a file; Ctrl+V in the plot takes one from the clipboard"))
        words.say(self.open, N_("Open a table of points"), "name")
        self.open.clicked.connect(self._open)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(1))
        buttons.addWidget(self.presets)
        buttons.addWidget(self.open)
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

    def _open(self) -> None:
        tables, everything = tr("Tables"), tr("All files")
        kinds = f"{tables} ({' '.join('*' + ending for ending in TABLES)});;{everything} (*)"
        path, _ = QFileDialog.getOpenFileName(self, tr("Open a table of points"), "", kinds)
        if path:
            self.tabled.emit(path, "")

    def retranslate(self) -> None:
        """The button's word."""
        self._class_chosen()


def told(table: PointTable) -> str:
    """What was read from a table, in words."""
    said = [tr("{count} points read").format(count=len(table.points))]
    if table.labels:
        said.append(tr("class 0: {zero}, class 1: {one}").format(zero=table.labels[0], one=table.labels[1]))
    if table.left_out > 0:
        said.append(tr("columns left out: {count}").format(count=table.left_out))
    return " · ".join(said)


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
