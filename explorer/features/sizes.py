"""Between uint8 pictures and tensors, resizing, octaves, tiles, and gradients whose bands are equally strong."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F

from explorer.records.frame import RGB


def to_rgb(picture: torch.Tensor) -> RGB:
    """(H, W, 3) uint8 of (3, H, W) or the first of (B, 3, H, W) float 0..1, rounded to the nearest."""
    first = picture.detach()[0] if picture.ndim == 4 else picture.detach()
    scaled = (first.clamp(0.0, 1.0) * 255.0).round_().to(torch.uint8)
    return np.ascontiguousarray(scaled.permute(1, 2, 0).cpu().numpy())


def to_tensor(rgb: RGB, device: torch.device | str = "cpu") -> torch.Tensor:
    """(1, 3, H, W) float32 0..1 of (H, W, 3) uint8."""
    writable = torch.from_numpy(np.array(rgb))
    return writable.permute(2, 0, 1)[None].to(device).to(torch.float32).div_(255.0).contiguous()


def resized(picture: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """(1, C, height, width): bilinear, averaged when shrinking so that nothing flickers."""
    if tuple(picture.shape[2:]) == (height, width):
        return picture
    return F.interpolate(picture, size=(height, width), mode="bilinear", antialias=True, align_corners=False)


def octave_sizes(height: int, width: int, longest: int, octaves: int, scale: float, shortest: int) -> list[tuple[int, int]]:
    """(height, width) of each octave, small to large; the last has `longest` as its longer side.

    Octaves whose shorter side would fall under `shortest` are left out, never the last one.
    """
    factor = longest / max(height, width)
    full = (max(1, round(height * factor)), max(1, round(width * factor)))
    sizes = [full]
    for power in range(1, octaves):
        size = (round(full[0] / scale**power), round(full[1] / scale**power))
        if min(size) < shortest:
            break
        sizes.append(size)
    return sizes[::-1]


def tiles_of(height: int, width: int, side: int, phase: tuple[int, int] = (0, 0)) -> list[tuple[slice, slice]]:
    """Tiles that cover a picture without overlap, none larger than `side`; `phase` moves their edges by so many pixels.

    `side` 0, or a picture that fits: one tile. A strip that would be thinner than half a tile shares with its neighbour.
    """
    rows, columns = _cuts(height, side, phase[0]), _cuts(width, side, phase[1])
    return [(down, across) for down in rows for across in columns]


def _cuts(length: int, side: int, phase: int) -> list[slice]:
    if side <= 0 or length <= side:
        return [slice(0, length)]
    edges = [0, *range(phase % side or side, length, side), length]
    if len(edges) > 2 and edges[1] < side // 2:  # share: two pieces of equal size instead of a sliver and a whole
        edges[1] = (edges[0] + edges[2]) // 2
    if len(edges) > 2 and edges[-1] - edges[-2] < side // 2:
        edges[-2] = (edges[-3] + edges[-1]) // 2
    return [slice(low, high) for low, high in pairwise(edges)]


def even_bands(gradient: torch.Tensor, levels: int = 3) -> torch.Tensor:
    """`gradient` with each band of its Laplacian pyramid brought to the same strength, then to unit mean size.

    Without it the finest details win every step; with it small and large forms grow together.
    """
    bands, rest = [], gradient
    for _ in range(levels):
        if min(rest.shape[2:]) < 16:
            break
        small = F.avg_pool2d(rest, 2)
        bands.append(rest - F.interpolate(small, size=rest.shape[2:], mode="bilinear", align_corners=False))
        rest = small
    total = rest / rest.std(correction=0).clamp_min(1e-12)
    for band in reversed(bands):
        total = F.interpolate(total, size=band.shape[2:], mode="bilinear", align_corners=False)
        total = total + band / band.std(correction=0).clamp_min(1e-12)
    return total / total.abs().mean().clamp_min(1e-12)
