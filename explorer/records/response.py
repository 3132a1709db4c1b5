"""Which channels of a layer answer to a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Responses:
    """`channels`: (N,) int64, the channel that answers most first. `rise`: (N,) float32, how much more its mean activation is

    than for a flat picture of the same mean colour; by this they are ordered. `values`: (N,) float32, its mean activation.
    """

    layer: str
    channels: npt.NDArray[np.int64]
    rise: npt.NDArray[np.float32]
    values: npt.NDArray[np.float32]
    facts: dict[str, Any] = field(default_factory=dict)
