"""Hyper-parameters in hand: a slider's move holds from the start, or from the step that is shown when it is taken in hand."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QObject

from explorer.gui.desk import Desk
from explorer.gui.panels.optimizers_changes import Change
from explorer.gui.panels.optimizers_form import OptimizersForm
from explorer.gui.widgets.playhead import Playhead


class Changer(Protocol):
    """How the panel changes its request."""

    def __call__(self, undoable: bool = True, play: bool = True, **fields: Any) -> None:
        """Replace fields of the race."""
        ...


class Steering(QObject):
    """`from_here`: the race that was asked for goes on from the step that is shown."""

    def __init__(self, desk: Desk, form: OptimizersForm, head: Playhead, change: Changer) -> None:
        super().__init__(form)
        self._desk, self._form, self._head, self._change = desk, form, head, change
        self._step: int | None = None  # the first step that the slider in hand changes; None: the start
        self._in_hand = False
        self.from_here = False
        form.hyper.edited.connect(self.edited)
        form.changes.dropped.connect(self.drop)
        form.changes.made_start.connect(lambda change: self.set_start(*change[1:]))

    def edited(self, name: str, own: str, value: float, done: bool) -> None:
        """A slider moved or was let go."""
        if not self._in_hand:
            self._in_hand, self._step = True, self._form.changes.step
        if done:
            self._in_hand = False
        if self._step is None:
            self.set_start(name, own, value, done)
            return
        race = self._desk.session.race
        kept = tuple(one for one in race.changes if one[:3] != (self._step, name, own))
        self._go_on(tuple(sorted((*kept, (self._step, name, own, value)))), done)
        if done and not self._head.playing:
            self._head.start()

    def set_start(self, name: str, own: str, value: float, done: bool = True) -> None:
        """One value for the whole path: changes of it under way are gone."""
        self._head.pause()
        self.from_here = False
        changes = tuple(one for one in self._desk.session.race.changes if one[1:3] != (name, own))
        self._change(undoable=done, play=False, hyper=self._form.hyper.with_value(name, own, value), changes=changes)

    def drop(self, change: Change) -> None:
        """Take a change out."""
        self._go_on(tuple(one for one in self._desk.session.race.changes if one != change), True)

    def _go_on(self, changes: tuple[Change, ...], done: bool) -> None:
        self.from_here = True
        self._change(undoable=done, play=False, changes=changes)

    def arrived(self) -> bool:
        """A race is there: whether it goes on from the step that is shown."""
        here = self.from_here
        self.from_here = here and self._in_hand
        return here

    def show_step(self, number: int, last: int) -> None:
        """The playing stands at step `number` of `last`."""
        self._form.changes.show_step(number, last, self._head.playing)
        self._form.hyper.show_step(number)
        self._form.schedule.curve.set_number(number)
