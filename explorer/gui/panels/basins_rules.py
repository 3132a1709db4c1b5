"""What a map has in common with the race beside its surface: schedule, gradient noise, batches, clipping, seed."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.optimizers_schedule import SchedulePart
from explorer.i18n import N_
from explorer.records.basins import Basins, Stability
from explorer.requests.race import RaceRequest
from explorer.session import Session


class RulesPart(QWidget):
    """Bound to `race` of the Session: what is chosen here holds in the race too, so that a path can be repeated there."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.schedule = SchedulePart(desk)
        self.form = Form(RaceRequest, desk, "race", only=("noise", "batch", "clip", "seed"), back=False)
        words.say(self.form.more, N_("Noise and clipping"))
        self.chance = QLabel()
        self.chance.setProperty("kind", "muted")
        self.chance.setWordWrap(True)
        words.say(self.chance, N_("Every start meets the same chance: the race from it with this seed goes the same way."))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        for part in (self.schedule, self.form, self.chance):
            column.addWidget(part)
        desk.session_changed.connect(self._session_changed)
        desk.choices_changed.connect(self.schedule.retranslate)
        self._show(desk.session.race)

    def set_record(self, record: Basins | Stability) -> None:
        """How the schedule runs along the paths of this map."""
        self.schedule.curve.set_course(record.facts.get("course", {}))

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.race != old.race:
            self._show(new.race)

    def _show(self, race: RaceRequest) -> None:
        self.schedule.show_request(race)
        self.chance.setVisible(bool(race.noise or race.batch))
