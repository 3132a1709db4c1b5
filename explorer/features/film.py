"""A film that flies into a dream: each picture is the one before, enlarged and turned a little, and dreamt on."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

QUALITY = 95  # of the JPEG pictures that a result carries: no difference to see, a twentieth of the bytes


def flown(picture: torch.Tensor, zoom: float, turn: float) -> torch.Tensor:
    """(1, 3, H, W) in 0..1: `picture` enlarged `zoom` times around its middle and turned by `turn` degrees, anticlockwise.

    What comes in at the corners is the picture's mirror image.
    """
    if zoom == 1.0 and turn == 0.0:
        return picture
    height, width = picture.shape[2:]
    angle = np.deg2rad(turn)
    cos, sin = float(np.cos(angle)) / zoom, float(np.sin(angle)) / zoom
    theta = torch.tensor([[[cos, -sin * height / width, 0.0], [sin * width / height, cos, 0.0]]], device=picture.device)
    places = F.affine_grid(theta, list(picture.shape), align_corners=False)
    # Bicubic: a hundred bilinear steps would leave fog.
    return F.grid_sample(picture, places, mode="bicubic", padding_mode="reflection", align_corners=False).clamp_(0.0, 1.0)


def steadied(picture: torch.Tensor, first: torch.Tensor) -> torch.Tensor:
    """`picture` with the mean and the contrast of the film's first one: without it a long film ends in garish colours."""
    contrast = float(first.std(correction=0)) / max(float(picture.std(correction=0)), 1e-6)
    return ((picture - picture.mean()) * min(contrast, 2.0) + first.mean()).clamp_(0.0, 1.0)
