"""What the window and the picture files draw alike of a race: contour, ticks, loss axis, words. numpy only, no cv2, no Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.i18n import N_, figures, listed
from explorer.picture.colour import Colour, palette
from explorer.picture.contour_raster import raster
from explorer.records.descent import F64, Race, SurfaceSamples, Trajectory
from explorer.records.frame import RGB

F32 = npt.NDArray[np.float32]
BANDS = 14
LOWEST = 1e-15  # heights below this are noise of float64
DARK_GROUND, LIGHT_GROUND = (20, 23, 28), (250, 250, 251)


def contour(samples: SurfaceSamples, width: int, height: int, *, dark: bool, colour_map: str = "cividis") -> RGB:
    """(height, width, 3) uint8 RGB: filled bands and antialiased level lines; row 0 is the top of the plot (largest y).

    Levels are spaced as `level_scale` says. Holes of the surface stay in the ground colour.
    """
    level = levels_of(samples)
    hole = ~np.isfinite(level)
    solid = np.where(hole, 0.0, level).astype(np.float32)
    table, ground = bands(colour_map, dark)
    ink = np.array((255, 255, 255) if dark else (25, 45, 65), np.float32)
    holes = hole.astype(np.float32) if hole.any() else None
    return raster(solid, holes, (width, height), table, ink, np.array(ground, np.float32), 0.42 if dark else 0.55)


@dataclass(frozen=True)
class LevelScale:
    """How heights become levels 0..BANDS: the share of [low, high], to a `power` or, where there are `decades`, by logarithm.

    What is higher or lower counts as `high` or `low`; level and height are in the same order everywhere.
    """

    low: float
    high: float
    power: float = 1.0
    decades: float = 0.0

    def of(self, z: F64) -> F64:
        """Heights as levels; NaN stays."""
        if not self.high > self.low:
            return np.where(np.isfinite(z), BANDS // 2 + 0.5, np.nan)
        share = np.clip((z - self.low) / (self.high - self.low), 0.0, 1.0)
        if self.decades:
            most = 10.0**self.decades
            return np.asarray(np.log1p(share * most) / math.log1p(most) * BANDS, dtype=np.float64)
        return np.asarray(share**self.power * BANDS, dtype=np.float64)


DECADES = 4.0  # of logarithmic levels, from the highest down


def level_scale(samples: SurfaceSamples) -> LevelScale:
    """The scale of a surface's levels, as its facts ask for: "balanced" (a power puts the median height in the middle, so that
    valleys show as well as walls), "linear" or "logarithmic" (above the lowest)."""
    finite = samples.z[np.isfinite(samples.z)]
    if not len(finite):
        return LevelScale(0.0, 0.0)
    low, high = float(finite.min()), float(finite.max())
    below, middle, above = (float(one) for one in np.percentile(finite, (5.0, 50.0, 95.0)))
    if middle - low > 5.0 * (middle - below) > 0.0:  # a pole, as of 1/x: the rest of the surface would be one band
        low, high = below, above if high - middle > 5.0 * (above - middle) > 0.0 else high
    how = samples.facts.get("levels", "balanced")
    if high <= low or how == "linear":
        return LevelScale(low, high)
    if how == "logarithmic":
        return LevelScale(low, high, decades=DECADES)
    share = (float(np.median(finite)) - low) / (high - low)
    return LevelScale(low, high, min(max(math.log(0.5) / math.log(min(max(share, 1e-9), 0.99)), 1 / 6), 1.5))


def levels_of(samples: SurfaceSamples) -> F64:
    """(H, W) float64 levels of a surface, 0..BANDS; NaN in holes."""
    return level_scale(samples).of(samples.z)


def bands(colour_map: str, dark: bool) -> tuple[F32, Colour]:
    """(BANDS, 3) float32 band colours, and the ground. The map is dimmed so that trails stand out; its order stays."""
    whole = palette(colour_map).astype(np.float32)
    colours = whole[np.linspace(0, 255, BANDS).astype(np.int64)]
    ground = DARK_GROUND if dark else LIGHT_GROUND
    share = 0.46 if dark else 0.45
    return (np.array(ground, np.float32) * (1.0 - share) + colours * share).astype(np.float32), ground


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers (1, 2, 5 times a power of ten) within [low, high], about that many."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low]
    raw = span / max(1, about)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(size * power for size in (1.0, 2.0, 5.0, 10.0) if size * power >= raw * 0.8)
    first = math.ceil(low / step - 1e-9)
    return [round(index * step, 12) for index in range(first, math.floor(high / step + 1e-9) + 1)]


def number(value: float, digits: int = 3) -> str:
    """A value for people: few digits, a real minus sign and the language's decimal mark, powers of ten where it is very small
    or large."""
    text = f"{value:.{digits}g}" if math.isfinite(value) else "–"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return figures(text.replace("-", "−"))


def pair(x: float, y: float, digits: int = 3) -> str:
    """A place for people: "(0.5, −1)"."""
    return f"({listed((number(x, digits), number(y, digits)))})"


@dataclass(frozen=True)
class LossAxis:
    """How values become heights of the loss chart. `logarithmic`: log10 of the height above `floor`; else the value itself.

    `low`, `high`: what the axis shows, in those units. A surface without a known minimum has no floor: its axis is linear.
    """

    logarithmic: bool
    floor: float
    low: float
    high: float

    def place(self, values: F64) -> F64:
        """Axis units of `values`, clipped just outside [low, high]."""
        above = np.log10(np.maximum(values - self.floor, LOWEST))
        units = above if self.logarithmic else np.asarray(values, dtype=np.float64)
        margin = 0.5 * (self.high - self.low)
        placed: F64 = np.clip(np.nan_to_num(units, nan=self.high), self.low - margin, self.high + margin)
        return placed

    def marks(self) -> list[tuple[float, str]]:
        """(axis units, text) of the ticks."""
        if not self.logarithmic:
            return [(value, number(value)) for value in ticks(self.low, self.high, 4)]
        step = max(1, round((self.high - self.low) / 5))
        whole = range(math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9) + 1, step)
        return [(float(power), f"1e{power}".replace("-", "−") if abs(power) > 2 else number(10.0**power)) for power in whole]


def loss_axis(race: Race) -> LossAxis:
    """The axis that shows every run of `race`."""
    minima = [mark.value for mark in race.surface.landmarks if mark.kind == "minimum"]
    values = np.concatenate([run.values for run in race.runs]) if race.runs else np.zeros(1)
    values = values[np.isfinite(values)] if np.isfinite(values).any() else np.zeros(1)
    if minima:
        floor = min(minima)
        heights = np.maximum(values - floor, 1e-12)
        low = max(math.floor(math.log10(float(heights.min()))), -10)
        high = min(math.ceil(math.log10(float(heights.max()))), 12)
        return LossAxis(True, floor, float(low), float(max(high, low + 1)))
    finite = race.surface.z[np.isfinite(race.surface.z)]
    bottom = float(finite.min()) if len(finite) else float(values.min())
    top = max(float(run.values[0]) for run in race.runs) if race.runs else float(values.max())
    top = top if math.isfinite(top) else float(values.max())
    if top <= bottom:
        top, bottom = bottom + 1.0, top
    return LossAxis(False, 0.0, bottom, top + 0.05 * (top - bottom))


STATUS = {
    "running": N_("on its way after {step} steps"),
    "converged": N_("arrived at step {step}"),
    "left the plot": N_("left the plot at step {step}"),
    "not finite": N_("no number any more at step {step}"),
    "does not fit": N_("needs a sum of squares"),
}


def status_template(run: Trajectory) -> str:
    """English message key that says how a run ended; fill in `step`."""
    return STATUS.get(run.status, STATUS["running"])


def shown_steps(run: Trajectory) -> int:
    """The last step worth showing: who left the plot is followed to its edge."""
    return min(run.steps, run.status_step) if run.status == "left the plot" else run.steps


def last_step(race: Race) -> int:
    """The last step of the playing: the longest shown path's."""
    return max((shown_steps(run) for run in race.runs), default=0)


def pixels(points: F64, race: Race, left: float, top: float, width: float, height: float) -> F64:
    """(N, 2) float64 pixel places of surface points in the rectangle, y upwards; clipped far outside (row 41)."""
    x0, x1, y0, y1 = race.surface.x[0], race.surface.x[-1], race.surface.y[0], race.surface.y[-1]
    across = left + (points[:, 0] - x0) / (x1 - x0) * width
    down = top + (y1 - points[:, 1]) / (y1 - y0) * height
    return np.stack([np.clip(across, left - 4 * width, left + 5 * width), np.clip(down, top - 4 * height, top + 5 * height)], 1)


def _regular(count: int, turn: float) -> list[tuple[float, float]]:
    return [(math.sin(turn + 2 * math.pi * k / count), -math.cos(turn + 2 * math.pi * k / count)) for k in range(count)]


def _star() -> list[tuple[float, float]]:
    return [(x * r, y * r) for (x, y), r in zip(_regular(10, 0.0), (1.2, 0.5) * 5, strict=True)]


def _cross(turn: float) -> list[tuple[float, float]]:
    c, s, a = math.cos(turn), math.sin(turn), 0.32
    raw = [(a, a), (a, 1), (-a, 1), (-a, a), (-1, a), (-1, -a), (-a, -a), (-a, -1), (a, -1), (a, -a), (1, -a), (1, a)]
    return [(x * c - y * s, x * s + y * c) for x, y in raw]


# Corners of the markers of picture.colour.Look, radius about 1, y downwards; what is not here ("o") is a circle.
SHAPES: dict[str, list[tuple[float, float]]] = {
    "s": [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)],
    "t": _regular(3, math.pi),
    "t1": _regular(3, 0.0),
    "t2": _regular(3, math.pi / 2),
    "t3": _regular(3, -math.pi / 2),
    "d": _regular(4, 0.0),
    "p": _regular(5, 0.0),
    "h": _regular(6, 0.0),
    "star": _star(),
    "+": _cross(0.0),
    "x": _cross(math.pi / 4),
}
