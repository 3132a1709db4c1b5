"""Classes of torch.optim in the race: entered by name, run by the engine beside the others, joined to their race."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from explorer.gui.desk import Desk
from explorer.gui.notices import trouble_text
from explorer.jobs import Event, Failed, Result
from explorer.records.descent import Race
from explorer.requests.race import RaceRequest, TorchRaceRequest, torch_part

TORCH = "optimizers.torch"


class TorchRunners(QObject):
    """`joined(race)`: the race with theirs; `refused(text)`: why there is none ("" when all is well)."""

    joined = Signal(object)
    refused = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._asked: TorchRaceRequest | None = None
        self._theirs: Race | None = None
        self._race: Race | None = None
        self._names: tuple[str, ...] = ()

    def ask(self, request: RaceRequest) -> None:
        """A race was asked for; theirs too where there are any."""
        wanted = torch_part(request) if request.torch else None
        if wanted == self._asked:
            return
        if wanted is None or self._asked is None or wanted.torch != self._asked.torch:
            self._names = ()
        self._asked, self._theirs = wanted, None
        if wanted is None:
            self._desk.stop(TORCH)
            self.refused.emit("")
        else:
            self._desk.submit(TORCH, wanted)

    def with_theirs(self, race: Race) -> Race:
        """The others' race as far as it is complete now."""
        self._race = race
        return race if self._theirs is None or self._asked is None else race.joined(self._theirs)

    def names(self) -> tuple[str, ...]:
        """What the runs are called, in the order they were entered in; empty until they have run once."""
        return self._names

    def take(self, event: Event) -> None:
        """Their race, or why there is none: the others stay."""
        if isinstance(event, Failed):
            if event.trouble.code.startswith(
                "torch."
            ):  # else they may run another time: the engine is gone, the formula is wrong
                self.refused.emit(trouble_text(event.trouble))
        elif isinstance(event, Result) and isinstance(event.record, Race):
            self._theirs = event.record
            self._names = tuple(run.optimizer for run in event.record.runs)
            self.refused.emit("")
            if self._race is not None:
                self.joined.emit(self.with_theirs(self._race))
