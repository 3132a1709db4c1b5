"""Why the network says what it says: heats of several methods about one number of its answer to one picture."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from explorer.engine.memory import explained
from explorer.engine.prepare import Geometry
from explorer.features.attribution_case import Case, Found
from explorer.features.attribution_empty import NO_MAPS, NO_PATH, why_empty
from explorer.features.attribution_layer import chosen_layer, default_layer, usable_layers
from explorer.features.attribution_memo import kept_for, name_in
from explorer.features.attribution_methods import AttributionMethod, chosen
from explorer.features.attribution_target import class_rows, find_target, probabilities
from explorer.i18n import N_
from explorer.jobs import Preview, Progress, Result, Step, Work
from explorer.records.attribution import F32, Attribution, AttributionSet, Said
from explorer.records.errors import BadRequestError, ExplorerError, Trouble
from explorer.records.network import RunsOn
from explorer.records.vision import ClassScore
from explorer.requests.attribution import AttributeRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.records.frame import Frame

LONGEST = 1024  # pixels of a heat's longer side: no network looks closer, and it has to travel
TOP = 10


@dataclass
class Scene:
    """A case and the way back to the frame. `case.layer` and `why_layer` hold for the methods that use maps.

    `top`: the best classes; `raw`: the raw outputs for the picture (empty: not known); `kept`: what methods have found already.
    """

    case: Case
    geometry: Geometry
    frame: Frame
    why_layer: Said | None
    top: tuple[ClassScore, ...]
    raw: list[torch.Tensor]
    kept: dict[str, Found]

    def found(self, row: AttributionMethod) -> Generator[Progress, None, Found]:
        """What a method finds, remembered."""
        name = name_in(row, self.case.layer)
        if name not in self.kept:
            began = time.perf_counter()
            found = yield from found_by(self.case, row)
            self.kept[name] = replace(found, seconds=time.perf_counter() - began)
        return self.kept[name]

    def to_frame(self, heat: torch.Tensor) -> F32:
        """(h, w) over the network's input -> (H, W) float32 over the frame, its longer side at most LONGEST pixels."""
        height, width = self.geometry.frame_hw
        ratio = min(1.0, LONGEST / max(height, width))
        size = max(1, round(height * ratio)), max(1, round(width * ratio))
        scale_x, scale_y = self.geometry.scale_x * width / size[1], self.geometry.scale_y * height / size[0]
        return replace(self.geometry, frame_hw=size, scale_x=scale_x, scale_y=scale_y).to_frame_map(heat.float().cpu().numpy())

    def score(self) -> float:
        """The number that is explained."""
        with torch.no_grad():
            raw = self.raw or self.case.model.raw(self.case.x)
            return float(self.case.target.score(raw)[0])

    def record(self, items: tuple[Attribution, ...]) -> AttributionSet:
        """The record of the methods done so far."""
        case, target = self.case, self.case.target
        with torch.no_grad():
            confidence = float(target.confidence(self.raw)[0]) if target.confidence is not None else None
        return AttributionSet(
            items=items,
            kind=target.kind,
            target=target.said,
            measure=target.measure,
            score=self.score(),
            confidence=confidence,
            class_index=target.class_index,
            xyxy=target.xyxy,
            top=self.top,
            layers=usable_layers(case.network, target),
            default_layer=default_layer(case.network, target),
            facts=self.facts(),
            runs_on=RunsOn(device=str(case.network.device), threads=torch.get_num_threads()),
            frame_seq=self.frame.seq,
        )

    def facts(self) -> dict[str, Any]:
        """What every picture and file of this scene should carry."""
        case = self.case
        return {
            "model": case.network.info.name,
            "weights": case.network.info.weights,
            "source": self.frame.source,
            "frame_hw": list(self.geometry.frame_hw),
            "seed": case.request.seed,
        }


def attribute(request: AttributeRequest, work: Work) -> Iterator[Step]:
    """The job of AttributeRequest. Previews: AttributionSet with the methods done so far; result: with all of them."""
    rows = chosen(request.methods)
    scene = make_scene(request, work)
    items: list[Attribution] = []
    for number, row in enumerate(rows):
        for step in _told(explain(scene, row), number, len(rows)):
            if isinstance(step, Attribution):
                items.append(step)
            else:
                yield step
        if number + 1 < len(rows):
            yield Preview(scene.record(tuple(items)), number + 1, len(rows))
    yield Result(scene.record(tuple(items)))


def _told(steps: Generator[Progress, None, Attribution], number: int, of: int) -> Iterator[Progress | Attribution]:
    """Progress of one method as a part of all, then its answer."""
    try:
        while True:
            step = next(steps)
            share = step.done / step.total if step.total else 0.0
            yield Progress(round(100 * (number + share)), 100 * of)
    except StopIteration as end:
        yield end.value
    finally:
        steps.close()


def make_scene(request: AttributeRequest, work: Work) -> Scene:
    """Everything a method needs, after one plain pass."""
    if work.frame is None:
        raise BadRequestError(
            Trouble("picture.missing", N_("There is no picture to look at."), {}, N_("Choose one in the Picture strip."))
        )
    network = work.engine.network(request, work.token)
    prepared = network.prepare(work.frame)
    with explained(network.device):
        target, raw = find_target(request, network, prepared.nchw, prepared.geometry, work.token)
    wanted, why = chosen_layer(network, target, request.layer)
    case = Case(network, network.module, prepared.nchw, target, request, work.token, layer=wanted)
    kept = kept_for(request, work, network)
    return Scene(case, prepared.geometry, work.frame, why, _top(network, target.kind, raw), raw, kept)


def explain(scene: Scene, row: AttributionMethod) -> Generator[Progress, None, Attribution]:
    """One method's answer, mapped onto the frame; an empty or broken heat comes as zeros with its reason."""
    case = scene.case
    found = yield from scene.found(row)
    empty = found.empty or why_empty(case, row, found.heat)
    heat = torch.zeros_like(found.heat) if empty is not None else found.heat
    return Attribution(
        method=row.name,
        title=row.title,
        heat=np.ascontiguousarray(scene.to_frame(heat)),
        signed=row.signed,
        frame_hw=scene.geometry.frame_hw,
        score=scene.score(),
        seconds=found.seconds,
        layer=case.layer if row.maps else "",
        why_layer=scene.why_layer if row.maps else None,
        empty=empty,
        notes=(*case.target.notes, *found.notes),
        facts=found.facts,
    )


def found_by(case: Case, row: AttributionMethod) -> Generator[Progress, None, Found]:
    """`row.run(case)`; where memory is short it is tried again with fewer pictures at once."""
    if not case.target.reached and row.name != "occlusion":
        return Found(torch.zeros(case.x.shape[2:]), empty=Said(NO_PATH))
    if row.maps and not case.layer:
        return Found(torch.zeros(case.x.shape[2:]), empty=Said(NO_MAPS))
    whole = case.batch
    while True:
        try:
            with explained(case.network.device):
                found = yield from row.run(case)
        except ExplorerError as error:
            if error.trouble.code != "memory.forward" or case.batch == 1:
                raise
            case.batch = max(1, case.batch // 4)
            continue
        if case.batch < whole:
            note = Said(N_("Memory was short: {count} pictures were computed at a time."), {"count": case.batch})
            return replace(found, notes=(*found.notes, note))
        return found


def _top(network: Network, kind: str, raw: list[torch.Tensor]) -> tuple[ClassScore, ...]:
    """The best classes, best first, where the answer is one."""
    if kind != "class":
        return ()
    scores = torch.nan_to_num(probabilities(class_rows(raw[0]))[0].double(), nan=0.0).cpu().numpy()
    labels = network.info.classes
    best = np.argsort(-scores, kind="stable")[:TOP].tolist()
    return tuple(ClassScore(k, labels[k] if k < len(labels) else str(k), float(scores[k])) for k in best)
