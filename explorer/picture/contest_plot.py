"""The card of a fair race as a picture: loss against gradients with bands, the ranking, every constant. Also the turned valley.

Without Qt, for files.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.i18n import tr
from explorer.picture import ink
from explorer.picture.colour import Colour, optimizer_look
from explorer.picture.contest_chart import contest_axis, cost_axis, shown_gradients
from explorer.picture.opencv import cv2
from explorer.picture.plot import DARK, LIGHT, Box, Style
from explorer.picture.race_chart import ticks
from explorer.records.contest import Contender, Contest, Turned, spoken
from explorer.records.contest_card import constants, cost_text, ends_text, hyper_text, number, place_text
from explorer.records.descent import F64
from explorer.records.frame import RGB

WIDTH, CHART = 1100, 360
TEXT, EDGE, LINE = 14, 24, 22
BAND = 0.16  # how much of a method's colour its band has


def contest_picture(contest: Contest, *, dark: bool = False) -> RGB:
    """(height, 1100, 3) uint8 RGB; as high as the card is long."""
    style = DARK if dark else LIGHT
    told = [piece for what, value in constants(contest) for piece in _wrapped(what, value)]
    rows = contest.ordered()
    height = 3 * EDGE + CHART + 2 * LINE + len(rows) * (3 * LINE + 6) + len(told) * LINE
    rgb = np.empty((height, WIDTH, 3), np.uint8)
    rgb[:] = style.ground
    ink.text(rgb, tr("Fair race") + ": " + tr(str(contest.facts["title"])), EDGE, EDGE + TEXT, style.text, 19, bold=True)
    box = Box(EDGE + 60, 2 * EDGE + LINE, WIDTH - 2 * EDGE - 70, CHART - 2 * LINE)
    _chart(rgb, contest, box, style)
    down = 2 * EDGE + CHART + LINE + 10
    for one in rows:
        down = _row(rgb, one, down, style, contest.request["objective"])
    down += LINE // 2
    cv2.line(rgb, (EDGE, down - LINE), (WIDTH - EDGE, down - LINE), style.grid, 1)
    for what, value in told:
        ink.text(rgb, what, EDGE, down, style.faint, TEXT)
        ink.text(rgb, value, EDGE + 150, down, style.text, TEXT)
        down += LINE
    return rgb


def _wrapped(what: str, value: str) -> list[tuple[str, str]]:
    """A line, or several where it is too long."""
    found: list[tuple[str, str]] = []
    now = ""
    for word in value.split(" "):
        longer = f"{now} {word}".strip()
        if now and ink.text_width(longer, TEXT) > WIDTH - 2 * EDGE - 150:
            found.append((what if not found else "", now))
            longer = word
        now = longer
    return [*found, (what if not found else "", now)]


def _row(rgb: RGB, one: Contender, down: int, style: Style, objective: str) -> int:
    look = optimizer_look(one.optimizer)
    ink.text(rgb, place_text(one), EDGE, down, style.text, TEXT + 1, bold=True)
    ink.marker(rgb, look.marker, EDGE + 52, down - 5, 6.0, look.colour, style.casing)
    ink.text(rgb, tr(one.title), EDGE + 68, down, style.text, TEXT + 1, bold=True)
    ink.text(rgb, cost_text(one, objective), EDGE + 280, down, style.text, TEXT)
    rank = tr("mean rank {rank} ({low} to {high})").format(
        rank=number(one.rank), low=number(one.rank_low), high=number(one.rank_high)
    )
    ink.text(rgb, rank, WIDTH - EDGE, down, style.faint, TEXT, align=1.0)
    ink.text(rgb, hyper_text(one), EDGE + 68, down + LINE, style.faint, TEXT - 1)
    ink.text(rgb, tr("ends: {ends}").format(ends=ends_text(one)), EDGE + 68, down + 2 * LINE, style.faint, TEXT - 1)
    return down + 3 * LINE + 6


def _chart(rgb: RGB, contest: Contest, box: Box, style: Style) -> None:
    axis = contest_axis(contest)
    last = shown_gradients(contest)
    grid = contest.grid[contest.grid <= last]

    def down(values: F64) -> F64:
        placed = box.top + (axis.high - axis.place(values)) / (axis.high - axis.low) * box.height
        clipped: F64 = np.clip(placed, box.top, box.top + box.height)
        return clipped

    for units, words in axis.marks():
        at = box.top + (axis.high - units) / (axis.high - axis.low) * box.height
        _level(rgb, box, float(at), words, style)
    for value in ticks(0.0, last, 8):
        at = box.left + value / last * box.width
        ink.text(rgb, number(value, 6), at, box.top + box.height + 1.4 * TEXT, style.faint, TEXT - 2, align=0.5)
    words = tr("height above the minimum") if axis.logarithmic else tr("value")
    text = f"{words} / " + tr("gradients")
    ink.text(rgb, text, box.left, box.top - 8, style.faint, TEXT - 2)
    goal = float(down(np.array([contest.target]))[0])
    ink.line(rgb, np.array([[box.left, goal], [box.left + box.width, goal]]), style.faint, 1, (6, 4))
    ink.text(rgb, tr("target"), box.left + box.width, goal - 5, style.faint, TEXT - 2, align=1.0)
    across = box.left + grid / last * box.width
    drawn = [one for one in contest.ordered() if len(one.median) == len(contest.grid)]
    curves = [[down(part[: len(grid)]) for part in (one.low, one.median, one.high)] for one in drawn]
    looks = [optimizer_look(one.optimizer) for one in drawn]
    for look, (low, _, high) in zip(looks[::-1], curves[::-1], strict=True):
        _band(rgb, across, low, high, look.colour)
    for look, (_, middle, _) in zip(looks[::-1], curves[::-1], strict=True):
        ink.line(rgb, np.stack([across, middle], 1), look.colour, 2, look.dash)
    for index, (look, (_, middle, _)) in enumerate(zip(looks, curves, strict=True)):
        at = int((0.5 + 0.45 * index / max(1, len(drawn))) * (len(across) - 1))
        ink.marker(rgb, look.marker, float(across[at]), float(middle[at]), 5.5, look.colour, style.casing)


def _level(rgb: RGB, box: Box, at: float, words: str, style: Style) -> None:
    ink.line(rgb, np.array([[box.left, at], [box.left + box.width, at]]), style.grid)
    ink.text(rgb, words, box.left - 8, at + 5, style.faint, TEXT - 2, align=1.0)


def _band(rgb: RGB, across: F64, low: F64, high: F64, colour: Colour) -> None:
    """Fill between two curves, see-through."""
    good = np.isfinite(low) & np.isfinite(high)
    if good.sum() < 2:
        return
    corners = np.concatenate([np.stack([across[good], low[good]], 1), np.stack([across[good], high[good]], 1)[::-1]])
    filled: npt.NDArray[np.int32] = np.rint(corners).astype(np.int32).reshape(-1, 1, 2)
    mask = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(mask, [filled], 255, cv2.LINE_AA)
    share = (mask.astype(np.float32) * (BAND / 255.0))[..., None]
    rgb[:] = np.rint(rgb * (1.0 - share) + np.array(colour, np.float32) * share).astype(np.uint8)


def turned_picture(turned: Turned, *, dark: bool = False) -> RGB:
    """Gradients to the target against the angle, and what the figures say. (height, 1100, 3) uint8 RGB."""
    style = DARK if dark else LIGHT
    told = [piece[1] for sentence in turned.sentences for piece in _wrapped("", spoken(sentence))]
    legend = LINE * ((len(turned.runs) + 3) // 4)
    rgb = np.empty((3 * EDGE + CHART + legend + len(told) * LINE, WIDTH, 3), np.uint8)
    rgb[:] = style.ground
    title = tr("Turned valley") + ", " + tr("condition number {number}").format(number=number(turned.request["condition"]))
    ink.text(rgb, title, EDGE, EDGE + TEXT, style.text, 19, bold=True)
    box = Box(EDGE + 60, 2 * EDGE + LINE, WIDTH - 2 * EDGE - 70, CHART - 2 * LINE)
    axis = cost_axis(turned)
    for share, words in axis.marks():
        _level(rgb, box, box.top + (1.0 - share) * box.height, words, style)
    _level(rgb, box, float(box.top), "∞", style)
    far = float(turned.angles[-1])
    for angle in ticks(0.0, far, 9):
        at = box.left + angle / far * box.width
        ink.text(rgb, f"{number(angle)}°", at, box.top + box.height + 1.4 * TEXT, style.faint, TEXT - 2, align=0.5)
    ink.text(rgb, tr("gradients to the target / angle"), box.left, box.top - 8, style.faint, TEXT - 2)
    across = box.left + turned.angles / far * box.width
    curves = [[box.top + (1.0 - axis.place(one)) * box.height for one in run.curve()] for run in turned.runs]
    for run, (low, _, high) in zip(turned.runs, curves, strict=True):
        _band(rgb, across, low, high, optimizer_look(run.optimizer).colour)
    for run, (_, middle, _) in zip(turned.runs, curves, strict=True):
        look, good = optimizer_look(run.optimizer), np.isfinite(middle)
        ink.line(rgb, np.stack([across[good], middle[good]], 1), look.colour, 2, look.dash)
        for x, y in zip(across[good], middle[good], strict=True):
            ink.marker(rgb, look.marker, float(x), float(y), 5.0, look.colour, style.casing)
    down = 2 * EDGE + CHART + LINE + 10
    for index, run in enumerate(turned.runs):
        look = optimizer_look(run.optimizer)
        left, low_line = EDGE + index % 4 * (WIDTH // 4 - 10), down + index // 4 * LINE
        ink.marker(rgb, look.marker, left + 6, low_line - 5, 5.0, look.colour, style.casing)
        ink.text(rgb, tr(run.title), left + 20, low_line, style.text, TEXT)
    down += legend + LINE // 2
    for line in told:
        ink.text(rgb, line, EDGE, down, style.text, TEXT)
        down += LINE
    return rgb
