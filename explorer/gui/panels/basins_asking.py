"""Asking for maps while a slider is dragged: the newest wins, but never before something of the last one was seen."""

from __future__ import annotations

from explorer.gui.desk import Desk
from explorer.jobs import LAST, Event, Preview
from explorer.requests.base import Request, changed
from explorer.requests.basins import RULES, BasinsRequest, StabilityRequest
from explorer.requests.race import RaceRequest

SAMPLES = 32  # the surface itself is not drawn here: a coarse one tells its landmarks


class Pace:
    """Serves one channel. A newer request stops an older one only once that has shown its first, coarse picture."""

    def __init__(self, desk: Desk, channel: str) -> None:
        self.desk, self.channel = desk, channel
        self.asked: Request | None = None
        self._next: Request | None = None
        self._blind = False  # asked, and nothing of it seen yet

    def want(self, request: Request) -> None:
        """Ask for `request` as soon as may be, unless it is what was asked for last."""
        if request == self.asked:
            self._next = None
        elif self._blind:
            self._next = request
        else:
            self.asked, self._next, self._blind = request, None, True
            self.desk.submit(self.channel, request)

    def heard(self, event: Event) -> None:
        """An event of the channel."""
        if isinstance(event, (Preview, *LAST)):
            self._blind = False
            if self._next is not None:
                self.want(self._next)

    def forget(self) -> None:
        """The same request may be asked again."""
        self.asked = None


def on_surface(race: RaceRequest) -> dict[str, object]:
    """The fields of any request of this panel that follow the race: its surface, every method's own numbers, its rules."""
    return {
        "surface": race.surface, "values": race.values, "points": race.points, "formula": race.formula,
        "domain": race.domain, "resolution": SAMPLES, "hyper": race.hyper,
        **{name: getattr(race, name) for name in RULES},
    }  # fmt: skip


def basins_of(own: BasinsRequest, race: RaceRequest) -> BasinsRequest:
    """The request for basins on the race's surface."""
    return changed(own, **on_surface(race))


def stability_of(own: StabilityRequest, race: RaceRequest, numbers: dict[str, float]) -> StabilityRequest:
    """The request for a stability map from the race's start; `numbers`: those of the method that are no axes."""
    fields = {**on_surface(race), "hyper": {own.optimizer: numbers} if numbers else {}}
    return changed(own, **fields, start=race.start)


def path_from(own: BasinsRequest, race: RaceRequest, start: tuple[float, float]) -> RaceRequest:
    """The race that shows the paths of these methods from one start, just as the map has them."""
    fields = on_surface(race)
    return RaceRequest.model_validate(
        {**fields, "optimizers": own.optimizers, "rate": own.rate, "steps": own.steps, "start": start}
    )


def path_with(own: StabilityRequest, race: RaceRequest, numbers: dict[str, float]) -> RaceRequest:
    """The race that shows the path of one pair of numbers."""
    hyper = {**race.hyper, own.optimizer: {**race.hyper.get(own.optimizer, {}), **numbers}}
    fields = {**on_surface(race), "hyper": hyper, "start": race.start}
    return RaceRequest.model_validate({**fields, "optimizers": (own.optimizer,), "steps": own.steps})
