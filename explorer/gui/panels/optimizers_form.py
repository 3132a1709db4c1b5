"""The right dock of the Optimizers panel: the request's form, the schedule, changes under way, all hyper-parameters."""

from __future__ import annotations

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.optimizers_changes import ChangesPart
from explorer.gui.panels.optimizers_hyper import HyperForm
from explorer.gui.panels.optimizers_schedule import SchedulePart
from explorer.requests.race import RaceRequest

ELSEWHERE = ("surface", "rate", "optimizers", "start", "schedule")  # these have editors of their own


class OptimizersForm(QWidget):
    """All parts."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("kind", "ground")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.form = Form(RaceRequest, desk, "race", without=ELSEWHERE, back=False)
        self.schedule = SchedulePart(desk)
        self.form.place(self.schedule, "steps")
        self.changes = ChangesPart(desk)
        self.hyper = HyperForm(desk, self)
        column.addWidget(self.form)
        column.addWidget(self.changes)
        column.addWidget(self.hyper, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """It can be seen now: whatever was put off follows."""
        super().paintEvent(event)
        self.hyper.complete()
