"""From a number to its colour and back: range, gamma and the two kinds of palette. No cv2 here: the window imports it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ZERO = 128  # the palette index of zero in a diverging map; 0 is what is not finite, finite numbers take 1..255


@dataclass(frozen=True)
class Levels:
    """Palette index 1 is `low`, 255 is `high`; a `diverging` palette is symmetric about zero and reaches the larger of both.

    `gamma`: the place t in the range (0..1, or -1..1 about zero) is drawn at t^(1 / gamma): above 1 lifts the faint ones.
    """

    low: float
    high: float
    diverging: bool = False
    gamma: float = 1.0

    @property
    def ends(self) -> tuple[float, float]:
        """What the two ends of the palette stand for."""
        if not self.diverging:
            return self.low, self.high
        reach = max(abs(self.low), abs(self.high))
        return -reach, reach

    def indices(self, values: npt.NDArray[np.floating]) -> npt.NDArray[np.uint8]:
        """(...) uint8 palette indices of (...) `values`; 0 for NaN and infinity."""
        finite = np.isfinite(values)
        clean = np.where(finite, values, 0.0).astype(np.float64)
        low, high = self.ends
        if self.diverging:
            place = np.clip(clean / high, -1.0, 1.0) if high > 0 else np.zeros_like(clean)
            index = ZERO + 0.5 + 127.0 * np.sign(place) * np.abs(place) ** (1 / self.gamma)
        else:
            place = np.clip((clean - low) / (high - low), 0.0, 1.0) if high > low else np.zeros_like(clean)
            index = 1.5 + 254.0 * place ** (1 / self.gamma)
        return np.where(finite, np.clip(index, 1.0, 255.0), 0.0).astype(np.uint8)
