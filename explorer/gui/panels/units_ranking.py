"""The best pictures of the selected unit: one pass over the folder serves every unit, so it is not begun anew for each."""

from __future__ import annotations

from explorer.gui.desk import Desk
from explorer.gui.panels.units_asking import Asking
from explorer.gui.panels.units_page import UnitPage
from explorer.gui.panels.units_words import best_note
from explorer.jobs import CancelledJob, Event, Result
from explorer.records.units import BestPictures
from explorer.requests.base import changed

CHANNEL = "units.best"


class Ranking:
    """`best`: the newest ranking that came. `stopped`: a person stopped it; it begins again only when asked to."""

    def __init__(self, desk: Desk, asking: Asking, page: UnitPage) -> None:
        self.desk = desk
        self.asking = asking
        self.page = page
        self.best: BestPictures | None = None
        self.stopped = False

    def ask(self, layer: str, channel: int | None) -> None:
        """Rank for a unit, unless a pass over the same folder goes on."""
        if channel is None or self.stopped:
            return
        if self.asking.ranks_already(layer) and self.desk.jobs.get(CHANNEL) is not None:
            return
        self.desk.submit(CHANNEL, self.asking.best(layer, channel))

    def use_folder(self, path: str) -> None:
        """Another folder; "" is the samples'."""
        self.stopped = False
        self.desk.change(best=changed(self.desk.session.best, folder=path))

    def clear(self, text: str = "") -> None:
        """Nothing is known; `text` says why."""
        self.best = None
        self.page.crops.show_best(None)
        self.page.best_note.setText(text)

    def of(self, layer: str, channel: int | None) -> BestPictures | None:
        """The ranking, if it is that of this unit."""
        best = self.best
        return best if best is not None and (best.layer, best.channel) == (layer, channel) else None

    def take(self, event: Event, record: BestPictures, layer: str, channel: int | None) -> None:
        """Show what came. A pass that ended for another unit has found everything for this one too: ask again, at once."""
        ended = isinstance(event, (Result, CancelledJob))
        if record.layer == layer:
            self.stopped = isinstance(event, CancelledJob)
        if (record.layer, record.channel) == (layer, channel):
            self.best = record
        elif ended:
            self.ask(layer, channel)
        if record.layer == layer:
            self.show(layer, channel)
            self.page.again.setVisible(self.stopped)
            self.page.best_note.setText(best_note(record, self.stopped, not ended))

    def show(self, layer: str, channel: int | None) -> None:
        """The crops of this unit, or none."""
        self.page.crops.show_best(self.of(layer, channel))
