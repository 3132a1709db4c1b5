"""Whatever a detector or a segmenter answers -> candidates or a map: by the network's own reader, else the usual way.

A detector's own reader is `spec.read_boxes` or a method `read_boxes` of its module, else `module.heads` says how to read YOLO's
maps; a segmenter's is `read_mask` at the same places, else its first output is the answer. So a network of a plugin is
drawn, followed, recorded and judged as ours are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from explorer.i18n import N_
from explorer.records.errors import ExplorerError, Trouble
from explorer.vision.boxes import F32, I64
from explorer.vision.look import require_finite
from explorer.vision.yolo import decode
from explorer.zoo.reading import Candidates

if TYPE_CHECKING:
    from explorer.engine.live import Outputs
    from explorer.engine.network import Network


def own_reader(network: Network, name: str) -> Callable[..., Any] | None:
    """What reads this network's answers if it is not read the usual way; `name`: "read_boxes" or "read_mask"."""
    found = getattr(network.spec, name) or getattr(network.module, name, None)
    return cast("Callable[..., Any]", found) if callable(found) else None


def candidates_of(network: Network, outputs: Outputs, confidence: float) -> Candidates:
    """All candidates with a score of `confidence` or more. Raises ExplorerError where they cannot be read."""
    reader = own_reader(network, "read_boxes")
    if reader is not None:
        return _checked(network, _called(network, reader, list(outputs), confidence), confidence)
    heads: Any = getattr(network.module, "heads", None)
    if not heads:
        raise _unreadable(network, N_("it has neither heads nor read_boxes"))
    return decode(outputs, heads, confidence)


def presence(network: Network, outputs: Outputs) -> list[F32]:
    """The numbers that say whether something is there: YOLO's objectness (A, H, W) of each head, else everything."""
    heads: Any = getattr(network.module, "heads", None)
    if own_reader(network, "read_boxes") is not None or not heads:
        return list(outputs)
    return [raw.reshape(len(head.anchors), -1, *raw.shape[-2:])[:, 4] for raw, head in zip(outputs, heads, strict=True)]


def mask_of(network: Network, outputs: Outputs) -> F32:
    """The (h, w) map of a segmenter, 0..1. Raises ExplorerError where there is none, or it is not a number."""
    reader = own_reader(network, "read_mask")
    if reader is None:
        found = np.asarray(outputs[0], np.float32)
    else:
        found = np.asarray(_called(network, reader, list(outputs)), np.float32)
    found = found.reshape(found.shape[-2:]) if found.ndim > 2 and found.size == np.prod(found.shape[-2:]) else found
    if found.ndim != 2 or not found.size:
        raise _unreadable(network, N_("it gives no map"))
    require_finite(found, network)
    return found


def masks_within(masks: F32, whole: F32, inside: F32) -> F32:
    """(N, m, m) masks over the boxes `whole` (N, 4) -> over their parts `inside` them, each sampled at the nearest place."""
    side = masks.shape[-1]
    moved = np.flatnonzero((np.abs(whole - inside) > 1e-3).any(1))
    if not len(moved):
        return masks
    out = masks.copy()
    steps = (np.arange(side) + 0.5) / side
    for at in moved.tolist():
        (x0, y0, x1, y1), part = whole[at].tolist(), inside[at].tolist()
        across = (part[0] + steps * (part[2] - part[0]) - x0) / max(x1 - x0, 1e-6) * side
        down = (part[1] + steps * (part[3] - part[1]) - y0) / max(y1 - y0, 1e-6) * side
        columns, rows = (np.clip(place.astype(np.int64), 0, side - 1) for place in (across, down))
        out[at] = masks[at][rows][:, columns]
    return out


def labels_for(network: Network, class_index: I64) -> tuple[str, ...]:
    """The class list, longer by numbers where a network knows more classes than it has names."""
    known = network.info.classes
    most = int(class_index.max(initial=-1)) + 1
    return known if most <= len(known) else (*known, *(str(index) for index in range(len(known), most)))


def _called(network: Network, reader: Callable[..., Any], *given: Any) -> Any:
    try:
        return reader(*given)
    except ExplorerError:
        raise
    except Exception as error:  # a plugin's fault is said with its name, whatever it is
        raise _unreadable(network, f"{type(error).__name__}: {error}") from error


def _checked(network: Network, found: Any, confidence: float) -> Candidates:
    """The same with the promised shapes and types; what is below `confidence` or not finite is left out."""
    if not isinstance(found, Candidates):
        raise _unreadable(network, f"{type(found).__name__} is not Candidates")
    xyxy, score = np.asarray(found.xyxy, np.float32), np.asarray(found.score, np.float32)
    classes = np.asarray(found.class_index)
    count = len(score) if score.ndim == 1 else -1
    masks = None if found.masks is None else np.asarray(found.masks, np.float32)
    shapes = (xyxy.shape, classes.shape, None if masks is None else masks.shape[:1] + masks.shape[3:])
    if shapes != ((count, 4), (count,), None if masks is None else (count,)):
        raise _unreadable(network, f"xyxy {xyxy.shape}, score {score.shape}, class_index {classes.shape}")
    if count and (classes.dtype.kind not in "iu" or classes.min() < 0):
        raise _unreadable(network, f"class_index {classes.dtype}")
    whole = Candidates(xyxy, np.minimum(score, 1.0), classes.astype(np.int64), masks, found.origin)
    return whole.take(np.isfinite(xyxy).all(1) & (score >= confidence))


def _unreadable(network: Network, reason: str) -> ExplorerError:
    return ExplorerError(
        Trouble(
            "network.reading",
            N_("What {network} answers cannot be read: {reason}."),
            {"network": network.info.title, "reason": reason},
            exit_code=6,
        )
    )
