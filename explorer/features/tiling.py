"""Many small maps to one sheet of palette indices, on the device that holds them: uint8 is what comes down."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch.nn import functional

from explorer.picture import grid
from explorer.records.picture import Grid
from explorer.records.statistics import Statistics

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


@lru_cache(maxsize=64)
def grid_for(count: int, height: int, width: int) -> Grid:
    """The grid of `count` maps. Single numbers (the output of a linear layer) make a strip without gaps, wrapped when long."""
    if height > 1 or width > 1:
        return grid.grid_for(count, height, width)
    if count <= 32:
        return Grid(count, 1, 1, count, 0)
    return grid.grid_for(count, 1, 1, gap=0, aspect=4.0)


def paint(
    values: torch.Tensor,
    diverging: bool,
    per_map: bool,
    *,
    stats: Statistics | None = None,
    fixed: tuple[float, float] | None = None,
    gamma: float = 1.0,
) -> Painted:
    """Palette indices of (count, h, w) float32 `values`: stretched over each map's own range, the range of all, or `fixed`.

    Diverging palettes are symmetric: 128 is zero. What is not finite becomes index 0 and is counted. `stats`: of the maps,
    where they are known already; `values` may then be means of what they are of. For one map in numpy: picture.levels.
    """
    if stats is None:
        least, most = values.amin(dim=(1, 2)), values.amax(dim=(1, 2))
        clean = bool((torch.isfinite(least) & torch.isfinite(most)).all())
    else:
        least, most = (torch.from_numpy(end).to(values) for end in (stats.least, stats.most))
        clean = bool((stats.finite == stats.size).all())
    bad = torch.zeros(len(values), dtype=torch.int64, device=values.device)
    finite: torch.Tensor | None = None
    if not clean:
        finite = torch.isfinite(values)
        bad = (~finite).sum(dim=(1, 2))
        none = bad == values[0].numel()
        if stats is None:
            least = torch.where(finite, values, torch.inf).amin(dim=(1, 2)).masked_fill(none, 0.0)
            most = torch.where(finite, values, -torch.inf).amax(dim=(1, 2)).masked_fill(none, 0.0)
        values = values.masked_fill(~finite, 0.0)
    if fixed is not None:
        low, high = (torch.full_like(least, end) for end in fixed)
    else:
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
    scaled = (values - start[:, None, None]).mul_(steps[:, None, None])
    if gamma != 1.0:
        span = 127.0 if diverging else 254.0
        signs = torch.sign(scaled) if diverging else 1.0
        scaled = scaled.abs_() if diverging else scaled.clamp_(min=0.0)
        scaled = scaled.div_(span).pow_(1.0 / gamma).mul_(span).mul_(signs)
    scaled = scaled.add_(first).clamp_(1.0, 255.0)
    indices = scaled.to(torch.uint8)
    if finite is not None:
        indices.masked_fill_(~finite, BAD)
    return Painted(indices, low.contiguous(), high.contiguous(), bad, least, most)


def reduction(count: int, height: int, width: int, limit: int) -> int:
    """The smallest whole factor by which maps must shrink in both directions for all numbers to be at most `limit` (0: any)."""
    factor = 1
    while limit and count * -(-height // factor) * -(-width // factor) > limit and factor < max(height, width):
        factor += 1
    return factor


def reduced(values: torch.Tensor, factor: int) -> torch.Tensor:
    """(count, h, w) -> (count, ceil(h / factor), ceil(w / factor)): means of squares, of what is there at the border."""
    if factor == 1:
        return values
    return functional.avg_pool2d(values[None], factor, ceil_mode=True, count_include_pad=False)[0]


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
