"""What can be made to grow: each objective turns what a layer puts out into one number.

Built-ins enter by the same door as plugins: `tables.objectives.add(name, ObjectiveSpec(...))`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import torch

from explorer.i18n import N_
from explorer.records.errors import BadRequestError, Trouble
from explorer.tables import Table, Tables, UnknownNameError

# (B, C, H, W), (B, N) or (B, T, N) float -> a number of the same device that autograd can follow.
Objective: TypeAlias = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class ObjectiveSpec:
    """`make(channel)` gives the Objective; `needs_channel`: it looks at one channel. `measure` names its number for people."""

    name: str
    title: str
    measure: str
    needs_channel: bool
    make: Callable[[int], Objective]


def channel_mean(channel: int) -> Objective:
    """The mean of one channel's map: what everybody who looks for "what does this channel want" maximises."""
    return lambda y: y[:, channel].mean()


def neuron(channel: int) -> Objective:
    """The unit in the middle of one channel's map; the number itself where the layer puts out a list."""

    def value(y: torch.Tensor) -> torch.Tensor:
        return y[:, channel, y.shape[2] // 2, y.shape[3] // 2].mean() if y.ndim == 4 else y[:, channel].mean()

    return value


def mean_square(_channel: int) -> Objective:
    """The mean square of the whole layer: "more of whatever you see", the objective of Deep Dream."""
    return lambda y: y.square().mean()


BUILT_IN: tuple[ObjectiveSpec, ...] = (
    ObjectiveSpec("channel", N_("One channel"), N_("mean activation of the channel"), True, channel_mean),
    ObjectiveSpec("neuron", N_("One neuron"), N_("activation of the unit in the middle"), True, neuron),
    ObjectiveSpec("layer", N_("Whole layer"), N_("mean square of the layer"), False, mean_square),
)


def register(tables: Tables) -> None:
    """Enter the built-in objectives."""
    for spec in BUILT_IN:
        tables.objectives.add(spec.name, spec)


@cache
def objectives() -> Table[ObjectiveSpec]:
    """The built-in objectives by name, for whoever has no `Tables` at hand."""
    table: Table[ObjectiveSpec] = Table("objective")
    for spec in BUILT_IN:
        table.add(spec.name, spec)
    return table


def chosen(name: str, channel: int | None) -> ObjectiveSpec:
    """The objective called `name`; "" takes the channel's mean where a channel is chosen, else the layer's mean square."""
    try:
        spec = objectives()[name or ("layer" if channel is None else "channel")]
    except UnknownNameError as error:
        raise BadRequestError(Trouble("objective.unknown", "{text}", {"text": str(error)})) from None
    if spec.needs_channel and channel is None:
        raise BadRequestError(
            Trouble(
                "objective.channel", N_("The objective {name} needs a channel."), {"name": spec.name}, N_("Choose a channel.")
            )
        )
    return spec


def check_channel(y: torch.Tensor, channel: int | None, layer: str) -> None:
    """Raise BadRequestError where the layer's output `y` has no such channel."""
    if channel is not None and channel >= y.shape[1]:
        raise BadRequestError(
            Trouble(
                "layer.channel",
                N_("Layer {layer} has no channel {channel}: it has {count}, counted from 0."),
                {"layer": layer, "channel": channel, "count": int(y.shape[1])},
            )
        )
