"""Known kernels as numbers: edges, blobs, waves. (rows, columns) float64, correlated with the picture, not convolved.

Positive weights lie where brightness raises the answer: sobel_x answers to dark-left, bright-right.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


def preset(
    name: str, size: int = 3, sigma: float = 1.0, wavelength: float = 4.0, angle: float = 0.0, phase: float = 90.0
) -> F64:
    """The kernel called `name`, (size, size). `sigma`, `wavelength` in pixels, `angle`, `phase` in degrees.

    Raises KeyError for an unknown name, ValueError for an even size or one below 3.
    """
    if size < 3 or size % 2 == 0:
        raise ValueError(f"a kernel has an odd number of rows from 3 on, not {size}")
    if name == "gaussian":
        return gaussian(size, sigma)
    if name == "gabor":
        return gabor(size, sigma, wavelength, angle, phase)
    plain: dict[str, Callable[[int], F64]] = {
        "sobel_x": lambda side: np.outer(_smooth(side), _slope(side)),
        "sobel_y": lambda side: np.outer(_slope(side), _smooth(side)),
        "laplacian": _laplacian,
        "sharpen": lambda side: _one(side) - _laplacian(side),
        "emboss": _emboss,
        "box": lambda side: np.full((side, side), 1.0 / side**2),
        "identity": _one,
    }
    return plain[name](size)


def gaussian(size: int, sigma: float) -> F64:
    """A round hill whose numbers add up to 1."""
    away = np.arange(size) - size // 2
    hill = np.exp(-(away**2) / (2 * sigma**2))
    made: F64 = np.outer(hill, hill) / hill.sum() ** 2
    return made


def gabor(size: int, sigma: float, wavelength: float, angle: float, phase: float) -> F64:
    """A wave of `wavelength` across the direction `angle` under a hill of width `sigma`, freed of its mean.

    cos(2 pi u / wavelength - phase) with u = x cos(angle) + y sin(angle), y downwards, minus so much of the hill that the
    numbers add up to 0: an even picture gives no answer.
    """
    away = np.arange(size) - size // 2
    x, y = np.meshgrid(away, away)
    turn = np.deg2rad(angle)
    along = x * np.cos(turn) + y * np.sin(turn)
    hill = np.exp(-(x**2 + y**2) / (2 * sigma**2))
    wave = hill * np.cos(2 * np.pi * along / wavelength - np.deg2rad(phase))
    made: F64 = np.round(wave - hill * wave.sum() / hill.sum(), 12) + 0.0  # zeros are zeros
    return made


def normalised(kernel: F64, how: str) -> F64:
    """`kernel` divided by its "sum" or by the sum of its "absolute" numbers; as it is for "none", or where that is zero."""
    whole = {"none": 1.0, "sum": float(kernel.sum()), "absolute": float(np.abs(kernel).sum())}[how]
    return kernel / whole if abs(whole) > 1e-9 else kernel


def resized(kernel: F64, rows: int, columns: int) -> F64:
    """The middle of `kernel` in a kernel of another size: cut, or surrounded by zeros."""
    made = np.zeros((rows, columns))
    taken = [min(new, old) for new, old in zip((rows, columns), kernel.shape, strict=True)]
    to = [(new - side) // 2 for new, side in zip((rows, columns), taken, strict=True)]
    of = [(old - side) // 2 for old, side in zip(kernel.shape, taken, strict=True)]
    made[to[0] : to[0] + taken[0], to[1] : to[1] + taken[1]] = kernel[of[0] : of[0] + taken[0], of[1] : of[1] + taken[1]]
    return made


def _smooth(size: int) -> F64:
    """1 2 1, 1 4 6 4 1, ...: a row of Pascal's triangle."""
    return np.array([comb(size - 1, k) for k in range(size)], dtype=np.float64)


def _slope(size: int) -> F64:
    """-1 0 1, -1 -2 0 2 1, ...: the smoothed difference."""
    return np.convolve(_smooth(size - 2) if size > 3 else np.ones(1), [-1.0, 0.0, 1.0])


def _laplacian(size: int) -> F64:
    """Second differences of both directions added: 0 1 0, 1 -4 1, 0 1 0, and its smoothed forms."""
    bend = np.convolve(_smooth(size - 2) if size > 3 else np.ones(1), [1.0, -2.0, 1.0])
    calm = _one(size)[size // 2] if size == 3 else _smooth(size)
    both: F64 = np.outer(bend, calm) + np.outer(calm, bend)
    both *= 4 / np.abs(both).max()
    return both


def _one(size: int) -> F64:
    made = np.zeros((size, size))
    made[size // 2, size // 2] = 1.0
    return made


def _emboss(size: int) -> F64:
    """-2 -1 0, -1 1 1, 0 1 2: light from the upper left."""
    away = np.arange(size) - size // 2
    made: F64 = np.clip(away[:, None] + away[None, :], -2.0, 2.0)
    made[size // 2, size // 2] = 1.0
    return made
