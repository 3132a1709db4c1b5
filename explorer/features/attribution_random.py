"""Does a heat show the network or only the picture? The network forgets, layer by layer, and is asked again.

After Adebayo et al. 2018 (arXiv:1810.03292), cascading from the last layer to the first. Each weight of a layer is drawn anew
from a normal distribution with the mean and spread that the trained numbers of its tensor have, so that activations keep
their size; what batch norms have counted stays.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from explorer.engine.memory import explained
from explorer.engine.taps import layer_of
from explorer.features.attribution import Scene, explain, make_scene
from explorer.features.attribution_case import Case, Found
from explorer.features.attribution_methods import chosen
from explorer.features.rank import spearman
from explorer.i18n import N_
from explorer.jobs import Preview, Result, Step, Work
from explorer.records.attribution import Attribution, Randomisation, RandomStage
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.attribution import RandomiseRequest


def randomise(request: RandomiseRequest, work: Work) -> Iterator[Step]:
    """The job of RandomiseRequest. Result: Randomisation; previews: the stages done so far. Only a copy forgets."""
    row = chosen(request.methods[:1])[0]
    scene = make_scene(request, work)
    info = scene.case.network.info
    weighty = [layer.name for layer in info.layers if layer.weights]
    if not weighty:
        raise BadRequestError(
            Trouble(
                "attribution.no-weights",
                N_("{network} has no weights to randomise."),
                {"network": info.title},
            )
        )
    counts = stage_counts(len(weighty), request.stages)
    original = yield from explain(scene, row)
    found = yield from scene.found(row)
    yield Preview(_record(scene, original, []), 1, len(counts) + 1)
    forgetful = _forgetful(scene)
    generator = torch.Generator().manual_seed(request.seed)
    stages: list[RandomStage] = []
    done = 0
    for count in counts:
        for name in weighty[::-1][done:count]:
            work.token.check()
            forget(layer_of(forgetful.case.module, name), generator)
        done = count
        forgetful.kept.clear()
        answer = yield from explain(forgetful, row)
        now = yield from forgetful.found(row)
        stages.append(RandomStage(weighty[::-1][count - 1], count, answer, _agreement(found, original, now, answer)))
        yield Preview(_record(scene, original, stages), len(stages) + 1, len(counts) + 1)
    yield Result(_record(scene, original, stages))


def stage_counts(layers: int, stages: int) -> list[int]:
    """How many layers have forgotten after each stage: the last one alone first, all of them in the end."""
    if stages == 1:
        return [layers]
    return sorted({round(float(value)) for value in np.linspace(1, layers, stages)})


def forget(layer: nn.Module, generator: torch.Generator) -> None:
    """Draw the layer's own weights anew, each tensor from a normal distribution with its mean and spread."""
    with torch.no_grad():
        for tensor in layer.parameters(recurse=False):
            spread = float(tensor.std(correction=0))
            fresh = torch.randn(tensor.shape, generator=generator) * spread + float(tensor.mean())
            tensor.copy_(fresh.to(tensor.device))


def _forgetful(scene: Scene) -> Scene:
    """The same scene over a copy of the network, which may forget."""
    case = scene.case
    network = copy.copy(case.network)
    network.runners = {}
    with explained(network.device):
        network.module = copy.deepcopy(case.module)
    fresh = Case(network, network.module, case.x, case.target, case.request, case.token, layer=case.layer)
    return replace(scene, case=fresh, kept={}, raw=[])


def _agreement(found: Found, original: Attribution, other: Found, answer: Attribution) -> float | None:
    """Spearman's correlation of the absolute heats, where the method computed them (not where they are drawn)."""
    if original.empty is not None or answer.empty is not None:
        return None
    return spearman(found.heat.abs().double().cpu().numpy(), other.heat.abs().double().cpu().numpy())


def _record(scene: Scene, original: Attribution, stages: list[RandomStage]) -> Randomisation:
    return Randomisation(original, tuple(stages), scene.case.target.said, scene.facts(), scene.frame.seq)
