"""A kernel slid over a picture: correlation, as the layers of networks do it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.picture.opencv import cv2
from explorer.records.frame import RGB

F32 = npt.NDArray[np.float32]
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # Rec. 601, as cv2 and PIL make grey


def responses(rgb: RGB, kernel: npt.NDArray[np.floating], grey: bool) -> F32:
    """(H, W, 1) or (H, W, 3) float32: the kernel's answer to brightness 0..1 at every pixel of (H, W, 3) uint8 RGB.

    The picture is mirrored at its edges without doubling them (torch's "reflect", scipy's "mirror"). A kernel of even size has
    its middle below and right of the true one.
    """
    bright = rgb.astype(np.float32) / np.float32(255)
    maps = [bright @ LUMA] if grey else [bright[..., channel] for channel in range(3)]
    weights = np.ascontiguousarray(kernel, dtype=np.float32)
    made = [cv2.filter2D(np.ascontiguousarray(one), cv2.CV_32F, weights, borderType=cv2.BORDER_REFLECT_101) for one in maps]
    return np.stack(made, axis=2)


def shown(answer: F32, display: str) -> RGB:
    """(H, W, 1 or 3) float32 -> (H, W, 3) uint8.

    "signed": 128 is zero, the largest size reaches 1 or 255; "absolute": 0 is zero, the largest size reaches 255; "plain": 0..1
    as 0..255, cut.
    """
    if display == "plain":
        levels = answer * 255.0
    else:
        reach = float(np.abs(answer).max())
        scaled = answer / reach if reach > 0 else answer
        levels = 128.0 + 127.0 * scaled if display == "signed" else 255.0 * np.abs(scaled)
    bytes_: RGB = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(bytes_, 3, axis=2) if bytes_.shape[2] == 1 else bytes_)
