"""From the goals of a request to terms of a sum: which layers, which numbers of them, with which weight in which picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.features.layers import default_layer
from explorer.features.objectives import Objective, ObjectiveSpec, chosen
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.dream import DreamRequest
from explorer.requests.goals import Goal

if TYPE_CHECKING:
    from explorer.engine.network import Network


@dataclass(frozen=True)
class Term:
    """`objective` of what `layer` puts out, times `weights`: one number for each picture of a batch, or one for all.

    `placed`: it looks at one place of the map, counted in the picture without a border around it.
    """

    layer: str
    objective: Objective
    weights: tuple[float, ...] = (1.0,)
    channel: int | None = None
    placed: bool = False


@dataclass(frozen=True)
class Terms:
    """All of a request: `terms` to sum, and `spec` and `goal` of the first, by which the whole is named."""

    terms: tuple[Term, ...]
    spec: ObjectiveSpec
    goal: Goal


def terms_of(request: DreamRequest, network: Network) -> Terms:
    """The terms of a request on this network. Raises BadRequestError for what is not there or does not go together."""
    asked = request.goals or (Goal(),)
    goals = [_filled(goal, request, network) for goal in asked]
    specs = [chosen(goal) for goal in goals]
    if request.mix == "interpolate":
        if len(goals) != 2 or request.start == "picture":
            raise BadRequestError(Trouble("dream.mix", N_("Interpolation takes two goals and starts from noise."), exit_code=2))
        share = [index / max(1, request.batch - 1) if request.batch > 1 else 0.5 for index in range(request.batch)]
        weights = [
            tuple((1 - t) * goals[0].weight for t in share),
            tuple(t * goals[1].weight for t in share),
        ]
    else:
        weights = [(goal.weight,) for goal in goals]
    made = [
        Term(
            goal.layer, spec.make(goal), weight, goal.channel if spec.needs_channel else None, (goal.y, goal.x) != (None, None)
        )
        for goal, spec, weight in zip(goals, specs, weights, strict=True)
    ]
    return Terms(tuple(made), specs[0], goals[0])


def _filled(goal: Goal, request: DreamRequest, network: Network) -> Goal:
    """`goal` with the request's layer, channel and objective where it names none."""
    channel = request.channel if goal.channel is None else goal.channel
    objective = goal.objective or (request.objective if goal.channel is None else "")
    filled = goal.model_copy(update={"channel": channel, "objective": objective})
    layer = answer_layer(network) if chosen(filled).of_answer else ""
    middle = network.layer_names[len(network.layer_names) // 2 :][:1]
    fallback = network.spec.dream_layer or "".join(middle)
    return filled.model_copy(update={"layer": layer or default_layer(network, goal.layer or request.layer, fallback)})


def answer_layer(network: Network) -> str:
    """The layer that gives the class numbers before softmax. Raises BadRequestError where a network names no classes."""
    count = len(network.info.classes)
    lists = [tap for tap in network.info.layers if tap.shape and max(tap.shape[1:], default=1) == 1]
    found = [tap.name for tap in lists if "Softmax" not in tap.kind and (not count or tap.shape[0] == count)]
    if network.info.task != "classify" or not found:
        raise BadRequestError(
            Trouble(
                "objective.class",
                N_("{network} does not name classes, so no class can grow."),
                {"network": network.info.title},
                N_("Choose a classifier, or a channel of a layer."),
                exit_code=2,
            )
        )
    return found[-1]


def layers_of(terms: Sequence[Term]) -> tuple[str, ...]:
    """Every layer that is looked at, once."""
    return tuple(dict.fromkeys(term.layer for term in terms))
