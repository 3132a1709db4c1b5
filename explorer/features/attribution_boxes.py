"""A detector's box as a target: the raw cell, anchor and class that the box was read from, found by its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from explorer.i18n import N_
from explorer.records.attribution import Said
from explorer.records.errors import BadRequestError, Trouble

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.engine.prepare import Geometry
    from explorer.requests.attribution import AttributeRequest

F64 = npt.NDArray[np.float64]
NEAR = 0.6  # a box overlaps less than this with every cell's box: it is not of this picture


def decoded(raw: torch.Tensor, head: Any) -> tuple[F64, F64, F64]:
    """One raw map (1, A * (5 + C), H, W) -> boxes (A, H, W, 4) xyxy in network pixels, objectness (A, H, W) 0..1, classes
    (A, C, H, W) 0..1."""
    anchors, (height, width) = len(head.anchors), raw.shape[-2:]
    maps = raw[0].detach().cpu().numpy().astype(np.float64).reshape(anchors, 5 + head.classes, height, width)
    x = _sigmoid(maps[:, 0]) * head.scale_xy - (head.scale_xy - 1) / 2 + np.arange(width)
    y = _sigmoid(maps[:, 1]) * head.scale_xy - (head.scale_xy - 1) / 2 + np.arange(height)[:, None]
    sides = np.asarray(head.anchors, np.float64)[:, :, None, None] * np.exp(np.clip(maps[:, 2:4], None, 20.0)) / 2
    x, y = x * head.stride, y * head.stride
    boxes = np.stack([x - sides[:, 0], y - sides[:, 1], x + sides[:, 0], y + sides[:, 1]], -1)
    return boxes, _sigmoid(maps[:, 4]), _sigmoid(maps[:, 5:])


def box_target(
    request: AttributeRequest, network: Network, raw: list[torch.Tensor], geometry: Geometry
) -> tuple[Said, str, Any, Any, dict[str, Any]]:
    """(said, measure, score, confidence, further fields) of the Target that `request.box` and `request.class_index` mean.

    Without a box it is the cell with the highest score. Raises BadRequestError for a network without heads, a class that it
    does not know, or a box that no cell says.
    """
    heads = getattr(network.module, "heads", None)
    if not heads or len(heads) > len(raw):
        raise BadRequestError(
            Trouble(
                "attribution.no-boxes",
                N_("{network} gives no boxes to explain."),
                {"network": network.info.title},
                N_("Choose a detector."),
            )
        )
    wanted = request.class_index
    if wanted is not None and wanted >= heads[0].classes:
        raise BadRequestError(
            Trouble(
                "attribution.class",
                N_("{network} has no class {index}: it has {count}, counted from 0."),
                {"network": network.info.title, "index": wanted, "count": heads[0].classes},
                exit_code=2,
            )
        )
    best: tuple[float, float, int, tuple[int, int, int, int], F64] | None = None
    for number, head in enumerate(heads):
        boxes, there, classes = decoded(raw[number], head)
        scores = there * (classes.max(1) if wanted is None else classes[:, wanted])
        fit = np.ones_like(scores)
        framed = geometry.to_frame_xyxy(boxes.reshape(-1, 4)).reshape(boxes.shape).astype(np.float64)
        if request.box is not None:
            fit = _overlap(framed, np.asarray(request.box, np.float64))
        # The best fit; among equals (two anchors saying one box) the surer one.
        rank = np.nan_to_num(np.round(fit, 2) * 10 + scores, nan=-1.0)
        anchor, row, column = (int(value) for value in np.unravel_index(int(rank.argmax()), rank.shape))
        index = wanted if wanted is not None else int(classes[anchor, :, row, column].argmax())
        found = (float(rank[anchor, row, column]), float(fit[anchor, row, column]), number, (anchor, row, column, index))
        if best is None or found[0] > best[0]:
            best = (*found, framed[anchor, row, column])
    assert best is not None  # there is at least one head
    _, fit_best, number, (anchor, row, column, index), xyxy = best
    if fit_best < NEAR:
        raise BadRequestError(
            Trouble(
                "attribution.box",
                N_("The network sees no box there in this picture."),
                {},
                N_("Find the objects again and choose one of them."),
            )
        )
    anchors, parts = len(heads[number].anchors), 5 + heads[number].classes

    def cell(found: list[torch.Tensor]) -> torch.Tensor:
        maps = found[number]
        return maps.reshape(maps.shape[0], anchors, parts, *maps.shape[-2:])[:, anchor, :, row, column]

    def score(found: list[torch.Tensor]) -> torch.Tensor:
        numbers = cell(found)
        return numbers[:, 4] + numbers[:, 5 + index]

    def confidence(found: list[torch.Tensor]) -> torch.Tensor:
        numbers = torch.sigmoid(cell(found))
        return numbers[:, 4] * numbers[:, 5 + index]

    label = network.info.classes[index] if index < len(network.info.classes) else str(index)
    said = Said(N_("{label} (box)"), {"label": label})
    measure = N_("raw numbers of “something is there” and of the class, added, before the sigmoid")
    fields: dict[str, Any] = {
        "before": _head_layer(network, heads[number]),
        "class_index": index,
        "xyxy": tuple(float(edge) for edge in xyxy),
    }
    return said, measure, score, confidence, fields


def _head_layer(network: Network, head: Any) -> str:
    """The convolution that makes the head's raw map: a CAM looks at what it was given."""
    description = getattr(network.module, "description", None)
    if description is None:
        return ""
    (source,) = description.layers[head.layer].sources
    inside = [name for name in network.layer_names if name.split(".")[:2] == ["layers", str(source)]]
    return inside[0] if inside else ""


def _overlap(boxes: F64, box: F64) -> F64:
    low, high = np.maximum(boxes[..., :2], box[:2]), np.minimum(boxes[..., 2:], box[2:])
    sides = np.clip(high - low, 0, None)
    inter = sides[..., 0] * sides[..., 1]
    area = np.clip(boxes[..., 2] - boxes[..., 0], 0, None) * np.clip(boxes[..., 3] - boxes[..., 1], 0, None)
    union = area + (box[2] - box[0]) * (box[3] - box[1]) - inter
    share: F64 = np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)
    return share


def _sigmoid(x: F64) -> F64:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -60.0, 60.0)))
