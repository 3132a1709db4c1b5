"""What can be made to grow: each objective turns what a layer puts out into one number a picture.

Built-ins enter by the same door as plugins: `tables.objectives.add(name, ObjectiveSpec(...))`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import torch

from explorer.engine.surgery import channel_axis
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.goals import Goal
from explorer.tables import Table, Tables, UnknownNameError

# (B, C, H, W), (B, N) or (B, T, N) float (channels are dimension 1, of three the last) -> (B,) numbers of the same device
# that autograd can follow.
Objective: TypeAlias = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class ObjectiveSpec:
    """`make(goal)` gives the Objective of a Goal whose layer and channel are filled in. `measure` names its number for people.

    `needs_channel`: it looks at one channel, class or neuron. `of_answer`: it belongs to the network's last layer and has no
    layer to choose. `needs_direction`: it reads `goal.direction`.
    """

    name: str
    title: str
    measure: str
    needs_channel: bool
    make: Callable[[Goal], Objective]
    of_answer: bool = False
    needs_direction: bool = False


def channel_mean(channel: int) -> Objective:
    """The mean of one channel's map: what everybody who looks for "what does this channel want" maximises."""
    return lambda y: y.select(channel_axis(y.ndim), channel).reshape(len(y), -1).mean(1)


def neuron(channel: int, y: int | None = None, x: int | None = None) -> Objective:
    """One unit of a channel's map, in the middle where row and column are not said; the number itself of a plain list."""

    def value(maps: torch.Tensor) -> torch.Tensor:
        if maps.ndim < 4:
            return channel_mean(channel)(maps)
        height, width = maps.shape[2:]
        row = height // 2 if y is None else min(y, height - 1)
        column = width // 2 if x is None else min(x, width - 1)
        return maps[:, channel, row, column]

    return value


def mean_square() -> Objective:
    """The mean square of the whole layer: "more of whatever you see", the objective of Deep Dream."""
    return lambda y: y.square().flatten(1).mean(1)


def projection(direction: tuple[float, ...]) -> Objective:
    """The mean over all places of the product with the direction at unit length."""

    def value(y: torch.Tensor) -> torch.Tensor:
        unit = _fitting(direction, y)
        found: torch.Tensor = (_places(y) * (unit / unit.norm().clamp_min(1e-12))).sum(2).mean(1)
        return found

    return value


def cosine(direction: tuple[float, ...]) -> Objective:
    """The mean over all places of the cosine of the angle to the direction: -1..1, however strong the response is."""
    return lambda y: torch.nn.functional.cosine_similarity(_places(y), _fitting(direction, y), dim=2, eps=1e-6).mean(1)


def _places(y: torch.Tensor) -> torch.Tensor:
    """(B, places, C) of a layer's output."""
    return y.movedim(channel_axis(y.ndim), -1).reshape(len(y), -1, y.shape[channel_axis(y.ndim)])


def _fitting(direction: tuple[float, ...], y: torch.Tensor) -> torch.Tensor:
    """(C,) numbers: the direction, zeros behind its end."""
    count = y.shape[channel_axis(y.ndim)]
    given = torch.tensor(direction[:count], dtype=y.dtype, device=y.device)
    return torch.nn.functional.pad(given, (0, count - len(given)))


BUILT_IN: tuple[ObjectiveSpec, ...] = (
    ObjectiveSpec(
        "channel", N_("One channel"), N_("mean activation of the channel"), True, lambda goal: channel_mean(goal.channel or 0)
    ),
    ObjectiveSpec(
        "neuron",
        N_("One neuron"),
        N_("activation of the unit in the middle"),
        True,
        lambda goal: neuron(goal.channel or 0, goal.y, goal.x),
    ),
    ObjectiveSpec("layer", N_("Whole layer"), N_("mean square of the layer"), False, lambda goal: mean_square()),
    ObjectiveSpec(
        "class",
        N_("One class"),
        N_("the class's number before softmax (logit)"),
        True,
        lambda goal: channel_mean(goal.channel or 0),
        of_answer=True,
    ),
    ObjectiveSpec(
        "direction",
        N_("A direction"),
        N_("mean projection on the direction"),
        False,
        lambda goal: projection(goal.direction),
        needs_direction=True,
    ),
    ObjectiveSpec(
        "cosine",
        N_("A direction's angle"),
        N_("mean cosine of the angle to the direction"),
        False,
        lambda goal: cosine(goal.direction),
        needs_direction=True,
    ),
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


def chosen(goal: Goal) -> ObjectiveSpec:
    """The objective of `goal`; without a name the channel's mean where a channel is chosen, else the layer's mean square."""
    try:
        spec = objectives()[goal.objective or ("layer" if goal.channel is None else "channel")]
    except UnknownNameError as error:
        raise BadRequestError(Trouble("objective.unknown", "{text}", {"text": str(error)}, exit_code=2)) from None
    if spec.needs_channel and goal.channel is None:
        raise BadRequestError(
            Trouble(
                "objective.channel",
                N_("The objective {name} needs a channel."),
                {"name": spec.name},
                N_("Choose a channel."),
                exit_code=2,
            )
        )
    if spec.needs_direction and not any(goal.direction):
        raise BadRequestError(
            Trouble(
                "objective.direction",
                N_("The objective {name} needs a direction: numbers, one a channel, not all zero."),
                {"name": spec.name},
                exit_code=2,
            )
        )
    return spec


def check_channel(y: torch.Tensor, channel: int | None, layer: str) -> None:
    """Raise BadRequestError where the layer's output `y` has no such channel."""
    count = y.shape[channel_axis(y.ndim)]
    if channel is not None and channel >= count:
        raise BadRequestError(
            Trouble(
                "layer.channel",
                N_("Layer {layer} has no channel {channel}: it has {count}, counted from 0."),
                {"layer": layer, "channel": channel, "count": int(count)},
            )
        )
