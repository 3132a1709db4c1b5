"""The loss of the loaded network over a plane of its weights, coarse first; places once looked at are remembered."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from explorer.features.weight_plane import WeightPlane
from explorer.i18n import N_, tr
from explorer.jobs import Preview, Progress, Result, Step, Work
from explorer.records.descent import F64, SurfaceSamples
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.frame import Frame
from explorer.records.landscape import Landscape
from explorer.records.network import RunsOn
from explorer.requests.landscape import LandscapeRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network

STRIDES = (8, 4, 2, 1)
PREVIEW_S = 0.3
KEPT = 8  # planes whose places are remembered, for each network
Known = dict[tuple[float, float], float]  # (x, y) -> loss
_known: WeakKeyDictionary[Network, OrderedDict[str, Known]] = WeakKeyDictionary()


def picture_of(work: Work) -> Frame:
    """The picture of a job that needs one. Raises BadRequestError."""
    if work.frame is None:
        raise BadRequestError(
            Trouble("picture.missing", N_("There is no picture to look at."), {}, N_("Choose one in the Picture strip."))
        )
    return work.frame


def landscape(request: LandscapeRequest, work: Work) -> Iterator[Step]:
    """Job of LandscapeRequest. Raises ExplorerError (no picture, no such class, memory), Cancelled."""
    frame = picture_of(work)
    network = yield from work.engine.loading(request, work.token)
    plane = WeightPlane(network, frame, request, work.token)
    known = remembered(network, request, frame)
    size = (request.size - 1) // STRIDES[0] * STRIDES[0] + 1
    axis = np.linspace(-request.extent, request.extent, size)
    axis[size // 2] = 0.0
    total = sum((x, y) not in known for x in axis.tolist() for y in axis.tolist())
    done, shown, record = 0, time.monotonic(), None
    for stride in STRIDES:
        part = axis[::stride].tolist()
        for y in part:
            for x in part:
                if (x, y) in known:
                    continue
                known[x, y] = plane.loss_at(x, y)
                done += 1
                yield Progress(done, total, tr("walking over the plane"))
        z = np.array([[known[x, y] for x in part] for y in part])
        record = _record(request, plane, frame, np.array(part), z, stride, work.engine.threads)
        if stride > 1 and time.monotonic() - shown > PREVIEW_S:
            yield Preview(record, done, total)
            shown = time.monotonic()
    assert record is not None
    yield Result(record)


def remembered(network: Network, request: LandscapeRequest, frame: Frame) -> Known:
    """What is known of the plane that a request and a picture mean: it is the same one however finely or widely one looks."""
    fields = request.model_dump(include={"directions", "views", "target", "seed"})
    key = f"{sorted(fields.items())}|{hash(frame.rgb.tobytes())}|{frame.rgb.shape}"
    planes = _known.setdefault(network, OrderedDict())
    found = planes.setdefault(key, {})
    planes.move_to_end(key)
    while len(planes) > KEPT:
        planes.popitem(last=False)
    return found


def _record(
    request: LandscapeRequest, plane: WeightPlane, frame: Frame, axis: F64, z: F64, stride: int, threads: int
) -> Landscape:
    network = plane.network
    heights = np.where(np.isfinite(z), z, np.nan)
    facts = {"title": network.info.title, "values": {}, "eigenvalues": []}
    formula = "f(x, y) = loss(θ + x d₁ + y d₂)"
    middle = len(axis) // 2
    return Landscape(
        SurfaceSamples(network.info.name, axis, axis, heights, (), formula, facts), stride, request.extent, plane.loss_name,
        float(z[middle, middle]), plane.label, request.views, request.directions, plane.weights, plane.lengths, request.seed,
        network.info.name, frame.source, RunsOn(device=str(network.device), threads=threads),
    )  # fmt: skip
