"""Basins of attraction and stability maps as pictures and words: which colour an end has, how steps become shades.

numpy only: the window and the files draw the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.i18n import N_, tr
from explorer.picture.colour import CLASS_COLOURS, Colour, palette
from explorer.picture.race_chart import DARK_GROUND, LIGHT_GROUND, number, pair, ticks
from explorer.records.basins import LEFT, NOT_FINITE, NOT_YET, UNFIT, EndMap, Stability
from explorer.records.descent import F64, Landmark
from explorer.records.frame import RGB

SHADES = 64
FAINTEST = 0.42  # share of its colour that the slowest start keeps
MINIMA = CLASS_COLOURS[:7]  # the eighth is grey: that is for places that are no minima
OTHERS = {"saddle": (200, 200, 204), "maximum": (235, 235, 238), "inflexion": (168, 168, 176)}
DARK_FATES: dict[int, Colour] = {NOT_YET: (74, 79, 88), LEFT: (66, 34, 40), NOT_FINITE: (60, 32, 84), UNFIT: (20, 23, 28)}
LIGHT_FATES: dict[int, Colour] = {
    NOT_YET: (205, 209, 215),
    LEFT: (226, 190, 190),
    NOT_FINITE: (200, 178, 222),
    UNFIT: (250, 250, 251),
}
FATE_WORDS = {
    NOT_YET: N_("not yet at rest"),
    LEFT: N_("left the plot"),
    NOT_FINITE: N_("no number any more"),
    UNFIT: N_("needs a sum of squares"),
}
KIND_WORDS = {
    "minimum": N_("minimum {number}"),
    "saddle": N_("saddle {number}"),
    "maximum": N_("maximum {number}"),
    "inflexion": N_("inflexion {number}"),
}


def rules_words(facts: Mapping[str, Any]) -> str:
    """What holds for all paths of a map beside their numbers (facts "rules"), in a line; "" where they are plain."""
    rules = facts.get("rules", {})
    told = [tr(str(facts["schedule"])).lower()] if "schedule" in rules else []
    if "noise" in rules:
        told.append(tr("noise {spread}").format(spread=number(rules["noise"])))
    if "batch" in rules:
        told.append(tr("batches of {count}").format(count=rules["batch"]))
    if "seed" in rules:
        told.append(tr("seed {seed}").format(seed=rules["seed"]))
    if "clip" in rules:
        told.append(tr("gradients no longer than {clip}").format(clip=number(rules["clip"])))
    return ", ".join(told)


def numbered(ends: tuple[Landmark, ...]) -> list[int]:
    """For each end its number among those of its kind, from 1."""
    seen: dict[str, int] = {}
    found = []
    for one in ends:
        seen[one.kind] = seen.get(one.kind, 0) + 1
        found.append(seen[one.kind])
    return found


def colour_of(end: int, ends: tuple[Landmark, ...], dark: bool) -> Colour:
    """The colour of a place in `ends`, or of a fate below zero. Minima have colours of their own, seven differ."""
    if end < 0:
        return (DARK_FATES if dark else LIGHT_FATES)[end]
    mark = ends[end]
    if mark.kind != "minimum":
        return OTHERS.get(mark.kind, OTHERS["saddle"])
    return MINIMA[(numbered(ends)[end] - 1) % len(MINIMA)]


def basin_picture(one: EndMap, ends: tuple[Landmark, ...], dark: bool) -> RGB:
    """(H, W, 3) uint8 RGB, row 0 on top (the largest y): an end's colour, fainter the more steps it took."""
    ground = np.array(DARK_GROUND if dark else LIGHT_GROUND, np.float32)
    table = np.empty((UNFIT * -1 + len(ends), SHADES, 3), np.float32)
    numbers = numbered(ends)
    for place in range(UNFIT, len(ends)):
        if place < 0:
            table[place - UNFIT] = (DARK_FATES if dark else LIGHT_FATES)[place]
            continue
        kind = ends[place].kind
        full = MINIMA[(numbers[place] - 1) % len(MINIMA)] if kind == "minimum" else OTHERS.get(kind, OTHERS["saddle"])
        share = np.linspace(1.0, FAINTEST, SHADES, dtype=np.float32)[:, None]
        table[place - UNFIT] = ground + (np.array(full, np.float32) - ground) * share
    rgb = np.rint(table).astype(np.uint8)[one.ends.astype(np.int64) - UNFIT, shades(one)]
    return np.ascontiguousarray(rgb[::-1])


def shades(one: EndMap) -> npt.NDArray[np.int64]:
    """(H, W) 0 .. SHADES - 1: the steps on a logarithmic scale, between the fewest and the most that arrived anywhere."""
    low, high = step_range(one)
    logs = np.log1p(one.steps.astype(np.float64))
    share = (logs - np.log1p(low)) / max(np.log1p(high) - np.log1p(low), 1e-9)
    found: npt.NDArray[np.int64] = np.clip(np.rint(share * (SHADES - 1)), 0, SHADES - 1).astype(np.int64)
    return found


def step_range(one: EndMap) -> tuple[int, int]:
    """The fewest and the most steps of those that came to rest; (0, 1) where nobody did."""
    there = one.steps[one.ends >= 0]
    if not there.size:
        return 0, 1
    return int(there.min()), max(int(there.max()), int(there.min()) + 1)


def stability_picture(one: EndMap, ends: tuple[Landmark, ...], dark: bool) -> RGB:
    """(H, W, 3) uint8 RGB, row 0 on top: viridis for the steps to a minimum, bright where soon; other ends in their colours."""
    fates = DARK_FATES if dark else LIGHT_FATES
    minima = [place for place, mark in enumerate(ends) if mark.kind == "minimum"]
    steps = palette("viridis")[255 - np.rint(shades(one) * (205.0 / (SHADES - 1))).astype(np.int64)]
    rgb = np.where(np.isin(one.ends, minima)[..., None], steps, np.array(OTHERS["saddle"], np.uint8)).astype(np.uint8)
    for fate, colour in fates.items():
        rgb[one.ends == fate] = colour
    return np.ascontiguousarray(rgb[::-1])


def speed_colours(count: int) -> RGB:
    """(1, count, 3) the scale of `stability_picture`, from the fewest steps to the most."""
    places = 255 - np.rint(np.linspace(0.0, 205.0, count)).astype(np.int64)
    return np.ascontiguousarray(palette("viridis")[places][None])


def end_words(end: int, ends: tuple[Landmark, ...], numbers: list[int] | None = None, places: bool = True) -> str:
    """What an end is called, with its place if `places`."""
    if end < 0:
        return tr(FATE_WORDS[end])
    mark = ends[end]
    name = tr(KIND_WORDS[mark.kind]).format(number=(numbers or numbered(ends))[end])
    return f"{name} {pair(mark.x, mark.y)}" if places else name


def legend(
    one: EndMap, ends: tuple[Landmark, ...], most: int = 10, places: bool = True, steps: bool = True
) -> list[tuple[int, str]]:
    """(end, words with share, count and the median of the steps), the commonest first, at most `most`.

    `places`: where the ends are is said too; `steps`: the median too.
    """
    numbers, total = numbered(ends), one.ends.size
    found = []
    for end, count, middle in one.shares()[:most]:
        words = tr("{end}: {share:.1%} ({count})").format(
            end=end_words(end, ends, numbers, places=places), share=count / total, count=count
        )
        if steps and end not in (NOT_YET, UNFIT):
            words += ", " + tr("median {steps} steps").format(steps=number(middle, 4))
        found.append((end, words))
    return found


def upwards_ticks(record: Stability) -> list[tuple[float, str]]:
    """(share of the height, words) of round values of the second axis."""
    if len(record.y) < 2:
        return []
    low, high = float(record.y[0]), float(record.y[-1])
    if high > 0.9995:  # a memory told by its distance to 1
        wanted = [0.0, 0.9, 0.99, 0.999, 0.9999]
    elif low > 0.0 and high / low > 100.0 and not np.isclose(record.y[1] - record.y[0], record.y[-1] - record.y[-2]):
        wanted = [10.0**power for power in range(-12, 13)]
    else:
        wanted = ticks(0.0 if low < 0.1 * high else low, high, 5)
    gap = 0.5 / len(record.y)
    places = [upwards(record, np.array([value]))[0] for value in wanted]
    return [(float(at), number(value)) for at, value in zip(places, wanted, strict=True) if gap * 0.5 < at < 1.0 - gap * 0.5]


def upwards(record: Stability, values: F64) -> F64:
    """Share of the height of values of the second axis; of 0 to 1 where there is none."""
    if len(record.y) < 2:
        return values
    count = len(record.y)
    steps = np.diff(record.y)
    row = np.interp(values, record.y, np.arange(count))
    row = np.where(values < record.y[0], (values - record.y[0]) / steps[0], row)
    row = np.where(values > record.y[-1], count - 1 + (values - record.y[-1]) / steps[-1], row)
    return np.asarray((row + 0.5) / count, dtype=np.float64)


def along(record: Stability, values: F64) -> F64:
    """Share of the width of values of the first axis, whose cells are even on a logarithmic scale."""
    count = len(record.x)
    low, high = np.log10(record.x[0]), np.log10(record.x[-1])
    return np.asarray(((np.log10(values) - low) / max(high - low, 1e-12) * (count - 1) + 0.5) / count, dtype=np.float64)
