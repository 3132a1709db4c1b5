"""The panels of the window by name. Each is promised by its row in the table and made when somebody first reaches for it."""

from __future__ import annotations

import importlib
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from explorer.gui.panels import PanelRow
from explorer.i18n import tr

if TYPE_CHECKING:
    from explorer.gui.desk import Desk
    from explorer.gui.panels.panel import Panel

log = logging.getLogger(__name__)


class Roster(Mapping[str, "Panel"]):
    """Names come in the order of the tabs. `roster[name]`, `get`, `values` and `items` make what is not there yet; `in`,
    `len` and the names do not. `made` holds those that are there: what has to reach only them goes through it.
    """

    def __init__(self, house: Callable[[Panel], None]) -> None:
        self._house = house
        self._makers: dict[str, Callable[[], Panel]] = {}
        self.made: dict[str, Panel] = {}

    def promise(self, name: str, make: Callable[[], Panel]) -> None:
        """There is a panel of this name: `make` makes it, once; it is then given to `house`."""
        self._makers[name] = make

    def __getitem__(self, name: str) -> Panel:
        if name not in self.made:
            panel = self.made[name] = self._makers[name]()
            self._house(panel)
        return self.made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._makers))  # a plugin's panel may come in between

    def __len__(self) -> int:
        return len(self._makers)


def make_panel(row: PanelRow, desk: Desk) -> Panel:
    """The panel of a row; one that says why where it cannot be made: a broken panel must not take the window with it."""
    try:
        panel: Panel = getattr(importlib.import_module(row.module), row.kind)(desk)
        panel.form()  # it may be this that breaks
    except Exception as error:
        from explorer.gui.panels.broken import broken_panel

        log.exception("panel %s", row.name)
        text = tr("The panel {name} could not be opened: {reason}").format(name=tr(row.title), reason=error)
        desk.notify(text, "bad", detail=traceback.format_exc(), key=f"panel:{row.name}", stay=True)
        return broken_panel(row, desk, str(error))
    return panel
