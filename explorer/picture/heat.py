"""A heat as colours over its picture. numpy only: the window imports it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.picture.colour import paint, to_index
from explorer.records.frame import RGB

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
BEYOND = 99.0  # percent of the pixels with heat that the colours tell apart; a few extreme ones would darken all others
VEIL = 0.45  # share of the opacity that darkens the picture where there is no heat: seen still, yet the heat stands out


def scale_end(heat: F32) -> float:
    """The absolute value at which the colours end: the largest one, or less where a few stand out far. 0 for an empty heat."""
    size = np.abs(heat)
    some = size[size > 0]
    if not some.size:
        return 0.0
    most = float(some.max())
    usual = float(np.percentile(some, BEYOND))
    return most if most < 2 * usual else usual


def heat_rgba(heat: F32, end: float, colour_map: str, *, signed: bool, opacity: float) -> U8:
    """(H, W, 4) uint8 RGBA, not premultiplied: colours of `heat` from 0 (or -end) to `end`, more opaque where it is warm."""
    end = end or 1.0
    rgba = np.empty((*heat.shape, 4), np.uint8)
    diverging = signed and colour_map == "diverging"
    colours = paint(to_index(heat if diverging else np.abs(heat), 0.0, end, diverging=diverging), colour_map)
    # The colour in front, as opaque as it is warm, over a black veil: both as one layer.
    front = opacity * np.sqrt(np.clip(np.abs(heat) / end, 0.0, 1.0))
    alpha = 1 - (1 - front) * (1 - VEIL * opacity)
    share = np.divide(front, alpha, out=np.zeros_like(front), where=alpha > 0)
    rgba[..., :3] = np.rint(colours * share[..., None])
    rgba[..., 3] = np.rint(255 * alpha)
    return rgba


def over(rgb: RGB, rgba: U8) -> RGB:
    """`rgba` laid over a picture (H, W, 3) of the same size."""
    alpha = rgba[..., 3:].astype(np.float32) / 255
    return np.rint(rgb * (1 - alpha) + rgba[..., :3] * alpha).astype(np.uint8)


def map_for(signed: bool, chosen: str = "magma") -> str:
    """The colour map of a heat: the diverging one where it has two sides, else the chosen one."""
    return "diverging" if signed else chosen
