"""What a layer does with its input, call by call: heard from torch while the layer runs once more on the same input.

Reading the calls and not the layer's class shows every layer that is written with torch's functions, also one nobody knew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from explorer.engine.taps import first_tensor

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Call:
    """One torch function with its arguments and the first tensor it gave."""

    name: str
    args: tuple[Any, ...]
    named: dict[str, Any]
    output: torch.Tensor

    def get(self, at: int, name: str, default: Any = None) -> Any:
        """An argument by its place or its name."""
        return self.args[at] if at < len(self.args) else self.named.get(name, default)

    @property
    def input(self) -> torch.Tensor:
        """The first argument."""
        return cast(torch.Tensor, self.get(0, "input"))


def calls_of(layer: nn.Module, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[list[Call], Any]:
    """Run the layer alone, without its hooks, and list its calls that gave tensors of real numbers; also what it returned."""
    heard: list[Call] = []

    def hear(_mode: Any, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        tensor = first_tensor(out)
        if tensor is not None and tensor.is_floating_point() and not tensor.is_inference():
            heard.append(Call(getattr(func, "__name__", "").strip("_"), args, kwargs or {}, tensor))
        return out

    mode: Any = type("Hearing", (TorchFunctionMode,), {"__torch_function__": hear})  # torch's class has no types
    with torch.no_grad(), mode():
        output = layer.forward(*arguments, **named)
    return heard, output


@dataclass(frozen=True)
class Padded:
    """A map after the pads in front of an operation: `values` (1, C, H, W); where its rows and columns come from (-1: nowhere),
    and which are the map itself.
    """

    values: torch.Tensor
    rows: I64
    columns: I64
    own_rows: npt.NDArray[np.bool_]
    own_columns: npt.NDArray[np.bool_]
    input_hw: tuple[int, int]


def padded(pads: list[Call], values: torch.Tensor, input_hw: tuple[int, int]) -> Padded:
    """Follow rows and columns through the pads."""
    height, width = input_hw
    grid = torch.stack(
        [
            torch.arange(height, dtype=torch.float64)[:, None].expand(height, width),
            torch.arange(width, dtype=torch.float64)[None].expand(height, width),
        ]
    )[None]
    own = torch.ones(1, 1, height, width)
    for call in pads:
        widths, mode = list(call.get(1, "pad")), str(call.get(2, "mode", "constant"))
        grid = functional.pad(grid, widths, mode=mode, value=-1.0 if mode == "constant" else None)
        own = functional.pad(own, widths)
    return Padded(
        values,
        grid[0, 0].amax(1).numpy().astype(np.int64),
        grid[0, 1].amax(0).numpy().astype(np.int64),
        (own[0, 0].amax(1) > 0).numpy(),
        (own[0, 0].amax(0) > 0).numpy(),
        input_hw,
    )


@dataclass(frozen=True)
class Cut:
    """What a window of a padded map shows. `inside`: (h, w), the map's own numbers; `met`: there are numbers at all."""

    values: npt.NDArray[np.float32]
    inside: npt.NDArray[np.bool_]
    met: npt.NDArray[np.bool_]
    rows: I64
    columns: I64


def cut(source: Padded, channels: I64, rows: I64, columns: I64) -> Cut:
    """(n, h, w) numbers of `channels` at those places; 0 beyond the map."""
    height, width = source.values.shape[-2:]
    in_rows, in_columns = (rows >= 0) & (rows < height), (columns >= 0) & (columns < width)
    safe_rows, safe_columns = rows.clip(0, height - 1), columns.clip(0, width - 1)
    met = in_rows[:, None] & in_columns[None]
    picked = source.values[0, torch.from_numpy(channels)][:, torch.from_numpy(safe_rows)][:, :, torch.from_numpy(safe_columns)]
    values = np.where(met, picked.float().cpu().numpy(), np.float32(0.0)).astype(np.float32)
    own = (source.own_rows[safe_rows] & in_rows)[:, None] & (source.own_columns[safe_columns] & in_columns)[None]
    return Cut(
        values,
        own,
        met,
        np.where(in_rows, source.rows[safe_rows], -1),
        np.where(in_columns, source.columns[safe_columns], -1),
    )


def moved(run: Callable[[torch.Tensor], Any], like: torch.Tensor, index: tuple[Any, ...]) -> int | None:
    """Which number of the input (flat index) a step that only moves numbers has put at `index`; None if it does more than that.

    Asked twice with numbers that tell their place: a step that computes would change them.
    """
    if like.numel() > 2**24 or like.numel() < 1:
        return None
    places = torch.arange(like.numel(), dtype=torch.float64, device=like.device).reshape(like.shape)
    try:
        with torch.no_grad():
            found = [first_tensor(run(numbers)) for numbers in (places, -3.0 * places - 1.0)]
    except (RuntimeError, TypeError, ValueError):
        return None
    if any(tensor is None for tensor in found):
        return None
    first, second = (float(cast(torch.Tensor, tensor)[index]) for tensor in found)
    whole = first == int(first) and 0 <= first < like.numel()
    return int(first) if whole and second == -3.0 * first - 1.0 else None
