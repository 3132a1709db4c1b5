"""The pixels of a contour: bands of colour and lines between them, from levels on a grid. numpy only, no cv2, no Qt.

The window makes one for every new surface, while a slider is dragged too. So it works in strips of rows that stay in the cache,
and mixes colours in a table of all mixtures there are, not pixel by pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.records.frame import RGB

F32 = npt.NDArray[np.float32]
SHADES = 64  # steps from no line to the strongest: one grey value each
STRONGEST = 0.5
STRIP = 48  # rows


@dataclass(frozen=True)
class Taps:
    """Resampling along one side: each of `size` pixels is made of four grid points `at` (4, size) by `weight` (4, size)."""

    at: npt.NDArray[np.intp]
    weight: F32

    @classmethod
    def of(cls, count: int, size: int) -> Taps:
        """Of `count` grid points at the centres of `size` pixels (Catmull-Rom)."""
        places = np.clip((np.arange(size) + 0.5) / size * (count - 1), 0.0, count - 1.0)
        base = np.minimum(places.astype(np.intp), count - 2)
        t = places - base
        parts = (
            ((-0.5 * t + 1.0) * t - 0.5) * t,
            (1.5 * t - 2.5) * t * t + 1.0,
            ((-1.5 * t + 2.0) * t + 0.5) * t,
            (0.5 * t - 0.5) * t * t,
        )
        return cls(np.clip(base + np.arange(-1, 3)[:, None], 0, count - 1), np.array(parts, np.float32))

    def rows(self, a: F32, first: int, last: int) -> F32:
        """The rows first..last-1 of `a` (h, W) resampled: four products, where a matrix would take hundreds."""
        made = a[self.at[0, first:last]]
        made *= self.weight[0, first:last, None]
        for at, weight in zip(self.at[1:, first:last], self.weight[1:, first:last, None], strict=True):
            part = a[at]
            part *= weight
            made += part
        return made

    def columns(self, a: F32) -> F32:
        """All columns of `a` (h, w) resampled: (h, W)."""
        return np.ascontiguousarray(self.rows(np.ascontiguousarray(a.T), 0, self.at.shape[1]).T)


def raster(level: F32, hole: F32 | None, size: tuple[int, int], bands: F32, ink: F32, ground: F32, share: float) -> RGB:
    """(H, W, 3) uint8 RGB of `level`s (h, w), the lowest row first, in `size` (W, H), row 0 at the top.

    `bands`: (B, 3) colours, level k to k + 1 in the k-th; lines of `share` of `ink` lie between them, fading where they would
    touch. `hole`: (h, w) 1 where there is no surface but `ground`.
    """
    width, height = size
    down, across = Taps.of(level.shape[0], height), Taps.of(level.shape[1], width)
    high = np.float32(len(bands) - 1e-3)
    mix = share * np.linspace(0.0, STRONGEST, SHADES, dtype=np.float32)[None, :, None]
    colours = np.rint(bands[:, None] + mix * (ink - bands[:, None])).astype(np.uint8).reshape(-1, 3)
    wide, gaps = across.columns(level[::-1]), None if hole is None else across.columns(hole[::-1])
    made = np.empty((height, width, 3), np.uint8)
    for first in range(0, height, STRIP):
        last = min(first + STRIP, height)
        before, after = max(first - 1, 0), min(last + 1, height)  # the rows that slopes are taken from
        fine = down.rows(wide, before, after)
        np.clip(fine, 0.0, high, out=fine)
        np.take(colours, _mixture(fine, first - before, last - first), axis=0, out=made[first:last], mode="clip")
        if gaps is not None:
            gone = np.clip(down.rows(gaps, first, last), 0.0, 1.0)[..., None]
            some = made[first:last].astype(np.float32)
            made[first:last] = np.rint(some + gone * (ground - some)).astype(np.uint8)
    return made


def _mixture(fine: F32, top: int, count: int) -> npt.NDArray[np.intp]:
    """Band and strength of the line as one number, of `count` rows of levels from row `top` on."""
    here = fine[top : top + count]
    down = np.empty_like(here)
    rows = np.arange(top, top + count)
    above, below = np.maximum(rows - 1, 0), np.minimum(rows + 1, len(fine) - 1)
    if top == 1 and top + count + 1 == len(fine):  # inside: slices, not copies
        np.subtract(fine[2:], fine[:-2], out=down)
        down *= np.float32(0.5)
    else:
        np.subtract(fine[below], fine[above], out=down)
        down /= np.maximum(below - above, 1).astype(np.float32)[:, None]
    across = np.empty_like(here)
    np.subtract(here[:, 2:], here[:, :-2], out=across[:, 1:-1])
    across[:, 1:-1] *= np.float32(0.5)
    across[:, 0], across[:, -1] = here[:, 1] - here[:, 0], here[:, -1] - here[:, -2]
    down *= down
    across *= across
    down += across
    steep = np.sqrt(down, out=down)
    steep += np.float32(1e-6)
    # Distance in pixels to the nearest level, by the first-order rule |u - level| / |grad u|.
    away = np.rint(here, out=across)
    np.maximum(away, np.float32(1.0), out=away)
    np.subtract(here, away, out=away)
    np.abs(away, out=away)
    away /= steep
    strength = np.subtract(np.float32(1.1), away, out=away)
    np.clip(strength, 0.0, 1.0, out=strength)
    fading = np.subtract(np.float32(0.9), steep, out=steep)
    np.clip(fading, 0.0, STRONGEST, out=fading)
    strength *= fading
    strength *= np.float32((SHADES - 1) / STRONGEST)
    which = here.astype(np.intp)
    which *= SHADES
    which += np.rint(strength, out=strength).astype(np.intp)
    return which
