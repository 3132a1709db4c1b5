"""The salient object as a mask in the frame's own size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from explorer.engine.live import Verdict
from explorer.i18n import N_
from explorer.jobs import Result
from explorer.records.vision import Mask
from explorer.vision.look import Raw, frame_of, look
from explorer.vision.reading import mask_of

if TYPE_CHECKING:
    from explorer.engine.live import Outputs
    from explorer.engine.network import Network
    from explorer.engine.prepare import Prepared
    from explorer.jobs import Step, Work
    from explorer.requests.network import SegmentRequest

AGREE_IOU, AGREE_ERROR = 0.98, 0.005


def segment(request: SegmentRequest, work: Work) -> Iterator[Step]:
    """Job: separate the salient object of the frame. Result: Mask."""
    frame = frame_of(work)
    raw = yield from look(request, work, "segment", agreement)
    yield Result(read(raw, frame.seq))


def read(raw: Raw, seq: int) -> Mask:
    """The network's map, 0..1, brought to the frame's size; closes the stage "decode"."""
    alpha = np.clip(raw.geometry.to_frame_map(mask_of(raw.network, raw.outputs)), 0.0, 1.0)
    raw.watch.lap(N_("decode"))
    return Mask(alpha, raw.runs_on, raw.watch.timing(), seq)


def agreement(network: Network, prepared: Sequence[Prepared], expected: Sequence[Outputs], got: Sequence[Outputs]) -> Verdict:
    """Masks at one half overlap by 0.98 (IoU) on every probe picture, and differ by 0.005 on average at most."""
    worst, error, pixels = 1.0, 0.0, 0
    for reference, fast in zip(expected, got, strict=True):
        first, second = mask_of(network, reference), mask_of(network, fast)
        one, other = first > 0.5, second > 0.5
        union = int((one | other).sum())
        pixels += int(one.sum())
        worst = min(worst, int((one & other).sum()) / union if union else 1.0)
        error = max(error, float(np.abs(first - second).mean()))
    text = N_("masks overlap with float32 by {worst:.3f} on {count} pictures, mean difference {error:.4f}")
    good = pixels > 0 and worst >= AGREE_IOU and error <= AGREE_ERROR
    return Verdict(good, text, {"worst": worst, "count": len(prepared), "error": error})
