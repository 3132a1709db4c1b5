"""What is saved of the page of a unit: facts for the picture, numbers as a table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QMenu

from explorer.gui import words
from explorer.gui.panels.filters_saving import save_picture, write_file
from explorer.i18n import N_, tr

if TYPE_CHECKING:
    from explorer.gui.panels.units import UnitsPanel


def page_facts(panel: UnitsPanel) -> dict[str, Any]:
    """JSON-compatible facts of what the page shows."""
    unit, best, maps = panel.records
    found: dict[str, Any] = {"layer": panel.layer, "channel": panel.channel}
    if panel.desk.network is not None:
        found |= {"model": panel.desk.network.name, "weights": panel.desk.network.weights}
    if unit is not None:
        found["maximised"] = {**unit.facts, "objective": float(unit.objective[0])}
    if best is not None:
        found["best"] = [
            {"path": entry.path, "score": entry.score, "place": list(entry.place), "box": list(entry.box)}
            for entry in best.entries
        ]
    if maps is not None and maps.stats is not None and panel.channel is not None and panel.channel < len(maps.stats.mean):
        at = panel.channel
        found["on_picture"] = {
            "source": maps.facts.get("source"),
            "mean": float(maps.stats.mean[at]),
            "max": float(maps.stats.most[at]),
        }
    sight = panel.page.sight.sight
    if sight is not None:
        found["receptive_field"] = {"row": sight.y, "column": sight.x, "box": list(sight.box) if sight.box else None}
    return found


def page_numbers(panel: UnitsPanel) -> str:
    """Tab-separated: the unit's facts, its best pictures, then every unit of the layer with its objective."""
    facts, lines = page_facts(panel), ["name\tvalue"]
    for name, value in facts.items():
        if isinstance(value, dict):
            lines += [f"{name}.{inner}\t{one}" for inner, one in value.items()]
        elif name != "best":
            lines.append(f"{name}\t{value}")
    if facts.get("best"):
        lines += ["", "rank\tfile\tscore\trow\tcolumn\tleft\ttop\tright\tbottom"]
        for rank, entry in enumerate(facts["best"]):
            cells = (rank + 1, entry["path"], entry["score"], *entry["place"], *entry["box"])
            lines.append("\t".join(map(str, cells)))
    units = panel.tiles.units
    lines += ["", "unit\tobjective"]
    lines += [f"{channel}\t{units.objective(channel)}" for channel in range(units.rowCount()) if units.done(channel)]
    return "\n".join(lines)


def name_of(panel: UnitsPanel) -> str:
    """A file name for the page."""
    model = panel.desk.network.name if panel.desk.network is not None else "network"
    return f"unit-{model}-{panel.layer}-{panel.channel}"


def save_page(panel: UnitsPanel) -> Path | None:
    """Ask where, write the page as a PNG that carries its facts."""
    return save_picture(panel.desk, panel, panel.page.whole_picture(), name_of(panel), page_facts(panel))


def save_page_numbers(panel: UnitsPanel) -> Path | None:
    """Ask where, write the numbers of the page as a table."""
    kinds = tr("Table") + " (*.tsv)"
    chosen, _ = QFileDialog.getSaveFileName(panel, tr("Save numbers"), f"{name_of(panel)}.tsv", kinds)
    if not chosen:
        return None
    path = Path(chosen) if Path(chosen).suffix else Path(chosen + ".tsv")
    return write_file(panel.desk, path, (page_numbers(panel) + "\n").encode())


def saving_menu(panel: UnitsPanel) -> QMenu:
    """What the page's save button offers."""
    menu = QMenu(panel)
    for text, save in ((N_("Save picture..."), save_page), (N_("Save numbers..."), save_page_numbers)):
        action = menu.addAction("")
        words.say(action, text)
        action.triggered.connect(partial(_call, save, panel))
    return menu


def _call(save: Callable[[UnitsPanel], object], panel: UnitsPanel, _checked: bool = False) -> None:
    save(panel)
