"""The stages of a one-stage detector, made of what one pass left behind. Plain numbers in, records out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.i18n import N_
from explorer.records.attribution import Said
from explorer.records.frame import RGB
from explorer.records.vision import Detections
from explorer.records.xray import (
    I64,
    BoxesStage,
    CandidatesStage,
    Cell,
    Link,
    Maps,
    MapsStage,
    PictureStage,
    SuppressionStage,
    bad_count,
)
from explorer.records.xray_cells import Grid, GridStage, TermsStage
from explorer.vision.boxes import F32, Rule
from explorer.vision.suppression import traces
from explorer.vision.xray_terms import terms_of
from explorer.vision.yolo import sigmoid

if TYPE_CHECKING:
    from explorer.engine.prepare import Geometry
    from explorer.zoo.darknet import Head
    from explorer.zoo.reading import Candidates

NOT_FINITE = N_("{bad} of {all} numbers here are not numbers (NaN or infinite): they are hatched. Its weights are damaged.")


@dataclass(frozen=True, eq=False)
class Inside:
    """What one pass of a detector leaves. `rgb`: (S, S, 3) uint8, the input.

    `outputs`: all raw outputs (1, ...) float32. `features`: for each head the maps that it reads, (1, C, H, W) float32, with
    the name of their layer; () where the network does not say which these are.
    """

    geometry: Geometry
    rgb: RGB
    outputs: list[F32]
    features: tuple[tuple[str, F32], ...]


def input_stage(inside: Inside) -> PictureStage:
    """The picture in the shape that the network takes."""
    g = inside.geometry
    about = N_("The picture as the network sees it: {size} × {size} pixels, {factor} times the frame's size.")
    values = {"size": str(g.size), "factor": f"{g.scale_x:.3g}"}
    return PictureStage(
        "input", N_("Input"), Said(about, values), inside.rgb, g.frame_hw, (g.scale_x, g.scale_y), (g.left, g.top)
    )


def features_stage(inside: Inside) -> MapsStage:
    """The maps that the heads read."""
    size = inside.geometry.size
    scales = tuple(Maps(layer, size / values.shape[2], values[0]) for layer, values in inside.features)
    about = Said(N_("What the network has worked out: the maps that each head reads, one number for each place and channel."))
    empty = _broken(scales)
    if not scales:
        empty = Said(N_("This network does not say which of its layers the heads read."))
    return MapsStage("features", N_("Features"), about, scales, "channel", empty=empty)


def _broken(scales: Sequence[Maps]) -> Said | None:
    bad, count = sum(bad_count(one.values) for one in scales), sum(one.values.size for one in scales)
    return Said(NOT_FINITE, {"bad": str(bad), "all": str(count)}) if bad else None


def grid_stage(inside: Inside, heads: Sequence[Head], layers: Sequence[str]) -> GridStage:
    """The cells, and what the heads say of them."""
    scales = []
    for raw, head, layer in zip(inside.outputs, heads, layers, strict=True):
        anchors = np.asarray(head.anchors, np.float64)
        maps = raw.reshape(len(anchors), 5 + head.classes, *raw.shape[-2:])
        scales.append(Grid(layer, head.stride, anchors, maps, head.scale_xy))
    about = N_("Each scale cuts the picture into cells. A cell speaks for objects whose middle it holds, once for each anchor.")
    return GridStage("grid", N_("Grid"), Said(about), tuple(scales))


def objectness_stage(grid: GridStage) -> MapsStage:
    """Is something here?"""
    scales = tuple(
        Maps(one.layer, one.stride, sigmoid(one.raw[:, 4].astype(np.float64)).astype(np.float32), (0.0, 1.0))
        for one in grid.scales
    )
    about = Said(N_("Is something here? One probability for each cell and anchor: σ of the fifth number."))
    return MapsStage("objectness", N_("Objectness"), about, scales, "anchor", empty=_broken(scales))


def classes_stage(grid: GridStage, class_index: int | None, labels: tuple[str, ...]) -> MapsStage:
    """If something is here, is it this class?"""
    index = 0 if class_index is None else class_index
    scales = tuple(
        Maps(one.layer, one.stride, sigmoid(one.raw[:, 5 + index].astype(np.float64)).astype(np.float32), (0.0, 1.0))
        for one in grid.scales
    )
    best = tuple(one.raw[:, 5:].argmax(1).astype(np.int16) for one in grid.scales)
    about = Said(
        N_("If something is here, is it this: {label}? Each class is asked for itself: σ, no softmax over the classes."),
        {"label": labels[index] if index < len(labels) else str(index)},
    )
    return MapsStage("classes", N_("Classes"), about, scales, "anchor", index, best, empty=_broken(scales))


def decode_stage(grid: GridStage, cell: Cell | None, labels: tuple[str, ...], geometry: Geometry) -> TermsStage:
    """The numbers of one cell, written out."""
    about = Said(N_("From the raw numbers of one cell to boxes, every term written out."))
    link = Link("grid", np.array([cell] if cell else np.zeros((0, 4)), np.int64))
    if cell is None:
        empty = Said(N_("No cell says anything that is a number."))
        return TermsStage("decode", N_("Decode"), about, (), 0, empty=empty, links=(link,))
    scale, row, column, anchor = cell
    one = grid.scales[scale]
    tables = tuple(terms_of(one, (scale, row, column, at), labels, geometry) for at in range(len(one.anchors)))
    return TermsStage("decode", N_("Decode"), about, tables, anchor, links=(link,))


def candidates_stage(
    found: Candidates, labels: tuple[str, ...], geometry: Geometry, confidence: float, best: float | None
) -> CandidatesStage:
    """Every box whose score is large enough, best first. `best`: the largest score of all cells, None where nobody knows."""
    order = np.argsort(-found.score, kind="stable")
    about = Said(
        N_("Boxes with a score of at least {confidence} %: {count}."),
        {"confidence": f"{100 * confidence:.3g}", "count": str(len(order))},
    )
    links: tuple[Link, ...] = ()
    if found.origin is not None:
        links = (Link("grid", found.origin[order][:, [0, 2, 3, 1]].astype(np.int64)),)
    empty = None
    if not len(order):
        empty = Said(N_("No box reaches the confidence of {confidence} %. Lower the confidence."), about.values)
        if best is not None:
            text = N_("No box reaches the confidence of {confidence} %; the best one has {best} %. Lower the confidence.")
            empty = Said(text, {**about.values, "best": f"{100 * best:.3g}"})
    xyxy = found.xyxy[order]
    frame = geometry.to_frame_xyxy(xyxy)
    score, classes = found.score[order], found.class_index[order]
    return CandidatesStage("candidates", N_("Candidates"), about, xyxy, frame, score, classes, labels, empty=empty, links=links)


def suppression_stage(boxes: CandidatesStage, rule: Rule) -> SuppressionStage:
    """Who removed whom: the boxes kept are those of `boxes.suppress`."""
    count = len(boxes)
    ways = traces(boxes.xyxy, boxes.score, boxes.class_index, rule)
    own = ways[0]
    index, kept = own.order, own.kept
    after = np.zeros(count, np.float32)
    after[index] = own.after[own.starts]
    touched = own.lowest >= 0
    by = np.where(touched, own.by[own.lowest] if len(own) else -1, -1)
    overlap = np.where(touched, own.iou[own.lowest] if len(own) else 0, 0).astype(np.float32)
    about = Said(
        N_("Of boxes that mean the same object the best one stays: {kept} of {count}."),
        {"kept": str(len(index)), "count": str(count)},
    )
    empty = None if count else Said(N_("There are no candidates, so nothing is suppressed."))
    return SuppressionStage(
        "suppression", N_("Suppression"), about, kept, by, overlap, after, rule.kind, rule.overlap, rule.sigma, rule.per_class,
        ways, empty=empty, links=(Link("candidates", np.arange(count, dtype=np.int64)),),
    )  # fmt: skip


def result_stage(detections: Detections, boxes: CandidatesStage, empty: Said | None) -> BoxesStage:
    """The objects in the frame, each with its candidate."""
    if empty is None and not len(detections):
        empty = Said(N_("Nothing was found. Lower the confidence, or choose another picture."))
    about = Said(N_("The objects in the frame: {count}."), {"count": str(len(detections))})
    link = Link("candidates", same_boxes(detections, boxes))
    return BoxesStage("result", N_("Result"), about, detections, empty=empty, links=(link,))


def same_boxes(detections: Detections, boxes: CandidatesStage) -> I64:
    """For every object the candidate that it was: the first with its class and its very box that is not taken yet."""
    taken = np.zeros(len(boxes), bool)
    rows = []
    for xyxy, index in zip(detections.xyxy, detections.class_index, strict=True):
        same = (boxes.frame_xyxy == xyxy).all(1) & (boxes.class_index == index) & ~taken
        row = int(same.argmax()) if same.any() else -1
        if row >= 0:
            taken[row] = True
        rows.append(row)
    return np.array(rows, np.int64).reshape(-1)
