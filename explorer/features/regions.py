"""Sub-domains: on which inputs around a picture the network's answer, and the linear piece it is, stay the same.

A plane through the picture is looked at on a grid, coarse first. Of every point: the class, its probability, and which units
are on. How far the picture's own linear piece reaches is found exactly along both axes: the piece is convex, so between the
last step inside and the first outside lies its edge.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from explorer.engine.memory import explained
from explorer.engine.switches import Switches
from explorer.engine.taps import cancellable, first_tensor
from explorer.features.plane import Plane, label_of
from explorer.i18n import N_, tr
from explorer.jobs import Preview, Progress, Result, Step, Work
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.network import RunsOn
from explorer.records.regions import F32, AnswerChange, Ints, Regions
from explorer.requests.regions import RegionsRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import CancelToken

BATCH_FLOATS = 1_600_000  # of input numbers in a batch: ten pictures of 3 x 227 x 227
MOST_AT_ONCE = 64
PREVIEW_S = 0.25
COARSE = 0.05  # levels: planes smaller than this are computed in float64, float32's own noise turns switches there
NOTHING = 1e-9  # levels: a step just beside the picture, well above float64's noise
SIDES = ((-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0))  # left, right, up, down
Place = tuple[float, float]
Longs = npt.NDArray[np.int64]


class Answers:
    """What the network says at places of a plane, in batches: classes, probabilities, patterns.

    `exact`: in float64, on a copy of the network. `patterned`: whether there are patterns at all, known after the first batch.
    """

    def __init__(self, network: Network, plane: Plane, layer: str, exact: bool, token: CancelToken | None) -> None:
        self._network, self._plane, self._token = network, plane, token
        self.exact = exact
        with explained(network.device):
            self._module = copy.deepcopy(network.module).double() if exact else network.module
        self.switches = Switches(self._module, layer)
        self.batch = max(1, min(MOST_AT_ONCE, BATCH_FLOATS // plane.x.numel()))

    @property
    def patterned(self) -> bool:
        """See the class."""
        return not self.switches.bends and self.switches.count > 0

    def at(self, places: Sequence[Place]) -> tuple[Ints, F32, Longs]:
        """(N,) int32 classes, float32 probabilities, int64 patterns; -1, 0, -1 where there are none."""
        with explained(self._network.device), torch.no_grad(), cancellable(self._module, self._token):
            points = self._plane.points(places, self.exact)
            with self.switches.listening(len(places)):
                output = first_tensor(self._module(points))
        patterns = self.switches.take() if self.patterned else np.full(len(places), -1, np.int64)
        if self._plane.scores is None or output is None or len(output) != len(places):
            return np.full(len(places), -1, np.int32), np.zeros(len(places), np.float32), patterns
        good = torch.isfinite(output).all(1)
        shares, classes = torch.nan_to_num(output).softmax(1).max(1)
        answer = torch.where(good, classes, -1).cpu().numpy().astype(np.int32)
        return answer, torch.where(good, shares, 0.0).cpu().numpy().astype(np.float32), patterns


def regions(request: RegionsRequest, work: Work) -> Iterator[Step]:
    """Job of RegionsRequest. Raises ExplorerError (no picture, no such layer, memory), Cancelled."""
    if work.frame is None:
        raise BadRequestError(
            Trouble("picture.missing", N_("There is no picture to look at."), {}, N_("Choose one in the Picture strip."))
        )
    network = yield from work.engine.loading(request, work.token)
    plane = Plane(network, network.prepare(work.frame).nchw, request, work.token)
    answers = Answers(network, plane, request.layer, request.extent < COARSE, work.token)
    precision = "float64" if answers.exact else "float32"
    runs_on = RunsOn(device=str(network.device), precision=precision, threads=work.engine.threads)
    canvas = _Canvas(request, network, plane, answers, runs_on)
    canvas.source = work.frame.source
    shown = time.monotonic()
    for stride, places in canvas.passes():
        for start in range(0, len(places), answers.batch):
            part = places[start : start + answers.batch]
            canvas.put(part, stride, *answers.at([canvas.levels(*place) for place in part]))
            if time.monotonic() - shown > PREVIEW_S:
                yield Preview(canvas.record(), canvas.done, canvas.total)
                shown = time.monotonic()
            else:
                yield Progress(canvas.done, canvas.total, tr("looking around the picture"))
    if answers.patterned:
        yield from _reach(canvas, answers if answers.exact else Answers(network, plane, request.layer, True, work.token))
    yield from _nearest(canvas, answers, network)
    yield Result(canvas.record())


class _Canvas:
    """The maps as they fill: first every 16th point, then those between."""

    def __init__(self, request: RegionsRequest, network: Network, plane: Plane, answers: Answers, runs_on: RunsOn) -> None:
        self.size = request.size | 1
        self.extent = request.extent
        self.answer = np.full((self.size, self.size), -1, np.int32)
        self.score = np.zeros((self.size, self.size), np.float32)
        self.pattern = np.full((self.size, self.size), -1, np.int64)
        self.done, self.total, self.step = 0, self.size**2, self.size
        self._end = 0
        self.reach: tuple[float, ...] = ()
        self.on_edge = False
        self.nearest: AnswerChange | None = None
        self.source = ""
        self._request, self._network, self._plane, self._answers, self._runs_on = request, network, plane, answers, runs_on
        self._shown = plane.shown()

    def levels(self, row: int, column: int) -> Place:
        """(right, down) of a grid point."""
        half = self.size // 2
        return (column - half) / half * self.extent, (row - half) / half * self.extent

    def passes(self) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """(stride, the points that are new with it): the middle is always among the first."""
        half, known = self.size // 2, np.zeros((self.size, self.size), bool)
        for stride in (16, 8, 4, 2, 1):
            if stride > max(1, half):
                continue
            rows = [row for row in range(self.size) if (row - half) % stride == 0]
            places = [(row, column) for row in rows for column in rows if not known[row, column]]
            for place in places:
                known[place] = True
            self._end = self.done + len(places)
            yield stride, places

    def put(self, places: list[tuple[int, int]], stride: int, answer: Ints, score: F32, pattern: Longs) -> None:
        """Enter answers; each fills the square around its point that finer passes will replace."""
        low, high = (stride - 1) // 2, stride // 2 + 1
        for at, (row, column) in enumerate(places):
            where = (slice(max(0, row - low), row + high), slice(max(0, column - low), column + high))
            self.answer[where], self.score[where], self.pattern[where] = answer[at], score[at], pattern[at]
        self.done += len(places)
        if self.done == self._end:  # of this pass: only now is the map as fine as that
            self.step = stride

    def record(self) -> Regions:
        """What is known now."""
        half = self.size // 2
        hashes, first, dense = np.unique(self.pattern, return_index=True, return_inverse=True)
        away = np.abs(np.indices(self.pattern.shape) - half).max(0).reshape(-1)
        near = np.full(len(hashes), self.size)
        np.minimum.at(near, dense.reshape(-1), away)
        rank = np.empty(len(hashes), np.int32)
        rank[np.lexsort((first, near))] = np.arange(len(hashes))
        numbers = rank[dense.reshape(self.pattern.shape)]
        if not self._answers.patterned:
            numbers = np.full_like(numbers, -1)
        classes = {int(index) for index in np.unique(self.answer) if index >= 0}
        return Regions(
            self.answer.copy(),
            self.score.copy(),
            np.ascontiguousarray(numbers),
            self.extent,
            self.step,
            *self._shown,
            labels={index: label_of(self._network, index) for index in sorted(classes)},
            names=self._plane.names,
            model=self._network.info.name,
            source=self.source,
            layer=self._request.layer,
            switches=self._answers.switches.count if self._answers.patterned else 0,
            reach=self.reach,
            on_edge=self.on_edge,
            nearest=self.nearest,
            notes=(*self._plane.notes, *self._notes()),
            runs_on=self._runs_on,
        )

    def _notes(self) -> list[str]:
        said = []
        bends = self._answers.switches.bends
        if bends:
            text = tr("This network bends ({operation}): it has no linear pieces, so only its answers are shown.")
            said.append(text.format(operation=bends))
        elif not self._answers.switches.count:
            said.append(tr("Nothing in this network switches: it is one linear piece."))
        if self._plane.scores is None:
            said.append(tr("This network gives no class scores for the picture, so only its linear pieces are shown."))
        return said


def _reach(canvas: _Canvas, answers: Answers) -> Iterator[Step]:
    """How far the piece goes that each side enters: a round over many powers of eight, then three of eight even steps."""
    beside = [(right * NOTHING, down * NOTHING) for right, down in SIDES]
    own, *entered = answers.at([(0.0, 0.0), *beside])[2].tolist()
    canvas.on_edge = any(piece != own for piece in entered)
    found = []
    for piece, (right, down) in zip(entered, SIDES, strict=True):
        inside, outside = 0.0, canvas.extent
        steps = [step for power in range(11, -1, -1) if (step := canvas.extent * 8.0**-power) > NOTHING]
        for _ in range(4):
            same = answers.at([(right * step, down * step) for step in steps])[2] == piece
            far = next((number for number, one in enumerate(same) if not one), None)
            if far is None:
                inside = steps[-1]
                break
            inside, outside = (steps[far - 1] if far else inside), steps[far]
            steps = [inside + (outside - inside) * (number + 1) / 8 for number in range(8)]
            yield Progress(canvas.total, canvas.total, tr("measuring the region"))
        found.append(inside)
    canvas.reach = tuple(found)


def _nearest(canvas: _Canvas, answers: Answers, network: Network) -> Iterator[Step]:
    """The nearest change of answer: the nearest point of the grid with another one, then along the line to it."""
    half = canvas.size // 2
    own = int(canvas.answer[half, half])
    other = (canvas.answer != own) & (canvas.answer >= 0)
    if own < 0 or not other.any():
        return
    rows, columns = np.nonzero(other)
    away = np.hypot(rows - half, columns - half)
    row, column = int(rows[away.argmin()]), int(columns[away.argmin()])
    right, down = canvas.levels(row, column)
    low, high, index = 0.0, 1.0, int(canvas.answer[row, column])
    for _ in range(3):
        steps = [low + (high - low) * (step + 1) / 8 for step in range(8)]
        found = answers.at([(right * step, down * step) for step in steps])[0]
        far = next((number for number, one in enumerate(found) if one != own and one >= 0), 7)
        index = int(found[far])
        low, high = (steps[far - 1] if far else low), steps[far]
        yield Progress(canvas.total, canvas.total, tr("measuring the distance to another answer"))
    canvas.nearest = AnswerChange(
        float(np.hypot(right, down) * high), right * high, down * high, index, label_of(network, index)
    )
