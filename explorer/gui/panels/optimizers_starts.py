"""Many starts at once: how they lie, and a table of where each method ends from them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.optimizers_marks import letter
from explorer.gui.widgets.swatch import Swatch
from explorer.i18n import N_, tr
from explorer.picture.race_chart import number, pair
from explorer.records.starts import FATES, LEFT, MINIMUM, NOT_FINITE, RUNNING, STUCK, UNFIT, Swarm
from explorer.requests.starts import StartsRequest

HEADS = {
    MINIMUM: (N_("elsewhere"), N_("Arrived at a minimum that is not on the list.")),
    STUCK: (N_("saddle"), N_("Rests at a point that is no minimum.")),
    LEFT: (N_("away"), N_("Left the plot.")),
    NOT_FINITE: (N_("hole"), N_("Ended in a hole of the function, or with numbers out of range.")),
    RUNNING: (N_("not yet"), N_("Still on its way when the steps were used up.")),
    UNFIT: (N_("unfit"), N_("Cannot walk on this surface.")),
}
Key = tuple[int, int]


class StartsPage(QWidget):
    """`swarm` is what the table shows."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.swarm: Swarm | None = None
        self.setProperty("kind", "page")
        self.form = Form(StartsRequest, desk, "starts", only=("starts", "count", "reach", "angle"), back=False)
        self.form.setProperty("kind", "page")
        self.summary = QLabel()
        self.summary.setProperty("kind", "heading")
        self.summary.setWordWrap(True)
        words.say(self.summary, N_("The starts are being walked."))
        self.cells: dict[tuple[str, Key], QLabel] = {}
        self._holder = QWidget()
        self._holder.setProperty("kind", "page")
        self._column = QVBoxLayout(self._holder)
        self._column.setContentsMargins(0, 0, theme.px(2), 0)
        self._column.setSpacing(theme.px(2))
        self._table = QWidget()
        self._column.addWidget(self.form)
        self._column.addWidget(self.summary)
        self._column.addWidget(self._table)
        self._places = QLabel()
        self._places.setProperty("kind", "muted")
        self._places.setWordWrap(True)
        self._column.addWidget(self._places)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.viewport().setProperty("kind", "page")
        area.setWidget(self._holder)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addWidget(area, 1)

    def set_swarm(self, swarm: Swarm | None) -> None:
        """Count anew."""
        self.swarm = swarm
        if swarm is not None:
            self._tell(swarm)

    def _tell(self, swarm: Swarm) -> None:
        counts = [swarm.counts(row) for row in range(len(swarm.optimizers))]
        keys = sorted({key for one in counts for key in one})
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(2))
        grid.setVerticalSpacing(theme.px(1))
        for column, key in enumerate(keys):
            text, tip = self._head(swarm, key)
            head = QLabel(text)
            head.setProperty("kind", "muted")
            head.setToolTip(tip)
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(head, 0, column + 2)
        self.cells = {}
        for row, name in enumerate(swarm.optimizers):
            grid.addWidget(Swatch(name), row + 1, 0)
            grid.addWidget(QLabel(self._desk.title_of("optimizer", name)), row + 1, 1)
            for column, key in enumerate(keys):
                cell = QLabel(str(counts[row].get(key, 0) or "·"))
                cell.setFont(theme.tabular(self.font()))
                cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                cell.setToolTip(self._head(swarm, key)[1])
                grid.addWidget(cell, row + 1, column + 2)
                self.cells[name, key] = cell
        grid.setColumnStretch(1, 1)
        self._column.replaceWidget(self._table, fresh)
        fresh.show()
        self._table.hide()
        self._table.deleteLater()
        self._table = fresh
        arrived = sum(count for one in counts for (fate, _), count in one.items() if fate == MINIMUM)
        total = len(swarm.starts) * len(swarm.optimizers)
        told = tr("{starts} starts, {methods} methods: {arrived} of {total} paths arrive at a minimum")
        text = told.format(starts=len(swarm.starts), methods=len(swarm.optimizers), arrived=arrived, total=total)
        if swarm.facts.get("spread") == "cloud":
            text += " · " + tr("seed {seed}").format(seed=swarm.seed)
        self.summary.setProperty("_say_text", None)
        self.summary.setText(text)
        marks = [(index, mark) for index, mark in enumerate(swarm.landmarks) if any(key[1] == index for key in keys)]
        lines = [
            f"{letter(index)}: {tr(mark.kind)} {pair(mark.x, mark.y)}, f = {number(round(mark.value, 12))}"
            for index, mark in marks
        ]
        self._places.setText("\n".join(lines))

    def _head(self, swarm: Swarm, key: Key) -> tuple[str, str]:
        fate, target = key
        if target >= 0:
            mark = swarm.landmarks[target]
            return letter(target), f"{tr(mark.kind)} {pair(mark.x, mark.y)}"
        text, tip = HEADS[fate]
        return tr(text), tr(tip)

    def retranslate(self) -> None:
        """The language changed."""
        self.set_swarm(self.swarm)


assert len(HEADS) == len(FATES)
