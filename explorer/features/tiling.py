"""Many small maps to one sheet of palette indices, on the device that holds them: uint8 is what comes down."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from explorer.picture import grid
from explorer.records.picture import Grid

BAD = 0  # the palette index of gaps and of numbers that are not finite; finite numbers take 1..255
ZERO = 128  # the palette index of zero in a diverging map


@dataclass(frozen=True, eq=False)
class Painted:
    """`indices`: (count, h, w) uint8; `low`, `high`: (count,) float32, what index 1 and 255 stand for; `bad`: (count,) int64.

    `least`, `most`: (count,) float32, each map's own finite range whatever the palette's; 0 where nothing is finite.
    """

    indices: torch.Tensor
    low: torch.Tensor
    high: torch.Tensor
    bad: torch.Tensor
    least: torch.Tensor
    most: torch.Tensor


def grid_for(count: int, height: int, width: int) -> Grid:
    """The grid of `count` maps. Single numbers (the output of a linear layer) make a strip without gaps, wrapped when long."""
    if height > 1 or width > 1:
        return grid.grid_for(count, height, width)
    if count <= 32:
        return Grid(count, 1, 1, count, 0)
    return grid.grid_for(count, 1, 1, gap=0, aspect=4.0)


def paint(values: torch.Tensor, diverging: bool, per_map: bool) -> Painted:
    """Palette indices of (count, h, w) float32 `values`: stretched over each map's own range or the range of all.

    Diverging palettes are symmetric: 128 is zero. What is not finite becomes index 0 and is counted.
    """
    least, most = values.amin(dim=(1, 2)), values.amax(dim=(1, 2))
    bad = torch.zeros(len(values), dtype=torch.int64, device=values.device)
    finite: torch.Tensor | None = None
    if not bool((torch.isfinite(least) & torch.isfinite(most)).all()):
        finite = torch.isfinite(values)
        bad = (~finite).sum(dim=(1, 2))
        none = bad == values[0].numel()
        least = torch.where(finite, values, torch.inf).amin(dim=(1, 2)).masked_fill(none, 0.0)
        most = torch.where(finite, values, -torch.inf).amax(dim=(1, 2)).masked_fill(none, 0.0)
        values = values.masked_fill(~finite, 0.0)
    low, high = (least, most) if per_map else (least.min().expand_as(least), most.max().expand_as(most))
    if diverging:
        high = torch.maximum(low.abs(), high.abs())
        low = -high
        start, first, steps = torch.zeros_like(low), ZERO + 0.5, 127.0 / high
    else:
        start, first, steps = low, 1.5, 254.0 / (high - low)
        if bool(torch.isinf(high - low).any()):  # a range beyond float32 itself
            values, start, steps = values / 4, low / 4, 254.0 / (high / 4 - low / 4)
    steps = torch.where(torch.isfinite(steps), steps, 0.0)  # a flat map: every pixel takes the first index
    scaled = (values - start[:, None, None]).mul_(steps[:, None, None]).add_(first).clamp_(1.0, 255.0)
    indices = scaled.to(torch.uint8)
    if finite is not None:
        indices.masked_fill_(~finite, BAD)
    return Painted(indices, low.contiguous(), high.contiguous(), bad, least, most)


def lay_out(tiles: torch.Tensor, places: Grid) -> torch.Tensor:
    """The sheet of (count, h, w) or (count, h, w, 3) uint8 `tiles`, gaps 0, by two strided copies and no loop."""
    step_y, step_x = places.tile_h + places.gap, places.tile_w + places.gap
    rest = tuple(tiles.shape[3:])
    sheet = torch.zeros((places.rows * step_y, places.columns * step_x, *rest), dtype=torch.uint8, device=tiles.device)
    cells = sheet.view(places.rows, step_y, places.columns, step_x, *rest)[:, : places.tile_h, :, : places.tile_w]
    full, left = divmod(places.count, places.columns)
    split = full * places.columns
    cells[:full].transpose(1, 2).copy_(tiles[:split].view(full, places.columns, places.tile_h, places.tile_w, *rest))
    if left:
        cells[full, :, :left].transpose(0, 1).copy_(tiles[split:])
    return sheet[: places.height, : places.width].contiguous()
