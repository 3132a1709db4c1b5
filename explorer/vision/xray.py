"""A detector looked through: one pass in torch float32 with everything kept, then every stage from the input to the boxes.

The pass and what it leaves are kept for the frame: another cell, class or threshold needs no new one. Networks with YOLO heads
(`module.heads`) show every stage; a detector that only says how to read its boxes shows input, candidates, suppression, result.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.engine.live import making
from explorer.engine.taps import taps
from explorer.i18n import N_
from explorer.jobs import Result
from explorer.records.attribution import Said
from explorer.records.errors import BadRequestError, ExplorerError, Trouble
from explorer.records.vision import Detections
from explorer.records.xray import Cell, Stage, XrayRecord
from explorer.records.xray_cells import GridStage
from explorer.requests.base import changed
from explorer.vision import memo
from explorer.vision.boxes import Rule, iou_matrix
from explorer.vision.detect import agreement, read
from explorer.vision.look import Raw, Stopwatch, forward, frame_of, network_for
from explorer.vision.reading import candidates_of, labels_for, own_reader
from explorer.vision.xray_stages import (
    Inside,
    candidates_stage,
    classes_stage,
    decode_stage,
    features_stage,
    grid_stage,
    input_stage,
    objectness_stage,
    result_stage,
    suppression_stage,
)
from explorer.vision.yolo import sigmoid

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import Step, Work
    from explorer.records.frame import Frame
    from explorer.requests.xray import XrayRequest
    from explorer.zoo.darknet import Head
    from explorer.zoo.reading import Candidates

SAME_OBJECT = 0.3  # of a box that another runtime or threshold found


def xray(request: XrayRequest, work: Work) -> Iterator[Step]:
    """The job of XrayRequest. Result: XrayRecord."""
    frame = frame_of(work)
    request = changed(request, exact=True, precision="auto")
    network = yield from network_for(request, work, "detect")
    heads = heads_of(network)
    _check(request, network, heads)
    key = (memo.FrameKey.of(frame), id(network))
    kept = memo.recall(work.engine, "xray", key)
    if kept is None:
        kept = yield from _pass(request, network, frame, work)
        memo.keep(work.engine, "xray", key, kept)
        inside, runs_on, watch = kept
    else:
        inside, runs_on, watch = kept[0], kept[1], Stopwatch()
    detections, trouble = _detections(Raw(network, inside.geometry, inside.outputs, runs_on, watch), request, frame)
    stages = Stages(request, network, inside, heads, detections, trouble)
    yield Result(stages.record(frame))


def heads_of(network: Network) -> tuple[Head, ...] | None:
    """How the outputs are read as cells and anchors; None for a detector that is no YOLO."""
    return None if own_reader(network, "read_boxes") is not None else tuple(getattr(network.module, "heads", ())) or None


def feature_layers(network: Network) -> tuple[str, ...]:
    """For each head the layer whose maps it reads: that before the convolution that makes the raw numbers. () if unknown."""
    description = getattr(network.module, "description", None)
    if description is None:
        return ()
    found = []
    for head in description.heads:
        maker = description.layers[head.sources[0]]
        before = maker.sources[0] if maker.kind == "convolutional" else maker.index
        if before < 0:
            return ()
        found.append(f"layers.{before}")
    return tuple(found)


def _pass(
    request: XrayRequest, network: Network, frame: Frame, work: Work
) -> Generator[Step, None, tuple[Inside, Any, Stopwatch]]:
    runner = yield from making(work.engine, network, request, agreement, work.token)
    layers = feature_layers(network)
    with taps(network.module, layers) as got:
        raw = forward(network, runner, frame, work)
    features = tuple((layer, np.asarray(got[layer].float().cpu().numpy())) for layer in layers if layer in got)
    rgb = network.picture_of(network.prepare(frame).nchw)
    return Inside(raw.geometry, rgb, raw.outputs, features), raw.runs_on, raw.watch


def _detections(raw: Raw, request: XrayRequest, frame: Frame) -> tuple[Detections, Trouble | None]:
    """What `explorer detect` says; where it refuses to say anything (numbers that are none), nothing, and why."""
    size = (frame.height, frame.width)
    try:
        return read(raw, request, size, frame.seq), None
    except ExplorerError as error:
        nothing = np.zeros(0, np.float32)
        empty = Detections(nothing.reshape(0, 4), nothing, nothing.astype(np.int64), raw.network.info.classes, size)
        return empty, error.trouble


def _check(request: XrayRequest, network: Network, heads: Sequence[Head] | None) -> None:
    """Raises BadRequestError for a cell or a class that this network does not have."""
    classes = len(network.info.classes) or max((head.classes for head in heads or ()), default=0)
    if request.class_index is not None and request.class_index >= classes:
        said = N_("{network} knows {count} classes, so there is no class {index}.")
        values = {"network": network.info.title, "count": classes, "index": request.class_index}
        raise BadRequestError(Trouble("xray.class", said, values, N_("Classes are counted from 0."), 2))
    if request.cell is None:
        return
    size = network.recipe.size
    shapes = [(size // head.stride, size // head.stride, len(head.anchors)) for head in heads or ()]
    scale, *place = request.cell
    if not 0 <= scale < len(shapes) or not all(0 <= at < most for at, most in zip(place, shapes[scale], strict=True)):
        said = N_("{network} has no cell {cell} (scale, row, column, anchor).")
        values = {"network": network.info.title, "cell": ", ".join(map(str, request.cell))}
        hint = N_("It has {shapes} cells and anchors; all are counted from 0.")
        values["shapes"] = "; ".join(f"{rows} × {columns} × {anchors}" for rows, columns, anchors in shapes) or "0"
        raise BadRequestError(Trouble("xray.cell", said, values, hint, 2))


class Stages:
    """Everything that a record is made of, in the order in which one thing needs the other."""

    def __init__(
        self,
        request: XrayRequest,
        network: Network,
        inside: Inside,
        heads: Sequence[Head] | None,
        detections: Detections,
        trouble: Trouble | None,
    ) -> None:
        self._request, self._network, self._inside, self._heads = request, network, inside, heads
        self._notes: list[Said] = []
        self.grid = None
        if heads is not None:
            self.grid = grid_stage(inside, heads, [f"layers.{head.layer}" for head in heads])
        best, score = _best_cell(self.grid)
        found = self._candidates()
        labels = labels_for(network, found.class_index)
        self.boxes = candidates_stage(found, labels, inside.geometry, request.confidence, score)
        self.suppression = suppression_stage(self.boxes, Rule.of(request))
        why = None
        if trouble is not None:
            why = Said(trouble.template, dict(trouble.values))
            if trouble.hint:
                self._notes.append(Said(trouble.hint, dict(trouble.values)))
        self.result = result_stage(detections, self.boxes, why)
        self.cell, self.candidate, self.object = self._follow(best)

    def _candidates(self) -> Candidates:
        """All candidates of the classes asked for, as vision/detect.py has them before it suppresses."""
        request = self._request
        found = candidates_of(self._network, self._inside.outputs, request.confidence)
        labels = labels_for(self._network, found.class_index)
        wanted = [labels.index(name) for name in request.only if name in labels]
        return found.take(np.isin(found.class_index, wanted)) if wanted else found

    def _follow(self, best: Cell | None) -> tuple[Cell | None, int | None, int | None]:
        """What is followed: (cell, candidate, object)."""
        request, rows = self._request, self.result.link("candidates")
        assert rows is not None  # result_stage makes it
        cells = self.boxes.link("grid")
        at = request.object
        if at is not None and at >= len(rows):
            said = N_("There is no object {number}: {count} were found.")
            self._notes.append(Said(said, {"number": str(at + 1), "count": str(len(rows))}))
            at = None
        if at is None and request.box is not None and len(rows):
            overlap = iou_matrix(np.array([request.box], np.float32), self.result.detections.xyxy)[0]
            at = int(overlap.argmax()) if overlap.max() >= SAME_OBJECT else None
        if at is None and request.cell is not None and cells is not None:
            candidate = _first(np.flatnonzero((cells == np.array(request.cell)).all(1)))
            return request.cell, candidate, None if candidate is None else _first(np.flatnonzero(rows == candidate))
        if at is None:
            at = 0 if len(rows) else None
        candidate = int(rows[at]) if at is not None else (0 if len(self.boxes) else None)
        if candidate is None or candidate < 0:
            return best, None, at
        cell = None if cells is None else cells[candidate].tolist()
        return (tuple(cell) if cell is not None else None), candidate, at

    def record(self, frame: Frame) -> XrayRecord:
        """The record."""
        network, inside, labels = self._network, self._inside, self.boxes.labels
        chosen = self._request.class_index
        if chosen is None and self.candidate is not None:
            chosen = int(self.boxes.class_index[self.candidate])
        stages: list[Stage] = [input_stage(inside)]
        if self.grid is not None:
            decoded = decode_stage(self.grid, self.cell, labels, inside.geometry)
            if chosen is None and decoded.table is not None:
                chosen = int(decoded.table.values["class"])
            maps = (objectness_stage(self.grid), classes_stage(self.grid, chosen, labels))
            stages += [features_stage(inside), self.grid, *maps, decoded]
        else:
            said = N_("{network} has no grid of cells and anchors that could be shown: its candidates are read as they come.")
            self._notes.append(Said(said, {"network": network.info.title}))
        return XrayRecord(
            model=network.info.name,
            title=network.info.title,
            stages=(*stages, self.boxes, self.suppression, self.result),
            labels=labels,
            cell=self.cell,
            candidate=self.candidate,
            object=self.object,
            class_index=chosen,
            notes=tuple(self._notes),
            frame_seq=frame.seq,
            source=frame.source,
            runs_on=self.result.detections.runs_on,
            timing=self.result.detections.timing,
        )


def _first(found: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> int | None:
    return int(found[0]) if len(found) else None


def _best_cell(grid: GridStage | None) -> tuple[Cell | None, float | None]:
    """The cell and anchor with the largest score, and that score; None where no score is a number."""
    cell, most = None, -1.0
    for scale, one in enumerate(grid.scales if grid is not None else ()):
        raw = one.raw.astype(np.float64)
        score = sigmoid(raw[:, 4]) * sigmoid(raw[:, 5:].max(1))
        score = np.where(np.isfinite(score), score, -1.0)
        anchor, row, column = np.unravel_index(int(score.argmax()), score.shape)
        if score[anchor, row, column] > most:
            cell, most = (scale, int(row), int(column), int(anchor)), float(score[anchor, row, column])
    return cell, (most if cell is not None else None)
