"""Which dream stands in the middle, which of its pictures, and which stand side by side."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from explorer.gui.desk import Desk
from explorer.gui.panels.dream_runs import Run, Runs, Shot
from explorer.gui.panels.dream_view import DreamView
from explorer.i18n import tr


class Showing(QObject):
    """`run` is the dream in the middle; the playhead says which of its pictures. `changed` when another is shown."""

    changed = Signal()

    def __init__(self, desk: Desk, runs: Runs, body: DreamView) -> None:
        super().__init__()
        self._desk = desk
        self._runs = runs
        self._body = body
        self.run: Run | None = None
        self._looked: Shot | None = None
        body.compare_button.clicked.connect(self.toggle_compare)
        body.compare.closed.connect(self.show_one)
        body.playhead.moved.connect(self._moved)
        body.cards.shown.connect(self.show_run)
        body.cards.compared.connect(self._compare_with)
        runs.grown.connect(self._grown)
        runs.changed.connect(self._runs_changed)

    @property
    def shot(self) -> Shot | None:
        """The picture in the middle."""
        shots = self.run.evolution.shots if self.run is not None else []
        at = round(self._body.playhead.step)
        return shots[min(at, len(shots) - 1)] if shots else None

    # -- one ---------------------------------------------------------------------------------------------------------
    def show_run(self, run: Run) -> None:
        """Put a run in the middle, at its newest picture."""
        self.run = run
        self._follow(at_end=True)
        self.show_one()

    def show_one(self) -> None:
        """One picture in the middle, not a comparison or the brush."""
        self._body.pages.setCurrentWidget(self._body.picture)
        self._body.compare_button.setChecked(False)
        self.changed.emit()

    def _grown(self, run: Run) -> None:
        if self.run is None:
            self.run = run
        if run is self.run:
            self._follow()
        compare = self._body.compare
        if run in compare.runs and self._body.pages.currentWidget() is compare:
            compare.refresh()

    def _follow(self, at_end: bool = False) -> None:
        """The playhead over the pictures of the shown run; it stays at the end where it stands there."""
        head, shots = self._body.playhead, self.run.evolution.shots if self.run is not None else []
        if not shots:
            return
        looked, stays = self._looked, not at_end and head.step < head.last and not head.playing
        head.set_last(len(shots) - 1)
        if at_end:
            head.go_to(head.last)
        elif stays and looked in shots:  # the pictures before it may have become fewer
            head.go_to(shots.index(looked))
        self._show_shot()

    def _moved(self, step: float) -> None:
        self._show_shot()
        self.changed.emit()

    def _show_shot(self) -> None:
        shot = self.shot
        if shot is not None and shot is not self._looked:
            self._looked = shot
            self._body.picture.set_rgb(shot.rgb)

    def _runs_changed(self) -> None:
        items = self._runs.items
        if self.run is not None and self.run not in items and items:
            self.run = next((run for run in reversed(items) if run.picture is not None), items[-1])
            self._follow(at_end=True)

    # -- several -----------------------------------------------------------------------------------------------------
    def toggle_compare(self) -> None:
        """The selected dreams side by side, or the newest two; again: one picture."""
        if self._body.pages.currentWidget() is self._body.compare:
            self.show_one()
            return
        chosen = self._chosen()
        self._compare(chosen if len(chosen) > 1 else [run for run in self._runs.items if run.picture is not None][-2:])

    def _compare_with(self, run: Run) -> None:
        chosen = self._chosen()
        others = [one for one in self._runs.items if one is not run and one.picture is not None]
        self._compare(chosen if len(chosen) > 1 else [*others[-1:], run])

    def _chosen(self) -> list[Run]:
        return [run for run in self._body.cards.chosen() if run.picture is not None]

    def _compare(self, runs: list[Run]) -> None:
        body = self._body
        if len(runs) < 2:
            self._desk.notify(tr("Two dreams are needed to compare: dream again with another seed, layer or channel."))
            body.compare_button.setChecked(False)
            return
        body.pages.setCurrentWidget(body.compare)
        body.compare.show_runs(runs)
        body.compare_button.setChecked(True)
        self.changed.emit()
