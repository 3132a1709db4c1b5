"""Training in all weights, seen from a plane of two directions: where the path really goes, and the shadow it throws there."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import numpy as np
import torch

from explorer.engine.memory import explained
from explorer.engine.taps import cancellable, first_tensor
from explorer.engine.torch_methods import loading_torch_optim, made_of, refused
from explorer.features.landscape import picture_of
from explorer.features.weight_plane import WeightPlane, inner, length
from explorer.i18n import tr
from explorer.jobs import CancelToken, Preview, Progress, Result, Step, Work
from explorer.records.descent import Trajectory
from explorer.records.landscape import Descent
from explorer.records.network import RunsOn
from explorer.requests.landscape import DescentRequest

PREVIEW_S = 0.3
CORNER = 0.6  # of the extent: where to start unless a person says it


def descend(request: DescentRequest, work: Work) -> Iterator[Step]:
    """Job of DescentRequest: all parameters are trained on the views, normalisation in its evaluation form, no chance in it.

    Raises ExplorerError (no picture, no such class of torch.optim, memory), Cancelled.
    """
    frame = picture_of(work)
    network = yield from work.engine.loading(request, work.token)
    plane = WeightPlane(network, frame, request, work.token)
    yield from loading_torch_optim(work.token)
    path = _Path(plane, request, work.token)
    path.keep()
    shown = time.monotonic()
    for number in range(1, request.steps + 1):
        yield from path.train()
        path.keep()
        if path.halted:
            break
        if time.monotonic() - shown > PREVIEW_S:
            yield Preview(path.record(work.engine.threads), number, request.steps)
            shown = time.monotonic()
        else:
            yield Progress(number, request.steps, tr("training in all weights"))
    yield Result(path.record(work.engine.threads))


def started(plane: WeightPlane, request: DescentRequest) -> tuple[float, float]:
    """The start in the plane: as asked, or the highest of four places, so that there is something to go down."""
    far = request.extent
    if request.start is not None:
        return request.start[0] * far, request.start[1] * far
    places = [(across * CORNER * far, up * CORNER * far) for across in (-1.0, 1.0) for up in (-1.0, 1.0)]
    heights = [plane.loss_at(*place) for place in places]
    return max(zip(heights, places, strict=True), key=lambda pair: pair[0] if math.isfinite(pair[0]) else -math.inf)[1]


class _Path:
    """The weights under way, and what was seen of them."""

    def __init__(self, plane: WeightPlane, request: DescentRequest, token: CancelToken) -> None:
        self.plane, self.request, self._token = plane, request, token
        plane.go_to(*started(plane, request))
        self.weights = [one.requires_grad_(True) for one in plane.module.parameters()]
        self.optimizer, self.name = made_of(request.method, self.weights)
        self.home = [one.detach().clone() for one in plane.network.module.parameters()]
        one, two = plane.directions
        self._gram = np.array([[inner(one, one), inner(one, two)], [inner(two, one), inner(two, two)]])
        self._flat = [index for index, weight in enumerate(self.weights) if weight.dim() >= 2]
        self.points: list[tuple[float, float]] = []
        self.distance: list[float] = []
        self.values: list[float] = []
        self.shadow: list[float] = []
        self.rates: list[float] = []
        self.asked = [0]
        self.halted = False
        self._count = 0

    def train(self) -> Iterator[Step]:
        """One step of the optimizer; the gradients of one view after the other, so that Stop is heard between them."""
        count = len(self.plane.inputs)
        yield from self._gradients()
        first = [True]

        def closure() -> float:
            if first[0]:
                first[0] = False
                return self._loss
            for _ in self._gradients():
                pass
            return self._loss

        yield Progress(0, count, tr("training in all weights"))
        with explained(self.plane.network.device), refused(self.name):
            self.optimizer.step(closure)

    def _gradients(self) -> Iterator[Step]:
        plane, count = self.plane, len(self.plane.inputs)
        self.optimizer.zero_grad()
        self._loss = 0.0
        self._count += 1
        for number in range(count):
            which = slice(number, number + 1)
            with explained(plane.network.device), torch.enable_grad(), cancellable(plane.module, self._token):
                output = first_tensor(plane.module(plane.inputs[which]))
                assert output is not None  # the plane has asked once already
                loss = plane.loss_of(output, which) / count
                torch.autograd.backward([loss])
            self._loss += float(loss.detach())
            yield Progress(number, count, tr("training in all weights"))

    def keep(self) -> None:
        """Where the weights are now, beside the plane and on it."""
        plane = self.plane
        with torch.no_grad():
            away = [now.detach() - was for now, was in zip(self.weights, self.home, strict=True)]
            flat = [away[index] for index in self._flat]
            sides = np.array([inner(flat, plane.directions[0]), inner(flat, plane.directions[1])])
            if not np.isfinite(sides).all():
                self.halted = True
                return
            x, y = np.linalg.solve(self._gram, sides).tolist()
            torch._foreach_add_(flat, plane.directions[0], alpha=-x)  # part of `away`: what is left of it is off the plane
            torch._foreach_add_(flat, plane.directions[1], alpha=-y)
            off = length(away) / plane.lengths[2]
            output = first_tensor(plane.module(plane.inputs))
            assert output is not None
            value = float(plane.loss_of(output, slice(None)))
            if not math.isfinite(value):
                self.halted = True
                return
            there = [one.detach().clone() for one in self.weights]
            torch._foreach_copy_(self.weights, self.home)
            shadow = plane.loss_at(x, y)
            torch._foreach_copy_(self.weights, there)
        self.points.append((x, y))
        self.distance.append(off)
        self.values.append(value)
        self.shadow.append(shadow)
        self.rates.append(float(self.optimizer.param_groups[0].get("lr", math.nan)))
        self.asked.append(self._count)

    def record(self, threads: int) -> Descent:
        """All that was kept so far."""
        network, count = self.plane.network, len(self.points)
        run = Trajectory(
            self.name, np.array(self.points).reshape(-1, 2), np.array(self.values), np.full((count, 2), np.nan), {},
            {"lr": self.rates[0]} if self.rates else {}, "not finite" if self.halted else "running",
            count if self.halted else count - 1, np.arange(count), np.array(self.rates), np.array(self.asked[1 : count + 1]),
        )  # fmt: skip
        return Descent(
            run, np.array(self.distance), np.array(self.shadow), network.info.name,
            sum(one.numel() for one in self.weights), self.request.seed, self.plane.loss_name,
            RunsOn(device=str(network.device), threads=threads),
        )  # fmt: skip
