"""Basins: where methods end, from every start and for every pair of their numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from explorer.gui.panels.basins_page import EXPORT, BasinsPage
from explorer.gui.panels.basins_stability import StabilityPage
from explorer.gui.panels.basins_starts import StartsPage
from explorer.gui.panels.paged import PagedPanel, PanelPage
from explorer.gui.panels.panel import Key
from explorer.i18n import N_
from explorer.requests.base import changed
from explorer.requests.basins import RULES, BasinsRequest, StabilityRequest

SHARED = ("surface", "values", "points", "formula", "domain")


class BasinsPanel(PagedPanel):
    """Two pages, on the surface of the race."""

    name: ClassVar[str] = "basins"
    channels: ClassVar[tuple[str, ...]] = (*StartsPage.channels, *StabilityPage.channels, EXPORT)
    kinds: ClassVar[tuple[type[PanelPage], ...]] = (StartsPage, StabilityPage)
    about: ClassVar[str] = N_("Basins or stability")
    export: ClassVar[str] = EXPORT

    @property
    def starts(self) -> StartsPage:
        """Where every start ends."""
        return self.page_of(StartsPage)

    @property
    def stability(self) -> StabilityPage:
        """What every pair of numbers does."""
        return self.page_of(StabilityPage)

    # -- keys and files ----------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """See ux.md."""
        return [
            Key("R", N_("Race from here"), lambda: self._front().race()),
            Key("M", N_("Basins or stability"), lambda: self.pages.turn(1 - self.pages.at)),
            Key("N", N_("Next surface"), lambda: self._front().step_surface(1)),
            Key("E", N_("Export the map"), lambda: self._front().ask_export()),
            Key("]", N_("Larger learning rate"), lambda: self._faster(1.1)),
            Key("[", N_("Smaller learning rate"), lambda: self._faster(1 / 1.1)),
        ]

    def _front(self) -> BasinsPage[Any]:
        page = self.page
        assert isinstance(page, BasinsPage)
        return page

    def _faster(self, factor: float) -> None:
        own = self.desk.session.basins
        rate = min(max(float(f"{own.rate * factor:.4g}"), 0.01), 100.0)
        self.desk.change(basins=changed(own, rate=rate))

    def adopt(self, path: Path, facts: dict[str, Any]) -> None:
        """A saved map came back: the race takes over its surface, which the maps follow."""
        stability = facts.get("request_type") == StabilityRequest.__name__
        self.pages.turn(1 if stability else 0)
        session = self.desk.session
        own: BasinsRequest | StabilityRequest = session.stability if stability else session.basins
        start = own.start if isinstance(own, StabilityRequest) else session.race.start
        given = {name: getattr(own, name) for name in (*SHARED, *RULES)}
        race = changed(session.race, **given, hyper={**session.race.hyper, **own.hyper}, start=start)
        bare = {name: field.get_default(call_default_factory=True) for name, field in type(own).model_fields.items()
                if name in (*SHARED, *RULES, "resolution", "hyper", "start")}  # fmt: skip
        mine = changed(own, **bare)
        if isinstance(mine, StabilityRequest):
            self.desk.change(race=race, stability=mine)
        else:
            self.desk.change(race=race, basins=mine)

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """Two methods on Himmelblau's surface."""
        race = changed(self.desk.session.race, surface="himmelblau", formula="", values={}, points=(), domain=None, start=None)
        self.desk.change(race=race, basins=BasinsRequest(grid=128))

    def demo_ready(self) -> bool:
        """The whole map is there."""
        return self.starts.record is not None and self.starts.record.whole
