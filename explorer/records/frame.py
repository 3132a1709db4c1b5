"""One picture on its way through the program."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RGB = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Frame:
    """`rgb`: (H, W, 3) uint8 RGB, C-contiguous, 1 <= H, W. The one picture format inside the program.

    `seq` counts up within a source and never repeats in a process; `time` is seconds in the source's own clock (a video's
    position, a camera's monotonic time); `source` is a name for people ("coffee", "Camera 0", "street.mp4").
    """

    rgb: RGB
    seq: int = 0
    time: float = 0.0
    source: str = ""

    def __post_init__(self) -> None:
        rgb = self.rgb
        if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
            raise ValueError(f"a Frame is (H, W, 3) uint8, not {rgb.shape} {rgb.dtype}")
        if not rgb.flags.c_contiguous:
            object.__setattr__(self, "rgb", np.ascontiguousarray(rgb))

    @property
    def height(self) -> int:
        """Rows, in pixels."""
        return int(self.rgb.shape[0])

    @property
    def width(self) -> int:
        """Columns, in pixels."""
        return int(self.rgb.shape[1])
