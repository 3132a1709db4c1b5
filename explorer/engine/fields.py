"""The theoretical receptive field by formula: which stretch of the input one value of a map can have seen.

Along one axis the value at place o has seen the input from o * jump + first to o * jump + last. A convolution or pooling of
kernel k, stride s, padding p, dilation d makes of that

    first - p * jump,   last + ((k - 1) * d - p) * jump,   jump * s

Where branches meet, the field reaches from the lowest first to the highest last. The rules below are for torch's basic
operations, so that a network written with functions is followed as well as one written with modules. Enlarging gives an
upper bound (`bound`), a mean over the map sees the `whole` picture; what no rule is known for is None from there on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

aten: Any = torch.ops.aten


@dataclass(frozen=True)
class Axis:
    """See the module. Input pixels; `jump` is how far the field moves from one value to its neighbour."""

    first: float = 0.0
    last: float = 0.0
    jump: float = 1.0

    @property
    def size(self) -> float:
        """Pixels of the input along this axis."""
        return self.last - self.first + 1

    def slid(self, kernel: int, stride: int, padding: int, dilation: int) -> Axis:
        """Behind a convolution or pooling."""
        reach = (kernel - 1) * dilation
        return Axis(self.first - padding * self.jump, self.last + (reach - padding) * self.jump, self.jump * stride)


@dataclass(frozen=True)
class Field:
    """The field of one tensor: down and across. `whole`: every value sees the whole picture. `bound`: at most this large.

    `flat`: the map lies in one row (flattened), so a linear layer behind it sees all of it.
    """

    down: Axis = Axis()
    across: Axis = Axis()
    whole: bool = False
    bound: bool = False
    flat: bool = False


INPUT = Field()
WHOLE = Field(whole=True)
Rule = Callable[[Field, tuple[Any, ...], torch.Tensor, torch.Tensor], Field | None]


def after(func: Any, args: tuple[Any, ...], given: Sequence[tuple[torch.Tensor, Field | None]], out: Any) -> Field | None:
    """The field of `out` = func(*args), where `given` are those of its tensors that come from the input, with their fields."""
    if not isinstance(out, torch.Tensor):
        out = next((item for item in out if isinstance(item, torch.Tensor)), None) if isinstance(out, (tuple, list)) else None
    if out is None or not given:
        return None
    if any(field is not None and field.whole for _, field in given):
        return WHOLE
    fields = [field for _, field in given if field is not None]
    if len(fields) < len(given):
        return None
    packet = func._overloadpacket
    source = given[0][0]
    if packet in RULES:
        return RULES[packet](fields[0], args, source, out)
    if torch.Tag.pointwise in func.tags or packet in KEEPS:
        return _together(fields) if all(_same_map(tensor, out) for tensor, _ in given) else None
    if packet is aten.cat:
        dimension = (args[1] if len(args) > 1 else 0) % out.ndim
        return _together(fields) if out.ndim != 4 or dimension == 1 else None
    if func.is_view or packet in (aten._unsafe_view, aten.view_copy, aten.clone):
        return _viewed(fields[0], source, out)
    return None


def _same_map(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.shape[2:] == other.shape[2:] if one.ndim == other.ndim == 4 else one.ndim == other.ndim


def _together(fields: Sequence[Field]) -> Field | None:
    """The union over branches; None where they do not move alike."""
    head = fields[0]
    if any((field.down.jump, field.across.jump) != (head.down.jump, head.across.jump) for field in fields):
        return None
    down, across = (
        Axis(min(one.first for one in axes), max(one.last for one in axes), axes[0].jump)
        for axes in ([field.down for field in fields], [field.across for field in fields])
    )
    return Field(down, across, bound=any(field.bound for field in fields), flat=any(field.flat for field in fields))


def _viewed(field: Field, source: torch.Tensor, out: torch.Tensor) -> Field | None:
    if source.ndim == out.ndim and source.shape == out.shape:
        return field
    if field.flat or (source.ndim == 4 and source.shape[2:].numel() == 1):
        return field
    if source.ndim >= 4 and out.ndim >= 4 and source.shape[-2:] == out.shape[-2:]:
        return field
    if source.ndim == 4 and out.ndim == 2:
        return replace(field, flat=True)
    return None


def _pair(value: Any, default: int) -> tuple[int, int]:
    if value is None or (isinstance(value, (list, tuple)) and not value):
        return default, default
    if isinstance(value, (list, tuple)):
        return int(value[0]), int(value[-1])
    return int(value), int(value)


def _convolution(field: Field, args: tuple[Any, ...], source: torch.Tensor, out: torch.Tensor) -> Field | None:
    if source.ndim != 4 or field.flat:
        return None
    kernel = args[1].shape[2:]
    stride, padding, dilation = (_pair(args[at], default) for at, default in ((3, 1), (4, 0), (5, 1)))
    if not args[6]:
        down, across = (
            axis.slid(kernel[at], stride[at], padding[at], dilation[at]) for at, axis in enumerate((field.down, field.across))
        )
        return replace(field, down=down, across=across)
    down, across = (
        Axis(
            axis.first + axis.jump * (padding[at] - (kernel[at] - 1) * dilation[at]) / stride[at],
            axis.last + axis.jump * padding[at] / stride[at],
            axis.jump / stride[at],
        )
        for at, axis in enumerate((field.down, field.across))
    )
    return replace(field, down=down, across=across, bound=True)


def _pooling(field: Field, args: tuple[Any, ...], source: torch.Tensor, out: torch.Tensor) -> Field | None:
    if source.ndim != 4 or field.flat:
        return None
    kernel = _pair(args[1], 1)
    stride = _pair(args[2] if len(args) > 2 else None, 0)
    padding = _pair(args[3] if len(args) > 3 else None, 0)
    spread = _pair(args[4], 1) if len(args) > 4 and isinstance(args[4], (list, tuple)) else (1, 1)  # max pooling alone has it
    down, across = (
        axis.slid(kernel[at], stride[at] or kernel[at], padding[at], spread[at])
        for at, axis in enumerate((field.down, field.across))
    )
    return replace(field, down=down, across=across)


def _fitted(field: Field, args: tuple[Any, ...], source: torch.Tensor, out: torch.Tensor) -> Field | None:
    """Pooling to a given size: by windows as wide as needed."""
    if out.ndim != 4 or field.flat:
        return None
    if out.shape[2:].numel() == 1:
        return WHOLE
    made, bound = [], field.bound
    for axis, old, new in zip((field.down, field.across), source.shape[2:], out.shape[2:], strict=True):
        even = old % new == 0
        window = old // new if even else math.ceil(old / new) + 1
        first = axis.first if even else axis.first - axis.jump
        made.append(Axis(first, first + axis.size - 1 + (window - 1) * axis.jump, axis.jump * old / new))
        bound = bound or not even
    return replace(field, down=made[0], across=made[1], bound=bound)


def _reduced(field: Field, args: tuple[Any, ...], source: torch.Tensor, out: torch.Tensor) -> Field | None:
    """A mean, sum or maximum over some dimensions."""
    if source.ndim != 4:
        return WHOLE if field.flat else None
    given = args[1] if len(args) > 1 and args[1] is not None else range(4)
    over = {int(item) % 4 for item in (given if isinstance(given, (list, tuple, range)) else [given])}
    if {2, 3} <= over:
        return WHOLE
    return field if over <= {1} and out.ndim == 4 else None


def _softmax(field: Field, args: tuple[Any, ...], source: torch.Tensor, out: torch.Tensor) -> Field | None:
    over = int(args[1]) % max(source.ndim, 1)
    return WHOLE if field.flat and over == 1 else field if over == 1 else None


def _padded(field: Field, args: tuple[Any, ...], source: torch.Tensor, out: torch.Tensor) -> Field | None:
    if source.ndim != 4:
        return None
    left, _, top, _ = [*args[1], 0, 0, 0, 0][:4]
    across = replace(field.across, first=field.across.first - left * field.across.jump)
    across = replace(across, last=field.across.last - left * field.across.jump)
    shift = top * field.down.jump
    return replace(field, across=across, down=replace(field.down, first=field.down.first - shift, last=field.down.last - shift))


def _sliced(field: Field, args: tuple[Any, ...], source: torch.Tensor, out: torch.Tensor) -> Field | None:
    """x[..., a:b:c] of a map."""
    dimension, start, _, step = (list(args[1:]) + [0, None, None, 1][len(args) - 1 :])[:4]
    at = int(dimension) % source.ndim
    if at < 2 or source.shape == out.shape:
        return field
    if source.ndim != 4:
        return None
    axis = field.down if at == 2 else field.across
    shift = min(max(int(start or 0) + (source.shape[at] if (start or 0) < 0 else 0), 0), source.shape[at]) * axis.jump
    moved = Axis(axis.first + shift, axis.last + shift, axis.jump * int(step))
    return replace(field, down=moved) if at == 2 else replace(field, across=moved)


def _enlarged(before: float, behind: float, align: int | None = None) -> Rule:
    """Repeating or blending neighbours: a value may lie up to `before`, `behind` places of the small map from its own."""

    def rule(field: Field, args: tuple[Any, ...], source: torch.Tensor, out: torch.Tensor) -> Field | None:
        if source.shape == out.shape:
            return field
        if align is not None and len(args) > align and args[align]:
            return None  # corners aligned: the map drifts against the picture
        made = []
        for axis, old, new in zip((field.down, field.across), source.shape[2:], out.shape[2:], strict=True):
            share = old / new
            low, high = before * (1 - share) if not behind else 1.5 - 0.5 * share, behind * (1 + share)
            made.append(Axis(axis.first - low * axis.jump, axis.last + high * axis.jump, axis.jump * share))
        return replace(field, down=made[0], across=made[1], bound=True)

    return rule


def _normalised(field: Field, args: tuple[Any, ...], source: torch.Tensor, out: torch.Tensor) -> Field | None:
    """Batch norm with stored statistics changes nothing about who sees what; with the picture's own, all see all."""
    return WHOLE if len(args) > 5 and args[5] is True else field


def _linear(field: Field, args: tuple[Any, ...], source: torch.Tensor, out: torch.Tensor) -> Field | None:
    if field.flat:
        return WHOLE
    return field if source.ndim == 2 else None


def _all(field: Field, args: tuple[Any, ...], source: torch.Tensor, out: torch.Tensor) -> Field | None:
    return WHOLE


RULES: dict[Any, Rule] = {
    aten.convolution: _convolution,
    aten.max_pool2d_with_indices: _pooling,
    aten.max_pool2d: _pooling,
    aten.avg_pool2d: _pooling,
    aten._adaptive_avg_pool2d: _fitted,
    aten.adaptive_max_pool2d: _fitted,
    aten.mean: _reduced,
    aten.sum: _reduced,
    aten.amax: _reduced,
    aten._softmax: _softmax,
    aten._log_softmax: _softmax,
    aten.constant_pad_nd: _padded,
    aten.replication_pad2d: _padded,
    aten.slice: _sliced,
    aten.upsample_nearest2d: _enlarged(1.0, 0.0),
    aten.upsample_bilinear2d: _enlarged(1.0, 0.5, align=2),
    aten.native_batch_norm: _normalised,
    aten._native_batch_norm_legit: _normalised,
    aten.cudnn_batch_norm: _normalised,
    aten._batch_norm_with_update: _all,
    aten.native_group_norm: _all,
    aten.addmm: _linear,
    aten.mm: _linear,
}
KEEPS = {
    aten._native_batch_norm_legit_no_training,
    aten._batch_norm_no_update,
    aten.clone,
    aten.native_dropout,
    aten._to_copy,
    aten.detach,
    aten.alias,
    aten.channel_shuffle,
}
