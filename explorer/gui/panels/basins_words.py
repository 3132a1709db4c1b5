"""What one place of a map is, in words."""

from __future__ import annotations

from explorer.gui.desk import Desk
from explorer.i18n import N_, listed, tr
from explorer.picture.basin_map import end_words, rules_words
from explorer.picture.race_chart import number
from explorer.records.basins import LEFT, NOT_FINITE, NOT_YET, UNFIT, Basins, EndMap, Stability
from explorer.records.descent import Landmark

FATES = {
    NOT_YET: N_("not at rest after {steps} steps"),
    LEFT: N_("leaves the plot at step {steps}"),
    NOT_FINITE: N_("no number any more at step {steps}"),
    UNFIT: N_("needs a sum of squares"),
}
MANY = 24  # ends; more are not numbered on the map, so that their places must be said
ARRIVES = N_("arrives at {end} after {steps} steps")
RESTS = N_("rests at {end} after {steps} steps, which is no minimum")


def fate_words(one: EndMap, ends: tuple[Landmark, ...], row: int, column: int) -> str:
    """How the path of a cell ends."""
    end, steps = int(one.ends[row, column]), int(one.steps[row, column])
    if end < 0:
        return tr(FATES[end]).format(steps=steps)
    template = ARRIVES if ends[end].kind == "minimum" else RESTS
    return tr(template).format(end=end_words(end, ends, places=len(ends) > MANY), steps=steps)


def start_words(desk: Desk, record: Basins, index: int, row: int, column: int) -> str:
    """What every method does from one start, the map under the cursor first."""
    x, y = record.start(index, row, column)
    order = [index, *(other for other in range(len(record.maps)) if other != index)]
    told = []
    for other in order:
        one = record.maps[other]
        cell = record.cell(other, x, y)
        told.append(f"{desk.title_of('optimizer', one.optimizer)}: {fate_words(one, record.ends, *cell)}")
    return tr("From ({x}, {y})").format(x=number(x), y=number(y)) + " — " + "; ".join(told)


def pair_words(desk: Desk, record: Stability, row: int, column: int) -> str:
    """What the method does with one pair of numbers."""
    pair = f"{label_of(desk, record.map.optimizer, record.first)} {number(float(record.x[column]))}"
    if record.second:
        pair += f", {label_of(desk, record.map.optimizer, record.second)} {number(float(record.y[row]))}"
    return f"{pair} — {fate_words(record.map, record.ends, row, column)}"


def with_rules(record: Basins | Stability | None, told: str) -> str:
    """What the paths have in common beside their numbers, before `told`; `told` alone where they are plain."""
    rules = rules_words(record.facts) if record is not None else ""
    return f"{rules}  ·  {told}" if rules else told


def label_of(desk: Desk, optimizer: str, name: str) -> str:
    """The label of a hyper-parameter, translated; its name where nobody knows it."""
    hyper = desk.catalogue.entries("optimizer").get(optimizer, {}).get("hyper", [])
    return next((tr(str(one["label"])) for one in hyper if one["name"] == name), name)


def map_note(one: EndMap, whole: int) -> str:
    """What stands beside a map's title: its rate, and how coarse it is."""
    parts = [f"μ = {number(one.hyper['lr'])}"] if "lr" in one.hyper else []
    size = max(one.ends.shape)
    if one.by == "walks":
        parts.append(tr("path by path, {size} × {size}").format(size=size))
    elif size < whole:
        parts.append(f"{size} × {size}")
    return "  ·  ".join(parts)


def theory_rows(record: Stability) -> list[str]:
    """What theory says at the minimum, and what was found, line by line."""
    rows = []
    if record.curvatures is not None and record.minimum >= 0:
        low, high = record.curvatures
        text = tr("{end}: L = {high}, λmin = {low}")
        name = end_words(record.minimum, record.ends, places=False)
        rows.append(text.format(end=name, high=number(high, 4), low=number(low, 4)))
    if record.best is not None:
        text = tr("Best by theory: {pair}")
        rows.append(text.format(pair=listed(number(one) for one in record.best[: 2 if record.second else 1])))
    cell = record.fastest()
    if cell is not None:
        pair = [float(record.x[cell[1]])] + ([float(record.y[cell[0]])] if record.second else [])
        text = tr("Fastest here: {pair}, {steps} steps")
        rows.append(text.format(pair=listed(number(one) for one in pair), steps=int(record.map.steps[cell])))
    if record.bounds and record.facts.get("rules"):
        rows.append(tr("The lines: constant μ, no noise"))
    if record.curvatures is not None and not record.bounds:
        rows.append(tr("For this method theory knows no such bound."))
    return rows
