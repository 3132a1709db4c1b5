"""Weighted sums and pools, worked out: convolution, transposed convolution, linear, maximum and average over a window."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from explorer.features.cell import Cell
from explorer.features.numbers_calls import Call, Cut, Padded, cut
from explorer.i18n import N_
from explorer.records.numbers import Term, Window, Worked

F32 = npt.NDArray[np.float32]
SUM = N_("the sum over {count} input channels of window × kernel, plus the bias")
SUM_ALONE = N_("the sum over {count} input channels of window × kernel")
SPREAD = N_(
    "each input cell spreads its value times the kernel over the output: the sum of what {count} input channels put here"
)
LINES = N_("the sum of {count} inputs times their weights, plus the bias")
LINES_ALONE = N_("the sum of {count} inputs times their weights")
HIGHEST = N_("the largest of the {count} values of the window")
MEAN = N_("the sum of the window divided by {count}")


def pair(value: Any) -> tuple[int, int]:
    """torch's "an int or two of them"."""
    if isinstance(value, (tuple, list)):
        return (int(value[0]), int(value[-1]))
    return int(value), int(value)


def convolution(call: Call, source: Padded, cell: Cell) -> Worked:
    """conv2d(input, weight, bias, stride, padding, dilation, groups)."""
    weight, bias = call.get(1, "weight"), call.get(2, "bias")
    stride, dilation = pair(call.get(3, "stride", 1)), pair(call.get(5, "dilation", 1))
    groups, channel = int(call.get(6, "groups", 1)), cell.channel or 0
    kernel = weight.shape[2:]
    padding = _before(call.get(4, "padding", 0), kernel, dilation)
    rows, columns = (
        np.arange(kernel[axis], dtype=np.int64) * dilation[axis] + place * stride[axis] - padding[axis]
        for axis, place in enumerate((cell.y, cell.x))
    )
    inputs = weight.shape[1]
    first = channel // (weight.shape[0] // groups) * inputs
    channels = np.arange(first, first + inputs, dtype=np.int64)
    seen = cut(source, channels, rows, columns)
    return _summed(SUM, SUM_ALONE, seen, _numbers(weight[channel]), channels, _one(bias, channel), source)


def _before(padding: Any, kernel: Any, dilation: tuple[int, int]) -> tuple[int, int]:
    if padding == "same":
        return (kernel[0] - 1) * dilation[0] // 2, (kernel[1] - 1) * dilation[1] // 2
    return (0, 0) if padding == "valid" else pair(padding)


def transposed(call: Call, source: Padded, cell: Cell) -> Worked:
    """conv_transpose2d(input, weight, bias, stride, padding, output_padding, groups, dilation)."""
    weight, bias = call.get(1, "weight"), call.get(2, "bias")
    stride, padding, dilation = (
        pair(call.get(at, name, 1 if name != "padding" else 0)) for at, name in ((3, "stride"), (4, "padding"), (7, "dilation"))
    )
    groups, channel = int(call.get(6, "groups", 1)), cell.channel or 0
    places = []
    for axis, place in enumerate((cell.y, cell.x)):
        reach = place + padding[axis] - np.arange(weight.shape[2 + axis], dtype=np.int64) * dilation[axis]
        places.append(np.where(reach % stride[axis] == 0, reach // stride[axis], -1))
    inputs, outputs = weight.shape[0] // groups, weight.shape[1]
    first = channel // outputs * inputs
    channels = np.arange(first, first + inputs, dtype=np.int64)
    seen = cut(source, channels, places[0], places[1])
    slices = _numbers(weight[first : first + inputs, channel % outputs])
    return _summed(SPREAD, SPREAD, seen, slices, channels, _one(bias, channel), source)


def linear(call: Call, cell: Cell, index: tuple[Any, ...]) -> Worked:
    """linear(input, weight, bias): the inputs of the output's own row."""
    weight, bias = call.get(1, "weight"), call.get(2, "bias")
    unit = int(index[-1])
    inputs = _numbers(call.input[index[:-1]]).reshape(-1, 1, 1)
    zero = np.zeros(1, np.int64)
    everywhere = np.ones((1, 1), np.bool_)
    channels = np.arange(len(inputs), dtype=np.int64)
    seen = Cut(inputs, everywhere, everywhere, zero, zero)
    source = Padded(call.input, zero, zero, everywhere[0], everywhere[0], (1, 1))
    return _summed(LINES, LINES_ALONE, seen, _numbers(weight[unit]).reshape(-1, 1, 1), channels, _one(bias, unit), source)


def _summed(
    with_bias: str, alone: str, seen: Cut, weights: F32, channels: npt.NDArray[np.int64], bias: float | None, source: Padded
) -> Worked:
    """The products summed in float64, slice by slice, then over the slices, then the bias."""
    sums = (seen.values.astype(np.float64) * weights.astype(np.float64)).sum((1, 2))
    chosen = int(np.abs(np.nan_to_num(sums)).argmax())
    window = Window(seen.values, weights, seen.inside, seen.rows, seen.columns, channels, sums, source.input_hw, chosen)
    total = float(sums.sum())
    terms = [Term(N_("sum"), total)]
    if bias is not None:
        terms.append(Term(N_("bias"), bias))
    return Worked(
        "sum",
        alone if bias is None else with_bias,
        total + (bias or 0.0),
        {"count": len(channels)},
        tuple(terms),
        window,
    )


def _one(values: torch.Tensor | None, at: int) -> float | None:
    return None if values is None else float(values[at])


def _numbers(tensor: torch.Tensor) -> F32:
    made: F32 = tensor.detach().float().cpu().numpy()
    return made


def highest(call: Call, source: Padded, cell: Cell) -> Worked:
    """max_pool2d(input, kernel_size, stride, padding, dilation)."""
    rows, columns = _places(call, cell, pair(call.get(4, "dilation", 1)))
    return _highest(cut(source, _own(cell), rows, columns), source, cell)


def average(call: Call, source: Padded, cell: Cell) -> Worked:
    """avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)."""
    rows, columns = _places(call, cell, (1, 1))
    seen = cut(source, _own(cell), rows, columns)
    padding = pair(call.get(3, "padding", 0))
    divisor = call.get(6, "divisor_override")
    if divisor is None:
        height, width = source.values.shape[-2:]
        if bool(call.get(5, "count_include_pad", True)):
            ends = zip((rows, columns), (height, width), padding, strict=True)
            divisor = int(np.prod([int((line < size + pad).sum()) for line, size, pad in ends]))
        else:
            divisor = int(seen.met.sum())
    return _mean(seen, float(divisor), source, cell)


def fitted(call: Call, source: Padded, cell: Cell) -> Worked:
    """adaptive_avg_pool2d, adaptive_max_pool2d(input, output_size).

    Window i of n over a length L goes from floor(i L / n) to ceil((i + 1) L / n).
    """
    spans = []
    for place, length, count in zip((cell.y, cell.x), source.values.shape[-2:], cell.map_hw, strict=True):
        spans.append(np.arange(place * length // count, -(-(place + 1) * length // count), dtype=np.int64))
    seen = cut(source, _own(cell), spans[0], spans[1])
    return _highest(seen, source, cell) if "max" in call.name else _mean(seen, float(seen.met.sum()), source, cell)


def _places(call: Call, cell: Cell, dilation: tuple[int, int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    kernel = pair(call.get(1, "kernel_size"))
    given = call.get(2, "stride")
    stride = kernel if given is None or (isinstance(given, (list, tuple)) and not given) else pair(given)
    padding = pair(call.get(3, "padding", 0))
    rows, columns = (
        np.arange(kernel[axis], dtype=np.int64) * dilation[axis] + place * stride[axis] - padding[axis]
        for axis, place in enumerate((cell.y, cell.x))
    )
    return rows, columns


def _own(cell: Cell) -> npt.NDArray[np.int64]:
    return np.array([cell.channel or 0], np.int64)


def _highest(seen: Cut, source: Padded, cell: Cell) -> Worked:
    values = np.where(seen.met, seen.values[0].astype(np.float64), -np.inf)
    at = int(np.argmax(np.where(np.isnan(values), np.inf, values)))
    winner = (at // values.shape[1], at % values.shape[1])
    total = float(values[winner])
    return Worked(
        "pool",
        HIGHEST,
        total,
        {"count": int(seen.met.sum())},
        (Term(N_("largest"), total),),
        _pool_window(seen, source, cell, winner),
    )


def _mean(seen: Cut, divisor: float, source: Padded, cell: Cell) -> Worked:
    total = float(seen.values.astype(np.float64).sum())
    return Worked(
        "pool",
        MEAN,
        total / divisor,
        {"count": int(divisor)},
        (Term(N_("sum"), total), Term(N_("divided by"), divisor)),
        _pool_window(seen, source, cell, None),
    )


def _pool_window(seen: Cut, source: Padded, cell: Cell, winner: tuple[int, int] | None) -> Window:
    none = np.zeros((0, 0, 0), np.float32)
    sums = seen.values.astype(np.float64).sum((1, 2))
    return Window(seen.values, none, seen.inside, seen.rows, seen.columns, _own(cell), sums, source.input_hw, 0, winner)
