"""The linear pieces of a network over its two inputs as colours.

The hue says which way the output rises, the strength how steeply. numpy only, no cv2: the window paints the outlines with
the same colours.
"""

from __future__ import annotations

import colorsys

import numpy as np

from explorer.records.frame import RGB
from explorer.records.neural import LinearRegions

EDGE = 0.55  # of its colour is left to a pixel beside another piece


def piece_colours(record: LinearRegions, *, dark: bool) -> RGB:
    """(R, 3) uint8 RGB, one for each piece; a flat piece is nearly without colour."""
    steep = np.hypot(record.slopes[:, 0], record.slopes[:, 1])
    share = steep / max(float(steep.max(initial=0.0)), 1e-300)
    hue = np.arctan2(record.slopes[:, 1], record.slopes[:, 0]) / (2 * np.pi) % 1.0
    value = 0.28 + 0.6 * share if dark else 1.0 - 0.25 * share
    rows = zip(hue.tolist(), (0.15 + 0.55 * share).tolist(), value.tolist(), strict=True)
    colours = np.array([colorsys.hsv_to_rgb(*row) for row in rows]).reshape(-1, 3)
    return np.asarray(np.rint(colours * 255), np.uint8)


def pieces_map(record: LinearRegions, *, dark: bool = True) -> RGB:
    """(H, W, 3) uint8 RGB of the grid, row 0 the top of the plot (largest y), a darker pixel where two pieces meet."""
    labels = record.labels[::-1]
    rgb = piece_colours(record, dark=dark)[labels].astype(np.float64)
    edge = np.zeros(labels.shape, bool)
    edge[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    edge[1:] |= labels[1:] != labels[:-1]
    rgb[edge] *= EDGE
    return np.ascontiguousarray(np.rint(rgb), np.uint8)
