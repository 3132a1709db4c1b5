"""Basin and stability maps as picture files: maps with axes, marks and theory, a legend with counts and shares."""

from __future__ import annotations

import numpy as np

from explorer.i18n import tr
from explorer.picture import ink
from explorer.picture.basin_map import (
    along,
    basin_picture,
    colour_of,
    legend,
    numbered,
    rules_words,
    speed_colours,
    stability_picture,
    step_range,
    upwards,
    upwards_ticks,
)
from explorer.picture.colour import Colour
from explorer.picture.plot import DARK, LIGHT, Style
from explorer.picture.race_chart import number, ticks
from explorer.records.basins import Basins, EndMap, Stability
from explorer.records.descent import Landmark
from explorer.records.frame import RGB

MAP, SMALL = 420, 13  # side of a map, type
LEFT, TOP, GAP, BELOW = 54, 74, 30, 40


def basins_sheet(record: Basins, *, dark: bool = True) -> RGB:
    """(height, width, 3) uint8 RGB."""
    style = DARK if dark else LIGHT
    lines = [legend(one, record.ends) for one in record.maps]
    high = max(len(one) for one in lines)
    width = len(record.maps) * (LEFT + MAP) + GAP
    sheet = _ground(max(width, 560), TOP + MAP + BELOW + 20 * high + 16, style)
    _title(sheet, record.facts.get("title", record.surface.name), record.surface.formula, style)
    ink.text(sheet, rules_words(record.facts), LEFT, 46, style.faint, SMALL)
    x0, x1, y0, y1 = record.facts["domain"]
    for index, one in enumerate(record.maps):
        left = LEFT + index * (LEFT + MAP)
        _paste(sheet, basin_picture(one, record.ends, dark), left)
        _names(sheet, one, record.facts, left, style)
        for value in ticks(x0, x1, 6):
            _tick_below(sheet, left + (value - x0) / (x1 - x0) * MAP, number(value), style)
        for value in ticks(y0, y1, 6):
            _tick_left(sheet, left, TOP + (y1 - value) / (y1 - y0) * MAP, number(value), style)
        _marks(sheet, record.ends, (x0, x1, y0, y1), left)
        for row, (end, words) in enumerate(lines[index]):
            _swatch(sheet, colour_of(end, record.ends, dark), words, left, TOP + MAP + BELOW + 20 * row, style)
    return sheet


def stability_sheet(record: Stability, *, dark: bool = True) -> RGB:
    """(height, width, 3) uint8 RGB."""
    style = DARK if dark else LIGHT
    lines = legend(record.map, record.ends)
    side = 230
    sheet = _ground(LEFT + MAP + GAP + side, TOP + MAP + BELOW + 20 * len(lines) + 16, style)
    _title(sheet, record.facts.get("title", record.surface.name), record.surface.formula, style)
    ink.text(sheet, rules_words(record.facts), LEFT, 46, style.faint, SMALL)
    _paste(sheet, stability_picture(record.map, record.ends, dark), LEFT)
    name = tr(str(record.facts["titles"][record.map.optimizer]))
    start = tr("from ({x}, {y})").format(x=number(record.start[0]), y=number(record.start[1]))
    ink.text(sheet, f"{name}: {record.second or '–'} / {record.first}", LEFT, TOP - 10, style.text, SMALL + 1, bold=True)
    ink.text(sheet, start, LEFT + MAP, TOP - 10, style.faint, SMALL, align=1.0)
    low, high = np.log10(record.x[0]), np.log10(record.x[-1])
    for power in range(int(np.ceil(low)), int(np.floor(high)) + 1):
        _tick_below(sheet, LEFT + float(along(record, np.array([10.0**power]))[0]) * MAP, number(10.0**power), style)
    for share, words in upwards_ticks(record):
        _tick_left(sheet, LEFT, TOP + (1.0 - share) * MAP, words, style)
    for index, bound in enumerate(record.bounds):
        shares = along(record, bound.points[:, 0]), upwards(record, bound.points[:, 1])
        line = np.stack([LEFT + shares[0] * MAP, TOP + (1.0 - shares[1]) * MAP], axis=1)
        line = line[(line[:, 0] >= LEFT) & (line[:, 0] <= LEFT + MAP)]
        dash = ((), (6, 4), (2, 3))[index % 3]
        ink.line(sheet, line, (12, 14, 18), 3, dash)
        ink.line(sheet, line, (255, 255, 255), 1, dash)
        at = TOP + 18 + 20 * index
        key = np.array([[LEFT + MAP + 14, at - 4], [LEFT + MAP + 44, at - 4]], np.float64)
        ink.line(sheet, key, style.text, 1, dash)
        ink.text(sheet, bound.name, LEFT + MAP + 52, at, style.text, SMALL)
    _scale(sheet, record, style)
    for row, (end, words) in enumerate(lines):
        colour = colour_of(end, record.ends, dark) if end < 0 else (94, 201, 98)
        _swatch(sheet, colour, words, LEFT, TOP + MAP + BELOW + 20 * row, style)
    return sheet


def _scale(sheet: RGB, record: Stability, style: Style) -> None:
    few, many = step_range(record.map)
    top, left = TOP + 120, LEFT + MAP + 14
    sheet[top : top + 14, left : left + 160] = speed_colours(160)
    ink.text(sheet, tr("steps to a minimum"), left, top - 8, style.faint, SMALL)
    ink.text(sheet, str(few), left, top + 30, style.faint, SMALL)
    ink.text(sheet, str(many), left + 160, top + 30, style.faint, SMALL, align=1.0)
    if record.curvatures is not None:
        words = tr("L = {high}, smallest {low}").format(
            high=number(record.curvatures[1], 4), low=number(record.curvatures[0], 4)
        )
        ink.text(sheet, words, left, top + 60, style.text, SMALL)


def _ground(width: int, height: int, style: Style) -> RGB:
    sheet = np.empty((height, width, 3), np.uint8)
    sheet[:] = style.ground
    return sheet


def _title(sheet: RGB, title: str, formula: str, style: Style) -> None:
    words = tr(str(title))
    ink.text(sheet, words, LEFT, 28, style.text, SMALL + 4, bold=True)
    after = LEFT + ink.text_width(words, SMALL + 4, bold=True) + 16
    if after + ink.text_width(formula, SMALL) < sheet.shape[1] - 8:
        ink.text(sheet, formula, after, 28, style.faint, SMALL)


def _names(sheet: RGB, one: EndMap, facts: dict[str, object], left: int, style: Style) -> None:
    titles = facts["titles"]
    name = tr(str(titles[one.optimizer])) if isinstance(titles, dict) else one.optimizer
    ink.text(sheet, name, left, TOP - 10, style.text, SMALL + 1, bold=True)
    if "lr" in one.hyper:
        ink.text(sheet, f"μ = {number(one.hyper['lr'])}", left + MAP, TOP - 10, style.faint, SMALL, align=1.0)


def _paste(sheet: RGB, picture: RGB, left: int) -> None:
    rows = np.arange(MAP) * picture.shape[0] // MAP
    columns = np.arange(MAP) * picture.shape[1] // MAP
    sheet[TOP : TOP + MAP, left : left + MAP] = picture[rows[:, None], columns]


def _tick_below(sheet: RGB, at: float, words: str, style: Style) -> None:
    ink.line(sheet, np.array([[at, TOP + MAP], [at, TOP + MAP + 4]]), style.faint)
    ink.text(sheet, words, at, TOP + MAP + 18, style.faint, SMALL - 1, align=0.5)


def _tick_left(sheet: RGB, left: int, at: float, words: str, style: Style) -> None:
    ink.line(sheet, np.array([[left - 4.0, at], [left, at]]), style.faint)
    ink.text(sheet, words, left - 7, at + 4, style.faint, SMALL - 1, align=1.0)


def _marks(sheet: RGB, ends: tuple[Landmark, ...], domain: tuple[float, float, float, float], left: int) -> None:
    x0, x1, y0, y1 = domain
    for number_, mark in zip(numbered(ends), ends, strict=True):
        if not (x0 <= mark.x <= x1 and y0 <= mark.y <= y1):
            continue
        x, y = left + (mark.x - x0) / (x1 - x0) * MAP, TOP + (y1 - mark.y) / (y1 - y0) * MAP
        few = sum(one.kind == mark.kind for one in ends) <= 12
        ink.marker(sheet, "+" if mark.kind == "minimum" else "x", x, y, 4.0, (255, 255, 255), (12, 14, 18))
        if few and mark.kind == "minimum":
            ink.text(sheet, str(number_), x + 8, y - 4, (12, 14, 18), SMALL + 1, bold=True)


def _swatch(sheet: RGB, colour: Colour, words: str, left: int, top: int, style: Style) -> None:
    sheet[top : top + 12, left : left + 18] = style.casing
    sheet[top + 1 : top + 11, left + 1 : left + 17] = colour
    ink.text(sheet, words, left + 26, top + 11, style.text, SMALL)
